"""``expect`` and ``budget``: what the author says must hold, against what is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lstm_shapes.findings.finding import Edit, Finding
from lstm_shapes.graph.shape_inference import Inferred, InferredNode
from lstm_shapes.rules.trace import at, calls_at
from lstm_shapes.spec.keys import DTYPES
from lstm_shapes.spec.reading import Expectation, Reading
from lstm_shapes.symbolic.inequality import where
from lstm_shapes.symbolic.size import Shape, Size, at_most, names, readable, readable_bytes, same, shown, total


class Figure(NamedTuple):
    """The figure that a line is about, of the model or of the layer called ``owner``; None where it is not known.

    ``at_least`` is what is known of a sum of which a part is not.
    """

    line: Expectation
    owner: str
    actual: Any
    at_least: Size | None = None


def expectations(reading: Reading, inferred: Inferred) -> list[Finding]:
    """A finding for each line that does not hold, and a note for each that depends on symbols."""
    judged = (_Judge(reading, figure).finding() for figure in figures(reading, inferred))
    return [finding for finding in judged if finding]


def figures(reading: Reading, inferred: Inferred) -> Iterator[Figure]:
    """What each line is about: a figure of the model, or that of each call of the layer."""
    if not reading.expectations:
        return
    calls = calls_at(inferred, {line.layer for line in reading.expectations})
    of_model = _of_model(inferred, bool(reading.unread))
    for line in reading.expectations:
        if not line.layer:
            actual = of_model[line.what]
            yield Figure(line, "", actual, _at_least(inferred).get(line.what) if actual is None else None)
        for node, owner in calls.get(line.layer, ()):
            of_layer = _of_layer(node, owner, DTYPES[inferred.model.dtype])
            yield Figure(line, node.name, of_layer[line.what])


def _of_model(inferred: Inferred, unread: bool) -> Mapping[str, Any]:
    """What can be expected of a model; None where it is not known."""
    outputs = inferred.outputs
    known: dict[str, Any] = {
        "output": outputs if outputs and None not in outputs else None,
        "params": inferred.params,
        "trainable_params": inferred.trainable_params,
        "macs": inferred.macs,
        "bytes": _times(inferred.params, DTYPES[inferred.model.dtype]),
        "states": {},
    }
    return {**dict.fromkeys(known), "output": known["output"]} if unread else known


def _at_least(inferred: Inferred) -> Mapping[str, Size]:
    """The sums of what is known, as the report has them."""
    owners = [node for node in inferred.nodes if not node.node.shared]
    params = total(node.params for node in owners if node.params is not None)
    return {
        "params": params,
        "trainable_params": total(node.trainable_params for node in owners if node.trainable_params is not None),
        "macs": total(node.macs for node in inferred.nodes if node.macs is not None),
        "bytes": params * DTYPES[inferred.model.dtype],
    }


def _of_layer(node: InferredNode, owner: InferredNode, width: int) -> Mapping[str, Any]:
    """What can be expected of a layer; ``owner`` has the weights: the layer itself, or the shared layer."""
    params, outputs, layer = owner.params, node.outputs, node.layer
    named = list(zip(layer.output_names, outputs, strict=True)) if outputs else []
    return {
        "output": tuple(shape for name, shape in named if name not in layer.state_names) or None,
        "params": params,
        "trainable_params": owner.trainable_params,
        "macs": node.macs,
        "bytes": _times(params, width),
        "states": {name: shape for name, shape in named if name in layer.state_names} if outputs else None,
    }


def _times(params: Size | None, width: int) -> Size | None:
    return None if params is None else params * width


class _Judge(NamedTuple):
    """Judges a figure by the line that is about it."""

    reading: Reading
    figure: Figure

    @property
    def line(self) -> Expectation:
        return self.figure.line

    @property
    def owner(self) -> str:
        return self.figure.owner or "the model"

    @property
    def written(self) -> Any:
        """The value of the line as the file has it."""
        return at(self.reading.document.data, self.line.route)

    def finding(self) -> Finding | None:
        """What is wrong with the figure; None where it holds or is not known."""
        actual = self.figure.actual
        if actual is None:
            return self.of_known_part()
        if self.line.what == "states":
            return self.of_states(actual)
        return self.of_outputs(actual) if self.line.what == "output" else self.of_figure(actual)

    def of_known_part(self) -> Finding | None:
        """What is wrong where the known part of a sum is already more than the line allows."""
        least, limit, bound = self.figure.at_least, self.line.value, self.line.bound
        if least is None or at_most(least, limit) is not False:
            return None
        more = f" (at least {readable(least - limit)} over)" if bound else ""
        relation = "at most " if bound else ""
        message = f"{self.owner}: expected {relation}{self.of_what(limit)}, got at least {self.amount(least)}"
        return self.report("budget" if bound else "expectation", message + more, "")

    def of_figure(self, actual: Size) -> Finding | None:
        wanted, bound, what = self.line.value, self.line.bound, self.line.what
        holds = at_most(actual, wanted) if bound else same(actual, wanted)
        if holds:
            return None
        answer = where(actual, wanted, exactly=not bound) if holds is None else None
        if holds is None and not (answer and answer.never):
            sign = "<=" if bound else "="
            depends = f"for {answer.text}" if answer else f"where {readable(actual)} {sign} {readable(wanted)}"
            message = f"{self.owner}: {what} {sign} {readable(wanted)} holds {depends}"
            message += f" ({what} = {readable(actual)})" * bool(answer)
            return self.report("undecided", message, _literals(actual, wanted))
        relation, over = "at most " if bound else "", actual - wanted
        more = f" ({readable(over)} over)" if bound else ""
        more += f", which no {', '.join(sorted(names(over)))} gives" * bool(answer and not bound)
        message = f"{self.owner}: expected {relation}{self.of_what(wanted)}, got {self.amount(actual)}{more}"
        hint = "" if bound else f"write {actual}, if that is what you mean"
        edit = None if bound else self.edit(actual if isinstance(actual, int) else str(actual))
        return self.report("budget" if bound else "expectation", message, hint, edit)

    def of_what(self, size: Size) -> str:
        """A size with the name of the figure."""
        what = self.line.what
        return readable_bytes(size, " bytes") if what == "bytes" else f"{readable(size)} {what}"

    def amount(self, size: Size) -> str:
        """A size by itself, bytes also in KiB, MiB ..."""
        return readable_bytes(size) if self.line.what == "bytes" else readable(size)

    def of_states(self, actual: Mapping[str, Shape]) -> Finding | None:
        for name, shape in self.line.value:
            if name not in actual:
                message = f"{self.owner}: expected a state {name}, got {', '.join(actual) or 'none'}"
                return self.report(
                    "expectation", message, "" if actual else f"set `return_state: true` on {self.owner}"
                )
            finding = self.of_shape(f"{self.owner}.{name}", actual[name], shape, self.edit_states(actual))
            if finding:
                return finding
        return None

    def of_outputs(self, actual: tuple[Shape, ...]) -> Finding | None:
        """A single shape is that of a single output; a list of shapes has one for each output."""
        several = isinstance(self.line.value[0], tuple)
        wanted = self.line.value if several else (self.line.value,)
        if len(wanted) != len(actual):
            counts = " outputs, got ".join(str(len(shapes)) for shapes in (wanted, actual))
            message = f"{self.owner}: expected {counts}: {', '.join(map(shown, actual))}"
            hint = f"write {_written(actual)}, if that is what you mean"
            lists = [_plain(shape) for shape in actual]
            edit = self.edit(lists if len(lists) > 1 else lists[0])
            return self.report("expectation", message.replace("expected 1 outputs", "expected 1 output"), hint, edit)
        written = self.written if several else [self.written]
        lists = [_updated(*triple) for triple in zip(actual, wanted, written, strict=True)]
        edit = self.edit(lists if several else lists[0])
        found = (self.of_shape(self.owner, here, there, edit) for here, there in zip(actual, wanted, strict=True))
        return next(filter(None, found), None)

    def of_shape(self, owner: str, actual: Shape, wanted: Shape, edit: Edit | None) -> Finding | None:
        """What is wrong with a shape; ``edit`` writes all shapes of the line as they are."""
        answers = [same(a, b) for a, b in zip(actual, wanted, strict=False)]
        if len(actual) == len(wanted) and all(answers):
            return None
        pairs = [
            pair for pair, answer in zip(zip(actual, wanted, strict=False), answers, strict=True) if answer is None
        ]
        conditions = [where(*pair, exactly=True) for pair in pairs]
        never = any(condition and condition.never for condition in conditions)
        if len(actual) == len(wanted) and False not in answers and not never:
            needed = [
                condition.text if condition else f"{a} = {b}"
                for condition, (a, b) in zip(conditions, pairs, strict=True)
            ]
            message = f"{owner}: the shape {shown(actual)} is {shown(wanted)} for {', '.join(dict.fromkeys(needed))}"
            return self.report("undecided", message, _literals(*(size for pair in pairs for size in pair)))
        message = f"{owner}: expected shape {shown(wanted)}, got {shown(actual)}"
        return self.report("expectation", message, f"write {_axes(actual)}, if that is what you mean", edit)

    def edit(self, value: Any) -> Edit:
        """The edit that writes a figure as it is now."""
        return Edit("expect", "value", self.line.route, value)

    def edit_states(self, actual: Mapping[str, Shape]) -> Edit | None:
        """The edit that writes the shapes of the states as they are now; None where one does not exist."""
        wanted = dict(self.line.value)
        if wanted.keys() - actual.keys():
            return None
        return self.edit({name: _updated(actual[name], shape, self.written[name]) for name, shape in wanted.items()})

    def report(self, kind: str, message: str, hint: str, edit: Edit | None = None) -> Finding:
        document, route = self.reading.document, self.line.route
        return document.finding(kind, message, route, hint=hint, layer=self.figure.owner, edit=edit)


def _updated(actual: Shape, wanted: Shape, written: list[Any]) -> list[Any]:
    """The shape as the file has it, with the actual size where the two differ for certain."""
    if len(actual) != len(wanted):
        return _plain(actual)
    triples = zip(_plain(actual), [same(*pair) for pair in zip(actual, wanted, strict=True)], written, strict=True)
    return [here if equal is False else there for here, equal, there in triples]


def _plain(shape: Shape) -> list[int | str]:
    """A shape as the data of a file."""
    return [size if isinstance(size, int) else str(size) for size in shape]


def _literals(*sizes: Size) -> str:
    """What makes it decidable: numbers for the symbols."""
    symbols = sorted({name for size in sizes for name in names(size)})
    return f"give {', '.join(symbols)} {'numbers' if symbols[1:] else 'a number'}, with dims or --set"


def _written(shapes: tuple[Shape, ...]) -> str:
    """Shapes as a file has them: a list of sizes, or a list of such lists."""
    return _axes(shapes[0]) if len(shapes) == 1 else f"[{', '.join(map(_axes, shapes))}]"


def _axes(shape: Shape) -> str:
    return f"[{', '.join(map(str, shape))}]"

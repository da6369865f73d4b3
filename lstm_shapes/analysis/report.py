"""The report of a model: plain frozen rows, all that a view may see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from lstm_shapes.findings.finding import Finding
from lstm_shapes.findings.route import Route, as_path
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.frameworks.layout import Framework, Tensor, tensors
from lstm_shapes.graph.shape_inference import Inferred, InferredGraph, InferredNode
from lstm_shapes.layers.base import known_total
from lstm_shapes.rules.shapes import diagnose, too_large
from lstm_shapes.spec.imported import Imported
from lstm_shapes.spec.keys import DTYPES
from lstm_shapes.spec.reading import Reading, Unread
from lstm_shapes.symbolic.size import Shape, Size, SizeError, total

FORMAT_VERSION = 1


class Named(NamedTuple):
    """A shape with its name: an input, an output or a state. ``shape`` is None when it is not known."""

    name: str
    shape: Shape | None


class LayerRow(NamedTuple):
    """One layer; None means not known. A shared layer has one row with the inputs of every call."""

    name: str
    type: str
    route: Route
    inputs: tuple[Shape, ...]
    outputs: tuple[Named, ...]
    params: Size | None
    trainable_params: Size | None
    formula: str | None
    macs: Size | None
    dtype: str
    weights: tuple[Tensor, ...] = ()
    layers: tuple[LayerRow, ...] = ()
    calls: int = 1
    declared: bool = False
    tied_to: tuple[tuple[str, str], ...] = ()
    reads: tuple[tuple[str, ...], ...] = ()
    """For each call the names of what it reads: inputs, layers, outputs such as ``encoder.h``; initial states last."""
    buffers: Size = 0
    """The numbers in buffers, which are in the state dict and are no parameters."""
    own_path: str = ""
    """Its name in its own framework, after those of the models around it; '' in a spec."""

    @property
    def path(self) -> str:
        """The place of its settings in a spec, ``layers[0].layer``; in its own framework ``encoder.lstm``."""
        return self.own_path or as_path(self.route)


class Totals(NamedTuple):
    """The sums over all layers: exact, or None next to a sum ``_at_least`` where ``unknown`` layers are left out."""

    params_at_least: Size
    trainable_params_at_least: Size
    non_trainable_params_at_least: Size
    param_bytes_at_least: Size
    macs_at_least: Size
    unknown: int = 0
    unknown_macs: int = 0
    buffers: Size = 0
    """The numbers in buffers, which are in the state dict and are no parameters."""

    @property
    def params(self) -> Size | None:
        """The number of parameters; None where that of a layer is not known."""
        return None if self.unknown else self.params_at_least

    @property
    def trainable_params(self) -> Size | None:
        """The parameters that training changes; None where those of a layer are not known."""
        return None if self.unknown else self.trainable_params_at_least

    @property
    def non_trainable_params(self) -> Size | None:
        """The parameters that training leaves as they are; None where those of a layer are not known."""
        return None if self.unknown else self.non_trainable_params_at_least

    @property
    def param_bytes(self) -> Size | None:
        """The bytes of the parameters; None where those of a layer are not known."""
        return None if self.unknown else self.param_bytes_at_least

    @property
    def macs(self) -> Size | None:
        """The multiply-accumulates; None where those of a layer are not known."""
        return None if self.unknown_macs else self.macs_at_least


@dataclass(frozen=True, kw_only=True)
class Report:
    """What is known of a model: ``report["encoder"]`` is a layer's row. Raises ``KeyError`` on a name it has not."""

    source: str
    name: str
    framework: str
    dtype: str
    complete: bool
    shapes_complete: bool
    inputs: tuple[Named, ...]
    layers: tuple[LayerRow, ...]
    outputs: tuple[Named, ...]
    totals: Totals
    findings: tuple[Finding, ...]
    source_kind: str = "spec"
    source_version: str = ""
    notes: tuple[str, ...] = ()
    """What had to be assumed of a file of another kind, and what it does not say."""
    symbols: tuple[tuple[str, str, int], ...] = ()
    """Symbols with the source text that they stand for, and its line."""
    branch: str = ""
    """The condition under which a script builds the model, where it builds another besides; ``name`` ends with it."""

    def __getitem__(self, name: str) -> LayerRow:
        for row in self.layers:
            if row.name == name:
                return row
        raise KeyError(name)


def report(reading: Reading, *, weights: bool = True) -> Report:
    """The report of a model as far as it could be read; its findings are all that is wrong with the file.

    Without ``weights`` the rows have no tensors, which take a third of the time.
    """
    try:
        inferred = reading.inferred
        answer = _empty(reading, reading.findings) if inferred is None else _filled(reading, inferred, weights)
    except SizeError as error:
        answer = _empty(reading, (*reading.findings, too_large(reading.document, error)))
    return _with_source(answer, reading.imported) if reading.imported else answer


def _with_source(answer: Report, imported: Imported) -> Report:
    """The report with what it says of the file that the model comes from."""
    layers = answer.layers
    if imported.kind != "spec" and layers:
        separator = FRAMEWORKS[answer.framework].separator
        layers = tuple(_with_path(row, separator) for row in layers)
    return replace(
        answer,
        layers=layers,
        source_kind=imported.kind,
        source_version=imported.version,
        notes=imported.notes,
        symbols=tuple((name, text, line) for name, (text, line) in imported.symbols.items()),
        branch=imported.branch,
    )


def _with_path(row: LayerRow, separator: str, around: str = "") -> LayerRow:
    """The row, and those of the layers inside, with their names in their own framework."""
    path = f"{around}{row.name}"
    inside = tuple(_with_path(inner, separator, f"{path}{separator}") for inner in row.layers)
    return row._replace(own_path=path, layers=inside)


def _filled(reading: Reading, inferred: Inferred, weights: bool) -> Report:
    model = inferred.model
    rows = _Rows(FRAMEWORKS[model.framework], model.dtype, weights).of(inferred)
    if reading.unread:
        rows = tuple(sorted((*rows, *map(_unread, reading.unread)), key=lambda row: row.route))
    totals = _totals(rows, model.dtype)
    outputs = tuple(Named(ref.name, inferred.shape(ref)) for ref in model.graph.outputs)
    return Report(
        source=reading.document.source,
        name=model.name,
        framework=model.framework,
        dtype=model.dtype,
        complete=not totals.unknown,
        shapes_complete=not reading.unread and inferred.known and None not in (*model.shapes, *inferred.outputs),
        inputs=tuple(Named(name, shape) for name, shape in zip(model.graph.inputs, model.shapes, strict=True)),
        layers=rows,
        outputs=outputs,
        totals=totals,
        findings=diagnose(reading),
    )


def _empty(reading: Reading, findings: tuple[Finding, ...]) -> Report:
    """The report of a file of which nothing could be read."""
    return Report(
        source=reading.document.source,
        name="",
        framework="",
        dtype="",
        complete=False,
        shapes_complete=False,
        inputs=(),
        layers=(),
        outputs=(),
        totals=Totals(0, 0, 0, 0, 0, unknown=1, unknown_macs=1),
        findings=findings,
    )


class _Rows(NamedTuple):
    """Makes rows as a framework names its tensors; ``weights`` is whether to list the tensors."""

    framework: Framework
    dtype: str
    weights: bool

    def of(self, inferred: InferredGraph) -> tuple[LayerRow, ...]:
        """A row for each layer, the calls of a shared one gathered."""
        return tuple(self.row(inferred, name, calls) for name, calls in inferred.by_owner.items())

    def row(self, graph: InferredGraph, name: str, calls: tuple[InferredNode, ...]) -> LayerRow:
        """The row of one layer, from all its calls."""
        first = next((call for call in calls if call.known), calls[0])
        formula = first.formula
        return LayerRow(
            name=name,
            type=first.layer.type,
            route=calls[0].route,
            inputs=tuple(shape for call in calls if call.inputs for shape in call.inputs),
            outputs=tuple(_outputs(calls)),
            params=first.params,
            trainable_params=first.trainable_params,
            formula=None if formula is None else str(formula),
            macs=known_total(call.macs for call in calls),
            dtype=self.dtype,
            weights=self.tensors(first),
            layers=self.of(first.inside) if first.params is not None and first.inside else (),
            calls=len(calls),
            declared=first.layer.declared,
            tied_to=tuple((tie.weight.replace("/", "."), tie.source) for tie in first.node.ties),
            reads=tuple(tuple(_reads(graph, call)) for call in calls),
            buffers=first.buffers or 0,
        )

    def tensors(self, node: InferredNode) -> tuple[Tensor, ...]:
        """The layer's tensors, frozen where the file says so."""
        if not self.weights or node.params is None or (node.inside and not node.known):
            return ()
        tied = {weight.key for weight in node.tied}
        rows = tuple(
            tensor
            for tensor in tensors(self.framework, node.layer, *node.count_inputs)
            if not tied.issuperset(weight.key for weight in tensor.weights)
        )
        return rows if node.node.trainable else tuple(tensor.frozen() for tensor in rows)


def _outputs(calls: tuple[InferredNode, ...]) -> Iterable[Named]:
    judged = [call for call in calls if call.known]
    for call in judged:
        for name, shape in zip(call.layer.output_names, call.outputs or (), strict=True):
            yield Named(name if call is judged[0] else f"{call.name}.{name}", shape)


def _reads(graph: InferredGraph, call: InferredNode) -> Iterator[str]:
    """The names of what a call reads, as ``inputs`` and ``initial_state`` of a file name it."""
    for name, output in (*call.node.inputs, *call.node.states):
        source = graph.by_name.get(name)
        own = source.layer.output_names[output] if source else "output"
        yield name if own == "output" else f"{name}.{own}"


def _unread(layer: Unread) -> LayerRow:
    """The row of a layer that could not be read: nothing of it is known."""
    return LayerRow(
        name=layer.name,
        type=layer.type,
        route=layer.route,
        inputs=(),
        outputs=(),
        params=None,
        trainable_params=None,
        formula=None,
        macs=None,
        dtype="",
    )


def _totals(rows: tuple[LayerRow, ...], dtype: str) -> Totals:
    params = total(row.params for row in rows if row.params is not None)
    trainable = total(row.trainable_params for row in rows if row.trainable_params is not None)
    return Totals(
        params_at_least=params,
        trainable_params_at_least=trainable,
        non_trainable_params_at_least=params - trainable,
        param_bytes_at_least=params * DTYPES[dtype],
        macs_at_least=total(row.macs for row in rows if row.macs is not None),
        unknown=sum(row.params is None for row in rows),
        unknown_macs=sum(row.macs is None for row in rows),
        buffers=total(row.buffers for row in rows),
    )

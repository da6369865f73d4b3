"""``expect`` and ``budget``: the author's expectations, compared with the inferred figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lstm_shapes.findings.finding import Finding
from lstm_shapes.graph.shape_inference import Inferred, InferredNode
from lstm_shapes.spec.keys import DTYPES
from lstm_shapes.spec.reading import Expectation, Reading
from lstm_shapes.symbolic.inequality import where
from lstm_shapes.symbolic.size import Shape, Size, at_most, names, readable, same, shown


def expectations(reading: Reading, inferred: Inferred) -> list[Finding]:
    """A finding for each line that does not hold, and a note for each that depends on symbols."""
    if not reading.expectations:
        return []
    figures: dict[str, Mapping[str, Any]] = {"": _of_model(inferred, bool(reading.unread))}
    for name in {expectation.layer for expectation in reading.expectations} & inferred.by_name.keys():
        node = inferred.by_name[name]
        figures[name] = _of_layer(node, inferred.by_name.get(node.owner, node), DTYPES[inferred.model.dtype])
    judged = (_judge(reading, line, figures[line.layer]) for line in reading.expectations if line.layer in figures)
    return [finding for finding in judged if finding]


def _of_model(inferred: Inferred, unread: bool) -> Mapping[str, Any]:
    """What can be expected of a model; None where it is not known."""
    outputs = inferred.outputs
    figures: dict[str, Any] = {
        "output": outputs[0] if len(outputs) == 1 else None,
        "params": inferred.params,
        "trainable_params": inferred.trainable_params,
        "macs": inferred.macs,
        "bytes": _times(inferred.params, DTYPES[inferred.model.dtype]),
        "states": {},
    }
    return {**dict.fromkeys(figures), "output": figures["output"]} if unread else figures


def _of_layer(node: InferredNode, owner: InferredNode, width: int) -> Mapping[str, Any]:
    """What can be expected of a layer; ``owner`` has the weights: the layer itself, or the shared layer."""
    params, outputs = owner.params, node.outputs
    return {
        "output": outputs[0] if outputs else None,
        "params": params,
        "trainable_params": owner.trainable_params,
        "macs": node.macs,
        "bytes": _times(params, width),
        "states": dict(zip(node.layer.output_names[1:], outputs[1:], strict=True)) if outputs else None,
    }


def _times(params: Size | None, width: int) -> Size | None:
    return None if params is None else params * width


def _judge(reading: Reading, expectation: Expectation, figures: Mapping[str, Any]) -> Finding | None:
    actual = figures[expectation.what]
    if actual is None:
        return None
    owner = expectation.layer or "the model"
    if expectation.what == "states":
        return _judge_states(reading, expectation, actual, owner)
    if expectation.what == "output":
        return _judge_shape(reading, expectation, actual, owner, expectation.value)
    holds = at_most(actual, expectation.value) if expectation.bound else same(actual, expectation.value)
    if holds:
        return None
    answer = where(actual, expectation.value, exactly=not expectation.bound) if holds is None else None
    if holds is None and not (answer and answer.never):
        sign = "<=" if expectation.bound else "="
        condition = f"{expectation.what} {sign} {readable(expectation.value)}"
        depends = f"for {answer.text}" if answer else f"where {readable(actual)} {sign} {readable(expectation.value)}"
        message = f"{owner}: {condition} holds {depends}" + f" ({expectation.what} = {readable(actual)})" * bool(answer)
        hint = _literals(actual, expectation.value)
        return reading.document.finding("undecided", message, expectation.route, hint=hint, layer=expectation.layer)
    relation, over = "at most " if expectation.bound else "", actual - expectation.value
    more = f" ({readable(over)} over)" if expectation.bound else ""
    more += f", which no {', '.join(sorted(names(over)))} gives" * bool(answer and not expectation.bound)
    message = (
        f"{owner}: expected {relation}{readable(expectation.value)} {expectation.what}, got {readable(actual)}{more}"
    )
    kind = "budget" if expectation.bound else "expectation"
    hint = "" if expectation.bound else f"write {actual}, if that is what you mean"
    return reading.document.finding(kind, message, expectation.route, hint=hint, layer=expectation.layer)


def _literals(*sizes: Size) -> str:
    """What makes it decidable: numbers for the symbols."""
    symbols = sorted({name for size in sizes for name in names(size)})
    return f"give {', '.join(symbols)} {'numbers' if symbols[1:] else 'a number'}, with dims or --set"


def _judge_states(
    reading: Reading, expectation: Expectation, actual: Mapping[str, Shape], owner: str
) -> Finding | None:
    for name, shape in expectation.value:
        if name not in actual:
            message = f"{owner}: expected a state {name}, got {', '.join(actual) or 'none'}"
            hint = "" if actual else f"set `return_state: true` on {owner}"
            return reading.document.finding(
                "expectation", message, expectation.route, hint=hint, layer=expectation.layer
            )
        finding = _judge_shape(reading, expectation, actual[name], f"{owner}.{name}", shape)
        if finding:
            return finding
    return None


def _judge_shape(
    reading: Reading, expectation: Expectation, actual: Shape, owner: str, wanted: Shape
) -> Finding | None:
    answers = [same(a, b) for a, b in zip(actual, wanted, strict=False)]
    if len(actual) == len(wanted) and all(answers):
        return None
    pairs = [pair for pair, answer in zip(zip(actual, wanted, strict=False), answers, strict=True) if answer is None]
    conditions = [where(*pair, exactly=True) for pair in pairs]
    if (
        len(actual) == len(wanted)
        and False not in answers
        and not any(answer and answer.never for answer in conditions)
    ):
        needed = [answer.text if answer else f"{a} = {b}" for answer, (a, b) in zip(conditions, pairs, strict=True)]
        message = f"{owner}: the shape {shown(actual)} is {shown(wanted)} for {', '.join(dict.fromkeys(needed))}"
        hint = _literals(*(size for pair in pairs for size in pair))
        return reading.document.finding("undecided", message, expectation.route, hint=hint, layer=expectation.layer)
    message = f"{owner}: expected shape {shown(wanted)}, got {shown(actual)}"
    hint = f"write [{', '.join(map(str, actual))}], if that is what you mean"
    return reading.document.finding("expectation", message, expectation.route, hint=hint, layer=expectation.layer)

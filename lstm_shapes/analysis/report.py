"""The report: plain frozen rows, all that a renderer may see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lstm_shapes.findings.finding import Finding
from lstm_shapes.findings.route import Route, written
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.frameworks.layout import Tensor, tensors
from lstm_shapes.graph.model import Model
from lstm_shapes.graph.shape_inference import Step, infer_shapes
from lstm_shapes.layers.base import Layer, known_total
from lstm_shapes.rules.shapes import diagnose, too_large
from lstm_shapes.spec.keys import DTYPES
from lstm_shapes.spec.reading import Reading, Unread
from lstm_shapes.symbolic.size import Shape, Size, SizeError, total

FORMAT_VERSION = 1


class Named(NamedTuple):
    """A shape with its name: an input, an output or a state. ``shape`` is None when it is not known."""

    name: str
    shape: Shape | None


class LayerRow(NamedTuple):
    """One layer; None stands for what is not known. A shared layer has one row with the inputs of every call."""

    name: str
    type: str
    path: str
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


class Totals(NamedTuple):
    """The sums over all layers that are known; ``unknown`` counts those that are left out."""

    params: Size
    trainable_params: Size
    non_trainable_params: Size
    param_bytes: Size
    macs: Size
    unknown: int = 0
    unknown_macs: int = 0


@dataclass(frozen=True, kw_only=True)
class Report:
    """What is known of a model: ``report["encoder"]`` is a layer's row. Raises ``KeyError`` on a name it has not."""

    source: str
    name: str
    framework: str
    dtype: str
    complete: bool
    inputs: tuple[Named, ...]
    layers: tuple[LayerRow, ...]
    outputs: tuple[Named, ...]
    totals: Totals
    findings: tuple[Finding, ...]

    def __getitem__(self, name: str) -> LayerRow:
        for row in self.layers:
            if row.name == name:
                return row
        raise KeyError(name)


def report(reading: Reading, *, weights: bool = True) -> Report:
    """The report of a model as far as it could be read; its findings are all that is wrong with the file.

    Without ``weights`` the rows have no tensors, which take a third of the time.
    """
    model = reading.model
    if model is None:
        return _empty(reading, reading.findings)
    try:
        return _filled(reading, model, weights)
    except SizeError as error:
        return _empty(reading, (*reading.findings, too_large(reading.document, error)))


def _filled(reading: Reading, model: Model, weights: bool) -> Report:
    steps = infer_shapes(model.graph, model.shapes)
    rows = _rows(steps, model, (), weights)
    if reading.unread:
        rows = tuple(sorted((*rows, *map(_unread, reading.unread)), key=lambda row: _number(row.path)))
    totals = _totals(rows, model.dtype)
    known = {step.node.name: step.outputs for step in steps}
    known |= {
        name: None if shape is None else (shape,) for name, shape in zip(model.graph.inputs, model.shapes, strict=True)
    }
    outputs = []
    for ref in model.graph.outputs:
        shapes = known.get(ref.name)
        outputs.append(Named(name=ref.name, shape=shapes[ref.output] if shapes else None))
    return Report(
        source=reading.document.source,
        name=model.name,
        framework=model.framework,
        dtype=model.dtype,
        complete=not totals.unknown and all(one.shape is not None for one in outputs),
        inputs=tuple(Named(name=n, shape=s) for n, s in zip(model.graph.inputs, model.shapes, strict=True)),
        layers=rows,
        outputs=tuple(outputs),
        totals=totals,
        findings=diagnose(reading, steps),
    )


def _empty(reading: Reading, findings: tuple[Finding, ...]) -> Report:
    nothing = Totals(
        params=0, trainable_params=0, non_trainable_params=0, param_bytes=0, macs=0, unknown=1, unknown_macs=1
    )
    return Report(
        source=reading.document.source,
        name="",
        framework="",
        dtype="",
        complete=False,
        inputs=(),
        layers=(),
        outputs=(),
        totals=nothing,
        findings=findings,
    )


def _rows(steps: Sequence[Step], model: Model, prefix: Route, weights: bool) -> tuple[LayerRow, ...]:
    """A row for each layer, the calls of a shared one gathered."""
    calls: dict[str, list[Step]] = {}
    for step in steps:
        calls.setdefault(step.node.owner or step.node.name, []).append(step)
    return tuple(_row(name, called, model, prefix, weights) for name, called in calls.items())


def _row(name: str, calls: list[Step], model: Model, prefix: Route, weights: bool) -> LayerRow:
    node, layer = calls[0].node, calls[0].node.layer
    route = (*prefix, *node.route)
    judged = [step for step in calls if step.outputs is not None and step.inputs is not None]
    first = judged[0].inputs if judged else None
    held = tensors(FRAMEWORKS[model.framework], layer, *first) if first and weights else ()
    params = layer.count(*first) if first else None
    formula = layer.formula(*first) if first else None
    return LayerRow(
        name=name,
        type=layer.type,
        path=written(route),
        inputs=tuple(shape for step in calls if step.inputs for shape in step.inputs),
        outputs=tuple(_outputs(layer, judged)),
        params=params,
        trainable_params=None if first is None else layer.trainable_count(*first) if node.trainable else 0,
        formula=None if formula is None else str(formula),
        macs=known_total(layer.macs(*step.inputs) if step.inputs and step.outputs else None for step in calls),
        dtype=model.dtype,
        weights=held if node.trainable else tuple(_frozen(one) for one in held),
        layers=_inner(layer, first, model, route, weights),
        calls=len(calls),
        declared=layer.declared,
    )


def _unread(one: Unread) -> LayerRow:
    """The row of a layer that could not be read: nothing of it is known."""
    return LayerRow(
        name=one.name,
        type=one.type,
        path=written(one.route),
        inputs=(),
        outputs=(),
        params=None,
        trainable_params=None,
        formula=None,
        macs=None,
        dtype="",
    )


def _number(path: str) -> int:
    """The place of a layer in its file, from its path ``layers[3]``."""
    return int(path[path.index("[") + 1 : path.index("]")])


def _outputs(layer: Layer, calls: list[Step]) -> Iterable[Named]:
    for step in calls:
        for name, shape in zip(layer.output_names, step.outputs or (), strict=True):
            yield Named(name=name if step is calls[0] else f"{step.node.name}.{name}", shape=shape)


def _frozen(tensor: Tensor) -> Tensor:
    return tensor._replace(weights=tuple(weight._replace(trainable=False) for weight in tensor.weights))


def _inner(
    layer: Layer, inputs: tuple[Shape, ...] | None, model: Model, route: Route, weights: bool
) -> tuple[LayerRow, ...]:
    """The rows of the layers inside a nested model."""
    inner = layer.nested(*inputs) if inputs else None
    return _rows(infer_shapes(inner.graph, inner.inputs), model, (*route, *inner.route), weights) if inner else ()


def _totals(rows: tuple[LayerRow, ...], dtype: str) -> Totals:
    params = total(row.params for row in rows if row.params is not None)
    trainable = total(row.trainable_params for row in rows if row.trainable_params is not None)
    return Totals(
        params=params,
        trainable_params=trainable,
        non_trainable_params=params - trainable,
        param_bytes=params * DTYPES[dtype],
        macs=total(row.macs for row in rows if row.macs is not None),
        unknown=sum(row.params is None for row in rows),
        unknown_macs=sum(row.macs is None for row in rows),
    )

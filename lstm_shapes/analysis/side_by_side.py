"""The same layers as each framework counts them, and why the counts differ: from the biases that its layouts have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any, NamedTuple

from lstm_shapes.analysis.params import LayerSettingsError, Params, params
from lstm_shapes.findings.route import Route
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.frameworks.layout import Framework
from lstm_shapes.graph.shape_inference import InferredGraph, InferredNode
from lstm_shapes.layers import family
from lstm_shapes.layers.base import Layer, Weight
from lstm_shapes.rules.trace import Trace
from lstm_shapes.spec.keys import spellings
from lstm_shapes.spec.reading import Reading
from lstm_shapes.symbolic.size import Size, divide_exactly, total

_COUNTED = ("recurrent_bias", "second_bias", "reset_after", "buffers")
"""The fields of which a framework's default decides how many biases a cell has, and which weights are parameters."""


class Difference(NamedTuple):
    """Why some frameworks count ``params`` more than the one that they are compared with; None: not known."""

    frameworks: tuple[str, ...]
    reason: str
    params: Size | None


class CountedLayer(NamedTuple):
    """A layer, with its parameters by framework: None where the framework lacks it; ``layers`` those inside it."""

    name: str
    type: str
    route: Route
    params: Mapping[str, Size | None]
    layers: tuple[CountedLayer, ...] = ()


class SideBySide(NamedTuple):
    """A model as each framework counts it; ``differences`` are from ``framework``, the model's own."""

    source: str
    name: str
    framework: str
    layers: tuple[CountedLayer, ...]
    differences: tuple[Difference, ...]

    def total(self, framework: str) -> Size:
        """The parameters of the layers that the framework has."""
        return total(layer.params[framework] or 0 for layer in self.layers)

    def unknown(self, framework: str) -> int:
        """How many layers the framework lacks, or nothing is known of."""
        return sum(layer.params[framework] is None for layer in self.layers)


class _Part(NamedTuple):
    """The weights of an innermost layer in a framework: the axes of parameters by role, and their number."""

    type: str
    axes: Mapping[str, str]
    params: Size


def side_by_side(reading: Reading) -> SideBySide:
    """Each layer of a model in every framework, with the settings of the file and otherwise the framework's defaults.

    >>> import lstm_shapes.api as api
    >>> answer = side_by_side(api.read({"input_dim": 8, "layers": [{"type": "lstm", "units": 32}]}))
    >>> {name: answer.total(name) for name in ("keras", "torch")}
    {'keras': 5248, 'torch': 5376}
    >>> answer.differences[0]
    Difference(frameworks=('torch', 'onnx'), reason='keep two biases a gate', params=128)
    """
    own = reading.model.framework if reading.model else "keras"
    name, inferred = reading.model.name if reading.model else "", reading.inferred
    if inferred is None:
        return SideBySide(reading.document.source, name, own, (), ())
    written = _written(reading)
    layers = tuple(_rows(inferred, written))
    differences = [*_by_reason(_reasons(inferred, written, own)), *_lacking(layers)]
    return SideBySide(reading.document.source, name, own, layers, tuple(differences))


def _written(reading: Reading) -> dict[tuple[Route, str], set[str]]:
    """The fields that the file sets, by the place of the layer and the type of the one inside it."""
    by_place: dict[tuple[Route, str], set[str]] = {}
    for cell in Trace(reading).layers:
        known = spellings(cell.layer.type)
        by_place.setdefault((cell.visit.route, cell.layer.type), set()).update(
            known[key].field for key in cell.written if key in known
        )
    return by_place


Written = Mapping[tuple[Route, str], set[str]]


def _rows(graph: InferredGraph, written: Written) -> Iterator[CountedLayer]:
    for name, calls in graph.by_owner.items():
        node = next((call for call in calls if call.known), calls[0])
        counts = {framework: _count(FRAMEWORKS[framework], node, written) for framework in FRAMEWORKS}
        inside = tuple(_rows(node.inside, written)) if node.inside else ()
        yield CountedLayer(name, node.layer.type, node.route, counts, inside)


def _count(framework: Framework, node: InferredNode, written: Written) -> Size | None:
    """The parameters of a layer in a framework; None where it lacks the layer, or one inside it."""
    if node.params is None or _missing(framework, node):
        return None
    parts = _parts(framework, node, written)
    return node.params if parts is None else total(part.params for part in parts)


def _missing(framework: Framework, node: InferredNode) -> list[str]:
    """The types of the layers that the framework lacks."""
    calls = node.layer.calls(*node.count_inputs)
    return [call.layer.type for call in calls if not framework.has(family(call.layer.type))]


def _parts(framework: Framework, node: InferredNode, written: Written) -> list[_Part] | None:
    """The weights of each innermost layer in a framework; None where the layer's count is not that of its weights."""
    listed = node.layer.weights(*node.count_inputs)
    if node.layer.declared or not listed:
        return None
    tied, groups = {weight.key for weight in node.tied}, dict[tuple[str, ...], dict[str, Weight]]()
    for weight in listed:
        groups.setdefault(weight.path, {})[weight.role] = weight
    layers, parts = dict(node.layer.weighted_layers(*node.count_inputs)), []
    for path, weights in groups.items():
        layer = _as_in(framework, layers[path], written.get((node.route, layers[path].type), set()))
        axes = layer.weight_axes() if layer is not layers[path] else {role: w.axes for role, w in weights.items()}
        axes = {role: named for role, named in axes.items() if role not in layer.buffer_roles}
        counted = [_size(role, axes[role], weights) for role in axes if _key(path, role) not in tied]
        parts.append(_Part(layer.type, axes, total(counted)))
    return parts


def _key(path: tuple[str, ...], role: str) -> str:
    return "/".join((*path, role))


def _as_in(framework: Framework, layer: Layer, written: set[str]) -> Layer:
    """The layer with the biases and the buffers that the framework gives it, unless the file sets them."""
    differing = [name for name in _COUNTED if name in layer.field_values() and name not in written]
    ours = {field.name: field.default for field in fields(family(layer.type))}
    defaults = {**ours, **framework.defaults.get(layer.type, {})}
    return replace(layer, **{name: defaults[name] for name in differing}) if differing else layer


def _size(role: str, axes: str, weights: Mapping[str, Weight]) -> Size:
    """The number of a weight's elements; that of a bias which the layer has not here follows from its first bias."""
    if role in weights and ("gate" in axes.split()) == ("gate" in weights[role].axes.split()):
        return weights[role].elements
    first = weights["bias"]
    gates = first.sizes.get("gate", 1) if "gate" not in axes.split() else 1
    return divide_exactly(first.params, gates if isinstance(gates, int) else 1) or 0


def biases(axes: Mapping[str, str]) -> str:
    """How many biases weights with these axes have, in words that follow a framework's name.

    >>> biases({"bias": "gate unit", "recurrent_bias": "unit"})
    'keep a second bias for the candidate only'
    """
    gated = "gate" in axes.get("bias", "").split()
    if "recurrent_bias" not in axes:
        return f"keep one bias{' a gate' * gated}"
    if gated and "gate" not in axes["recurrent_bias"].split():
        return "keep a second bias for the candidate only"
    return f"keep two biases{' a gate' * gated}"


def _kept(here: Mapping[str, str], there: Mapping[str, str]) -> str:
    """What the framework with the parameters ``there`` does otherwise than the one with those ``here``."""
    if (there.keys() ^ here.keys()) & {"moving_mean", "moving_variance"}:
        return f"{'count' if 'moving_mean' in there else 'do not count'} moving statistics as parameters"
    return biases(there)


def _reasons(graph: InferredGraph, written: Written, own: str) -> Iterator[tuple[str, str, str, Size]]:
    """Framework, type, reason and the parameters that it has more than the model's own, for each layer that differs."""
    for calls in graph.by_owner.values():
        node = next((call for call in calls if call.known), calls[0])
        ours = [] if node.params is None or node.layer.declared else _parts(FRAMEWORKS[own], node, written) or []
        for name, framework in FRAMEWORKS.items():
            theirs = [] if not ours or _missing(framework, node) else _parts(framework, node, written) or []
            for here, there in zip(ours, theirs, strict=False):
                if here.params != there.params:
                    yield name, here.type, _kept(here.axes, there.axes), there.params - here.params


def _by_reason(reasons: Iterator[tuple[str, str, str, Size]]) -> Iterator[Difference]:
    """One difference for the frameworks that differ for the same reason by the same number, and for all layers."""
    sums: dict[tuple[str, str], dict[str, Size]] = {}
    for name, type_, reason, more in reasons:
        by_type = sums.setdefault((name, reason), {})
        by_type[type_] = by_type.get(type_, 0) + more
    types = {type_ for by_type in sums.values() for type_ in by_type}
    together: dict[tuple[str, Size], list[str]] = {}
    for (name, reason), by_type in sums.items():
        where = f" in {' and '.join(by_type)}" if len(types) > 1 else ""
        together.setdefault((f"{reason}{where}", total(by_type.values())), []).append(name)
    for (reason, more), names in together.items():
        yield Difference(tuple(names), reason, more)


def _lacking(layers: tuple[CountedLayer, ...]) -> Iterator[Difference]:
    """The layers that a framework lacks and another has."""
    lacking: dict[str, list[str]] = {}
    for layer in layers:
        missing = [name for name, count in layer.params.items() if count is None]
        if len(missing) < len(layer.params):
            for name in missing:
                what = layer.name if layer.name == layer.type else f"{layer.name} ({layer.type})"
                lacking.setdefault(name, []).append(what)
    together: dict[str, list[str]] = {}
    for name, layers_there in lacking.items():
        together.setdefault(", ".join(layers_there), []).append(name)
    for which, names in together.items():
        yield Difference(tuple(names), f"lack {which}", None)


class LayerInAll(NamedTuple):
    """One recurrent layer in every framework; None where its settings make no layer there."""

    answers: Mapping[str, Params | None]
    differences: tuple[Difference, ...]

    @property
    def first(self) -> Params:
        """The layer in the first framework that has it, which the others are compared with."""
        return next(answer for answer in self.answers.values() if answer)


def params_in_all(units: int | str, input_dim: int | str, **settings: Any) -> LayerInAll:
    """``params`` for every framework. Raises ``LayerSettingsError`` where no framework has such a layer.

    >>> answer = params_in_all(32, 8, cell="gru")
    >>> {name: layer.total for name, layer in answer.answers.items() if layer}
    {'keras': 4032, 'torch': 4032, 'onnx': 4032, 'flax': 3936, 'flax-linen': 3968}
    """
    answers: dict[str, Params | None] = dict.fromkeys(FRAMEWORKS)
    refused: dict[str, LayerSettingsError] = {}
    for name in FRAMEWORKS:
        try:
            answers[name] = params(units, input_dim, framework=name, **settings)
        except LayerSettingsError as error:
            refused[name] = error
    if not any(answers.values()):
        raise next(iter(refused.values()))
    first = next(answer for answer in answers.values() if answer)
    reasons = (
        (name, first.cell, biases({w.role: w.axes for tensor in answer.weights for w in tensor.weights}), more)
        for name, answer in answers.items()
        if answer and (more := answer.total - first.total) != 0
    )
    absent = (
        Difference((name,), f"lack such a layer ({error.findings[0].message})", None) for name, error in refused.items()
    )
    return LayerInAll(answers, (*_by_reason(reasons), *absent))

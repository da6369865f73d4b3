"""One layer as each of two frameworks keeps it: its tensors there, and what only one of the two can be set to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, NamedTuple

from lstm_shapes.analysis.layout import heads
from lstm_shapes.analysis.layout.blocks import BIASES, Stored
from lstm_shapes.analysis.layout.no_conversion import NoConversion as NoConversion
from lstm_shapes.analysis.params import MAX_LAYERS, LayerSettingsError
from lstm_shapes.findings.spelling import nearest
from lstm_shapes.formats.document import Document
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.frameworks.layout import Framework, tensors
from lstm_shapes.graph.shape_inference import Inferred
from lstm_shapes.layers import FAMILIES, family
from lstm_shapes.layers.base import Layer
from lstm_shapes.rules.shapes import diagnose
from lstm_shapes.spec.keys import canonical, required
from lstm_shapes.spec.reader import read
from lstm_shapes.symbolic.size import Size, readable

CARRIED = ("reset_after",)
"""Settings that decide what the weights compute: the target has what the source has, whatever its default is."""
_OF_OUTPUTS = (
    "return_sequences",
    "return_state",
    "average_scores",
    "recurrent_bias",
    "second_bias",
    "momentum",
    "buffers",
)
"""Defaults that differ without a word: what is passed on, what the tensors show, and PyTorch's momentum, 1 - Keras'."""
_INPUTS: tuple[tuple[str, ...], ...] = (
    ("batch", "input_dim"),
    ("batch", "timesteps", "input_dim"),
    ("batch", "height", "width", "input_dim"),
    ("batch", "depth", "height", "width", "input_dim"),
    ("batch", "timesteps", "depth", "height", "width", "input_dim"),
)
"""The inputs that a layer is tried on; the first that has as many axes as the layer reads is its own."""


class Side(NamedTuple):
    """A layer in a framework: its tensors in order, and the layer whose settings they follow."""

    framework: Framework
    tensors: tuple[Stored, ...]
    layer: Layer


def layer_type(name: str) -> tuple[str, dict[str, Any]]:
    """The type that a name means, and the settings in it. Raises ``NoConversion`` on one without weights.

    >>> layer_type("BiLSTM")
    ('lstm', {'bidirectional': True})
    """
    meant = canonical(name)
    types = [type_ for type_ in FAMILIES if any(type_ in framework.layouts for framework in FRAMEWORKS.values())]
    if meant is None or meant[0] not in types:
        close = nearest(name, types)
        expected = f"did you mean {close}?" if close else f"the types are {', '.join(types)}"
        raise NoConversion(f"{name[:80]}: no type of layer that has weights; {expected}")
    return meant


def check_names(type_: str, settings: Mapping[str, Any], dims: Mapping[str, Size]) -> None:
    """Raise ``NoConversion`` for a setting or a symbol that the layer does not have."""
    layer = family(type_)
    names = [field.name for field in fields(layer)]
    own = {*names, *(("num_layers", "bidirectional") if layer.recurrent else ())}
    own |= {"input_dim"} if not layer.reads_tokens else set()
    for name in settings:
        if name not in own:
            raise NoConversion(f"{type_} has no {name}; its sizes are {', '.join(_symbols(type_))}", name)
    for name in dims:
        if name not in _symbols(type_):
            raise NoConversion(f"{type_} has no size {name}; its sizes are {', '.join(_symbols(type_))}", "set")


def _symbols(type_: str) -> list[str]:
    own = heads.SIZES if family(type_).either else required(type_)
    return [*own, *([] if family(type_).reads_tokens else ["input_dim"])]


def sides(
    type_: str, source: str, target: str, settings: Mapping[str, Any], dims: Mapping[str, Size]
) -> tuple[Side, Side]:
    """The layer in both frameworks. Raises ``LayerSettingsError`` or ``NoConversion``."""
    for name in (source, target):
        if type_ not in FRAMEWORKS[name].layouts:
            raise NoConversion(f"{FRAMEWORKS[name].title} has no {type_}")
    if family(type_).either:
        together = any(heads.by_embed_dim(FRAMEWORKS[name], type_) for name in (source, target))
        settings, dims = {**settings, **heads.sizes_of(settings, dims, together=together)}, {}
    given = _side(type_, FRAMEWORKS[source], settings, dims, own_biases=False)
    carried = {name: value for name, value in given.layer.field_values().items() if name in CARRIED}
    try:
        made = _side(type_, FRAMEWORKS[target], {**settings, **carried}, dims, own_biases=True)
    except NoConversion as error:
        if error.field in settings:
            raise
        default = f"{_spelled(carried[error.field])} is the default in {FRAMEWORKS[source].title}"
        raise error.with_reason(default) from None
    _check_sizes(given, made)
    return given, made


def _check_sizes(source: Side, target: Side) -> None:
    """Raise ``NoConversion`` where a weight is of another size in the two frameworks."""
    sizes = {place: weight.elements for stored in source.tensors for place, weight in stored.weights}
    for place, weight in (pair for stored in target.tensors for pair in stored.weights):
        size = sizes.get(place, weight.elements)
        if weight.role not in BIASES and size != weight.elements:
            numbers = f"{weight.role} has {readable(size)} numbers in {source.framework.title}"
            there = f"{readable(weight.elements)} in {target.framework.title}"
            raise NoConversion(f"{numbers}, {there}: one cannot become the other")


def differing_defaults(source: Side, target: Side) -> Iterator[str]:
    """A sentence for each setting that is another in the target where nothing is set there."""
    type_ = source.layer.type
    names = dict.fromkeys((*source.framework.defaults.get(type_, {}), *target.framework.defaults.get(type_, {})))
    for name in (name for name in names if name not in _OF_OUTPUTS):
        value = source.layer.field_values()[name] if name in CARRIED else _default(source, name)
        default = _default(target, name)
        if value != default:
            titles = source.framework.title, target.framework.title
            yield f"{name} is {_spelled(value)} in {titles[0]}, {_spelled(default)} in {titles[1]} unless it is set"


def _default(side: Side, name: str) -> Any:
    """What a setting is in the framework where nothing is set."""
    own = side.framework.defaults.get(side.layer.type, {})
    ours = (field.default for field in fields(family(side.layer.type)) if field.name == name)
    return own[name] if name in own else next(ours)


def _spelled(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _side(
    type_: str, framework: Framework, settings: Mapping[str, Any], dims: Mapping[str, Size], *, own_biases: bool
) -> Side:
    """The layer in a framework; with ``own_biases`` it has the biases of the framework, whatever is asked."""
    wanted = {name: name for name in required(type_)} | dict(settings)
    for name in BIASES if own_biases else ():
        values = framework.lacks.get((type_, name), ((), ""))[0]
        if name in wanted and values and wanted[name] not in values:
            wanted[name] = values[0]
    if family(type_).either:
        del wanted["key_dim" if heads.by_embed_dim(framework, type_) else "embed_dim"]
    layers = _layers(type_, framework, wanted)
    stored, cell = [], None
    for depth, (name, entry, width) in enumerate(layers):
        inferred = _inferred(framework, entry, width, dims)
        node = inferred.nodes[-1]
        inputs = node.inputs or ()
        cell = cell or dict(node.layer.weighted_layers(*inputs)).popitem()[1]
        prefix = f"{name}/" if len(layers) > 1 else ""
        own = (heads.with_shared_axes(node.layer, tensor) for tensor in tensors(framework, node.layer, *inputs))
        stored += [Stored(prefix + tensor.name, tensor, depth) for tensor in own]
    if cell is None:
        raise NoConversion(f"{framework.title}'s {type_} has no weights with these settings")
    return Side(framework, tuple(stored), cell)


def _layers(type_: str, framework: Framework, wanted: dict[str, Any]) -> list[tuple[str, dict[str, Any], int | str]]:
    """The entries for a layer, or for each of a stack where no module has several: name, entry and width of input."""
    width = wanted.pop("input_dim", "input_dim")
    depth = wanted.get("num_layers", 1)
    if not isinstance(depth, int) or not 0 < depth <= MAX_LAYERS:
        raise NoConversion(f"expected a number from 1 to {MAX_LAYERS}, got {depth}", "num_layers")
    entry = {"type": type_, **wanted}
    if framework.stacks or depth == 1:
        return [(type_, entry if depth > 1 else _without(entry, "num_layers"), width)]
    units = wanted.get("proj_size") or wanted["units"]
    directions = 1 + bool(wanted.get("bidirectional"))
    state = units * directions if isinstance(units, int) else f"{directions}*({units})"
    entry = _without(entry, "num_layers")
    return [(f"{type_}_{number}" if number else type_, entry, state if number else width) for number in range(depth)]


def _without(entry: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key != name}


def _inferred(framework: Framework, entry: dict[str, Any], width: int | str, dims: Mapping[str, Size]) -> Inferred:
    """The layer on the first input that has as many axes as it reads."""
    if "data_format" in {field.name for field in fields(family(entry["type"]))}:
        entry = {**entry, "data_format": "channels_last"}
    if family(entry["type"]).attends:
        entry = {**entry, "inputs": ["input", "input"]}
    for axes in _INPUTS:
        shape = [width if axis == "input_dim" else axis for axis in axes]
        data = {"framework": framework.name, "inputs": {"input": shape}, "layers": [entry]}
        reading = read(Document(source="", data=data), dims=dims)
        findings = diagnose(reading)
        errors = tuple(finding for finding in findings if finding.severity == "error")
        if errors and all(finding.kind == "wrong-rank" for finding in errors):
            continue
        if errors or reading.inferred is None:
            raise LayerSettingsError(errors)
        for finding in findings:
            if finding.kind == "beyond-framework":
                _refuse(framework, entry, finding.field)
        return reading.inferred
    raise LayerSettingsError(errors)


def _refuse(framework: Framework, entry: Mapping[str, Any], field: str) -> None:
    """Raise ``NoConversion`` for a setting that the framework does not have."""
    values = framework.lacks[(entry["type"], field)][0]
    allowed = " or ".join(_spelled(value) for value in values)
    got, name = _spelled(entry[field]), f"{framework.title}'s {entry['type']}"
    raise NoConversion(f"in {name} it is {allowed}, and no weights of it compute what {got} does", field)

"""What tools that count report of layers that pool, pad, crop or repeat, as closed forms.

``numbers`` are those of the input, ``outputs`` those of the output, for the whole batch. The forms are about modules of
torch.nn, in a model that has weights: without any, calflops reports nothing (tests/oracles/test_cost_pooling.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lstm_shapes.analysis.convention_names import ConventionName
from lstm_shapes.frameworks.pooling import TYPES
from lstm_shapes.layers.base import Layer
from lstm_shapes.symbolic.size import Shape, Size, bind, fixed, parse, product, same

POOLING = frozenset(TYPES)
_POOLS = ("max_pooling", "average_pooling", "adaptive_max_pooling", "adaptive_average_pooling")
_ENDS = ("zero_padding", "cropping")
_NOTHING: Mapping[str, str] = MappingProxyType(
    dict.fromkeys((*_POOLS, *_ENDS, "up_sampling", "global_max_pooling", "global_average_pooling"), "")
)
_FORMS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        ConventionName.flops: _NOTHING,
        ConventionName.torchinfo: _NOTHING,
        ConventionName.thop: {
            **dict.fromkeys(("max_pooling", "adaptive_max_pooling", *_ENDS), ""),
            "average_pooling": "outputs",
            "adaptive_average_pooling": "numbers + outputs",
            "up_sampling": "outputs",
            "bilinear": "11*outputs",
        },
        ConventionName.ptflops: {
            **dict.fromkeys(_POOLS, "2*numbers"),
            **dict.fromkeys(_ENDS, ""),
            "up_sampling": "outputs + outputs//batch",
        },
        ConventionName.calflops: {
            **dict.fromkeys(_POOLS, "numbers"),
            **dict.fromkeys(_ENDS, ""),
            "up_sampling": "numbers",
        },
    }
)
"""A family without its rank -> what a tool reports, '' for nothing.

What is not here is not known: in PyTorch a global pooling is no module, and written in several ways. ptflops counts
pooling both as module and as function, up-sampling as a function for the batch and as a module for one example.
"""


def pooling_reported(convention: str, layer: Layer, inputs: tuple[Shape, ...]) -> Size | None:
    """What a tool reports of a layer of ``POOLING``; None where that is not known.

    >>> from lstm_shapes.layers.pooling import AveragePooling1D
    >>> pooling_reported("ptflops", AveragePooling1D(pool_size=2), ((5, 20, 8),))
    1600
    """
    forms, settings = _FORMS[convention], layer.field_values()
    form = forms.get(layer.type[: -len("1d")])
    if convention == ConventionName.calflops and isinstance(settings.get("size"), tuple):
        return None  # it raises an error on a factor for each axis
    if settings.get("interpolation") == "bilinear":
        form = forms.get("bilinear", form)
    if not form:
        return None if form is None else 0
    if convention == ConventionName.thop and layer.type.startswith("adaptive_average") and not _whole(layer, inputs[0]):
        return _truncated(layer, inputs[0])
    values = {"numbers": product(inputs[0]), "outputs": product(layer.outputs(*inputs)[0]), "batch": inputs[0][0]}
    return bind(parse(form), values)


def _parts(layer: Layer, x: Shape) -> list[tuple[Size, Size]]:
    """The size of each axis but the batch, before and after; channels stay."""
    return list(zip(x[1:], layer.outputs(x)[0][1:], strict=True))


def _whole(layer: Layer, x: Shape) -> bool:
    """Whether every part has the same number of positions, whatever the symbols are."""
    return all(same(before, after * (before // after)) is True for before, after in _parts(layer, x))


def _truncated(layer: Layer, x: Shape) -> int | None:
    """What thop computes in floats and cuts to an integer, which can be 1 less; None where sizes are symbols."""
    output = layer.outputs(x)[0]
    if not all(isinstance(size, int) for size in (*x, *output)):
        return None
    ratio = 1.0
    for before, after in _parts(layer, x):
        ratio *= fixed(before) / fixed(after)
    return int((ratio + 1) * fixed(product(output)))

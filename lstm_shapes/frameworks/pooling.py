"""Pooling and the sizes of space in both frameworks: what each has not, and the defaults of torch.nn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lstm_shapes.frameworks.convolutions import sizes_of_padding, uneven
from lstm_shapes.frameworks.layout import Refusal

_RANKS = (1, 2, 3)
MAX = tuple(f"max_pooling{rank}d" for rank in _RANKS)
AVERAGE = tuple(f"average_pooling{rank}d" for rank in _RANKS)
ADAPTIVE = tuple(f"adaptive_{kind}_pooling{rank}d" for kind in ("max", "average") for rank in _RANKS)
GLOBAL = tuple(f"global_{kind}_pooling{rank}d" for kind in ("max", "average") for rank in _RANKS)
PADDED = tuple(f"zero_padding{rank}d" for rank in _RANKS)
CROPPED = tuple(f"cropping{rank}d" for rank in _RANKS)
UP_SAMPLED = tuple(f"up_sampling{rank}d" for rank in _RANKS)
TYPES = (*MAX, *AVERAGE, *ADAPTIVE, *GLOBAL, *PADDED, *CROPPED, *UP_SAMPLED)


def _flat(settings: Mapping[str, Any]) -> bool:
    """Whether the ends stand in a flat list, those of the last axis first, as in torch.nn.ZeroPad2d."""
    given = settings["padding"]
    return isinstance(given, tuple) and len(given) > 3 and not any(isinstance(item, tuple) for item in given)


def _each_axis(settings: Mapping[str, Any]) -> bool:
    """Whether each of several axes has one size or its two ends, as in Keras."""
    return isinstance(settings["padding"], tuple) and not _flat(settings)


def _rows_first(settings: Mapping[str, Any]) -> str:
    """A flat list of ends as Keras has it."""
    flat = settings["padding"]
    pairs = [f"[{flat[place]}, {flat[place + 1]}]" for place in range(len(flat) - 2, -2, -2)]
    return f"write `padding: [{', '.join(pairs)}]`" if len(flat) % 2 == 0 else ""


def _last_first(settings: Mapping[str, Any]) -> str:
    """The ends of each axis as PyTorch has them."""
    pairs = [item if isinstance(item, tuple) else (item, item) for item in reversed(settings["padding"])]
    return f"write `padding: [{', '.join(str(size) for pair in pairs for size in pair)}]`"


_WORDS = Refusal(
    "padding",
    lambda settings: settings["padding"] == "same",
    "in PyTorch the padding of a pool is its size; the figures are those of one with padding same",
    kind="beyond-framework",
)
_UNEVEN = Refusal(
    "padding",
    uneven,
    "PyTorch pads both ends of an axis alike: pad before the layer (torch.nn.functional.pad); the figures are those of "
    "one that could be set so",
    kind="beyond-framework",
)
_SIZES = Refusal(
    "padding",
    sizes_of_padding,
    "in Keras the padding of a pool is valid or same; the figures are those of one that could be set so",
    kind="beyond-framework",
)
_ROWS_FIRST = Refusal(
    "padding", _flat, "Keras takes the ends of each axis in a list of their own, the first axis first", _rows_first
)
_LAST_FIRST = Refusal(
    "padding",
    _each_axis,
    "PyTorch takes the ends in one list, those of the last axis first: [left, right, top, bottom]",
    _last_first,
)

KERAS_REFUSES: Mapping[str, tuple[Refusal, ...]] = {
    **dict.fromkeys((*MAX, *AVERAGE), (_SIZES,)),
    **dict.fromkeys(PADDED[1:], (_ROWS_FIRST,)),
}
TORCH_REFUSES: Mapping[str, tuple[Refusal, ...]] = {
    **dict.fromkeys((*MAX, *AVERAGE), (_WORDS, _UNEVEN)),
    **dict.fromkeys(PADDED[1:], (_LAST_FIRST,)),
}
"""What the frameworks refuse of a type."""

_ABSENT = "Keras has no such setting; the figures are those of a layer that had"
_LAST = "in Keras its channels stand last; the figures are those of one that could be set so"
KERAS_LACKS: Mapping[tuple[str, str], tuple[tuple[Any, ...], str]] = {
    **{(type_, "ceil_mode"): ((False,), _ABSENT) for type_ in (*MAX, *AVERAGE)},
    **{(type_, "dilation_rate"): ((1,), _ABSENT) for type_ in MAX},
    **{(type_, "count_include_pad"): ((False,), "in Keras padding is never counted") for type_ in AVERAGE},
    **{(type_, "divisor_override"): ((None,), _ABSENT) for type_ in AVERAGE[1:]},
    **{(type_, "data_format"): (("channels_last",), _LAST) for type_ in ("cropping1d", "up_sampling1d")},
}
TORCH_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    **{type_: {"data_format": "channels_first"} for type_ in TYPES},
    **{type_: {"data_format": "channels_first", "count_include_pad": True} for type_ in AVERAGE},
}
"""What torch.nn does where nothing is set."""

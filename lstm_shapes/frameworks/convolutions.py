"""Convolutions in the frameworks: the layouts of their kernels, and what each framework refuses of them."""

from collections.abc import Mapping
from typing import Any

from lstm_shapes.frameworks.layout import Layout, Refusal, Slot
from lstm_shapes.layers.window import certainly_above_one

SPACES = {1: "length", 2: "height width", 3: "depth height width"}
"""The axes of space by their number, as the layers name them."""
SLIDING = tuple(f"conv{rank}d" for rank in SPACES)
TRANSPOSED = tuple(f"conv{rank}d_transpose" for rank in SPACES)
CHANNELWISE = tuple(f"{kind}_conv{rank}d" for kind in ("depthwise", "separable") for rank in (1, 2))

_KERAS_BIAS = Slot("bias", "bias", "(group filter)")


def keras_layouts() -> Mapping[str, Layout]:
    """Keras: keras/src/layers/convolutional; the taps first, what is summed, then the filters."""
    layouts: dict[str, Layout] = {}
    for rank, space in SPACES.items():
        kernel = Slot("kernel", "kernel", f"{space} in (group filter)")
        layouts[f"conv{rank}d"] = Layout((kernel, _KERAS_BIAS))
        transposed = Slot("kernel", "kernel", f"{space} (group filter) in")
        layouts[f"conv{rank}d_transpose"] = Layout((transposed, _KERAS_BIAS))
    for rank in (1, 2):
        each = f"{SPACES[rank]} in multiplier"
        bias = Slot("bias", "bias", "(channel multiplier)")
        layouts[f"depthwise_conv{rank}d"] = Layout((Slot("kernel", "kernel", each), bias))
        ones = " ".join(["one"] * rank)
        layouts[f"separable_conv{rank}d"] = Layout(
            (
                Slot("depthwise_kernel", "depthwise", each),
                Slot("pointwise_kernel", "pointwise", f"{ones} (in multiplier) filter"),
                Slot("bias", "bias", "filter"),
            )
        )
    return layouts


def torch_layouts() -> Mapping[str, Layout]:
    """PyTorch: torch/nn/modules/conv.py; the filters first, for a transposed convolution the input's channels."""
    layouts: dict[str, Layout] = {}
    bias = Slot("bias", "bias", "(group filter)")
    for rank, space in SPACES.items():
        layouts[f"conv{rank}d"] = Layout((Slot("weight", "kernel", f"(group filter) in {space}"), bias))
        transposed = Slot("weight", "kernel", f"(group in) filter {space}")
        layouts[f"conv{rank}d_transpose"] = Layout((transposed, bias))
    return layouts


def onnx_layouts() -> Mapping[str, Layout]:
    """ONNX: Conv and ConvTranspose (onnx/defs/nn/defs.cc); PyTorch's order, a depthwise kernel is one with groups."""
    layouts: dict[str, Layout] = {}
    for type_, (weight, bias) in ((type_, layout.slots) for type_, layout in torch_layouts().items()):
        layouts[type_] = Layout((weight._replace(name="W"), bias._replace(name="B")))
    for rank in (1, 2):
        each = Slot("W", "kernel", f"(in multiplier) one {SPACES[rank]}")
        layouts[f"depthwise_conv{rank}d"] = Layout((each, Slot("B", "bias", "(channel multiplier)")))
    return layouts


def flax_layouts() -> Mapping[str, Layout]:
    """Flax: flax/linen/linear.py; Keras' order, a depthwise kernel is one with groups, ConvTranspose transposed.

    That is its ``transpose_kernel=True``: without it the kernel's taps are in the opposite order.
    """
    layouts = {type_: layout for type_, layout in keras_layouts().items() if type_ not in CHANNELWISE}
    for rank in (1, 2):
        each = Slot("kernel", "kernel", f"{SPACES[rank]} one (in multiplier)")
        layouts[f"depthwise_conv{rank}d"] = Layout((each, Slot("bias", "bias", "(channel multiplier)")))
    return layouts


def _moves_and_dilates(settings: Mapping[str, Any]) -> bool:
    return certainly_above_one(settings["strides"]) and certainly_above_one(settings["dilation_rate"])


def sizes_of_padding(settings: Mapping[str, Any]) -> bool:
    """Whether padding is sizes, not a word."""
    return not isinstance(settings["padding"], str)


def _pads_more_than_stride(settings: Mapping[str, Any]) -> bool:
    """Whether output_padding is above 0 at a stride of 1: Keras takes only less than the stride."""
    added = settings["output_padding"]
    return added not in (None, 0) and not certainly_above_one(settings["strides"]) and settings["strides"] == 1


def _same_and_moves(settings: Mapping[str, Any]) -> bool:
    return settings["padding"] == "same" and certainly_above_one(settings["strides"])


def uneven(settings: Mapping[str, Any]) -> bool:
    """Whether the ends of an axis are padded unlike each other."""
    padding = settings["padding"]
    ends = padding if isinstance(padding, tuple) else ()
    return padding == "causal" or any(isinstance(pair, tuple) and pair[0] != pair[1] for pair in ends)


_TOGETHER = Refusal(
    "dilation_rate",
    _moves_and_dilates,
    "Keras takes strides or a dilation_rate above 1, not both",
    "set `dilation_rate: 1`",
)
_SIZES = Refusal(
    "padding",
    sizes_of_padding,
    "in Keras padding is valid, same or causal; zeros of another number are a layer before it (ZeroPadding2D); the "
    "figures are those of one that could be set so",
    kind="beyond-framework",
)
_ADDED = Refusal(
    "output_padding",
    _pads_more_than_stride,
    "Keras takes an output_padding below the strides",
    "set `output_padding: 0`",
)
_STRIDED_SAME = Refusal(
    "padding",
    _same_and_moves,
    "PyTorch takes padding same only at strides of 1",
    "write its size: `padding: 1` for a kernel of 3",
)
_ENDS = Refusal(
    "padding",
    uneven,
    "PyTorch pads both ends of an axis alike: pad before the layer (torch.nn.functional.pad); the figures are those of "
    "one that could be set so",
    kind="beyond-framework",
)
_CUT = Refusal(
    "padding",
    lambda settings: settings["padding"] == "same",
    "in PyTorch the padding of a transposed convolution is sizes; the figures are those of one with padding same",
    kind="beyond-framework",
)

KERAS_REFUSES: Mapping[str, tuple[Refusal, ...]] = {
    **dict.fromkeys((*SLIDING, *CHANNELWISE), (_TOGETHER, _SIZES)),
    **dict.fromkeys(TRANSPOSED, (_TOGETHER, _SIZES, _ADDED)),
}
TORCH_REFUSES: Mapping[str, tuple[Refusal, ...]] = {
    **dict.fromkeys(SLIDING, (_STRIDED_SAME, _ENDS)),
    **dict.fromkeys(TRANSPOSED, (_CUT, _ENDS)),
}
"""What the frameworks refuse of convolutions, by type."""

KERAS_LACKS: Mapping[tuple[str, str], tuple[tuple[Any, ...], str]] = {
    **{(type_, "padding_mode"): (("zeros",), "Keras pads with zeros; the figures are the same") for type_ in SLIDING},
    **{(type_, "groups"): ((1,), "in Keras a transposed convolution has no groups") for type_ in TRANSPOSED},
}
TORCH_LACKS: Mapping[tuple[str, str], tuple[tuple[Any, ...], str]] = {
    (type_, "activation"): (("linear",), "in PyTorch the function is a layer of its own, after the convolution")
    for type_ in (*SLIDING, *TRANSPOSED)
}
TORCH_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    **{type_: {"data_format": "channels_first"} for type_ in SLIDING},
    **{type_: {"data_format": "channels_first", "output_padding": 0} for type_ in TRANSPOSED},
}
"""What torch.nn does where nothing is set."""

"""PyTorch's modules: the parameters of their classes in sequence, and the entry of a spec that a call makes of them.

To add a class, write its parameters into ``PARAMETERS``; the type that it is in a spec follows from its name.
"""

from __future__ import annotations

import ast
from typing import Any

from lstm_shapes.importers.script.keras_layers import lacks_size, setting
from lstm_shapes.importers.script.run import Arguments, Run
from lstm_shapes.importers.script.values import MadeLayer, Opaque, Value
from lstm_shapes.layers.activation_names import ALIASES, NAMES
from lstm_shapes.spec.keys import canonical, spellings
from lstm_shapes.symbolic.size import Poly

_CONVOLUTION = "in_channels out_channels kernel_size stride padding dilation groups bias padding_mode"
_TRANSPOSED = "in_channels out_channels kernel_size stride padding output_padding groups bias dilation padding_mode"
_NORMAL = "num_features eps momentum affine track_running_stats"
PARAMETERS: dict[str, str] = {
    "LSTM": "input_size hidden_size num_layers bias batch_first dropout bidirectional proj_size",
    "GRU": "input_size hidden_size num_layers bias batch_first dropout bidirectional",
    "RNN": "input_size hidden_size num_layers nonlinearity bias batch_first dropout bidirectional",
    "LSTMCell": "input_size hidden_size bias",
    "GRUCell": "input_size hidden_size bias",
    "RNNCell": "input_size hidden_size bias nonlinearity",
    "Linear": "in_features out_features bias",
    "Embedding": "num_embeddings embedding_dim padding_idx max_norm norm_type scale_grad_by_freq sparse",
    **{f"Conv{rank}d": _CONVOLUTION for rank in (1, 2, 3)},
    **{f"ConvTranspose{rank}d": _TRANSPOSED for rank in (1, 2, 3)},
    **{f"BatchNorm{rank}d": _NORMAL for rank in (1, 2, 3)},
    "LayerNorm": "normalized_shape eps elementwise_affine bias",
    "GroupNorm": "num_groups num_channels eps affine",
    "RMSNorm": "normalized_shape eps elementwise_affine",
    "Dropout": "p",
    "AlphaDropout": "p",
    "Softmax": "dim",
    "LogSoftmax": "dim",
    "LeakyReLU": "negative_slope",
    "ELU": "alpha",
    "PReLU": "num_parameters",
    **{f"MaxPool{rank}d": "kernel_size stride padding dilation return_indices ceil_mode" for rank in (1, 2, 3)},
    **{f"AvgPool{rank}d": "kernel_size stride padding ceil_mode count_include_pad" for rank in (1, 2, 3)},
    **{f"Adaptive{kind}Pool{rank}d": "output_size" for kind in ("Max", "Avg") for rank in (1, 2, 3)},
    "MultiheadAttention": "embed_dim num_heads dropout bias add_bias_kv add_zero_attn kdim vdim batch_first",
    "Flatten": "start_dim end_dim",
    **dict.fromkeys("ReLU ReLU6 Tanh Sigmoid GELU SiLU".split(), "inplace"),
}
"""A class -> the names of its positional parameters."""
WITHOUT_WEIGHTS = frozenset(
    """Identity Dropout1d Dropout2d Dropout3d FeatureAlphaDropout Hardtanh Hardswish Hardsigmoid Softplus Softsign CELU
    SELU Mish Tanhshrink Softshrink Hardshrink LogSigmoid Threshold Softmin""".split()
)
"""Modules that have no weights and pass on the shape that they read."""
OTHER_SHAPES = frozenset(
    """GLU Upsample UpsamplingNearest2d UpsamplingBilinear2d PixelShuffle PixelUnshuffle ChannelShuffle CosineSimilarity
    PairwiseDistance Fold Unfold Unflatten MaxUnpool1d MaxUnpool2d""".split()
)
"""Modules that have no weights and pass on another shape, which is not worked out; so do those whose name has Pad."""
_WIDTHS = {"in_features": "input_dim", "in_channels": "input_dim", "input_size": "input_dim"}
_QUIET = frozenset(("dropout", "rate", "epsilon", "momentum", "negative_slope", "alpha"))
_TYPES = {"MultiheadAttention": "multi_head_attention"}
_RECURRENT = frozenset(("LSTM", "GRU", "RNN"))


def make_module(run: Run, name: str, given: Arguments) -> MadeLayer:
    """The layer that a call of a class makes."""
    parameters = PARAMETERS[name].split()
    settings = dict(zip(parameters, given.positional, strict=False)) | given.named
    nodes: dict[str, ast.AST] = {parameter: given.code(number) for number, parameter in enumerate(parameters)}
    nodes |= {key: given.code(None, key) for key in given.named}
    type_, implied = canonical(_TYPES.get(name, name)) or ("unknown", {})
    layer = MadeLayer({"type": type_}, name, "torch", given.node)
    if given.open or type_ == "unknown" or settings.get("add_bias_kv", False) is not False:
        return unknown_module(run, name, given)
    layer.entry |= {key: value for key, value in implied.items() if key == "activation"}
    layer.entry["type"] = name.lower() if "space" in implied else type_
    if name == "Flatten":
        return layer if not settings else _flatten(run, layer, settings, given)
    fields = spellings(type_)
    for key, value in settings.items():
        if not _write(run, layer, fields, key, value, nodes[key]):
            run.note(nodes[key], f"{key} of nn.{name} is not known")
            return unknown_module(run, name, given)
    if given.unpacked and lacks_size(layer):
        return unknown_module(run, name, given)
    if name in _RECURRENT and "batch_first" not in layer.entry:
        layer.entry["batch_first"] = False
    return layer


def _write(run: Run, layer: MadeLayer, fields: Any, key: str, value: Value, node: ast.AST) -> bool:
    """Write a setting into the entry of a layer; False where its value is not known and matters."""
    if key in _WIDTHS:
        size = run.size(value)
        if isinstance(size, int | Poly):
            layer.entry["input_dim"] = size if isinstance(size, int) else str(size)
            layer.nodes["input_dim",] = node
            layer.reads_width = size
        return size is not None
    if key in ("bidirectional", "batch_first") and key not in fields:
        if isinstance(value, int | Opaque | Poly | str | type(None)):
            holds = run.truth(value, node)
            if holds or key == "batch_first":
                layer.entry[key], layer.nodes[key,] = holds, node
            return True
        return False
    if key == "num_layers":
        size = run.size(value)
        if size != 1 and size is not None:
            layer.entry[key], layer.nodes[key,] = size if isinstance(size, int) else str(size), node
        return size is not None
    if key in ("num_features", "num_channels", "embed_dim"):
        layer.reads_width = run.size(value)
    spelling = fields.get(key)
    if spelling is None or value is None:
        return True
    if key == "nonlinearity" and not isinstance(value, str):
        return True
    if key == "proj_size" and value == 0:
        return True
    if key == "normalized_shape" and not isinstance(value, tuple | list):
        value = [value]
    if key == "normalized_shape" and value:
        layer.reads_width = run.size(value[-1])
    written = setting(run, spelling, value, node)
    if written is None:
        return spelling.field in _QUIET or key in ("p", "dropout", "eps")
    if spelling.kind == "flag" and written is True and key in ("bias", "affine", "elementwise_affine"):
        return True
    layer.entry[spelling.field], layer.nodes[spelling.field,] = written, node
    return True


def _flatten(run: Run, layer: MadeLayer, settings: dict[str, Value], given: Arguments) -> MadeLayer:
    """``nn.Flatten(1)`` is a flatten; other axes are not described."""
    if settings.get("start_dim", 1) == 1 and settings.get("end_dim", -1) == -1:
        return layer
    layer.entry = {"type": "lambda"}
    return layer


def unknown_module(run: Run, name: str, given: Arguments) -> MadeLayer:
    """A module of which nothing but its class is known."""
    return MadeLayer({"type": "unknown", "class": name}, name, "torch", given.node)


def activation_entry(name: str) -> dict[str, Any] | None:
    """The entry of a function by its name, where it is an activation."""
    return {"type": "activation", "activation": name} if name in NAMES or name in ALIASES else None

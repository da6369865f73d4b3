"""What Flax's two interfaces share: tensors of layers without time, defaults, and settings that neither has."""

from collections.abc import Mapping
from typing import Any

from lstm_shapes.frameworks.convolutions import SPACES, flax_layouts
from lstm_shapes.frameworks.layout import Layout, Slot

CELLS = ("lstm", "gru", "rnn")
WAYS = {"": "", "forward": "forward_rnn/", "backward": "backward_rnn/"}
"""The attributes of Bidirectional in flax/nnx/nn/recurrent.py and flax/linen/recurrent.py."""

_NORMALIZED = (Slot("scale", "gamma", "..."), Slot("bias", "beta", "..."))
LAYOUTS: dict[str, Layout] = {
    **flax_layouts(),
    "dense": Layout((Slot("kernel", "kernel", "in unit"), Slot("bias", "bias", "unit"))),
    "embedding": Layout((Slot("embedding", "embeddings", "vocab unit"),)),
    "prelu": Layout((Slot("negative_slope", "alpha", "..."),)),
    "batch_normalization": Layout(
        (*_NORMALIZED, Slot("mean", "moving_mean", "channel"), Slot("var", "moving_variance", "channel"))
    ),
    "group_normalization": Layout(_NORMALIZED),
    "layer_normalization": Layout(_NORMALIZED),
    "rms_normalization": Layout((Slot("scale", "gamma", "..."),)),
    "multi_head_attention": Layout(
        (
            Slot("query/kernel", "query_kernel", "in head unit"),
            Slot("query/bias", "query_bias", "head unit"),
            Slot("key/kernel", "key_kernel", "key_in head unit"),
            Slot("key/bias", "key_bias", "head unit"),
            Slot("gate/kernel", "gate_kernel", "in head value"),
            Slot("gate/bias", "gate_bias", "head value"),
            Slot("value/kernel", "value_kernel", "value_in head value"),
            Slot("value/bias", "value_bias", "head value"),
            Slot("out/kernel", "output_kernel", "from_head from_value ..."),
            Slot("out/bias", "output_bias", "..."),
        )
    ),
}
"""flax/linen and flax/nnx/nn: linear.py, normalization.py, activations.py, attention.py."""

DEFAULTS: dict[str, Mapping[str, Any]] = {
    **{type_: {"return_sequences": True} for type_ in CELLS},
    "batch_normalization": {"epsilon": 1e-5, "buffers": "moving_mean moving_variance"},
    **{f"{kind}_normalization": {"epsilon": 1e-6} for kind in ("group", "layer", "rms")},
    "leaky_relu": {"negative_slope": 0.01},
    "prelu": {"num_parameters": 1},
}
"""What both do where nothing is set."""

_ABSENT = "Flax has no such setting; the figures are those of a layer that had"
_LACKS: dict[str, tuple[tuple[Any, ...], str]] = {
    "bias": ((True,), "a Flax cell always has its bias; the figures are those of one without"),
    "return_sequences": (
        (True,),
        "a Flax RNN passes on every timestep; the figures are those of its output at the last one",
    ),
    "stateful": ((False,), "a Flax RNN keeps no states between calls: pass them on as initial_carry"),
    "dropout": ((0.0,), "a Flax cell drops nothing: a Dropout stands before it"),
    "recurrent_dropout": ((0.0,), "a Flax cell drops nothing"),
    "zero_output_for_mask": ((False,), "a Flax RNN has no masks: seq_lengths says where a sequence ends"),
    "recurrent_bias": ((False,), "a Flax cell has no second bias on the recurrent side; the figures are those of one"),
}
_AFFINE = "in Flax it is set by use_bias and use_scale; the figures are those of a layer with neither"
LACKS: dict[tuple[str, str], tuple[tuple[Any, ...], str]] = {
    **{(type_, name): lack for type_ in CELLS for name, lack in _LACKS.items()},
    ("lstm", "proj_size"): ((0,), _ABSENT),
    ("lstm", "peephole"): ((False,), _ABSENT),
    ("gru", "reset_after"): ((True,), "a Flax GRU resets after the product; the figures are those of one before it"),
    **{(type_, "affine"): ((True,), _AFFINE) for type_ in ("batch_normalization", "group_normalization")},
    ("layer_normalization", "affine"): ((True,), _AFFINE),
    ("batch_normalization", "track_running_stats"): ((True,), "Flax always keeps its batch_stats"),
    ("rms_normalization", "affine"): ((True,), "in Flax it is set by use_scale; the figures are those without"),
    ("layer_normalization", "rms_scaling"): ((False,), _ABSENT),
    ("prelu", "num_parameters"): ((1,), "in Flax there is one slope for all numbers"),
    ("prelu", "shared_axes"): (((),), "in Flax there is one slope for all numbers"),
    **{
        (type_, "groups"): ((1,), "a Flax ConvTranspose has no groups")
        for type_ in (f"conv{rank}d_transpose" for rank in SPACES)
    },
    **{
        (type_, "activation"): (("linear",), "in Flax the function is a call of its own, after the layer")
        for type_ in flax_layouts()
    },
}
"""Settings of Keras and PyTorch that neither has."""

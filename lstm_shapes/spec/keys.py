"""The vocabulary of a spec: types and their aliases, the keys of a model and of a layer, the keys without effect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from functools import lru_cache, partial
from typing import Any, NamedTuple

from lstm_shapes.layers import FAMILIES, family
from lstm_shapes.spec.values import KINDS, choice, size_or_zero
from lstm_shapes.spec.words import without_module

TOP_KEYS = (
    "name framework batch timesteps lengths input_dim input_size inputs dims dtype "
    "layers outputs expect budget trainable"
).split()
NODE_KEYS = (
    "type name inputs initial_state input_dim input_size input_shape expect budget repeat trainable tied_to".split()
)
SHARED_KEYS = "use name inputs initial_state expect".split()
WIDTH_KEYS = "input_dim input_size in_features in_channels".split()
"""The names of the features that reach a layer: Keras', those of PyTorch's recurrent modules, Linear, Conv1d."""
CONVOLUTIONS = tuple(type_ for type_ in FAMILIES if "conv" in type_ and "lstm" not in type_)
SPATIAL = (
    *CONVOLUTIONS,
    *(
        type_
        for type_ in FAMILIES
        if any(word in type_ for word in ("pooling", "zero_padding", "cropping", "up_sampling"))
    ),
)
"""The types that read axes of space, with the channels first or last."""
OWN_WIDTH_KEYS = {"dense": ("in_features",), **dict.fromkeys(CONVOLUTIONS, ("in_channels",))}
BLOCK_KEYS = "layers outputs branch".split()
OUTSIDE_KEYS = "name inputs initial_state expect budget repeat tied_to".split()
"""Keys of a layer that one inside a wrapper cannot have: they belong to the wrapper."""
NODE_ATTRIBUTES = frozenset("direction layout".split())
"""The attributes of ONNX' recurrent nodes that are no fields of a layer."""
RECURRENT_KEYS = frozenset("bidirectional directions merge merge_mode num_layers batch_first".split()) | NODE_ATTRIBUTES
EXPECTED_KEYS = "output params trainable_params macs bytes states".split()
BUDGET_KEYS = "params trainable_params macs bytes".split()
DTYPES = {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2}
"""The bytes of a number of each dtype."""

TYPE_ALIASES: dict[str, tuple[str, dict[str, Any]]] = {
    "linear": ("dense", {}),
    "simplernn": ("rnn", {}),
    "simplernncell": ("rnn_cell", {}),
    "stackedrnncells": ("stacked_cells", {}),
    "functional": ("model", {}),
    "sequential": ("model", {}),
    "bilstm": ("lstm", {"bidirectional": True}),
    "bigru": ("gru", {"bidirectional": True}),
    "birnn": ("rnn", {"bidirectional": True}),
    "cudnnlstm": ("lstm", {"recurrent_bias": True}),
    "cudnngru": ("gru", {"reset_after": True}),
    "cat": ("concatenate", {}),
    "concat": ("concatenate", {}),
    "unsqueeze": ("expand_dims", {}),
    "chunk": ("split", {}),
    "bmm": ("matmul", {}),
    "relu6": ("activation", {"activation": "relu6"}),
    "dropout1d": ("spatial_dropout1d", {}),
    "dropout2d": ("spatial_dropout2d", {}),
    "dropout3d": ("spatial_dropout3d", {}),
    "batchnorm": ("batch_normalization", {}),
    "batchnorm1d": ("batch_normalization", {"space": 1}),
    "batchnorm2d": ("batch_normalization", {"space": 2}),
    "batchnorm3d": ("batch_normalization", {"space": 3}),
    **{
        f"instancenorm{rank}d": ("group_normalization", {"groups": -1, "affine": False, "space": rank})
        for rank in (1, 2, 3)
    },
    "layernorm": ("layer_normalization", {}),
    "groupnorm": ("group_normalization", {}),
    "rmsnorm": ("rms_normalization", {}),
    **{f"convtranspose{rank}d": (f"conv{rank}d_transpose", {}) for rank in (1, 2, 3)},
    **{f"convolution{rank}d": (f"conv{rank}d", {}) for rank in (1, 2, 3)},
    **{f"convolution{rank}dtranspose": (f"conv{rank}d_transpose", {}) for rank in (1, 2, 3)},
    **{f"separableconvolution{rank}d": (f"separable_conv{rank}d", {}) for rank in (1, 2)},
    **{f"maxpool{rank}d": (f"max_pooling{rank}d", {}) for rank in (1, 2, 3)},
    **{f"avgpool{rank}d": (f"average_pooling{rank}d", {}) for rank in (1, 2, 3)},
    **{f"globalmaxpool{rank}d": (f"global_max_pooling{rank}d", {}) for rank in (1, 2, 3)},
    **{f"globalavgpool{rank}d": (f"global_average_pooling{rank}d", {}) for rank in (1, 2, 3)},
    **{f"adaptivemaxpool{rank}d": (f"adaptive_max_pooling{rank}d", {}) for rank in (1, 2, 3)},
    **{f"adaptiveavgpool{rank}d": (f"adaptive_average_pooling{rank}d", {}) for rank in (1, 2, 3)},
    **{f"zeropad{rank}d": (f"zero_padding{rank}d", {}) for rank in (1, 2, 3)},
    "gelu": ("activation", {"activation": "gelu"}),
    "sigmoid": ("activation", {"activation": "sigmoid"}),
    "silu": ("activation", {"activation": "silu"}),
    "tanh": ("activation", {"activation": "tanh"}),
}
"""What frameworks call a type, in lower case without underscores -> our type, and the fields that the name implies."""

PASSTHROUGH_KEYS = frozenset(
    """kernel_initializer recurrent_initializer bias_initializer embeddings_initializer unit_forget_bias
    kernel_regularizer recurrent_regularizer bias_regularizer embeddings_regularizer activity_regularizer
    kernel_constraint recurrent_constraint bias_constraint embeddings_constraint
    gamma_initializer beta_initializer moving_mean_initializer moving_variance_initializer alpha_initializer
    gamma_regularizer beta_regularizer alpha_regularizer gamma_constraint beta_constraint alpha_constraint
    depthwise_initializer pointwise_initializer depthwise_regularizer pointwise_regularizer
    depthwise_constraint pointwise_constraint
    return_indices flash_attention add_bias_kv add_zero_attn
    synchronized renorm renorm_clipping renorm_momentum
    implementation use_cudnn seed noise_shape padding_idx max_norm norm_type
    scale_grad_by_freq sparse device dtype inplace lora_rank lora_alpha time_major supports_masking
    """.split()
)
"""Settings of Keras and PyTorch that change neither shape nor count; they are passed through."""


REFUSED = {
    "lora_rank": (None, "low-rank weights are not counted, and they freeze the kernel"),
    "lora_alpha": (None, "low-rank weights are not counted"),
    "add_bias_kv": (False, "biases of key and value are not counted"),
    "add_zero_attn": (False, "a key and value of zeros are not described"),
    "return_indices": (False, "the places of the largest numbers are not described: only the numbers are"),
    "renorm": (False, "the statistics of batch renormalization are not counted"),
    "time_major": (False, "Keras 3 has no such setting: the batch stands first"),
}
"""Keys that are passed through at one value alone, and why another is refused."""


class Spelling(NamedTuple):
    """A key of a layer: the field that it sets, the field's kind and choices, and the function that reads its value."""

    field: str
    kind: str
    choices: tuple[str, ...]
    read: Callable[[Any], Any]


@lru_cache(maxsize=64)
def spellings(type_: str) -> dict[str, Spelling]:
    """The keys that set fields of a type, aliases included."""
    by_name: dict[str, Spelling] = {}
    for field in fields(family(type_)):
        if field.metadata["kind"] in ("frozen", "implied"):  # set by ``trainable`` on a layer inside, or by the type
            continue
        spelling = Spelling(field.name, field.metadata["kind"], field.metadata["choices"], _reader(field))
        by_name |= dict.fromkeys((field.name, *field.metadata["aliases"]), spelling)
    return by_name


def _reader(field: Field[Any]) -> Callable[[Any], Any]:
    kind = field.metadata["kind"]
    if kind == "choice":
        return partial(choice, choices=field.metadata["choices"])
    return size_or_zero if kind == "size" and field.default == 0 else KINDS[kind]


@lru_cache(maxsize=64)
def other_keys(type_: str) -> frozenset[str]:
    """The keys that a layer of a type can have besides its fields."""
    own = RECURRENT_KEYS if family(type_).recurrent else OWN_WIDTH_KEYS.get(type_, ())
    return frozenset((*NODE_KEYS, *PASSTHROUGH_KEYS, *own))


@lru_cache(maxsize=64)
def layer_fields(type_: str) -> tuple[str, ...]:
    """The fields of a type that hold layers."""
    return tuple(field.name for field in fields(family(type_)) if field.metadata["kind"] == "layer")


CELL_KEYS = frozenset(("cell", "cells"))
"""The keys with which Keras' RNN is a stack of cells, and not the simple RNN of our rnn."""


@lru_cache(maxsize=64)
def cell_fields(type_: str) -> tuple[str, ...]:
    """The fields of a type that hold cells."""
    return tuple(field.name for field in fields(family(type_)) if field.metadata["kind"] == "cells")


@lru_cache(maxsize=64)
def required(type_: str) -> tuple[str, ...]:
    """The fields of a type that must be set. The backward layer of a bidirectional defaults to a copy of the other."""
    names = (field.name for field in fields(family(type_)) if field.default is MISSING)
    return tuple(name for name in names if (type_, name) != ("bidirectional", "backward_layer"))


@lru_cache(maxsize=64)
def either(type_: str) -> tuple[str, ...]:
    """The fields of a type of which exactly one must be set."""
    return family(type_).either


@lru_cache(maxsize=256)
def canonical(type_: str) -> tuple[str, dict[str, Any]] | None:
    """Our name for a type and the fields that it implies; None for an unknown type.

    >>> canonical("SimpleRNN"), canonical("TimeDistributed")
    (('rnn', {}), ('time_distributed', {}))
    """
    if type_ in FAMILIES or type_ == "model":
        return type_, {}
    plain = without_module(type_)[0].lower().replace("_", "").replace("-", "")
    ours = {name.replace("_", ""): name for name in FAMILIES}
    return (ours[plain], {}) if plain in ours else TYPE_ALIASES.get(plain)

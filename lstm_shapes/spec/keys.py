"""The words of a spec: types and their other names, the keys that any layer may have, the keys that change nothing."""

from __future__ import annotations

from dataclasses import MISSING, fields
from functools import lru_cache
from typing import Any, NamedTuple

from lstm_shapes.layers import FAMILIES, family

TOP_KEYS = "name framework batch timesteps input_dim inputs dims dtype layers outputs expect budget trainable".split()
NODE_KEYS = "type name inputs initial_state input_dim input_size expect budget repeat trainable".split()
SHARED_KEYS = "use name inputs initial_state expect".split()
BLOCK_KEYS = "layers outputs".split()
RECURRENT_KEYS = frozenset("bidirectional merge merge_mode num_layers".split())
EXPECTED_KEYS = "output params trainable_params macs bytes states".split()
BUDGET_KEYS = "params trainable_params macs bytes".split()
DTYPES = {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2}
"""A dtype and its bytes."""

TYPE_ALIASES: dict[str, tuple[str, dict[str, Any]]] = {
    "linear": ("dense", {}),
    "simplernn": ("rnn", {}),
    "functional": ("model", {}),
    "sequential": ("model", {}),
    "relu": ("activation", {"activation": "relu"}),
    "relu6": ("activation", {"activation": "relu6"}),
    "elu": ("activation", {"activation": "elu"}),
    "gelu": ("activation", {"activation": "gelu"}),
    "leakyrelu": ("activation", {"activation": "leaky_relu"}),
    "sigmoid": ("activation", {"activation": "sigmoid"}),
    "silu": ("activation", {"activation": "silu"}),
    "softmax": ("activation", {"activation": "softmax"}),
    "tanh": ("activation", {"activation": "tanh"}),
}
"""What another house calls a type, in lower case without underscores -> ours, with the fields that the name implies."""

PASSTHROUGH_KEYS = frozenset(
    """kernel_initializer recurrent_initializer bias_initializer embeddings_initializer unit_forget_bias
    kernel_regularizer recurrent_regularizer bias_regularizer embeddings_regularizer activity_regularizer
    kernel_constraint recurrent_constraint bias_constraint embeddings_constraint
    implementation use_cudnn zero_output_for_mask time_major batch_first seed noise_shape padding_idx max_norm norm_type
    scale_grad_by_freq sparse device dtype inplace negative_slope lora_rank lora_alpha supports_masking
    """.split()
)
"""Fields of Keras and PyTorch that change neither shape nor count."""


class Spelling(NamedTuple):
    """A key that a family understands: the field it sets, the field's kind and choices."""

    field: str
    kind: str
    choices: tuple[str, ...]


@lru_cache(maxsize=64)
def spellings(type_: str) -> dict[str, Spelling]:
    """The keys of a type, other names included."""
    known: dict[str, Spelling] = {}
    for one in fields(family(type_)):
        spelling = Spelling(one.name, one.metadata["kind"], one.metadata["choices"])
        known |= dict.fromkeys((one.name, *one.metadata["aliases"]), spelling)
    if type_ == "rnn":
        known["nonlinearity"] = known["activation"]
    return known


@lru_cache(maxsize=64)
def required(type_: str) -> tuple[str, ...]:
    """The fields of a type that have no default."""
    return tuple(one.name for one in fields(family(type_)) if one.default is MISSING)


@lru_cache(maxsize=256)
def canonical(type_: str) -> tuple[str, dict[str, Any]] | None:
    """Our name for a type and the fields it implies; None for one that is not known.

    >>> canonical("SimpleRNN"), canonical("TimeDistributed")
    (('rnn', {}), ('time_distributed', {}))
    """
    if type_ in FAMILIES or type_ == "model":
        return type_, {}
    plain = type_.lower().replace("_", "").replace("-", "")
    ours = {name.replace("_", ""): name for name in FAMILIES}
    return (ours[plain], {}) if plain in ours else TYPE_ALIASES.get(plain)

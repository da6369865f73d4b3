"""The words that people bring from frameworks: those that mean one thing are accepted, the others explained."""

from __future__ import annotations

from typing import Any

from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.spec.values import choice

FRAMEWORK_WORDS = {"pytorch": "torch", "tensorflow": "keras", "tf": "keras"}
"""What people call a framework -> its name here."""

PREFIXES = {
    "tensorflow.keras.layers.": "keras",
    "tf.keras.layers.": "keras",
    "keras.layers.": "keras",
    "layers.": "",
    "torch.nn.": "torch",
    "nn.": "torch",
}
"""A module in front of a class, in lower case -> the framework that it belongs to, '' where several have it."""

TYPE_HINTS = {
    "inputlayer": "remove the layer and write `inputs: {x: [B, T, 8]}` on the model",
    "input": "remove the layer and write `inputs: {x: [B, T, 8]}` on the model",
    "upsample": "write up_sampling1d, up_sampling2d or up_sampling3d, with the scale_factor as its `size: 2`",
    "upsamplingnearest2d": "write up_sampling2d, with the scale_factor as its `size: 2`",
}
"""Types that are not here, without underscores -> what to write instead."""

KEY_WORDS = {
    **dict.fromkeys("hidden_dim hidden_units num_units n_units num_hidden rnn_units hidden".split(), "units"),
    **dict.fromkeys("dropout_rate drop_rate drop_prob".split(), "dropout"),
    **dict.fromkeys("n_layers layers_num num_rnn_layers".split(), "num_layers"),
    "vocab_size": "vocab",
}
"""What other code calls a key -> the key, where the layer has it."""

KEY_HINTS = {
    "track_running_stats": "remove it: only batch_normalization has running statistics",
    "class_name": "remove it: `type` names the layer",
    "_target_": "remove it: `type` names the layer",
    "config": "write its settings next to `type`",
    "batch_input_shape": "write `inputs: {x: [32, 10, 8]}` on the model",
    "batch_shape": "write `inputs: {x: [32, 10, 8]}` on the model",
    "input_length": "write `timesteps: 10` on the model",
    "in_features": "write `input_dim: 8`",
    "in_channels": "write `input_dim: 8`",
    "out_channels": "write filters",
}
"""Keys of a layer that are not here -> what to write instead."""

MODEL_HINTS = {
    "input_shape": "write `timesteps: 10` and `input_dim: 8`, or `inputs: {x: [B, 10, 8]}`",
    "batch_size": "write batch",
    "seq_len": "write timesteps",
    "sequence_length": "write timesteps",
    "class_name": "remove it; this file has the layers under `layers:`",
}
"""Keys of a model that are not here -> what to write instead."""


def framework_name(value: Any) -> str:
    """The framework that a word means. Raises ``InvalidValue``.

    >>> framework_name("PyTorch")
    'torch'
    """
    word = FRAMEWORK_WORDS.get(value.lower(), value) if isinstance(value, str) else value
    return choice(word, tuple(FRAMEWORKS))


def without_module(type_: str) -> tuple[str, str]:
    """A class without the module in front of it, and the framework that the module belongs to.

    >>> without_module("keras.layers.LSTM"), without_module("LSTM")
    (('LSTM', 'keras'), ('LSTM', ''))
    """
    for prefix, framework in PREFIXES.items():
        if type_.lower().startswith(prefix):
            return type_[len(prefix) :], framework
    return type_, ""

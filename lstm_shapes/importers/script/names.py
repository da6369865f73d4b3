"""Names of libraries: one canonical path for a class, however the file imports it."""

from __future__ import annotations

import re

PREFIXES = (
    ("tensorflow.python.keras", "keras"),
    ("tensorflow.contrib.keras.api.keras", "keras"),
    ("tensorflow.contrib.keras", "keras"),
    ("tensorflow.compat.v2.keras", "keras"),
    ("tensorflow.compat.v1.keras", "keras.v1"),
    ("tensorflow.compat.v1", "tensorflow"),
    ("tensorflow.compat.v2", "tensorflow"),
    ("tensorflow.keras", "keras"),
    ("tf_keras", "keras"),
    ("keras.src", "keras"),
    ("keras.api", "keras"),
    ("keras.engine", "keras"),
    ("torch.nn.modules", "torch.nn"),
    ("torch.nn.parameter", "torch.nn"),
)
"""What a path begins with -> what stands for it."""
LIBRARIES = frozenset("keras tensorflow tf_keras torch numpy math collections functools os sys itertools".split())
"""Modules of whose names something is known; a name of any other is a value that the source does not tell."""
_INSIDE = re.compile(r"^(keras(?:\.v1)?\.layers|torch\.nn)\.[a-z_0-9.]+\.([A-Z]\w*)$")
_ROOT = re.compile(r"^keras\.(?:topology|training|sequential|functional|models\.\w+|input_layer)\.([A-Z]\w*)$")
_LAYERS = frozenset("legacy convolutional recurrent core embeddings wrappers merge normalization".split())


def canonical(path: str) -> str:
    """The one path of a name of a library.

    >>> canonical("tensorflow.keras.layers.LSTM"), canonical("keras.layers.recurrent.LSTM")
    ('keras.layers.LSTM', 'keras.layers.LSTM')
    >>> canonical("torch.nn.modules.rnn.LSTM"), canonical("keras.engine.training.Model")
    ('torch.nn.LSTM', 'keras.models.Model')
    """
    for prefix, short in PREFIXES:
        if path == prefix or path.startswith(f"{prefix}."):
            path = short + path[len(prefix) :]
            break
    if inside := _INSIDE.match(path):
        return f"{inside[1]}.{inside[2]}"
    if root := _ROOT.match(path):
        return f"keras.models.{root[1]}" if root[1] != "Input" else "keras.Input"
    if path in ("keras.Model", "keras.Sequential"):
        return path.replace("keras.", "keras.models.")
    if path in ("keras.layers.Input", "keras.Input"):
        return "keras.Input"
    return path


def is_library(path: str) -> bool:
    """Whether something is known of a module."""
    return path.split(".")[0] in LIBRARIES

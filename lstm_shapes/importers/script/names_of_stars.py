"""The names that ``import *`` takes from a module of a library, as far as they mean something here."""

from __future__ import annotations

from lstm_shapes.importers.script.keras_parameters import PARAMETERS

_KERAS = frozenset(PARAMETERS) | frozenset(
    "Input InputLayer Lambda Layer TextVectorization concatenate add multiply average".split()
)
STARS: dict[str, frozenset[str]] = {
    "keras.layers": _KERAS | {"subtract", "maximum", "minimum", "dot", "Merge", "merge"},
    "keras.models": frozenset(("Sequential", "Model", "load_model", "model_from_json")),
    "keras": frozenset(("layers", "models", "Model", "Sequential", "Input", "optimizers", "callbacks", "backend")),
    "torch.nn": frozenset(
        """LSTM GRU RNN LSTMCell GRUCell RNNCell Linear Embedding Module Sequential ModuleList ModuleDict Dropout
        Conv1d Conv2d BatchNorm1d BatchNorm2d LayerNorm ReLU Tanh Sigmoid Softmax MaxPool1d MaxPool2d Flatten
        Parameter functional init""".split()
    ),
}
"""A module -> its names."""

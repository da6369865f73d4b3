"""Writes onnx_files/tf_*.onnx: Keras models converted by tf2onnx; ``record_onnx`` adds what ONNX Runtime says of them.

Run with tensorflow-cpu 2.15.1, tf2onnx 1.17.0 and onnx 1.16.2: ``python tests/oracles/record_onnx_tf.py``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tf2onnx
from tensorflow.keras import Input, Model, Sequential
from tensorflow.keras import layers as keras

FOLDER = Path(__file__).resolve().parents[1] / "importers" / "onnx_files"


def attention() -> Any:
    """A bidirectional encoder, an LSTM that attends to it, the mean over time."""
    x = Input((7, 6))
    memory = keras.Bidirectional(keras.GRU(4, return_sequences=True))(x)
    query = keras.LSTM(8, return_sequences=True)(memory)
    return Model(x, keras.Dense(2)(keras.GlobalAveragePooling1D()(keras.Attention()([query, memory]))))


def seq2seq() -> Any:
    """An encoder whose states begin the decoder."""
    source, target = Input((6, 5)), Input((4, 3))
    _, h, c = keras.LSTM(4, return_state=True)(source)
    sequence = keras.LSTM(4, return_sequences=True)(target, initial_state=[h, c])
    return Model([source, target], keras.Dense(3, activation="softmax")(sequence))


MODELS: dict[str, tuple[Any, int]] = {
    "attention": (attention(), 13),
    "seq2seq": (seq2seq(), 11),
    "stacked": (
        Sequential([Input((None, 3)), keras.LSTM(5, return_sequences=True), keras.LSTM(4), keras.Dense(1)]),
        18,
    ),
    "conv_gru": (
        Sequential(
            [
                *(Input((9, 3)), keras.Conv1D(6, 3, activation="relu"), keras.BatchNormalization()),
                *(keras.MaxPooling1D(2), keras.GRU(4), keras.Dropout(0.2), keras.Dense(2)),
            ]
        ),
        9,
    ),
    "loop_rnn": (Sequential([Input((9, 3)), keras.SimpleRNN(5, return_sequences=True), keras.Flatten()]), 13),
    "loop_gru_reset_before": (Sequential([Input((9, 3)), keras.GRU(4, reset_after=False)]), 9),
    "masked": (Sequential([Input((8,)), keras.Embedding(11, 5, mask_zero=True), keras.LSTM(4), keras.Dense(1)]), 18),
}


def main() -> None:
    """Fill the weights with numbers that are not 0, convert, write."""
    draw = np.random.default_rng(0)
    for name, (model, opset) in MODELS.items():
        for weight in model.weights:
            weight.assign(draw.uniform(0.1, 0.9, weight.shape))
        tf2onnx.convert.from_keras(model, opset=opset, output_path=str(FOLDER / f"tf_{name}.onnx"))
    print(tf.__version__, tf2onnx.__version__)


if __name__ == "__main__":
    main()

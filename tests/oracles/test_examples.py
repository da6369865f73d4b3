"""Each file in examples/ beside the model that its source builds, written in plain Keras or PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lstm_shapes as ls
from lstm_shapes.analysis.report import LayerRow

from .comparison import Shape

keras = pytest.importorskip("keras")
torch = pytest.importorskip("torch")
pytestmark = [
    pytest.mark.oracle,
    pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN"),
]

FOLDER = Path(__file__).parent.parent.parent / "examples"
DIMS = {"B": 2, "T": 5, "S": 3, "sentences": 4, "words": 7}
"""Sizes for the symbols, no two of them equal, so that a swapped axis cannot hide."""


def keras_imdb_bilstm() -> Any:
    from keras import layers

    tokens = keras.Input((None,), dtype="int32")
    x = layers.Embedding(20000, 128, name="embedding")(tokens)
    x = layers.Bidirectional(layers.LSTM(64, return_sequences=True), name="lstm")(x)
    x = layers.Bidirectional(layers.LSTM(64), name="lstm_1")(x)
    return keras.Model(tokens, layers.Dense(1, activation="sigmoid", name="dense")(x))


def keras_seq2seq() -> Any:
    from keras import layers

    english, french = keras.Input((None, 71)), keras.Input((None, 93))
    _, h, c = layers.LSTM(256, return_state=True, name="encoder")(english)
    decoder = layers.LSTM(256, return_sequences=True, return_state=True, name="decoder")
    x, _, _ = decoder(french, initial_state=[h, c])
    return keras.Model([english, french], layers.Dense(93, activation="softmax", name="characters")(x))


def keras_addition() -> Any:
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((7, 12)),
            layers.LSTM(128, name="encoder"),
            layers.RepeatVector(4, name="repeat_vector"),
            layers.LSTM(128, return_sequences=True, name="decoder"),
            layers.Dense(12, activation="softmax", name="dense"),
        ]
    )


def keras_weather() -> Any:
    from keras import layers

    x = keras.Input((120, 7))
    return keras.Model(x, layers.Dense(1, name="dense")(layers.LSTM(32, name="lstm")(x)))


def gru_text_generation() -> Any:
    from keras import layers

    tokens = keras.Input((None,), dtype="int32")
    x = layers.Embedding(66, 256, name="embedding")(tokens)
    x, _ = layers.GRU(1024, return_sequences=True, return_state=True, name="gru")(x)
    return keras.Model(tokens, layers.Dense(66, name="dense")(x))


def stacked_forecaster() -> Any:
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((120, 3)),
            layers.LSTM(32, return_sequences=True, name="lstm"),
            layers.LSTM(16, activation="relu", name="lstm_1"),
            layers.Dense(72, name="dense"),
        ]
    )


def speech_emotion_cnn_lstm() -> Any:
    from keras import layers

    model = keras.Sequential([keras.Input((16000, 1))])
    for number, filters in enumerate((64, 64, 128, 128), start=1):
        model.add(layers.Conv1D(filters, 3, padding="same", name=f"conv_{number}"))
        model.add(layers.BatchNormalization(name=f"norm_{number}"))
        model.add(layers.Activation("elu", name=f"elu_{number}"))
        model.add(layers.MaxPooling1D(4, strides=4, name=f"pool_{number}"))
    model.add(layers.LSTM(64, name="lstm"))
    model.add(layers.Dense(7, activation="softmax", name="dense"))
    return model


def temporal_fusion() -> Any:
    from keras import layers

    x = keras.Input((192, 160))
    local = layers.LSTM(160, return_sequences=True, name="local")(x)
    first = layers.LayerNormalization(name="norm_1")(layers.Add(name="skip_1")([x, local]))
    attended = layers.MultiHeadAttention(4, 40, name="attention")(first, first, use_causal_mask=True)
    second = layers.LayerNormalization(name="norm_2")(layers.Add(name="skip_2")([first, attended]))
    forward = layers.Dense(160, activation="elu", name="forward_1")(second)
    forward = layers.Dense(160, name="forward_2")(forward)
    last = layers.LayerNormalization(name="norm_3")(layers.Add(name="skip_3")([second, forward]))
    return keras.Model(x, layers.Dense(3, name="quantiles")(last))


def bilstm_tagger() -> Any:
    from keras import layers

    tokens = keras.Input((None,), dtype="int32")
    x = layers.Embedding(130000, 50, mask_zero=True, name="words")(tokens)
    x = layers.Bidirectional(layers.LSTM(300, return_sequences=True), name="context")(x)
    return keras.Model(tokens, layers.TimeDistributed(layers.Dense(45, activation="softmax"), name="tags")(x))


def autoencoder() -> Any:
    from keras import layers

    x = keras.Input((9, 1))
    encoded = layers.LSTM(100, activation="relu", name="encoder")(x)
    past = layers.RepeatVector(9, name="repeat_past")(encoded)
    past = layers.LSTM(100, activation="relu", return_sequences=True, name="decode_past")(past)
    past = layers.TimeDistributed(layers.Dense(1), name="past")(past)
    future = layers.RepeatVector(8, name="repeat_future")(encoded)
    future = layers.LSTM(100, activation="relu", return_sequences=True, name="decode_future")(future)
    future = layers.TimeDistributed(layers.Dense(1), name="future")(future)
    return keras.Model(x, [past, future])


def hierarchical_encoder() -> Any:
    from keras import layers

    words = keras.Input((None,), dtype="int32")
    sentence = layers.Bidirectional(layers.GRU(50))(layers.Embedding(20000, 200)(words))
    document = keras.Input((None, None), dtype="int32")
    x = layers.TimeDistributed(keras.Model(words, sentence), name="sentence_encoder")(document)
    x = layers.Bidirectional(layers.GRU(50), name="document_encoder")(x)
    return keras.Model(document, layers.Dense(10, activation="softmax", name="topic")(x))


def mnist_hierarchical() -> Any:
    from keras import layers

    image = keras.Input((28, 28, 1))
    x = layers.TimeDistributed(layers.LSTM(128), name="rows")(image)
    x = layers.LSTM(128, name="columns")(x)
    return keras.Model(image, layers.Dense(10, activation="softmax", name="digit")(x))


def siamese_malstm() -> Any:
    from keras import layers, ops

    left, right = keras.Input((None, 300)), keras.Input((None, 300))
    encoder = layers.LSTM(50, name="encoder")
    apart = layers.Subtract(name="subtract")([encoder(left), encoder(right)])
    alike = layers.Lambda(lambda x: ops.exp(-ops.sum(ops.abs(x), axis=1, keepdims=True)), name="similarity")
    return keras.Model([left, right], alike(apart))


def char_rnn_torch() -> dict[str, Any]:
    return {"lstm": torch.nn.LSTM(65, 128, 2, batch_first=True), "decoder": torch.nn.Linear(128, 65)}


def word_language_model_torch() -> dict[str, Any]:
    return {
        "encoder": torch.nn.Embedding(33278, 200),
        "dropout": torch.nn.Dropout(0.2),
        "lstm": torch.nn.LSTM(200, 200, 2, dropout=0.2, batch_first=True),
        "dropout_1": torch.nn.Dropout(0.2),
        "decoder": torch.nn.Linear(200, 33278),
    }


def speech_lstmp_torch() -> dict[str, Any]:
    return {
        "lstm": torch.nn.LSTM(40, 800, 2, proj_size=512, batch_first=True),
        "dense": torch.nn.Linear(512, 14247),
    }


def speech_ctc_torch() -> dict[str, Any]:
    return {
        "lstm": torch.nn.LSTM(123, 250, 3, bidirectional=True, batch_first=True),
        "dense": torch.nn.Linear(500, 62),
    }


def pos_tagger_torch() -> dict[str, Any]:
    return {
        "embedding": torch.nn.Embedding(9, 6),
        "lstm": torch.nn.LSTM(6, 6, batch_first=True),
        "dense": torch.nn.Linear(6, 3),
    }


KERAS = {
    "keras_imdb_bilstm.yaml": keras_imdb_bilstm,
    "keras_seq2seq.yaml": keras_seq2seq,
    "keras_addition.yaml": keras_addition,
    "keras_weather.json": keras_weather,
    "gru_text_generation.yaml": gru_text_generation,
    "stacked_forecaster.yaml": stacked_forecaster,
    "speech_emotion_cnn_lstm.yaml": speech_emotion_cnn_lstm,
    "temporal_fusion.yaml": temporal_fusion,
    "bilstm_tagger.yaml": bilstm_tagger,
    "autoencoder.yaml": autoencoder,
    "hierarchical_encoder.yaml": hierarchical_encoder,
    "mnist_hierarchical.yaml": mnist_hierarchical,
    "siamese_malstm.yaml": siamese_malstm,
}
TORCH = {
    "char_rnn_torch.yaml": char_rnn_torch,
    "word_language_model_torch.yaml": word_language_model_torch,
    "speech_lstmp_torch.yaml": speech_lstmp_torch,
    "speech_ctc_torch.yaml": speech_ctc_torch,
    "pos_tagger_torch.yaml": pos_tagger_torch,
}


def test_every_example_has_its_real_model() -> None:
    assert sorted([*KERAS, *TORCH]) == sorted(path.name for path in FOLDER.iterdir() if path.suffix != ".md")


@pytest.mark.parametrize("name", KERAS)
def test_an_example_agrees_with_keras(name: str, compared: Callable[[str], None]) -> None:
    report, real = ls.inspect(FOLDER / name, dims=DIMS), KERAS[name]()
    assert report.findings == ()
    assert report.totals.params == real.count_params()
    assert {row.name: row.params for row in report.layers} == {
        layer.name: layer.count_params() for layer in real.layers if not isinstance(layer, keras.layers.InputLayer)
    }
    whole = keras.Model(real.inputs, [[real.get_layer(row.name).output for row in report.layers], real.outputs])
    given = [data(ours.shape, "int" in x.dtype) for ours, x in zip(report.inputs, real.inputs, strict=True)]
    inside, last = whole(given)
    for row, outputs in zip(report.layers, inside, strict=True):
        assert shapes(row) == [tuple(tensor.shape) for tensor in keras.tree.flatten(outputs)], row.name
    assert [output.shape for output in report.outputs] == [tuple(tensor.shape) for tensor in last]
    compared("keras")


@pytest.mark.parametrize("name", TORCH)
def test_an_example_agrees_with_torch(name: str, compared: Callable[[str], None]) -> None:
    report, real = ls.inspect(FOLDER / name, dims=DIMS), TORCH[name]()
    assert report.findings == ()
    assert {row.name: row.params for row in report.layers} == {
        key: sum(parameter.numel() for parameter in module.parameters()) for key, module in real.items()
    }
    assert report.totals.params == sum(
        parameter.numel() for module in real.values() for parameter in module.parameters()
    )
    x = torch.from_numpy(data(report.inputs[0].shape, "embedding" in {row.type for row in report.layers}))
    for key, module in real.items():
        with torch.no_grad():
            found = module(x)
        x, states = found if isinstance(found, tuple) else (found, ())
        assert shapes(report[key]) == [tuple(tensor.shape) for tensor in (x, *states)], key
    assert [output.shape for output in report.outputs] == [tuple(x.shape)]
    compared("torch")


def data(shape: Any, tokens: bool) -> Any:
    """Ones for an input, as token ids where an embedding reads them."""
    return np.ones(shape, dtype="int64" if tokens else "float32")


def shapes(row: LayerRow) -> list[Shape | None]:
    """The shapes of a row's first call."""
    return [output.shape for output in row.outputs if "." not in output.name]

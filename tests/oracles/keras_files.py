"""Random models built by the real Keras, to be saved: every family with weights, graphs, sharing, nesting."""

from __future__ import annotations

from random import Random
from typing import Any

import keras
from keras import layers as L  # noqa: N812


class Builder:
    """Draws layers; each method takes a tensor and gives the next."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def units(self) -> int:
        return self.random.randint(1, 9)

    def flag(self, chance: float = 0.5) -> bool:
        return self.random.random() < chance

    def recurrent(self, **more: Any) -> Any:
        """A recurrent layer of any family and option."""
        options = {"use_bias": self.flag(0.8), "go_backwards": self.flag(0.2), **more}
        kind = self.random.choice((L.LSTM, L.GRU, L.SimpleRNN))
        if kind is L.GRU:
            options["reset_after"] = self.flag(0.7)
        if self.flag(0.3):
            options |= {"dropout": 0.1, "recurrent_dropout": 0.2}
        return kind(self.units(), **options)

    def cell(self) -> Any:
        kind = self.random.choice((L.LSTMCell, L.GRUCell, L.SimpleRNNCell))
        return kind(self.units(), use_bias=self.flag(0.8))

    def stateful(self, tensor: Any) -> Any:
        return self.recurrent(return_sequences=True, stateful=tensor.shape[0] is not None)(tensor)

    def bidirectional(self, tensor: Any) -> Any:
        merge = self.random.choice(("concat", "sum", "mul", "ave"))
        forward = self.recurrent(return_sequences=True, go_backwards=False)
        return L.Bidirectional(forward, merge_mode=merge)(tensor)

    def cells(self, tensor: Any) -> Any:
        cells = [self.cell() for _ in range(self.random.randint(1, 3))]
        return L.RNN(cells if len(cells) > 1 else cells[0], return_sequences=True)(tensor)

    def distributed(self, tensor: Any) -> Any:
        inner = L.Dense(self.units(), use_bias=self.flag()) if self.flag() else self.block()
        return L.TimeDistributed(inner)(tensor)

    def block(self) -> Any:
        """A Sequential with weights of both kinds."""
        return keras.Sequential([L.Dense(self.units()), L.BatchNormalization(), L.Dropout(0.1), L.Dense(self.units())])

    def nested(self, tensor: Any) -> Any:
        """A functional model inside the model."""
        start = keras.Input(tensor.shape[1:])
        inside = self.step(self.step(start))
        return keras.Model(start, L.Dense(self.units())(inside))(tensor)

    def convolution(self, tensor: Any) -> Any:
        options = {"padding": "same", "use_bias": self.flag(0.8)}
        kind = self.random.choice((L.Conv1D, L.SeparableConv1D, L.Conv1DTranspose, L.DepthwiseConv1D))
        size = self.random.randint(1, 3)
        return (
            kind(size, **options)(tensor) if kind is L.DepthwiseConv1D else kind(self.units(), size, **options)(tensor)
        )

    def normalization(self, tensor: Any) -> Any:
        center, scale = self.flag(0.8), self.flag(0.8)
        kinds = (L.BatchNormalization, L.LayerNormalization)
        return self.random.choice(kinds)(center=center, scale=scale, trainable=self.flag(0.8))(tensor)

    def attention(self, tensor: Any) -> Any:
        if self.flag():
            return L.MultiHeadAttention(self.random.randint(1, 3), self.units(), use_bias=self.flag(0.8))(
                tensor, tensor
            )
        return L.AdditiveAttention(use_scale=self.flag(0.8))([tensor, tensor])

    def shared(self, tensor: Any) -> Any:
        """One layer called on two tensors, and joined."""
        layer, other = self.recurrent(return_sequences=True), L.Activation("tanh")(tensor)
        return L.Concatenate()([layer(tensor), layer(other)])

    def states(self, tensor: Any) -> Any:
        """An encoder whose states start a decoder."""
        units = self.units()
        _, h, c = L.LSTM(units, return_state=True)(tensor)
        return L.LSTM(units, return_sequences=True)(tensor, initial_state=[h, c])

    def plain(self, tensor: Any) -> Any:
        kinds = (L.Dense(self.units()), L.Dropout(0.2), L.PReLU(shared_axes=[1]), L.GaussianNoise(0.1), L.ReLU())
        return self.random.choice(kinds)(tensor)

    STEPS = (
        stateful,
        bidirectional,
        bidirectional,
        cells,
        distributed,
        convolution,
        normalization,
        attention,
        shared,
        states,
        plain,
        plain,
    )

    def step(self, tensor: Any) -> Any:
        return self.random.choice(self.STEPS)(self, tensor)

    def start(self) -> tuple[Any, Any]:
        """The input, and a sequence made of it: of features, tokens or pictures."""
        batch = 2 if self.flag(0.2) else None
        kind = self.random.choice(("features", "features", "tokens", "pictures"))
        if kind == "tokens":
            tokens = keras.Input((7,), batch_size=batch)
            return tokens, L.Embedding(self.random.randint(3, 20), self.units())(tokens)
        if kind == "pictures":
            pictures = keras.Input((4, 6, 6, 2), batch_size=batch)
            frames = L.ConvLSTM2D(self.units(), 3, padding="same", return_sequences=True)(pictures)
            return pictures, L.TimeDistributed(L.Flatten())(frames)
        features = keras.Input((7, self.units()), batch_size=batch)
        return features, features


def random_keras_model(seed: int) -> Any:
    """A model that is the same for a seed, compiled so that its file has the state of an optimizer, too."""
    keras.utils.clear_session()
    build = Builder(seed)
    start, tensor = build.start()
    for _ in range(build.random.randint(1, 4)):
        tensor = build.nested(tensor) if build.flag(0.15) else build.step(tensor)
    out = L.Dense(build.units())(build.recurrent()(tensor))
    model = keras.Model(start, out, name=f"model_{seed}")
    if build.flag(0.3):
        model.compile("adam", "mse")
        model.optimizer.build(model.trainable_variables)
    return model

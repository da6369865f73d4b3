"""Random functional models grown in Keras: states, sharing, nesting, wrappers, masks, operators between layers."""

from __future__ import annotations

from random import Random
from typing import Any


class Growing:
    """A functional model while it grows: its inputs, and the tensors that a layer can read."""

    def __init__(self, keras: Any, seed: object, *, depth: int = 0) -> None:
        self.keras, self.layers, self.draw, self.depth = keras, keras.layers, Random(str(seed)), depth
        self.inputs: list[Any] = []
        self.tensors: list[Any] = []
        self.shared: list[tuple[Any, tuple[Any, ...]]] = []

    def model(self, steps: int) -> Any:
        """The model after this many layers."""
        for _ in range(self.draw.randint(1, 2)):
            self.input(self.draw.choice((2, 3, 3, 3)))
        for _ in range(steps):
            self.grow()
        used = [tensor for tensor in self.tensors if not any(tensor is given for given in self.inputs)]
        outputs = self.draw.sample(used, min(len(used), self.draw.randint(1, 3)))
        return self.keras.Model(self.inputs, outputs if len(outputs) > 1 else outputs[0])

    def input(self, rank: int) -> Any:
        """A new input of features, or of timesteps and features; sometimes their number is free."""
        draw = self.draw
        steps = [None if draw.random() < 0.4 else draw.randint(3, 6)] if rank == 3 else []
        tensor = self.keras.Input((*steps, draw.randint(2, 5)))
        self.inputs.append(tensor)
        self.tensors.append(tensor)
        return tensor

    def of_rank(self, rank: int) -> Any:
        """A tensor with so many axes."""
        fitting = [tensor for tensor in self.tensors if len(tensor.shape) == rank and None not in tensor.shape[2:]]
        return self.draw.choice(fitting) if fitting else self.input(rank)

    def grow(self) -> None:
        """Add a layer, or several that belong together."""
        ways = [
            self.recurrent,
            self.recurrent,
            self.decoder,
            self.pointwise,
            self.merged,
            self.operator,
            self.attention,
            self.pooled,
            self.embedded,
            self.again,
            self.cells,
            self.wrapped,
        ]
        if self.depth < 2:
            ways += [self.nested, self.nested]
        self.draw.choice(ways)()

    def add(self, made: Any) -> None:
        """Let later layers read what a layer passed on."""
        self.tensors += self.keras.tree.flatten(made)

    def cell_layer(self, **settings: Any) -> Any:
        """A recurrent layer with settings of its own."""
        draw = self.draw
        class_ = draw.choice((self.layers.LSTM, self.layers.GRU, self.layers.SimpleRNN))
        more: dict[str, Any] = {"use_bias": draw.random() < 0.8, "go_backwards": draw.random() < 0.2}
        if class_ is self.layers.GRU:
            more["reset_after"] = draw.random() < 0.6
        if class_ is not self.layers.SimpleRNN:
            more["recurrent_activation"] = draw.choice(("sigmoid", "hard_sigmoid"))
        return class_(draw.randint(2, 5), **{**more, **settings})

    def recurrent(self) -> None:
        """A recurrent layer, in one direction or both; it may pass on its states."""
        draw = self.draw
        sequence, states = draw.random() < 0.6, draw.random() < 0.4
        both = draw.random() < 0.4
        turned = {"go_backwards": False} if both else {}
        layer = self.cell_layer(return_sequences=sequence, return_state=states, **turned)
        if both:
            layer = self.layers.Bidirectional(layer, merge_mode=draw.choice(("concat", "sum", "mul", "ave", None)))
        x = self.of_rank(3)
        self.add(layer(x))
        if not states:
            self.shared.append((layer, (x,)))

    def decoder(self) -> None:
        """An encoder whose states begin a decoder, as in translation."""
        draw, units = self.draw, self.draw.randint(2, 5)
        class_ = draw.choice((self.layers.LSTM, self.layers.GRU))
        _, *states = class_(units, return_state=True)(self.of_rank(3))
        decoder = class_(units, return_sequences=True, return_state=draw.random() < 0.5)
        self.add(
            decoder(self.of_rank(3), initial_state=states if len(states) > 1 or draw.random() < 0.5 else states[0])
        )

    def pointwise(self) -> None:
        """A layer that keeps the axes."""
        draw, layers = self.draw, self.layers
        layer = draw.choice(
            (
                layers.Dense(draw.randint(2, 5), activation=draw.choice(("relu", "tanh", None, layers.LeakyReLU(0.2)))),
                layers.Dropout(0.3),
                layers.LayerNormalization(),
                layers.BatchNormalization(trainable=draw.random() < 0.7),
                layers.Activation("softmax"),
                layers.GaussianNoise(0.1),
                layers.PReLU(shared_axes=[1]),
                layers.Masking(),
                layers.Conv1D(draw.randint(2, 4), 3, padding="same"),
                layers.SeparableConv1D(draw.randint(2, 4), 3, padding="same"),
            )
        )
        x = self.of_rank(3)
        self.add(layer(x))
        self.shared.append((layer, (x,)))

    def merged(self) -> None:
        """Two tensors of one shape merged."""
        layers, x = self.layers, self.of_rank(self.draw.choice((2, 3)))
        like = [tensor for tensor in self.tensors if tensor.shape == x.shape]
        layer = self.draw.choice((layers.Add, layers.Multiply, layers.Average, layers.Concatenate, layers.Maximum))()
        self.add(layer([x, self.draw.choice(like)]))

    def operator(self) -> None:
        """An operation between layers."""
        ops, x = self.keras.ops, self.of_rank(3)
        like = self.draw.choice([tensor for tensor in self.tensors if tensor.shape == x.shape])
        ways = [
            lambda: x[:, -1, :],
            lambda: x[:, 1:],
            lambda: x[..., 0],
            lambda: x[:, ::2, 1],
            lambda: x + like,
            lambda: 1.0 - x,
            lambda: x * 2,
            lambda: 2.0 / x,
            lambda: ops.mean(x, axis=1),
            lambda: ops.max(x, axis=-1, keepdims=True),
            lambda: ops.expand_dims(x[:, 0], 1),
            lambda: ops.concatenate([x, like], axis=-1),
            lambda: ops.stack([x, like], axis=2)[:, :, 0],
            lambda: ops.transpose(x, (0, 2, 1))[:, :, 0],
            lambda: ops.relu(x),
            lambda: ops.softmax(x, axis=-1),
            lambda: ops.matmul(x, ops.transpose(like, (0, 2, 1)))[:, :, 0],
            lambda: ops.squeeze(ops.sum(x, axis=1, keepdims=True), 1),
            lambda: ops.exp(ops.abs(x)),
            lambda: ops.clip(x, 0, 1),
            lambda: ops.cumsum(x, axis=1),
            lambda: ops.split(x, [1], axis=-1)[1] if x.shape[-1] > 1 else x,
            lambda: ops.reshape(x[:, 0], (-1, x.shape[-1], 1))[:, :, 0],
        ]
        self.add(self.draw.choice(ways)())

    def attention(self) -> None:
        """Attention of a query to a value."""
        layers, draw = self.layers, self.draw
        x = self.of_rank(3)
        like = draw.choice(
            [tensor for tensor in self.tensors if len(tensor.shape) == 3 and tensor.shape[2] == x.shape[2]]
        )
        if draw.random() < 0.5:
            self.add(
                draw.choice((layers.Attention, layers.AdditiveAttention))(use_scale=draw.random() < 0.5)([x, like])
            )
        elif draw.random() < 0.5:
            self.add(layers.MultiHeadAttention(2, 3)(x, like))
        else:
            self.add(layers.MultiHeadAttention(2, 3, value_dim=2)(query=x, value=like, key=like, use_causal_mask=False))

    def pooled(self) -> None:
        """A layer that changes the axes."""
        layers, draw = self.layers, self.draw
        if draw.random() < 0.5:
            self.add(layers.RepeatVector(3)(self.of_rank(2)))
        else:
            layer = draw.choice((layers.GlobalMaxPooling1D(), layers.GlobalAveragePooling1D(), layers.Permute((2, 1))))
            made = layer(self.of_rank(3))
            self.add(made if None not in made.shape[2:] else [])

    def embedded(self) -> None:
        """Tokens, sometimes with a mask of those that are 0, as a sequence."""
        tokens = self.keras.Input((self.draw.choice((None, 4)),))
        self.inputs.append(tokens)
        self.add(self.layers.Embedding(9, self.draw.randint(2, 4), mask_zero=self.draw.random() < 0.6)(tokens))

    def again(self) -> None:
        """A layer called a second time."""
        if self.shared:
            layer, (x,) = self.draw.choice(self.shared)
            like = [
                tensor
                for tensor in self.tensors
                if len(tensor.shape) == len(x.shape)
                and tensor.shape[-1] == x.shape[-1]
                and None not in tensor.shape[2:]
            ]
            self.add(layer(self.draw.choice(like)))

    def cells(self) -> None:
        """A stack of cells."""
        layers, draw = self.layers, self.draw
        cells = [
            draw.choice((layers.LSTMCell, layers.GRUCell, layers.SimpleRNNCell))(draw.randint(2, 4))
            for _ in range(draw.randint(1, 3))
        ]
        self.add(
            layers.RNN(cells if len(cells) > 1 else cells[0], return_sequences=draw.random() < 0.5)(self.of_rank(3))
        )

    def wrapped(self) -> None:
        """A layer or a model at every timestep."""
        layers, draw, x = self.layers, self.draw, self.of_rank(3)
        inner: Any = layers.Dense(draw.randint(2, 4))
        if draw.random() < 0.4:
            inner = self.keras.Sequential([self.keras.Input(x.shape[2:]), inner, layers.Dense(3)])
        self.add(layers.TimeDistributed(inner)(x))

    def nested(self) -> None:
        """A model as a layer: a Sequential, or one with several inputs and outputs; sometimes called twice."""
        inner = Growing(self.keras, self.draw.random(), depth=self.depth + 1)
        model = inner.model(self.draw.randint(1, 4))
        reads = [self.fitting(given) for given in model.inputs]
        for _ in range(self.draw.choice((1, 1, 2))):
            self.add(model(reads if len(reads) > 1 else reads[0]))

    def fitting(self, given: Any) -> Any:
        """A tensor that a model's input takes; a new input where there is none."""
        like = [tensor for tensor in self.tensors if tensor.shape == given.shape]
        if like:
            return self.draw.choice(like)
        tensor = self.keras.Input(given.shape[1:])
        self.inputs.append(tensor)
        return tensor


def random_sequential(keras: Any, draw: Random) -> Any:
    """A Sequential: convolutions or an embedding, recurrent layers, wrappers, a nested Sequential, dense layers."""
    layers, steps = keras.layers, draw.choice((None, 8))
    first = draw.choice(("features", "tokens"))
    stack: list[Any] = [keras.Input((steps,) if first == "tokens" else (steps, draw.randint(2, 4)))]
    if first == "tokens":
        stack.append(layers.Embedding(20, draw.randint(2, 5), mask_zero=draw.random() < 0.4))
    elif draw.random() < 0.5:
        stack += [layers.Conv1D(draw.randint(2, 4), 3, padding=draw.choice(("same", "causal", "valid")))]
        stack += [layers.MaxPooling1D(2)] if draw.random() < 0.5 else []
    for _ in range(draw.randint(0, 2)):
        layer = draw.choice((layers.LSTM, layers.GRU, layers.SimpleRNN))(draw.randint(2, 5), return_sequences=True)
        stack.append(layers.Bidirectional(layer) if draw.random() < 0.5 else layer)
    if draw.random() < 0.3:
        stack.append(layers.TimeDistributed(layers.Dense(draw.randint(2, 4), activation="relu")))
    stack.append(draw.choice((layers.LSTM(3), layers.GlobalMaxPooling1D(), layers.Bidirectional(layers.GRU(2)))))
    if draw.random() < 0.4:
        stack.append(keras.Sequential([layers.Dense(3), layers.BatchNormalization()]))
    stack += [layers.Dropout(0.5), layers.Dense(1, activation="sigmoid")]
    model = keras.Sequential(stack)
    for layer in model.layers:
        layer.trainable = draw.random() < 0.8
    return model


def random_graph(keras: Any, number: int) -> Any:
    """The model of a number, the same each time; every fifth is a Sequential."""
    draw = Random(number)
    if number % 5 == 4:
        return random_sequential(keras, draw)
    return Growing(keras, f"graph {number}").model(draw.randint(2, 9))

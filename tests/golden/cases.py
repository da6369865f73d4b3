"""What was run: a layer, its input, its weights. The numbers are drawn by name, the same on every machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_shapes.frameworks.convolutions import CHANNELWISE, SLIDING, TRANSPOSED
from lstm_shapes.frameworks.pooling import TYPES as POOLING
from lstm_shapes.layers import family
from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.layers.bidirectional import Bidirectional
from lstm_shapes.layers.recurrent import Recurrent
from lstm_shapes.layers.stack import Stack, stacked
from lstm_shapes.symbolic.size import fixed

Array = NDArray[Any]
SEED = 20
FIRST = {"data_format": "channels_first"}
MASK = ((True, False, True, True), (True, True, False, False), (False, True, True, False))


@dataclass(frozen=True, kw_only=True)
class Case:
    """One layer and how it is called; ``calls`` above 1 are for a stateful layer, which goes on where it ended."""

    name: str
    framework: str
    layer: Layer
    shape: tuple[int, ...]
    states: bool = False
    masked: bool = False
    calls: int = 1
    others: tuple[tuple[int, ...], ...] = ()

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """The shapes of all inputs: attention reads several."""
        return (self.shape, *self.others)

    def arrays(self) -> dict[str, Array]:
        """Our weights by key."""
        weights = self.layer.weights(*self.shapes)
        arrays = {weight.key: self.numbers(weight.key, [fixed(size) for size in weight.shape]) for weight in weights}
        return arrays | {weight.key: np.abs(arrays[weight.key]) for weight in weights if weight.positive}

    def sequence(self, call: int) -> Array:
        return self.numbers(f"x{call}", self.shape)

    def further(self) -> list[Array]:
        """The inputs after the first."""
        return [self.numbers(f"input{number}", shape) for number, shape in enumerate(self.others)]

    def start(self) -> list[Array]:
        """The initial states, where there are any."""
        return [self.numbers(f"state{i}", shape) for i, shape in enumerate(self.state_shapes())] if self.states else []

    def state_shapes(self) -> list[tuple[int, ...]]:
        if isinstance(self.layer, Stack):
            rows = sum(len(directions) for directions in self.layer.layers)
            return [(rows, self.shape[0], fixed(width)) for width in self.layer.first.state_widths]
        both = isinstance(self.layer, Bidirectional)
        cells = [self.layer.layer, self.layer.backward_layer] if both else [self.layer]
        return [tuple(map(fixed, shape)) for cell in cells for shape in cell.state_shapes(self.shape)]

    def mask(self) -> Array | None:
        return np.array(MASK)[: self.shape[0], : self.shape[1]] if self.masked else None

    def numbers(self, what: str, shape: Sequence[int]) -> Array:
        """Numbers from -1 to 1 that depend on the seed, the case and what they are for, and on nothing else."""
        draw = Random(f"{SEED} {self.name} {what}")
        return np.array([draw.uniform(-1, 1) for _ in range(prod(shape))], np.float32).reshape(shape)

    def run(self) -> list[Array]:
        """Our own outputs of every call."""
        weights, mask = Weights(self.arrays()), self.mask()
        outputs: list[Array] = []
        state = self.start()
        for call in range(self.calls):
            made = self.layer.run(weights, self.sequence(call), *self.further(), *state, mask=mask)
            outputs += made
            state = list(made[1:])
        return outputs


def _keras() -> list[Case]:
    ends = {"return_sequences": True, "return_state": True}
    cells: dict[str, Mapping[str, Any]] = {
        "lstm": {},
        "gru": {},
        "gru reset before": {"reset_after": False},
        "rnn": {},
        "lstm other activations": {"activation": "softsign", "recurrent_activation": "hard_sigmoid"},
        "gru other activations": {"activation": "relu", "recurrent_activation": "hard_sigmoid"},
        "rnn other activations": {"activation": "leaky_relu"},
    }
    cases = []
    for name, settings in cells.items():
        layer = family(name.split()[0])(units=3, **ends, **settings)
        made = {
            "": Case(name=name, framework="keras", layer=layer, shape=(2, 4, 2)),
            "last step": Case(
                name=name,
                framework="keras",
                layer=replace(layer, return_sequences=False, return_state=False),
                shape=(2, 4, 2),
            ),
            "backwards": Case(name=name, framework="keras", layer=replace(layer, go_backwards=True), shape=(2, 4, 2)),
            "without bias": Case(name=name, framework="keras", layer=replace(layer, bias=False), shape=(2, 4, 2)),
            "states": Case(name=name, framework="keras", layer=layer, shape=(2, 4, 2), states=True),
            "masked": Case(name=name, framework="keras", layer=layer, shape=(3, 4, 2), masked=True),
            "stateful": Case(
                name=name, framework="keras", layer=replace(layer, stateful=True), shape=(2, 4, 2), calls=2
            ),
        }
        cases += [replace(case, name=f"{name} {how}".strip()) for how, case in made.items()]
    return cases


def _keras_dense() -> list[Case]:
    layers = {name: family("dense")(units=3, activation=name) for name in ("linear", "softsign", "softmax")}
    return [
        Case(name=f"dense {name}", framework="keras", layer=layer, shape=(2, 4, 2)) for name, layer in layers.items()
    ]


def _keras_normalizations() -> list[Case]:
    """Layers that normalize, and those with slopes, along the last axis and along others."""
    settings: dict[str, list[dict[str, Any]]] = {
        "batch_normalization": [{}, {"axis": 1, "center": False}, {"epsilon": 0.1, "scale": False}],
        "group_normalization": [{"groups": 2}, {"groups": -1, "axis": 1}, {"groups": 3, "axis": -2}],
        "layer_normalization": [{}, {"axis": (1, 2)}, {"epsilon": 0.1, "scale": False}, {"rms_scaling": True}],
        "rms_normalization": [{}, {"axis": (1, 2), "epsilon": 0.1}],
        "unit_normalization": [{}, {"axis": 1}, {"axis": (0, 2)}],
        "prelu": [{}, {"shared_axes": (1,)}, {"shared_axes": (1, 2)}],
        "softmax": [{"axis": 1}, {"axis": (1, 2)}],
        "relu": [{"max_value": 0.5}, {"negative_slope": 0.2, "threshold": 0.4}, {"threshold": 0.4}],
        "elu": [{"alpha": 0.5}],
        "rescaling": [{"scale": -2.0, "offset": 0.5}],
    }
    return [
        Case(name=f"{type_} {number}", framework="keras", layer=family(type_)(**given), shape=(2, 3, 4))
        for type_, tried in settings.items()
        for number, given in enumerate(tried)
    ]


def _attention(framework: str) -> list[Case]:
    """A query of 3 timesteps, values and keys of 5, in Keras' terms or in PyTorch's."""
    settings: dict[str, list[dict[str, Any]]] = {
        "attention": [{}, {"use_scale": True}, {"score_mode": "concat", "use_scale": True}, {"causal": True}],
        "additive_attention": [{}, {"use_scale": False}],
        "multi_head_attention": [
            {"num_heads": 2, "key_dim": 3},
            {"num_heads": 2, "key_dim": 3, "value_dim": 2, "bias": False, "use_gate": True},
            {"num_heads": 2, "key_dim": 2, "causal": True, "output_shape": (3,)},
        ],
    }
    if framework == "torch":
        heads = {"num_heads": 2, "embed_dim": 4, "average_scores": True}
        settings = {"multi_head_attention": [heads, {**heads, "bias": False, "average_scores": False}]}
    return [
        Case(
            name=f"{framework} {type_} {number}",
            framework=framework,
            layer=family(type_)(return_attention_scores=True, **given),
            shape=(2, 3, 4),
            others=((2, 5, 4), (2, 5, 4)),
        )
        for type_, tried in settings.items()
        for number, given in enumerate(tried)
    ]


def _keras_both_ways() -> list[Case]:
    cases = []
    for merge, type_, states in product(("concat", "sum", "mul", "ave", "none"), ("lstm", "gru"), (False, True)):
        layer = family(type_)(units=2, return_sequences=True, return_state=True)
        both = Bidirectional(layer=layer, backward_layer=replace(layer, go_backwards=True), merge=merge)
        name = f"bidirectional {type_} {merge}{' states' if states else ''}"
        cases.append(Case(name=name, framework="keras", layer=both, shape=(2, 3, 2), states=states))
        if not states:
            ends = [replace(cell, return_sequences=False) for cell in (both.layer, both.backward_layer)]
            last = replace(both, layer=ends[0], backward_layer=ends[1])
            cases.append(Case(name=f"{name} last step", framework="keras", layer=last, shape=(2, 3, 2)))
            cases.append(Case(name=f"{name} masked", framework="keras", layer=both, shape=(3, 4, 2), masked=True))
    return cases


def _keras_convolutional() -> list[Case]:
    cases = []
    for rank in (1, 2, 3):
        for number, settings in enumerate(
            (
                {"kernel_size": 2, "padding": "same"},
                {"kernel_size": (2, 3, 1)[:rank]},
                {"kernel_size": 2, "strides": 2, "go_backwards": True},
                {"kernel_size": 2, "dilation_rate": 2, "padding": "same", "recurrent_activation": "sigmoid"},
            )
        ):
            layer = family(f"conv_lstm{rank}d")(filters=2, return_sequences=True, return_state=True, **settings)
            space = (4, 5, 3)[:rank]
            for states, masked in ((False, False), (True, False), (False, True))[: 3 if number == 0 else 1]:
                name = f"conv_lstm{rank}d {number}{' states' if states else ''}{' masked' if masked else ''}"
                cases.append(
                    Case(
                        name=name, framework="keras", layer=layer, shape=(2, 2, *space, 2), states=states, masked=masked
                    )
                )
    return cases


def _convolutions() -> list[Case]:
    """Every family of convolutions in Keras, those that PyTorch has in PyTorch, and ConvLSTM with channels first."""
    settings: dict[str, list[dict[str, Any]]] = {
        "keras": [
            {"strides": 2},
            {"padding": "same", "strides": 2, "activation": "relu"},
            {"dilation_rate": 2, "data_format": "channels_first", "bias": False},
        ],
        "torch": [
            {"strides": 2, "padding": 1},
            {"dilation_rate": 2, "padding": 2, "groups": 2, "bias": False},
        ],
    }
    types = {
        "torch": (*SLIDING, *TRANSPOSED),
        "keras": (*SLIDING, *TRANSPOSED, *CHANNELWISE),
    }
    cases = []
    for framework, names in types.items():
        for type_, (number, given) in product(names, enumerate(settings[framework])):
            more: dict[str, Any] = {} if type_.startswith("depthwise") else {"filters": 2}
            more |= {"depth_multiplier": 2} if type_ in CHANNELWISE else {}
            if framework == "torch":
                more |= {"data_format": "channels_first", **({"output_padding": 0} if type_ in TRANSPOSED else {})}
            rank = int(type_[type_.index("v") + 1])
            if framework == "torch" and type_ in TRANSPOSED:
                given = {**given, "padding": (1, 1, 0)[:rank]}
            layer = family(type_)(kernel_size=(2, 3, 1)[:rank], **more, **given)
            space = (4, 5, 2)[:rank]
            shape = (1, 2, *space) if layer.feature_axis == 1 else (1, *space, 2)
            cases.append(Case(name=f"{framework} {type_} {number}", framework=framework, layer=layer, shape=shape))
    causal = family("conv1d")(filters=2, kernel_size=3, padding="causal", dilation_rate=2)
    cases.append(Case(name="keras conv1d causal", framework="keras", layer=causal, shape=(2, 6, 2)))
    first = family("conv_lstm2d")(filters=2, kernel_size=2, data_format="channels_first", return_sequences=True)
    both = Bidirectional(layer=first, backward_layer=replace(first, go_backwards=True))
    cases.append(Case(name="conv_lstm2d channels first", framework="keras", layer=first, shape=(2, 2, 2, 4, 3)))
    cases.append(Case(name="bidirectional channels first", framework="keras", layer=both, shape=(2, 2, 2, 4, 3)))
    return cases


def _pooling() -> list[Case]:
    """Every family that reads axes of space and has no weights, as both frameworks have it."""
    sizes: list[Any] = [2, (2, 3), (2, 3, 1)]
    cases = []
    for number, type_ in enumerate(POOLING):
        rank, kind = int(type_[-2]), type_[:-2]
        size = sizes[rank - 1]
        ends: list[Any] = [(1, 2), ((1, 0), 2), (0, 1, (2, 0))]
        in_keras: dict[str, list[dict[str, Any]]] = {
            "max_pooling": [{"pool_size": size}, {"pool_size": 3, "strides": 2, "padding": "same"}],
            "average_pooling": [{"pool_size": size}, {"pool_size": 3, "strides": 1, "padding": "same"}],
            "zero_padding": [{"padding": ends[rank - 1]}],
            "cropping": [{"cropping": 0}, {"cropping": ((0, 1), ((0, 1), 1), (1, 0, (0, 1)))[rank - 1]}],
            "up_sampling": [{"size": size}, *([{"interpolation": "bilinear", "size": (3, 2)}] if rank == 2 else [])],
        }
        padded = {"padding": 1, "pool_size": 3, "strides": 2, "ceil_mode": True}
        in_torch: dict[str, list[dict[str, Any]]] = {
            "max_pooling": [padded, {"pool_size": 2, "strides": 1, "dilation_rate": (2, (2, 1), (1, 2, 1))[rank - 1]}],
            "average_pooling": [{**padded, "count_include_pad": True}, padded],
            "zero_padding": [{"padding": tuple(range(2 * rank))}],
        }
        output = {"output_size": (2, (3, 2), (1, 2, 3))[rank - 1]}
        adaptive = [output] if kind.startswith("adaptive") else []
        last: dict[str, Any] = {} if type_ in ("cropping1d", "up_sampling1d") or number % 2 else FIRST
        first = {"output_size": (2,)} if adaptive and rank == 1 else output
        tried = [("keras", given, last) for given in in_keras.get(kind, adaptive or [{"keepdims": rank == 2}])]
        tried += [("torch", given, FIRST) for given in in_torch.get(kind, [first] if adaptive else [])]
        for place, (framework, given, stand) in enumerate(tried):
            space = (4, 5, 3)[:rank]
            shape = (1, 2, *space) if stand else (1, *space, 2)
            layer = family(type_)(**given, **stand)
            cases.append(Case(name=f"{framework} {type_} {place}", framework=framework, layer=layer, shape=shape))
    mean = family("global_average_pooling1d")()
    cases.append(
        Case(name="global_average_pooling1d masked", framework="keras", layer=mean, shape=(3, 4, 2), masked=True)
    )
    return cases


def _torch() -> list[Case]:
    cells: dict[str, Mapping[str, Any]] = {
        "lstm": {},
        "lstm projected": {"proj_size": 2},
        "gru": {},
        "rnn": {},
        "rnn relu": {"activation": "relu"},
    }
    cases = []
    for name, depth, directions, states in product(cells, (1, 2), (1, 2), (False, True)):
        cell = family(name.split()[0])(
            units=3, recurrent_bias=True, return_sequences=True, return_state=True, **cells[name]
        )
        assert isinstance(cell, Recurrent)
        title = f"torch {name}, {depth} layers, {directions} directions{', states' if states else ''}"
        layer = stacked(cell, depth, directions)
        cases.append(Case(name=title, framework="torch", layer=layer, shape=(2, 3, 2), states=states))
    return cases


def _onnx() -> list[Case]:
    """Peepholes, which Keras 3 and PyTorch do not have; ONNX' operator LSTM does."""
    layer = family("lstm")(units=3, peephole=True, return_sequences=True, return_state=True)
    return [
        Case(name="lstm peephole", framework="onnx", layer=layer, shape=(2, 4, 2)),
        Case(name="lstm peephole states", framework="onnx", layer=layer, shape=(2, 4, 2), states=True),
        Case(
            name="lstm peephole without bias",
            framework="onnx",
            layer=replace(layer, bias=False),
            shape=(2, 4, 2),
        ),
    ]


CASES = [
    *_keras(),
    *_keras_dense(),
    *_keras_normalizations(),
    *_attention("keras"),
    *_attention("torch"),
    *_keras_both_ways(),
    *_keras_convolutional(),
    *_convolutions(),
    *_pooling(),
    *_torch(),
    *_onnx(),
]
POINTS = (
    (-20.0, -6.0, -3.0, -2.5, -1.0, -0.75, -0.5, -0.25),
    (-0.125, 0.0, 0.0625, 0.25, 0.5, 0.75, 1.0, 1.5),
    (2.0, 2.5, 3.0, 4.0, 6.0, 7.0, 9.0, 20.0),
)
"""What each activation is given: rows with every bend of every function."""

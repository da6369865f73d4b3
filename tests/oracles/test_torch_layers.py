"""torch.nn.LSTM, GRU and RNN beside ours: tensors, shapes of output and states, numbers."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any, NamedTuple

import numpy as np
import pytest

from lstm_shapes.api import read
from lstm_shapes.layers import family
from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.layers.stack import Stack, stacked
from lstm_shapes.symbolic.size import bind, fixed

from .comparison import Array, Shape, assert_same_numbers, carried, floats, named, random_for, sequence, weighed

torch = pytest.importorskip("torch")
pytestmark = [
    pytest.mark.oracle,
    pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN"),
]

CLASSES = {"lstm": "LSTM", "gru": "GRU", "rnn": "RNN"}


class Case(NamedTuple):
    """What torch's constructor is given, the sequence, and whether the initial states are given as well."""

    type: str
    units: int
    depth: int
    directions: int
    shape: Shape
    start: bool
    settings: dict[str, Any]

    def __str__(self) -> str:
        extra = " ".join(f"{name}={value}" for name, value in self.settings.items())
        start = " initial_state" if self.start else ""
        size = f"{self.units} num_layers={self.depth} directions={self.directions} {extra}"
        return f"{self.type}({size}) {named(self.shape)}{start}"

    @property
    def layer(self) -> Stack:
        """Ours: torch's module as it counts its layers and directions, with its two biases."""
        layer = family(self.type)(
            units=self.units, recurrent_bias=True, return_sequences=True, return_state=True, **self.settings
        )
        return stacked(layer, self.depth, self.directions)  # type: ignore[arg-type]

    def module(self) -> Any:
        """PyTorch's."""
        names = {"activation": "nonlinearity"}
        settings = {names.get(name, name): value for name, value in self.settings.items()}
        class_ = getattr(torch.nn, CLASSES[self.type])
        both = self.directions == 2
        return class_(self.shape[-1], self.units, self.depth, batch_first=True, bidirectional=both, **settings)


def recurrent(draw: Random) -> list[Case]:
    found = []
    for type_ in CLASSES:
        for depth in (1, 2, 3):
            for directions in (1, 2):
                for _ in range(14):
                    units = draw.randint(2, 9)
                    settings: dict[str, Any] = {"bias": draw.random() < 0.7}
                    if type_ == "rnn" and draw.random() < 0.5:
                        settings["activation"] = "relu"
                    if type_ == "lstm" and draw.random() < 0.5:
                        settings["proj_size"] = draw.randint(1, units - 1)
                    start = draw.random() < 0.4
                    found.append(Case(type_, units, depth, directions, sequence(draw), start, settings))
    return found


@pytest.mark.parametrize("case", recurrent(Random(7))[::4], ids=str)
def test_a_stack_that_reads_time_first_agrees_with_the_module_of_torch(
    case: Case, compared: Callable[[str], None]
) -> None:
    rng = random_for(f"time first {case}")
    layer, module = replace(case.layer, batch_first=False), case.module()
    module.batch_first = False
    arrays = weighed(layer, [case.shape], rng)
    load(module, layer, case.shape, arrays)
    x = floats(rng, case.shape)
    made = layer.run(Weights(arrays), x)
    assert_same_numbers(made, called(module, x, []))
    assert layer.outputs(case.shape) == tuple(array.shape for array in made)
    compared("torch")


@pytest.mark.parametrize("case", recurrent(Random(5)), ids=str)
def test_a_stack_agrees_with_the_module_of_torch(case: Case, compared: Callable[[str], None]) -> None:
    rng = random_for(str(case))
    layer, module = case.layer, case.module()
    arrays = weighed(layer, [case.shape], rng)
    load(module, layer, case.shape, arrays)
    batch, rows = case.shape[0], case.depth * case.directions
    start = [floats(rng, (rows, batch, width)) for width in layer.first.state_widths] if case.start else []
    x = floats(rng, case.shape)
    made = layer.run(Weights(arrays), x, *start)
    assert_same_numbers(made, called(module, x, start))
    assert layer.outputs(case.shape, *(array.shape for array in start)) == tuple(array.shape for array in made)
    compared("torch")


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("type_", [*CLASSES, "projected"])
def test_a_module_with_symbols_has_the_tensors_and_shapes_of_every_real_one(
    type_: str, bias: bool, compared: Callable[[str], None]
) -> None:
    given = {"type": "lstm", "proj_size": "P"} if type_ == "projected" else {"type": type_}
    layer = {**given, "units": "H", "bias": bias, "num_layers": "L", "directions": "D"}
    inferred = read({"framework": "torch", "input_dim": "I", "layers": [layer]}).inferred
    assert inferred is not None
    (node,) = inferred.nodes
    for depth, ways in itertools.product((1, 2, 3, 4), (1, 2)):
        values = {"B": 2, "T": 5, "I": 7, "H": 6, "P": 3, "L": depth, "D": ways}
        more = {"proj_size": 3} if type_ == "projected" else {}
        class_ = getattr(torch.nn, CLASSES[given["type"]])
        module = class_(7, 6, depth, bias=bias, bidirectional=ways == 2, batch_first=True, **more)
        expected = sorted(tuple(tensor.shape) for tensor in module.parameters())
        stands_for = [
            tuple(bind(size, values) for size in weight.shape)
            for weight in node.layer.weights(*node.inputs or ())
            for _ in range(fixed(weight.copies, values))
        ]
        flat = [(int(np.prod(shape[:-1])), shape[-1]) for shape in stands_for if len(shape) > 2]
        assert sorted(np.prod(shape) for shape in stands_for) == sorted(np.prod(shape) for shape in expected)
        assert set(flat) <= set(expected)
        assert fixed(node.params or 0, values) == sum(tensor.numel() for tensor in module.parameters())
        output, states = module(torch.zeros(2, 5, 7))
        shapes = [tuple(output.shape), *(tuple(s.shape) for s in (states if isinstance(states, tuple) else (states,)))]
        assert [tuple(bind(size, values) for size in shape) for shape in node.outputs or ()] == shapes
        compared("torch")


def load(module: Any, layer: Layer, shape: Shape, arrays: dict[str, Array]) -> None:
    """Our numbers into torch's module; fails where count, names, shapes, order or trainable differ."""
    ours = carried("torch", layer, [shape], arrays)
    theirs = list(module.named_parameters())
    assert [(name, tuple(tensor.shape), tensor.requires_grad) for name, tensor in theirs] == [
        (tensor.name, tensor.shape, tensor.trainable) for tensor in ours
    ]
    formula = layer.formula(shape)
    assert sum(tensor.numel() for _, tensor in theirs) == layer.count(shape) == (formula and formula.result())
    module.load_state_dict(
        {tensor.name: torch.from_numpy(np.ascontiguousarray(array)) for tensor, array in ours.items()}
    )


def called(module: Any, x: Array, start: list[Array] | None = None) -> list[Array]:
    """The module's outputs: for a recurrent one the sequence, then its states."""
    given = [torch.from_numpy(array) for array in start or []]
    states = [tuple(given) if len(given) > 1 else given[0]] if given else []
    with torch.no_grad():
        found = module(torch.from_numpy(x), *states)
    if not isinstance(found, tuple):
        return [found.numpy()]
    output, last = found
    return [tensor.numpy() for tensor in (output, *(last if isinstance(last, tuple) else (last,)))]

"""Masks beside Keras: what merging layers and nested models make of those that reach them."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

import numpy as np
import pytest

from lstm_shapes.graph.block import Block
from lstm_shapes.graph.model import Graph, Node, Ref
from lstm_shapes.layers import family
from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.layers.bidirectional import Bidirectional
from lstm_shapes.layers.lstm import LSTM
from lstm_shapes.layers.masking import Masking

from .comparison import Array, Shape, assert_same_numbers, floats, named, random_for
from .keras_twin import paired, twin

keras = pytest.importorskip("keras")
torch = pytest.importorskip("torch")
pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore:.*does not support masking")]


class Merged(NamedTuple):
    """A merging layer, the shapes that reach it, and which of them have a mask."""

    layer: Layer
    shapes: tuple[Shape, ...]
    masked: tuple[bool, ...]

    def __str__(self) -> str:
        return f"{named(self.layer)} {self.shapes} {self.masked}".replace(" ", "")


def merges(draw: Random) -> list[Merged]:
    """Merges of masked sequences, unmasked ones and vectors."""
    cases = []
    for name in ("add", "multiply", "average", "subtract", "maximum", "minimum", "concatenate", "dot"):
        for _ in range(24):
            batch, time, width = draw.sample(range(2, 8), 3)
            count = 2 if name in ("subtract", "dot") else draw.randint(2, 4)
            shapes: list[Shape] = [(batch, time, width)] * count
            axis = -1
            if name == "concatenate":
                axis = draw.choice([1, 2, -1])
                shapes = [
                    (batch, draw.randint(1, 6), width) if axis == 1 else (batch, time, draw.randint(1, 6))
                    for _ in range(count)
                ]
            elif name != "dot" and draw.random() < 0.2:
                shapes[draw.randrange(count)] = (batch, width)
            masked = tuple(len(shape) == 3 and draw.random() < 0.7 for shape in shapes)
            settings = {"concatenate": {"axis": axis}, "dot": {"axes": (2,)}}.get(name, {})
            layer = family(name)(**settings)
            cases.append(Merged(layer, tuple(shapes), masked))
    return cases


def padded(rng: np.random.Generator, shape: Shape) -> Array:
    """Random numbers with timesteps of zeros."""
    x = floats(rng, shape)
    x[rng.random(shape[:2]) < 0.4] = 0
    return x


def same_mask(ours: Array | None, theirs: Any) -> None:
    mask = getattr(theirs, "_keras_mask", None)
    assert (ours is None) == (mask is None), "one of the two passes on a mask"
    if ours is not None:
        np.testing.assert_array_equal(ours, mask.detach().numpy())


@pytest.mark.parametrize("case", merges(Random(11)), ids=str)
def test_a_merging_layer_makes_of_masks_what_keras_makes_of_them(case: Merged, compared: Callable[[str], None]) -> None:
    rng = random_for(str(case))
    real, front = twin(case.layer), keras.layers.Masking()
    data = [padded(rng, shape) if len(shape) == 3 else floats(rng, shape) for shape in case.shapes]
    masks = tuple(Masking().mask(None, x) if masked else None for x, masked in zip(data, case.masked, strict=True))
    tensors = [front(x) if masked else torch.tensor(x) for x, masked in zip(data, case.masked, strict=True)]
    theirs = real(tensors)
    (ours,), (mask,) = case.layer.run_masked(Weights({}), tuple(data), masks)
    assert_same_numbers([ours], [theirs.detach().numpy()])
    same_mask(mask, theirs)
    compared("keras")


def test_a_factor_counts_as_1_where_it_is_masked(compared: Callable[[str], None]) -> None:
    """Else the zeros of the padding would wipe out the other factor."""
    x, y = np.array([[[2.0], [0.0]]], "float32"), np.array([[[3.0], [5.0]]], "float32")
    theirs = keras.layers.Multiply()([keras.layers.Masking()(x), torch.tensor(y)])
    (ours,), (mask,) = family("multiply")().run_masked(Weights({}), (x, y), (Masking().mask(None, x), None))
    assert ours.tolist() == theirs.tolist() == [[[6.0], [5.0]]]
    assert mask is None
    compared("keras")


def block(*layers: Layer) -> Block:
    """The layers, one after another, as a block."""
    names = ["x", *(f"layer{number}" for number in range(len(layers)))]
    nodes = tuple(Node(name=names[n + 1], layer=layer, inputs=(Ref(names[n]),)) for n, layer in enumerate(layers))
    return Block(graph=Graph(inputs=("x",), nodes=nodes, outputs=(Ref(names[-1]),)))


INSIDES = {
    "passes a mask on": [family("dropout")(rate=0.2)],
    "makes a mask": [Masking()],
    "ends a mask": [LSTM(units=3), family("repeat_vector")(n=4)],
    "reads a mask": [LSTM(units=3, return_sequences=True)],
    "both ways": [
        Bidirectional(
            layer=LSTM(units=3, return_sequences=True),
            backward_layer=LSTM(units=2, return_sequences=True, go_backwards=True),
        )
    ],
}


@pytest.mark.parametrize("inside", INSIDES)
@pytest.mark.parametrize("masked", [True, False])
def test_a_nested_model_takes_and_gives_masks_as_keras(
    inside: str, masked: bool, compared: Callable[[str], None]
) -> None:
    rng, shape = random_for(f"{inside} {masked}"), (3, 6, 4)
    nested = block(*INSIDES[inside])
    x, arrays = padded(rng, shape), {}
    entry = keras.Input((None, 4))
    y, reached = entry, shape
    for number, layer in enumerate(INSIDES[inside]):
        real, weights = paired(layer, [reached], rng)
        arrays |= {f"layer{number}/{weight.key}": weights[weight.key] for weight in layer.weights(reached)}
        y, reached = real(y), layer.outputs(reached)[0]
    theirs = keras.Model(entry, y)(keras.layers.Masking()(x) if masked else torch.tensor(x))
    (ours,), masks = nested.run_masked(Weights(arrays), (x,), (Masking().mask(None, x) if masked else None,))
    assert_same_numbers([ours], [theirs.detach().numpy()])
    same_mask(masks[0] if masks else None, theirs)
    compared("keras")


def test_bidirectional_writes_zeros_where_a_timestep_is_masked(compared: Callable[[str], None]) -> None:
    (layer,) = INSIDES["both ways"]
    rng, shape = random_for("zeros"), (3, 6, 4)
    x = padded(rng, shape)
    real, weights = paired(layer, [shape], rng)
    theirs = real(keras.layers.Masking()(x)).detach().numpy()
    mask = Masking().mask(None, x)
    ours = layer.run(weights, x, mask=mask)[0]
    assert_same_numbers([ours], [theirs])
    assert not theirs[~mask].any()
    assert theirs[mask].all()
    compared("keras")


def test_a_state_has_no_mask(compared: Callable[[str], None]) -> None:
    """The mask of a sequence says nothing of the states that the same layer passes on."""
    rng, shape = random_for("state"), (3, 6, 4)
    layer = LSTM(units=2, return_sequences=True, return_state=True)
    real, weights = paired(layer, [shape], rng)
    x = padded(rng, shape)
    theirs = real(keras.layers.Masking()(x))
    ours, masks = layer.run_masked(weights, (x,), (Masking().mask(None, x),))
    for number, tensor in enumerate(theirs):
        same_mask(masks[number] if number < len(masks) else None, tensor)
    assert len(ours) == len(theirs)
    compared("keras")


@pytest.mark.parametrize("axis", [-1, 1])
def test_keras_refuses_a_mask_that_reaches_softmax(axis: int) -> None:
    """What LS408 reports; the function in an activation layer takes no mask."""
    tokens = np.array([[1, 2, 0, 0, 3]])
    masked = lambda: keras.layers.Embedding(7, 3, mask_zero=True)  # noqa: E731
    with pytest.raises(ValueError, match="mask"):
        keras.Sequential([masked(), keras.layers.Softmax(axis=axis)])(tokens)
    assert keras.Sequential([masked(), keras.layers.Activation("softmax")])(tokens).shape == (1, 5, 3)

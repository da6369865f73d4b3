"""LSTM, GRU, SimpleRNN and Bidirectional beside Keras: settings, states, masks, directions."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple

import numpy as np
import pytest

from lstm_shapes.layers.base import Layer
from lstm_shapes.layers.bidirectional import Bidirectional
from lstm_shapes.layers.embedding import Embedding
from lstm_shapes.layers.masking import Masking
from lstm_shapes.layers.time_distributed import TimeDistributed

from .comparison import Array, Shape, cell, floats, named, random_for, sequence, states
from .keras_twin import assert_same, inferred, paired

keras = pytest.importorskip("keras")
torch = pytest.importorskip("torch")
pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore:.*You are using a softmax over axis")]

CELLS = ("lstm", "gru", "rnn")
PADDED = ("end", "beginning", "middle", "everywhere", "nowhere")
SAME_STATES = {"lstm": ("lstm",), "gru": ("gru", "rnn"), "rnn": ("gru", "rnn")}
"""Keras hands each direction half of the initial states, so both must have as many."""
MERGES = ("concat", "sum", "mul", "ave", "none")


class Case(NamedTuple):
    """A layer, the sequence it reads, whether its states are given, and what of the sequence is padding."""

    layer: Layer
    shape: Shape
    start: bool = False
    padded: str = ""
    source: str = ""

    def __str__(self) -> str:
        words = ("initial_state" if self.start else "", self.padded and f"{self.source} padded {self.padded}")
        return " ".join(word for word in (named(self.layer), named(self.shape), *words) if word)


def both_ways(draw: Random, merge: str, **fixed: object) -> Bidirectional:
    """Two directions of one family or of two, wide as they like where they are concatenated."""
    layer = cell(draw, draw.choice(CELLS), **{"go_backwards": draw.random() < 0.15, **fixed})
    alike = {name: getattr(layer, name) for name in ("return_sequences", "return_state", "stateful")}
    width = draw.randint(1, 9) if merge in ("concat", "none") and draw.random() < 0.5 else layer.units
    type_ = layer.type if draw.random() < 0.6 else draw.choice(SAME_STATES[layer.type])
    other = cell(draw, type_, **{**alike, **fixed, "units": width, "go_backwards": not layer.go_backwards})
    return Bidirectional(layer=layer, backward_layer=other, merge=merge)


def plain(draw: Random) -> list[Case]:
    found = [Case(cell(draw, type_), sequence(draw), draw.random() < 0.4) for type_ in CELLS for _ in range(90)]
    ways = [Case(both_ways(draw, merge), sequence(draw), draw.random() < 0.4) for merge in MERGES for _ in range(30)]
    return found + ways


def masked(draw: Random) -> list[Case]:
    """Keras' torch backend fails on a mask where a layer is unrolled and goes backwards, so none is unrolled here
    but what goes forwards."""
    kinds = [(padded, source) for padded in PADDED for source in ("masking", "embedding")]
    found = []
    for kind in kinds:
        for type_ in CELLS * 4:
            back = draw.random() < 0.3
            layer = cell(draw, type_, go_backwards=back, unroll=not back and draw.random() < 0.3)
            found.append(Case(layer, sequence(draw), draw.random() < 0.4, *kind))
        for merge in MERGES * 2:
            found.append(Case(both_ways(draw, merge, unroll=False), sequence(draw), draw.random() < 0.4, *kind))
    return found


def stateful(draw: Random) -> list[Case]:
    return [
        Case(cell(draw, type_, stateful=True, return_state=True), sequence(draw)) for type_ in CELLS for _ in range(12)
    ]


def inside_time(draw: Random) -> list[Case]:
    """A recurrent layer at each timestep of an outer sequence."""
    layers = [cell(draw, type_, return_state=False) for type_ in CELLS for _ in range(8)]
    pairs = [both_ways(draw, merge, return_state=False) for merge in MERGES[:4] for _ in range(3)]
    return [
        Case(TimeDistributed(layer=layer), (*draw.sample(range(2, 6), 2), *sequence(draw)[1:]))
        for layer in layers + pairs
    ]


@pytest.mark.parametrize("case", plain(Random(1)), ids=str)
def test_a_recurrent_layer_agrees_with_keras(case: Case, compared: Callable[[str], None]) -> None:
    rng = random_for(str(case))
    real, weights = paired(case.layer, [case.shape], rng)
    start = states(case.layer, case.shape[0], rng) if case.start else []
    x = floats(rng, case.shape)
    outputs = assert_same(case.layer, real, weights, [x, *start], (x, *start))
    if not unequal(case.layer):
        assert inferred(case.layer, real, [case.shape]) == [output.shape for output in outputs]
    compared("keras")


@pytest.mark.parametrize("case", masked(Random(2)), ids=str)
def test_a_recurrent_layer_skips_what_keras_masks(case: Case, compared: Callable[[str], None]) -> None:
    rng = random_for(str(case))
    real, weights = paired(case.layer, [case.shape], rng)
    start = states(case.layer, case.shape[0], rng) if case.start else []
    x, mask, theirs = SOURCES[case.source](case, rng)
    assert_same(case.layer, real, weights, [x, *start], (theirs, *start), mask)
    compared("keras")


@pytest.mark.parametrize("case", stateful(Random(3)), ids=str)
def test_a_stateful_layer_begins_where_it_ended(case: Case, compared: Callable[[str], None]) -> None:
    rng = random_for(str(case))
    real, weights = paired(case.layer, [case.shape], rng)
    carried: list[Array] = []
    for _ in range(3):
        x = floats(rng, case.shape)
        _, *carried = assert_same(case.layer, real, weights, [x, *carried], x)
    compared("keras")


@pytest.mark.parametrize("case", inside_time(Random(4)), ids=str)
def test_a_recurrent_layer_at_every_timestep_agrees_with_keras(case: Case, compared: Callable[[str], None]) -> None:
    rng = random_for(str(case))
    real, weights = paired(case.layer, [case.shape], rng)
    x = floats(rng, case.shape)
    assert_same(case.layer, real, weights, [x], x)
    compared("keras")


def unequal(layer: Layer) -> bool:
    """Whether Keras infers the layer's shape wrongly (keras-team/keras#23688): it asks the forward direction alone."""
    return isinstance(layer, Bidirectional) and layer.layer.state_widths != layer.backward_layer.state_widths


def counting(case: Case, rng: np.random.Generator) -> Array:
    """True where a timestep counts, (batch, time)."""
    batch, time, _ = case.shape
    steps, lengths = np.arange(time), rng.integers(0, time + 1, size=(batch, 1))
    patterns = {
        "end": steps < lengths,
        "beginning": steps >= time - lengths,
        "middle": (rng.random((batch, time)) < 0.5) | (steps == 0) | (steps == time - 1),
        "everywhere": np.zeros((batch, time), bool),
        "nowhere": np.ones((batch, time), bool),
    }
    return patterns[case.padded]


def through_masking(case: Case, rng: np.random.Generator) -> tuple[Array, Array | None, object]:
    """The sequence and its mask behind a Masking layer, ours and Keras'."""
    layer = Masking(mask_value=float(rng.integers(-1, 2)))
    x = np.where(counting(case, rng)[..., None], floats(rng, case.shape), np.float32(layer.mask_value))
    real, weights = paired(layer, [case.shape], rng)
    assert_same(layer, real, weights, [x], x)
    return layer.run(weights, x)[0], layer.mask(None, x), real(x)


def through_embedding(case: Case, rng: np.random.Generator) -> tuple[Array, Array | None, object]:
    """The sequence and its mask behind an Embedding whose token 0 is padding, ours and Keras'."""
    layer = Embedding(vocab=11, units=case.shape[-1], mask_zero=True)
    ids = np.where(counting(case, rng), rng.integers(1, 11, size=case.shape[:2]), 0)
    real, weights = paired(layer, [ids.shape], rng)
    assert_same(layer, real, weights, [ids], ids)
    return layer.run(weights, ids)[0], layer.mask(None, ids), real(ids)


SOURCES = {"masking": through_masking, "embedding": through_embedding}

"""The axis language: its laws, and NumPy's transpose and reshape done by hand."""

import itertools
import random

import numpy as np
import pytest

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.layers.axes import agree, arrange, build, match, parse
from lstm_shapes.symbolic.size import symbol

PRIMES = {"gate": 2, "unit": 3, "in": 5, "dir": 7}
B, T = symbol("B"), symbol("T")


def patterns(names: tuple[str, ...]) -> list[str]:
    """Every order of the names, packed in every way of neighbours."""
    found = []
    for order in itertools.permutations(names):
        for cuts in itertools.product((True, False), repeat=len(names) - 1):
            groups = [[order[0]]]
            for name, cut in zip(order[1:], cuts, strict=True):
                groups.append([name]) if cut else groups[-1].append(name)
            found.append(" ".join(group[0] if len(group) == 1 else f"({' '.join(group)})" for group in groups))
    return found


PATTERNS = patterns(("gate", "unit", "in", "dir"))


def test_matching_what_was_built_gives_the_sizes_back():
    for order in itertools.permutations(PRIMES):
        pattern = " ".join(order)
        assert match(pattern, build(pattern, PRIMES)) == PRIMES


def test_packing_changes_no_product():
    for pattern in PATTERNS:
        shape = build(pattern, PRIMES)
        assert np.prod(shape) == 2 * 3 * 5 * 7
        assert len(shape) == len(parse(pattern))
        assert build(pattern.replace("(", "").replace(")", ""), PRIMES) == tuple(
            PRIMES[n] for g in parse(pattern) for n in g
        )


def test_sizes_may_be_symbols():
    assert build("batch (time unit) ()", {"batch": B, "time": T, "unit": 4}) == (B, 4 * T, 1)
    assert match("batch time in", (B, T, 4)) == {"batch": B, "time": T, "in": 4}


def test_arranging_there_and_back_changes_nothing():
    chance = random.Random(1)
    for source in PATTERNS:
        target = chance.choice(PATTERNS)
        array = np.arange(210).reshape(build(source, PRIMES))
        there = arrange(array, source, target, PRIMES)
        assert there.shape == build(target, PRIMES)
        assert np.array_equal(arrange(there, target, source, PRIMES), array)


def test_arranging_twice_is_arranging_once():
    chance = random.Random(2)
    for _ in range(200):
        source, between, target = (chance.choice(PATTERNS) for _ in range(3))
        array = np.arange(210).reshape(build(source, PRIMES))
        twice = arrange(arrange(array, source, between, PRIMES), between, target, PRIMES)
        assert np.array_equal(twice, arrange(array, source, target, PRIMES))


def test_an_arranged_array_is_einsums_transpose_reshaped():
    for source in itertools.permutations(PRIMES):
        array = np.random.default_rng(3).normal(size=[PRIMES[name] for name in source])
        for target in PATTERNS[:: len(source)]:
            order = [name for group in parse(target) for name in group]
            letters = "".join(name[0] for name in source) + "->" + "".join(name[0] for name in order)
            by_hand = np.einsum(letters, array).reshape([int(size) for size in build(target, PRIMES)])
            assert np.array_equal(arrange(array, " ".join(source), target, PRIMES), by_hand)


def test_in_packed_axes_the_first_name_changes_slowest():
    kernel = np.arange(24).reshape(3, 4, 2)
    packed = arrange(kernel, "gate unit in", "in (gate unit)", {"gate": 3, "unit": 4, "in": 2})
    for gate, unit, row in itertools.product(range(3), range(4), range(2)):
        assert packed[row, gate * 4 + unit] == kernel[gate, unit, row]


@pytest.mark.parametrize("rank", range(2, 7))
def test_an_ellipsis_takes_what_is_between(rank):
    shape = tuple(range(10, 10 + rank))
    assert match("batch ... in", shape) == {"batch": shape[0], "in": shape[-1]}
    assert match("... in", shape) == {"in": shape[-1]}
    assert match("batch ...", shape) == {"batch": shape[0]}
    assert match("...", shape) == {}


@pytest.mark.parametrize(
    ("pattern", "shape", "message"),
    [
        ("batch time in", (B, 32), "expected 3 axes (batch, time, features), got 2: (B, 32)"),
        ("batch time in", (B, T, 4, 4), "expected 3 axes (batch, time, features), got 4: (B, T, 4, 4)"),
        ("batch ... in", (7,), "expected at least 2 axes (batch, ..., features), got 1: (7,)"),
        ("batch unit", (), "expected 2 axes (batch, unit), got 0: ()"),
    ],
)
def test_another_rank_is_a_mismatch_that_names_the_axes_and_the_shape(pattern, shape, message):
    with pytest.raises(Mismatch) as caught:
        match(pattern, shape)
    assert (str(caught.value), caught.value.message, caught.value.kind) == (message, message, "wrong-rank")


@pytest.mark.parametrize("pattern", ["(a", "a)", ")a(", "(a (b))", "((a) b)", "a (b c", "a ) b", "(", ")"])
def test_brackets_that_do_not_pair_are_an_error_that_quotes_the_pattern(pattern):
    with pytest.raises(ValueError, match="brackets do not pair") as caught:
        parse(pattern)
    assert repr(pattern) in str(caught.value)


def test_blanks_and_brackets_may_touch():
    assert parse("in(gate unit)") == parse("  in  ( gate unit ) ") == (("in",), ("gate", "unit"))
    assert parse("") == ()
    assert parse("a ()") == (("a",), ())


def test_shapes_agree_only_when_that_is_certain():
    agree([(B, T, 4), (B, T, 4)], "add takes inputs of the same shape")
    agree([(B + T, 4), (T + B, 4), (B + T, 4)], "add takes inputs of the same shape")
    agree([(B, T)], "add takes inputs of the same shape")
    for other in ((B, T), (B, T, 5), (B, B, 4), (T, B, 4)):
        with pytest.raises(Mismatch) as caught:
            agree([(B, T, 4), other], "add takes inputs of the same shape")
        assert caught.value.kind == "merge-mismatch"
        assert str(caught.value).startswith("add takes inputs of the same shape, got (B, T, 4) and (")

"""Windows that slide over an axis: every formula beside the places themselves, counted one by one."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.layers.channels import as_before, channels_last, join, pattern, split
from lstm_shapes.layers.window import Window, fit_conditions, for_axes, seen, space_after
from lstm_shapes.symbolic.size import bind, parse, same, symbol

T = symbol("T")


def starts(window: Window, length: int) -> list[int]:
    """Where the window begins: at every stride where all of its taps are on the padded axis."""
    before, after = window.margins(length)
    if window.ceil:
        inside = int(length + window.before)  # type: ignore[arg-type]
        room = int(inside + window.after - window.reach)  # type: ignore[arg-type]
        every = range(0, inside, int(window.stride))  # type: ignore[arg-type]
        return [start for start in every if start < room + int(window.stride)]  # type: ignore[arg-type]
    return list(range(0, before + length + after - int(window.reach) + 1, int(window.stride)))  # type: ignore[arg-type]


def tried() -> list[Window]:
    zeros = ((0, 0), (1, 1), (0, 2), (3, 1))
    numbers = product((1, 2, 3, 5), (1, 2, 3, 4), (1, 2, 3))
    plain = [Window("time", *three) for three in numbers]
    added = [window._replace(before=a, after=b) for window in plain for a, b in zeros]
    return [
        *added,
        *(window._replace(ceil=True) for window in added),
        *(window._replace(padding=padding) for window in plain for padding in ("same", "causal")),
    ]


def test_the_places_are_those_that_are_counted_one_by_one() -> None:
    compared = 0
    for window, length in product(tried(), range(1, 14)):
        if window.fits(length).holds:
            assert window.places(length) == len(starts(window, length)), (window, length)
            compared += 1
    assert compared > 3_000


def test_a_place_is_missed_when_the_window_is_a_tap_longer() -> None:
    window = Window("time", 3, stride=2)
    assert len(starts(window, 9)) == window.places(9) != window._replace(taps=4).places(9)


def test_symbols_give_the_length_that_numbers_give_and_the_condition_says_where() -> None:
    for window in tried():
        length, condition = window.places(T), window.fits(T)
        for number in range(1, 14):
            fits = window.fits(number).holds
            assert bind(condition.over, {"T": number}) <= 0 if fits else bind(condition.over, {"T": number}) > 0
            assert not fits or bind(length, {"T": number}) == window.places(number)


@pytest.mark.parametrize(
    ("window", "length"),
    [
        (Window("time", 3), "T - 2"),
        (Window("time", 3, stride=2), "(T - 3)//2 + 1"),
        (Window("time", 5, stride=3), "(T - 5)//3 + 1"),
        (Window("time", 3, stride=2, dilation=3), "(T - 7)//2 + 1"),
        (Window("time", 2, stride=2), "T//2"),
        (Window("time", 3, stride=2, padding="same"), "(T + 1)//2"),
        (Window("time", 3, padding="causal"), "T"),
        (Window("time", 5, stride=2, before=2, after=2), "(T + 1)//2"),
        (Window("time", 3, stride=2, ceil=True), "T//2"),
        (Window("time", symbol("K")), "T - K + 1"),
        (Window("time", 3, stride=symbol("S")), "(T - 3)//S + 1"),
    ],
)
def test_a_length_reads_as_people_write_it(window: Window, length: str) -> None:
    assert str(window.places(T)) == length
    assert same(window.places(T), parse(length)) is True


def test_a_window_behind_a_window_is_a_single_division() -> None:
    window = Window("time", 3, stride=2)
    assert str(window.places(window.places(T))) == "(T - 7)//4 + 1"


def test_a_condition_is_said_of_the_axis() -> None:
    conditions = [str(one) for one in fit_conditions([Window("height", 5), Window("width", 3, before=1)], (T, 8))]
    assert conditions == ["T >= 5", "8 >= 2"]


@pytest.mark.parametrize(
    ("windows", "space", "hint"),
    [
        ([Window("height", 3), Window("width", 9)], (8, 8), "set `padding: same`"),
        ([Window("height", 3, 2), Window("width", 9, 2)], (8, 8), "set `kernel_size: [3, 8]`"),
        ([Window("width", 9, before=1, after=1)], (5,), "set `kernel_size: 7`"),
        ([Window("width", 4, 2, 3)], (5,), "set `kernel_size: 2`"),
        ([Window("width", 9, field="pool_size")], (5,), "set `pool_size: 5`"),
    ],
)
def test_a_window_longer_than_its_axis_is_told_what_fits(
    windows: list[Window], space: tuple[int, ...], hint: str
) -> None:
    with pytest.raises(Mismatch, match=r"expected a (height|width) of at least") as caught:
        space_after(windows, space)
    assert caught.value.hint == hint
    assert caught.value.field == windows[0].field
    taps = hint.removeprefix("set `").rstrip("`").partition(": ")[2].strip("[]").split(", ")
    if taps != ["same"]:
        assert space_after([w._replace(taps=int(n)) for w, n in zip(windows, taps, strict=True)], space)


def test_a_setting_has_a_size_for_each_axis_or_one_for_all() -> None:
    assert for_axes("strides", (2, T), ["height", "width"]) == (2, T)
    with pytest.raises(Mismatch, match=r"2 numbers of at least 0 \(height, width\), or one value for all, got \(1,\)"):
        for_axes("padding", (1,), ["height", "width"], least=0)


def test_what_a_window_sees_is_what_a_loop_sees() -> None:
    x = np.arange(2 * 9 * 3.0).reshape(2, 9, 3)
    for window in (Window("time", 3, 2), Window("time", 3, 1, 2), Window("time", 2, 3, padding="same")):
        before, after = window.margins(9)
        padded = np.pad(x, [(0, 0), (before, after), (0, 0)])
        taps = [int(window.dilation) * tap for tap in range(int(window.taps))]  # type: ignore[call-overload]
        expected = [[padded[:, start + tap] for tap in taps] for start in starts(window, 9)]
        np.testing.assert_array_equal(seen(x, [window]), np.array(expected).transpose(2, 0, 3, 1))


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_the_channels_are_taken_out_and_put_back(data_format: str) -> None:
    shape = (2, 5, 7, 3) if data_format == "channels_last" else (2, 3, 5, 7)
    assert split(shape, data_format, "height width") == ((2,), (5, 7), 3)
    assert join(*split(shape, data_format, "height width"), data_format) == shape
    x = np.zeros(shape)
    assert channels_last(x, data_format).shape == (2, 5, 7, 3)
    assert as_before(channels_last(x, data_format), data_format).shape == shape
    assert pattern(data_format, "height width").split()[1 if data_format == "channels_first" else 3] == "in"

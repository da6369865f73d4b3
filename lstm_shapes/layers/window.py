"""A window that slides over the axes of space: the places it is laid at, the zeros around the input, the conditions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.layers.conditions import Condition
from lstm_shapes.symbolic.size import Shape, Size, at_most, fixed

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array

PerAxis = Size | tuple[Size, ...]
"""A size for each axis of space, or a single size for all of them."""


class Window(NamedTuple):
    """The stretch of one axis that a kernel or a pool sees, and the steps in which it moves on.

    ``before`` and ``after`` are zeros added to the ends of the axis. ``padding`` same and causal add as many as keep
    its length at a stride of 1: same at both ends, causal before it. ``ceil`` lets the last window reach over the end,
    as ``ceil_mode`` of PyTorch does. ``field`` is the setting that gives the window its length.
    """

    axis: str
    taps: Size
    stride: Size = 1
    dilation: Size = 1
    padding: str = "valid"
    before: Size = 0
    after: Size = 0
    ceil: bool = False
    field: str = "kernel_size"

    @property
    def reach(self) -> Size:
        """From the first tap to the last, both counted."""
        return self.dilation * (self.taps - 1) + 1

    def places(self, length: Size) -> Size:
        """At how many places the window is laid along an axis of this ``length``, in which it ``fits``.

        The formulas are those of torch.nn.Conv2d and MaxPool2d; TensorFlow's for same and causal.

        >>> from lstm_shapes.symbolic.size import symbol
        >>> window = Window("time", taps=3, stride=2)
        >>> window.places(10), window.places(symbol("T"))
        (4, Poly((T - 3)//2 + 1))
        """
        if self.padding != "valid":
            return (length - 1) // self.stride + 1
        room = length + self.before + self.after - self.reach
        if not self.ceil:
            return room // self.stride + 1
        # The last window begins inside the axis or the zeros before it. Of two lengths that is the smaller.
        smaller = at_most(self.after + self.stride, self.reach)
        if smaller is None:
            message = f"expected numbers with ceil_mode, got {self.field} {self.taps}, strides {self.stride}"
            raise Mismatch(message, kind="wrong-setting", field=self.field, hint="set `ceil_mode: false`")
        return (room + self.stride - 1 if smaller else length + self.before - 1) // self.stride + 1

    def fits(self, length: Size) -> Condition:
        """That the axis, with what is added to it, is as long as the window: ``T >= 5``; same and causal fit any.

        With ``ceil`` it can be shorter by less than a stride.
        """
        over = self.stride - 1 if self.ceil else 0
        least = self.reach - self.before - self.after - over if self.padding == "valid" else 1
        return Condition(length if self.padding == "valid" else 1, ">=", least, self.field)

    def fixed_margins(self) -> tuple[Size, ...]:
        """What is added before and after an axis of any length; for same at a stride of 1.

        >>> Window("width", taps=4, padding="same").fixed_margins()
        (1, 2)
        """
        if self.padding == "causal":
            return self.reach - 1, 0
        if self.padding == "same":
            return (self.reach - 1) // 2, self.reach // 2
        return self.before, self.after

    def margins(self, length: int) -> tuple[int, int]:
        """The zeros before and after an axis in a run; for same the odd one after, as TensorFlow defines it.

        >>> Window("width", taps=3, stride=2, padding="same").margins(8)
        (0, 1)
        """
        reach, before = fixed(self.reach), fixed(self.before)
        if self.padding == "causal":
            return reach - 1, 0
        covered = fixed((self.places(length) - 1) * self.stride + reach)
        if self.padding == "same":
            missing = max(covered - length, 0)
            return missing // 2, missing - missing // 2
        return before, max(fixed(self.after), covered - length - before)


def for_axes(field: str, given: PerAxis, axes: Sequence[str], least: int = 1) -> tuple[Size, ...]:
    """A setting's size for each axis of space. Raises ``Mismatch`` where it has another number of them.

    >>> for_axes("strides", 2, ["height", "width"]), for_axes("strides", (2, 1), ["height", "width"])
    ((2, 2), (2, 1))
    """
    if type(given) is int and given >= least:
        return (given,) * len(axes)
    sizes = given if isinstance(given, tuple) else (given,) * len(axes)
    if len(sizes) == len(axes) and all(at_most(least, size) is not False for size in sizes):
        return sizes
    each = "1 number" if len(axes) == 1 else f"{len(axes)} numbers"
    named = ", ".join(axes)
    message = f"expected {field} to be {each} of at least {least} ({named}), or one value for all, got {given}"
    usable = sizes if sizes and all(at_most(least, size) is not False for size in sizes) else (least,)
    example = ", ".join(map(str, [*usable, *usable[-1:] * len(axes)][: len(axes)]))
    raise Mismatch(message, kind="wrong-setting", field=field, hint=f"set `{field}: [{example}]`")


def certainly_above_one(given: PerAxis) -> bool:
    """Whether one of a setting's sizes is above 1 whatever its symbols are.

    >>> certainly_above_one(1), certainly_above_one((1, 2))
    (False, True)
    """
    return any(at_most(2, size) for size in (given if isinstance(given, tuple) else (given,)))


def space_after(windows: Sequence[Window], space: Shape) -> Shape:
    """The lengths that windows leave of the axes of space. Raises ``Mismatch`` on one shorter than its window.

    >>> space_after([Window("height", 3), Window("width", 3, stride=2)], (8, 9))
    (6, 4)
    """
    return _space_after(tuple(windows), space)


@lru_cache(maxsize=1024)
def _space_after(windows: tuple[Window, ...], space: Shape) -> Shape:
    for window, length in zip(windows, space, strict=True):
        if window.fits(length).holds is False:
            raise _too_short(window, length, windows, space)
    return tuple(window.places(length) for window, length in zip(windows, space, strict=True))


def fit_conditions(windows: Sequence[Window], space: Shape) -> Iterator[Condition]:
    """That each axis of space is as long as its window; same and causal fit any."""
    pairs = zip(windows, space, strict=True)
    return (window.fits(length) for window, length in pairs if window.padding == "valid")


def _too_short(window: Window, length: Size, windows: Sequence[Window], space: Shape) -> Mismatch:
    dilated = f" ({window.field} {window.taps}, dilation_rate {window.dilation})" if window.dilation != 1 else ""
    owner = "kernel" if window.field == "kernel_size" else "pool"
    extra = window.before + window.after
    got = f"{length}" + (f", and {extra} of padding" if extra != 0 else "")
    message = f"expected a {window.axis} of at least {window.reach}, the {owner}'s{dilated}, got {got}"
    return Mismatch(message, field=window.field, hint=_shorter(windows, space))


def _shorter(windows: Sequence[Window], space: Shape) -> str:
    """The line that makes windows fit: zeros for a kernel that moves by 1, else the longest that do."""
    kernel = all(window.field == "kernel_size" and window.stride == 1 for window in windows)
    if kernel and not any(window.before != 0 or window.after != 0 for window in windows):
        return "set `padding: same`"
    longest = [_longest(window, length) for window, length in zip(windows, space, strict=True)]
    literal = str(longest[0]) if len(set(longest)) == 1 else f"[{', '.join(map(str, longest))}]"
    return f"set `{windows[0].field}: {literal}`"


def _longest(window: Window, length: Size) -> Size:
    """The window's number of taps, or as many as fit in the axis."""
    most = (length + window.before + window.after - 1) // window.dilation + 1
    return window.taps if window.fits(length).holds is not False else most if at_most(1, most) else 1


def seen(x: Array, windows: Sequence[Window], mode: str = "constant", **fill: float) -> Array:
    """What each window sees of ``x`` (batch, *space, in) at its places: (batch, *places, in, *taps), a view.

    Zeros are added as the windows say, or what NumPy's ``pad`` adds in another ``mode``.
    """
    import numpy as np
    from numpy.lib.stride_tricks import sliding_window_view

    lengths = x.shape[1:-1]
    margins = [window.margins(length) for window, length in zip(windows, lengths, strict=True)]
    if any(map(any, margins)):
        x = np.pad(x, [(0, 0), *margins, (0, 0)], mode=mode, **fill)  # type: ignore[call-overload]
    reach = [fixed(window.reach) for window in windows]
    views = sliding_window_view(x, reach, axis=tuple(range(1, x.ndim - 1)))
    moved = (
        slice(None, fixed(window.places(length) * window.stride), fixed(window.stride))
        for window, length in zip(windows, lengths, strict=True)
    )
    tapped = (slice(None, None, fixed(window.dilation)) for window in windows)
    view: Array = views[(slice(None), *moved, slice(None), *tapped)]
    return view

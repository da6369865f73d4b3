"""The array that counts: it watches the matrix products that a NumPy run executes."""

from __future__ import annotations

from typing import Any

import numpy as np


class Counter:
    """Multiply-accumulates seen so far."""

    def __init__(self) -> None:
        self.macs = 0


class Counted(np.ndarray[Any, Any]):
    """An array whose matrix products are counted by their executed shapes; views, copies and products count on.

    >>> counter = Counter()
    >>> product = np.ones((5, 7)) @ counted(np.ones((7, 3)), counter)
    >>> product.shape, counter.macs
    ((5, 3), 105)
    >>> (product @ np.ones((3, 2))).shape, counter.macs
    ((5, 2), 135)
    """

    counter: Counter | None = None

    def __array_finalize__(self, source: Any) -> None:
        self.counter = getattr(source, "counter", None)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **more: Any) -> Any:
        plain = [array.view(np.ndarray) if isinstance(array, Counted) else array for array in inputs]
        if out is not None:
            more["out"] = tuple(array.view(np.ndarray) if isinstance(array, Counted) else array for array in out)
        result = getattr(ufunc, method)(*plain, **more)
        if ufunc is np.matmul:
            counter = next(array.counter for array in inputs if isinstance(array, Counted) and array.counter)
            counter.macs += np.size(result) * np.shape(plain[0])[-1]
            return counted(np.asarray(result), counter)
        return out[0] if out is not None and len(out) == 1 else result


def counted(array: np.ndarray[Any, Any], counter: Counter) -> Counted:
    """The array, watched by ``counter``."""
    view = array.view(Counted)
    view.counter = counter
    return view

"""``x[...]`` in a Keras file -> the layers that choose the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Step = dict[str, Any]


def chosen(keys: Any) -> list[Step] | None:
    """The layers for the keys of a subscript, one after the other; None where they are not plain numbers and slices.

    >>> chosen((slice(None), -1, slice(None)))
    [{'type': 'select', 'axis': 1, 'index': -1}]
    """
    keys = [plain(key) for key in (keys if isinstance(keys, tuple | list) else (keys,))]
    if Ellipsis in [key for key in keys if not isinstance(key, slice)]:
        return _around_ellipsis(keys)
    return _steps(keys, 0)


def plain(key: Any) -> Any:
    """A key decoded: tf.keras writes a slice as a mapping, and an ellipsis as text."""
    if isinstance(key, Mapping) and {"start", "stop"} <= key.keys():
        return slice(key["start"], key["stop"], key.get("step"))
    if isinstance(key, Mapping) and "start" in (key.get("config") or {}):
        config = key["config"]
        return slice(config["start"], config.get("stop"), config.get("step"))
    return Ellipsis if key in ("...", "Ellipsis") else key


def _steps(keys: list[Any], axis: int) -> list[Step] | None:
    """The steps for keys from an axis on; an axis that is removed or added moves those after it."""
    steps: list[Step] = []
    for key in keys:
        if key is None:
            steps.append({"type": "expand_dims", "axis": axis})
            axis += 1
        elif type(key) is int:
            steps.append({"type": "select", "axis": axis, "index": key})
        elif isinstance(key, slice):
            step = _slice(key, axis)
            if step is None:
                return None
            steps += [step] if len(step) > 2 else []
            axis += 1
        else:
            return None
    return steps


def _slice(key: slice, axis: int) -> Step | None:
    parts = {"start": key.start, "stop": key.stop, "step": key.step}
    if any(value is not None and type(value) is not int for value in parts.values()):
        return None
    set_ = {name: value for name, value in parts.items() if value is not None}
    set_ = {name: value for name, value in set_.items() if (name, value) not in (("start", 0), ("step", 1))}
    return {"type": "slice", "axis": axis, **set_}


def _around_ellipsis(keys: list[Any]) -> list[Step] | None:
    """The steps before an ellipsis count their axes from the front, those after it from the back."""
    middle = next(number for number, key in enumerate(keys) if key is Ellipsis)
    before, after = keys[:middle], keys[middle + 1 :]
    if after and all(key is None for key in after):
        first = _steps(before, 0)
        return None if first is None else [*first, *({"type": "expand_dims", "axis": -1} for _ in after)]
    if any(key is None for key in after) or Ellipsis in [key for key in after if not isinstance(key, slice)]:
        return None
    first = _steps(before, 0)
    last: list[Step] = []
    for number, key in enumerate(reversed(after), 1):
        removed = sum(type(other) is int for other in after[len(after) - number + 1 :])
        step = _steps([key], 0)
        if step is None:
            return None
        last += [{**one, "axis": removed - number} for one in step]
    return None if first is None else [*first, *last]

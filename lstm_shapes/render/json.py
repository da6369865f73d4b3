"""Plain data as JSON text; sizes as integers, or as text in the spec's notation, null where unknown."""

from __future__ import annotations

import json
from typing import Any

from lstm_shapes.symbolic.size import Shape, Size


def written(data: Any) -> str:
    """Plain data as JSON: ASCII alone and no lone surrogate, so that every reader takes it (RFC 7493).

    ``##[`` is a command to GitHub's runner wherever it stands in a line; inside a text it can be written otherwise.

    >>> written(["a\\udc80"])
    '[\\n "a\\\\\\\\udc80"\\n]\\n'
    """
    text = json.dumps(data, indent=1)
    if r"\ud" in text:
        text = json.dumps(_paired(data), indent=1)
    return text.replace("##[", r"#\u0023[") + "\n"


def _paired(data: Any) -> Any:
    """The data with each lone surrogate, such as a file name's byte that is not UTF-8, written as an escape."""
    match data:
        case str():
            return data.encode("utf-8", "backslashreplace").decode("utf-8")
        case dict():
            return {_paired(key): _paired(value) for key, value in data.items()}
        case list():
            return [_paired(value) for value in data]
    return data


def plain_size(size: Size | None) -> int | str | None:
    """An integer where the size is constant, its formula as text otherwise, None where it is unknown."""
    return size if size is None or isinstance(size, int) else str(size)


def plain_shape(shape: Shape | None) -> list[int | str | None] | None:
    """The sizes of a shape, or None where it is unknown."""
    return None if shape is None else [plain_size(size) for size in shape]

"""Plain data as JSON text; sizes as integers, or as text in the spec's notation, null where unknown."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from json.encoder import encode_basestring_ascii
from typing import Any

from lstm_shapes.symbolic.size import Shape, Size


def written(data: Any) -> str:
    """Plain data as JSON: ASCII only and no lone surrogate, so that every reader takes it (RFC 7493).

    ``##[`` is a command to GitHub's runner anywhere in a line; inside a text it can be escaped.

    >>> written(["a\\udc80"])
    '[\\n "a\\\\\\\\udc80"\\n]\\n'
    """
    text = _indented(data, 1)
    if r"\ud" in text:
        text = _indented(_paired(data), 1)
    return text.replace("##[", r"#\u0023[") + "\n"


def _indented(data: Any, depth: int) -> str:
    """The text of ``json.dumps(data, indent=1)`` in a third of the time: the standard library indents in generators."""
    scalar = _SCALARS.get
    if not isinstance(data, dict | list | tuple):
        return scalar(type(data), json.dumps)(data)
    values = data.values() if isinstance(data, dict) else data
    items = [write(value) if (write := scalar(type(value))) else _indented(value, depth + 1) for value in values]
    if isinstance(data, dict):
        return _object(tuple(data), depth) % tuple(items)
    line = "\n" + " " * depth
    return f"[{line}{f',{line}'.join(items)}{line[:-1]}]" if items else "[]"


@lru_cache(maxsize=256)
def _object(keys: tuple[str, ...], depth: int) -> str:
    """An object with these keys, in which each value is ``%s``: most rows have the same keys."""
    line = "\n" + " " * depth
    items = [encode_basestring_ascii(key).replace("%", "%%") + ": %s" for key in keys]
    return f"{{{line}{f',{line}'.join(items)}{line[:-1]}}}" if items else "{}"


_SCALARS: dict[type, Callable[[Any], str]] = {
    str: encode_basestring_ascii,
    int: int.__repr__,
    bool: {True: "true", False: "false"}.__getitem__,
    type(None): {None: "null"}.__getitem__,
}


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

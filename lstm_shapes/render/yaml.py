"""Plain data as YAML that a person could have written: a line for a short entry, plain words without quotes."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from lstm_shapes.render.escape import UNSAFE, terminal

WIDTH = 100
"""The columns of a line; a single word may be longer."""
MAX_KEY = 1_000
"""The characters of a key on the line of its value; YAML allows 1,024."""
Route = tuple[str | int, ...]
_PLAIN = re.compile(r"(?:[A-Za-z_(]|[0-9]+ ?\*)[A-Za-z0-9_./*+()@-]*(?: [A-Za-z0-9_./*+()@-]+)*")
_WORDS = frozenset("null true false yes no on off".split())
"""What a reader of YAML 1.1 or 1.2 takes for something else than text."""
_NO_COMMENTS: Mapping[Route, str] = MappingProxyType({})


def written(data: Mapping[Any, Any], *, head: Sequence[str] = (), comments: Mapping[Route, str] = _NO_COMMENTS) -> str:
    """A mapping as YAML, with comments above it and, by the route of the value, at the ends of lines.

    >>> print(written({"name": "no", "layers": [{"type": "lstm", "units": "2*H"}]}, head=["an example"]), end="")
    # an example
    name: "no"
    layers:
      - {type: lstm, units: 2*H}
    """
    lines = [f"# {terminal(line)}" for line in head]
    lines += _mapping(data, 0, (), comments) if data else ["{}"]
    return "\n".join(lines) + "\n"


def _mapping(data: Mapping[Any, Any], indent: int, route: Route, comments: Mapping[Route, str]) -> Iterator[str]:
    """The lines of a mapping, a key at the beginning of each entry."""
    for key, value in data.items():
        text = scalar(str(key))
        lead = f"{' ' * indent}{text}:" if len(text) <= MAX_KEY else f"{' ' * indent}? {text}\n{' ' * indent}:"
        yield from _entry(lead, value, indent, (*route, key), comments)


def _entry(lead: str, value: Any, indent: int, route: Route, comments: Mapping[Route, str]) -> Iterator[str]:
    """The lines of a value after what leads to it: a key or a dash."""
    comment = f"  # {terminal(comments[route])}" if route in comments else ""
    block = route[-1] == "layers" and isinstance(value, list) and value
    flow = None if block else _flow(value, WIDTH - len(lead) - 1)
    if flow is not None:
        yield f"{lead} {flow}{comment}"
    elif isinstance(value, dict):
        inner = _mapping(value, indent + 2, route, comments)
        yield (f"{lead} {next(inner).lstrip()}" if lead.endswith("-") else lead) + comment
        yield from inner
    elif block or any(isinstance(item, dict | list) for item in value):
        yield lead + comment
        for number, item in enumerate(value):
            yield from _entry(f"{' ' * (indent + 2)}-", item, indent + 2, (*route, number), comments)
    else:
        yield from _wrapped(lead, value, indent + 4)


def _wrapped(lead: str, values: Sequence[Any], indent: int) -> Iterator[str]:
    """A long list of scalars in brackets, over several lines."""
    line = f"{lead} ["
    for number, value in enumerate(values):
        item = scalar(value) + ("," if number < len(values) - 1 else "]")
        if len(line) + len(item) + 1 > WIDTH and not line.isspace():
            yield line.rstrip()
            line = " " * indent
        line += item if line[-1] in "[ " and number == 0 else f"{'' if line.isspace() else ' '}{item}"
    yield line


def _flow(value: Any, room: float) -> str | None:
    """A value on a line, within ``room`` columns where it is a collection; None where it needs lines of its own."""
    if not isinstance(value, dict | list) or not value:
        return scalar(value)
    if isinstance(value, dict) and isinstance(value.get("layers"), list) and value["layers"]:
        return None
    items = []
    room -= 2
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        before = f"{scalar(str(key))}: " if isinstance(value, dict) else ""
        text = _flow(item, room - len(before))
        room -= len(before) + len(text or "") + 2
        if text is None or room < -2 or len(before) > MAX_KEY:
            return None
        items.append(before + text)
    return f"{{{', '.join(items)}}}" if isinstance(value, dict) else f"[{', '.join(items)}]"


def scalar(value: Any) -> str:
    """A scalar, or an empty collection, as YAML 1.1 and 1.2 read it; text in quotes where they would read another.

    >>> scalar("2*H"), scalar("1e3"), scalar(True), scalar("on: off")
    ('2*H', '"1e3"', 'true', '"on: off"')
    """
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            plain = _PLAIN.fullmatch(value) and value.lower() not in _WORDS
            return value if plain else _quoted(value)
        case float() if not math.isfinite(value):
            return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
        case dict() | list():
            return "{}" if isinstance(value, dict) else "[]"
    return str(value)


def _quoted(text: str) -> str:
    """Text in double quotes, with escapes for all that YAML does not print, or that hides or moves text."""
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")  # a lone surrogate has no escape in YAML
    quoted = json.dumps(text, ensure_ascii=False).replace("##[", r"#\u0023[")
    return re.sub(f"{UNSAFE}|[\ufffe\uffff]", lambda match: f"\\u{ord(match[0]):04x}", quoted)

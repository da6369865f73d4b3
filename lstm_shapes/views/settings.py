"""The output of ``check --show-settings``: each setting, as it is written in TOML, and where it comes from."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lstm_shapes.analysis.report import FORMAT_VERSION
from lstm_shapes.checking.settings import COMMAND_LINE, KEYS, Settings
from lstm_shapes.render.page import Page, Table
from lstm_shapes.render.view import Data, View

DEFAULTS = {
    "select": "all rules",
    "framework": "that of the model, or keras",
    "output-format": "text",
    "respect-gitignore": "true",
}
"""What applies where nothing is set, if it is something."""
OPTIONS = {
    "override_framework": "--framework",
    "override_dims": "--set",
    "override_values": "--set, --bind",
    "override_exclude": "--exclude",
    "override_assume": "--assume",
    "force_exclude": "--force-exclude",
}
"""What the command line adds, and the option that does."""


class Row(NamedTuple):
    """A setting or an option, its value and where it comes from: a file, the command line, or '' for the default."""

    name: str
    value: Any
    origin: str


def view(path: str, settings: Settings) -> View:
    """The settings of a file, or of the files in a folder, in each format."""
    rows = tuple(_rows(settings))

    def pages() -> tuple[Page, ...]:
        cells = tuple((row.name, _text(row), row.origin or "default") for row in rows)
        table = Table(headers=("setting", "value", "from"), rows=cells)
        return (Page(heading=f"settings of {path}", parts=(table,)),)

    def data() -> Data:
        values = {row.name: {"value": _plain(row.value), "from": row.origin or None} for row in rows}
        return Data({"format_version": FORMAT_VERSION, "path": path, "settings": values})

    return {"text": pages, "json": data, "markdown": pages}


def _rows(settings: Settings) -> Iterator[Row]:
    values = settings._asdict()
    for key in KEYS:
        field = key.replace("-", "_")
        yield Row(key, values[field], _shown(settings.origins.get(field, "")))
    for field, option in OPTIONS.items():
        if values[field]:
            yield Row(option, values[field], COMMAND_LINE)


def _shown(origin: str) -> str:
    """A file in the working directory by its path from there."""
    here = os.path.join(os.getcwd(), "")
    return origin.removeprefix(here)


def _text(row: Row) -> str:
    return _toml(row.value) if row.origin else DEFAULTS.get(row.name, "none")


def _toml(value: Any) -> str:
    match value:
        case bool() | int():
            return json.dumps(value)
        case tuple() | list():
            return f"[{', '.join(map(_toml, value))}]"
        case Mapping():
            return "{" + ", ".join(f"{_key(key)} = {_toml(item)}" for key, item in value.items()) + "}"
    return json.dumps(str(value), ensure_ascii=False)


def _key(text: str) -> str:
    bare = text.isascii() and text.replace("-", "").replace("_", "").isalnum()
    return text if bare else _toml(text)


def _plain(value: Any) -> Any:
    match value:
        case bool() | int():
            return value
        case tuple() | list():
            return [_plain(item) for item in value]
        case Mapping():
            return {key: _plain(item) for key, item in value.items()}
    return str(value)

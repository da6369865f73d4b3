"""A project's settings: ``[tool.lstm-shapes]`` in pyproject.toml, or lstm-shapes.toml. An unknown key is an error."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from lstm_shapes.checking.outcome import FORMATS
from lstm_shapes.checking.patterns import MAX_CHARACTERS
from lstm_shapes.checking.repositories import top_of
from lstm_shapes.findings.errors import LstmShapesError
from lstm_shapes.findings.spelling import nearest
from lstm_shapes.formats import NoSuchFile, read_bytes
from lstm_shapes.rules.catalog import kinds
from lstm_shapes.spec.assumptions import Assumption, assumption, declared
from lstm_shapes.spec.keys import BUDGET_KEYS
from lstm_shapes.spec.values import InvalidValue, choice, count, size
from lstm_shapes.spec.words import framework_name
from lstm_shapes.symbolic.size import Size, is_symbol

MAX_BYTES = 2**20
FILE, TABLE = "lstm-shapes.toml", "lstm-shapes"
TARGETS = ("onnxruntime", "tflite")
COMMAND_LINE = "command line"


class BadSettings(LstmShapesError):
    """A settings file cannot be used; a usage error."""


class Settings(NamedTuple):
    """The settings of a check.

    ``include`` adds files of other kinds, as ``*.keras``, to those that a search takes.
    ``framework`` and ``dims`` are defaults for files that do not set them; what begins with ``override`` comes from the
    command line and applies to every file; ``override_values`` are what names in scripts are besides sizes. Patterns
    are relative to the folder ``root``, those of ``override_exclude`` to the working directory. ``origins`` says where
    each setting comes from that is not the default.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    respect_gitignore: bool = True
    force_exclude: bool = False
    per_file_ignores: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    framework: str = ""
    dims: Mapping[str, Size] = MappingProxyType({})
    budget: Mapping[str, Size] = MappingProxyType({})
    targets: tuple[str, ...] = ()
    assume: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
    output_format: str = ""
    root: str = ""
    origins: Mapping[str, str] = MappingProxyType({})
    override_framework: str = ""
    override_dims: Mapping[str, Size] = MappingProxyType({})
    override_values: Mapping[str, Any] = MappingProxyType({})
    override_exclude: tuple[str, ...] = ()
    override_assume: Mapping[str, Mapping[str, Any]] = MappingProxyType({})

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """What is declared of unknown classes."""
        return tuple(Assumption(*item) for item in {**self.assume, **self.override_assume}.items())

    @property
    def given(self) -> Mapping[str, Any]:
        """The values that the command line gives to names in scripts."""
        return self.override_values or self.override_dims

    def inside(self, folder: str) -> Settings:
        """The settings of the files in a folder: these, whichever it is."""
        return self


def find(start: str) -> str:
    """The settings file for a folder: the nearest in it or in a folder above it; '' if there is none.

    Raises ``BadSettings`` as ``settings_file`` does.
    """
    folder = os.path.abspath(start)
    while not (path := settings_file(folder)) and os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
    return path


def settings_file(folder: str) -> str:
    """The settings file in a folder, '' if there is none. A pyproject.toml without the table is none.

    Raises ``BadSettings`` when the file is a link out of its repository, or, where there is none, out of the folder.
    """
    for name in (FILE, "pyproject.toml"):
        path = os.path.join(folder, name)
        if os.path.isfile(path) and (name == FILE or _mentions_us(path)):
            root = os.path.realpath(top_of(folder) or folder)
            if os.path.islink(path) and not os.path.realpath(path).startswith(os.path.join(root, "")):
                raise BadSettings(f"{path}: a link out of {root}; name its target with --config")
            if name == FILE or _has_table(path):
                return path
    return ""


def load(path: str) -> Settings:
    """The settings in a file. Raises ``BadSettings`` with the file, the key and what was expected."""
    table = _read(path)
    if os.path.basename(path) == "pyproject.toml":
        tool = table.get("tool")
        table = tool.get(TABLE, {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise BadSettings(f"{path}: expected [tool.{TABLE}] to be a table")
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _KEYS:
            close = nearest(key, sorted(_KEYS))
            hint = f"did you mean {close}?" if close else f"it has {', '.join(sorted(_KEYS))}"
            raise BadSettings(f"{path}: unknown key {key[:80]!r}; {hint}")
        try:
            values[key.replace("-", "_")] = _KEYS[key](value)
        except InvalidValue as problem:
            raise BadSettings(
                f"{path}: {key}: {problem.message}{f'; {problem.hint}' if problem.hint else ''}"
            ) from None
    origins = {key.replace("-", "_"): path for key in table}
    return Settings(**values, root=os.path.dirname(os.path.abspath(path)), origins=origins)


def rules(value: Any) -> tuple[str, ...]:
    """Rules by id, name or the beginning of an id: ``LS2`` means LS201 to LS299. Raises ``InvalidValue``."""
    chosen = _texts(value)
    ids = {name: kind.id for name, kind in kinds().items()}
    for rule in chosen:
        if not any(matches(rule, name) for name in ids):
            close = nearest(rule, [*ids, *ids.values()])
            raise InvalidValue(f"unknown rule {rule[:80]!r}", f"write {close}" if close else "")
    return chosen


def matches(chosen: str, kind: str) -> bool:
    """Whether this id, name or beginning of an id chooses a rule."""
    return chosen.lower() == kind or (chosen != "" and kinds()[kind].id.startswith(chosen.upper()))


def _read(path: str) -> dict[str, Any]:
    import tomllib

    try:
        raw = read_bytes(path, MAX_BYTES)
        if len(raw) > MAX_BYTES:
            raise BadSettings(f"{path}: larger than {MAX_BYTES // 2**20} MiB")
        return tomllib.loads(raw.decode("utf-8"))
    except NoSuchFile as error:
        raise BadSettings(str(error)) from None
    except (ValueError, RecursionError) as error:  # of a number of thousands of digits tomllib passes on a ValueError
        raise BadSettings(f"{path}: not TOML: {str(error).split(chr(10))[0]}") from None


def _mentions_us(path: str) -> bool:
    """Whether a pyproject.toml has our name; the mistakes of one that has not are not ours to report."""
    try:
        return TABLE.encode() in read_bytes(path, MAX_BYTES)
    except NoSuchFile:
        return False


def _has_table(path: str) -> bool:
    tool = _read(path).get("tool")
    return isinstance(tool, dict) and TABLE in tool


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InvalidValue("expected a list of strings", 'write it as ["LS2"]')
    return tuple(value)


def _table(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidValue("expected a table")
    return value


def _patterns(value: Any) -> tuple[str, ...]:
    texts = _texts(value)
    if sum(map(len, texts)) > MAX_CHARACTERS:
        raise InvalidValue(f"expected patterns of at most {MAX_CHARACTERS:,} characters in sum")
    return texts


def _bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise InvalidValue("expected true or false")
    return value


def _per_file(value: Any) -> dict[str, tuple[str, ...]]:
    _patterns(list(_table(value)))
    return {pattern: rules(chosen) for pattern, chosen in _table(value).items()}


def _dims(value: Any) -> dict[str, Size]:
    for name in _table(value):
        if not is_symbol(name):
            raise InvalidValue(f"expected a symbol, got {name[:80]!r}")
    return {name: size(item) for name, item in value.items()}


def _budget(value: Any) -> dict[str, Size]:
    for name in _table(value):
        if name not in BUDGET_KEYS:
            raise InvalidValue(f"unknown budget {name[:80]!r}", f"write one of {', '.join(BUDGET_KEYS)}")
    return {name: count(item) for name, item in value.items()}


def targets(value: Any) -> tuple[str, ...]:
    """The exporters that models must be ready for. Raises ``InvalidValue``."""
    return tuple(choice(item, TARGETS) for item in _texts(value))


def _assume(value: Any) -> dict[str, Mapping[str, Any]]:
    """What is declared of unknown classes: a table of tables, or texts as the option has them."""
    if isinstance(value, list):
        return dict(assumption(text) for text in _texts(value))
    return dict(declared(name, settings) for name, settings in _table(value).items())


def _format(value: Any) -> str:
    return choice(value, FORMATS)


_KEYS: dict[str, Callable[[Any], Any]] = {
    "select": rules,
    "ignore": rules,
    "exclude": _patterns,
    "include": _patterns,
    "respect-gitignore": _bool,
    "per-file-ignores": _per_file,
    "framework": framework_name,
    "dims": _dims,
    "budget": _budget,
    "targets": targets,
    "assume": _assume,
    "output-format": _format,
}
"""Each key of the settings and the function that reads its value."""
KEYS = tuple(_KEYS)

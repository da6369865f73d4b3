"""The options ``--bind`` and ``--set`` as values of names in a script: those of a configuration, and those typed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from lstm_shapes import formats
from lstm_shapes.cli import output
from lstm_shapes.formats.document import Document
from lstm_shapes.spec.imported import CODE, Imported
from lstm_shapes.spec.reading import Reading
from lstm_shapes.symbolic.size import MAX_INT, is_symbol

MAX_VALUES = 10_000
"""The values of a file that are looked at."""


class Bindings(NamedTuple):
    """The values of each file of ``--bind`` by their symbols; those of a later file take precedence."""

    files: tuple[tuple[str, Mapping[str, Any]], ...] = ()

    @property
    def values(self) -> dict[str, Any]:
        """The values of all files."""
        return {name: value for _, values in self.files for name, value in values.items()}

    def idle(self, used: Iterable[str]) -> tuple[str, ...]:
        """The files of which no value is among the symbols that were ``used``."""
        met = set(used)
        return tuple(path for path, values in self.files if met.isdisjoint(values))


NO_BINDINGS = Bindings()


def bindings(paths: Sequence[str] | None) -> Bindings:
    """What the files of ``--bind`` say. Exits with 2 on one that cannot be read, or that is no mapping."""
    return Bindings(tuple((path, _values(path)) for path in paths or ()))


def require_scripts(models: Iterable[Imported], bound: Bindings) -> None:
    """Exit with 2 where ``--bind`` meets a model that is not built by code."""
    for imported in models if bound.files else ():
        if imported.kind not in CODE:
            source = imported.document.source
            raise output.fail(
                f"--bind: gives values to names in a script or notebook, and {source} is neither; use --set"
            )


def tell_idle_files(bound: Bindings, readings: Iterable[Reading]) -> None:
    """Say which files of ``--bind`` give no value to any of the models."""
    tell_idle(bound, (name for reading in readings for name in reading.replaced))


def tell_idle(bound: Bindings, used: Iterable[str]) -> None:
    """Say which files of ``--bind`` have no value that was ``used``."""
    for path in bound.idle(used):
        output.tell(
            f"note: --bind {path}: none of its keys is a value that the code leaves open; "
            "they are spelled as in the code: `cfg: {model: {hidden: 32}}` or `cfg.model.hidden: 32`"
        )


def _values(path: str) -> dict[str, Any]:
    try:
        document = formats.read(path)
    except (formats.NoSuchFile, formats.MissingExtra) as error:
        raise output.fail(f"--bind {error}") from None
    if document.findings or document.format not in ("yaml", "json") or not isinstance(document.data, dict):
        raise output.fail(f"--bind {path}: {_problem(document)}")
    values: dict[str, Any] = {}
    for count, (name, value) in enumerate(_leaves(document.data, "")):
        if count == MAX_VALUES:
            raise output.fail(f"--bind {path}: has more than {MAX_VALUES:,} values")
        if values.setdefault(name, value) != value:
            raise output.fail(
                f"--bind {path}: {name[:80]} has two values, {str(values[name])[:80]} and {str(value)[:80]}; keep one"
            )
    return values


def _problem(document: Document) -> str:
    """What is wrong with a file that should have a mapping."""
    if document.findings:
        finding = document.findings[0]
        place = f"line {finding.place.line}: " if finding.place else ""
        return f"{place}{finding.message}"
    return "expected a mapping in YAML or JSON, as `hidden_size: 64`"


def _leaves(data: Mapping[Any, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    """The values of a mapping, each by the symbol of its keys: ``{"cfg": {"hidden": 32}}`` has ``cfg_hidden``."""
    for key, value in data.items():
        if not isinstance(key, str):
            continue
        name = f"{prefix}_{key}" if prefix else key
        if isinstance(value, Mapping):
            yield from _leaves(value, name)
        elif (symbol := symbol_of(name)) and is_symbol(symbol) and _is_usable(value):
            yield symbol, _frozen(value)


def _frozen(value: Any) -> Any:
    """A value that code cannot change: a list as a tuple."""
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _is_usable(value: Any) -> bool:
    """Whether a value can stand in code: a number within the limits of sizes, a text, true, false, nothing, a list."""
    if isinstance(value, list):
        return all(map(_is_usable, value))
    if isinstance(value, int) and not isinstance(value, bool):
        return abs(value) <= MAX_INT
    return value is None or isinstance(value, bool | float | str)


def symbol_of(name: str) -> str:
    """The symbol of a name as a script has it: ``X_train.shape[2]`` is ``X_train_shape_2``.

    >>> symbol_of("len(vocab)"), symbol_of('config["hidden"]')
    ('len_vocab', 'config_hidden')
    """
    plain = re.sub(r"\W+", "_", name.strip().removeprefix("self."), flags=re.ASCII).strip("_")
    return plain if is_symbol(plain) and name.strip()[-1:] in (*"])_", plain[-1:]) else name

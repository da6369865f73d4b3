"""What commands on model files share: reading them with the options, findings to standard error, the exit code."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import typer

from lstm_shapes import formats, importers
from lstm_shapes.cli import bind, output
from lstm_shapes.cli.bind import NO_BINDINGS, Bindings, symbol_of
from lstm_shapes.cli.options import typed_size
from lstm_shapes.cli.output import fail
from lstm_shapes.findings.finding import Finding
from lstm_shapes.findings.spelling import nearest
from lstm_shapes.spec import reader as spec
from lstm_shapes.spec.assumptions import Assumption, assume, assumption, unknown_classes
from lstm_shapes.spec.imported import Imported
from lstm_shapes.spec.reading import Reading
from lstm_shapes.spec.values import InvalidValue, size
from lstm_shapes.symbolic.size import Size, is_symbol
from lstm_shapes.views import findings as form


def readings(
    files: Sequence[str],
    framework: str | None,
    settings: Sequence[str] | None,
    stdin_filename: str,
    model: str = "",
    assume: Sequence[str] | None = None,
    bound: Bindings = NO_BINDINGS,
) -> list[Reading]:
    """Every model of the files read, or those called ``model``.

    Exits with 2 on a path that cannot be opened, a model, a symbol or an unknown class that no file has.
    """
    if files.count("-") > 1:
        raise fail("-: standard input can be read once")
    found = [imported for path in files for imported in every(path, stdin_filename, model, settings, bound)]
    return read(found, framework, settings, assume, bound)


def read(
    models: Sequence[Imported],
    framework: str | None,
    settings: Sequence[str] | None,
    assume: Sequence[str] | None = None,
    bound: Bindings = NO_BINDINGS,
) -> list[Reading]:
    """The models read with the options. Exits with 2 on a symbol, or an unknown class, that none of them has."""
    dims = sizes(settings)
    models = assumed(models, assumptions(assume)) if assume else models
    read = [spec.read_imported(imported, framework=framework or "", dims=dims) for imported in models]
    bind.tell_idle_files(bound, read)
    replaced = {name for reading in read for name in reading.replaced}
    symbols = {name for reading in read for name in reading.symbols}
    for name in given(settings):
        effective = name in replaced or (name in dims and name in symbols)
        if not effective and all(reading.model for reading in read):
            raise no_such_symbol(name, sorted(symbols | replaced))
    return read


def no_such_symbol(name: str, symbols: Sequence[str]) -> typer.Exit:
    """The exit with 2 where ``--set`` has a name that the models do not have, or not for a value of this kind."""
    if name in symbols:
        return fail(f"--set {name}: is a size of the model; expected a number, a symbol or an expression")
    close = nearest(name, list(symbols))
    hint = f"did you mean {close}?" if close else f"its symbols are {', '.join(symbols)}" if symbols else "it has none"
    return fail(f"--set {name}: no size of the model has this symbol; {hint}")


def not_taken(dims: Mapping[str, Size], imported: Imported) -> dict[str, Size]:
    """The values of ``--set`` that are left for the spec, without those that a script's own names took."""
    taken = spec.read_imported(imported).replaced if imported.symbols else frozenset()
    return {name: value for name, value in dims.items() if name not in taken}


def every(
    path: str,
    stdin_filename: str,
    model: str = "",
    settings: Sequence[str] | None = None,
    bound: Bindings = NO_BINDINGS,
) -> tuple[Imported, ...]:
    """The models of a file, or those called ``model``. Exits with 2 where it has none."""
    try:
        found = importers.translate(formats.read(path, name=stdin_filename), given(settings, bound))
    except (formats.NoSuchFile, formats.MissingExtra) as error:
        raise fail(str(error)) from None
    if not found:
        raise fail(f"{path}: no model found in it")
    bind.require_scripts(found, bound)
    names = [imported.name for imported in found]
    if model and model not in names:
        close = nearest(model, names)
        hint = f"did you mean {close}?" if close else f"it has {', '.join(filter(None, names)) or 'one model, no name'}"
        raise fail(f"--model {model[:80]}: no model of {path} has this name; {hint}")
    return tuple(imported for imported in found if model in ("", imported.name))


def single(
    path: str,
    stdin_filename: str,
    model: str = "",
    settings: Sequence[str] | None = None,
    assume: Sequence[str] | None = None,
    bound: Bindings = NO_BINDINGS,
) -> Imported:
    """The only model of a file, or the one called ``model``, as ``--assume`` declares it.

    Exits with 2 where there are several.
    """
    found = every(path, stdin_filename, model, settings, bound)
    if len(found) > 1:
        raise fail(f"{path}: has {len(found)} models; choose with --model: {', '.join(one.name for one in found)}")
    return assumed(found, assumptions(assume))[0]


def assumptions(texts: Sequence[str] | None) -> tuple[Assumption, ...]:
    """What ``--assume`` declares. Exits with 2 on a text that cannot be read."""
    try:
        return tuple(assumption(text) for text in texts or ())
    except InvalidValue as error:
        raise fail(f"--assume: {error}{error.hint and f'; {error.hint}'}") from None


def assumed(models: Sequence[Imported], declared: Sequence[Assumption]) -> list[Imported]:
    """The models with the unknown layers of these classes declared. Exits with 2 on a class that none of them has."""
    answers = [assume(declared, imported) for imported in models]
    met = {name for _, classes in answers for name in classes}
    for name, _ in declared:
        if name not in met:
            raise fail(f"--assume {name[:80]}: {no_such_class(name, unknown_classes(models))}")
    return [imported for imported, _ in answers]


def no_such_class(name: str, classes: Sequence[str]) -> str:
    """That no unknown layer is of a class, and which are."""
    close = nearest(name, list(classes))
    hint = f"did you mean {close}?" if close else f"those are {', '.join(classes[:12])}" if classes else "it has none"
    return f"no unknown layer of the model is of this class; {hint}"


def sizes(settings: Sequence[str] | None) -> dict[str, Size]:
    """The values of ``--set``. Exits with 2 on one that cannot be read."""
    pairs = (setting.partition("=") for setting in settings or ())
    return dict(_setting(f"{symbol_of(name)}{equals}{value}") for name, equals, value in pairs if not _is_word(value))


_WORDS = {"true": True, "false": False, "True": True, "False": False, "None": None}
"""Values of ``--set`` that are no sizes, for names in a script."""


def _is_word(value: str) -> bool:
    plain = value.strip()
    return plain in _WORDS or plain[:1] in ("'", '"')


def given(settings: Sequence[str] | None, bound: Bindings = NO_BINDINGS) -> ChainMap[str, Any]:
    """The values of ``--set`` and then of ``--bind`` by their symbols, for a script: sizes, words and texts in quotes.

    Those of ``--set`` take precedence over constants and defaults in the code, those of ``--bind`` do not.
    """
    values: dict[str, Any] = {}
    for setting in settings or ():
        name, _, value = (part.strip() for part in setting.partition("="))
        if value in _WORDS:
            values[symbol_of(name)] = _WORDS[value]
        elif len(value) > 1 and value[0] in "'\"" and value[-1] == value[0]:
            values[symbol_of(name)] = value[1:-1]
        else:
            values |= sizes([setting])
    return ChainMap(values, bound.values)


def _setting(text: str) -> tuple[str, Size]:
    name, equals, value = text.partition("=")
    if not equals or not is_symbol(name.strip()):
        raise fail(f"--set {text}: expected NAME=SIZE, as H=128")
    try:
        return name.strip(), size(typed_size(value))
    except typer.BadParameter as error:
        raise fail(f"--set {text}: {error.message}") from None
    except (InvalidValue, ValueError) as error:
        hint = f"; {error.hint}" if isinstance(error, InvalidValue) and error.hint else ""
        raise fail(f"--set {text}: {error}{hint}") from None


def tell(findings: Iterable[Finding]) -> None:
    """Findings for a person, on standard error."""
    output.tell(form.styled(findings))


def code(findings: Iterable[Finding]) -> int:
    """1 when something is wrong, 0 when there are at most warnings and notes."""
    return 1 if any(finding.severity == "error" for finding in findings) else 0


def leave(status: int) -> None:
    """End the command with this exit code."""
    if status:
        raise typer.Exit(status)

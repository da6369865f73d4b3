"""The exception tree: every class derives from its root, is drawn, and can be imported where a docstring names it."""

from __future__ import annotations

import builtins
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType

import pytest

import lstm_shapes
from lstm_shapes.findings import errors


def modules() -> Iterator[ModuleType]:
    for module in pkgutil.walk_packages(lstm_shapes.__path__, "lstm_shapes."):
        if not module.name.endswith("__main__"):
            yield importlib.import_module(module.name)


def exceptions(module: ModuleType) -> set[type[Exception]]:
    """The public exceptions defined in a module; ``_Stop`` is caught in the file that raises it."""
    classes = {value for value in vars(module).values() if isinstance(value, type) and issubclass(value, Exception)}
    return {cls for cls in classes if cls.__module__ == module.__name__ and not cls.__name__.startswith("_")}


def outside(classes: set[type[Exception]]) -> set[str]:
    return {cls.__name__ for cls in classes if not issubclass(cls, errors.LstmShapesError)}


def drawn() -> set[str]:
    return set(re.findall(r"^ +(?:[├└]── )?(\w+)", str(errors.__doc__), re.MULTILINE))


def raised(docstring: str | None) -> set[str]:
    """The exceptions that the sentences with "Raises" name."""
    sentences = re.findall(r"\b[Rr]aises\b[^.]*", docstring or "")
    names = {name for sentence in sentences for name in re.findall(r"``(\w+)``", sentence)}
    return {name for name in names if re.fullmatch(r"[A-Z]\w*", name)}


def public_docstrings() -> Iterator[str]:
    for name in lstm_shapes.__all__:
        value = getattr(lstm_shapes, name)
        if callable(value):
            yield inspect.getdoc(value) or ""
        if isinstance(value, type):
            yield from (inspect.getdoc(method) or "" for method in vars(value).values() if callable(method))


def importable(name: str) -> bool:
    return name in lstm_shapes.__all__ or hasattr(builtins, name)


EVERY = set().union(*map(exceptions, modules()))


def test_every_exception_derives_from_the_root_of_the_tree() -> None:
    assert len(EVERY) > 10
    assert outside(EVERY) == set()


def test_an_exception_outside_the_tree_is_reported() -> None:
    assert outside({type("Stray", (ValueError,), {})}) == {"Stray"}


def test_the_drawing_shows_exactly_the_exceptions_that_are_defined() -> None:
    assert drawn() == {cls.__name__ for cls in EVERY}


def test_a_second_base_of_value_error_is_drawn() -> None:
    lines = {words[1]: " ".join(words) for text in str(errors.__doc__).splitlines() if (words := text.split())[1:]}
    marked = {name for name, line in lines.items() if "(a ValueError too)" in line}
    assert marked == {cls.__name__ for cls in EVERY if issubclass(cls, ValueError)}


def test_what_public_docstrings_say_is_raised_can_be_imported_from_the_package() -> None:
    names = {name for docstring in public_docstrings() for name in raised(docstring)}
    assert names >= {"NoSuchFile", "NothingFound", "LayerSettingsError", "KeyError"}
    assert {name for name in names if not importable(name)} == set()


def test_a_name_that_cannot_be_imported_is_reported() -> None:
    names = raised("Reads it. Raises ``TooManyLayers`` on more, ``KeyError`` on a name.")
    assert {name for name in names if not importable(name)} == {"TooManyLayers"}


def test_the_names_at_the_foot_of_the_drawing_are_the_exported_ones() -> None:
    exported = {name for name in lstm_shapes.__all__ if name in {cls.__name__ for cls in EVERY}}
    listed = str(errors.__doc__).split("can be imported from ``lstm_shapes``:")[1]
    assert set(re.findall(r"[A-Z]\w+", listed)) == exported


def test_the_root_catches_what_a_public_function_raises() -> None:
    with pytest.raises(lstm_shapes.LstmShapesError):
        lstm_shapes.inspect("no/such/file.yaml")
    with pytest.raises(lstm_shapes.LstmShapesError):
        lstm_shapes.params(units=0, input_dim=8)
    with pytest.raises(lstm_shapes.LstmShapesError):
        lstm_shapes.check(["."], select=["LS999"])

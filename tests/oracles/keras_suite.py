"""Keras' own tests of its layers: what they hand to ``TestCase.run_layer_test``, collected without running a layer."""

from __future__ import annotations

import ast
import importlib
import sys
import unittest
import warnings
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple
from unittest.mock import MagicMock, patch

from lstm_shapes.spec.keys import canonical

OTHERS = ("RNN",)
"""Classes of Keras whose name is that of another layer here: its RNN runs any cell, ours is SimpleRNN."""
IGNORED = ("name", "dtype", "seed", "trainable")
"""Arguments that say nothing of shapes or counts."""
ABSENT = ("grain", "tensorflow")
"""Packages that a test of rescaling imports for a pipeline that is not compared."""


class Statement(NamedTuple):
    """What a test of Keras states of a layer: ``expected`` has shapes, weights and outputs under their arguments."""

    test: str
    layer: Any
    settings: dict[str, Any]
    shape: Any
    data: Any
    expected: dict[str, Any]

    def __str__(self) -> str:
        return self.test


class Suite(NamedTuple):
    """Every statement, and the tests with a call of ``run_layer_test`` that was not reached."""

    statements: list[Statement]
    unreached: list[str]


def suite() -> Suite:
    """The statements of all of Keras' tests of layers; of those that prepare data, as images, only rescaling's."""
    import keras.src.layers

    root = Path(str(keras.src.layers.__file__)).parent
    paths = [path for path in sorted(root.glob("*/*_test.py")) if path.parent.name != "preprocessing"]
    parts = [_in_file(path) for path in (*paths, root / "preprocessing" / "rescaling_test.py")]
    return Suite([s for part in parts for s in part.statements], [test for part in parts for test in part.unreached])


def _in_file(path: Path) -> Suite:
    calls = _calls(path)
    if not calls:
        return Suite([], [])
    loaded = _module(f"keras.src.layers.{path.parent.name}.{path.stem}")
    collected = _Collected()
    for case in _cases(loaded):
        for name in unittest.TestLoader().getTestCaseNames(case):
            if name.startswith(tuple(calls.values())):
                collected.collect(case, name)
    statements = [_statement(f"{path.stem}.{test}", layer, given) for test, layer, given in collected.calls]
    return Suite(statements, [f"{path.stem}.{test}" for line, test in calls.items() if line not in collected.lines])


def _calls(path: Path) -> dict[int, str]:
    """The line of every call of ``run_layer_test`` with the method that makes it."""
    return {
        node.lineno: method.name
        for method in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(method, ast.FunctionDef)
        for node in ast.walk(method)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "self.run_layer_test"
    }


def _module(name: str) -> Any:
    """The module of a test, with a stand-in for Keras' conftest, which its wheel does not bring."""
    conftest = ModuleType("conftest")
    conftest.skip_if_backend = lambda backend, reason: lambda test: test  # type: ignore[attr-defined]
    absent = {package: MagicMock() for package in ABSENT} if name.endswith("rescaling_test") else {}
    with patch.dict(sys.modules, {"conftest": conftest, **absent}):
        return importlib.import_module(name)


def _cases(module: Any) -> list[type[unittest.TestCase]]:
    values = vars(module).values()
    return [case for case in values if isinstance(case, type) and issubclass(case, unittest.TestCase)]


class _Collected:
    """The calls of ``run_layer_test`` that tests make, and the lines from which they make them."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any, dict[str, Any]]] = []
        self.lines: set[int] = set()

    def collect(self, case: type[unittest.TestCase], name: str) -> None:
        """Run one test with a stand-in for ``run_layer_test``; what the test does besides is Keras' own affair."""

        def stand_in(test: Any, layer_cls: Any, init_kwargs: Any, input_shape: Any = None, **more: Any) -> None:
            self.lines.add(sys._getframe(1).f_lineno)
            self.calls.append((name, layer_cls, {"init_kwargs": init_kwargs, "input_shape": input_shape, **more}))

        expects_no_error = {method: lambda *_, **__: nullcontext() for method in ("assertRaises", "assertRaisesRegex")}
        replaced = type(case.__name__, (case,), {"run_layer_test": stand_in, **expects_no_error})
        with warnings.catch_warnings(action="ignore"):
            replaced(name).run(unittest.TestResult())


def _statement(test: str, layer: Any, arguments: dict[str, Any]) -> Statement:
    settings = {key: value for key, value in dict(arguments["init_kwargs"]).items() if key not in IGNORED}
    data = arguments.get("input_data")
    shape = arguments["input_shape"] or (_shape(data) if type_of(layer) else None)
    stated = {key: value for key, value in arguments.items() if key.startswith(("expected_", "supports_"))}
    return Statement(test, layer, settings, shape, data, {k: v for k, v in stated.items() if v is not None})


def _shape(data: Any) -> Any:
    if isinstance(data, (list, tuple)):
        return [tuple(item.shape) for item in data]
    return None if data is None else tuple(data.shape)


def type_of(layer: Any) -> str:
    """Our type of a Keras class; '' where lstm-shapes has no such layer, or a test defines it."""
    of_keras = layer.__module__.startswith("keras.src.layers.") and not layer.__module__.endswith("_test")
    type_and_fields = canonical(layer.__name__) if of_keras and layer.__name__ not in OTHERS else None
    return type_and_fields[0] if type_and_fields else ""


def entry(layer: Any, settings: dict[str, Any]) -> dict[str, Any]:
    """The layer as an entry of a spec, under Keras' names; a layer inside it by its own arguments."""
    import keras

    given: dict[str, Any] = {"type": layer.__name__}
    for name, value in settings.items():
        if isinstance(value, keras.Layer):
            config = value.get_config()
            inner = {k: v for k, v in config.items() if k not in IGNORED and _plain(v)}
            if isinstance(value, (keras.layers.TimeDistributed, keras.layers.Bidirectional)):
                inner = {"layer": value.layer}
            given[name] = entry(type(value), inner)
        elif name == "merge_mode" and value is None:
            given["merge"] = "none"
        elif _plain(value):
            given[name] = _listed(value)
    return given


def _plain(value: Any) -> bool:
    """Whether it is a number, a word or several; initializers and functions say nothing of shapes."""
    if isinstance(value, (tuple, list)):
        return all(_plain(item) for item in value)
    return isinstance(value, (bool, int, float, str))


def _listed(value: Any) -> Any:
    return [_listed(item) for item in value] if isinstance(value, tuple | list) else value

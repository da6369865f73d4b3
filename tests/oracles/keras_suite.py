"""Keras' own tests of its layers: what they hand to ``TestCase.run_layer_test``, collected without running a layer."""

from __future__ import annotations

import ast
import importlib
import sys
import unittest
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple
from unittest.mock import patch

from lstm_shapes.layers import FAMILIES

FOLDERS = ("rnn", "core", "reshaping", "merging", "regularization", "activations")
CLASSES = {"SimpleRNN": "rnn"}
IGNORED = ("name", "dtype", "seed", "trainable")
"""Arguments that say nothing of shapes or counts."""


class Statement(NamedTuple):
    """What a test of Keras states of a layer: ``expected`` has shapes and numbers of weights by their argument."""

    test: str
    layer: Any
    settings: dict[str, Any]
    shape: Any
    expected: dict[str, Any]

    def __str__(self) -> str:
        return self.test


def statements() -> list[Statement]:
    """Every call of ``run_layer_test`` for a layer that lstm-shapes has."""
    import keras.src.layers

    root = Path(str(keras.src.layers.__file__)).parent
    files = sorted(path for folder in FOLDERS for path in (root / folder).glob("*_test.py"))
    return [
        statement for path in files for statement in _in_file(path, f"keras.src.layers.{path.parent.name}.{path.stem}")
    ]


def _in_file(path: Path, module: str) -> Iterator[Statement]:
    source = path.read_text("utf-8")
    methods = tuple(
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef) and "run_layer_test" in ast.unparse(node)
    )
    if not methods:
        return
    calls: list[tuple[str, Any, dict[str, Any]]] = []
    stand_in = ModuleType("conftest")  # Keras' own, which its wheel does not bring; some tests import this of it
    stand_in.skip_if_backend = lambda backend, reason: lambda test: test  # type: ignore[attr-defined]
    with patch.dict(sys.modules, {"conftest": stand_in}):
        loaded = importlib.import_module(module)
    for case in _cases(loaded):
        for name in unittest.TestLoader().getTestCaseNames(case):
            if name.startswith(methods):
                _collect(case, name, calls)
    for test, layer, arguments in calls:
        if type_of(layer) in FAMILIES:
            settings = {k: v for k, v in dict(arguments.pop("init_kwargs", {})).items() if k not in IGNORED}
            data = arguments.get("input_data")
            shape = arguments.get("input_shape") or _shape(data)
            expected = {k: v for k, v in arguments.items() if k.startswith("expected_") and v is not None}
            yield Statement(f"{path.stem}.{test}", layer, settings, shape, expected)


def _cases(module: Any) -> list[type[unittest.TestCase]]:
    values = vars(module).values()
    return [case for case in values if isinstance(case, type) and issubclass(case, unittest.TestCase)]


def _collect(case: type[unittest.TestCase], name: str, calls: list[tuple[str, Any, dict[str, Any]]]) -> None:
    """Run one test with a stand-in for ``run_layer_test``; what the test does besides is Keras' own affair."""

    def stand_in(self: Any, layer_cls: Any, init_kwargs: Any, input_shape: Any = None, **more: Any) -> None:
        calls.append((name, layer_cls, {"init_kwargs": init_kwargs, "input_shape": input_shape, **more}))

    replaced = type(case.__name__, (case,), {"run_layer_test": stand_in})
    with warnings.catch_warnings(action="ignore"):
        replaced(name).run(unittest.TestResult())


def _shape(data: Any) -> Any:
    if isinstance(data, (list, tuple)):
        return [tuple(one.shape) for one in data]
    return None if data is None else tuple(data.shape)


def type_of(layer: Any) -> str:
    """Our type of a Keras class."""
    name = layer.__name__
    snake = "".join(
        f"_{c.lower()}" if c.isupper() and i and not name[i - 1].isupper() else c.lower() for i, c in enumerate(name)
    )
    special = {"ConvLSTM1D": "conv_lstm1d", "ConvLSTM2D": "conv_lstm2d", "ConvLSTM3D": "conv_lstm3d"}
    special |= {"SpatialDropout1D": "spatial_dropout1d", "LeakyReLU": "leaky_relu"}
    return {**CLASSES, **special}.get(name, snake)


def entry(layer: Any, settings: dict[str, Any]) -> dict[str, Any]:
    """The layer as an entry of a spec; a layer inside it by its own arguments."""
    import keras

    given: dict[str, Any] = {"type": type_of(layer)}
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
            given[name] = list(value) if isinstance(value, tuple) else value
    return given


def _plain(value: Any) -> bool:
    """Whether it is a number, a word or several; initializers and functions say nothing of shapes."""
    if isinstance(value, (tuple, list)):
        return all(_plain(item) for item in value)
    return isinstance(value, (bool, int, float, str))

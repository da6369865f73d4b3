"""Imports: names of libraries are known by their path; modules of the project are never opened."""

from __future__ import annotations

import ast

from lstm_shapes.importers.script.names import canonical, is_library
from lstm_shapes.importers.script.names_of_stars import STARS
from lstm_shapes.importers.script.values import External, Opaque, Scope, Value


def import_module(node: ast.Import, scope: Scope) -> None:
    """``import a.b as c``."""
    for alias in node.names:
        path, name = alias.name, alias.asname
        if name is None:
            path = name = alias.name.split(".")[0]
        scope.values[name] = _value(path, node)


def import_from(node: ast.ImportFrom, scope: Scope) -> None:
    """``from a.b import c as d``, and ``*``."""
    module = node.module or ""
    for alias in node.names:
        if alias.name == "*":
            path = canonical(module)
            while path not in STARS and path.startswith("keras.layers."):
                path = path.rpartition(".")[0]
            scope.stars.insert(0, path)
            continue
        scope.values[alias.asname or alias.name] = (
            Opaque(alias.name, node.lineno) if node.level else _value(f"{module}.{alias.name}", node)
        )


def _value(path: str, node: ast.stmt) -> Value:
    if is_library(path) or path.split(".")[0] in ("argparse", "click", "dataclasses"):
        return External(canonical(path))
    return Opaque(path.rpartition(".")[2], node.lineno)

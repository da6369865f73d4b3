"""Scripts that say the same in other words have the same report, whatever their names, constants and sequence."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lstm_shapes.formats import parse
from lstm_shapes.importers.script import translate

HERE = Path(__file__).parent / "scripts"


def cases(name: str) -> dict[str, str]:
    parts = (HERE / f"{name}.txt").read_text("utf-8").split("\n---- ")[1:]
    return {part.partition("\n")[0]: part.partition("\n")[2] for part in parts}


class Renamed(ast.NodeTransformer):
    """Gives every variable that a script sets itself another name, but for its models."""

    def __init__(self, tree: ast.AST) -> None:
        stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        fields = {
            node.target.id
            for node in ast.walk(tree)
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
        }
        classes = {name for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for name in stored_in(node)}
        parameters = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        imported = {node.asname or node.name for node in ast.walk(tree) if isinstance(node, ast.alias)}
        others = stored - fields - classes - parameters - imported
        self.names = {name for name in others if not name.startswith("m")}

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(f"{node.id}_renamed", node.ctx) if node.id in self.names else node


def stored_in(cls: ast.ClassDef) -> set[str]:
    names = (target for item in cls.body if isinstance(item, ast.Assign) for target in item.targets)
    return {name.id for name in names if isinstance(name, ast.Name)}


class Hoisted(ast.NodeTransformer):
    """Takes the integers out of a script's calls into constants before it."""

    def __init__(self) -> None:
        self.constants: dict[int, str] = {}

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        node.args = [self.hoist(value) for value in node.args]
        for keyword in node.keywords:
            keyword.value = self.hoist(keyword.value)
        return node

    def hoist(self, value: ast.expr) -> ast.expr:
        if isinstance(value, ast.Constant) and type(value.value) is int:
            name = self.constants.setdefault(value.value, f"CONSTANT_{len(self.constants)}")
            return ast.Name(name, ast.Load())
        return value


def renamed(code: str) -> str:
    tree = ast.parse(code)
    return ast.unparse(Renamed(tree).visit(tree))


def hoisted(code: str) -> str:
    transformer = Hoisted()
    body = ast.unparse(transformer.visit(ast.parse(code)))
    return "".join(f"{name} = {value}\n" for value, name in transformer.constants.items()) + body


def in_a_branch(code: str) -> str:
    lines = "\n".join(f"    {line}" for line in code.splitlines())
    return f"if True:\n{lines}\nelse:\n    raise ValueError\n"


def with_noise(code: str) -> str:
    """The script with statements between its own that no model depends on."""
    noise = (
        "print('noise')\nif unknown_flag:\n    noise_a = 1\nfor noise_b in range(unknown_count):\n    print(noise_b)\n"
    )
    tree = ast.parse(code)
    return "\n".join(f"{ast.unparse(statement)}\n{noise}" for statement in tree.body)


def report(code: str) -> list[Any]:
    return [model.document.data for model in translate(parse("train.py", code.encode()))]


CASES = {**cases("keras"), **cases("torch")}


@pytest.mark.parametrize("change", [renamed, hoisted, in_a_branch, with_noise], ids=lambda change: change.__name__)
@pytest.mark.parametrize("name", CASES)
def test_a_script_in_other_words_has_the_same_report(name: str, change: Callable[[str], str]) -> None:
    assert json.dumps(report(change(CASES[name]))).replace("_renamed", "") == json.dumps(report(CASES[name]))


def test_another_size_is_another_report() -> None:
    code = CASES["straight line"]
    assert report(code.replace("128", "129")) != report(code)

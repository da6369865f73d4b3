"""The rooms of the package: who may import whom, what stands where, which words do not occur. Read with ``ast``.

``python tests/test_architecture.py`` prints the rooms with their lines, and what each imports.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import lstm_shapes
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.layers import FAMILIES, family

ROOT = Path(lstm_shapes.__file__).parent
MAY_IMPORT = {
    "findings": "",
    "symbolic": "findings",  # its exceptions join the one tree
    "formats": "findings",
    "render": "symbolic",
    "layers": "symbolic findings",
    "frameworks": "symbolic layers",
    "graph": "symbolic findings layers",
    "spec": "symbolic findings layers frameworks graph formats",
    "importers": "symbolic findings layers frameworks formats spec",
    "rules": "symbolic findings layers frameworks graph formats spec",
    "analysis": "symbolic findings layers frameworks graph formats spec rules importers",
    "checking": "symbolic findings formats frameworks graph spec importers rules analysis",
    "views": "symbolic findings render layers frameworks graph spec importers rules analysis checking",
    "cli": "symbolic findings formats render frameworks graph spec importers rules analysis checking views api",
    "api": "symbolic findings formats render layers frameworks graph spec importers rules analysis checking views",
    "__main__": "cli",
}
"""A room, or a module of the root -> the rooms that it may import, in a function too; ``__init__`` names them all."""
ONLY_IN = {
    "typer": ["cli."],
    "rich": ["cli.", "render.text"],
    "numpy": [
        "layers.",
        "analysis.explain.",
        "analysis.verify.",
        "analysis.arrays",
        "analysis.sweep",
        "frameworks.layout",
    ],
    "yaml": ["formats.yaml"],
    "pyfive": ["formats.hdf5."],
}
"""A library -> the modules that may import it."""
BEHIND_LAYERS = ("spec", "importers", "frameworks", "rules", "analysis", "checking", "views", "render", "cli", "api")
"""Rooms that ask a layer through its methods, never for an attribute or a class."""
FOREIGN_OBJECTS = {
    "analysis.verify.counting": "the arrays and functions of NumPy's protocol",
    "importers.script.lines": "the nodes of Python's own ast",
    "importers.script.builtins": "the methods of Python's texts",
    "importers.live": "models of Keras and PyTorch",
    "importers.live_modules": "modules of PyTorch",
    "cli.app": "the streams of the process, the modules of the commands",
}
"""Modules of these rooms that look at attributes of what is not ours."""
EMPTY_WORDS = {"util", "utils", "helper", "helpers", "common", "manager", "handler"}
OPENING = {"open", "os", "io", "pathlib", "tempfile", "shutil", "lstm_shapes.formats"}


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__" or len(parts) == 1)


SOURCES = {name_of(path): path.read_text(encoding="utf-8") for path in sorted(ROOT.rglob("*.py"))}
"""``layers.lstm`` -> its text; a package goes by its folder's name."""


def room(name: str) -> str:
    return name.split(".")[0]


parsed = lru_cache(maxsize=None)(ast.parse)
"""The tree of a text, made once for all rules; so are its nodes."""


@cache
def walk(tree: ast.AST) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(tree))


def calls(source: str) -> list[ast.Call]:
    return [node for node in walk(parsed(source)) if isinstance(node, ast.Call)]


def called(call: ast.Call) -> str:
    """The name of the function that is called; empty where it is no mere name."""
    return call.func.id if isinstance(call.func, ast.Name) else ""


def running(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node that can be executed: not what stands under ``if TYPE_CHECKING``."""
    yield tree
    for child in ast.iter_child_nodes(tree):
        if not (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)):
            yield from running(child)


def imports(source: str, nodes: Callable[[ast.AST], Iterable[ast.AST]] = running) -> Iterator[str]:
    """The modules that a text imports, those inside functions too; of a package, which of its modules."""
    for node in nodes(parsed(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = [f"{node.module}.{alias.name}".removeprefix("lstm_shapes.") for alias in node.names]
            inner = [
                f"lstm_shapes.{name}" for name in whole if node.module.startswith("lstm_shapes") and name in SOURCES
            ]
            yield from inner or [node.module]


def ours(source: str, nodes: Callable[[ast.AST], Iterable[ast.AST]] = running) -> set[str]:
    """The modules of the package that a text imports."""
    names = set(imports(source, nodes))
    inner = {name.removeprefix("lstm_shapes.") for name in names if name.startswith("lstm_shapes.")}
    return inner | ({"__init__"} if "lstm_shapes" in names else set())


def forbidden_rooms(name: str, source: str) -> list[str]:
    """Imports from a room that the table does not allow, those of annotations and in functions too."""
    allowed = {room(name), "__init__", *MAY_IMPORT.get(room(name), "").split()}
    return sorted(module for module in ours(source, walk) if room(module) not in allowed)


def out_of_place(name: str, source: str) -> list[str]:
    """Libraries that are imported where they do not belong."""
    tops = {module.split(".")[0] for module in imports(source, walk)}
    return [
        top
        for top in tops & ONLY_IN.keys()
        if not f"{name}.".startswith(tuple(f"{room.strip('.')}." for room in ONLY_IN[top]))
    ]


def circles(graph: dict[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def reads_files(name: str, source: str) -> list[str]:
    """A framework opens nothing."""
    if room(name) != "frameworks":
        return []
    functions = [ast.unparse(call.func) for call in calls(source)]
    return [used for used in [*imports(source), *functions] if used in OPENING]


CLASSES = {family(type_).__name__ for type_ in FAMILIES} | {
    "Layer",
    "Stepwise",
    "Recurrent",
    "ConvLSTM",
    "Stack",
    "Block",
}


def asks_for_a_class(name: str, source: str) -> list[str]:
    """``isinstance(x, <layer>)``, which a new family would not answer."""
    if room(name) not in BEHIND_LAYERS:
        return []
    asked = (call for call in calls(source) if called(call) in ("isinstance", "issubclass") and len(call.args) == 2)
    names = [ast.unparse(node) for call in asked for node in ast.walk(call.args[1])]
    return [word for name in names if not name.startswith("ast.") and (word := name.split(".")[-1]) in CLASSES]


def asks_for_an_attribute(name: str, source: str) -> list[str]:
    """``hasattr`` and ``getattr``, where what a layer offers is a method of every layer."""
    if room(name) not in BEHIND_LAYERS or name in FOREIGN_OBJECTS:
        return []
    return [ast.unparse(call) for call in calls(source) if called(call) in ("hasattr", "getattr")]


def branches_on_a_framework(name: str, source: str) -> list[str]:
    """A comparison with a framework's name, or of a variable called framework."""
    found = []
    for node in walk(parsed(source)):
        if isinstance(node, ast.Compare) and not isinstance(node.ops[0], ast.Is | ast.IsNot):
            sides = [node.left, *node.comparators]
            values = [ast.unparse(side).split(".")[-1] for side in sides]
            named = [side for side in sides if isinstance(side, ast.Constant) and side.value in FRAMEWORKS]
            if named or ("framework" in values and isinstance(node.ops[0], ast.Eq | ast.NotEq)):
                found.append(ast.unparse(node))
    return found


def empty_words(name: str, source: str) -> list[str]:
    """Names of files, classes and functions that say nothing."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    defined = [node.name for node in walk(parsed(source)) if isinstance(node, kinds)]
    words = {
        one: {"".join(c for c in part if c.isalpha()).lower() for part in one.replace(".", "_").split("_")}
        for one in [name, *defined]
    }
    return [
        word for word in words if words[word] & EMPTY_WORDS or word.lower().endswith(("manager", "handler", "helper"))
    ]


def undocumented(name: str, source: str) -> list[str]:
    """Public classes and functions of a module, and the module, without a docstring."""
    tree = parsed(source)
    kinds = (ast.FunctionDef, ast.ClassDef)
    public = [node for node in tree.body if isinstance(node, kinds) and not node.name.startswith("_")]
    return [getattr(node, "name", name) for node in [tree, *public] if not ast.get_docstring(node)]


RULES: dict[Callable[[str, str], list[str]], tuple[str, str]] = {
    forbidden_rooms: ("layers.lstm", "def f():\n    from lstm_shapes.analysis.report import report"),
    out_of_place: ("analysis.report", "if TYPE_CHECKING:\n    import numpy"),
    reads_files: ("frameworks.keras", "def f(path):\n    return open(path)"),
    asks_for_a_class: ("analysis.report", "isinstance(layer, (int, base.LSTM))"),
    asks_for_an_attribute: ("analysis.report", "width = getattr(layer, 'units', 0)"),
    branches_on_a_framework: ("analysis.report", "x = 1 if model.framework == other else 2"),
    empty_words: ("analysis.report", "class SizeManager: pass"),
    undocumented: ("analysis.report", "'''Why.'''\nclass Report: pass"),
}
"""Each rule, and a module that must break it."""


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_no_module_breaks_the_rule(rule: Callable[[str, str], list[str]]) -> None:
    assert {
        name: broken for name, source in SOURCES.items() if name != "__init__" and (broken := rule(name, source))
    } == {}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_finds_a_module_that_breaks_it(rule: Callable[[str, str], list[str]]) -> None:
    assert rule(*RULES[rule])


@pytest.mark.parametrize(
    ("rule", "name", "source"),
    [
        (forbidden_rooms, "symbolic.size", "from lstm_shapes import layers"),
        (forbidden_rooms, "formats.yaml", "from lstm_shapes.layers import family"),
        (forbidden_rooms, "render.text", "if TYPE_CHECKING:\n    from lstm_shapes.views.inspect import page"),
        (forbidden_rooms, "cli.inspect", "from lstm_shapes.layers.base import Layer"),
        (forbidden_rooms, "attic.box", "from lstm_shapes.layers.base import Layer"),
        (out_of_place, "views.inspect", "from rich.table import Table"),
        (out_of_place, "render.plain", "import rich"),
        (out_of_place, "formats.json", "def f():\n    import yaml"),
        (out_of_place, "api", "import typer"),
        (reads_files, "frameworks.keras", "from lstm_shapes import formats"),
        (asks_for_an_attribute, "rules.trace", "if hasattr(node.layer, 'gates'): pass"),
        (branches_on_a_framework, "cli.inspect", "if name in ('x', 'y') or name == 'keras': pass"),
        (empty_words, "cli.utils", ""),
        (empty_words, "analysis.report", "def common(): pass"),
        (undocumented, "analysis.report", "'''Why.'''\ndef report(): pass"),
        (undocumented, "analysis.report", ""),
    ],
)
def test_a_rule_is_not_evaded(rule: Callable[[str, str], list[str]], name: str, source: str) -> None:
    assert rule(name, source)


def homeless(names: set[str]) -> set[str]:
    """Modules that stand in no room: in the root there are ``__init__``, ``__main__`` and ``api`` alone."""
    rooms = MAY_IMPORT.keys() - {"api", "__main__"}
    return {name for name in names if name not in ("__init__", "__main__", "api") and room(name) not in rooms}


def test_every_module_stands_in_a_room() -> None:
    assert homeless(set(SOURCES)) == set()
    assert homeless({"loose", "attic.box", "layers.lstm", "api"}) == {"loose", "attic.box"}


def test_every_room_of_the_table_is_there() -> None:
    assert set(MAY_IMPORT) <= {room(name) for name in SOURCES}


def test_rooms_import_in_one_direction() -> None:
    table = {name: set(rooms.split()) for name, rooms in MAY_IMPORT.items()}
    assert circles(table) == []
    assert circles({**table, "findings": {"cli"}})


def test_no_import_leads_in_a_circle_not_even_one_inside_a_function() -> None:
    assert circles({name: ours(source) - {name} for name, source in SOURCES.items()}) == []
    assert circles({"axes": ours("def f():\n    from lstm_shapes.size import Poly"), "size": {"axes"}})


def table() -> Iterator[str]:
    """The rooms with their files, lines, and what they import today."""
    for name in MAY_IMPORT:
        texts = {module: source for module, source in SOURCES.items() if room(module) == name}
        imported = {room(module) for source in texts.values() for module in ours(source, walk)} - {name, "__init__"}
        lines = sum(source.count("\n") for source in texts.values())
        yield f"{name:<11}{len(texts):>4} files {lines:>6,} lines  imports {', '.join(sorted(imported)) or 'nothing'}"


if __name__ == "__main__":
    print("\n".join(table()))

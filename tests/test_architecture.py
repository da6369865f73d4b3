"""The house: who may import whom, what stands where, which words do not occur. Read from the source with ``ast``."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import lstm_shapes
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.layers import FAMILIES, family

ROOT = Path(lstm_shapes.__file__).parent
FLOORS = [
    "poly size size_text axes finding document formula collector",
    "layers model infer_shapes execute bindings",
    "formats frameworks",
    "report diagnose expectations one_layer witness laws counting api trace rules checking schema explain"
    " diff changes matching solve_bound solve sweep cost growth",
    "pages render cli __main__",
]
FLOOR = {name: number for number, names in enumerate(FLOORS) for name in names.split()}
ONLY_IN = {
    "typer": ["cli."],
    "rich": ["cli.", "render.text"],
    "numpy": ["layers.", "explain.", "sweep", "axes", "frameworks.layout", "counting", "laws", "witness"],
    "yaml": ["formats.yaml"],
}
EMPTY_WORDS = {"util", "utils", "helper", "helpers", "common", "manager", "handler"}
OPENING = {"open", "os", "io", "pathlib", "tempfile", "shutil", "lstm_shapes.formats"}


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__" or len(parts) == 1)


SOURCES = {name_of(path): path.read_text(encoding="utf-8") for path in sorted(ROOT.rglob("*.py"))}
"""``layers.lstm`` -> its text; a package goes by its folder's name."""


def running(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node that can be executed: not what stands under ``if TYPE_CHECKING``."""
    yield tree
    for child in ast.iter_child_nodes(tree):
        if not (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)):
            yield from running(child)


def imports(source: str, walk: Callable[[ast.AST], Iterator[ast.AST]] = running) -> Iterator[str]:
    """The modules that a text imports, those inside functions too; of a package, which of its modules."""
    for node in walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = [f"{node.module}.{one.name}".removeprefix("lstm_shapes.") for one in node.names]
            inner = [f"lstm_shapes.{one}" for one in whole if node.module.startswith("lstm_shapes") and one in SOURCES]
            yield from inner or [node.module]


def ours(source: str, walk: Callable[[ast.AST], Iterator[ast.AST]] = running) -> set[str]:
    found = {one.removeprefix("lstm_shapes.") for one in imports(source, walk) if one.startswith("lstm_shapes.")}
    return found | ({"__init__"} if "lstm_shapes" in imports(source, walk) else set())


def too_high(name: str, source: str) -> list[str]:
    """Imports from a floor above, annotations' too."""
    own = FLOOR[name.split(".")[0]]
    return [one for one in ours(source, ast.walk) if one != "__init__" and FLOOR[one.split(".")[0]] > own]


def out_of_place(name: str, source: str) -> list[str]:
    """Libraries that are imported where they do not belong."""
    tops = {one.split(".")[0] for one in imports(source, ast.walk)}
    return [
        top
        for top in tops & ONLY_IN.keys()
        if not f"{name}.".startswith(tuple(f"{one.strip('.')}." for one in ONLY_IN[top]))
    ]


def circles(graph: dict[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def reads_files(name: str, source: str) -> list[str]:
    """A framework opens nothing."""
    calls = [ast.unparse(one.func) for one in ast.walk(ast.parse(source)) if isinstance(one, ast.Call)]
    return [one for one in [*imports(source), *calls] if name.startswith("frameworks") and one in OPENING]


def knows_networks(name: str, source: str) -> list[str]:
    """A format knows documents and what is wrong with them, nothing else."""
    return [
        one
        for one in ours(source)
        if name.startswith("formats") and FLOOR[one.split(".")[0]] and not one.startswith("formats")
    ]


CLASSES = {family(type_).__name__ for type_ in FAMILIES} | {
    "Layer",
    "Stepwise",
    "Recurrent",
    "ConvLSTM",
    "Stack",
    "Block",
}


def asks_for_a_class(name: str, source: str) -> list[str]:
    """``isinstance(x, <layer>)`` outside layers/, frameworks/ and rules/"""
    calls = (one for one in ast.walk(ast.parse(source)) if isinstance(one, ast.Call))
    asked = (one for one in calls if ast.unparse(one.func) in ("isinstance", "issubclass") and len(one.args) == 2)
    words = [ast.unparse(node).split(".")[-1] for one in asked for node in ast.walk(one.args[1])]
    return [one for one in words if one in CLASSES and not name.startswith(("layers", "frameworks", "rules"))]


def branches_on_a_framework(name: str, source: str) -> list[str]:
    """A comparison with a framework's name, or of a variable called framework."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare) and not isinstance(node.ops[0], ast.Is | ast.IsNot):
            sides = [node.left, *node.comparators]
            values = [ast.unparse(one).split(".")[-1] for one in sides]
            named = [one for one in sides if isinstance(one, ast.Constant) and one.value in FRAMEWORKS]
            if named or ("framework" in values and isinstance(node.ops[0], ast.Eq | ast.NotEq)):
                found.append(ast.unparse(node))
    return found


def empty_words(name: str, source: str) -> list[str]:
    """Names of files, classes and functions that say nothing."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    defined = [one.name for one in ast.walk(ast.parse(source)) if isinstance(one, kinds)]
    words = {
        one: {"".join(c for c in part if c.isalpha()).lower() for part in one.replace(".", "_").split("_")}
        for one in [name, *defined]
    }
    return [one for one in words if words[one] & EMPTY_WORDS or one.lower().endswith(("manager", "handler", "helper"))]


def undocumented(name: str, source: str) -> list[str]:
    """Public classes and functions of a module, and the module, without a docstring."""
    tree = ast.parse(source)
    kinds = (ast.FunctionDef, ast.ClassDef)
    public = [one for one in tree.body if isinstance(one, kinds) and not one.name.startswith("_")]
    return [getattr(one, "name", name) for one in [tree, *public] if not ast.get_docstring(one)]


RULES: dict[Callable[[str, str], list[str]], tuple[str, str]] = {
    too_high: ("layers.lstm", "def f():\n    from lstm_shapes.report import report"),
    out_of_place: ("report", "if TYPE_CHECKING:\n    import numpy"),
    reads_files: ("frameworks.spec", "def f(path):\n    return open(path)"),
    knows_networks: ("formats.yaml", "from lstm_shapes.layers import family"),
    asks_for_a_class: ("report", "isinstance(layer, (int, base.LSTM))"),
    branches_on_a_framework: ("report", "x = 1 if model.framework == other else 2"),
    empty_words: ("report", "class SizeManager: pass"),
    undocumented: ("report", "'''Why.'''\nclass Report: pass"),
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
        (too_high, "size", "from lstm_shapes import layers"),
        (out_of_place, "pages.report", "from rich.table import Table"),
        (out_of_place, "render.plain", "import rich"),
        (out_of_place, "formats.json", "def f():\n    import yaml"),
        (out_of_place, "api", "import typer"),
        (reads_files, "frameworks.keras", "from lstm_shapes import formats"),
        (branches_on_a_framework, "cli.inspect", "if name in ('x', 'y') or name == 'keras': pass"),
        (empty_words, "cli.utils", ""),
        (empty_words, "report", "def common(): pass"),
        (undocumented, "report", "'''Why.'''\ndef report(): pass"),
        (undocumented, "report", ""),
    ],
)
def test_a_rule_is_not_evaded(rule: Callable[[str, str], list[str]], name: str, source: str) -> None:
    assert rule(name, source)


def test_every_module_has_a_floor() -> None:
    assert {name.split(".")[0] for name in SOURCES} - {"__init__"} <= set(FLOOR)


def test_no_import_leads_in_a_circle_not_even_one_inside_a_function() -> None:
    assert circles({name: ours(source) - {name} for name, source in SOURCES.items()}) == []
    assert circles({"axes": ours("def f():\n    from lstm_shapes.size import Poly"), "size": {"axes"}})

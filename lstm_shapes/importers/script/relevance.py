"""Which parts of the code can change a model: all others need no decision, whatever their conditions are."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from lstm_shapes.importers.script.names_of_stars import STARS

WORDS = frozenset().union(*STARS.values()) | frozenset(
    """Sequential Model Module LSTM GRU Linear Parameter Identity ReLU Bilinear MultiheadAttention TransformerEncoder
    TransformerEncoderLayer clone_model add_module register_module ConvTranspose1d Conv3d RNNBase""".split()
)
"""Names of libraries that make models and layers."""
CHANGING = frozenset("add append extend insert pop update setdefault add_module build __init__ setattr".split())
"""Methods that change what they belong to."""
_FLOWING = ("forward", "call")


class Relevance:
    """Asked of a node of a file: can what is inside it change a model?"""

    def __init__(self, tree: ast.Module) -> None:
        self._cache: dict[ast.AST, bool] = {}
        nodes = list(ast.walk(tree))
        functions = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)]
        self.words = set(WORDS) - {"layers", "models", "init", "functional", "optimizers", "callbacks", "backend"}
        self._makers(functions)
        self.names = self._names(nodes)

    def _makers(self, functions: list[ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef]) -> None:
        """Add the functions and classes of the file that make layers, and those that call these."""
        called = {function: {name for node in ast.walk(function) for name in _called(node)} for function in functions}
        self.making: set[ast.AST] = set()
        for _ in range(6):
            before = len(self.making)
            for function, names in called.items():
                if function not in self.making and (names & self.words or function.name in _FLOWING):
                    self.making.add(function)
                    self.words.add(function.name)
            if len(self.making) == before:
                break

    def _names(self, nodes: list[ast.AST]) -> set[str]:
        """The names that values flow from into layers."""
        names: set[str] = set()
        assigned: list[tuple[set[str], set[str]]] = []
        for node in nodes:
            if isinstance(node, ast.Call) and (set(_called(node)) & self.words or isinstance(node.func, ast.Call)):
                for part in (*node.args, *node.keywords):
                    names |= _identifiers(part)
            elif isinstance(node, ast.FunctionDef) and node.name in _FLOWING:
                names |= {identifier for part in node.body for identifier in _identifiers(part)}
            elif isinstance(node, ast.If | ast.For | ast.While | ast.IfExp) and self._makes(node):
                names |= _identifiers(node.iter if isinstance(node, ast.For) else node.test)
            elif isinstance(node, ast.FunctionDef) and node in self.making:
                for part in ast.walk(node):
                    if isinstance(part, ast.Return) and part.value is not None:
                        names |= _identifiers(part.value)
            if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign) and node.value is not None:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                assigned.append((_stored(targets), _identifiers(node.value)))
        for _ in range(8):
            before = len(names)
            for stored, loaded in assigned:
                if stored & names:
                    names |= loaded
            if len(names) == before:
                break
        return names - {"self"}

    def _makes(self, node: ast.AST) -> bool:
        return any(name in self.words for inner in ast.walk(node) for name in _called(inner))

    def __call__(self, node: ast.AST) -> bool:
        if node not in self._cache:
            parts = [*node.body, *node.orelse] if isinstance(node, ast.If | ast.For | ast.While) else [node]
            self._cache[node] = any(self._matters(inner) for part in parts for inner in ast.walk(part))
        return self._cache[node]

    def _matters(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Return):
            return True
        if isinstance(node, ast.Call):
            called = _called(node)
            if isinstance(node.func, ast.Call) or any(name in self.words for name in called):
                return True
            owner = node.func.value if isinstance(node.func, ast.Attribute) else None
            return (
                bool(called) and called[0] in CHANGING and owner is not None and bool(_identifiers(owner) & self.names)
            )
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            return (node.id if isinstance(node, ast.Name) else node.attr) in self.names
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            return bool(_identifiers(node.value) & self.names)
        return False


def _called(node: ast.AST) -> list[str]:
    """The last name of what is called."""
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Name):
            return [node.func.id] if node.func.id != "getattr" else [*_getattr(node)]
        if isinstance(node.func, ast.Attribute):
            return [node.func.attr]
    return []


def _getattr(node: ast.Call) -> Iterator[str]:
    """``getattr(nn, kind)`` makes a layer."""
    if node.args and isinstance(node.args[0], ast.Name | ast.Attribute):
        owner = node.args[0].id if isinstance(node.args[0], ast.Name) else node.args[0].attr
        if owner in ("nn", "layers", "L", "keras"):
            yield "LSTM"


def _identifiers(node: ast.AST) -> set[str]:
    return {
        inner.id if isinstance(inner, ast.Name) else inner.attr
        for inner in ast.walk(node)
        if isinstance(inner, ast.Name | ast.Attribute)
    }


def _stored(targets: Iterable[ast.expr]) -> set[str]:
    names: set[str] = set()
    for target in targets:
        for inner in ast.walk(target):
            if isinstance(inner, ast.Name):
                names.add(inner.id)
            elif isinstance(inner, ast.Attribute):
                names.add(inner.attr)
    return names

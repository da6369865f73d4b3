"""The values of the code that is read: what is known is Python's own value, all else is one of these classes.

Integers, floats, texts, booleans, None, tuples, lists, dicts and ranges stand for themselves; a size that depends on
symbols is a ``Poly``. Nothing here runs anything of the file.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lstm_shapes.symbolic.size import Poly, Shape, Size

Value = Any
"""A value of the code: see above."""
MAX_NAME = 60
MAX_SOURCE = 200


@dataclass(eq=False)
class Opaque:
    """A value that the source does not tell: a symbol called ``name`` where a size is needed.

    ``source`` is its text in the file, ``line`` where it first stands; ``members`` are values that follow from it, so
    that ``x.shape[1]`` is the same symbol wherever it stands.
    """

    source: str
    line: int
    members: dict[str, Opaque] = field(default_factory=dict)
    label: str = ""
    """The variable that it was assigned to first, where its source is an expression of its own."""
    derived: bool = False
    rest: tuple[Opaque, int] | None = None
    """The value of which it is all from a position on: ``x.shape[1:]``."""
    tensor: Tensor | None = None
    """The tensor whose shape it is."""
    varying: bool = False
    """Whether it may be another in each round of a loop."""

    def member(self, suffix: str, line: int, before: str = "") -> Opaque:
        """The value that follows from this one by an attribute, an index or an operation."""
        key = f"{before}|{suffix}"
        if key not in self.members:
            source = f"{before}{self.label or self.source}{suffix}"[:MAX_SOURCE]
            self.members[key] = Opaque(source, line, derived=True, varying=self.varying)
        return self.members[key]

    @property
    def name(self) -> str:
        """The text as a symbol: ``X_train.shape[2]`` is ``X_train_shape_2``."""
        return symbol_name(self.label or self.source)


def symbol_name(source: str) -> str:
    """A text as the name of a symbol.

    >>> symbol_name("X_train.shape[2]"), symbol_name("self.hidden_size"), symbol_name("2 * n")
    ('X_train_shape_2', 'hidden_size', 'n_2_n')
    """
    name = re.sub(r"\W+", "_", source.replace("self.", ""), flags=re.ASCII).strip("_")[:MAX_NAME].strip("_") or "n"
    return name if name[0].isalpha() and name != "None" else f"n_{name}"


@dataclass(frozen=True)
class Ratio:
    """The quotient of two sizes, of which ``int`` makes a size."""

    numerator: Size
    denominator: Size


@dataclass(frozen=True)
class External:
    """A name of an imported library, by its canonical dotted path: ``keras.layers.LSTM``."""

    path: str


@dataclass(eq=False)
class Scope:
    """Names and their values; a name that is not here is looked up in ``outer``."""

    values: dict[str, Value] = field(default_factory=dict)
    outer: Scope | None = None
    stars: list[str] = field(default_factory=list)
    """Modules all of whose names were imported."""
    shared: set[str] = field(default_factory=set)
    """Names declared global or nonlocal."""
    function: Function | None = None
    receiver: Value = None


@dataclass(eq=False)
class Function:
    """A function of the file, with the values of its defaults."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    scope: Scope
    defaults: dict[str, Value] = field(default_factory=dict)
    owner: Class | None = None
    decorators: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return "lambda" if isinstance(self.node, ast.Lambda) else self.node.name


@dataclass(eq=False)
class Class:
    """A class of the file; ``bases`` are classes of the file or names of libraries."""

    node: ast.ClassDef
    values: dict[str, Value]
    bases: tuple[Value, ...]
    dataclass: bool = False

    @property
    def name(self) -> str:
        return self.node.name

    def mro(self) -> Iterable[Value]:
        """The class and those above it, depth first; each once."""
        seen: list[Value] = []
        todo: list[Value] = [self]
        while todo and len(seen) < 50:
            cls = todo.pop(0)
            if cls in seen:
                continue
            seen.append(cls)
            if isinstance(cls, Class):
                todo[:0] = cls.bases
        return seen

    def fields(self) -> list[str]:
        """The fields of a dataclass, those of the classes above it first."""
        names = [
            item.target.id
            for cls in reversed([cls for cls in self.mro() if isinstance(cls, Class)])
            for item in cls.node.body
            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
        ]
        return list(dict.fromkeys(names))

    def externals(self) -> tuple[str, ...]:
        """The paths of the library's classes that it inherits from."""
        return tuple(cls.path for cls in self.mro() if isinstance(cls, External))


@dataclass(eq=False)
class Instance:
    """An object of a class of the file."""

    cls: Class
    line: int
    attributes: dict[str, Value] = field(default_factory=dict)
    layer: MadeLayer | None = None
    """The layer that it is as a model inside a model."""
    framework: str = "keras"
    doubt: int = 0
    """How many loops and branches that may not run were around where it was made."""


@dataclass(frozen=True)
class Bound:
    """A function with the object that it is a method of."""

    function: Function
    receiver: Value
    owner: Class | None


@dataclass(frozen=True)
class Method:
    """A method of a value of ours or of Python: a list's ``append``, a model's ``add``."""

    receiver: Value
    name: str


class ModuleList(list[Any]):
    """A list whose items are registered: ``nn.ModuleList``."""


class ModuleDict(dict[Any, Any]):
    """A dict whose values are registered: ``nn.ModuleDict``."""


@dataclass(eq=False)
class Record:
    """Named values that are not all known: the arguments of a command line, an object of a library."""

    values: dict[str, Value]
    source: Opaque


@dataclass(frozen=True)
class Copies:
    """A list of as many values like ``item`` as ``count`` says."""

    item: Value
    count: Size


@dataclass(frozen=True)
class Super:
    """``super()``: the object, seen from the class above ``cls``."""

    receiver: Value
    cls: Class


@dataclass(eq=False)
class MadeLayer:
    """A layer: the settings of its entry in a spec, and where each was written."""

    entry: dict[str, Any]
    class_name: str
    framework: str
    span: ast.AST
    name: str = ""
    nodes: dict[tuple[str | int, ...], ast.AST] = field(default_factory=dict)
    """A route in the entry -> the code that gives its value."""
    input_shape: tuple[Any, ...] | None = None
    """The shape of an input, the batch first, where the layer says it."""
    inner: Value = None
    """The model that it is, where it is one."""
    calls: int = 0
    tied: tuple[MadeLayer, str] | None = None
    """The layer whose weight is its own as well, by assignment, and the weight's name."""
    operation: bool = False
    """Whether it stands for an operation of the code between layers."""
    reads_width: Size | None = None
    """The features that a module of PyTorch says it reads."""

    @property
    def type(self) -> str:
        return str(self.entry["type"])


@dataclass(eq=False)
class Call:
    """A layer applied to tensors; without a layer it is an input of a model."""

    layer: MadeLayer | None
    inputs: tuple[Tensor, ...]
    states: tuple[Tensor, ...]
    span: ast.AST
    shapes: tuple[Shape | None, ...] | None = None
    """The shapes of its outputs, once they have been asked for."""
    name: str = ""
    """That of an input."""
    order: int = 0
    """The number of the call in the run."""
    owner: Value = None
    """The object whose forward pass reads it, where it is an input."""


@dataclass(eq=False)
class Tensor:
    """An output of a call: its number, and its name in the spec, '' for the only one."""

    call: Call | None
    output: int = 0
    member: str = ""
    shape: tuple[Any, ...] | None = None
    """The shape of a tensor that no layer gives."""
    packed: bool | None = None
    """Whether the batch stands first in what was packed; None for a tensor that was not."""


@dataclass(eq=False)
class Sequential:
    """A stack of layers, Keras' or PyTorch's; ``names`` are those of the modules of PyTorch."""

    layers: list[Value]
    span: ast.AST
    name: str = ""
    input_shape: tuple[Any, ...] | None = None
    framework: str = "keras"
    doubt: int = 0
    """How many loops and branches that may not run were around where it was made."""
    layer: MadeLayer | None = None
    variable: str = ""
    local: str = ""
    returned: bool = False
    """Whether the function that made it returns it."""
    names: list[str] = field(default_factory=list)
    number: int = 0


@dataclass(eq=False)
class Functional:
    """A model of Keras from its inputs to its outputs."""

    inputs: list[Tensor]
    outputs: list[Tensor]
    span: ast.AST
    name: str = ""
    layer: MadeLayer | None = None
    variable: str = ""
    local: str = ""
    returned: bool = False
    """Whether the function that made it returns it."""
    number: int = 0


def is_size(value: Value) -> bool:
    """Whether a value is an integer or an expression of symbols."""
    return isinstance(value, Poly) or (isinstance(value, int) and not isinstance(value, bool))

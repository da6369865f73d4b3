"""A pickle -> plain data, by walking its opcodes: nothing that it names is built, called, looked up or imported.

The opcodes are those of Python's ``pickletools``, protocols 0 to 5. Lists, dicts, tuples, numbers and texts become
themselves; calls of the names in ``torch_globals`` become tensors' shapes; every other object becomes an ``Opaque``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from io import BytesIO
from itertools import islice
from pickletools import genops
from typing import Any

from lstm_shapes.formats import torch_globals
from lstm_shapes.formats.pickled import Opaque, RefusedPickle, TensorInfo, Truncated

MAX_PICKLE = 64 * 1024 * 1024
"""The bytes of a pickle that is read."""
MAX_STEPS = 1_000_000
"""Opcodes of a pickle, and items that its calls are given: about a second."""
MAX_KEPT = 64 * 1024 * 1024
"""The bytes of all texts of a pickle that are kept."""
MAX_TEXT = 10_000
"""The characters of a text that is kept: no name of a tensor is as long."""
_LEVELS, _BREADTH = 4, 100
"""How far an object's state is searched for tensors."""
_SMALL = 2**32
"""Integers below it are keys of a dict by themselves. Larger ones could all have the same hash."""


class Walk:
    """The walk over a pickle at the position of ``stream``; ``value`` is what it left.

    ``holders`` names the objects that were given tensors and are not built. Raises ``RefusedPickle``.

    >>> import pickle
    >>> Walk(BytesIO(pickle.dumps({"epoch": 3, "when": complex(1, 2)}))).value
    {'epoch': 3, 'when': Opaque(name='builtins.complex')}
    """

    def __init__(self, stream: BytesIO) -> None:
        self.stack: list[Any] = []
        self.outer: list[list[Any]] = []
        self.memo: dict[int, Any] = {}
        self.holders: dict[str, None] = {}
        self.kept = self.frame_end = self.steps = 0
        self.bytes = stream.getbuffer().nbytes
        try:
            self.value = self._walk(stream)
        except RefusedPickle:
            raise
        except (IndexError, KeyError, AttributeError, ZeroDivisionError):
            raise RefusedPickle("syntax", "not a pickle: an opcode finds nothing to work on") from None
        except (ValueError, OverflowError) as error:
            if stream.tell() >= self.bytes:
                raise Truncated from None
            raise RefusedPickle("syntax", f"not a pickle: {str(error)[:80]}") from None

    def _walk(self, stream: BytesIO) -> Any:
        before, act = 0, _ACTS
        for opcode, arg, at in genops(stream):
            self.steps += 1
            if self.steps > MAX_STEPS:
                raise RefusedPickle("too-large", f"a pickle of more than {MAX_STEPS:,} opcodes")
            if before < self.frame_end < (at or 0):
                raise RefusedPickle("syntax", "not a pickle: a frame that ends inside an opcode")
            before = at or 0
            if opcode.name == "FRAME":
                self._frame(int(arg or 0), before)
            else:
                act[opcode.name](self, arg)
        if self.outer or len(self.stack) != 1:
            raise RefusedPickle("syntax", "not a pickle: it leaves no single value")
        return self.stack[0]

    def _frame(self, length: int, at: int) -> None:
        self.frame_end = at + 9 + length
        if self.frame_end > self.bytes:
            raise Truncated

    def push(self, value: Any) -> None:
        """Put a plain value on the stack."""
        self.stack.append(value)

    def text(self, value: str) -> None:
        """Put a text on the stack; one that is very long only as what it is."""
        if len(value) > MAX_TEXT:
            self.stack.append(Opaque("text"))
            return
        self.kept += sys.getsizeof(value)
        if self.kept > MAX_KEPT:
            raise RefusedPickle("too-large", f"a pickle with more than {MAX_KEPT // 2**20} MiB of texts")
        self.stack.append(value)

    def mark(self, arg: Any) -> None:
        """Begin a group of values."""
        self.outer.append(self.stack)
        self.stack = []

    def group(self) -> list[Any]:
        """The values since the last mark, which ends there."""
        values = self.stack
        self.stack = self.outer.pop()
        return values

    def pop(self, arg: Any) -> None:
        """Drop the last value, or a mark."""
        if self.stack:
            self.stack.pop()
        else:
            self.stack = self.outer.pop()

    def pop_group(self, arg: Any) -> None:
        """Drop the values since the last mark."""
        self.group()

    def put(self, arg: int) -> None:
        """Keep the last value under a number."""
        self.memo[arg] = self.stack[-1]

    def memoize(self, arg: Any) -> None:
        """Keep the last value under the next number."""
        self.memo[len(self.memo)] = self.stack[-1]

    def get(self, arg: int) -> None:
        """Put a kept value on the stack again."""
        self.stack.append(self.memo[arg])

    def last(self, count: int) -> None:
        """Make a tuple of the last values."""
        values = tuple(self.stack[-count:])
        if len(values) < count:
            raise IndexError
        self.stack[-count:] = [values]

    def extend(self, items: list[Any]) -> None:
        """Append to the list below."""
        target = self.stack[-1]
        if isinstance(target, list):
            target.extend(items)
        else:
            self._given(target, items)

    def set_items(self, items: list[Any]) -> None:
        """Set keys and values of the dict below."""
        target = self.stack[-1]
        if len(items) % 2:
            raise IndexError
        if not isinstance(target, dict):
            self._given(target, items)
            return
        for key, value in zip(items[::2], items[1::2], strict=True):
            target[self._key(key, len(target))] = value

    def _key(self, key: Any, number: int) -> Any:
        """A key that is quick to find: every other kind of key only by its kind and number."""
        if type(key) is str or key is None or (type(key) is int and -_SMALL < key < _SMALL):
            return key
        return f"<{type(key).__name__} {number}>"

    def collection(self, arg: Any) -> None:
        """Make an immutable collection of a group."""
        self.push(tuple(self.group()))

    def dict_of_group(self, arg: Any) -> None:
        """Make a dict of a group."""
        items = self.group()
        self.stack.append({})
        self.set_items(items)

    def named(self, module: str, name: str) -> None:
        """Put a name on the stack, as a name."""
        self.text(torch_globals.normal(module, name))
        self.stack.append(Opaque(str(self.stack.pop())))

    def stack_global(self, arg: Any) -> None:
        """Put a name on the stack whose two parts are there."""
        name, module = self.stack.pop(), self.stack.pop()
        if not (isinstance(name, str) and isinstance(module, str)):
            raise RefusedPickle("syntax", "not a pickle: STACK_GLOBAL without two names")
        self.named(module, name)

    def call(self, target: Any, args: Any) -> None:
        """Put what a call would return on the stack: a tensor's shape, or the name of what is not built."""
        given = args if isinstance(args, tuple) else (args,)
        self.steps += len(given) + sum(len(arg) for arg in given[:4] if isinstance(arg, tuple | list | dict))
        value = torch_globals.call(target.name, given) if isinstance(target, Opaque) else Opaque("object")
        self.stack.append(value)
        if isinstance(value, Opaque):
            self._given(value, given)

    def reduce(self, arg: Any) -> None:
        """Call what is below the arguments."""
        args, target = self.stack.pop(), self.stack.pop()
        self.call(target, args)

    def new(self, arg: Any) -> None:
        """Make an object of the class below its arguments, as NEWOBJ does: a class has the name of its objects."""
        args, target = self.stack.pop(), self.stack.pop()
        self.call(target, args)

    def new_ex(self, arg: Any) -> None:
        """Make an object of a class with keyword arguments."""
        self.stack.pop()
        self.new(arg)

    def instance(self, arg: str) -> None:
        """Make an object, protocol 0: the class in the opcode, the arguments since the mark."""
        args = tuple(self.group())
        self.named(*arg.split(" ", 1))
        self.call(self.stack.pop(), args)

    def obj(self, arg: Any) -> None:
        """Make an object, protocol 1: the class and the arguments since the mark."""
        target, *args = self.group()
        self.call(target, tuple(args))

    def build(self, arg: Any) -> None:
        """Give an object its state."""
        state = self.stack.pop()
        if isinstance(self.stack[-1], Opaque):
            self._given(self.stack[-1], (state,))

    def _given(self, target: Any, values: Any) -> None:
        """Remember an object that is given tensors, directly or in collections."""
        name = target.name if isinstance(target, Opaque) else ""
        if name and name not in self.holders and self._has_tensors(values):
            self.holders[name] = None

    def _has_tensors(self, values: Any) -> bool:
        level = [values]
        for _ in range(_LEVELS):
            inner = [value for part in level for value in _inside(part)]
            self.steps += len(inner)
            if any(
                type(value) is TensorInfo or (type(value) is Opaque and value.name in self.holders) for value in inner
            ):
                return True
            level = [value for value in inner if type(value) in (dict, list, tuple)][:_BREADTH]
        return False

    def persistent(self, arg: Any) -> None:
        """Put the storage of a persistent id on the stack."""
        self.stack.append(torch_globals.storage(self.stack.pop() if arg is None else arg))


def _inside(value: Any) -> list[Any]:
    """The first values of a collection."""
    return list(islice(value.values() if isinstance(value, dict) else value, _BREADTH))


def _check_protocol(walk: Walk, number: int) -> None:
    if number > 5:
        raise RefusedPickle("syntax", f"a pickle of protocol {number}; the newest known is 5")


def _no_buffers(walk: Walk, arg: Any) -> None:
    raise RefusedPickle("syntax", "a pickle with parts outside the file")


_Act = Callable[[Walk, Any], None]
_ACTS: dict[str, _Act] = {
    "PROTO": _check_protocol,
    "STOP": lambda walk, arg: None,
    **dict.fromkeys("INT BININT BININT1 BININT2 LONG LONG1 LONG4 FLOAT BINFLOAT".split(), Walk.push),
    **dict.fromkeys(
        "STRING BINSTRING SHORT_BINSTRING UNICODE SHORT_BINUNICODE BINUNICODE BINUNICODE8".split(), Walk.text
    ),
    **dict.fromkeys(
        "BINBYTES SHORT_BINBYTES BINBYTES8 BYTEARRAY8".split(), lambda walk, arg: walk.push(Opaque("bytes"))
    ),
    **dict.fromkeys(("NEXT_BUFFER", "READONLY_BUFFER"), _no_buffers),
    **dict.fromkeys(("EXT1", "EXT2", "EXT4"), lambda walk, arg: walk.push(Opaque(f"extension {arg}"))),
    "NONE": lambda walk, arg: walk.push(None),
    "NEWTRUE": lambda walk, arg: walk.push(True),
    "NEWFALSE": lambda walk, arg: walk.push(False),
    **dict.fromkeys(("EMPTY_LIST", "EMPTY_SET"), lambda walk, arg: walk.push([])),
    "EMPTY_TUPLE": lambda walk, arg: walk.push(()),
    "EMPTY_DICT": lambda walk, arg: walk.push({}),
    "APPEND": lambda walk, arg: walk.extend([walk.stack.pop()]),
    **dict.fromkeys(("APPENDS", "ADDITEMS"), lambda walk, arg: walk.extend(walk.group())),
    "LIST": lambda walk, arg: walk.push(walk.group()),
    "TUPLE": Walk.collection,
    "FROZENSET": Walk.collection,
    "TUPLE1": lambda walk, arg: walk.last(1),
    "TUPLE2": lambda walk, arg: walk.last(2),
    "TUPLE3": lambda walk, arg: walk.last(3),
    "DICT": Walk.dict_of_group,
    "SETITEM": lambda walk, arg: walk.set_items([*reversed([walk.stack.pop(), walk.stack.pop()])]),
    "SETITEMS": lambda walk, arg: walk.set_items(walk.group()),
    "POP": Walk.pop,
    "DUP": lambda walk, arg: walk.push(walk.stack[-1]),
    "MARK": Walk.mark,
    "POP_MARK": Walk.pop_group,
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), Walk.get),
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT"), Walk.put),
    "MEMOIZE": Walk.memoize,
    "GLOBAL": lambda walk, arg: walk.named(*arg.split(" ", 1)),
    "STACK_GLOBAL": Walk.stack_global,
    "REDUCE": Walk.reduce,
    "BUILD": Walk.build,
    "INST": Walk.instance,
    "OBJ": Walk.obj,
    "NEWOBJ": Walk.new,
    "NEWOBJ_EX": Walk.new_ex,
    "PERSID": Walk.persistent,
    "BINPERSID": Walk.persistent,
}

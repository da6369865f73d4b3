"""Functions of Python and its standard library, methods of lists, dicts and texts, as far as sizes need them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lstm_shapes.importers.script.assigning import lose
from lstm_shapes.importers.script.members import chosen
from lstm_shapes.importers.script.run import Arguments, Run
from lstm_shapes.importers.script.shapes import shape_of
from lstm_shapes.importers.script.values import (
    Class,
    Copies,
    External,
    Instance,
    MadeLayer,
    Method,
    ModuleList,
    Opaque,
    Ratio,
    Record,
    Scope,
    Sequential,
    Tensor,
    Value,
)
from lstm_shapes.symbolic.size import Poly, SizeError

_NUMBERS = (bool, int, float)
_PLAIN = (str, int, float, type(None), Poly)
MAX_TEXT = 10_000


def _range(run: Run, given: Arguments) -> Value:
    ends = given.positional
    if ends and all(isinstance(end, int) for end in ends):
        try:
            return range(*ends)
        except (TypeError, ValueError, OverflowError):
            return run.opaque(given.node)
    sizes = [run.size(end) for end in ends]
    if sizes and all(size is not None for size in sizes) and len(sizes) <= 2:
        first, last = (0, sizes[0]) if len(sizes) == 1 else sizes
        return Copies(None, last - first)  # type: ignore[operator]
    return run.opaque(given.node)


def _len(run: Run, given: Arguments) -> Value:
    value = given.get(0)
    if isinstance(value, list | tuple | dict | str | range | set):
        return len(value)
    if isinstance(value, Copies):
        return value.count
    if isinstance(value, Tensor) and (shape := shape_of(value)):
        return shape[0]
    if isinstance(value, Opaque):
        return value.member(")", given.node.lineno, "len(")
    return run.opaque(given.node)


def _int(run: Run, given: Arguments) -> Value:
    value = given.get(0)
    if isinstance(value, Ratio):
        return value.numerator // value.denominator
    if isinstance(value, int | float | str):
        try:
            return int(value)
        except (ValueError, OverflowError):
            return run.opaque(given.node)
    return value if isinstance(value, Opaque | Poly) else run.opaque(given.node)


def _float(run: Run, given: Arguments) -> Value:
    value = given.get(0)
    try:
        return float(value) if isinstance(value, int | float | str) else value
    except (ValueError, OverflowError):
        return run.opaque(given.node)


def _numbers(function: Callable[..., Any]) -> Callable[[Run, Arguments], Value]:
    def compute(run: Run, given: Arguments) -> Value:
        values = given.positional[0] if len(given.positional) == 1 else given.positional
        several = list(values) if isinstance(values, list | tuple | range) else [values]
        if several and all(isinstance(value, _NUMBERS) for value in several) and len(several) <= 10_000:
            try:
                return function(several)
            except (TypeError, ValueError, ArithmeticError):
                pass
        return run.opaque(given.node)

    return compute


def _sum(run: Run, given: Arguments) -> Value:
    values = given.get(0)
    sizes = [run.size(value) for value in values] if isinstance(values, list | tuple | range) else [None]
    if len(given.positional) == 1 and all(size is not None for size in sizes):
        try:
            return sum(size for size in sizes if size is not None)
        except SizeError:
            pass
    return run.opaque(given.node)


def _single(function: Callable[[Any], Any]) -> Callable[[Run, Arguments], Value]:
    def compute(run: Run, given: Arguments) -> Value:
        if len(given.positional) >= 1 and all(isinstance(value, _NUMBERS) for value in given.positional):
            try:
                return function(*given.positional)
            except (TypeError, ValueError, ArithmeticError):
                pass
        return run.opaque(given.node)

    return compute


def _floor(run: Run, given: Arguments) -> Value:
    value = given.get(0)
    return value.numerator // value.denominator if isinstance(value, Ratio) else _single(math.floor)(run, given)


def _collected(kind: type) -> Callable[[Run, Arguments], Value]:
    def collect(run: Run, given: Arguments) -> Value:
        value = given.get(0, default=())
        if isinstance(value, Copies):
            return value
        if isinstance(value, list | tuple | range | dict | str | set) and len(value) <= 10_000:
            return kind(value)
        return run.opaque(given.node)

    return collect


def _dict(run: Run, given: Arguments) -> Value:
    base = given.get(0, default={})
    if isinstance(base, list) and all(isinstance(pair, tuple | list) and len(pair) == 2 for pair in base):
        base = {pair[0]: pair[1] for pair in base if isinstance(pair[0], str | int | float)}
    if isinstance(base, dict) and not given.open:
        return {**base, **given.named}
    return run.opaque(given.node)


def _zip(run: Run, given: Arguments) -> Value:
    several = [
        list(value) if isinstance(value, list | tuple | range | str | dict) else None for value in given.positional
    ]
    if any(values is None for values in several):
        return run.opaque(given.node)
    return list(zip(*(values or [] for values in several), strict=False))


def _enumerate(run: Run, given: Arguments) -> Value:
    values, start = given.get(0), given.get(1, "start", default=0)
    if isinstance(values, list | tuple | range | str | dict) and isinstance(start, int):
        return list(enumerate(values, start))
    return run.opaque(given.node)


def _reversed(run: Run, given: Arguments) -> Value:
    values = given.get(0)
    return list(values)[::-1] if isinstance(values, list | tuple | range) else run.opaque(given.node)


def _getattr(run: Run, given: Arguments) -> Value:
    name = given.get(1)
    if not isinstance(name, str):
        owner = given.get(0)
        choices = _CELLS.get(owner.path, ()) if isinstance(owner, External) else ()
        if choices and isinstance(name, Opaque):
            return chosen(run, name, {choice: External(f"{owner.path}.{choice}") for choice in choices}, given.node)
        return run.opaque(given.node)
    owner = given.get(0)
    lacks = isinstance(owner, Instance) and not _has(owner, name)
    if lacks and len(given.positional) > 2:
        return given.positional[2]
    return run.attribute(owner, name, given.node)


def _has(owner: Instance, name: str) -> bool:
    return name in owner.attributes or any(isinstance(cls, Class) and name in cls.values for cls in owner.cls.mro())


_CELLS = {"torch.nn": ("LSTM", "GRU", "RNN"), "keras.layers": ("LSTM", "GRU", "SimpleRNN")}
"""The recurrent classes among which a name that is not known chooses, by module."""


def _setattr(run: Run, given: Arguments) -> Value:
    owner, name = given.get(0), given.get(1)
    if isinstance(owner, Instance) and isinstance(name, str):
        owner.attributes[name] = given.get(2)
    elif isinstance(owner, Instance) and isinstance(value := given.get(2), MadeLayer):
        run.note(given.node, "the names under which layers are set here are not known, nor how many there are")
        entry = {"type": "unknown", "class": value.class_name}
        owner.attributes[f"unnamed {len(owner.attributes)}"] = replace(value, entry=entry, nodes={})
    elif isinstance(owner, Instance):
        _any_may_change(owner, given)
    elif isinstance(owner, Record | Class):
        owner.values |= {name: given.get(2)} if isinstance(name, str) else {}
        if not isinstance(name, str):
            owner.values.clear()
    return None


def _any_may_change(owner: Instance, given: Arguments) -> None:
    """Forget the plain values of an object: an attribute is set whose name is not known."""
    names = [name for cls in owner.cls.mro() if isinstance(cls, Class) for name in cls.values]
    for name in dict.fromkeys([*owner.attributes, *names]):
        value = owner.attributes.get(name, owner.cls.values.get(name))
        if isinstance(value, _PLAIN):
            owner.attributes[name] = Opaque(name, given.node.lineno)


def _delattr(run: Run, given: Arguments) -> Value:
    owner, name = given.get(0), given.get(1)
    if isinstance(owner, Instance) and isinstance(name, str):
        owner.attributes.pop(name, None)
    return None


def _hasattr(run: Run, given: Arguments) -> Value:
    owner, name = given.get(0), given.get(1)
    if isinstance(owner, Instance) and isinstance(name, str):
        if _has(owner, name):
            return True
        return run.opaque(given.node) if owner.cls.externals() else False
    return run.opaque(given.node)


_TYPES: dict[str, Any] = {
    "int": int,
    "float": (float,),
    "str": str,
    "list": list,
    "tuple": tuple,
    "dict": dict,
    "bool": bool,
}


def _isinstance(run: Run, given: Arguments) -> Value:
    value, kinds = given.get(0), given.get(1)
    several = kinds if isinstance(kinds, tuple | list) else (kinds,)
    if isinstance(value, Opaque):
        return value.member(f" is a {run.source_of(given.code(1))}", given.node.lineno)
    answers = []
    for kind in several:
        if isinstance(kind, External) and kind.path.startswith("builtins."):
            wanted = _TYPES.get(kind.path[9:])
            known = isinstance(value, bool | int | float | str | list | tuple | dict | type(None))
            answers.append(isinstance(value, wanted) if wanted and known else isinstance(value, Poly) and wanted is int)
        elif isinstance(kind, Class) and isinstance(value, Instance):
            answers.append(kind in value.cls.mro())
        elif isinstance(value, int | float | str | list | tuple | dict | type(None)):
            answers.append(False)
        else:
            return run.opaque(given.node)
    return any(answers)


def _nothing(run: Run, given: Arguments) -> Value:
    return None


def _same(run: Run, given: Arguments) -> Value:
    return given.get(0)


def _vars(run: Run, given: Arguments) -> Value:
    value = given.get(0)
    return value.attributes if isinstance(value, Instance) else value


def _asdict(run: Run, given: Arguments) -> Value:
    """``dataclasses.asdict(config)``: the fields, each with its value or its default."""
    value = given.get(0)
    if not isinstance(value, Instance) or not value.cls.dataclass:
        return run.opaque(given.node)
    return {name: run.attribute(value, name, given.node) for name in value.cls.fields()}


def _type(run: Run, given: Arguments) -> Value:
    value = given.get(0)
    return value.cls if isinstance(value, Instance) else run.opaque(given.node)


def _bool(run: Run, given: Arguments) -> Value:
    value = given.get(0)
    return value if isinstance(value, Opaque) else run.truth(value, given.node)


def _str(run: Run, given: Arguments) -> Value:
    value = given.get(0)
    return str(value) if isinstance(value, str | int | float | bool | type(None)) else run.opaque(given.node)


def _partial(run: Run, given: Arguments) -> Value:
    return Method((given.get(0), tuple(given.positional[1:]), dict(given.named)), "partial")


MEANINGS: dict[str, Callable[[Run, Arguments], Value]] = {
    "builtins.range": _range,
    "builtins.len": _len,
    "builtins.int": _int,
    "builtins.float": _float,
    "builtins.round": _single(round),
    "builtins.abs": _single(abs),
    "builtins.min": _numbers(min),
    "builtins.max": _numbers(max),
    "builtins.sum": _sum,
    "builtins.list": _collected(list),
    "builtins.tuple": _collected(tuple),
    "builtins.set": _collected(list),
    "builtins.dict": _dict,
    "collections.OrderedDict": _dict,
    "builtins.zip": _zip,
    "builtins.enumerate": _enumerate,
    "builtins.reversed": _reversed,
    "builtins.getattr": _getattr,
    "builtins.setattr": _setattr,
    "builtins.delattr": _delattr,
    "builtins.hasattr": _hasattr,
    "builtins.isinstance": _isinstance,
    "builtins.print": _nothing,
    "builtins.vars": _vars,
    "dataclasses.asdict": _asdict,
    "builtins.type": _type,
    "builtins.bool": _bool,
    "builtins.str": _str,
    "math.ceil": _single(math.ceil),
    "math.floor": _floor,
    "math.sqrt": _single(math.sqrt),
    "math.log": _single(math.log),
    "math.log2": _single(math.log2),
    "numpy.prod": _numbers(math.prod),
    "math.prod": _numbers(math.prod),
    "functools.partial": _partial,
}
"""A function, by its path -> what its call gives."""


def _append(run: Run, value: list[Value], given: Arguments) -> Value:
    if not isinstance(given.get(0), Tensor | MadeLayer | Sequential | Instance):
        run.change(value, given.node)
    if isinstance(value, ModuleList) and isinstance(given.get(0), Opaque):
        lose(run, value, given.node)
    elif len(value) < MAX_TEXT:
        value.append(given.get(0))
    return None


def _extend(run: Run, value: list[Value], given: Arguments) -> Value:
    run.change(value, given.node)
    more = given.get(0)
    if isinstance(more, list | tuple) and len(value) + len(more) <= MAX_TEXT:
        value.extend(more)
    else:
        lose(run, value, given.node)
    return None


def _insert(run: Run, value: list[Value], given: Arguments) -> Value:
    run.change(value, given.node)
    if isinstance(given.get(0), int):
        value.insert(given.get(0), given.get(1))
    else:
        lose(run, value, given.node)
    return None


def _pop_list(run: Run, value: list[Value], given: Arguments) -> Value:
    run.change(value, given.node)
    at = given.get(0, default=-1)
    return value.pop(at) if isinstance(at, int) and -len(value) <= at < len(value) else run.opaque(given.node)


def _get(run: Run, value: dict[Any, Value], given: Arguments) -> Value:
    key = given.get(0)
    return value.get(key, given.get(1)) if isinstance(key, str | int | float | bool) else run.opaque(given.node)


def _pop_dict(run: Run, value: dict[Any, Value], given: Arguments) -> Value:
    run.change(value, given.node)
    key = given.get(0)
    return value.pop(key, given.get(1)) if isinstance(key, str | int) else run.opaque(given.node)


def _update(run: Run, value: dict[Any, Value], given: Arguments) -> Value:
    more = given.get(0, default={})
    run.change(value, given.node)
    if not isinstance(more, dict) or given.open:
        lose(run, value, given.node)
        value |= {key: Opaque(str(key), given.node.lineno) for key, item in value.items() if isinstance(item, _PLAIN)}
    value |= {**(more if isinstance(more, dict) else {}), **given.named}
    return None


def _setdefault(run: Run, value: dict[Any, Value], given: Arguments) -> Value:
    run.change(value, given.node)
    key = given.get(0)
    return value.setdefault(key, given.get(1)) if isinstance(key, str | int) else run.opaque(given.node)


def _lose(run: Run, value: Any, given: Arguments) -> Value:
    lose(run, value, given.node)
    return None


def _clear(run: Run, value: Any, given: Arguments) -> Value:
    run.change(value, given.node)
    value.clear()
    return None


def _text_method(run: Run, method: Method, given: Arguments) -> Value:
    if method.name in _TEXTS and all(isinstance(value, str | int) for value in given.positional) and not given.named:
        try:
            return getattr(str, method.name)(method.receiver, *given.positional)
        except (TypeError, ValueError):
            pass
    return run.opaque(given.node)


_TEXTS = frozenset("lower upper strip split startswith endswith title capitalize lstrip rstrip replace isdigit".split())


def _called_partial(run: Run, method: Method, given: Arguments) -> Value:
    if method.name != "partial" or len(method.receiver) != 3:
        return run.opaque(given.node)
    function, positional, named = method.receiver
    more = Arguments(given.node, [*positional, *given.positional], {**named, **given.named}, {}, given.open)
    return run.call(function, more, Scope())


METHODS: dict[tuple[type, str], Callable[[Run, Any, Arguments], Value]] = {
    (list, "append"): _append,
    (list, "extend"): _extend,
    (list, "insert"): _insert,
    (list, "pop"): _pop_list,
    (list, "copy"): lambda run, value, given: list(value),
    **{(kind, name): _lose for kind in (list, dict) for name in ("sort", "remove", "popitem")},
    (list, "clear"): _clear,
    (dict, "clear"): _clear,
    (list, "reverse"): lambda run, value, given: value.reverse(),
    (dict, "get"): _get,
    (dict, "pop"): _pop_dict,
    (dict, "update"): _update,
    (dict, "setdefault"): _setdefault,
    (dict, "copy"): lambda run, value, given: dict(value),
    (dict, "items"): lambda run, value, given: list(value.items()),
    (dict, "keys"): lambda run, value, given: list(value),
    (dict, "values"): lambda run, value, given: list(value.values()),
    (str, ""): _text_method,
    (tuple, ""): _called_partial,
}
"""A kind of value and a method's name, '' for all others -> what its call gives."""

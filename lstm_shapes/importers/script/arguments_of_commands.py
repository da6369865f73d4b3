"""Defaults of a program's arguments: argparse's and click's. What has none is a symbol."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from lstm_shapes.importers.script.run import Arguments, Run
from lstm_shapes.importers.script.values import External, Function, Opaque, Record, Value

_PARSER = "argument parser"


def _parser(run: Run, given: Arguments) -> Value:
    return Record({}, Opaque(_PARSER, given.node.lineno))


def add_argument(run: Run, parser: Record, given: Arguments) -> Value:
    """``parser.add_argument("--units", type=int, default=32)``."""
    names = [name for name in given.positional if isinstance(name, str)]
    long = next((name for name in names if name.startswith("--")), names[0] if names else "")
    name = given.named.get("dest", long.lstrip("-").replace("-", "_"))
    if not isinstance(name, str) or not name:
        return None
    action = given.named.get("action")
    default = given.named.get("default")
    if action in ("store_true", "store_false") and "default" not in given.named:
        default = action == "store_false"
    parser.values[name] = option(run, name, default, given, required=not long.startswith("-"))
    return None


def option(run: Run, name: str, default: Value, given: Arguments, *, required: bool) -> Value:
    """The value of an option: its default in its type, or a symbol."""
    if name in run.typed:
        run.symbols.setdefault(name, Opaque(name, given.node.lineno))
        return run.typed[name]
    if default is None and ("default" not in given.named or required):
        has_default = "default" in given.named and not required
        return None if has_default else Opaque(name, given.node.lineno)
    kind = given.named.get("type")
    if isinstance(default, str) and isinstance(kind, External) and kind.path in ("builtins.int", "builtins.float"):
        try:
            return int(default) if kind.path.endswith("int") else float(default)
        except ValueError:
            return default
    return default


def _parse(run: Run, parser: Record, given: Arguments) -> Value:
    words = given.get(0, "args")
    options = parser.values if words in (None, []) else {}  # what other words set is not worked out
    values = Record(options, Opaque("args", given.node.lineno))
    return (values, []) if isinstance(given.node.func, ast.Attribute) and "known" in given.node.func.attr else values


def merge(values: dict[str, Value], more: Mapping[str, Value], *, known: bool) -> None:
    """Set options; where it is not known which, none of them is known."""
    if not known:
        values.clear()
    values.update(more)


def _update(run: Run, method: Any, given: Arguments) -> Value:
    """``vars(args).update(config)``."""
    more = given.get(0, default={})
    merge(method.values, {**(more if isinstance(more, dict) else {}), **given.named}, known=isinstance(more, dict))
    return None


def parser_method(run: Run, method: Any, given: Arguments) -> Value:
    """A method of a parser: those that add options, those that read the command line."""
    parser: Record = method.receiver
    name = method.name
    if name == "add_argument":
        return add_argument(run, parser, given)
    if name.startswith("add_") or name == "set_defaults":
        if name == "set_defaults":
            merge(parser.values, given.named, known=not given.open)
        return parser
    return _parse(run, parser, given) if name.startswith("parse") else None


def _click(run: Run, given: Arguments) -> Value:
    """A decorator of click: the default of an option is that of the function's parameter."""
    function, decorator = given.positional
    if not isinstance(function, Function) or not isinstance(decorator, ast.Call):
        return function
    texts = [arg.value for arg in decorator.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
    name = next((text.lstrip("-").replace("-", "_") for text in texts if text.startswith("--")), "")
    default = next((keyword.value for keyword in decorator.keywords if keyword.arg == "default"), None)
    if name and default is not None:
        function.defaults.setdefault(name, run.evaluate(default, function.scope))
    return function


MEANINGS: dict[str, Callable[[Run, Arguments], Value]] = {
    "argparse.ArgumentParser": _parser,
    "click.decorator": _click,
}
METHODS: dict[tuple[type, str], Callable[[Run, Any, Arguments], Value]] = {
    (Record, ""): parser_method,
    (Record, "update"): _update,
}

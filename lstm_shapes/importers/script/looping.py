"""Loops that run as often as the source does not tell: a layer that a round adds is repeated, all else is unknown."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from lstm_shapes.importers.script.assigning import assign, forget, stored
from lstm_shapes.importers.script.expressions import varies
from lstm_shapes.importers.script.lines import end_of, line_of
from lstm_shapes.importers.script.run import Raised, Run
from lstm_shapes.importers.script.shapes import shape_of
from lstm_shapes.importers.script.spec_writer import reachable
from lstm_shapes.importers.script.tensors import apply, framework_of, lost
from lstm_shapes.importers.script.values import Copies, Instance, MadeLayer, Opaque, Scope, Sequential, Tensor, Value


def repeat(run: Run, node: ast.For | ast.While, count: Any, scope: Scope) -> Any:
    """One round of a loop, and what it adds to models as often as the loop runs, where that can be said."""
    before = [(container, len(items)) for container, items in containers(scope)]
    names = {inner.id for inner in stored(node) if isinstance(inner, ast.Name)}
    tensors = {name: value for name in names if isinstance(value := scope.values.get(name), Tensor)}
    decided, guesses = set(run.decided), run.guesses
    if isinstance(node, ast.For):
        assign(run, node.target, Opaque(run.source_of(node.target), node.lineno, varying=True), scope)
    with suppress(Raised), run.doubtful():
        ended = run.execute(node.body, scope)
        if ended is not None and ended.how == "return" and not before and not tensors:
            return ended
    loop_names = _stored(node.target) if isinstance(node, ast.For) else set()
    same = not any(_mentions(key, loop_names) for key in set(run.decided) - decided)
    same = same and run.guesses == guesses
    times = str(count) if count is not None and same else ""
    for container, length in before:
        grown(run, node, container, length, times, count if same else None)
    for name, old in tensors.items():
        new = scope.values.get(name)
        if isinstance(new, Tensor) and new is not old:
            scope.values[name] = _passed_on(run, node, old, new, times)
    kept = {name: scope.values[name] for name in tensors}
    forget(run, node, scope)
    scope.values.update(kept)
    return None


def _stored(target: ast.expr) -> set[str]:
    return {inner.id for inner in ast.walk(target) if isinstance(inner, ast.Name)}


def _mentions(key: str, names: set[str]) -> bool:
    words = set("".join(letter if letter.isalnum() or letter == "_" else " " for letter in key).split())
    return bool(words & names)


def containers(scope: Scope) -> Iterator[tuple[Value, list[Value]]]:
    """The models and lists that names of a scope, or attributes of its objects, refer to."""
    seen: set[int] = set()
    values = list(scope.values.values())
    for value in list(values):
        if isinstance(value, Instance):
            values += value.attributes.values()
    for value in values:
        if id(value) not in seen and isinstance(value, Sequential | list):
            seen.add(id(value))
            yield value, value if isinstance(value, list) else value.layers


def grown(run: Run, node: ast.AST, container: Value, length: int, times: str, count: Any) -> None:
    """Repeat the layer that a round added to a model or a list."""
    items = container if isinstance(container, list) else container.layers
    added = items[length:]
    if added and not all(isinstance(item, Tensor | MadeLayer | Sequential | Instance) for item in added):
        with run.doubtful():
            run.change(items, node)
        return
    if added and all(isinstance(item, Tensor) for item in added):
        items[length:] = [Copies(added[0], count)] if count is not None and len(added) == 1 else [Opaque("loop", 1)]
        return
    layers = [item for item in added if isinstance(item, MadeLayer | Sequential)]
    if not layers:
        return
    made = added[0] if len(added) == 1 and isinstance(added[0], MadeLayer) else None
    fixed = made is not None and not (isinstance(node, ast.For) and varies(made, node.target))
    if made is not None and fixed and times and "repeat" not in made.entry:
        made.entry["repeat"] = times
        made.nodes[("repeat",)] = node
        return
    run.note(node, "how often this loop adds layers is not known; --set gives its bounds numbers")
    items[length:] = [_unknown(node, layers[0])]


def _inside(layer: MadeLayer, loop: ast.AST) -> bool:
    """Whether a layer, and not an operation, is made inside a loop."""
    first, last = line_of(loop), end_of(loop)
    return not layer.operation and first <= line_of(layer.span) <= last


def _unknown(node: ast.AST, like: Value) -> MadeLayer:
    return MadeLayer({"type": "unknown", "class": "layers of a loop"}, "loop", like.framework, node)


def _passed_on(run: Run, node: ast.AST, old: Tensor, new: Tensor, times: str) -> Tensor:
    """The tensor after the loop: through copies of the layer of a round, or one of which nothing is known."""
    call = new.call
    single = call is not None and call.layer is not None and call.inputs == (old,) and call.layer.calls == 1
    varying = isinstance(node, ast.For) and call is not None and varies(call.layer, node.target)
    if (
        single
        and times
        and not varying
        and call is not None
        and call.layer is not None
        and "repeat" not in call.layer.entry
    ):
        call.layer.entry["repeat"] = times
        call.layer.nodes[("repeat",)] = node
        return new
    if shape_of(new) is not None and shape_of(new) == shape_of(old):
        return new
    made = [one.layer for one in reachable([new]) if one.layer is not None and _inside(one.layer, node)]
    if not made:
        return lost(run, [new], node)
    run.note(node, "how often this loop runs is not known; --set gives its bounds numbers")
    layer = MadeLayer({"type": "unknown", "class": "layers of a loop"}, "loop", framework_of(old), node)
    return apply(run, layer, [old], [], node)[0] if old.call is not None else Tensor(None)

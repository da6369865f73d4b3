"""Objects of classes that are models: the layers that their attributes hold, and what their forward pass does."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from lstm_shapes.importers.script.run import Arguments, Raised, Run, TooMuch
from lstm_shapes.importers.script.spec_writer import Writer
from lstm_shapes.importers.script.tensors import input_tensor
from lstm_shapes.importers.script.values import (
    Bound,
    Class,
    Function,
    Instance,
    MadeLayer,
    ModuleDict,
    ModuleList,
    Opaque,
    Sequential,
    Tensor,
    Value,
)
from lstm_shapes.symbolic.size import bind

_TORCH = ("torch.nn.Module", "torch.jit.ScriptModule")
_KERAS = ("keras.models.Model", "keras.models.Sequential")
_MODULE = ("Module", "LightningModule", "PreTrainedModel")
MAX_DEPTH = 12


def framework_of_class(cls: Class) -> str:
    """The framework of a class that is a model; '' for other classes."""
    for base in cls.mro():
        path = base.path if not isinstance(base, Class | Opaque) else base.source if isinstance(base, Opaque) else ""
        if path in _KERAS:
            return "keras"
        if path in _TORCH or path.rpartition(".")[2] in _MODULE:
            return "torch"
    unknown_base = any(isinstance(base, Opaque) for base in cls.mro())
    return "torch" if unknown_base and _method(cls, "forward") else ""


_WEIGHTS = frozenset("add_weight add_variable Variable add_loss add_update".split())
_LAYERS = ("keras.layers.Layer", "keras.Layer")


@lru_cache(maxsize=512)
def _makes_weights(node: ast.ClassDef) -> bool:
    names = (inner.attr if isinstance(inner, ast.Attribute) else "" for inner in ast.walk(node))
    return any(name in _WEIGHTS for name in names) or any(
        isinstance(inner, ast.FunctionDef) and inner.name == "build" for inner in node.body
    )


def is_closed(cls: Class) -> bool:
    """Whether a class of Keras may have weights that its layers do not show, or is a class of the library changed."""
    bases = [base.path for base in cls.mro() if not isinstance(base, Class | Opaque)]
    framework = framework_of_class(cls) or ("keras" if any(base.startswith("keras.") for base in bases) else "")
    if framework in _OPEN or not framework:
        return False
    changed = any(base not in (*_LAYERS, *_KERAS, "builtins.object") for base in bases)
    return changed or any(_makes_weights(base.node) for base in cls.mro() if isinstance(base, Class))


_OPEN = frozenset(("torch",))
"""Frameworks whose modules show their weights as attributes."""


def _method(cls: Class, name: str) -> tuple[Function, Class] | None:
    """A method of a class or of one above it, and the class that has it."""
    for base in cls.mro():
        if isinstance(base, Class) and isinstance(base.values.get(name), Function):
            return base.values[name], base
    return None


def instance_graph(run: Run, instance: Instance) -> tuple[Writer, list[Tensor]] | None:
    """The graph of an object of a class that is a model: what its forward pass reads, then its other layers."""
    framework = framework_of_class(instance.cls)
    registered = list(layers_of(instance))
    for name, layer in registered:
        layer.name = name
    if is_closed(instance.cls):
        return None
    method = _method(instance.cls, "forward") or _method(instance.cls, "call")
    inputs, outputs = _flow(run, instance, *method) if method and framework else ([], [])
    writer = Writer(framework, inputs)
    writer.write(outputs, [layer for _, layer in registered])
    return writer, outputs


def layers_of(value: Value, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, MadeLayer]]:
    """The layers that an object registers, by their dotted names; each once."""
    seen: set[int] = set()
    for name, layer in _named(value, prefix, depth):
        if id(layer) not in seen:
            seen.add(id(layer))
            yield name, layer


def _named(value: Value, prefix: str, depth: int) -> Iterator[tuple[str, MadeLayer]]:
    if depth > MAX_DEPTH:
        return
    if depth and isinstance(value, Instance) and is_closed(value.cls):
        value = closed_layer(value)
    if isinstance(value, MadeLayer):
        yield prefix or value.class_name, value
        return
    for name, inner in _children(value):
        yield from _named(inner, f"{prefix}.{name}" if prefix else name, depth + 1)


def closed_layer(instance: Instance) -> MadeLayer:
    """An object of a class with weights of its own as a layer that is not known."""
    if instance.layer is None:
        name = instance.cls.name
        instance.layer = MadeLayer({"type": "unknown", "class": name}, name, "keras", instance.cls.node)
    return instance.layer


def _children(value: Value) -> Iterator[tuple[str, Value]]:
    """What an object registers: its attributes that are modules, the items of its containers."""
    if isinstance(value, Instance):
        for name, inner in value.attributes.items():
            if isinstance(inner, MadeLayer | Instance | Sequential | ModuleList | ModuleDict):
                yield name, inner
            elif isinstance(inner, Opaque) and (_is_module(inner) or name in _called(value.cls)):
                class_name = inner.source.partition("(")[0][:60]
                value.attributes[name] = layer = MadeLayer(
                    {"type": "unknown", "class": class_name}, class_name, framework_of_class(value.cls), value.cls.node
                )
                yield name, layer
    elif isinstance(value, Sequential):
        names = value.names if len(value.names) == len(value.layers) else map(str, range(len(value.layers)))
        yield from zip(names, value.layers, strict=False)
    elif isinstance(value, list):
        yield from ((str(number), inner) for number, inner in enumerate(value))
    elif isinstance(value, dict):
        yield from ((str(name), inner) for name, inner in value.items())


def _called(cls: Class) -> frozenset[str]:
    """The attributes that methods of a class, or of one above it, call: what is not known of them may be a module."""
    return frozenset().union(*(_called_in(base.node) for base in cls.mro() if isinstance(base, Class)))


@lru_cache(maxsize=512)
def _called_in(node: ast.ClassDef) -> frozenset[str]:
    functions = (inner.func for inner in ast.walk(node) if isinstance(inner, ast.Call))
    return frozenset(
        function.attr
        for function in functions
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "self"
    )


def _is_module(value: Opaque) -> bool:
    """Whether a value of another library may be a module with weights: what a class of that name makes."""
    called, bracket, _ = value.source.partition("(")
    words = called.split(".")
    name = words[-1] if words[-1] != "from_pretrained" else words[-2] if len(words) > 1 else ""
    plain = name[:1].isupper() and not name.isupper() and not name.endswith(("Loss", "Config", "Tokenizer", "Dataset"))
    return bool(bracket) and (plain or words[-1] == "from_pretrained" or name == "CRF")


def _flow(run: Run, instance: Instance, function: Function, owner: Class) -> tuple[list[Tensor], list[Tensor]]:
    """The inputs and outputs of a forward pass."""
    node = ast.Call(func=ast.Name("forward", ast.Load()), args=[], keywords=[])
    ast.copy_location(node, function.node)
    ast.fix_missing_locations(node)
    parameters = [argument.arg for argument in (*function.node.args.posonlyargs, *function.node.args.args)][1:]
    names = [name for name in parameters if name not in function.defaults]
    shapes: dict[str, Any] = {}
    inputs: list[Tensor] = []
    outputs: list[Tensor] = []
    for _ in range(3):  # from the second time on, what is known of the shapes of inputs holds from the beginning
        notes = dict(run.notes)
        inputs = [input_tensor(run, name, shapes.get(name), function.node, instance) for name in names]
        run.anchor = inputs[0] if inputs else None
        before = [(one, dict(one.attributes)) for one in _instances(instance)]
        try:
            outputs = _tensors(run.invoke(Bound(function, instance, owner), Arguments(node, list(inputs))))
        except (Raised, TooMuch, RecursionError):  # what its modules count does not depend on it
            return [], []
        finally:
            run.anchor = None
            for one, attributes in before:
                one.attributes = attributes
        found = {name: _bound(run, tensor.shape) for name, tensor in zip(names, inputs, strict=True) if tensor.shape}
        if found == shapes:
            break
        shapes, run.notes = found, notes if not shapes else run.notes
    return [tensor for tensor in inputs if tensor.shape is not None], outputs


def _instances(value: Value, depth: int = 0) -> Iterator[Instance]:
    """An object and those that it registers."""
    if isinstance(value, Instance):
        yield value
    if depth < MAX_DEPTH and not isinstance(value, MadeLayer):
        for _, inner in _children(value):
            yield from _instances(inner, depth + 1)


def _bound(run: Run, shape: tuple[Any, ...]) -> tuple[Any, ...]:
    """The shape of an input with the sizes that layers state for its axes."""
    sizes = {name: size for name, size in run.axes.items() if size is not None}
    return tuple(size if size is None else bind(size, sizes) for size in shape)


def _tensors(value: Value, depth: int = 0) -> list[Tensor]:
    if isinstance(value, Tensor):
        return [value] if value.call is not None else []
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple) and depth < 5:
        return [tensor for item in value for tensor in _tensors(item, depth + 1)]
    return []

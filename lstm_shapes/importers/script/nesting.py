"""Models as layers of other models, and models as graphs: stacks and Keras' functional models."""

from __future__ import annotations

import ast
from typing import Any

from lstm_shapes.importers.script.run import Arguments, Run
from lstm_shapes.importers.script.spec_writer import Writer
from lstm_shapes.importers.script.tensors import apply, input_tensor
from lstm_shapes.importers.script.values import Functional, Instance, MadeLayer, Sequential, Tensor, Value


def as_layer(run: Run, value: Value) -> MadeLayer | None:
    """A value as a layer of a spec: a model is one with layers inside."""
    if isinstance(value, MadeLayer):
        return value
    if isinstance(value, Sequential | Functional | Instance):
        return nested(run, value)
    return None


def nested(run: Run, value: Value) -> MadeLayer | None:
    """A model as a layer; the same one each time, so that its weights are shared."""
    if isinstance(value, Instance):
        return _of_instance(value)
    if value.layer is None:
        inputs, outputs = graph_of(run, value)
        names = ["input"] if len(inputs) == 1 else [f"\0{number}" for number in range(len(inputs))]
        writer = Writer(value_framework(value), inputs, names)
        writer.write(outputs)
        entry: dict[str, Any] = {"type": "model", "layers": writer.entries}
        ends = [writer.reference(tensor) for tensor in outputs]
        if not writer.entries:
            entry = {"type": "unknown", "class": type(value).__name__}
        elif len(ends) > 1 or ends != [writer.entries[-1]["name"]]:
            entry["outputs"] = ends if len(ends) > 1 else ends[0]
        layer = MadeLayer(
            entry, "Functional" if isinstance(value, Functional) else "Sequential", value_framework(value), value.span
        )
        layer.name, layer.inner = value.name, value
        layer.nodes = {route: node for route, node in writer.nodes.items() if route[0] == "layers"}
        layer.input_shape = inputs[0].shape if len(inputs) == 1 else None
        value.layer = layer
    made: MadeLayer = value.layer
    return made


def value_framework(value: Value) -> str:
    """The framework of a model."""
    return value.framework if isinstance(value, Sequential) else "keras"


def graph_of(run: Run, model: Value) -> tuple[list[Tensor], list[Tensor]]:
    """The inputs and outputs of a stack or a functional model."""
    if isinstance(model, Functional):
        return model.inputs, model.outputs
    first = model.layers[0] if model.layers else None
    shape = model.input_shape or (first.input_shape if isinstance(first, MadeLayer) else None)
    sizes = None if shape is None else tuple(None if size is None else run.size(size) for size in shape)
    tensor = input_tensor(run, "input", sizes, model.span)
    start = tensor
    for layer in model.layers:
        if layer.class_name == "Lambda" and layer.inner is not None:
            passed = run.call(layer, Arguments(_call_at(layer.span), [tensor]), run.modules)
            tensor = passed if isinstance(passed, Tensor) else tensor
            continue
        tensor = apply(run, layer, [tensor], [], layer.span)[0]
    return [start], [tensor]


def _call_at(node: ast.AST) -> ast.Call:
    """A call at the place of a node."""
    call = ast.Call(func=ast.Name("layer", ast.Load()), args=[], keywords=[])
    return ast.fix_missing_locations(ast.copy_location(call, node))


def _of_instance(instance: Instance) -> MadeLayer | None:
    """An object of a class of the file as a layer that is not known."""
    if instance.layer is None:
        if not instance.cls.externals():
            return None
        instance.layer = MadeLayer(
            {"type": "unknown", "class": instance.cls.name}, instance.cls.name, "keras", instance.cls.node
        )
        name = instance.attributes.get("name")
        instance.layer.name = name if isinstance(name, str) else ""
    return instance.layer

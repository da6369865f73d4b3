"""What calls of Keras' names mean: Input, models, layers applied to tensors, functions that merge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lstm_shapes.importers.script.calling import flat
from lstm_shapes.importers.script.keras_layers import layer_class, make_layer
from lstm_shapes.importers.script.nesting import as_layer
from lstm_shapes.importers.script.run import Arguments, Run
from lstm_shapes.importers.script.shapes import is_open, shape_of, written
from lstm_shapes.importers.script.tensors import apply, framework_of, input_tensor, lost, operation, unknown_tensor
from lstm_shapes.importers.script.values import (
    Function,
    Functional,
    MadeLayer,
    Opaque,
    Sequential,
    Tensor,
    Value,
)


def fallback(run: Run, path: str, given: Arguments) -> Value:
    """The value of a call of a name of Keras that has no meaning of its own here; None for other libraries."""
    name = layer_class(path)
    if name:
        return make_layer(run, name, given, old=path.startswith("keras.v1."))
    if path.startswith("keras.layers.") and path[13:14].isupper():
        run.note(given.node, f"{path} is not known")
        label = given.named.get("name")
        layer = MadeLayer({"type": "unknown", "class": path[13:]}, path[13:], "keras", given.node)
        layer.name = label if isinstance(label, str) else ""
        return layer
    if path.startswith(("keras.", "tensorflow.")):
        tensors = [value for value in flat(given.positional) if isinstance(value, Tensor)]
        if tensors:
            if path.rpartition(".")[2] in _KEEPING and len(tensors) == 1:
                return tensors[0]
            return lost(run, tensors, given.node)
    return None


_KEEPING = frozenset(
    """relu tanh sigmoid softmax softplus elu selu gelu cast dropout stop_gradient identity log_softmax clip_by_value
    l2_normalize abs exp log square sqrt""".split()
)
"""Functions that pass on the shape that they read."""


def _input(run: Run, given: Arguments) -> Value:
    tensor = given.named.get("tensor")
    if isinstance(tensor, Tensor):
        return tensor
    shape = given.get(0, "shape")
    whole = given.get(None, "batch_shape", "batch_input_shape")
    name = given.named.get("name")
    batch = given.get(1, "batch_size")
    if isinstance(whole, tuple | list):
        axes: tuple[Any, ...] | None = tuple(whole)
    elif isinstance(shape, tuple | list):
        axes = (batch, *shape)
    elif isinstance(shape, int):
        axes = (batch, shape)
    else:
        axes = None
        run.note(given.node, "the shape of this input is not known")
    sizes = None if axes is None else tuple(None if size is None else run.size(size) for size in axes)
    return input_tensor(run, name if isinstance(name, str) and name else "", sizes, given.node)


def _input_layer(run: Run, given: Arguments) -> Value:
    layer = MadeLayer({"type": "input"}, "InputLayer", "keras", given.node)
    shape = given.get(0, "input_shape", "shape")
    whole = given.get(None, "batch_input_shape", "batch_shape")
    if isinstance(whole, tuple | list):
        layer.input_shape = tuple(whole)
    elif isinstance(shape, tuple | list):
        layer.input_shape = (given.named.get("batch_size"), *shape)
    return layer


def _sequential(run: Run, given: Arguments) -> Value:
    layers = given.get(0, "layers", default=[])
    name = given.get(1, "name")
    model = Sequential([], given.node, name if isinstance(name, str) else "", number=run.number())
    if isinstance(layers, list | tuple):
        for layer in layers:
            add_layer(run, model, layer)
    elif layers is not None:
        run.note(given.node, "the layers of this Sequential are not known")
        model.layers.append(MadeLayer({"type": "unknown", "class": "layers"}, "layers", "keras", given.node))
    run.found(model, run.place(), given.node)
    return model


def add_layer(run: Run, model: Sequential, value: Value) -> None:
    """Append a layer to a stack; one that is not known, where the value is none."""
    if isinstance(value, MadeLayer) and value.type == "input":
        model.input_shape = value.input_shape if not model.layers else model.input_shape
    elif isinstance(value, Tensor) and value.call is not None and value.call.layer is None:
        model.input_shape = value.shape if not model.layers else model.input_shape
    else:
        layer = as_layer(run, value)
        if layer is None:
            name = (value.source if isinstance(value, Opaque) else type(value).__name__).partition("(")[0]
            layer = MadeLayer({"type": "unknown", "class": str(name)[:60]}, "layer", "keras", model.span)
        model.layers.append(layer)


def _add(run: Run, model: Sequential, given: Arguments) -> Value:
    if len(model.layers) < 5_000:
        add_layer(run, model, given.get(0, "layer"))
        if isinstance(model.layers[-1] if model.layers else None, MadeLayer) and model.layers[-1].span is model.span:
            model.layers[-1].span = given.node
    return None


def _pop(run: Run, model: Sequential, given: Arguments) -> Value:
    return model.layers.pop() if model.layers else None


def _build(run: Run, model: Sequential, given: Arguments) -> Value:
    shape = given.get(0, "input_shape", "batch_input_shape")
    if isinstance(shape, tuple | list) and model.input_shape is None:
        model.input_shape = tuple(shape)
    return None


def _model(run: Run, given: Arguments) -> Value:
    inputs = tensors_of(given.get(0, "inputs", "input"))
    outputs = tensors_of(given.get(1, "outputs", "output"))
    if not inputs or not outputs:
        return run.opaque(given.node)
    name = given.get(2, "name")
    model = Functional(inputs, outputs, given.node, name if isinstance(name, str) else "", number=run.number())
    run.found(model, run.place(), given.node)
    return model


def tensors_of(value: Value) -> list[Tensor]:
    """The tensors of a value: one, several, or those of a dict."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    several = flat(list(value)) if isinstance(value, list | tuple) else []
    return [tensor for tensor in several if isinstance(tensor, Tensor)]


def apply_layer(run: Run, layer: MadeLayer, given: Arguments) -> Value:
    """A layer of Keras called with tensors."""
    first = given.get(0, "inputs")
    tensors = tensors_of(first)
    others = [*given.positional[1:], *(value for key, value in given.named.items() if key in ("query", "value", "key"))]
    states = tensors_of(given.named.get("initial_state", []))
    if layer.type in ("lstm", "gru", "rnn", "bidirectional", "stacked_cells") and len(tensors) > 1:
        tensors, states = tensors[:1], tensors[1:] or states
    elif layer.type in ("attention", "additive_attention", "multi_head_attention"):
        tensors += [tensor for value in others for tensor in tensors_of(value)]
    elif layer.type.endswith("_cell"):
        states = tensors_of(given.get(1, "states"))
    elif layer.type in ("unknown", "custom", "lambda"):  # whether it has states is not known: it reads them
        tensors, states = [*tensors, *states], []
    if layer.class_name == "Lambda" and "output" not in layer.entry and isinstance(layer.inner, Function):
        _give_output(run, layer, given)
    if not tensors:
        if isinstance(first, Opaque):
            return run.opaque(given.node)
        tensors = [unknown_tensor()]
    if isinstance(states, list) and "initial_state" in given.named and not states:
        states = []
    outputs = apply(run, layer, tensors, states, given.node)
    if layer.type.endswith("_cell") and len(outputs) > 1:
        return outputs[0], outputs[1:]
    return outputs[0] if len(outputs) == 1 else outputs


def _give_output(run: Run, layer: MadeLayer, given: Arguments) -> None:
    """Give a Lambda the shape of what its function passes on, where that can be followed."""
    result = run.call(layer.inner, Arguments(given.node, given.positional[:1]), run.modules)
    shape = shape_of(result) if isinstance(result, Tensor) else None
    if shape is not None and not any(is_open(size) for size in shape[1:]):
        layer.entry["output"] = written(shape)


def apply_model(run: Run, model: Value, given: Arguments) -> Value:
    """A model called with tensors."""
    layer = as_layer(run, model)
    return run.opaque(given.node) if layer is None else apply_layer(run, layer, given)


def apply_unknown(run: Run, function: Value, given: Arguments) -> Value:
    """A call of something that is not known with tensors: a layer that is not known."""
    tensors = [value for value in flat([*given.positional, *given.named.values()]) if isinstance(value, Tensor)]
    name = run.source_of(given.node.func).partition("(")[0]
    run.note(given.node, f"`{name}` is not known")
    layer = MadeLayer({"type": "unknown", "class": name[:60]}, "layer", framework_of(*tensors), given.node)
    known = [tensor for tensor in tensors if tensor.call is not None]
    return apply(run, layer, known or [unknown_tensor()], [], given.node)[0]


def _merge(type_: str) -> Callable[[Run, Arguments], Value]:
    def merge(run: Run, given: Arguments) -> Value:
        tensors = tensors_of(given.get(0, "inputs", "values", "tensors", "arrays"))
        entry: dict[str, Any] = {"type": type_}
        axis = given.get(1, "axis", "axes")
        if type_ in ("concatenate", "dot") and axis is not None:
            if not isinstance(axis, int | list | tuple):
                return lost(run, tensors, given.node) if tensors else run.opaque(given.node)
            entry["axes" if type_ == "dot" else "axis"] = list(axis) if isinstance(axis, tuple) else axis
        if len(tensors) < 2:
            return tensors[0] if tensors else run.opaque(given.node)
        return operation(run, entry, tensors, "keras", given.node)

    return merge


def _lambda(run: Run, given: Arguments) -> Value:
    shape = given.get(1, "output_shape")
    layer = MadeLayer({"type": "lambda"}, "Lambda", "keras", given.node)
    name = given.named.get("name")
    layer.name = name if isinstance(name, str) else ""
    layer.inner = given.get(0, "function")
    if isinstance(shape, tuple | list) and shape:
        sizes = [run.size(size) for size in shape]
        if None not in sizes:
            layer.entry["output"] = ["B", *(size if isinstance(size, int) else str(size) for size in sizes)]
    return layer


def _vectorized(run: Run, given: Arguments) -> Value:
    """``TextVectorization``: it has no weights, and gives tokens of a fixed length where one is stated."""
    layer = MadeLayer({"type": "lambda"}, "TextVectorization", "keras", given.node)
    name, length = given.named.get("name"), run.size(given.named.get("output_sequence_length"))
    layer.name = name if isinstance(name, str) else ""
    if length is not None and given.named.get("output_mode", "int") == "int":
        layer.entry["output"] = ["B", length if isinstance(length, int) else str(length)]
    return layer


def _clone(run: Run, given: Arguments) -> Value:
    return run.opaque(given.node)


def _shape(run: Run, given: Arguments) -> Value:
    value = given.get(0)
    return run.attribute(value, "shape", given.node) if isinstance(value, Tensor) else run.opaque(given.node)


MEANINGS: dict[str, Callable[[Run, Arguments], Value]] = {
    "keras.Input": _input,
    "keras.layers.InputLayer": _input_layer,
    "keras.models.Sequential": _sequential,
    "keras.models.Model": _model,
    "keras.layers.Lambda": _lambda,
    "keras.layers.TextVectorization": _vectorized,
    "keras.models.clone_model": _clone,
    "keras.backend.int_shape": _shape,
    "keras.backend.shape": _shape,
    "tensorflow.shape": _shape,
    **{
        f"keras.layers.{name}": _merge(name)
        for name in ("concatenate", "add", "multiply", "average", "subtract", "maximum", "minimum", "dot")
    },
    "tensorflow.concat": _merge("concatenate"),
    "keras.backend.concatenate": _merge("concatenate"),
    "keras.ops.concatenate": _merge("concatenate"),
}
METHODS: dict[tuple[type, str], Callable[[Run, Any, Arguments], Value]] = {
    (Sequential, "add"): _add,
    (Sequential, "pop"): _pop,
    (Sequential, "build"): _build,
}
APPLIED: dict[type, Callable[[Run, Any, Arguments], Value]] = {
    MadeLayer: apply_layer,
    Sequential: apply_model,
    Functional: apply_model,
    Opaque: apply_unknown,
}

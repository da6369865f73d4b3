"""What calls of PyTorch's names mean: modules, containers, parameters, and modules applied to tensors.

The tables at the end are where meanings are added: ``MEANINGS`` for functions by their path (``torch.cat``),
``METHODS`` for methods of tensors and modules. Functions of tensors are in torch_tensors.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lstm_shapes.importers.script.calling import flat
from lstm_shapes.importers.script.modules import closed_layer, framework_of_class, is_closed
from lstm_shapes.importers.script.run import Arguments, Run
from lstm_shapes.importers.script.shapes import shape_of
from lstm_shapes.importers.script.tensors import apply, lost, unknown_tensor
from lstm_shapes.importers.script.torch_layers import (
    OTHER_SHAPES,
    PARAMETERS,
    WITHOUT_WEIGHTS,
    make_module,
    unknown_module,
)
from lstm_shapes.importers.script.values import (
    Bound,
    Class,
    Copies,
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


def fallback(run: Run, path: str, given: Arguments) -> Value:
    """The value of a call of a name of PyTorch that has no meaning of its own here; None for other libraries."""
    module, _, name = path.rpartition(".")
    if module == "torch.nn" and name in PARAMETERS:
        return make_module(run, name, given)
    if module == "torch.nn" and name in WITHOUT_WEIGHTS:
        return MadeLayer({"type": "activation", "activation": "linear"}, name, "torch", given.node)
    if module == "torch.nn" and (name in OTHER_SHAPES or "Pad" in name):
        return MadeLayer({"type": "lambda"}, name, "torch", given.node)
    if module == "torch.nn" and name.startswith("InstanceNorm") and not given.open and not given.has(3, "affine"):
        return MadeLayer({"type": "activation", "activation": "linear"}, name, "torch", given.node)
    if module == "torch.nn" and name[:1].isupper() and not name.endswith("Loss"):
        run.note(given.node, f"nn.{name} is not known")
        return unknown_module(run, name, given)
    if path.startswith("torch."):
        tensors = [value for value in flat([*given.positional, *given.named.values()]) if isinstance(value, Tensor)]
        if tensors:
            return lost(run, tensors, given.node)
    return None


def _sequential(run: Run, given: Arguments) -> Value:
    items = given.positional
    if len(items) == 1 and isinstance(items[0], dict):
        names, modules = [str(name) for name in items[0]], list(items[0].values())
    else:
        modules = [module for item in items for module in (item if isinstance(item, list) else [item])]
        names = [str(number) for number in range(len(modules))]
    if given.open:
        names, modules = [*names, "layers"], [*modules, unknown_module(run, "layers", given)]
    return Sequential(modules, given.node, framework="torch", names=names, number=run.number())


def _module_list(run: Run, given: Arguments) -> Value:
    items = given.get(0, "modules", default=[])
    if isinstance(items, Copies) and isinstance(items.item, MadeLayer):
        items.item.entry["repeat"] = str(items.count)
        return ModuleList([items.item])
    if isinstance(items, list | tuple):
        return ModuleList(items)
    return ModuleList([unknown_module(run, "layers of a list", given)])


def _module_dict(run: Run, given: Arguments) -> Value:
    items = given.get(0, "modules", default={})
    return ModuleDict(items if isinstance(items, dict) else {"": unknown_module(run, "layers of a dict", given)})


def _parameter(run: Run, given: Arguments) -> Value:
    """``nn.Parameter(torch.zeros(4, 3))``: a weight by itself."""
    value = given.get(0, "data")
    shape = shape_of(value) if isinstance(value, Tensor) else None
    layer = unknown_module(run, "Parameter", given)
    if shape is not None:
        count: Any = 1
        for size in shape:
            count = count * size
        plain = count if isinstance(count, int) else str(count)
        output = [size if isinstance(size, int) else str(size) for size in shape] or [1]
        layer.entry = {"type": "custom", "output": output, "params": plain}
        layer.input_shape = shape
        if given.named.get("requires_grad") is False:
            layer.entry["trainable"] = False
    return layer


def _pretrained(run: Run, given: Arguments) -> Value:
    """``nn.Embedding.from_pretrained(weights)``: the sizes are those of the weights."""
    weights = given.get(0, "embeddings")
    if not isinstance(weights, Opaque):
        return unknown_module(run, "Embedding", given)
    rows, columns = (
        run.size(run.item(run.attribute(weights, "shape", given.node), axis, given.node)) for axis in (0, 1)
    )
    layer = MadeLayer(
        {"type": "embedding", "vocab": str(rows), "units": str(columns)}, "Embedding", "torch", given.node
    )
    freeze = given.get(1, "freeze", default=True)
    if isinstance(freeze, bool | int | Opaque) and run.truth(freeze, given.node):
        layer.entry["trainable"] = False
    return layer


def apply_module(run: Run, layer: MadeLayer, given: Arguments) -> Value:
    """A module of PyTorch called with tensors."""
    inputs = [value for value in given.positional[:1] if isinstance(value, Tensor)]
    inputs += [value for key, value in given.named.items() if key in ("input", "query") and isinstance(value, Tensor)]
    others = [value for value in flat([*given.positional[1:], *given.named.values()]) if isinstance(value, Tensor)]
    if not inputs:
        inputs = [unknown_tensor()]
    if layer.type == "multi_head_attention":
        inputs += [value for value in given.positional[1:3] if isinstance(value, Tensor)]
        inputs += [given.named[key] for key in ("key", "value") if isinstance(given.named.get(key), Tensor)]
        return tuple(apply(run, layer, inputs, [], given.node))
    recurrent = layer.type in ("lstm", "gru", "rnn", "lstm_cell", "gru_cell", "rnn_cell")
    if not recurrent:
        return apply(run, layer, inputs, [], given.node)[0]
    packed = inputs[0].packed
    if packed is not None:
        layer.entry["batch_first"] = packed
        inputs = [replace(inputs[0], packed=None)]
    states = [state for state in others if state.call is not None and not any(state is one for one in inputs)]
    wanted = 2 if layer.type.startswith("lstm") else 1
    outputs = apply(run, layer, inputs, states if len(states) == wanted else [], given.node)
    outputs[0].packed = packed
    if layer.type.endswith("_cell"):
        return tuple(outputs[1:]) if wanted == 2 else outputs[0]
    if len(outputs) < 1 + wanted:
        return outputs[0], unknown_tensor() if wanted == 1 else (unknown_tensor(), unknown_tensor())
    return outputs[0], (outputs[1], outputs[2]) if wanted == 2 else outputs[1]


def apply_instance(run: Run, instance: Instance, given: Arguments) -> Value:
    """An object of a class of the file that is called: its forward pass."""
    if is_closed(instance.cls):
        tensors = [value for value in flat([*given.positional, *given.named.values()]) if isinstance(value, Tensor)]
        return apply(run, closed_layer(instance), tensors or [unknown_tensor()], [], given.node)[0]
    for name in ("forward", "call", "__call__"):
        for cls in instance.cls.mro():
            if isinstance(cls, Class) and isinstance(cls.values.get(name), Function):
                return run.invoke(Bound(cls.values[name], instance, cls), given)
    tensors = [value for value in flat(given.positional) if isinstance(value, Tensor)]
    return lost(run, tensors, given.node) if tensors else run.opaque(given.node)


def apply_sequential(run: Run, model: Sequential, given: Arguments) -> Value:
    """A ``nn.Sequential`` called: its modules one after the other."""
    value = given.get(0)
    for module in model.layers:
        value = run.call(module, Arguments(given.node, [value]), run.modules)
    return value


def _made(run: Run, instance: Instance, given: Arguments) -> Value:
    """Note an object of a class that is a model."""
    kind = framework_of_class(instance.cls)
    if kind:
        instance.framework = kind
        run.found(instance, instance.cls.name, instance.cls.node)
    return instance


def _itself(run: Run, value: Value, given: Arguments) -> Value:
    return value


def _add_module(run: Run, instance: Instance, given: Arguments) -> Value:
    name = given.get(0, "name")
    if isinstance(name, str):
        instance.attributes[name] = given.get(1, "module")
    else:
        instance.attributes[f"module {len(instance.attributes)}"] = given.get(1, "module")
    return None


def _add_buffer(run: Run, instance: Instance, given: Arguments) -> Value:
    name = given.get(0, "name")
    if isinstance(name, str):
        instance.attributes[name] = given.get(1, "tensor")
    return None


def _append(run: Run, model: Sequential, given: Arguments) -> Value:
    name, module = (given.get(0), given.get(1)) if len(given.positional) > 1 else (None, given.get(0))
    model.layers.append(module)
    model.names.append(name if isinstance(name, str) else str(len(model.names)))
    return model


MEANINGS: dict[str, Callable[[Run, Arguments], Value]] = {
    "torch.nn.Sequential": _sequential,
    "torch.nn.ModuleList": _module_list,
    "torch.nn.ModuleDict": _module_dict,
    "torch.nn.Parameter": _parameter,
    "torch.nn.Embedding.from_pretrained": _pretrained,
    "torch.nn.utils.weight_norm": lambda run, given: unknown_module(run, "weight_norm", given),
    "torch.nn.utils.parametrizations.weight_norm": lambda run, given: unknown_module(run, "weight_norm", given),
    "torch.nn.utils.spectral_norm": lambda run, given: given.get(0, "module"),
    "torch.nn.DataParallel": lambda run, given: given.get(0, "module"),
    "torch.compile": lambda run, given: given.get(0, "model"),
}
METHODS: dict[tuple[type, str], Callable[[Run, Any, Arguments], Value]] = {
    (Class, "made"): _made,
    (Instance, "add_module"): _add_module,
    (Instance, "register_module"): _add_module,
    (Instance, "register_parameter"): _add_module,
    (Instance, "register_buffer"): _add_buffer,
    (Sequential, "add_module"): _append,
    (Sequential, "append"): _append,
    **{
        (kind, name): _itself
        for kind in (Instance, MadeLayer, Sequential, ModuleList)
        for name in ("to", "cuda", "cpu", "eval", "train", "double", "float", "half", "apply", "requires_grad_")
    },
    (Instance, "forward"): apply_instance,
}
"""The methods that are reached where the class itself has none of the name."""
APPLIED: dict[type, Callable[[Run, Any, Arguments], Value]] = {Instance: apply_instance}

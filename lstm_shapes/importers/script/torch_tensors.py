"""Functions and methods of PyTorch's tensors: what a forward pass does between its modules.

``FUNCTIONS`` has functions by their path (``torch.cat``, ``torch.nn.functional.relu``), ``TENSOR_METHODS`` the methods
of a tensor. Each is given the run and the ``Arguments`` of the call and returns a value: ``operation`` of tensors.py
makes the output of a layer of the spec without weights, ``lost`` one of which nothing is known, with a note. Functions
that give a tensor another shape are in torch_shapes.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lstm_shapes.importers.script import torch_shapes as shapes
from lstm_shapes.importers.script.calling import flat
from lstm_shapes.importers.script.run import Arguments, Run
from lstm_shapes.importers.script.shapes import shape_of
from lstm_shapes.importers.script.tensors import elementwise, lost, operation
from lstm_shapes.importers.script.torch_layers import activation_entry
from lstm_shapes.importers.script.values import Tensor, Value
from lstm_shapes.symbolic.size import Poly

Meaning = Callable[[Run, Arguments], Value]


def _filled(run: Run, given: Arguments) -> Value:
    """``torch.zeros(2, n, 4)``, ``torch.randn((2, 4))``: a tensor that no layer gives."""
    sizes = given.get(None, "size", default=given.positional)
    if len(sizes) == 1 and isinstance(sizes[0], tuple | list):
        sizes = sizes[0]
    if not isinstance(sizes, tuple | list):
        return Tensor(None)
    shape = tuple(run.size(size) for size in sizes)
    known = all(isinstance(size, Poly) or (isinstance(size, int) and size > 0) for size in shape)
    return Tensor(None, shape=shape if known else None)


def _like(run: Run, given: Arguments) -> Value:
    """``torch.zeros_like(x)``: a tensor of the shape of another that no layer gives."""
    tensor = given.get(0, "input")
    return Tensor(None, shape=shape_of(tensor) if isinstance(tensor, Tensor) else None)


def _activation(name: str) -> Meaning:
    def activate(run: Run, given: Arguments) -> Value:
        tensor = given.get(0, "input")
        entry = activation_entry(name)
        if not isinstance(tensor, Tensor):
            return run.opaque(given.node)
        if tensor.call is None or entry is None:
            return tensor
        return operation(run, entry, [tensor], "torch", given.node)

    return activate


def _same_shape(run: Run, given: Arguments) -> Value:
    """A function of each number: the tensor goes on as it is."""
    tensor = given.get(0, "input")
    return tensor if isinstance(tensor, Tensor) else run.opaque(given.node)


def _operator(sign: str) -> Meaning:
    """``torch.add(x, y)``."""

    def compute(run: Run, given: Arguments) -> Value:
        left, right = given.get(0, "input"), given.get(1, "other", "mat2")
        if sign == "@" and isinstance(left, Tensor) and isinstance(right, Tensor):
            shape, vector = shape_of(left), shape_of(right)
            if shape is not None and vector is not None and len(vector) == 1 and len(shape) > 1:
                tensors = [tensor for tensor in (left, right) if tensor.call is not None]
                return shapes.declared(run, "matmul", tensors, shape[:-1], given)
        if isinstance(left, Tensor) or isinstance(right, Tensor):
            return elementwise(run, sign, left, right, given.node)
        return run.opaque(given.node)

    return compute


def _packed(run: Run, given: Arguments) -> Value:
    """``pack_padded_sequence``: the tensor itself, in the sequence of axes of a recurrent module that reads it."""
    tensor, first = given.get(0, "input"), given.get(2, "batch_first", default=False)
    if not isinstance(tensor, Tensor):
        return run.opaque(given.node)
    return replace(tensor, packed=first is True) if isinstance(first, bool) else lost(run, [tensor], given.node)


def _padded(run: Run, given: Arguments) -> Value:
    """``pad_packed_sequence``: the tensor, and the lengths."""
    tensor, first = given.get(0, "sequence"), given.get(1, "batch_first", default=False)
    if not isinstance(tensor, Tensor):
        return run.opaque(given.node)
    if tensor.packed is None or not isinstance(first, bool):
        return lost(run, [tensor], given.node), run.opaque(given.node)
    plain = replace(tensor, packed=None)
    if first is not tensor.packed:
        plain = operation(run, {"type": "transpose", "axes": [1, 0, 2]}, [plain], "torch", given.node)
    return plain, run.opaque(given.node)


def method(function: Meaning) -> Callable[[Run, Any, Arguments], Value]:
    """A method that is a function whose first argument is the tensor itself."""

    def call(run: Run, tensor: Any, given: Arguments) -> Value:
        nodes = {key + 1 if isinstance(key, int) else key: node for key, node in given.nodes.items()}
        return function(run, Arguments(given.node, [tensor, *given.positional], given.named, nodes, given.open))

    return call


def _size(run: Run, tensor: Tensor, given: Arguments) -> Value:
    """``x.size(0)``, ``x.size()``."""
    shape = run.attribute(tensor, "shape", given.node)
    axis = given.get(0, "dim")
    return shape if axis is None else run.item(shape, axis, given.node)


def _other_method(run: Run, called: Any, given: Arguments) -> Value:
    """A method that has no meaning of its own here."""
    if called.name in ("item", "tolist", "numpy", "dim", "numel", "backward", "unique", "device"):
        return run.opaque(given.node)
    tensors = [value for value in flat(given.positional) if isinstance(value, Tensor)]
    return lost(run, [called.receiver, *tensors], given.node)


ACTIVATIONS = ("relu", "tanh", "sigmoid", "softplus", "elu", "selu", "gelu", "silu", "relu6")
SAME_SHAPE = """dropout leaky_relu softmax log_softmax softmin logsigmoid hardtanh clone abs exp clamp sqrt log
    normalize layer_norm cumsum flip where sin cos pow mish nan_to_num neg square round floor ceil sign rsqrt
    alpha_dropout feature_alpha_dropout hardswish hardsigmoid tanhshrink softsign celu rrelu""".split()
_SHAPES: dict[str, Meaning] = {
    "cat": shapes.concatenate,
    "concat": shapes.concatenate,
    "stack": shapes.stack,
    "bmm": _operator("@"),
    "matmul": _operator("@"),
    "mm": _operator("@"),
    "add": _operator("+"),
    "mul": _operator("*"),
    "sub": _operator("-"),
    "div": _operator("/"),
    **{
        name: shapes.MEANINGS[name]
        for name in """reshape permute transpose squeeze unsqueeze flatten chunk split mean sum max min t swapaxes
        unbind argmax argmin amax amin""".split()
    },
}
"""Functions of torch that are methods of a tensor as well."""
FUNCTIONS: dict[str, Meaning] = {
    **{f"torch.{name}": _filled for name in ("zeros", "ones", "randn", "rand", "empty", "Tensor", "FloatTensor")},
    **{f"torch.{name}": _like for name in ("zeros_like", "ones_like", "randn_like", "rand_like", "empty_like")},
    **{f"torch.nn.functional.{name}": _activation(name) for name in ACTIVATIONS},
    **{f"torch.{name}": _activation(name) for name in ("relu", "tanh", "sigmoid")},
    **{f"torch.nn.functional.{name}": _same_shape for name in SAME_SHAPE},
    **{f"torch.{name}": _same_shape for name in SAME_SHAPE if name != "where"},
    **{f"torch.{name}": meaning for name, meaning in _SHAPES.items()},
    **{f"torch.nn.functional.{name}": shapes.pooled(name) for name in shapes.POOLED},
    "torch.autograd.Variable": _same_shape,
    "torch.nn.utils.rnn.pack_padded_sequence": _packed,
    "torch.nn.utils.rnn.pad_packed_sequence": _padded,
}
TENSOR_METHODS: dict[tuple[type, str], Callable[[Run, Any, Arguments], Value]] = {
    (Tensor, "size"): _size,
    (Tensor, ""): _other_method,
    (Tensor, "view"): method(shapes.reshape),
    (Tensor, "expand"): method(shapes.expand),
    (Tensor, "repeat"): method(shapes.repeat),
    (Tensor, "expand_as"): method(shapes.expand_as),
    (Tensor, "view_as"): method(shapes.expand_as),
    **{(Tensor, name): method(meaning) for name, meaning in _SHAPES.items()},
    **{(Tensor, name): method(_filled_new) for name, _filled_new in (("new_zeros", shapes.new), ("new", shapes.new))},
    **{
        (Tensor, name): method(_same_shape)
        for name in """to cuda cpu float double half long int bool detach contiguous clone requires_grad_ type_as
        softmax log_softmax exp abs sqrt clamp masked_fill masked_fill_ zero_ normal_ uniform_ fill_ type byte squeeze_
        cumsum flip log pow relu_ add_ mul_ nan_to_num neg square round floor ceil sign""".split()
        if name != "squeeze_"
    },
    **{(Tensor, name): method(_activation(name)) for name in ("relu", "tanh", "sigmoid")},
}

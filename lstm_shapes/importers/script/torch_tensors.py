"""Functions and methods of PyTorch's tensors: what a forward pass does between its modules.

``FUNCTIONS`` has functions by their path (``torch.cat``, ``torch.nn.functional.relu``), ``TENSOR_METHODS`` the methods
of a tensor. Each is given the run and the ``Arguments`` of the call and returns a value: ``operation`` of tensors.py
makes the output of a layer of the spec without weights, ``lost`` one of which nothing is known, with a note.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lstm_shapes.importers.script.run import Arguments, Run
from lstm_shapes.importers.script.tensors import lost, operation
from lstm_shapes.importers.script.torch_layers import activation_entry
from lstm_shapes.importers.script.values import Tensor, Value
from lstm_shapes.symbolic.size import Poly


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


def _activation(name: str) -> Callable[[Run, Arguments], Value]:
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


def _method(function: Callable[[Run, Arguments], Value]) -> Callable[[Run, Any, Arguments], Value]:
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


def _other_method(run: Run, method: Any, given: Arguments) -> Value:
    """A method that has no meaning of its own here."""
    return lost(run, [method.receiver], given.node)


ACTIVATIONS = ("relu", "tanh", "sigmoid", "softplus", "elu", "selu", "gelu", "silu", "relu6")
SAME_SHAPE = (
    "dropout",
    "leaky_relu",
    "softmax",
    "log_softmax",
    "softmin",
    "logsigmoid",
    "hardtanh",
    "clone",
    "abs",
    "exp",
)
FUNCTIONS: dict[str, Callable[[Run, Arguments], Value]] = {
    **{f"torch.{name}": _filled for name in ("zeros", "ones", "randn", "rand", "empty", "Tensor", "FloatTensor")},
    **{f"torch.nn.functional.{name}": _activation(name) for name in ACTIVATIONS},
    **{f"torch.{name}": _activation(name) for name in ("relu", "tanh", "sigmoid")},
    **{f"torch.nn.functional.{name}": _same_shape for name in SAME_SHAPE},
    **{
        f"torch.{name}": _same_shape
        for name in ("softmax", "log_softmax", "exp", "abs", "sqrt", "log", "clone", "clamp")
    },
    "torch.autograd.Variable": _same_shape,
}
TENSOR_METHODS: dict[tuple[type, str], Callable[[Run, Any, Arguments], Value]] = {
    (Tensor, "size"): _size,
    (Tensor, ""): _other_method,
    **{
        (Tensor, name): _method(_same_shape)
        for name in """to cuda cpu float double half long int detach contiguous clone requires_grad_ type_as softmax
        log_softmax exp abs sqrt clamp cuda masked_fill masked_fill_ zero_ normal_ uniform_ fill_""".split()
    },
    **{(Tensor, name): _method(_activation(name)) for name in ("relu", "tanh", "sigmoid")},
}

"""Layers of ours that in PyTorch are functions and operators of a ``forward``, and its activation functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce as fold
from typing import Any

from lstm_shapes.analysis.verify.against.twin import Call, NotCompared
from lstm_shapes.layers.base import Layer

FUNCTIONS = {
    "hard_shrink": "hardshrink",
    "hard_sigmoid": "hardsigmoid",
    "hard_silu": "hardswish",
    "hard_tanh": "hardtanh",
    "log_sigmoid": "logsigmoid",
    "soft_shrink": "softshrink",
    "tanh_shrink": "tanhshrink",
}
"""Our names of activation functions -> those in torch.nn.functional, where they differ."""
KERAS_ALONE = frozenset(("sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus"))
ALONG_AN_AXIS = frozenset(("softmax", "log_softmax"))
ARITHMETIC = {
    "divide": "div",
    "power": "pow",
    "subtract": "sub",
    "negative": "neg",
    "equal": "eq",
    "not_equal": "ne",
    "greater": "gt",
    "greater_equal": "ge",
    "less": "lt",
    "less_equal": "le",
}
"""Our names of elementwise functions -> those in torch, where they differ."""
IDENTITY = frozenset(
    "dropout spatial_dropout1d spatial_dropout2d spatial_dropout3d gaussian_dropout alpha_dropout gaussian_noise "
    "activity_regularization".split()
)
"""What changes nothing outside of training."""
Settings = Mapping[str, Any]
Sizes = tuple[int, ...]
Function = Callable[..., Any]


def activation(torch: Any, name: str) -> Function | None:
    """The function called ``name``; None for linear. Raises ``NotCompared`` on one that PyTorch does not have."""
    if name == "linear":
        return None
    if name in KERAS_ALONE:
        raise NotCompared(f"PyTorch has no function {name}")
    if name == "exponential":
        return torch.exp  # type: ignore[no-any-return]
    function: Function = vars(torch.nn.functional)[FUNCTIONS.get(name, name)]
    if name in ALONG_AN_AXIS:
        return lambda x: function(x, dim=-1)
    return (lambda x: function(x, 0.2)) if name == "leaky_relu" else function


def operation(torch: Any, layer: Layer, shapes: tuple[Sizes, ...]) -> Call | None:
    """How a layer that is an operation is called; None for one that is a module."""
    if layer.type in IDENTITY:
        return lambda *inputs, states=(): inputs
    if layer.type not in OPERATIONS:
        return None
    function = OPERATIONS[layer.type](torch, layer.field_values(), shapes)

    def call(*inputs: Any, states: Any = ()) -> tuple[Any, ...]:
        made = function(*inputs)
        return tuple(made) if isinstance(made, list | tuple) else (made,)

    return call


def _activation(torch: Any, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
    return activation(torch, s["activation"]) or (lambda x: x)


def _relu(torch: Any, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
    if s["threshold"] or s["negative_slope"]:
        raise NotCompared("PyTorch has no relu with threshold or negative_slope")
    return lambda x: torch.clamp(x, min=0, max=s["max_value"])


def _along(function: Function, axis: int | tuple[int, ...]) -> Function:
    """Softmax or its logarithm along an axis; without one PyTorch chooses."""
    if isinstance(axis, tuple) and len(axis) > 1:
        raise NotCompared("PyTorch has no softmax along several axes")
    dim = next(iter(axis), None) if isinstance(axis, tuple) else axis
    return lambda x: function(x, dim=dim)


def _slice(torch: Any, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
    axis = s["axis"] % len(shapes[0])
    chosen = list(range(shapes[0][axis])[slice(s["start"], s["stop"], s["step"])])
    if s["step"] < 0:
        return lambda x: torch.index_select(x, axis, torch.tensor(chosen))
    return lambda x: x[(*(slice(None),) * axis, slice(s["start"], s["stop"], s["step"]))]


def _split(torch: Any, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
    axis = s["axis"]
    length = shapes[0][axis]
    if s["sizes"] is None:
        return lambda x: torch.split(x, length // s["sections"], dim=axis)
    rest = length - sum(size for size in s["sizes"] if size != -1)
    return lambda x: torch.split(x, [rest if size == -1 else size for size in s["sizes"]], dim=axis)


def _squeeze(torch: Any, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
    return lambda x: torch.squeeze(x) if s["axis"] is None else torch.squeeze(x, s["axis"])


def _transpose(torch: Any, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
    axes = s["axes"] or tuple(reversed(range(len(shapes[0]))))
    return lambda x: x.permute(axes)


def _permute(torch: Any, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
    return lambda x: x.permute(0, *s["dims"])


def _reduce(torch: Any, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
    function = vars(torch)[{"max": "amax", "min": "amin"}.get(s["op"], s["op"])]
    axes = tuple(range(len(shapes[0]))) if s["axis"] is None else s["axis"]
    return lambda x: function(x, dim=axes, keepdim=s["keepdims"])


def _elementwise(torch: Any, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
    function = vars(torch)[ARITHMETIC.get(s["op"], s["op"])]
    number = () if s["value"] is None else (torch.tensor(s["value"], dtype=torch.float64),)
    return lambda *inputs: function(*inputs, *number).double()


def _gather(torch: Any, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
    axis = s["axis"] % len(shapes[0])

    def taken(x: Any, *indices: Any) -> Any:
        at = indices[0].long() if indices else torch.tensor(s["indices"])
        at = at % x.shape[axis]
        flat = torch.index_select(x, axis, at.reshape(-1))
        return flat.reshape(*x.shape[:axis], *at.shape, *x.shape[axis + 1 :])

    return taken


def _global(function: str) -> Callable[[Any, Settings, tuple[Sizes, ...]], Function]:
    """Of all positions of space the mean or the largest."""

    def of(torch: Any, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
        first = 2 if s["data_format"] == "channels_first" else 1
        axes = tuple(range(first, first + len(shapes[0]) - 2))
        return lambda x: vars(torch)[function](x, dim=axes, keepdim=s["keepdims"])

    return of


def _merged(function: Callable[[Any], Function]) -> Callable[[Any, Settings, tuple[Sizes, ...]], Function]:
    """A function of two, applied from the first input to the last; axes that one lacks are put behind its batch."""

    def of(torch: Any, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
        rank = max(map(len, shapes))

        def widened(x: Any) -> Any:
            return x.reshape(x.shape[0], *(1,) * (rank - x.dim()), *x.shape[1:])

        return lambda *inputs: fold(function(torch), map(widened, inputs))

    return of


def _average(torch: Any, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
    total = _merged(lambda torch: torch.add)(torch, s, shapes)
    return lambda *inputs: total(*inputs) / len(inputs)


def _dot(torch: Any, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
    axes = s["axes"] if len(s["axes"]) == 2 else s["axes"] * 2
    first, second = (axis % len(shape) for axis, shape in zip(axes, shapes, strict=True))

    def dotted(x: Any, y: Any) -> Any:
        if s["normalize"]:
            x, y = (torch.nn.functional.normalize(z, dim=a, eps=1e-12) for z, a in ((x, first), (y, second)))
        x, y = torch.movedim(x, first, -1), torch.movedim(y, second, -1)
        left, right = x.shape[1:-1], y.shape[1:-1]
        made = torch.bmm(x.reshape(x.shape[0], -1, x.shape[-1]), y.reshape(y.shape[0], -1, y.shape[-1]).mT)
        return made.reshape(x.shape[0], *left, *right) if (*left, *right) else made.reshape(-1, 1)

    return dotted


OPERATIONS: Mapping[str, Callable[[Any, Settings, tuple[Sizes, ...]], Function]] = {
    "activation": _activation,
    "relu": _relu,
    "leaky_relu": lambda torch, s, x: lambda y: torch.nn.functional.leaky_relu(y, s["negative_slope"]),
    "rescaling": lambda torch, s, x: lambda y: y * s["scale"] + s["offset"],
    "elu": lambda torch, s, x: lambda y: torch.nn.functional.elu(y, s["alpha"]),
    "softmax": lambda torch, s, x: _along(torch.nn.functional.softmax, s["axis"]),
    "log_softmax": lambda torch, s, x: _along(torch.nn.functional.log_softmax, s["axis"]),
    "flatten": lambda torch, s, x: lambda y: y.reshape(y.shape[0], -1),
    "reshape": lambda torch, s, x: lambda y: y.reshape(y.shape[0], *s["target_shape"]),
    "repeat_vector": lambda torch, s, x: lambda y: y.unsqueeze(1).repeat(1, s["n"], 1),
    "permute": _permute,
    "select": lambda torch, s, x: lambda y: y.select(s["axis"], s["index"]),
    "slice": _slice,
    "split": _split,
    "squeeze": _squeeze,
    "expand_dims": lambda torch, s, x: lambda y: y.unsqueeze(s["axis"]),
    "transpose": _transpose,
    "concatenate": lambda torch, s, x: lambda *inputs: torch.cat(inputs, dim=s["axis"]),
    "add": _merged(lambda torch: torch.add),
    "multiply": _merged(lambda torch: torch.mul),
    "subtract": _merged(lambda torch: torch.sub),
    "maximum": _merged(lambda torch: torch.maximum),
    "minimum": _merged(lambda torch: torch.minimum),
    "average": _average,
    "dot": _dot,
    "reduce": _reduce,
    "elementwise": _elementwise,
    "gather": _gather,
    "stack": lambda torch, s, x: lambda *inputs: torch.stack(inputs, dim=s["axis"]),
    **{f"global_max_pooling{rank}d": _global("amax") for rank in (1, 2, 3)},
    **{f"global_average_pooling{rank}d": _global("mean") for rank in (1, 2, 3)},
    "matmul": lambda torch, s, x: torch.matmul,
}
"""A type -> what makes its function from torch, the settings and the shapes that arrive."""

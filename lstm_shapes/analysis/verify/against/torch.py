"""PyTorch: the modules of torch.nn with the same numbers, and what is around them in a ``forward``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from lstm_shapes.analysis.verify.against.composition import wrapped
from lstm_shapes.analysis.verify.against.operations import operation
from lstm_shapes.analysis.verify.against.torch_functions import TorchFunctions
from lstm_shapes.analysis.verify.against.torch_modules import MODULES, Module, batch_norm, ends_before
from lstm_shapes.analysis.verify.against.twin import (
    Arrays,
    NotCompared,
    Twin,
    check_directions,
    check_settings,
    check_tensors,
    numbers,
    packed,
)
from lstm_shapes.frameworks.convolutions import SLIDING, uneven
from lstm_shapes.frameworks.torch import TORCH
from lstm_shapes.layers.base import Layer
from lstm_shapes.symbolic.size import Shape

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array

Settings = Mapping[str, Any]
Sizes = tuple[int, ...]


RECURRENT = {"lstm": "LSTM", "gru": "GRU", "rnn": "RNN"}
CELLS = {f"{type_}_cell": f"{name}Cell" for type_, name in RECURRENT.items()}
EXPRESSED = frozenset(
    "data_format "
    "return_sequences go_backwards recurrent_bias unroll stateful dropout recurrent_dropout zero_output_for_mask axis "
    "activation center scale".split()
)
"""Settings that operations around the module express, or that change nothing in a run without training."""
PADDED = frozenset(("padding",))
"""What torch.nn.functional.pad expresses before a convolution."""
SECOND_BIAS = (
    "PyTorch has a second bias where this layer has one: zeros were packed, and its {:,} parameters not counted"
)


def connect() -> TorchBuilder:
    """PyTorch, imported."""
    return TorchBuilder(import_module("torch"))


class TorchBuilder:
    """Builds modules of ``torch``, the imported package, in float64."""

    name, title = "torch", "PyTorch"

    def __init__(self, torch: Any) -> None:
        self.torch, self.version = torch, str(torch.__version__)
        self.functions = TorchFunctions(torch)

    @contextmanager
    def session(self) -> Iterator[None]:
        """Without gradients."""
        with self.torch.no_grad():
            yield

    def tensor(self, array: Array, mask: Array | None) -> Any:
        """A tensor; PyTorch has no masks, so one that hides a timestep cannot be compared."""
        if mask is not None and not mask.all():
            raise NotCompared("PyTorch has no masks")
        return self.torch.from_numpy(np.ascontiguousarray(array))

    def array(self, tensor: Any) -> Array:
        """The numbers of a tensor."""
        array: Array = tensor.detach().numpy()
        return array

    def build(self, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays) -> Twin:
        """The module for these shapes with our numbers, or the operations that make the layer."""
        parts = wrapped(self.torch, self.build, layer, shapes, arrays)
        if parts is not None:
            return parts
        call = operation(self.functions, layer, numbers(shapes))
        if call is not None:
            return Twin(call)
        if layer.type in CELLS:
            return self.one_step(layer, shapes, arrays)
        if layer.type in RECURRENT:
            check_directions(self.title, layer)
            stacked = layer.composed or layer.sublayers(*shapes)
            return self.stack(layer, shapes, arrays) if stacked else self.recurrent(layer, shapes, arrays)
        unlike = layer.type in SLIDING and uneven(layer.field_values())
        check_settings(TORCH, layer, EXPRESSED | PADDED if unlike else EXPRESSED)
        make = {
            "multi_head_attention": self.attention,
            "batch_normalization": self.normalized,
            "layer_normalization": self.last_axes,
            "rms_normalization": self.last_axes,
            "prelu": self.sloped,
        }.get(layer.type)
        if make:
            return make(layer, shapes, arrays)
        if layer.type not in MODULES:
            raise NotCompared(f"PyTorch has no {layer.type}")
        return self.module(layer, shapes, arrays, MODULES[layer.type])

    def module(self, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays, module: Module) -> Twin:
        """A module with one input, its channels moved to axis 1 and back where PyTorch has them there."""
        settings, (shape, *_) = layer.field_values(), numbers(shapes)
        axis = settings.get("axis", layer.feature_axis) if module.channels else 1
        moved = self.torch.movedim(self.torch.empty(shape), axis, 1) if module.channels else self.torch.empty(shape)
        arguments = module.arguments(settings, tuple(moved.shape))
        real = vars(self.torch.nn)[module.name](**arguments).double().eval()
        count, notes = self.load(real, layer, shapes, arrays)
        after = self.functions.activation(settings.get("activation", "linear") if module.activated else "linear")
        ends = ends_before(layer.type, settings, real)
        mode = {"zeros": "constant"}.get(settings.get("padding_mode", ""), settings.get("padding_mode"))
        tokens = layer.reads_tokens

        def call(*inputs: Any, states: Sequence[Any] = ()) -> tuple[Any, ...]:
            x = inputs[0].long() if tokens else inputs[0]
            x = self.torch.movedim(x, axis, 1) if module.channels else x
            x = self.torch.nn.functional.pad(x, ends, mode=mode) if ends else x
            y = real(x)
            y = self.torch.movedim(y, 1, axis) if module.channels else y
            return (after(y),)

        return Twin(call, count, notes, real=real)

    def load(self, real: Any, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays) -> tuple[int, tuple[str, ...]]:
        """Our numbers into a module; how many parameters it then has, and what is not ours of them."""
        ours = packed(TORCH, layer, shapes, arrays)
        theirs = {name: tuple(tensor.shape) for name, tensor in real.named_parameters()}
        counted = ours if layer.buffer_count(*shapes) == 0 else list(theirs)
        theirs |= {n: tuple(t.shape) for n, t in real.named_buffers() if n in ours or t.is_floating_point()}
        extra = [name for name in theirs if name not in ours and name.replace("bias_hh", "bias_ih") in ours]
        check_tensors(self.title, ours, {name: shape for name, shape in theirs.items() if name not in extra})
        zeros = {name: np.zeros(theirs[name]) for name in extra}
        state = {name: self.torch.from_numpy(np.ascontiguousarray(array)) for name, array in {**ours, **zeros}.items()}
        real.load_state_dict(state, strict=False)
        count = sum(ours[name].size for name in counted if name in ours)
        second = sum(array.size for array in zeros.values())
        return count, (SECOND_BIAS.format(second),) if zeros else ()

    def recurrent(self, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays) -> Twin:
        """A layer of one depth and one direction, read from its end where it goes backwards."""
        settings = layer.field_values()
        real = self.cell(layer, shapes)
        count, notes = self.load(real, layer, shapes, arrays)

        def call(*inputs: Any, states: Sequence[Any] = ()) -> tuple[Any, ...]:
            x = self.torch.flip(inputs[0], [1]) if settings["go_backwards"] else inputs[0]
            sequence, *last = _flat(real(x, *_given([state.unsqueeze(0) for state in states])))
            main = sequence if settings["return_sequences"] else sequence[:, -1]
            return (main, *(state.squeeze(0) for state in last)) if settings["return_state"] else (main,)

        return Twin(call, count, notes, real=real)

    def one_step(self, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays) -> Twin:
        """A cell, whose output is its hidden state."""
        width, units = numbers(shapes)[0][-1], layer.field_values()["units"]
        real = self.checked(layer)(width, units, **_cell_arguments(layer)).double()
        count, notes = self.load(real, layer, shapes, arrays)

        def call(*inputs: Any, states: Sequence[Any] = ()) -> tuple[Any, ...]:
            made = real(inputs[0], *_given(list(states)))
            ends = made if isinstance(made, tuple) else (made,)
            return (ends[0], *ends)

        return Twin(call, count, notes, real=real)

    def cell(self, layer: Layer, shapes: tuple[Shape, ...], depth: int = 1, directions: int = 1) -> Any:
        """The module of a recurrent layer's settings."""
        return self.checked(layer)(
            numbers(shapes)[0][-1],
            layer.field_values()["units"],
            depth,
            batch_first=True,
            bidirectional=directions == 2,
            **_cell_arguments(layer),
        ).double()

    def checked(self, layer: Layer) -> Any:
        """The class of a recurrent layer. Raises ``NotCompared`` where it has other settings than the class."""
        values = layer.field_values()
        own = "axis" if not layer.type.startswith("rnn") else "recurrent_activation"
        expressed = EXPRESSED - {"activation"} | {own}
        check_settings(TORCH, layer, expressed)
        if values["recurrent_bias"] and not values["bias"]:
            raise NotCompared("PyTorch has both biases or none")
        return vars(self.torch.nn)[{**RECURRENT, **CELLS}[layer.type]]

    def stack(self, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays) -> Twin:
        """A module of several layers and directions, as it is."""
        settings, parts = layer.field_values(), layer.sublayers(*shapes)
        depth, directions = len(settings["layers"]), len(settings["layers"][0])
        first = settings["batch_first"]
        real = self.cell(parts[0].layer, parts[0].inputs, depth, directions)
        real.batch_first = first
        count, notes = self.load(real, layer, shapes, arrays)

        def call(*inputs: Any, states: Sequence[Any] = ()) -> tuple[Any, ...]:
            sequence, *last = _flat(real(inputs[0], *_given(list(states))))
            if not settings["return_sequences"]:
                sequence = self.torch.cat(list(last[0][-directions:]), dim=-1)
            return (sequence, *last) if settings["return_state"] else (sequence,)

        return Twin(call, count, notes, real=real)

    def normalized(self, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays) -> Twin:
        """BatchNorm1d to BatchNorm3d, by the rank."""
        rank = max(1, len(shapes[0]) - 2)
        if not 2 <= len(shapes[0]) <= 5:
            raise NotCompared("PyTorch has batch_normalization of two to five axes")
        return self.module(layer, shapes, arrays, Module(f"BatchNorm{rank}d", batch_norm, channels=True))

    def last_axes(self, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays) -> Twin:
        """LayerNorm or RMSNorm of the last axes."""
        name = {"layer_normalization": "LayerNorm", "rms_normalization": "RMSNorm"}[layer.type]

        def arguments(settings: Settings, shape: Sizes) -> dict[str, Any]:
            axes = settings["axis"] if isinstance(settings["axis"], tuple) else (settings["axis"],)
            axes = tuple(range(-len(settings["normalized_shape"]), 0)) or axes
            first = min(axis % len(shape) for axis in axes)
            if {axis % len(shape) for axis in axes} != set(range(first, len(shape))):
                raise NotCompared(f"PyTorch's {name} normalizes the last axes")
            if settings.get("center") and not settings["scale"]:
                raise NotCompared("PyTorch has no layer_normalization with center and without scale")
            given = {"normalized_shape": shape[first:], "eps": settings["epsilon"]}
            given["elementwise_affine"] = settings.get("affine", True) and settings.get("scale", True)
            return given if name == "RMSNorm" else {**given, "bias": settings["center"]}

        return self.module(layer, shapes, arrays, Module(name, arguments))

    def sloped(self, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays) -> Twin:
        """PReLU with one slope, or one for each channel on axis 1."""
        weights = layer.weights(*shapes)
        (slopes,) = numbers([weights[0].shape])
        if len(slopes) != 1:
            raise NotCompared("PyTorch's PReLU has one slope, or one for each channel")
        return self.module(layer, shapes, arrays, Module("PReLU", lambda s, x: {"num_parameters": slopes[0]}))

    def attention(self, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays) -> Twin:
        """MultiheadAttention, which reads the query, the key and the value in this order."""
        s, given = layer.field_values(), numbers(shapes)
        query, value, key = given if len(given) == 3 else (*given, given[-1])
        if s["embed_dim"] is None:
            raise NotCompared("PyTorch has no multi_head_attention with key_dim: its heads share embed_dim")
        real = self.torch.nn.MultiheadAttention(
            s["embed_dim"], s["num_heads"], bias=s["bias"], kdim=key[-1], vdim=value[-1], batch_first=s["batch_first"]
        ).double()
        count, notes = self.load(real.eval(), layer, shapes, arrays)
        time = 1 if s["batch_first"] else 0
        ahead = self.torch.ones(query[time], key[time]).triu(1).bool() if s["causal"] else None

        def call(*inputs: Any, states: Sequence[Any] = ()) -> tuple[Any, ...]:
            query, value = inputs[:2]
            made = real(query, inputs[-1], value, average_attn_weights=s["average_scores"], attn_mask=ahead)
            return tuple(made) if s["return_attention_scores"] else tuple(made[:1])

        return Twin(call, count, notes, real=real)


def _cell_arguments(layer: Layer) -> dict[str, Any]:
    settings = layer.field_values()
    given: dict[str, Any] = {"bias": settings["bias"]}
    if settings.get("proj_size"):
        given["proj_size"] = settings["proj_size"]
    if layer.type.startswith("rnn"):
        given["nonlinearity"] = settings["activation"]
    return given


def _given(states: Sequence[Any]) -> list[Any]:
    """Initial states as a module takes them: none, the only one, or a pair."""
    return [] if not states else [states[0] if len(states) == 1 else tuple(states)]


def _flat(made: Any) -> tuple[Any, ...]:
    sequence, last = made
    return (sequence, *(last if isinstance(last, tuple) else (last,)))

"""Flax, nnx or linen: cells in an RNN, modules without time and JAX' functions, with the same numbers in float64."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from lstm_shapes.analysis.verify.against.composition import composed
from lstm_shapes.analysis.verify.against.flax_functions import FlaxFunctions
from lstm_shapes.analysis.verify.against.flax_modules import MODULES, attention, pooling
from lstm_shapes.analysis.verify.against.operations import operation
from lstm_shapes.analysis.verify.against.twin import (
    Arrays,
    NotCompared,
    Twin,
    check_directions,
    check_settings,
    check_tensors,
    each,
    numbers,
    packed,
)
from lstm_shapes.frameworks.flax import FLAX
from lstm_shapes.frameworks.layout import Framework, tensors
from lstm_shapes.layers.base import Layer
from lstm_shapes.symbolic.size import Shape, fixed

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array

CELLS = {"lstm": "OptimizedLSTMCell", "gru": "GRUCell", "rnn": "SimpleCell"}
POOLS = tuple(f"{kind}_pooling{rank}d" for kind in ("max", "average") for rank in (1, 2, 3))
EXPRESSED = frozenset(
    "return_sequences go_backwards recurrent_bias stateful unroll dropout recurrent_dropout zero_output_for_mask "
    "activation data_format affine".split()
)
"""Settings that code around the layer expresses, or that change nothing in a run without training."""
ALONG_AXES = ("layer_normalization", "rms_normalization")
ONE_BIAS = "Flax has one bias where this layer has two: their sum was packed"

SCALAR = "Flax keeps the slope as a number without an axis"


def connect() -> FlaxBuilder:
    """Flax nnx and JAX, imported."""
    return imported("flax", FLAX, "nnx")


def imported(name: str, framework: Framework, interface: str) -> FlaxBuilder:
    """An interface of Flax, and JAX; on the processor unless the environment says otherwise."""
    before = os.environ.get("JAX_PLATFORMS")
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    try:
        flax, jax = import_module("flax"), import_module("jax")
        make = {"nnx": Nnx, "linen": Linen}[interface]
        return FlaxBuilder(name, framework, make(import_module(f"flax.{interface}"), jax), flax.__version__)
    finally:
        if before is None:
            del os.environ["JAX_PLATFORMS"]


class Nnx:
    """Modules of nnx, which hold their tensors and take the features that arrive as an argument."""

    several_axes = False
    """Whether a normalization takes more axes than one."""

    def __init__(self, nn: Any, jax: Any) -> None:
        self.nn, self.jax, self.jnp = nn, jax, import_module("jax.numpy")

    def options(self) -> dict[str, Any]:
        """What every module is given: float64, and random numbers that ours replace."""
        return {"dtype": self.jnp.float64, "param_dtype": self.jnp.float64, "rngs": self.nn.Rngs(0)}

    def module(self, name: str, features: Sequence[int], **given: Any) -> Any:
        """A module; ``features`` are those that arrive, then those that it passes on."""
        if name == "PReLU":
            return self.nn.PReLU(param_dtype=self.jnp.float64)
        return vars(self.nn)[name](*features, **given, **self.options())

    def attention(self, features: Sequence[int], **given: Any) -> Any:
        """MultiHeadAttention for a query and a key of these widths."""
        query, key = features
        make = self.nn.MultiHeadAttention
        return make(in_features=query, in_kv_features=key, decode=False, **given, **self.options())

    def variables(self, module: Any, *inputs: Any) -> dict[str, Any]:
        """The tensors by path."""
        flat = self.nn.to_flat_state(self.nn.state(module, self.nn.Any(self.nn.Param, self.nn.BatchStat)))
        return {"/".join(map(str, path)): variable for path, variable in flat}

    def loaded(self, module: Any, ours: Mapping[str, Array], *inputs: Any) -> Callable[..., Any]:
        """The module with our numbers, to be called."""
        for path, variable in self.variables(module).items():
            variable.set_value(self.jnp.asarray(ours[path]))
        return module  # type: ignore[no-any-return]


class Linen(Nnx):
    """Modules of linen, which are given their tensors when they are called and read the features from the input."""

    several_axes = True

    def module(self, name: str, features: Sequence[int], **given: Any) -> Any:
        """A module; of ``features`` it takes what it passes on."""
        if name == "PReLU":
            return self.nn.PReLU(param_dtype=self.jnp.float64)
        out = features if name == "Embed" else () if name.endswith("Norm") else features[1:]
        return vars(self.nn)[{"Linear": "Dense"}.get(name, name)](*out, **given, **self.options())

    def options(self) -> dict[str, Any]:
        """Float64."""
        return {"dtype": self.jnp.float64, "param_dtype": self.jnp.float64}

    def attention(self, features: Sequence[int], **given: Any) -> Any:
        """MultiHeadDotProductAttention."""
        return self.nn.MultiHeadDotProductAttention(**given, **self.options())

    def variables(self, module: Any, *inputs: Any) -> dict[str, Any]:
        """The tensors by path, without linen's collections in front."""
        made = self.jax.eval_shape(module.init, self.jax.random.key(0), *inputs)
        flat = self.jax.tree_util.tree_leaves_with_path(made)
        return {"/".join(key.key for key in path[1:]): array for path, array in flat}

    def loaded(self, module: Any, ours: Mapping[str, Array], *inputs: Any) -> Callable[..., Any]:
        """The module called with our numbers."""
        variables: dict[str, Any] = {}
        for path, array in ours.items():
            collection = "batch_stats" if path in ("mean", "var") else "params"
            *outer, last = [collection, *path.split("/")]
            inner = variables
            for key in outer:
                inner = inner.setdefault(key, {})
            inner[last] = self.jnp.asarray(array)
        return lambda *given, **more: module.apply(variables, *given, **more)


class FlaxBuilder:
    """Builds modules of an interface of Flax; the tensors are arrays of ``jax.numpy``."""

    def __init__(self, name: str, framework: Framework, interface: Nnx, version: str) -> None:
        self.name, self.title, self.framework = name, framework.title, framework
        self.interface, self.jax, self.jnp = interface, interface.jax, interface.jnp
        self.version = f"{version} on JAX {self.jax.__version__}"
        self.functions = FlaxFunctions(self.title, self.jax, self.jnp)

    @contextmanager
    def session(self) -> Iterator[None]:
        """With 64 bits, which JAX does not use by default."""
        before = bool(self.jax.config.jax_enable_x64)
        self.jax.config.update("jax_enable_x64", True)
        try:
            yield
        finally:
            self.jax.config.update("jax_enable_x64", before)

    def tensor(self, array: Array, mask: Array | None) -> Any:
        """An array of JAX; a mask that hides a timestep cannot be compared."""
        if mask is not None and not mask.all():
            raise NotCompared("Flax has no masks: seq_lengths says where a sequence ends")
        return self.jnp.asarray(array)

    def array(self, tensor: Any) -> Array:
        """The numbers of a tensor."""
        array: Array = np.asarray(tensor)
        return array

    def build(self, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays) -> Twin:
        """The module with our numbers, the layers inside, or the functions that make the layer."""
        recurrent = layer.type in CELLS or layer.type.startswith("conv_lstm")
        if recurrent:
            check_directions(self.title, layer)
        parts = composed(self.jnp, self.build, layer, shapes, arrays)
        if parts is not None:
            return parts
        call = operation(self.functions, layer, numbers(shapes))
        if call is not None:
            return Twin(call)
        check_settings(self.framework, layer, EXPRESSED)
        if recurrent:
            return self.recurrent(layer, shapes, arrays)
        if layer.type in POOLS:
            return self.pool(layer, shapes)
        if layer.type == "multi_head_attention":
            return self.attention(layer, shapes, arrays)
        if layer.type not in MODULES:
            raise NotCompared(f"{self.title} has no {layer.type}")
        return self.module(layer, shapes, arrays)

    def load(
        self, module: Any, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays, *inputs: Any
    ) -> tuple[Callable[..., Any], int, tuple[str, ...]]:
        """The module with our numbers to be called, how many parameters it has, and what is not ours of them."""
        ours = packed(self.framework, layer, shapes, arrays)
        variables = self.interface.variables(module, *inputs)
        merged = _one_bias(layer, ours, variables)
        notes = (ONE_BIAS,) if len(merged) < len(ours) else ()
        if layer.type == "prelu":
            merged, notes = {name: array.reshape(()) for name, array in merged.items()}, (SCALAR,)
        theirs = {name: tuple(variable.shape) for name, variable in sorted(variables.items())}
        check_tensors(self.title, dict(sorted(merged.items())), theirs)
        count = sum(fixed(tensor.params) for tensor in tensors(self.framework, layer, *shapes))
        return self.interface.loaded(module, merged, *inputs), count, notes

    def module(self, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays) -> Twin:
        """A module with one input, its channels moved to the last axis and back where Flax has them there."""
        settings, (shape, *_), table = layer.field_values(), numbers(shapes), MODULES[layer.type]
        axis = settings.get("axis", layer.feature_axis) if table.channels else -1
        example = self.jnp.moveaxis(self.jnp.zeros(shape), axis, -1)
        example = example.astype("int32") if layer.reads_tokens else example
        features, given = table.features(settings, example.shape), table.arguments(settings, example.shape)
        if not self.interface.several_axes and layer.type in ALONG_AXES and len(features) > 1:
            raise NotCompared(f"{self.title} has no {layer.type} of several axes")
        module = self.interface.module(table.name, features, **given)
        real, count, notes = self.load(module, layer, shapes, arrays, example)
        after = self.functions.activation(settings.get("activation", "linear"))

        def call(*inputs: Any, states: Sequence[Any] = ()) -> tuple[Any, ...]:
            x = inputs[0].astype("int32") if layer.reads_tokens else self.jnp.moveaxis(inputs[0], axis, -1)
            y = after(real(x))
            return (y if layer.reads_tokens else self.jnp.moveaxis(y, -1, axis),)

        return Twin(call, count, notes, real=module)

    def pool(self, layer: Layer, shapes: tuple[Shape, ...]) -> Twin:
        """A function of the module."""
        name, given = pooling(layer.type, layer.field_values(), len(shapes[0]) - 2)
        function, axis = vars(self.interface.nn)[name], layer.feature_axis

        def call(*inputs: Any, states: Sequence[Any] = ()) -> tuple[Any, ...]:
            return (self.jnp.moveaxis(function(self.jnp.moveaxis(inputs[0], axis, -1), **given), -1, axis),)

        return Twin(call)

    def attention(self, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays) -> Twin:
        """MultiHeadAttention, which reads the query, the key and the value in this order."""
        settings, given = layer.field_values(), numbers(shapes)
        first = settings["batch_first"]
        features, arguments = attention(self.title, settings, given)
        module = self.interface.attention(features, **arguments)
        query, value = (self.jnp.zeros(shape) for shape in (given[0], given[-1]))
        real, count, notes = self.load(module, layer, shapes, arrays, query, value)

        def call(*inputs: Any, states: Sequence[Any] = ()) -> tuple[Any, ...]:
            query, value, key = (x if first else x.swapaxes(0, 1) for x in (*inputs[:2], inputs[-1]))
            ahead = self.jnp.tri(query.shape[1], key.shape[1], dtype=bool)[None, None] if settings["causal"] else None
            y = real(query, key, value, mask=ahead)
            return (y if first else y.swapaxes(0, 1),)

        # jax.nn.dot_product_attention has its scores in float32
        return Twin(call, count, notes, exact=False, real=module)

    def recurrent(self, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays) -> Twin:
        """A cell in an RNN, reversed where the layer goes backwards."""
        settings, shape = layer.field_values(), numbers(shapes)[0]
        cell = self.cell(layer, shape)
        module = self.interface.nn.RNN(cell, reverse=settings["go_backwards"], return_carry=True)
        real, count, notes = self.load(module, layer, shapes, arrays, self.jnp.zeros(shape))
        states_count = len(layer.state_names)

        def call(*inputs: Any, states: Sequence[Any] = ()) -> tuple[Any, ...]:
            carry = None if not states else states[0] if states_count == 1 else (states[1], states[0])
            last, sequence = real(inputs[0], initial_carry=carry)
            ends = [last] if states_count == 1 else [last[1], last[0]]
            main = sequence if settings["return_sequences"] else sequence[:, -1]
            return (main, *ends) if settings["return_state"] else (main,)

        return Twin(call, count, notes, real=module)

    def cell(self, layer: Layer, shape: tuple[int, ...]) -> Any:
        """The cell of a recurrent layer, its functions as arguments."""
        settings = layer.field_values()
        if layer.type not in CELLS:
            kernel = each(settings["kernel_size"], len(shape) - 3)
            features = (shape[-1], settings["filters"])
            return self.interface.module("ConvLSTMCell", features, kernel_size=kernel, use_bias=settings["bias"])
        given = {"activation_fn": self.functions.activation(settings["activation"])}
        if layer.type != "rnn":
            given["gate_fn"] = self.functions.activation(settings["recurrent_activation"])
        return self.interface.module(CELLS[layer.type], (shape[-1], settings["units"]), **given)


def _one_bias(layer: Layer, ours: Arrays, theirs: Mapping[str, Any]) -> dict[str, Array]:
    """A bias of one side added to that of the other where Flax has only that one.

    Raises ``NotCompared`` where the reset gate lies between the two.
    """
    merged = dict(ours)
    for name in ours:
        side = re.search(r"(?<=dense_)[ih](?=/bias)|(?<=cell/)[ih](?=[a-z]?/bias)", name)
        if name in theirs or side is None:
            continue
        if layer.type == "gru" and name in ("cell/dense_h/bias", "cell/hn/bias"):
            raise NotCompared("Flax has no gru with a second bias for each gate")
        other = f"{name[: side.start()]}{'h' if side.group() == 'i' else 'i'}{name[side.end() :]}"
        if other in merged:
            merged[other] = merged[other] + merged.pop(name)
    return merged

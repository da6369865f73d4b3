"""Flax nnx: cells in an RNN, Linear, Embed and JAX' activation functions, with the same numbers in float64."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from lstm_shapes.analysis.verify.against.composition import composed
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
from lstm_shapes.frameworks.flax import FLAX
from lstm_shapes.layers.base import Layer
from lstm_shapes.symbolic.size import Shape

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array

CELLS = {"lstm": "OptimizedLSTMCell", "gru": "GRUCell", "rnn": "SimpleCell"}
SECOND_SIDE = {"lstm": ("dense_h", "dense_i"), "rnn": ("dense_i", "dense_h")}
"""Where a cell has its only bias, and the side whose bias is added to it."""
FUNCTIONS = {"exponential": "exp", "hard_silu": "hard_silu", "softsign": "soft_sign", "linear": ""}
"""Our names of activation functions -> those in jax.nn, where they differ."""
SAME = frozenset("relu tanh sigmoid softmax log_softmax elu selu celu softplus relu6 silu mish hard_tanh".split())
EXPRESSED = frozenset(
    "return_sequences go_backwards recurrent_bias stateful unroll dropout recurrent_dropout zero_output_for_mask "
    "activation".split()
)
"""Settings that code around the layer expresses, or that change nothing in a run without training."""
IDENTITY = frozenset("dropout spatial_dropout1d gaussian_dropout alpha_dropout gaussian_noise".split())
ONE_BIAS = "Flax has one bias where this layer has two: their sum was packed"


def connect() -> FlaxBuilder:
    """Flax and JAX, imported; on the processor unless the environment says otherwise."""
    before = os.environ.get("JAX_PLATFORMS")
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    try:
        return FlaxBuilder(import_module("flax"), import_module("flax.nnx"), import_module("jax"))
    finally:
        if before is None:
            del os.environ["JAX_PLATFORMS"]


class FlaxBuilder:
    """Builds modules of ``nnx``; the tensors are arrays of ``jax.numpy``."""

    name, title = "flax", "Flax nnx"

    def __init__(self, flax: Any, nnx: Any, jax: Any) -> None:
        self.nnx, self.jax, self.jnp = nnx, jax, import_module("jax.numpy")
        self.version = f"{flax.__version__} on JAX {jax.__version__}"

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
        """The module with our numbers, or the layers inside."""
        if layer.type in CELLS:
            check_directions(self.title, layer)
        parts = composed(self.jnp, self.build, layer, shapes, arrays)
        if parts is not None:
            return parts
        if layer.type in IDENTITY:
            return Twin(lambda *inputs, states=(): inputs)
        if layer.type == "activation":
            after = self.function(layer.field_values()["activation"])
            return Twin(lambda *inputs, states=(): (after(inputs[0]),))
        if layer.type in CELLS:
            return self.recurrent(layer, shapes, arrays)
        if layer.type in ("dense", "embedding"):
            return self.pointwise(layer, shapes, arrays)
        raise NotCompared(f"no module of Flax is built for {layer.type}")

    def options(self) -> dict[str, Any]:
        """What every module is given: float64, and random numbers that ours replace."""
        return {"dtype": self.jnp.float64, "param_dtype": self.jnp.float64, "rngs": self.nnx.Rngs(0)}

    def load(self, module: Any, ours: dict[str, Array], prefix: str = "") -> int:
        """Our numbers into a module; how many parameters it has. Raises ``Differs``."""
        flat = self.nnx.to_flat_state(self.nnx.state(module, self.nnx.Param))
        variables = {prefix + "/".join(map(str, path)): variable for path, variable in flat}
        theirs = {name: tuple(variable.shape) for name, variable in sorted(variables.items())}
        check_tensors(self.title, dict(sorted(ours.items())), theirs)
        for name, variable in variables.items():
            variable.set_value(self.jnp.asarray(ours[name]))
        return sum(array.size for array in ours.values())

    def function(self, name: str) -> Any:
        """An activation function. Raises ``NotCompared`` on one that is not in jax.nn under the same definition."""
        if name in SAME:
            return vars(self.jax.nn)[name]
        if name not in FUNCTIONS:
            raise NotCompared(f"no function of JAX is built for {name}")
        if name == "linear":
            return lambda x: x
        return self.jnp.exp if name == "exponential" else vars(self.jax.nn)[FUNCTIONS[name]]

    def recurrent(self, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays) -> Twin:
        """A cell in an RNN, reversed where the layer goes backwards."""
        check_settings(FLAX, layer, EXPRESSED)
        settings, name = layer.field_values(), CELLS[layer.type]
        ours = packed(FLAX, layer, shapes, arrays)
        notes: tuple[str, ...] = ()
        more = self.functions(layer)
        both = settings["recurrent_bias"] or (settings.get("reset_after") and "cell/dense_h/bias" in ours)
        if both and layer.type == "gru":
            raise NotCompared("Flax has no gru with a second bias for each gate")
        if both:
            first, second = SECOND_SIDE[layer.type]
            ours[f"cell/{first}/bias"] = ours[f"cell/{first}/bias"] + ours.pop(f"cell/{second}/bias")
            notes = (ONE_BIAS,)
        cell = vars(self.nnx)[name](numbers(shapes)[0][-1], settings["units"], **more, **self.options())
        module = self.nnx.RNN(cell, reverse=settings["go_backwards"], return_carry=True)
        self.load(module, ours)
        count = sum(array.size for array in arrays.values())
        states_count = len(layer.state_names)

        def call(*inputs: Any, states: Sequence[Any] = ()) -> tuple[Any, ...]:
            carry = None if not states else states[0] if states_count == 1 else (states[1], states[0])
            last, sequence = module(inputs[0], initial_carry=carry)
            ends = [last] if states_count == 1 else [last[1], last[0]]
            main = sequence if settings["return_sequences"] else sequence[:, -1]
            return (main, *ends) if settings["return_state"] else (main,)

        return Twin(call, count, notes, real=module)

    def functions(self, layer: Layer) -> dict[str, Any]:
        """The functions of a cell as its arguments."""
        settings = layer.field_values()
        given = {"activation_fn": self.function(settings["activation"])}
        if layer.type != "rnn":
            given["gate_fn"] = self.function(settings["recurrent_activation"])
        return given

    def pointwise(self, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays) -> Twin:
        """Linear with the function after it, or Embed."""
        settings = layer.field_values()
        check_settings(FLAX, layer, EXPRESSED)
        if layer.type == "embedding":
            module = self.nnx.Embed(settings["vocab"], settings["units"], **self.options())
        else:
            module = self.nnx.Linear(
                numbers(shapes)[0][-1], settings["units"], use_bias=settings["bias"], **self.options()
            )
        count = self.load(module, packed(FLAX, layer, shapes, arrays))
        tokens, after = layer.reads_tokens, self.function(settings.get("activation", "linear"))

        def call(*inputs: Any, states: Sequence[Any] = ()) -> tuple[Any, ...]:
            return (after(module(inputs[0].astype("int32") if tokens else inputs[0])),)

        return Twin(call, count, real=module)

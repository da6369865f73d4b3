"""Keras: the layer whose class and arguments ours has, with the same numbers; nested models as Keras' own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib import import_module
from inspect import signature
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from lstm_shapes.analysis.verify.against import installed
from lstm_shapes.analysis.verify.against.composition import Twins, joined, stack, wrapped
from lstm_shapes.analysis.verify.against.keras_functions import OPERATIONS, KerasFunctions
from lstm_shapes.analysis.verify.against.operations import operation
from lstm_shapes.analysis.verify.against.twin import (
    Arrays,
    NotCompared,
    Twin,
    check_directions,
    check_settings,
    check_tensors,
    inside,
    numbers,
    packed,
)
from lstm_shapes.frameworks.keras import KERAS
from lstm_shapes.graph.shape_inference import infer_graph
from lstm_shapes.layers.base import Layer
from lstm_shapes.symbolic.size import Shape, fixed

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array

BACKENDS = {"numpy": "jax", "torch": "torch", "jax": "jax", "tensorflow": "tensorflow"}
"""Keras' backends, the one preferred first, and what each needs: NumPy's builds a model fastest and has no known fault.

Its convolutions are those of JAX.
"""
CLASSES = {"rnn": "SimpleRNN", "rnn_cell": "SimpleRNNCell", "stacked_cells": "RNN"}
ARGUMENTS = {"bias": "use_bias", "merge": "merge_mode", "vocab": "input_dim"}
EMBEDDING = {"units": "output_dim"}
EMPTY_IS_NONE = ("attention_axes", "output_shape")
"""Settings whose empty list is None in Keras."""
FUNCTIONS = ("activation", "recurrent_activation")
EXPRESSED = frozenset(("recurrent_bias",))
"""A second bias, which Keras adds to the first; see ``_one_bias``."""
FAULTS = {
    "bidirectional": "keras-team/keras#23688: it asks the forward layer only",
    "multi_head_attention": "the scores have the query's length for that of the keys",
}
"""Where Keras 3.15 gives other shapes without a run than its layer has when it is executed."""
WRONG_STRIDES = ("torch",)
"""The backends of Keras 3.15 that compute a ConvLSTM with unequal strides wrongly."""
IN_FLOAT32 = ("attention", "additive_attention", "multi_head_attention")
"""What Keras 3.15 computes in float32 whatever its dtype."""


def connect() -> KerasBuilder:
    """Keras with a backend that is installed; the environment and the user's keras.json are left as they are."""
    if not _loaded():
        wanted = os.environ.get("KERAS_BACKEND", "")
        usable = [name for name, package in BACKENDS.items() if installed(package)]
        backend = wanted if wanted in usable else usable[0]
        with TemporaryDirectory() as home, _environment(KERAS_BACKEND=backend, KERAS_HOME=home):
            import_module("keras")
    return KerasBuilder(sys.modules["keras"])


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    """These variables for a while; then the environment is as it was."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _loaded() -> bool:
    """Whether the process has imported Keras already; its backend is then chosen."""
    return KERAS.name in sys.modules


class KerasBuilder:
    """Builds the layers of ``keras``, the imported package."""

    name, title = "keras", "Keras"

    def __init__(self, keras: Any) -> None:
        self.keras, self.backend = keras, str(keras.config.backend())
        self.version = f"{keras.__version__} on {self.backend}"
        self.functions, self.exact = KerasFunctions(keras.ops), False

        def hard_sigmoid_keras2(x: Any) -> Any:
            return keras.ops.clip(0.2 * x + 0.5, 0, 1)

        self.own = {"hard_sigmoid_keras2": hard_sigmoid_keras2}

    @contextmanager
    def session(self) -> Iterator[None]:
        """In float64 with the batch and then the features as Keras has them; JAX with 64 bits."""
        config = self.keras.config
        floatx, data_format = config.floatx(), config.image_data_format()
        with ExitStack() as after:
            after.callback(config.set_floatx, floatx)
            after.callback(config.set_image_data_format, data_format)
            config.set_floatx("float64")
            config.set_image_data_format("channels_last")
            if BACKENDS[self.backend] == "jax":
                jax = import_module("jax")
                after.callback(jax.config.update, "jax_enable_x64", bool(jax.config.jax_enable_x64))
                jax.config.update("jax_enable_x64", True)
            after.enter_context(_float64_kept())
            after.enter_context(self.keras.saving.custom_object_scope(self.own))
            self.exact = self.keras.backend.result_type("float64", "float64") == "float64"
            yield

    def tensor(self, array: Array, mask: Array | None) -> Any:
        """A tensor that carries the mask, as Keras' own do."""
        tensor = self.keras.ops.convert_to_tensor(array)
        if mask is not None:
            _masking().set_keras_mask(tensor, self.keras.ops.convert_to_tensor(mask))
        return tensor

    def array(self, tensor: Any) -> Array:
        """The numbers of a tensor of any backend."""
        array: Array = self.keras.ops.convert_to_numpy(tensor)
        return array

    def build(self, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays) -> Twin:
        """The Keras layer, its weights set; a stack as its layers one after the other, a model as a ``keras.Model``."""
        if layer.type == "model":
            return self.model(layer, shapes, arrays)
        if layer.type == "time_distributed" and layer.sublayers(*shapes)[0].layer.type in OPERATIONS:
            return wrapped(self.keras.ops, self.build, layer, shapes, arrays) or joined(None, ())
        if layer.composed and layer.sublayers(*shapes) and layer.type in ("lstm", "gru", "rnn"):
            check_directions(self.title, layer)
            return stack(self.keras.ops, self.build, layer, shapes, arrays)
        call = operation(self.functions, layer, numbers(shapes)) if layer.type in OPERATIONS else None
        if call is not None:
            return Twin(call, exact=self.exact)
        self.check(layer)
        return self.loaded(layer, self.real(layer, shapes, arrays), shapes, arrays)

    def check(self, layer: Layer) -> None:
        """Raise ``NotCompared`` where Keras has no such layer, here or inside."""
        inner = _inner(layer)
        if class_name(layer) not in vars(self.keras.layers):
            raise NotCompared(f"keras.layers has no class {class_name(layer)}")
        if not inner and layer.type != "stacked_cells":
            check_settings(KERAS, layer, EXPRESSED)
        settings = layer.field_values()
        if settings.get("recurrent_bias") and settings.get("reset_after") is False:
            raise NotCompared("Keras has no gru with reset_after false and two biases")
        if layer.type == "time_distributed" and settings["layer"].field_values().get("stateful"):
            raise NotCompared("Keras carries the states of a stateful layer from timestep to timestep")
        if "sparsemax" in settings.values():
            raise NotCompared("sparsemax in Keras adds up all sums of the largest numbers, where the last belongs")
        strides = settings.get("strides")
        unequal = isinstance(strides, tuple) and len(set(strides)) > 1
        if unequal and layer.type.startswith("conv_lstm") and self.keras.backend.backend() in WRONG_STRIDES:
            raise NotCompared("Keras on torch is wrong for a ConvLSTM with unequal strides; try KERAS_BACKEND=jax")
        for part in (*inner.values(), *settings.get("cells", ())):
            if part.type != "model":
                self.check(part)

    def real(self, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays, name: str | None = None) -> Any:
        """The layer as Keras builds it: the settings that its constructor takes, under its names."""
        class_ = class_of(self.keras, layer)
        settings = arguments(layer)
        for field, part in _inner(layer).items():
            way = field.removesuffix("layer")
            title = f"{way}{part.type}" if way else None
            reaching = layer.sublayers(*shapes)[0].inputs
            within = part.type == "model"
            settings[field] = (
                self.model(part, reaching, arrays).real if within else self.real(part, reaching, {}, title)
            )
        if layer.type == "stacked_cells":
            cells = [self.real(part.layer, part.inputs, {}, part.name) for part in layer.sublayers(*shapes)]
            settings["cell"] = cells if cells[1:] else cells[0]
        if layer.type == "multi_head_attention" and settings["key_dim"] is None:
            settings["key_dim"] = settings["embed_dim"] // settings["num_heads"]
        if layer.type.startswith("adaptive"):
            settings["output_size"] = self.sizes(layer, shapes)
        axes = settings.get("axis")
        if isinstance(axes, tuple):  # Keras 3.15 orders its weights by the signed numbers
            settings["axis"] = tuple(sorted(axis % len(shapes[0]) for axis in axes))
        settings |= {key: self.own[value] for key, value in settings.items() if key in FUNCTIONS and value in self.own}
        taken = {key: value for key, value in settings.items() if key in signature(class_).parameters}
        if settings.get("rms_scaling"):  # deprecated, so not in the signature
            taken["rms_scaling"] = True
        return class_(**taken, dtype="float64", **({"name": name} if name else {}))

    def sizes(self, layer: Layer, shapes: tuple[Shape, ...]) -> tuple[int, ...]:
        """What an adaptive pooling leaves of each axis of space; Keras has no word for one that it keeps."""
        (made,) = numbers(layer.outputs(*shapes))
        return made[2:] if layer.field_values()["data_format"] == "channels_first" else made[1:-1]

    def loaded(self, layer: Layer, real: Any, shapes: tuple[Shape, ...], arrays: Arrays) -> Twin:
        """The layer built and its weights set to ours."""
        given = numbers(shapes)
        attends = layer.type == "multi_head_attention"
        if not real.built:
            real.build(*given) if attends else real.build(given[0] if layer.arity == (1, 1) else list(given))
        modeled = any(part.type == "model" for part in _inner(layer).values())
        count = int(real.count_params())
        notes: tuple[str, ...] = ()
        if not modeled:
            ours = packed(KERAS, layer, shapes, arrays)
            theirs = {_name(weight, ours): tuple(weight.shape) for weight in real.weights}
            ours, notes = _one_bias(ours, theirs)
            check_tensors(self.title, ours, theirs)
            real.set_weights(list(ours.values()))
            count += sum(array.size for name, array in packed(KERAS, layer, shapes, arrays).items() if name not in ours)
        return Twin(
            self.called(layer, real),
            count,
            notes,
            exact=self.exact and layer.type not in IN_FLOAT32,
            stated=lambda arriving: _stated(real, layer, numbers(arriving)),
            known_fault=FAULTS.get(layer.type, ""),
            real=real,
        )

    def called(self, layer: Layer, real: Any) -> Any:
        """How the layer is called: with its initial states and their mask, or for attention with what a call says."""
        keras, settings = self.keras, layer.field_values()
        extra = {
            "use_causal_mask": settings.get("causal"),
            "return_attention_scores": settings.get("return_attention_scores"),
        }
        is_cell = layer.type.endswith("_cell")
        several, attends = layer.arity != (1, 1), "return_attention_scores" in settings

        def call(*inputs: Any, states: Sequence[Any] = ()) -> tuple[Any, ...]:
            if layer.type == "multi_head_attention":
                made = real(*inputs, **extra)
            elif attends:
                made = real(list(inputs), **extra)
            elif is_cell:
                zeros = keras.ops.repeat(keras.ops.zeros_like(inputs[0][:, :1]), settings["units"], axis=1)
                start = list(states) or [zeros] * len(layer.state_names)
                made = real(inputs[0], start)
            elif several:
                made = real(list(inputs))
            elif states:
                made = real(inputs[0], initial_state=_nested(layer, states), mask=_masking().get_keras_mask(inputs[0]))
            else:
                made = real(inputs[0])
            return tuple(keras.tree.flatten(made))

        return call

    def model(self, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays) -> Twin:
        """A nested model as a ``keras.Model`` of its layers."""
        nested = layer.nested(*shapes)
        assert nested is not None
        inferred = infer_graph(nested.graph, shapes)
        inputs = [self.keras.Input(batch_shape=(None, *shape[1:])) for shape in numbers(shapes)]
        tensors = dict(zip(nested.graph.inputs, ((tensor,) for tensor in inputs), strict=True))
        twins = Twins(self.build, lambda owner: inside(arrays, owner))
        for node in inferred.nodes:
            given = [tensors[ref.name][ref.output] for ref in node.node.inputs]
            states = [tensors[ref.name][ref.output] for ref in node.node.states]
            tensors[node.name] = twins.of(node).call(*given, states=states)
        outputs = [tensors[ref.name][ref.output] for ref in nested.graph.outputs]
        real = self.keras.Model(inputs, outputs[0] if len(outputs) == 1 else outputs)

        def call(*given: Any, states: Sequence[Any] = ()) -> tuple[Any, ...]:
            made = real(given[0] if len(given) == 1 else list(given))
            return tuple(self.keras.tree.flatten(made))

        return joined(call, twins.built)._replace(real=real)


@contextmanager
def _float64_kept() -> Iterator[None]:
    """For a while, a sum of two float64 is one: Keras rounds it to float32 on all backends but TensorFlow's."""
    table = vars(import_module("keras.src.backend.common.dtypes")).get("BIT64_TO_BIT32_DTYPE", {})
    before = dict(table)
    table.update({name: name for name in table if name.startswith("float")})
    try:
        yield
    finally:
        table.update(before)


def class_of(keras: Any, layer: Layer) -> Any:
    """The class in ``keras.layers``: of ours, the name."""
    return vars(keras.layers)[class_name(layer)]


def class_name(layer: Layer) -> str:
    """The name of the Keras class."""
    return CLASSES.get(layer.type, type(layer).__name__)


def arguments(layer: Layer) -> dict[str, Any]:
    """Our settings under the names of Keras' arguments."""
    names = {**ARGUMENTS, **EMBEDDING} if layer.type == "embedding" else ARGUMENTS
    settings = {names.get(name, name): value for name, value in layer.field_values().items()}
    if layer.type == "dot":
        settings["axes"] = settings["axes"] if len(settings["axes"]) == 2 else settings["axes"][0]
    if settings.get("normalized_shape"):
        settings["axis"] = tuple(range(-len(settings["normalized_shape"]), 0))
    for name in EMPTY_IS_NONE:
        settings[name] = settings.get(name) or None
    if settings.get("merge_mode") == "none":
        settings["merge_mode"] = None
    return settings


def _nested(layer: Layer, states: Sequence[Any]) -> list[Any]:
    """Initial states as Keras takes them: of several cells a list of each one's."""
    left = list(states)
    cells = layer.field_values().get("cells", ())
    each = [[left.pop(0) for _ in cell.state_names] for cell in cells[1:] and cells]
    return [own if own[1:] else own[0] for own in each] or left


def _inner(layer: Layer) -> dict[str, Layer]:
    """The layers that are settings of this one."""
    metadata, values = layer.metadata(), layer.field_values()
    return {name: values[name] for name, declared in metadata.items() if declared["kind"] == "layer"}


def _name(weight: Any, ours: Arrays) -> str:
    """A weight's name as the layouts have it: with its direction, or with the part of the layer that holds it."""
    way = next((way for way in ("forward_", "backward_") if way in weight.path), "")
    outer = weight.path.split("/")[1:-1]
    name = f"{way}{weight.name}"
    names = ("/".join((*outer, weight.name)), "/".join((*outer[-1:], name)))
    return next((known for known in names if known in ours), name)


def _one_bias(ours: Arrays, theirs: dict[str, Any]) -> tuple[dict[str, Array], tuple[str, ...]]:
    """The second bias added to the first where Keras has only one, and the note on it."""
    merged = dict(ours)
    for name in ours:
        first = name.replace("recurrent_bias", "bias")
        if name not in theirs and first != name and first in merged:
            merged[first] = merged[first] + merged.pop(name)
    extra = len(merged) < len(ours)
    return merged, ("Keras has one bias where this layer has two: their sum was packed",) if extra else ()


def _stated(real: Any, layer: Layer, shapes: Sequence[tuple[int, ...]]) -> tuple[Shape, ...]:
    """The shapes of all outputs as Keras infers them without a run."""
    found = real.compute_output_shape(shapes[0] if layer.arity == (1, 1) else list(shapes))
    nested = found if found and not isinstance(found[0], int) else [found]
    return tuple(tuple(map(fixed, shape)) for shape in nested)


def _masking() -> Any:
    """Keras' functions for the mask that a tensor carries."""
    return import_module("keras.src.backend.common.masking")

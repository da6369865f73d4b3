"""The Keras layer that one of ours stands for, with the same numbers in it, and what the two must agree on."""

from __future__ import annotations

from collections.abc import Sequence
from inspect import signature
from typing import Any

import numpy as np

from lstm_shapes.analysis.verify.against.keras import arguments, class_of
from lstm_shapes.layers.base import Layer, Weights

from .comparison import Array, Shape, assert_same_numbers, carried, weighed


def twin(layer: Layer, **extra: Any) -> Any:
    """The layer as Keras builds it: the fields that its constructor takes, under its names."""
    import keras

    class_, settings = class_of(keras, layer), arguments(layer)
    for name, value in settings.items():
        if isinstance(value, Layer):
            way = name.removesuffix("layer")
            settings[name] = twin(value, **({"name": f"{way}{value.type}"} if way else {}))
    if settings.get("rms_scaling"):  # deprecated, so not in the signature
        extra["rms_scaling"] = True
    return class_(**{name: value for name, value in settings.items() if name in signature(class_).parameters}, **extra)


def paired(layer: Layer, shapes: Sequence[Shape], rng: np.random.Generator) -> tuple[Any, Weights]:
    """A Keras layer and our weights, equal in number; fails where count, names, shapes, order or trainable differ."""
    real = twin(layer)
    real.build(_given(layer, shapes))
    arrays = weighed(layer, shapes, rng)
    ours = carried("keras", layer, shapes, arrays)
    assert [(_name(weight), tuple(weight.shape), weight.trainable) for weight in real.weights] == [
        (tensor.name, tensor.shape, tensor.trainable) for tensor in ours
    ]
    formula = layer.formula(*shapes)
    assert real.count_params() == layer.count(*shapes) == (formula and formula.result())
    real.set_weights(list(ours.values()))
    return real, Weights(arrays)


def assert_same(
    layer: Layer, real: Any, weights: Weights, ours: Sequence[Array], theirs: Any, mask: Array | None = None
) -> list[Array]:
    """Our run agrees with Keras' on ``theirs`` in numbers, shapes and the mask passed on; returns our outputs.

    ``theirs`` is a tensor, a list of them for a layer that merges, or a tuple: the tensor, then its initial states.
    Keras 3.15 drops the mask that a tensor carries as soon as initial states come with it, so then it is handed over.
    """
    import keras

    data, *start = theirs if isinstance(theirs, tuple) else (theirs,)
    found = keras.tree.flatten(real(data, initial_state=start, mask=_tensor(mask)) if start else real(data))
    made = layer.run(weights, *ours, mask=mask)
    assert_same_numbers(made, [tensor.detach().numpy() for tensor in found])
    assert layer.outputs(*(array.shape for array in ours)) == tuple(array.shape for array in made)
    kept, expected = layer.mask(mask, *ours), getattr(found[0], "_keras_mask", None)
    assert (kept is None) == (expected is None), "one of the two passes on a mask"
    if kept is not None:
        np.testing.assert_array_equal(kept, expected)
    return list(made)


def inferred(layer: Layer, real: Any, shapes: Sequence[Shape]) -> list[Shape]:
    """The shapes of all outputs as Keras infers them without a run."""
    found = real.compute_output_shape(_given(layer, shapes))
    nested = found if found and not isinstance(found[0], int) else [found]
    return [tuple(arrays) for arrays in nested]


def _given(layer: Layer, shapes: Sequence[Shape]) -> Any:
    return shapes[0] if layer.arity == (1, 1) else list(shapes)


def _tensor(mask: Array | None) -> Any:
    import keras

    return None if mask is None else keras.ops.convert_to_tensor(mask)


def _name(weight: Any) -> str:
    way = next((way for way in ("forward_", "backward_") if way in weight.path), "")
    return f"{way}{weight.name}"

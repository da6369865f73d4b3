"""What it means to call a layer or a stack: a layer of Keras and a module of PyTorch are called alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lstm_shapes.importers.script import keras_calls, torch_calls
from lstm_shapes.importers.script.run import Arguments, Run
from lstm_shapes.importers.script.values import MadeLayer, Sequential, Value


def _layer(run: Run, layer: MadeLayer, given: Arguments) -> Value:
    return (_LAYERS[layer.framework])(run, layer, given)


def _sequential(run: Run, model: Sequential, given: Arguments) -> Value:
    return (_STACKS[model.framework])(run, model, given)


_LAYERS = {"keras": keras_calls.apply_layer, "torch": torch_calls.apply_module}
_STACKS = {"keras": keras_calls.apply_model, "torch": torch_calls.apply_sequential}
APPLIED: dict[type, Callable[[Run, Any, Arguments], Value]] = {MadeLayer: _layer, Sequential: _sequential}

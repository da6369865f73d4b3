"""No parameter of Keras' own layers is taken for another one misspelled, in a script."""

from __future__ import annotations

import inspect

import pytest

from lstm_shapes.importers.script.keras_layers import PARAMETERS, _is_slip
from lstm_shapes.spec.keys import canonical, spellings

pytestmark = pytest.mark.oracle
LEAST = 300


def test_no_parameter_of_keras_is_a_slip() -> None:
    layers = pytest.importorskip("keras").layers
    compared = 0
    for name in PARAMETERS:
        type_ = (canonical(name) or ("unknown", {}))[0]
        real = set(inspect.signature(getattr(layers, name).__init__).parameters) if hasattr(layers, name) else set()
        assert [key for key in real - set(spellings(type_)) if _is_slip(key, type_)] == []
        compared += len(real)
    assert compared > LEAST

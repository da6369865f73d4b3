"""The arrays of a file against the weights of its layers, in the forms that the versions of Keras have."""

from __future__ import annotations

from typing import Any

import pytest

from lstm_shapes.formats.document import Document
from lstm_shapes.rules.shapes import diagnose
from lstm_shapes.spec.imported import Imported, Stored
from lstm_shapes.spec.reader import read_imported

LSTM = {"type": "lstm", "name": "lstm_1", "units": 4}
ROUTE = ("layers", 0)
Shapes = dict[str, tuple[int, ...]]
KERNELS: Shapes = {"lstm_1/kernel:0": (8, 16), "lstm_1/recurrent_kernel:0": (4, 16), "lstm_1/bias:0": (16,)}


def said(layers: Any, stored: dict[Any, Shapes], version: str = "3.3.3", **more: Any) -> list[str]:
    """What is said of a model of these layers, of which the file stores these arrays."""
    arrays = {
        route: tuple(Stored(name, shape, "float32") for name, shape in shapes.items())
        for route, shapes in stored.items()
    }
    layers = layers if isinstance(layers, list) else [layers]
    data = {"input_dim": 8, "layers": layers, **more.pop("top", {})}
    document = Document(source="model.h5", data=data)
    imported = Imported(document, kind=more.pop("kind", "keras-h5"), version=version, stored=arrays, **more)
    findings = diagnose(read_imported(imported))
    assert {finding.kind for finding in findings} <= {"stored-arrays", "recorded-shape"}
    return [finding.message for finding in findings]


def test_the_arrays_of_a_layer_are_its_weights_in_any_order() -> None:
    assert said(LSTM, {ROUTE: KERNELS}) == []
    assert said(LSTM, {ROUTE: dict(reversed(KERNELS.items()))}) == []
    assert said(LSTM, {ROUTE: {f"cell/vars/{n}": shape for n, shape in enumerate(KERNELS.values())}}) == []


def test_another_shape_is_said_with_both() -> None:
    assert said(LSTM, {ROUTE: {**KERNELS, "lstm_1/kernel:0": (9, 16)}}) == [
        "lstm_1 (lstm): kernel is (8, 16), but the file stores (9, 16) as lstm_1/kernel:0"
    ]
    (message,) = said({**LSTM, "units": 5}, {ROUTE: KERNELS})
    assert message.endswith("as lstm_1/kernel:0; 2 more of its arrays differ")


def test_names_decide_where_shapes_are_swapped() -> None:
    swapped = {**KERNELS, "lstm_1/kernel:0": (4, 16), "lstm_1/recurrent_kernel:0": (8, 16)}
    assert len(said(LSTM, {ROUTE: swapped})) == 1


def test_what_is_missing_and_what_is_too_much_are_said() -> None:
    assert said(LSTM, {ROUTE: {}}) == [
        "lstm_1 (lstm): has kernel (8, 16), recurrent_kernel (4, 16), bias (16,), but the file stores nothing"
    ]
    without_bias = {name: shape for name, shape in KERNELS.items() if "bias" not in name}
    assert len(said(LSTM, {ROUTE: without_bias})) == 1
    assert said({**LSTM, "bias": False}, {ROUTE: without_bias}) == []
    assert said(LSTM, {ROUTE: KERNELS, (): {"lstm_9/kernel:0": (2, 4)}}) == [
        "no layer has the arrays that the file stores as lstm_9/kernel:0 (2, 4)"
    ]
    assert said({"type": "dropout", "name": "d", "rate": 0.1}, {ROUTE: {"d/x": (3,)}}) != []


def test_arrays_of_no_layer_may_be_those_of_an_unknown_one() -> None:
    unknown = {"type": "unknown", "class": "MyAttention", "name": "mine"}
    assert said([LSTM, unknown], {ROUTE: KERNELS, (): {"mine/w:0": (2, 4)}}) == []
    assert said([LSTM, {**unknown, "params": 8}], {ROUTE: KERNELS, ("layers", 1): {"mine/w:0": (2, 4)}}) == []


def gates(letters: str) -> Shapes:
    """The arrays of a layer of Keras 1 with 8 features and 4 units: W, U and b of each gate."""
    shapes = {"W": (8, 4), "U": (4, 4), "b": (4,)}
    return {f"lstm_1_{name}_{letter}": shape for letter in letters for name, shape in shapes.items()}


@pytest.mark.parametrize(("type_", "letters"), [("lstm", "icfo"), ("gru", "zrh")])
def test_keras_1_has_an_array_for_each_gate(type_: str, letters: str) -> None:
    layer = {**LSTM, "type": type_, **({"reset_after": False} if type_ == "gru" else {})}
    assert said(layer, {ROUTE: gates(letters)}, version="1.2.2") == []
    assert len(said(layer, {ROUTE: gates(letters)}, version="2.2.4")) == 1
    wrong = {**gates(letters), f"lstm_1_W_{letters[1]}": (9, 4)}
    (message,) = said(layer, {ROUTE: wrong}, version="1.2.2")
    assert "is (8, 4), but the file stores (9, 4)" in message


@pytest.mark.parametrize(("layer", "width"), [({"type": "lstm", "recurrent_bias": True}, 32), ({"type": "gru"}, 24)])
def test_layers_for_cudnn_join_both_biases(layer: dict[str, Any], width: int) -> None:
    gated = width // 2
    arrays: Shapes = {"a/kernel:0": (8, gated), "a/recurrent_kernel:0": (4, gated), "a/bias:0": (width,)}
    assert said({"units": 4, "name": "a", **layer}, {ROUTE: arrays}, version="2.2.4") == []
    assert said({"units": 4, "name": "a", **layer}, {ROUTE: {**arrays, "a/bias:0": (width + 1,)}}) != []


def test_keras_1_with_theano_keeps_the_kernel_of_a_convolution_in_another_order() -> None:
    layer = {"type": "conv1d", "name": "c", "filters": 5, "kernel_size": 3, "padding": "same"}
    arrays: Shapes = {"c_W": (3, 1, 8, 5), "c_b": (5,)}
    assert said(layer, {ROUTE: arrays}, version="1.2.2") == []
    assert said(layer, {ROUTE: {**arrays, "c_W": (3, 1, 9, 5)}}, version="1.2.2") != []
    assert said(layer, {ROUTE: arrays}, version="2.2.4") != []


def test_a_model_inside_is_compared_layer_by_layer_or_as_a_whole() -> None:
    block = {"type": "model", "name": "block", "layers": [LSTM, {"type": "batch_normalization", "name": "bn"}]}
    statistics: Shapes = dict.fromkeys(("bn/gamma", "bn/beta", "bn/moving_mean", "bn/moving_variance"), (4,))
    assert said(block, {ROUTE: {**statistics, **KERNELS}}) == []
    inside = {(*ROUTE, "layers", 0): KERNELS, (*ROUTE, "layers", 1): statistics}
    assert said(block, inside) == []
    (message,) = said(block, {ROUTE: {**statistics, **KERNELS, "bn/beta": (5,)}})
    assert "but the file stores (5,) as bn/beta" in message
    (message,) = said(block, {**inside, (*ROUTE, "layers", 0): {**KERNELS, "lstm_1/bias:0": (15,)}})
    assert message.startswith("lstm_1 (lstm): bias is (16,)")


def test_a_layer_used_twice_has_its_arrays_once() -> None:
    again = {"use": "lstm_1", "name": "again", "inputs": "input"}
    assert said([LSTM, again], {ROUTE: KERNELS}) == []


def test_a_tied_weight_may_be_stored_with_both_layers() -> None:
    layers = [
        {"type": "embedding", "name": "embed", "vocab": 11, "units": 8, "inputs": "tokens"},
        {"type": "dense", "name": "head", "units": 11, "bias": False, "tied_to": {"kernel": "embed.embeddings"}},
    ]
    top = {"inputs": {"tokens": ["B", "T"]}}
    for head in ({}, {"head.weight": (8, 11)}):
        spec = {"layers": layers, **top}
        arrays = {ROUTE: (Stored("embed.weight", (11, 8), ""),)}
        arrays[("layers", 1)] = tuple(Stored(name, shape, "") for name, shape in head.items())
        imported = Imported(Document(source="m", data=spec), kind="keras", stored=arrays)
        assert diagnose(read_imported(imported)) == ()


def test_a_matrix_of_onnx_may_be_stored_transposed() -> None:
    layer = {"type": "dense", "name": "fc", "units": 3, "bias": False}
    arrays = {ROUTE: {"fc.weight": (3, 8)}}
    assert said(layer, arrays, kind="onnx", top={"framework": "onnx"}) == []
    assert said(layer, arrays, kind="keras") != []


def test_recorded_shapes_are_compared_where_both_are_numbers() -> None:
    layers = [{**LSTM, "return_sequences": True}, {"type": "dense", "name": "out", "units": 2}]
    assert said(layers, {}, recorded={ROUTE: ((None, None, 4),), ("layers", 1): ((None, 10, 2),)}) == []
    assert said(layers, {}, recorded={ROUTE: (None,)}) == []
    assert said(layers, {}, recorded={ROUTE: ((None, None, 5),)}) == [
        "lstm_1 (lstm) passes on (B, T, 4), but the file recorded (?, ?, 5)"
    ]
    assert said(layers, {}, recorded={("layers", 1): ((None, 2),)}) == [
        "out (dense) passes on (B, T, 2), but the file recorded (?, 2)"
    ]

"""`verify --against` with the real frameworks: every example agrees, and a wrong layout is found out."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import lstm_shapes as ls
from lstm_shapes.analysis.verify.against import REQUIREMENTS
from lstm_shapes.frameworks.layout import Framework

from ..command import run_here

pytestmark = pytest.mark.oracle
FOLDER = Path(__file__).parent.parent.parent / "examples"
EXAMPLES = sorted(path.name for path in FOLDER.iterdir() if path.suffix != ".md")
INSTALLED = [name for name, needs in REQUIREMENTS.items() if not needs.missing]
LACKS: dict[str, dict[str, set[str]]] = {
    "torch": {
        "temporal_fusion.yaml": {"attention"},  # a key_dim that is not embed_dim / num_heads
        "autoencoder.yaml": {"encoder", "decode_past", "decode_future"},  # activation: relu
        "stacked_forecaster.yaml": {"lstm_1"},
        "siamese_malstm.yaml": {"similarity"},  # custom
    },
    "onnx": {
        "speech_lstmp_torch.yaml": {"lstm"},
        "siamese_malstm.yaml": {"similarity"},
        "temporal_fusion.yaml": {"attention"},
    },
    "keras": {"speech_lstmp_torch.yaml": {"lstm"}, "siamese_malstm.yaml": {"similarity"}},
}
"""The layers of the examples that are not built in a framework."""


@pytest.mark.parametrize("framework", [name for name in INSTALLED if name in LACKS])
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_agrees_layer_by_layer(name: str, framework: str, compared: Callable[[str], None]) -> None:
    outcome = ls.verify(FOLDER / name, against=framework)
    (comparison,) = outcome.against
    assert outcome.verdict == "confirmed", outcome.reason
    left_out = {layer.name for layer in comparison.layers if layer.verdict != "agrees"}
    assert left_out == LACKS.get(framework, {}).get(name, set())
    for layer in comparison.layers:
        if layer.name not in left_out:
            exact = layer.dtype == "float64"
            assert layer.difference is not None
            assert layer.difference <= (1e-10 if exact else 1e-5)
            compared(framework)


GATES = {
    "keras": ("KERAS", "forget input candidate output"),
    "torch": ("TORCH", "input forget output candidate"),
    "flax": ("FLAX", "forget input candidate output"),
    "flax-linen": ("FLAX_LINEN", "forget input candidate output"),
    "onnx": ("ONNX", "input forget output candidate"),
}
"""Where a framework's description is used, and an order of the LSTM's gates that is not the framework's."""


@pytest.mark.parametrize("framework", [name for name in INSTALLED if name in GATES])
def test_a_wrong_order_of_gates_is_found_out(framework: str, monkeypatch: pytest.MonkeyPatch) -> None:
    constant, gates = GATES[framework]
    module = __import__(f"lstm_shapes.analysis.verify.against.{framework.replace('-', '_')}", fromlist=[constant])
    real: Framework = getattr(module, constant)
    wrong = real._replace(layouts={**real.layouts, "lstm": real.layouts["lstm"]._replace(gates=gates)})
    monkeypatch.setattr(module, constant, wrong)
    model = {"input_dim": 8, "layers": [{"type": "lstm", "units": 5}, {"type": "dense", "units": 2}]}
    outcome = ls.verify(model, against=framework)
    assert outcome.verdict == "disagrees"
    assert [layer.verdict for layer in outcome.against[0].layers] == ["disagrees", "agrees"]


@pytest.mark.parametrize("framework", [name for name in INSTALLED if name in GATES])
def test_a_tensor_of_another_shape_is_found_out(framework: str, monkeypatch: pytest.MonkeyPatch) -> None:
    constant, _ = GATES[framework]
    module = __import__(f"lstm_shapes.analysis.verify.against.{framework.replace('-', '_')}", fromlist=[constant])
    real: Framework = getattr(module, constant)
    kernel, *rest = real.layouts["dense"].slots
    turned = kernel._replace(axes=" ".join(reversed(kernel.axes.split())))
    layout = real.layouts["dense"]._replace(slots=(turned, *rest))
    monkeypatch.setattr(module, constant, real._replace(layouts={**real.layouts, "dense": layout}))
    model = {"input_dim": 8, "layers": [{"type": "dense", "units": 5}]}
    (layer,) = ls.verify(model, against=framework).against[0].layers
    assert layer.verdict == "disagrees"
    assert {"onnx": "Dimension mismatch"}.get(framework, f"{kernel.name}: predicted ") in layer.reason


@pytest.mark.skipif("keras" not in INSTALLED, reason="no Keras")
def test_unequal_directions_are_judged_by_the_executed_layer() -> None:
    backward = {"type": "lstm", "units": 3, "go_backwards": True}
    layer = {"type": "bidirectional", "layer": {"type": "lstm", "units": 5}, "backward_layer": backward}
    outcome = ls.verify({"batch": 2, "timesteps": 3, "input_dim": 4, "layers": [layer]}, against="keras")
    assert outcome.verdict == "confirmed", outcome.reason
    (compared,) = outcome.against[0].layers
    assert any("keras-team/keras#23688" in note for note in compared.notes)


@pytest.mark.skipif("onnx" not in INSTALLED, reason="no ONNX")
@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
@pytest.mark.parametrize("type_", ["lstm", "gru", "rnn"])
def test_the_layer_of_an_onnx_node_agrees(type_: str, direction: str, batch_first: bool) -> None:
    shape = ["B", "T", 4] if batch_first else ["T", "B", 4]
    layer = {"type": type_, "units": 5, "direction": direction, "batch_first": batch_first}
    outcome = ls.verify({"framework": "onnx", "inputs": {"x": shape}, "layers": [layer]}, against="onnx")
    assert outcome.verdict == "confirmed", outcome.reason
    assert outcome.against[0].verdict == "agrees"


@pytest.mark.skipif("flax" not in INSTALLED, reason="no Flax")
@pytest.mark.parametrize("type_", ["lstm", "gru", "rnn"])
def test_a_cell_of_flax_agrees(type_: str) -> None:
    """In one example: each takes JAX seconds to compile."""
    layers = [{"type": type_, "units": 3, "return_state": True}, {"type": "dense", "units": 2, "activation": "relu"}]
    sizes = {"batch": 2, "timesteps": 3, "input_dim": 4}
    outcome = ls.verify({"framework": "flax", **sizes, "layers": layers}, against="flax")
    assert outcome.verdict == "confirmed", outcome.reason
    assert [layer.verdict for layer in outcome.against[0].layers] == ["agrees", "agrees"]


@pytest.mark.skipif(not INSTALLED, reason="no framework is installed")
def test_the_environment_is_left_as_it_was() -> None:
    before: dict[str, Any] = dict(os.environ)
    ls.verify({"input_dim": 8, "layers": [{"type": "lstm", "units": 5}]}, against="all")
    assert dict(os.environ) == before


@pytest.mark.skipif(not INSTALLED, reason="no framework is installed")
def test_standard_output_has_only_ours(capfd: pytest.CaptureFixture[str]) -> None:
    done = run_here("verify", str(FOLDER / "pos_tagger_torch.yaml"), "--against", "all", cwd=FOLDER)
    assert done.code == 0
    assert capfd.readouterr().out.strip() == ""
    assert done.out.startswith(str(FOLDER).encode())


@pytest.mark.parametrize(
    "layer",
    [{"type": "activation", "activation": "sparsemax"}, {"type": "dense", "units": 3, "activation": "sparsemax"}],
)
def test_a_function_that_keras_has_wrong_is_not_compared(layer: dict[str, Any]) -> None:
    pytest.importorskip("keras")
    outcome = ls.verify({"input_dim": 8, "layers": [layer, {"type": "lstm", "units": 5}]}, against="keras")
    assert outcome.verdict == "confirmed"
    assert [compared.verdict for compared in outcome.against[0].layers] == ["not compared", "agrees"]

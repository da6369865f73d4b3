"""Each disagreement that random models met, in the smallest model that has it."""

from __future__ import annotations

from typing import Any

import pytest

import lstm_shapes as ls


def model(layers: list[dict[str, Any]], *shapes: list[Any], framework: str = "keras") -> dict[str, Any]:
    return {
        "framework": framework,
        "inputs": {f"x{number}": shape for number, shape in enumerate(shapes)},
        "layers": layers,
    }


def test_a_layer_with_a_mistake_may_have_a_tied_weight() -> None:
    layer = {"type": "conv1d", "filters": 2, "kernel_size": [2, 2, 2], "tied_to": {"kernel": "nowhere.kernel"}}
    assert {finding.severity for finding in ls.inspect(model([layer], ["B", 8, 3])).findings} == {"error"}


@pytest.mark.parametrize("inner", [{"type": "reduce", "op": "max"}, {"type": "transpose"}])
def test_time_distributed_refuses_what_does_not_keep_the_examples_apart(inner: dict[str, Any]) -> None:
    """Keras gives every timestep's output the batch on axis 0."""
    (finding,) = ls.inspect(model([{"type": "time_distributed", "layer": inner}], [3, 4, 6])).findings
    assert "expected a layer that keeps the examples on axis 0 inside" in finding.message


def test_time_distributed_takes_what_reduces_an_axis_after_the_batch() -> None:
    inner = {"type": "reduce", "op": "max", "axis": 1}
    assert ls.verify(model([{"type": "time_distributed", "layer": inner}], [3, 4, 6])).verdict == "confirmed"


def test_copies_of_a_layer_with_two_inputs_are_one() -> None:
    """The second copy of Keras' Maximum would read a single tensor, which it refuses."""
    repeated = {"type": "maximum", "inputs": ["x0", "x1"], "repeat": "N"}
    figures = ls.formulas(model([repeated], [3, 4], [3, 4]))
    assert figures.fits(N=1)
    assert not figures.fits(N=2)


def test_a_squeeze_of_all_axes_needs_the_others_to_be_larger() -> None:
    """numpy.squeeze of (1, 1, 4) has the shape (4,)."""
    figures = ls.formulas(model([{"type": "squeeze"}], ["B", 1, 4]))
    assert figures.fits(B=2)
    assert not figures.fits(B=1)


@pytest.mark.parametrize(("mode", "least"), [("reflect", 3), ("circular", 2), ("zeros", 1)])
def test_padding_mirrored_or_wrapped_needs_as_much_to_copy(mode: str, least: int) -> None:
    """torch.nn.Conv1d with padding 2: a length of 2 is refused for reflect, of 1 for circular."""
    layer = {"type": "conv1d", "filters": 2, "kernel_size": 1, "padding": 2, "padding_mode": mode}
    figures = ls.formulas(model([layer], ["B", 3, "T"], framework="torch"))
    assert [bool(figures.fits(T=length)) for length in (1, 2, 3)] == [length >= least for length in (1, 2, 3)]


def test_attention_in_pytorch_s_terms_reads_three_axes() -> None:
    """torch.nn.MultiheadAttention: "query should be unbatched 2D or batched 3D tensor but received 4-D"."""
    layer = {"type": "multi_head_attention", "num_heads": 1, "embed_dim": 3, "inputs": ["x0", "x1"]}
    (finding,) = ls.inspect(model([layer], [3, 6, 4, 3], [3, 6, 4, 3], framework="torch")).findings
    assert finding.message.endswith(
        "expected inputs (batch, time, features) with embed_dim, as PyTorch does, got (3, 6, 4, 3)"
    )


def test_time_distributed_reads_three_axes() -> None:
    """Keras 3: "`TimeDistributed` Layer should be passed an `input_shape` with at least 3 dimensions"."""
    layer = {"type": "time_distributed", "layer": {"type": "dropout"}}
    (finding,) = ls.inspect(model([layer], [3, 5])).findings
    assert "expected at least 3 axes" in finding.message
    assert ls.inspect(model([layer], [3, 5, 2])).findings == ()


def test_a_weight_as_long_as_the_batch_is_confirmed() -> None:
    layers = [{"type": "transpose"}, {"type": "layer_normalization"}]
    assert ls.verify(model([{"type": "model", "layers": layers}], [3, 6, 4])).verdict == "confirmed"


def test_a_layer_of_two_inputs_inside_time_distributed_is_an_error_whatever_arrives() -> None:
    inner = {"type": "time_distributed", "layer": {"type": "matmul"}}
    unknown = {"type": "time_distributed", "layer": {"type": "matmul"}, "name": "second"}
    report = ls.inspect(model([inner, unknown], ["B", 4, 6, 6]))
    assert "expected a layer with a single input inside, got matmul" in report.findings[0].message
    assert report.layers[1].macs is None

"""The counts of all frameworks side by side: golden values of conventions.md, the reasons, the formats."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lstm_shapes import api
from lstm_shapes.analysis.params import LayerSettingsError
from lstm_shapes.analysis.side_by_side import SideBySide, params_in_all, side_by_side
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.render import plain
from lstm_shapes.views import side_by_side as views

from ..command import ROOT, run_here

GOLDEN = {
    "lstm": (5248, 5376, 5376, 5248, 5248),
    "gru": (4032, 4032, 4032, 3936, 3968),
    "rnn": (1312, 1344, 1344, 1312, 1312),
}
"""conventions.md: 8 features and 32 units in Keras, PyTorch, ONNX, Flax nnx and Flax linen."""


def compare(*layers: Any, **model: Any) -> SideBySide:
    return side_by_side(api.read({"input_dim": 8, **model, "layers": [*layers]}))


def totals(answer: SideBySide) -> tuple[Any, ...]:
    return tuple(answer.total(name) for name in FRAMEWORKS)


def reasons(answer: Any) -> list[tuple[tuple[str, ...], str, Any]]:
    return [tuple(difference) for difference in answer.differences]


@pytest.mark.parametrize("cell", GOLDEN)
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_layer_is_counted_alike_whichever_framework_its_file_has(cell: str, framework: str) -> None:
    layer = {"type": cell, "units": 32}
    assert totals(compare(layer, framework=framework)) == GOLDEN[cell]
    answer = params_in_all(32, 8, cell=cell)
    assert tuple(layer and layer.total for layer in answer.answers.values()) == GOLDEN[cell]


def test_a_gru_that_resets_before_has_one_bias_in_keras() -> None:
    answer = compare({"type": "gru", "units": 32, "reset_after": False})
    assert totals(answer)[:3] == (3936, 4032, 4032)


def test_why_the_counts_differ_follows_from_the_biases() -> None:
    assert reasons(compare({"type": "lstm", "units": 32})) == [(("torch", "onnx"), "keep two biases a gate", 128)]
    assert reasons(compare({"type": "gru", "units": 32})) == [
        (("flax",), "keep one bias a gate", -96),
        (("flax-linen",), "keep a second bias for the candidate only", -64),
    ]
    assert reasons(params_in_all("H", 8, cell="rnn"))[0][:2] == (("torch", "onnx"), "keep two biases")


def test_a_setting_of_the_file_holds_in_every_framework() -> None:
    assert len(set(totals(compare({"type": "lstm", "units": 32, "bias": False})))) == 1
    assert len(set(totals(compare({"type": "lstm", "units": 32, "recurrent_bias": True})))) == 1


def test_layers_of_several_types_are_named_in_the_reason() -> None:
    answer = compare({"type": "lstm", "units": 4, "return_sequences": True}, {"type": "gru", "units": 4})
    assert (("torch", "onnx"), "keep two biases a gate in lstm", 16) in reasons(answer)


def test_a_layer_that_a_framework_lacks_is_unknown_there() -> None:
    shape = {"inputs": {"x": ["B", "T", 9, 9, 8]}}
    answer = side_by_side(
        api.read({**shape, "layers": [{"type": "conv_lstm2d", "filters": 4, "kernel_size": 3}, {"type": "flatten"}]})
    )
    assert answer.layers[0].params == {"keras": 1744, "torch": None, "onnx": None, "flax": None, "flax-linen": 1760}
    assert (("torch", "onnx", "flax"), "lack conv_lstm2d", None) in reasons(answer)
    assert "at least 0" in plain.render(views.models([answer])["text"]()[0])  # type: ignore[index, operator, arg-type]


@pytest.mark.parametrize(
    "layer",
    [
        {"type": "bidirectional", "layer": {"type": "gru", "units": 4}},
        {"type": "gru", "units": 4, "bidirectional": True},
        {"type": "model", "layers": [{"type": "gru", "units": 4}, {"type": "dense", "units": 2}]},
        {"type": "gru", "units": 4, "repeat": 2, "return_sequences": True},
        {"type": "gru", "units": 4, "repeat": "n", "return_sequences": True},
    ],
)
@pytest.mark.parametrize("framework", ["torch", "flax", "flax-linen"])
def test_layers_inside_others_are_counted_as_the_framework_reads_them(layer: dict[str, Any], framework: str) -> None:
    own = api.inspect({"input_dim": 4, "framework": framework, "layers": [layer]}).totals.params
    answer = compare(layer, input_dim=4)
    assert own is None or answer.total(framework) == own
    assert own is not None or framework == "torch"


def test_what_a_framework_refuses_of_a_layer_is_said() -> None:
    answer = params_in_all(32, 8, bidirectional=True, merge="sum")
    assert answer.answers["torch"] is None
    assert "PyTorch concatenates the directions" in answer.differences[0].reason
    with pytest.raises(LayerSettingsError):
        params_in_all(0, 8)


def printed(*arguments: str) -> str:
    ended = run_here(*arguments, "--framework", "all", cwd=ROOT)
    assert ended.code == 0
    return ended.out.decode()


def test_params_has_all_formats() -> None:
    asked = ("params", "--units", "32", "--input-dim", "8")
    assert "PyTorch and ONNX keep two biases a gate: +128 compared with Keras 3" in printed(*asked)
    data = json.loads(printed(*asked, "--output-format", "json"))
    assert [layer["params"] for layer in data["frameworks"].values()] == [*GOLDEN["lstm"]]
    assert printed(*asked, "--output-format", "csv").splitlines()[:2] == [
        "framework,tensor,axes,shape,params",
        'keras,kernel,in (gate unit),"(8, 128)",1024',
    ]


def test_inspect_has_all_formats() -> None:
    asked = ("inspect", "examples/keras_addition.yaml")
    rows = printed(*asked, "--output-format", "csv").splitlines()
    assert rows[0] == "source,layer,type,keras,torch,onnx,flax,flax-linen"
    model = json.loads(printed(*asked, "--output-format", "json"))
    assert model["totals"]["torch"] == {"params": 206348, "params_at_least": 206348, "unknown_layers": 0}


def test_other_tables_are_not_side_by_side() -> None:
    ended = run_here("inspect", "examples/keras_addition.yaml", "--framework", "all", "--weights", cwd=ROOT)
    assert (ended.code, b"leave out --weights" in ended.err) == (2, True)

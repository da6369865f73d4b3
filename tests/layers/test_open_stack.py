"""A module whose num_layers and directions are symbols: its formulas are right at every small binding."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import pytest

from lstm_shapes import inspect, verify
from lstm_shapes.analysis.cost import layers as costs
from lstm_shapes.api import read
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.frameworks.layout import Tensor, tensors
from lstm_shapes.rules.lint import lint
from lstm_shapes.rules.shapes import diagnose
from lstm_shapes.rules.trace import Trace
from lstm_shapes.symbolic.size import bind, names

from ..profiles import few

SETTINGS: list[dict[str, Any]] = [
    {"type": "lstm"},
    {"type": "lstm", "bias": False},
    {"type": "lstm", "proj_size": "P"},
    {"type": "lstm", "proj_size": 2, "bias": False, "batch_first": False},
    {"type": "lstm", "peephole": True, "return_sequences": False},
    {"type": "gru", "return_state": False},
    {"type": "gru", "bias": False, "batch_first": False},
    {"type": "rnn", "activation": "relu"},
    {"type": "rnn", "bias": False, "return_sequences": False},
]
BOUND = [{"L": depth, "D": ways} for depth, ways in product((1, 2, 3, 4), (1, 2))]
SIZES = {"B": 3, "T": 7, "I": 5, "H": 11, "P": 4}
CASES = [
    (settings, depth, ways)
    for settings in SETTINGS
    for depth, ways in (("L", "D"), ("L", 1), ("L", 2), (1, "D"), (3, "D"), ("2*L", "D"))
]


def model(settings: Mapping[str, Any], depth: Any, ways: Any) -> dict[str, Any]:
    layer = {"name": "enc", "units": "H", **settings, "num_layers": depth, "directions": ways}
    return {"framework": "torch", "input_dim": "I", "layers": [layer]}


def each(tensor: Tensor, values: Mapping[str, int], deep: int) -> Iterator[tuple[str, tuple[Any, ...], bool]]:
    """The tensors that one of a symbolic module stands for."""
    name, copies = tensor.name.split(" ")[0], bind(tensor.weights[0].copies, values)
    numbers = range(1, deep) if "{k}" in name else range(1)
    shape = tuple(bind(size, values) for size in tensor.shape)
    found = [(name.replace("{k}", str(number)), shape, tensor.trainable) for number in numbers if copies]
    assert len(found) == copies
    yield from found


def figures(data: dict[str, Any], dims: Mapping[str, int]) -> Any:
    inferred = read(data, dims=dict(dims)).inferred
    assert inferred is not None
    (node,) = inferred.nodes
    assert node.known, node.problems
    return inferred, node


@pytest.mark.parametrize(("settings", "depth", "ways"), few(CASES, 18))
def test_every_figure_bound_is_that_of_the_module_of_so_many_layers(
    settings: dict[str, Any], depth: Any, ways: Any
) -> None:
    data = model(settings, depth, ways)
    inferred, node = figures(data, {})
    cost = costs(inferred)["enc"]
    for binding in BOUND:
        values = {**SIZES, **binding}
        concrete, expected = figures(data, values)

        def put(size: Any, values: Mapping[str, int] = values) -> Any:
            return None if size is None else bind(size, values)

        (x,) = node.inputs
        assert [tuple(map(put, shape)) for shape in node.layer.outputs(x)] == [
            tuple(map(put, shape)) for shape in expected.outputs
        ]
        assert put(node.params) == put(expected.params) == put(node.formula.result())
        assert put(node.trainable_params) == put(expected.trainable_params)
        assert put(node.macs) == put(expected.macs)
        own = costs(concrete)["enc"]
        assert [put(figure) for figure in cost] == [put(figure) for figure in own]
        deep = put(expected.layer.depth)
        stands_for = [
            one for tensor in tensors(FRAMEWORKS["torch"], node.layer, x) for one in each(tensor, values, deep)
        ]
        assert sorted(stands_for) == sorted(
            (tensor.name, tuple(map(put, tensor.shape)), tensor.trainable)
            for tensor in tensors(FRAMEWORKS["torch"], expected.layer, *expected.inputs)
        )
        assert node.layer.bound(values) == expected.layer


def test_the_formula_and_the_tensors_say_for_which_layers_they_are() -> None:
    row = inspect(model({"type": "gru"}, "L", "D"))["enc"]
    assert row.formula == (
        "directions*3*units*(input_dim + units + 2)"
        " + (num_layers - 1)*directions*3*units*(directions*units + units + 2)"
    )
    assert [tensor.name for tensor in row.weights if tensor.name.startswith("weight_hh")] == [
        "weight_hh_l0",
        "weight_hh_l0_reverse if D = 2",
        "weight_hh_l{k} for k = 1..L - 1",
        "weight_hh_l{k}_reverse for k = 1..L - 1 if D = 2",
    ]
    assert [str(size) for size in row.outputs[1].shape] == ["D*L", "B", "H"]
    assert {name for tensor in row.weights for name in names(tensor.params)} == {"D", "H", "I", "L"}


def test_verify_runs_both_numbers_of_directions_and_few_layers() -> None:
    verification = verify(model({"type": "lstm", "proj_size": "P"}, "L", "D"))
    assert verification.verdict == "confirmed"
    assert [(values["D"], values["L"]) for values in verification.bindings] in ([(2, 3), (1, 2)], [(1, 2), (2, 3)])


def test_more_than_two_directions_depend_on_the_symbol() -> None:
    (finding,) = diagnose(read(model({"type": "gru"}, "L", "D")))
    assert (finding.rule.id, finding.message) == ("LS503", "enc (gru): fits where D <= 2")
    assert diagnose(read(model({"type": "gru"}, "L", 2))) == ()
    (finding,) = diagnose(read(model({"type": "gru"}, "L", "D"), dims={"D": 3}))
    assert (finding.message, finding.rule.severity) == ("directions: expected 1 or 2, got 3", "error")


MISTAKES: list[tuple[dict[str, Any], str, str]] = [
    ({"framework": "keras", "directions": "D"}, "directions: expected 1 or 2, got D", "write 1 or 2"),
    ({"directions": 3}, "directions: expected 1 or 2, got 3", "bidirectional: true"),
    ({"directions": 2, "bidirectional": True}, "directions and bidirectional are both set", "keep one of them"),
    ({"bidirectional": "D"}, "bidirectional: expected true or false", "write `directions: D`"),
    ({"directions": "D", "merge": "sum"}, "concatenates the directions", "remove merge"),
    ({"framework": "onnx", "directions": 2}, "directions: in ONNX", "direction: bidirectional"),
    ({"framework": "keras", "num_layers": "L"}, "num_layers is a PyTorch setting", "repeat: L"),
]


@pytest.mark.parametrize(("keys", "message", "hint"), MISTAKES)
def test_what_no_module_has_is_refused(keys: dict[str, Any], message: str, hint: str) -> None:
    framework = keys.get("framework", "torch")
    layer = {"type": "lstm", "units": 4, **{key: value for key, value in keys.items() if key != "framework"}}
    findings = [
        finding
        for finding in diagnose(read({"framework": framework, "input_dim": 8, "layers": [layer]}))
        if finding.rule.severity == "error"
    ]
    assert len(findings) == 1, findings
    assert re.search(message, findings[0].message)
    assert hint in findings[0].hint


def test_directions_of_a_keras_layer_are_its_wrapper() -> None:
    layer = {"type": "lstm", "units": 4, "merge": "sum", "name": "enc"}
    short = {"input_dim": 8, "layers": [{**layer, "directions": 2}]}
    long = {"input_dim": 8, "layers": [{**layer, "bidirectional": True}]}
    assert str(inspect(short).layers) == str(inspect(long).layers)
    assert inspect({"input_dim": 8, "layers": [{"type": "lstm", "units": 4, "directions": 1}]}).layers[0].type == "lstm"


def test_no_dropout_is_called_useless_and_no_timestep_wrong_while_the_numbers_are_open() -> None:
    data = model({"type": "lstm", "dropout": 0.3}, "L", "D")
    data["layers"].append({"type": "select", "axis": 1, "index": -1})
    assert list(lint(Trace(read(data)))) == []
    found = {finding.rule.name for finding in lint(Trace(read(data, dims={"L": 1, "D": 2})))}
    assert {"dropout-one-layer", "backward-last-step"} <= found

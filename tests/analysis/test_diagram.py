"""A diagram has a box for every layer and an arrow for everything that a call reads; no name leaves its label."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import lstm_shapes as ls
from lstm_shapes.analysis.diagram import Box, Diagram, Frame, diagram
from lstm_shapes.analysis.report import LayerRow
from lstm_shapes.api import read

from ..profiles import rounds
from ..random_models.models import random_model

EXAMPLES = sorted(path for path in (Path(__file__).parents[2] / "examples").iterdir() if path.suffix != ".md")


def boxes(items: Sequence[Box | Frame]) -> Iterator[Box]:
    for item in items:
        yield from boxes(item.items) if isinstance(item, Frame) else (item,)


def innermost(rows: Sequence[LayerRow]) -> Iterator[str]:
    for row in rows:
        yield from innermost(row.layers) if row.layers else (row.name,)


def assert_complete(model: Any) -> Diagram:
    """Boxes and arrows are those of the report, in which every call lists what it reads."""
    drawn, report = diagram(read(model)), ls.inspect(model)
    by_id = {box.id: box for box in boxes(drawn.items)}
    layers = [box.name for box in by_id.values() if box.kind == "layer"]
    assert Counter(layers) == Counter(innermost(report.layers))
    assert all(arrow.source in by_id and arrow.target in by_id for arrow in drawn.arrows)
    if not any(row.layers for row in report.layers):
        reads = sum(len(call) for row in report.layers for call in row.reads)
        assert len(drawn.arrows) == reads + len(report.outputs)
    return drawn


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_a_diagram_of_an_example_has_every_layer_and_every_arrow(path: Path) -> None:
    assert_complete(path)


def test_a_diagram_of_a_random_model_has_every_layer_and_every_arrow() -> None:
    for number in range(rounds(300, dev=10)):
        assert_complete(random_model(number * 13, "keras").spec)


def arrows(drawn: Diagram) -> list[tuple[str, str, str, bool]]:
    names = {box.id: box.name for box in boxes(drawn.items)}
    return [(names[arrow.source], names[arrow.target], arrow.label, arrow.state) for arrow in drawn.arrows]


def test_arrows_enter_and_leave_a_nested_model_that_is_called_twice() -> None:
    inner = [{"type": "lstm", "name": "inner", "units": 4}]
    layers = [
        {"type": "model", "name": "block", "inputs": "a", "layers": inner},
        {"use": "block", "name": "again", "inputs": "b"},
        {"type": "add", "inputs": ["block", "again"]},
    ]
    drawn = assert_complete({"inputs": {"a": ["B", 5, 3], "b": ["B", 7, 3]}, "layers": layers})
    expected = [("a", "inner"), ("b", "inner"), ("inner", "add"), ("inner", "add"), ("add", "output")]
    assert Counter((source, target) for source, target, _, _ in arrows(drawn)) == Counter(expected)


def test_states_are_dashed_and_named() -> None:
    layers = [
        {"type": "gru", "name": "encoder", "units": 4, "return_state": True},
        {"type": "gru", "name": "decoder", "units": 4, "inputs": "input", "initial_state": ["encoder.h"]},
    ]
    drawn = assert_complete({"input_dim": 3, "layers": layers})
    assert ("encoder", "decoder", "h", True) in arrows(drawn)


def test_what_nothing_is_known_of_has_a_box() -> None:
    layers = [{"type": "lstm", "units": 4, "input_dim": 3}, {"type": "lsmt"}]
    drawn = diagram(read({"inputs": "unknown", "layers": layers}))
    assert [(box.name, box.kind) for box in boxes(drawn.items)] == [
        ("unknown", "unknown"),
        ("lstm", "layer"),
        ("lsmt", "unknown"),
    ]


def test_a_layer_that_could_not_be_read_has_a_box_from_which_others_read() -> None:
    layers = [{"type": "lsmt", "name": "wrong"}, {"type": "dense", "name": "after", "units": 3, "inputs": "wrong"}]
    drawn = diagram(read({"input_dim": 8, "layers": layers}))
    assert ("wrong", "after", "", False) in arrows(drawn)
    assert [box.type for box in boxes(drawn.items) if box.name == "wrong"] == ["lsmt"]


HOSTILE = 'a"]; n9["x\n::error::\\"/><script>`#quot; %%{init}%% [link](http://x) | --> \u202e end'


def test_no_name_leaves_its_label() -> None:
    model = {"name": HOSTILE, "input_dim": 3, "layers": [{"type": "lstm", "units": 4, "name": HOSTILE}]}
    lines = ls.convert(model, "mermaid").splitlines()
    assert [line.split("[")[0].split("(")[0].strip() for line in lines[2:]] == [
        "n0",
        "n1",
        "n2",
        "n0 --> n1",
        "n1 --> n2",
    ]
    label = lines[3].removeprefix('  n1["').removesuffix('"]').replace("<br/>", " ")
    assert re.fullmatch(r"(?:[\w \-.,:()*+/=]|#\d+;)+", label)
    text = ls.convert(model, "dot")
    assert all(ord(letter) < 127 for letter in text)
    unquoted = re.sub(r'"(?:[^"\\\n]|\\.)*"', '""', text)
    assert unquoted == (
        'digraph "" {\n  node [shape=box];\n  n0 [label="", shape=ellipse];\n  n1 [label=""];\n'
        '  n2 [label="", shape=ellipse];\n  n0 -> n1;\n  n1 -> n2;\n}\n'
    )

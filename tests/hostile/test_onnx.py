"""ONNX from strangers, through the whole command: each case with a harmless twin that is as it should be."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from lstm_shapes import formats, importers
from lstm_shapes.analysis.report import report
from lstm_shapes.importers.onnx.operators import HANDLERS
from lstm_shapes.spec import reader

from ..importers.onnx_cases import CASES as CASES_BY_HAND
from ..importers.onnx_writer import (
    INT64,
    Graph,
    field,
    function,
    graph,
    model,
    node,
    recurrent,
    tensor,
    value,
    varint,
)
from ..profiles import rounds
from .child import accepted, decent
from .conftest import Inspect

X, Y = value("x", ["B", "T", 3]), value("y", None)
DENSE = model(graph([node("MatMul", "x K", "y")], [X], [Y], [tensor("K", (3, 4))]))


class Hostile(NamedTuple):
    """A file, the id of its finding, a word of the message, and a twin that is harmless."""

    raw: bytes
    id: str
    word: str
    twin: bytes = DENSE


def external(location: str) -> bytes:
    """A model whose kernel is said to be in another file."""
    place = field(14, 1) + field(13, field(1, "location") + field(2, location))
    stored = tensor("K", (3, 4), values=[], more=place)
    return model(graph([node("MatMul", "x K", "y")], [X], [Y], [stored]))


def nested(depth: int) -> bytes:
    """Conditions in conditions, and a ReLU in the innermost."""
    inner = graph([node("Relu", "x", "y0")], (), [value("y0", None)])
    for level in range(1, depth + 1):
        branch = Graph(inner)
        made = node("If", "c", f"y{level}", f"if{level}", then_branch=branch, else_branch=branch)
        inner = graph([made], (), [value(f"y{level}", None)])
    made = node("If", "c", "y", "outer", then_branch=Graph(inner), else_branch=Graph(inner))
    return model(graph([made], [X, value("c", [1], 9)], [Y]))


def deep(depth: int) -> bytes:
    """The same with one branch in each, so that it is small however deep."""
    inner = graph([node("Relu", "x", "y0")], (), [value("y0", None)])
    for level in range(1, depth + 1):
        made = node("If", "c", f"y{level}", f"if{level}", then_branch=Graph(inner))
        inner = graph([made], (), [value(f"y{level}", None)])
    return model(graph([node("If", "c", "y", "outer", then_branch=Graph(inner))], [X, value("c", [1], 9)], [Y]))


def bomb(levels: int) -> bytes:
    """Functions that call the next one twice: 2**levels nodes."""
    made = [
        function(
            f"f{n}",
            "own",
            "a",
            "r",
            [node(f"f{n + 1}", "a", "m", "one", "own"), node(f"f{n + 1}", "m", "r", "two", "own")],
        )
        for n in range(levels)
    ]
    last = function(f"f{levels}", "own", "a", "r", [node("Relu", "a", "r")])
    return model(graph([node("f0", "x", "y", "call", "own")], [X], [Y]), functions=[*made, last], domains=["own"])


def calling_itself(name: str) -> bytes:
    body = function("f", "own", "a", "r", [node(name, "a", "r", "again", "own" if name == "f" else "")])
    return model(graph([node("f", "x", "y", "call", "own")], [X], [Y]), functions=[body], domains=["own"])


def dims(*sizes: int) -> bytes:
    return model(graph([node("MatMul", "x K", "y")], [X], [Y], [tensor("K", sizes, values=[0.5] * 12)]))


def graph_of(*nodes: bytes) -> bytes:
    return model(graph(nodes, [X], [Y]))


CASES = {
    "nothing": Hostile(b"", "LS001", "without a graph"),
    "a message without a graph": Hostile(field(1, 8), "LS001", "without a graph"),
    "a graph without nodes": Hostile(model(graph([], [X], [X])), "LS006", "no operator"),
    "two graphs": Hostile(DENSE + field(7, graph([], [X], [Y])), "LS001", "two graphs"),
    "cut off": Hostile(DENSE[:-7], "LS001", "ends after"),
    "a length beyond the file": Hostile(field(1, 8) + b"\x3a" + varint(2**62), "LS001", "ends after"),
    "a number without an end": Hostile(field(1, 8) + b"\xff" * 20, "LS001", "does not end"),
    "a group": Hostile(field(1, 8) + b"\x3b", "LS001", "wire type 3"),
    "field 0": Hostile(field(1, 8) + b"\x02\x00", "LS001", "field 0"),
    "a negative size": Hostile(dims(-3, 4), "LS001", "negative size"),
    "sizes that overflow": Hostile(dims(2**62, 2**62), "LS001", "bytes"),
    "more numbers than its shape": Hostile(dims(3, 3), "LS001", "bytes"),
    "100 axes": Hostile(dims(*[1] * 100), "LS001", "axes"),
    "hidden_size 0": Hostile(recurrent(hidden_size=0), "LS103", "got 0", recurrent()),
    "hidden_size -4": Hostile(recurrent(hidden_size=-4), "LS103", "got -4", recurrent()),
    "hidden_size 2**62": Hostile(recurrent(hidden_size=2**62), "LS203", "W has the shape", recurrent()),
    "W and R that disagree": Hostile(
        model(graph([node("LSTM", "x W R", "y")], [X], [Y], [tensor("W", (1, 20, 3)), tensor("R", (1, 16, 4))])),
        "LS203",
        "W has the shape (1, 20, 3)",
        model(graph([node("LSTM", "x W R", "y")], [X], [Y], [tensor("W", (1, 16, 3)), tensor("R", (1, 16, 4))])),
    ),
    "conditions 400 deep": Hostile(deep(400), "LS004", "nested", deep(8)),
    "conditions that double 40 times": Hostile(bomb(40), "LS004", "20,000 nodes", bomb(6)),
    "a cycle": Hostile(graph_of(node("Relu", "b", "a"), node("Tanh", "a", "b")), "LS303", "a cycle"),
    "a node that reads itself": Hostile(graph_of(node("Relu", "y", "y")), "LS303", "a cycle"),
    "a function that calls itself": Hostile(calling_itself("f"), "LS303", "calls itself", calling_itself("Relu")),
    "a tensor that nothing makes": Hostile(graph_of(node("Add", "x z", "y")), "LS301", "nothing makes"),
    "a name of 100,000 characters": Hostile(graph_of(node("Relu", "x", "y", "n" * 100_000)), "LS004", "a text of"),
    "an attribute twice": Hostile(
        graph_of(node("Relu", "x", "y") + field(5, field(1, "a") + field(3, 1)) * 2), "LS001", "two attributes"
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_hostile_file_is_refused_and_its_twin_is_not(case: str, inspect: Inspect, tmp_path: Path) -> None:
    hostile = CASES[case]
    outcome = inspect("model.onnx", hostile.raw)
    decent(outcome, codes=(1,))
    assert hostile.id in outcome.said
    assert hostile.word in outcome.said
    (tmp_path / "model.onnx").unlink()
    accepted(inspect("model.onnx", hostile.twin))


@pytest.mark.parametrize(
    "location", ["../../../etc/passwd", "/etc/passwd", "weights\0.bin", "https://example.com/w", ""]
)
def test_data_in_other_files_are_not_opened(location: str, tmp_path: Path) -> None:
    import lstm_shapes as ls

    path = tmp_path / "model.onnx"
    path.write_bytes(external(location))
    opened: list[str] = []
    watching = True

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event in ("open", "socket.connect", "subprocess.Popen", "os.system"):
            opened.append(str(arguments[0]))

    ls.inspect(path)  # what the program itself needs is imported before
    sys.addaudithook(watch)
    report = ls.inspect(path)
    watching = False
    assert opened == [str(path)]
    assert report.totals.params == 12


def test_200_000_nodes_take_little_time_and_memory(inspect: Inspect) -> None:
    many = field(1, node("Relu", "x", "y")) * 200_000
    outcome = inspect("model.onnx", model(many + graph([], [X], [Y])))
    decent(outcome, codes=(1,))
    assert "LS004" in outcome.said


def test_5_000_mistakes_and_unknown_operators_are_a_short_answer(inspect: Inspect) -> None:
    made = [node("Odd", f"x nothing{n}", f"t{n}", f"n{n}") for n in range(5_000)]
    outcome = inspect("model.onnx", graph_of(*made), "--output-format", "json")
    decent(outcome, codes=(1,))
    answer = json.loads(outcome.text)
    assert len(answer["findings"]) <= 1_001
    assert len(answer["notes"]) <= 51


HOSTILE_NAMES = [
    "\x1b[31mred",
    "::error::no",
    "<script>alert(1)</script>",
    "=1+1",
    "[bold]x[/bold]",
    "a\nb",
    "\u202etxt",
]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
@pytest.mark.parametrize("output", ["text", "json", "markdown", "csv"])
def test_names_of_the_file_are_escaped(name: str, output: str, inspect: Inspect) -> None:
    raw = model(
        graph(
            [node("LSTM", "x W R", "y", name, hidden_size=4), node("Odd", "y", "z", "", name)],
            [X],
            [value(name, None)],
            [tensor("W", (1, 16, 3)), tensor("R", (1, 16, 4))],
        )
    )
    outcome = inspect("model.onnx", raw, "--output-format", output)
    decent(outcome, codes=(0, 1))
    assert b"\x1b[31m" not in outcome.out
    assert not any(line.startswith("::error") for line in outcome.text.splitlines())
    assert "\u202e" not in outcome.text


def test_indices_beyond_all_measure_are_a_finding_or_unknown(inspect: Inspect) -> None:
    for index in (2**62, -(2**62)):
        stored = [tensor("i", (), INT64, [index])]
        outcome = inspect("model.onnx", model(graph([node("Gather", "x i", "y", axis=1)], [X], [Y], stored)))
        decent(outcome, codes=(0, 1))


@pytest.mark.parametrize("seed", range(rounds(40, 4)))
def test_a_file_with_other_bytes_ends_in_findings_or_figures(seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(20):
        raw = bytearray(draw.choice(list(CASES_BY_HAND.values())).raw)
        for _ in range(draw.choice((1, 2, 4))):
            place = draw.randrange(len(raw))
            raw[place : place + draw.randrange(3)] = draw.randbytes(draw.randrange(3))
        for imported in importers.translate(formats.parse("model.onnx", bytes(raw))):
            answer = report(reader.read_imported(imported))
            assert answer.layers or answer.findings


WORDS = (0, -1, 3, 2**31 - 1, 2**62, -(2**63), 0.5, "x", [], [-1, 0, 2**62], {"ref": "nowhere"})


@pytest.mark.parametrize("seed", range(rounds(40, 4)))
def test_an_attribute_or_operator_that_makes_no_sense_ends_in_findings_or_figures(seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(20):
        document = formats.parse("model.onnx", draw.choice(list(CASES_BY_HAND.values())).raw)
        changed = draw.choice(document.data["graph"]["nodes"])
        if changed["attributes"] and draw.random() < 0.6:
            changed["attributes"][draw.choice(list(changed["attributes"]))] = draw.choice(WORDS)
        else:
            changed["op"] = draw.choice(list(HANDLERS))
        for imported in importers.translate(document):
            answer = report(reader.read_imported(imported))
            assert answer.layers or answer.findings

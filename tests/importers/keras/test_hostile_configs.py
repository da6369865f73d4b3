"""Configurations that nobody should trust: each is read in time, and nothing that it names is imported or run."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import process_time
from typing import Any

import pytest

import lstm_shapes as ls


def layer(class_name: str, name: str, *reads: list[Any], **config: Any) -> dict[str, Any]:
    nodes = [[[name, 0, output, {}] for name, output in reads]] if reads else []
    return {"class_name": class_name, "name": name, "config": {"name": name, **config}, "inbound_nodes": nodes}


def functional(name: str, layers: list[dict[str, Any]], inputs: list[str], *outputs: list[Any]) -> dict[str, Any]:
    config = {
        "name": name,
        "layers": layers,
        "input_layers": [[one, 0, 0] for one in inputs],
        "output_layers": [[one, 0, output] for one, output in outputs],
    }
    return {"class_name": "Functional", "name": name, "config": config, "keras_version": "2.9.0"}


def deep(depth: int) -> dict[str, Any]:
    """Models in models, each of which passes on both outputs of the one inside."""
    inside: dict[str, Any] | None = None
    for level in range(depth):
        start = layer("InputLayer", f"i{level}", batch_input_shape=[None, 3])
        if inside is None:
            inside = functional(f"m{level}", [start, layer("Dense", "d", [f"i{level}", 0], units=3)], [f"i{level}"])
            inside["config"]["output_layers"] = [["d", 0, 0], ["d", 0, 0]]
            continue
        inner = {**inside, "inbound_nodes": [[[f"i{level}", 0, 0, {}]]]}
        inside = functional(f"m{level}", [start, inner], [f"i{level}"], [inner["name"], 0], [inner["name"], 1])
    assert inside is not None
    return inside


def diamonds(count: int) -> dict[str, Any]:
    """Each layer adds the one above to itself, so that there are 2**count ways from the first to the last."""
    layers = [layer("InputLayer", "x0", batch_input_shape=[None, 3])]
    layers += [layer("Add", f"x{step}", [f"x{step - 1}", 0], [f"x{step - 1}", 0]) for step in range(1, count + 1)]
    return functional("diamonds", layers, ["x0"], [f"x{count}", 0])


def canary(class_name: str, module: str) -> dict[str, Any]:
    """A class of a module that nothing has imported, with code in its settings."""
    entry = layer(class_name, "c", ["x", 0], function="import antigravity", args=["touch /canary"])
    start = layer("InputLayer", "x", batch_input_shape=[None, 3])
    return functional(
        "m", [start, {**entry, "module": module, "registered_name": f"Custom>{class_name}"}], ["x"], ["c", 0]
    )


HOSTILE = {
    "models 20 deep with two outputs each": deep(20),
    "60 diamonds": diamonds(60),
    "a cycle": functional(
        "m", [layer("Dense", "a", ["b", 0], units=2), layer("Dense", "b", ["a", 0], units=2)], [], ["a", 0]
    ),
    "1,000 layers": {
        "class_name": "Sequential",
        "config": [layer("Activation", f"a{number}", activation="relu") for number in range(1_000)],
    },
    "1,000 calls": functional(
        "m",
        [
            layer("InputLayer", "x", batch_input_shape=[None, 3]),
            {**layer("Dense", "d", units=3), "inbound_nodes": [[["x", 0, 0]]] * 1_000},
        ],
        ["x"],
        ["d", 999],
    ),
    "a node of 10**9": functional("m", [layer("Dense", "d", ["d", 0], units=3)], [], ["d", 10**9]),
    "a module that is never imported": canary("Popen", "antigravity"),
    "a name of 100,000 dots": functional(
        "m", [layer("Dense", "." * 100_000, ["." * 99_999, 0], units=2)], [], ["x", 0]
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_configuration_is_read_in_time_and_nothing_is_imported(name: str, tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text(json.dumps(HOSTILE[name]))
    before = process_time()
    ls.inspect(path)
    assert process_time() - before < 2
    assert "antigravity" not in sys.modules
    assert [one.name for one in tmp_path.iterdir()] == ["model.json"]


def test_harmless_twins_have_their_totals(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    for data, params in ((deep(3), 12), (diamonds(2), 0)):
        path.write_text(json.dumps(data))
        assert ls.inspect(path).totals.params == params

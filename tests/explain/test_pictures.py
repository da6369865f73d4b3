"""What a picture claims: where states begin, where an output leaves, what is a timestep, and what a renderer paints."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from lstm_shapes.analysis.explain import picture
from lstm_shapes.analysis.explain.model import explain
from lstm_shapes.api import read
from lstm_shapes.render import drawing_svg, drawing_text, plot_svg
from lstm_shapes.render.curves_data import Curve, Panel
from lstm_shapes.views import picture as grid

SVG = "{http://www.w3.org/2000/svg}"


def rows(*layers: dict[str, Any], **head: Any) -> tuple[picture.Row, ...]:
    return picture.chain(inferred(*layers, **head)).rows


def inferred(*layers: dict[str, Any], **head: Any) -> Any:
    return read({**(head or {"batch": 4, "timesteps": 5, "input_dim": 3}), "layers": [*layers]}).inferred


def drawn(*layers: dict[str, Any], **head: Any) -> str:
    return drawing_text.render(grid.chain(picture.chain(inferred(*layers, **head))))


def test_a_stateful_layer_begins_with_what_the_batch_before_left_and_not_with_zero() -> None:
    text = drawn({"type": "lstm", "units": 4, "stateful": True})
    assert "begins with what the batch before left" in text
    assert not re.search(r"\b0 ──", text)
    assert re.search(r"\b0 ──", drawn({"type": "lstm", "units": 4}))


@pytest.mark.parametrize(("merge", "width"), [("concat", 12), ("sum", 6), ("mul", 6), ("ave", 6)])
def test_both_directions_leave_where_they_end_and_are_merged_there(merge: str, width: int) -> None:
    """The claim of ``explain bidirectional``: forward ends at the last timestep, backward at the first."""
    layer = {"type": "bidirectional", "merge": merge, "layer": {"type": "lstm", "units": 6}}
    (row,) = rows(layer)
    assert row.ends == ("backward (4, 6) at t = 1", "forward (4, 6) at t = 5")
    assert row.leaving == f"(4, {width})"
    lines = drawn(layer).splitlines()
    (ends,) = (line for line in lines if "at t = 1" in line)
    assert ends.index("backward") < ends.index("forward (4, 6) at t = 5")
    (merged,) = (number for number, line in enumerate(lines) if f"merge {merge}" in line)
    assert (
        lines.index(ends) < merged < next(n for n, line in enumerate(lines) if f"(4, {width})" in line and n > merged)
    )
    assert f"joined (merge {merge}) to (4, {width})" in row.description


def test_a_layer_first_read_backwards_leaves_at_the_first_timestep() -> None:
    layer = {"type": "lstm", "units": 6, "go_backwards": True}
    (row,) = rows({"type": "bidirectional", "layer": layer, "backward_layer": {"type": "lstm", "units": 2}})
    assert row.ends == ("backward (4, 6) at t = 1", "forward (4, 2) at t = 5")


@pytest.mark.parametrize(
    "layer",
    [
        {"type": "bidirectional", "layer": {"type": "lstm", "units": 6, "return_sequences": True}},
        {"type": "lstm", "units": 6},
    ],
)
def test_other_layers_leave_as_before(layer: dict[str, Any]) -> None:
    assert rows(layer)[0].ends == ()


def test_the_last_row_of_a_torch_module_leaves_both_directions_at_the_last_timestep() -> None:
    head = {"framework": "torch", "batch": 4, "timesteps": 5, "input_dim": 3}
    layer = {"type": "lstm", "units": 6, "bidirectional": True, "return_sequences": False}
    assert rows(layer, **head)[0].ends == ()


def test_the_rows_of_an_image_are_no_timesteps_unless_a_recurrent_layer_reads_them() -> None:
    flat = rows({"type": "flatten"}, {"type": "dense", "units": 3}, inputs={"image": ["B", 28, 28, 1]})
    assert [row.body for row in flat] == ["one", "one"]
    read_by_rows = rows({"type": "dropout", "rate": 0.5}, {"type": "lstm", "units": 3}, inputs={"image": ["B", 28, 28]})
    assert [(row.body, row.time) for row in read_by_rows] == [("each", 28), ("linked", 28)]


def test_frames_of_a_video_are_timesteps() -> None:
    layer = {"type": "conv_lstm2d", "filters": 3, "kernel_size": 3, "padding": "same"}
    (row, _) = rows(layer, {"type": "flatten"}, inputs={"video": ["B", 9, 28, 28, 1]})
    assert (row.body, row.time) == ("linked", 9)


def test_what_a_custom_layer_passes_on_is_a_sequence_only_where_it_is_read_as_one() -> None:
    custom = {"type": "custom", "output": [4, 7, 2], "params": 0}
    assert [row.leaves_each for row in rows(custom, {"type": "flatten"})] == [False, False]
    assert [row.leaves_each for row in rows(custom, {"type": "gru", "units": 3})] == [True, False]


def test_a_vector_repeated_and_tokens_looked_up_have_timesteps() -> None:
    repeated = rows({"type": "lstm", "units": 3}, {"type": "repeat_vector", "n": 9})
    assert (repeated[1].leaves_each, repeated[1].leaves_time) == (True, 9)
    embedded = rows({"type": "embedding", "vocab": 9, "units": 3}, timesteps=6)
    assert (embedded[0].body, embedded[0].time) == ("each", 6)


SHARED = {"type": "lstm", "units": "T"}


def test_a_size_called_as_the_timesteps_are_is_not_denied_in_the_count() -> None:
    reading = read({"input_dim": 8, "layers": [SHARED]})
    text = " ".join(explain(reading).counted)
    assert "number of timesteps T" not in text
    assert "nor the number of timesteps is in the count" in text
    assert "the T in the count is units of lstm" in text
    other = " ".join(explain(read({"input_dim": 8, "layers": [{"type": "lstm", "units": "H"}]})).counted)
    assert "nor the number of timesteps T is in the count" in other
    assert "the T in the count" not in other


def svgs() -> list[str]:
    chain = grid.chain(picture.chain(inferred({"type": "lstm", "units": 4})))
    curve = Curve("params", ((1, 10), (2, 30)))
    return [drawing_svg.render([chain]), plot_svg.render("a plot", (Panel("params", "H", (curve,), 0),))]


@pytest.mark.parametrize("text", svgs(), ids=["picture", "plot"])
def test_an_svg_has_literal_colors_for_every_box_text_and_line_without_a_dark_theme(text: str) -> None:
    """Renderers without custom properties or media queries (rsvg-convert, cairosvg) paint what is left black."""
    root = ET.fromstring(text)
    (style,) = root.iter(f"{SVG}style")
    plain = re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*\s*\}", "", str(style.text))
    assert "var(" not in str(style.text)
    assert "currentColor" not in str(style.text)
    rules = dict(re.findall(r"([^{}]+)\{([^{}]*)\}", plain))
    painted = {
        name.strip().lstrip(".") for names, body in rules.items() if "fill:" in body for name in names.split(",")
    }
    stroked = {
        name.strip().lstrip(".") for names, body in rules.items() if "stroke:" in body for name in names.split(",")
    }
    assert "text" in painted
    for element in root.iter():
        if element.tag in (f"{SVG}rect", f"{SVG}path"):
            name = element.attrib["class"].split()[0]
            assert name in painted or name in stroked, element.attrib
    assert next(root.iter(f"{SVG}rect")).attrib["class"] == "ground"

"""Pages, findings and tables within the width of a terminal: nothing wider, no word torn, nothing lost."""

from __future__ import annotations

import re

import pytest

from lstm_shapes.findings.finding import Finding, Place
from lstm_shapes.findings.kinds import KINDS
from lstm_shapes.render import plain, text
from lstm_shapes.render.drawing import columns
from lstm_shapes.render.page import Page, Paragraph, Table
from lstm_shapes.render.wrapping import wrapped
from lstm_shapes.views import findings

WIDTHS = (60, 72, 80, 100, 140)
ROW = ("encoder", "lstm", "(B, T, 32), h (B, 32), c (B, 32)", "5,248", "4*units*(input_dim + units + 1)")
LAYERS = Table(
    headers=("layer", "type", "output", "params", "formula"),
    rows=(ROW, ("head", "dense", "(B, 1)", "33", "units*(input_dim + 1)")),
    numbers=frozenset(("params",)),
    folds=("formula", "output", "type"),
)


def lines(*parts: Table | Paragraph | str, width: int) -> list[str]:
    """The lines of a page's parts on a terminal, without styles."""
    printed = text.render(Page(heading="page", parts=parts), width=width, color=False)
    return re.sub(r"\x1b\[[\d;]*m", "", printed).splitlines()[1:]


def test_a_wide_terminal_shows_every_column_in_its_row() -> None:
    shown = lines(LAYERS, width=100)
    assert [line.split()[0] for line in shown if line] == ["layer", "─" * columns(shown[3]), "encoder", "head"]
    assert all(cell in shown[3] for cell in ROW)


def test_a_narrow_terminal_shows_the_formula_below_its_row_and_tears_no_cell() -> None:
    shown = lines(LAYERS, width=47)
    assert re.split(" {2,}", shown[3]) == ["encoder", "lstm", "(B, T, 32), h (B, 32),", "5,248"]
    assert shown[4].strip() == "c (B, 32)"
    assert shown[5] == "  formula  4*units*(input_dim + units + 1)"
    assert max(map(columns, shown)) <= 47


@pytest.mark.parametrize("width", [30, 40, *WIDTHS])
def test_every_word_of_a_table_is_shown_at_every_width(width: int) -> None:
    shown = lines(LAYERS, width=width)
    words = " ".join(shown).split()
    for cell in (cell for row in LAYERS.rows for cell in row):
        assert set(cell.split()) <= set(words)
    assert max(map(columns, shown)) <= width


def test_a_name_wider_than_the_terminal_is_whole_on_a_line_of_its_own() -> None:
    name = "an_encoder_" * 8
    shown = lines(LAYERS._replace(rows=((name, *ROW[1:]),)), width=60)
    assert name in shown
    assert [line for line in shown if columns(line) > 60] == [name]


@pytest.mark.parametrize("width", WIDTHS)
def test_a_paragraph_is_wrapped_at_the_width_and_never_beyond_a_hundred_columns(width: int) -> None:
    part = Paragraph("one shape is (B, T, 32) and another is `reset_after: false` there " * 5, 3)
    shown = lines(part, width=width)
    assert max(map(columns, shown)) <= min(width, 100)
    assert all(line.startswith("   ") for line in shown[1:])
    assert not [line for line in shown if line.count("(") != line.count(")") or line.count("`") % 2]
    piped = plain.render(Page(heading="page", parts=(part,)))
    assert max(map(len, piped.splitlines())) in range(80, 101)


def test_a_line_of_a_page_is_not_folded_in_a_pipe() -> None:
    assert plain.render(Page(heading="page", parts=("word " * 40,))).splitlines()[2].count("word") == 40


def test_no_line_of_a_wrapped_text_begins_a_command_of_a_runner() -> None:
    assert not [line for line in wrapped("words and ::error::more " * 9, 20) if re.match(r"\s*::", line)]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("column", [1, 30, 65, 130, 300, 397])
@pytest.mark.parametrize("letter", ["x", "\u540d", "e\u0301"])
def test_the_caret_stands_under_its_character_in_what_is_shown_of_a_long_line(
    width: int, column: int, letter: str
) -> None:
    source = letter * 400
    source = f"{source[: column - 1]}#{source[column:]}"
    place = Place(12, column, 12, column + 1)
    finding = Finding(KINDS["unknown-key"], "unknown key", source="m.yaml", place=place, excerpt=source)
    _, quoted, caret = findings.styled((finding,)).unstyled(width).splitlines()
    assert columns(quoted) <= width
    assert columns(caret) <= width
    assert columns(quoted[: quoted.index("#")]) == caret.index("^")
    assert quoted.startswith("  12 | ")


def test_a_finding_is_wrapped_on_a_terminal_alone_and_its_place_stays_whole() -> None:
    source = "models/" + "a_long_folder/" * 6 + "model.yaml"
    finding = Finding(
        KINDS["unknown-key"], "unknown key 'unit' of this layer, " * 3, source=source, place=Place(2, 1, 2, 5)
    )
    styled = findings.styled((finding._replace(hint="write units " * 9),))
    first, *others = styled.unstyled(60).splitlines()
    assert first == f"{source}:2:1:"
    assert max(map(columns, others)) <= 60
    assert styled.plain.splitlines()[0].startswith(f"{source}:2:1: LS101 unknown key 'unit'")
    assert len(styled.plain.splitlines()) == 2

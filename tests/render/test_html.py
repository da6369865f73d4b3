"""A report in a notebook: the same cells as inspect prints, and nothing in them is markup."""

from __future__ import annotations

from html.parser import HTMLParser

import lstm_shapes as ls
from lstm_shapes.views.inspect import layers

HOSTILE = "<script>alert(1)</script>&\"'\n\x1b[31m"


class Parsed(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.cells: list[str] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag in ("td", "th"):
            self.cells.append("")
        assert all(name == "style" for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self.cells:
            self.cells[-1] += data


def html(report: ls.Report) -> str:
    text: str = report._repr_html_()  # type: ignore[attr-defined]
    return text


def test_a_notebook_shows_the_cells_that_inspect_prints() -> None:
    layer = {"type": "model", "name": "block", "layers": [{"type": "lstm", "name": "inner", "units": 4}]}
    report = ls.inspect({"input_dim": 8, "layers": [layer, {"type": "dense", "units": 2}]})
    table = layers(report)
    parsed = Parsed(html(report).split("</table>")[0])
    expected = [cell.strip() for row in (table.headers, *table.rows) for cell in row]
    assert [cell.replace("\xa0", "") for cell in parsed.cells] == expected
    assert "total params: 218" in html(report)


def test_no_name_becomes_markup() -> None:
    report = ls.inspect({"name": HOSTILE, "input_dim": 8, "layers": [{"type": "lstm", "name": HOSTILE, "unit": 3}]})
    parsed = Parsed(html(report))
    assert parsed.tags <= {"div", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "br"}
    assert "\x1b" not in html(report)
    assert any("<script>" in text for text in parsed.texts)


def test_findings_are_shown_with_their_hints() -> None:
    report = ls.inspect({"input_dim": 8, "layers": [{"type": "lstm", "unit": 3}]})
    assert "LS101" in html(report)
    assert "hint: write units" in html(report)

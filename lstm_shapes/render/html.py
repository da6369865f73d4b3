"""A page as a fragment of HTML, for a notebook: no script, no style but the alignment of numbers."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from lstm_shapes.render.escape import xml
from lstm_shapes.render.page import Page, Paragraph, Table


def render(page: Page) -> str:
    """A heading, tables, paragraphs.

    >>> render(Page("a<b", ("total: 3",)))
    '<div><p><strong>a&lt;b</strong></p><p>total: 3</p></div>'
    """
    parts = (_table(part) if isinstance(part, Table) else _paragraph(part) for part in page.parts)
    return f"<div><p><strong>{_text(page.heading)}</strong></p>{''.join(parts)}</div>"


def _text(text: str) -> str:
    return escape(xml(text))


def _paragraph(part: Paragraph | str) -> str:
    text = part if isinstance(part, str) else part.text
    return f"<p>{'<br>'.join(map(_text, text.splitlines()))}</p>"


def _table(table: Table) -> str:
    title = f"<p>{_text(table.title)}</p>" if table.title else ""
    head = "".join(_cells("th", table, table.headers))
    rows = "".join(f"<tr>{''.join(_cells('td', table, row))}</tr>" for row in table.rows)
    return f"{title}<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _cells(tag: str, table: Table, cells: tuple[str, ...]) -> Iterator[str]:
    for header, cell in zip(table.headers, cells, strict=True):
        align = "right" if header in table.numbers else "left"
        indent = "&nbsp;" * (len(cell) - len(cell.lstrip()))
        yield f'<{tag} style="text-align: {align}">{indent}{_text(cell.lstrip())}</{tag}>'

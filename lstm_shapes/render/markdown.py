"""A page as Markdown, for a pull request or a step summary."""

from __future__ import annotations

from collections.abc import Iterator

from lstm_shapes.render.escape import markdown
from lstm_shapes.render.page import Page, Paragraph, Table


def render(page: Page) -> str:
    """A heading, GitHub tables, paragraphs."""
    parts = [f"### {markdown(page.heading)}"]
    parts += ["\n".join(_lines(part)) for part in page.parts]
    return "\n\n".join(parts) + "\n"


def _lines(part: Table | Paragraph | str) -> Iterator[str]:
    match part:
        case Table():
            yield from _table(part)
        case Paragraph(text):
            yield markdown(text)
        case str():
            yield markdown(part)


def _table(table: Table) -> Iterator[str]:
    if table.title:
        yield f"{markdown(table.title)}\n"
    yield f"| {' | '.join(map(markdown, table.headers))} |"
    yield f"|{'|'.join(' ---: ' if header in table.numbers else ' --- ' for header in table.headers)}|"
    for row in table.rows:
        yield f"| {' | '.join(map(markdown, row))} |"

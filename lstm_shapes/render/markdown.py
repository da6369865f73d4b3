"""A page as Markdown, for a pull request or a step summary."""

from __future__ import annotations

from collections.abc import Iterator

from lstm_shapes.render.escape import markdown
from lstm_shapes.render.page import Page, Table


def render(page: Page) -> str:
    """A heading, GitHub tables, paragraphs."""
    parts = [f"### {markdown(page.heading)}"]
    parts += [markdown(part) if isinstance(part, str) else "\n".join(_table(part)) for part in page.parts]
    return "\n\n".join(parts) + "\n"


def _table(table: Table) -> Iterator[str]:
    if table.title:
        yield f"{markdown(table.title)}\n"
    yield f"| {' | '.join(map(markdown, table.headers))} |"
    yield f"|{'|'.join(' ---: ' if header in table.numbers else ' --- ' for header in table.headers)}|"
    for row in table.rows:
        yield f"| {' | '.join(map(markdown, row))} |"

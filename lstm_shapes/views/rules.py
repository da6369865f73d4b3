"""The output of ``rules``, and docs/rules.md: the list of the rules and the page of each."""

from __future__ import annotations

from functools import partial

from lstm_shapes.render.page import Page, Table
from lstm_shapes.render.view import Data, Fitted, View
from lstm_shapes.render.wrapping import wrapped
from lstm_shapes.rules import catalog

_OPENING = """# Rules

Everything that `lstm-shapes check` can report, as printed by `lstm-shapes rules --output-format markdown`. A test runs
every example: it breaks its rule, and the version under *Instead* does not.

The comment `# lstm-shapes: ignore[LS202] reason`, on the same line or on the line above, silences a rule; `--select`
and `--ignore` take ids, names and the beginnings of ids.
"""


def listed() -> Page:
    """Every rule as a row."""
    rows = tuple((page.id, page.name, page.severity, page.title) for page in catalog.pages())
    table = Table(headers=("id", "name", "severity", "what is wrong"), rows=rows)
    return Page(heading="rules", parts=(table, "`lstm-shapes rules LS202` prints a rule's page"))


def text(page: catalog.Page, width: int | None = None) -> str:
    """A rule's page, its sentences in lines of ``width`` columns unless that is None."""
    blocks = [f"Example:\n\n{_indented(page.example, width)}", f"Instead:\n\n{_indented(page.instead, width)}"]
    sentences = [f"{page.id} {page.name} ({about(page)})", page.title, *page.text.split("\n\n")]
    if width:
        sentences = ["\n".join(wrapped(" ".join(text.split()), width)) for text in sentences]
    return "\n\n".join([*sentences, *blocks]) + "\n"


def about(page: catalog.Page) -> str:
    """The severity, and which commands report it."""
    if page.name.startswith("target-"):
        return f"{page.severity}, with check --target {page.name.removeprefix('target-')}"
    return f"{page.severity}, {'only in check' if page.only_in_check else 'in every command'}"


def markdown() -> str:
    """The whole of docs/rules.md: a table of the rules, then their pages."""
    rows = [
        f"| [{page.id}](#{page.id.lower()}-{page.name}) | {page.name} | {page.severity} | {page.title} |"
        for page in catalog.pages()
    ]
    table = "\n".join(["| id | name | severity | what is wrong |", "| --- | --- | --- | --- |", *rows])
    return "\n".join([_OPENING, table, "", *(section(page) for page in catalog.pages())])


def section(page: catalog.Page) -> str:
    """A rule's page as a section of Markdown."""
    example = f"```{page.language}\n{page.example}```"
    parts = [f"## {page.id} {page.name}", f"**{page.title}** ({about(page)})", page.text]
    return (
        "\n\n".join([*parts, "Example:", example, "Instead:", f"```{page.instead_language}\n{page.instead}```"]) + "\n"
    )


def data(page: catalog.Page) -> dict[str, str]:
    """A rule's page for a program."""
    return page._asdict()


def _indented(text: str, width: int | None) -> str:
    """Code, in lines of ``width`` columns where YAML allows that."""
    lines = [f"  {line}" for line in text.rstrip("\n").split("\n")]
    if width:
        lines = [part for line in lines for part in (_continued(line, width) if "{" in line else [line])]
    return "\n".join(lines)


def _continued(line: str, width: int) -> list[str]:
    """The lines of a mapping in braces, which may go on further to the right; a key stays next to its value."""
    kept = wrapped(line.replace(": ", ":\xa0"), width, hanging=4)
    return [part.replace("\xa0", " ") for part in kept]


def view(page: catalog.Page) -> View:
    """A rule's page in every format."""
    return {
        "text": lambda: Fitted(partial(text, page)),
        "json": lambda: Data(data(page)),
        "markdown": lambda: section(page),
    }


def list_view() -> View:
    """The list of the rules; in JSON and Markdown with their pages."""
    return {
        "text": lambda: (listed(),),
        "json": lambda: Data([data(page) for page in catalog.pages()]),
        "markdown": markdown,
    }

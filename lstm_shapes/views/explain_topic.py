"""The output of ``explain TOPIC``, and docs/explain: a topic's page and the results of its experiments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lstm_shapes.analysis import explain
from lstm_shapes.analysis.explain.topic import Figures, Shown, Topic
from lstm_shapes.render.page import Page, Paragraph, Table
from lstm_shapes.render.view import Data, View

COMMAND = "lstm-shapes explain {} --show"


def page(topic: Topic, shown: tuple[Shown, ...] = (), *, seed: int = 0) -> Page:
    """The page for a terminal; with what was ``shown``, each claim after it."""
    parts: list[Table | Paragraph | str] = []
    for number, part in enumerate(topic.parts):
        if isinstance(part, Figures):
            parts.append(Table(headers=part.headers, rows=part.rows, numbers=part.numbers))
        else:
            after_text = number and isinstance(topic.parts[number - 1], str)
            parts += [*([""] if after_text else []), Paragraph(part)]
    if not shown:
        parts += ["", f"`{COMMAND.format(topic.name)}` demonstrates this by a run in NumPy"]
    else:
        parts += ["", f"shown by a run in NumPy on random data (seed {seed}):"]
    for number, (claim, result) in enumerate(zip(explain.claims(topic.name), shown, strict=False), 1):
        parts += ["", Paragraph(f"{number}. {claim.sentence}", 3)]
        parts += [Paragraph(f"   measured: {result.measured}"), f"   {verdict(result)}"]
    return Page(heading=topic.question, parts=tuple(parts))


def verdict(result: Shown) -> str:
    """What the measured numbers say of the claim."""
    return "the claim holds" if result.holds else "THE CLAIM DOES NOT HOLD"


def markdown(name: str, shown: tuple[Shown, ...] = (), *, seed: int = 0) -> str:
    """A topic as a Markdown document; without experiments it is docs/explain/NAME.md, which lists the claims."""
    topic = explain.page(name)
    blocks = [f"# {topic.question}"]
    blocks += ["\n".join(_table(part)) if isinstance(part, Figures) else _escaped(part) for part in topic.parts]
    if shown:
        blocks += ["## Shown", f"By a run in NumPy on random data (seed {seed}):"]
        pairs = zip(explain.claims(name), shown, strict=True)
        blocks.append(
            "\n".join(
                f"- {_escaped(c.sentence)} Measured: {_escaped(result.measured)}; {verdict(result)}."
                for c, result in pairs
            )
        )
    else:
        blocks += [f"`{COMMAND.format(name)}` demonstrates by a run in NumPy:"]
        blocks.append("\n".join(f"- {_escaped(claim.sentence)}" for claim in explain.claims(name)))
    return "\n\n".join(blocks) + "\n"


def _table(figures: Figures) -> Iterator[str]:
    yield f"| {' | '.join(map(_escaped, figures.headers))} |"
    yield f"|{'|'.join(' ---: ' if header in figures.numbers else ' --- ' for header in figures.headers)}|"
    for row in figures.rows:
        yield f"| {' | '.join(map(_escaped, row))} |"


def _escaped(text: str) -> str:
    """Our own text: code in backticks stays, a product's star and a name's underline are not emphasis."""
    pieces = text.split("`")
    pieces[::2] = [text.replace("*", r"\*").replace("_", r"\_") for text in pieces[::2]]
    return "`".join(pieces)


def data(topic: Topic, shown: tuple[Shown, ...] = (), *, seed: int | None = None) -> dict[str, Any]:
    """A topic for a program; ``measured`` and ``holds`` are null where no experiment was run."""
    results = shown or (None,) * len(explain.claims(topic.name))
    return {
        "topic": topic.name,
        "question": topic.question,
        "parts": [
            {"table": {"headers": part.headers, "rows": part.rows}} if isinstance(part, Figures) else {"text": part}
            for part in topic.parts
        ],
        "seed": seed if shown else None,
        "claims": [
            {
                "claim": claim.sentence,
                "measured": result.measured if result else None,
                "holds": result.holds if result else None,
            }
            for claim, result in zip(explain.claims(topic.name), results, strict=True)
        ],
    }


def view(topic: str, shown: tuple[Shown, ...], *, seed: int) -> View:
    """A topic in every format, with what its experiments showed."""
    return {
        "text": lambda: (page(explain.page(topic), shown, seed=seed),),
        "json": lambda: Data(data(explain.page(topic), shown, seed=seed)),
        "markdown": lambda: markdown(topic, shown, seed=seed),
    }

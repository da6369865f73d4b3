"""What ``explain FILE`` says, in each form."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from lstm_shapes.analysis.explain.model import Explained, Explanation
from lstm_shapes.analysis.explain.tensors import ExplainedTensor
from lstm_shapes.render import drawing_text
from lstm_shapes.render.drawing import Grid
from lstm_shapes.render.escape import markdown as escaped
from lstm_shapes.render.escape import terminal
from lstm_shapes.render.json import plain_shape, plain_size
from lstm_shapes.render.view import Data, View
from lstm_shapes.views.heading import heading

WIDTH = 100
FORMAT_VERSION = 1


def text(said: Explanation, pictures: Sequence[str]) -> str:
    """The pictures, then layer by layer the words, lines of at most 100 columns where words can be parted."""
    blocks = [f"{terminal(heading(said.source, said.name))}{f' ({said.framework})' if said.framework else ''}\n"]
    blocks += pictures
    blocks += ["".join(f"{line}\n" for line in _layer(one, 0)) for one in said.layers]
    if said.counted:
        blocks.append("".join(f"{line}\n" for one in said.counted for line in _plain(one)))
    return "\n".join(blocks)


def _layer(one: Explained, depth: int) -> Iterator[str]:
    yield terminal(f"{'  ' * depth}{one.name} ({one.type})")
    for label, sentences in _parts(one):
        for number, sentence in enumerate(sentences):
            yield from _wrapped(label if not number else "", sentence, depth)
    for inner in one.layers:
        yield ""
        yield from _layer(inner, depth + 1)


def _parts(one: Explained) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "in", one.comes_in
    yield "out", one.goes_out
    yield "parameters", one.parameters
    yield "tensors", tuple(held.sentence for held in one.tensors)
    yield "settings", one.settings


def _wrapped(label: str, sentence: str, depth: int) -> Iterator[str]:
    """A sentence beside its label, each line of it harmless by itself."""
    margin = "  " * depth
    room = max(WIDTH - len(margin) - 14, 40)
    lines = textwrap.wrap(terminal(sentence), room, break_long_words=False, break_on_hyphens=False) or [""]
    for number, line in enumerate(lines):
        beside = f"  {label:<10}  " if not number else " " * 14
        yield f"{margin}{beside}{terminal(line)}"


def _plain(sentence: str) -> list[str]:
    lines = textwrap.wrap(terminal(sentence), WIDTH, break_long_words=False, break_on_hyphens=False)
    return [terminal(line) for line in lines]


def markdown(said: Explanation, pictures: Sequence[str]) -> str:
    """Headings, the pictures as they are, lists of sentences."""
    title = f"{heading(said.source, said.name)}{f' ({said.framework})' if said.framework else ''}"
    blocks = [f"### {escaped(title)}"]
    blocks += [_fenced(one) for one in pictures]
    blocks += ["\n".join(_section(one)) for one in said.layers]
    blocks += [escaped(one) for one in said.counted]
    return "\n\n".join(blocks) + "\n"


def _fenced(picture: str) -> str:
    """A block of code with a fence longer than any run of backticks in it."""
    fence = "```"
    while fence in picture:
        fence += "`"
    return f"{fence}text\n{picture.rstrip()}\n{fence}"


def _section(one: Explained, prefix: str = "") -> Iterator[str]:
    name = f"{prefix}{one.name}"
    yield f"#### {escaped(f'{name} ({one.type})')}"
    yield ""
    for label, sentences in _parts(one):
        for sentence in sentences:
            yield f"- {label}: {escaped(sentence)}"
    for inner in one.layers:
        yield ""
        yield from _section(inner, f"{name} / ")


def data(said: Explanation) -> dict[str, Any]:
    """Plain data: sizes are integers where known, else text in the spec's notation."""
    return {
        "format_version": FORMAT_VERSION,
        "source": said.source,
        "name": said.name,
        "framework": said.framework,
        "layers": [_data(one) for one in said.layers],
        "counted": list(said.counted),
    }


def _data(one: Explained) -> dict[str, Any]:
    return {
        "name": one.name,
        "type": one.type,
        "path": one.path,
        "known": one.known,
        "comes_in": list(one.comes_in),
        "goes_out": list(one.goes_out),
        "parameters": list(one.parameters),
        "tensors": [_tensor(held) for held in one.tensors],
        "settings": list(one.settings),
        "layers": [_data(inner) for inner in one.layers],
    }


def _tensor(held: ExplainedTensor) -> dict[str, Any]:
    gates = [
        {
            "name": one.gate,
            "start": plain_size(one.start),
            "stop": plain_size(one.stop),
            "params": plain_size(one.params),
        }
        for one in held.slices
    ]
    return {
        "name": held.name,
        "shape": plain_shape(held.shape),
        "params": plain_size(held.params),
        "sentence": held.sentence,
        "axis": held.axis,
        "gates": gates,
    }


def view(explanation: Explanation, grids: Sequence[Grid], *, ascii_only: bool = False) -> View:
    """The explanation in every format, with its pictures; ``ascii_only`` draws them without box characters."""
    return {
        "text": lambda: text(explanation, _drawn(grids, ascii_only)),
        "json": lambda: Data(data(explanation)),
        "markdown": lambda: markdown(explanation, _drawn(grids, ascii_only)),
        "svg": lambda: _svg(grids),
    }


def _svg(grids: Sequence[Grid]) -> str:
    from lstm_shapes.render import drawing_svg

    return drawing_svg.render(list(grids))


def _drawn(grids: Sequence[Grid], ascii_only: bool) -> list[str]:
    return [drawing_text.render(grid, ascii_only=ascii_only) for grid in grids]

"""The output of ``explain FILE``, in each format."""

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


def text(explanation: Explanation, pictures: Sequence[str]) -> str:
    """The pictures, then then each layer in words, in lines of at most 100 columns where they can be wrapped."""
    blocks = [f"{terminal(_title(explanation))}\n", *pictures]
    blocks += ["".join(f"{line}\n" for line in _layer(layer, 0)) for layer in explanation.layers]
    if explanation.counted:
        blocks.append("".join(f"{line}\n" for sentence in explanation.counted for line in _plain(sentence)))
    return "\n".join(blocks)


def _layer(layer: Explained, depth: int) -> Iterator[str]:
    yield terminal(f"{'  ' * depth}{layer.name} ({layer.type})")
    for label, sentences in _parts(layer):
        for number, sentence in enumerate(sentences):
            yield from _wrapped(label if not number else "", sentence, depth)
    for inner in layer.layers:
        yield ""
        yield from _layer(inner, depth + 1)


def _parts(layer: Explained) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "in", layer.comes_in
    yield "out", layer.goes_out
    yield "parameters", layer.parameters
    yield "tensors", tuple(tensor.sentence for tensor in layer.tensors)
    yield "settings", layer.settings


def _wrapped(label: str, sentence: str, depth: int) -> Iterator[str]:
    """A sentence next to its label, each line escaped."""
    margin = "  " * depth
    room = max(WIDTH - len(margin) - 14, 40)
    lines = textwrap.wrap(terminal(sentence), room, break_long_words=False, break_on_hyphens=False) or [""]
    for number, line in enumerate(lines):
        beside = f"  {label:<10}  " if not number else " " * 14
        yield f"{margin}{beside}{terminal(line)}"


def _plain(sentence: str) -> list[str]:
    lines = textwrap.wrap(terminal(sentence), WIDTH, break_long_words=False, break_on_hyphens=False)
    return [terminal(line) for line in lines]


def _title(explanation: Explanation) -> str:
    framework = f" ({explanation.framework})" if explanation.framework else ""
    return f"{heading(explanation.source, explanation.name)}{framework}"


def markdown(explanation: Explanation, pictures: Sequence[str]) -> str:
    """Headings, the pictures as they are, lists of sentences."""
    blocks = [f"### {escaped(_title(explanation))}", *map(_fenced, pictures)]
    blocks += ["\n".join(_section(layer)) for layer in explanation.layers]
    blocks += [escaped(sentence) for sentence in explanation.counted]
    return "\n\n".join(blocks) + "\n"


def _fenced(picture: str) -> str:
    """A block of code with a fence longer than any run of backticks in it."""
    fence = "```"
    while fence in picture:
        fence += "`"
    return f"{fence}text\n{picture.rstrip()}\n{fence}"


def _section(layer: Explained, prefix: str = "") -> Iterator[str]:
    name = f"{prefix}{layer.name}"
    yield f"#### {escaped(f'{name} ({layer.type})')}"
    yield ""
    for label, sentences in _parts(layer):
        for sentence in sentences:
            yield f"- {label}: {escaped(sentence)}"
    for inner in layer.layers:
        yield ""
        yield from _section(inner, f"{name} / ")


def data(explanation: Explanation) -> dict[str, Any]:
    """Plain data: sizes are integers where known, else text in the spec's notation."""
    return {
        "format_version": FORMAT_VERSION,
        "source": explanation.source,
        "name": explanation.name,
        "framework": explanation.framework,
        "layers": [_data(layer) for layer in explanation.layers],
        "counted": list(explanation.counted),
    }


def _data(layer: Explained) -> dict[str, Any]:
    return {
        "name": layer.name,
        "type": layer.type,
        "path": layer.path,
        "known": layer.known,
        "comes_in": list(layer.comes_in),
        "goes_out": list(layer.goes_out),
        "parameters": list(layer.parameters),
        "tensors": [_tensor(tensor) for tensor in layer.tensors],
        "settings": list(layer.settings),
        "layers": [_data(inner) for inner in layer.layers],
    }


def _tensor(tensor: ExplainedTensor) -> dict[str, Any]:
    gates = [
        {
            "name": layer.gate,
            "start": plain_size(layer.start),
            "stop": plain_size(layer.stop),
            "params": plain_size(layer.params),
        }
        for layer in tensor.slices
    ]
    return {
        "name": tensor.name,
        "shape": plain_shape(tensor.shape),
        "params": plain_size(tensor.params),
        "sentence": tensor.sentence,
        "axis": tensor.axis,
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

"""The output of ``explain FILE``, in each format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from lstm_shapes.analysis.explain.model import Explained, Explanation
from lstm_shapes.analysis.explain.tensors import ExplainedTensor
from lstm_shapes.render import drawing_text
from lstm_shapes.render.drawing import Grid
from lstm_shapes.render.escape import markdown as escaped
from lstm_shapes.render.escape import terminal
from lstm_shapes.render.json import plain_shape, plain_size
from lstm_shapes.render.page import READABLE
from lstm_shapes.render.view import Data, Fitted, View
from lstm_shapes.render.wrapping import labelled, wrapped
from lstm_shapes.views.heading import heading

FORMAT_VERSION = 1
Pictures = Callable[[int], Sequence[Grid]]
"""The pictures within a number of columns."""


def text(explanation: Explanation, pictures: Sequence[str], width: int | None = None) -> str:
    """The pictures, then each layer in words, in lines of at most ``width`` columns and never more than 100."""
    room = min(width or READABLE, READABLE)
    title = wrapped(_title(explanation), width, hanging=2) if width else [terminal(_title(explanation))]
    blocks = [_ended(title), *pictures]
    blocks += [_ended(_layer(layer, 0, room)) for layer in explanation.layers]
    if explanation.counted:
        blocks.append(_ended(line for sentence in explanation.counted for line in wrapped(sentence, room)))
    return "\n".join(blocks)


def _ended(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _layer(layer: Explained, depth: int, room: int) -> Iterator[str]:
    yield from wrapped(f"{'  ' * depth}{layer.name} ({layer.type})", room, hanging=2)
    for label, sentences in _parts(layer):
        for number, sentence in enumerate(sentences):
            yield from _labelled(label if not number else "", sentence, depth, room)
    for inner in layer.layers:
        yield ""
        yield from _layer(inner, depth + 1, room)


def _parts(layer: Explained) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "in", layer.comes_in
    yield "out", layer.goes_out
    yield "parameters", layer.parameters
    yield "tensors", tuple(tensor.sentence for tensor in layer.tensors)
    yield "settings", layer.settings


def _labelled(label: str, sentence: str, depth: int, room: int) -> Iterator[str]:
    """A sentence next to its label."""
    margin = "  " * min(depth, 6)
    for before, line in labelled(f"{margin}  {label:<10}  ", sentence, room):
        yield (before + line).rstrip()


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


def view(explanation: Explanation, pictures: Pictures, *, ascii_only: bool = False) -> View:
    """The explanation in every format, with its pictures; ``ascii_only`` draws them without box characters."""

    def fitted(width: int | None) -> str:
        return text(explanation, _drawn(pictures(width or READABLE), ascii_only), width)

    return {
        "text": lambda: Fitted(fitted),
        "json": lambda: Data(data(explanation)),
        "markdown": lambda: markdown(explanation, _drawn(pictures(READABLE), ascii_only)),
        "svg": lambda: _svg(pictures(READABLE)),
    }


def _svg(grids: Sequence[Grid]) -> str:
    from lstm_shapes.render import drawing_svg

    return drawing_svg.render(list(grids))


def _drawn(grids: Sequence[Grid], ascii_only: bool) -> list[str]:
    return [drawing_text.render(grid, ascii_only=ascii_only) for grid in grids]

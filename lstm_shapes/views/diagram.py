"""A diagram in the languages of Mermaid and of Graphviz; ids are our own, every label is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lstm_shapes.analysis.diagram import Box, Diagram, Frame
from lstm_shapes.render.escape import terminal
from lstm_shapes.render.page import dimensions, number

_MERMAID = {"layer": ('["', '"]'), "input": ('(["', '"])'), "output": ('(["', '"])'), "unknown": ('[/"', '"/]')}
"""What stands around a label, which gives the box its form."""
_DOT = {"layer": "box", "input": "ellipse", "output": "ellipse", "unknown": "parallelogram"}


def mermaid(diagram: Diagram) -> str:
    """The diagram as a flowchart of Mermaid, which GitHub and GitLab draw in Markdown."""
    lines = [*_mermaid_title(diagram.name), "flowchart TD", *_mermaid_items(diagram.items, 1)]
    for arrow in diagram.arrows:
        label = f'|"{_mermaid_text(arrow.label)}"|' if arrow.label else ""
        lines.append(f"  {arrow.source} {'-.->' if arrow.state else '-->'}{label} {arrow.target}")
    return "\n".join(lines) + "\n"


def _mermaid_title(name: str) -> Iterator[str]:
    """A comment with the name of the model; a title in front would be YAML, which some readers do not take."""
    if name:
        yield f"%% {re.sub('[{}%]', ' ', terminal(name))}"


def _mermaid_items(items: Sequence[Box | Frame], depth: int) -> Iterator[str]:
    pad = "  " * depth
    for item in items:
        if isinstance(item, Frame):
            yield f'{pad}subgraph {item.id}["{_mermaid_text(_title(item))}"]'
            yield from _mermaid_items(item.items, depth + 1)
            yield f"{pad}end"
        else:
            before, after = _MERMAID[item.kind]
            yield f"{pad}{item.id}{before}{'<br/>'.join(map(_mermaid_text, _lines(item)))}{after}"


def _mermaid_text(text: str) -> str:
    """Text in which nothing is Markdown, HTML or the end of the label: entities in Mermaid's spelling."""
    return re.sub(r"[^\w \-.,:()*+/=]", lambda match: f"#{ord(match[0])};", terminal(text))


def dot(diagram: Diagram) -> str:
    """The diagram in the language of Graphviz: ``dot -Tsvg``."""
    lines = [f"digraph {_quoted(diagram.name or 'model')} {{", "  node [shape=box];"]
    lines += _dot_items(diagram.items, 1)
    for arrow in diagram.arrows:
        settings = [f"label={_quoted(arrow.label)}"] * bool(arrow.label) + ["style=dashed"] * arrow.state
        style = f" [{', '.join(settings)}]" if settings else ""
        lines.append(f"  {arrow.source} -> {arrow.target}{style};")
    return "\n".join([*lines, "}"]) + "\n"


def _dot_items(items: Sequence[Box | Frame], depth: int) -> Iterator[str]:
    pad = "  " * depth
    for item in items:
        if isinstance(item, Frame):
            yield f"{pad}subgraph cluster_{item.id} {{"
            yield f"{pad}  label={_quoted(_title(item))};"
            yield from _dot_items(item.items, depth + 1)
            yield f"{pad}}}"
        else:
            shape = f", shape={_DOT[item.kind]}" if item.kind != "layer" else ""
            yield f"{pad}{item.id} [label={_quoted(*_lines(item))}{shape}];"


def _quoted(*lines: str) -> str:
    """Lines as a string of Graphviz, in which a backslash begins no escape."""
    texts = (terminal(line).replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return '"' + "\\n".join(texts) + '"'


def _title(frame: Frame) -> str:
    return f"{frame.name}: {frame.type}" if frame.type != frame.name else frame.name


def _lines(box: Box) -> Iterator[str]:
    """The name and type, what it passes on, its parameters."""
    yield f"{box.name}: {box.type}" if box.type not in ("", box.name) else box.name
    for output in box.outputs:
        shape = dimensions(output.shape)
        yield shape if output.name == "output" else f"{output.name} {shape}"
    if box.kind == "layer" and box.params != 0:
        yield f"{number(box.params)} params"


LANGUAGES = {"mermaid": mermaid, "dot": dot}
"""A language and the function that writes a diagram in it."""

"""The lines and places of nodes of ``ast``, which only some of them have."""

from __future__ import annotations

import ast

from lstm_shapes.formats.document import Span


def line_of(node: ast.AST) -> int:
    """The line of a node, counted from 1."""
    return int(getattr(node, "lineno", 1))


def end_of(node: ast.AST) -> int:
    """The last line of a node, counted from 1."""
    return int(getattr(node, "end_lineno", None) or line_of(node))


def has_place(node: ast.AST) -> bool:
    """Whether a node has a place in the text."""
    return hasattr(node, "lineno")


def span_of(node: ast.AST, lines: list[str]) -> Span:
    """The place of a node, in characters; ``ast`` counts the bytes of a line."""
    first, last = line_of(node) - 1, (getattr(node, "end_lineno", None) or line_of(node)) - 1
    start: int = getattr(node, "col_offset", 0)
    end: int = getattr(node, "end_col_offset", None) or start + 1
    return first, _characters(lines, first, start), last, _characters(lines, last, end)


def _characters(lines: list[str], line: int, column: int) -> int:
    text = lines[line] if line < len(lines) else ""
    return column if text.isascii() else len(text.encode("utf-8")[:column].decode("utf-8", "ignore"))

"""Python source -> a Document whose data is the tree of ``ast``: it is parsed, never compiled or executed."""

from __future__ import annotations

import ast
import re
import warnings

from lstm_shapes.findings.finding import Place
from lstm_shapes.formats.document import Document, located

MAX_CODE = 2 * 2**20
"""The characters of a script that is parsed."""
_PYTHON_2 = re.compile(
    r"^\s*(?:print\s+[\"'\w]|exec\s+[\"']|except\s+[\w.]+\s*,\s*\w+\s*:|raise\s+\w+\s*,)", re.MULTILINE
)


def read(source: str, text: str) -> Document:
    """The document in a script.

    >>> read("train.py", "x = 1").data
    <ast.Module object at ...>
    >>> [finding.message for finding in read("train.py", "x = (").findings]
    ["not Python: '(' was never closed"]
    """
    if len(text) > MAX_CODE:
        return _refused(source, text[:1000], "too-large", f"more than {MAX_CODE:,} characters", 1, 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.replace("\0", " "))
    except SyntaxError as error:
        line, column = error.lineno or 1, error.offset or 1
        reason = "Python 2, not 3" if _PYTHON_2.search(text) else f"not Python: {error.msg}"
        return _refused(source, text, "syntax", reason[:200], line, max(column, 1))
    except (RecursionError, MemoryError, ValueError):
        return _refused(source, text, "too-large", "expressions nested too deep to be parsed", 1, 1)
    return Document(source=source, data=tree, text=text, format="python")


def _refused(source: str, text: str, kind: str, message: str, line: int, column: int) -> Document:
    at = Place(line=line, column=column, end_line=line, end_column=column + 1)
    finding = located(source, text, kind, message, at)
    return Document(source=source, data=None, text=text, findings=(finding,), format="python")

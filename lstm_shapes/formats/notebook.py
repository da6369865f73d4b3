"""A notebook -> a Document whose data is the tree of its code cells; magics, shell lines and outputs are skipped.

The text is that of all code cells, one after the other, each below a comment that has its number; a place is a line of
this text.
"""

from __future__ import annotations

import json
import re
from typing import Any

from lstm_shapes.findings.finding import Place
from lstm_shapes.formats import python
from lstm_shapes.formats.document import BREAK, Document, located

_MAGIC = re.compile(r"^(\s*)([%!?]|\w+\s*=\s*[%!]|[\w.]+\?{1,2}\s*$)")
PRINTED = "# printed: Total params: "
"""How the line begins that stands for a total which ``model.summary()`` printed into a saved cell."""
_TOTAL = re.compile(r"Total params: ([\d,]+)")
_CELL_MAGIC = re.compile(r"^\s*%%(?!time|timeit|capture|prun)")


def read(source: str, text: str) -> Document:
    """The document in a notebook of format 3 or 4.

    >>> text = '{"cells": [{"cell_type": "code", "source": ["%matplotlib inline\\\\n", "x = 1"]}]}'
    >>> print(read("a.ipynb", text).text)
    # cell 1
    pass  # %matplotlib inline
    x = 1
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return _refused(source, "syntax", "not a notebook: no JSON")
    cells = _cells(data)
    if cells is None:
        return _refused(source, "not-a-model", "not a notebook: no cells")
    parts = []
    for number, cell in enumerate(cells, start=1):
        if cell.get("cell_type") == "code":
            code = cell.get("source", cell.get("input", ""))
            code = "".join(line for line in code if isinstance(line, str)) if isinstance(code, list) else code
            parts.append(f"# cell {number}\n{_plain(code if isinstance(code, str) else '')}")
            parts += [f"{PRINTED}{total}" for total in _totals(cell.get("outputs"))]
    document = python.read(source, "\n".join(_parsed(part) for part in parts))
    return document._replace(format="notebook")


def _cells(data: Any) -> list[dict[str, Any]] | None:
    """The cells, of all worksheets in format 3; None where there are none."""
    if not isinstance(data, dict):
        return None
    sheets = data.get("worksheets")
    lists = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)] if isinstance(sheets, list) else []
    cells = data.get("cells", [cell for cells in lists if isinstance(cells, list) for cell in cells] or None)
    return [cell for cell in cells if isinstance(cell, dict)] if isinstance(cells, list) else None


def _totals(outputs: Any) -> list[str]:
    """The totals of parameters in the outputs of a cell."""
    texts: list[str] = []
    for output in outputs if isinstance(outputs, list) else []:
        if not isinstance(output, dict):
            continue
        data = output.get("data")
        text = output.get("text", data.get("text/plain", "") if isinstance(data, dict) else "")
        texts.append("".join(map(str, text)) if isinstance(text, list) else str(text))
    return [total for text in texts for total in _TOTAL.findall(text[:100_000])][:20]


def _plain(code: str) -> str:
    """Code without what only a notebook has; the lines stay where they are."""
    lines = BREAK.split(code)
    if lines and _CELL_MAGIC.match(lines[0]):
        return "\n".join(f"# {line}" for line in lines)
    plain = []
    for line in lines:
        magic = _MAGIC.match(line)
        plain.append(f"{magic[1]}pass  # {line.strip()}" if magic else line)
    return "\n".join(plain)


def _parsed(code: str) -> str:
    """A cell; one that is not Python by itself, such as a half of a call, becomes comments."""
    if not python.read("", code).findings:
        return code
    return "\n".join(f"# {line}" for line in BREAK.split(code))


def _refused(source: str, kind: str, message: str) -> Document:
    at = Place(line=1, column=1, end_line=1, end_column=2)
    return Document(source=source, data=None, findings=(located(source, "", kind, message, at),), format="notebook")

"""Rows as CSV (RFC 4180): plain numbers, one header."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from lstm_shapes.render.escape import csv as escaped
from lstm_shapes.symbolic.size import Size


def render(headers: Sequence[str], rows: Iterable[Sequence[str | Size | None]]) -> str:
    """Text is escaped, numbers are not, what is not known is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(headers)
    writer.writerows(
        [cell if isinstance(cell, int) else "" if cell is None else escaped(str(cell)) for cell in row] for row in rows
    )
    return out.getvalue()

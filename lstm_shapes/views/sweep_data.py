"""A sweep as CSV and JSON: made for a million points, so columns are written whole."""

from __future__ import annotations

import json

from lstm_shapes.analysis.report import FORMAT_VERSION
from lstm_shapes.analysis.sweep import Sweep
from lstm_shapes.render.escape import csv as escaped
from lstm_shapes.views.sweep import headers


def csv(found: Sweep) -> str:
    """RFC 4180; a point that makes no model has empty cells."""
    lines = [",".join(map(escaped, headers(found)))]
    lines += [",".join(["" if one is None else str(one) for one in row]) for row in found.rows()]
    return "\r\n".join(lines) + "\r\n"


def as_json(found: Sweep) -> str:
    """One object: the formulas, and ``rows`` under ``columns``; null where a point makes no model."""
    head = {
        "format_version": FORMAT_VERSION,
        "source": found.source,
        "axes": {name: len(values) for name, values in found.axes.items()},
        "formulas": {
            column.name: {"formula": column.formula if isinstance(column.formula, int) else str(column.formula),
                          "per": column.per or None}
            for column in found.columns
        },
        "notes": list(found.notes),
        "columns": [*found.axes, *(column.name for column in found.columns)],
    }  # fmt: skip
    rows = ",\n  ".join("[" + ", ".join(["null" if one is None else str(one) for one in row]) + "]"
                        for row in found.rows())  # fmt: skip
    return json.dumps(head, indent=1).removesuffix("\n}") + f',\n "rows": [\n  {rows}\n ]\n}}\n'

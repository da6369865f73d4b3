"""The output of ``check --show-files``: a path a line, for other programs to read."""

from __future__ import annotations

from lstm_shapes.analysis.report import FORMAT_VERSION
from lstm_shapes.render.escape import terminal
from lstm_shapes.render.view import Data, View


def view(names: tuple[str, ...]) -> View:
    """The list in each of its formats."""
    return {
        "text": lambda: "".join(f"{terminal(name)}\n" for name in names),
        "json": lambda: Data({"format_version": FORMAT_VERSION, "files": list(names)}),
    }

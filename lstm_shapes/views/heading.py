"""The first line of a page about a model: its file, its name and its framework."""

from __future__ import annotations

from lstm_shapes.frameworks import FRAMEWORKS


def heading(source: str, name: str, framework: str = "") -> str:
    """The first line of a model's page.

    >>> heading("model.yaml", "sentiment", "keras")
    'model.yaml: sentiment (Keras 3)'
    """
    title = f" ({FRAMEWORKS[framework].title})" if framework else ""
    return f"{source}: {name}{title}" if name else f"{source}{title}"

"""The first line of a page about a model: its file, its name and its framework."""

from __future__ import annotations

from lstm_shapes.frameworks import FRAMEWORKS


def heading(source: str, name: str, framework: str = "", version: str = "") -> str:
    """The first line of a model's page; ``version`` is that of the program that wrote the file.

    >>> heading("model.yaml", "sentiment", "keras")
    'model.yaml: sentiment (Keras 3)'
    >>> heading("model.h5", "", "keras", "2.2.4")
    'model.h5 (Keras, written by 2.2.4)'
    """
    title = f" ({FRAMEWORKS[framework].title})" if framework else ""
    if version and framework:
        title = f" ({FRAMEWORKS[framework].title.rstrip(' 0123456789')}, written by {version})"
    return f"{source}: {name}{title}" if name else f"{source}{title}"

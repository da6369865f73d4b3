"""Objects of classes that are models: the layers that their attributes hold, and what their forward pass does."""

from __future__ import annotations

from lstm_shapes.importers.script.run import Run
from lstm_shapes.importers.script.spec_writer import Writer
from lstm_shapes.importers.script.values import Instance, Tensor


def instance_graph(run: Run, instance: Instance) -> tuple[Writer, list[Tensor]] | None:
    """The graph of an object of a class that is a model."""
    return None

"""``check --checkpoint``: the model that is checked, in the framework of a checkpoint, compared with its weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lstm_shapes.checking.run import BadCheckpoint, More, read_imported
from lstm_shapes.checking.settings import Settings
from lstm_shapes.findings.finding import Finding
from lstm_shapes.rules.checkpoint import checkpoint
from lstm_shapes.spec import reader as spec
from lstm_shapes.spec.imported import Imported
from lstm_shapes.spec.reading import Reading


def against(models: Sequence[Imported]) -> More:
    """A function that finds where a model differs from the weights of these, the models of one file.

    Raises ``BadCheckpoint`` where the file has no weights.
    """
    readings = [spec.read_imported(imported) for imported in models]
    for reading in readings:
        problem = next(iter(reading.findings), None)
        if reading.inferred is None:
            raise BadCheckpoint(problem.message if problem else "no model")

    def differences(reading: Reading, settings: Settings) -> Iterator[Finding]:
        if reading.model is None:
            return
        others = _chosen(readings, reading.model.name)
        if reading.imported and others[0].model:
            reading = read_imported(reading.imported, settings._replace(override_framework=others[0].model.framework))
        yield from checkpoint(reading, others)

    return differences


def _chosen(readings: Sequence[Reading], name: str) -> Sequence[Reading]:
    """The model of the file with this name, a class `Encoder` as well as `encoder`, where there is one; else all."""
    wanted = name.casefold()
    named = [reading for reading in readings if reading.imported and reading.imported.name.casefold() == wanted]
    return named[:1] or readings

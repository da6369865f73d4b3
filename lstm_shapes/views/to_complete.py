"""What ``inspect`` of a checkpoint ends with: the spec to complete, as weights say nothing of the rest of a model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lstm_shapes.render import yaml
from lstm_shapes.spec.reading import Reading
from lstm_shapes.spec.writer import written

MAX_LAYERS = 40
"""How many layers are shown; ``convert`` writes all."""
_KINDS = ("torch", "safetensors")


def parts(reading: Reading) -> Iterator[str]:
    """The spec of a checkpoint without what cannot be known, and what to add; nothing for other models."""
    imported = reading.imported
    data = reading.document.data
    if imported is None or imported.kind not in _KINDS or not isinstance(data, dict):
        return
    layers = data["layers"]
    spec = {"framework": "torch", "timesteps": "T", "layers": [_entry(layer) for layer in layers[:MAX_LAYERS]]}
    yield "the spec to complete: bring the layers into their order, add what is between them, and say what enters"
    yield from yaml.written(written(spec)).splitlines()
    if layers[MAX_LAYERS:]:
        rest = f"{len(layers) - MAX_LAYERS:,} more layers"
        yield f"and {rest}; `lstm-shapes convert FILE --to yaml` writes all"


def _entry(layer: dict[str, Any]) -> dict[str, Any]:
    """A layer that reads the layer above it."""
    return {key: value for key, value in layer.items() if key != "inputs"}

"""The cost of a model as plain data; estimates stand apart, each with its assumption."""

from __future__ import annotations

from typing import Any

from lstm_shapes.analysis.cost import CONVENTIONS, KEPT, MOVED, PEAK, cost, intensity, layers, peak_bytes, reported
from lstm_shapes.analysis.growth import growth
from lstm_shapes.spec.reading import Reading
from lstm_shapes.symbolic.size import Size
from lstm_shapes.views.cost import steps_of, width


def model(reading: Reading, convention: str) -> dict[str, Any]:
    """What ``--cost`` and ``--convention`` say; null stands for what is not known."""
    steps, bytes_ = steps_of(reading), width(reading)
    whole, moved = cost(steps, bytes_), intensity(steps, bytes_) if steps else None
    rows = layers(steps, bytes_)
    tool = CONVENTIONS.get(convention)
    return {
        "macs": _size(whole.macs) if steps else None,
        "flops": _size(whole.flops) if steps else None,
        "state_bytes": _size(whole.state_bytes) if steps else None,
        "layers": [
            {"name": name, "macs": _size(one.macs), "flops": _size(one.flops), "state_bytes": _size(one.state_bytes)}
            for name, one in rows.items()
        ],
        "estimates": {
            "training_bytes": {"value": _size(whole.kept) if steps else None, "assumes": KEPT},
            "inference_peak_bytes": {"value": peak_bytes(steps, bytes_) if steps else None, "assumes": PEAK},
            "flops_per_byte": {"flops": moved and moved[0], "bytes": moved and moved[1], "assumes": MOVED},
        },
        "growth": [{"what": row.what, "params": _size(row.params), "macs": _size(row.macs)} for row in growth(reading)],
        "convention": tool
        and {"name": convention, "tool": tool.tool, "unit": tool.unit, "says": tool.says,
             "reported": _size(reported(steps, convention)) if steps else None},
    }  # fmt: skip


def _size(size: Size | None) -> int | str | None:
    return size if size is None or isinstance(size, int) else str(size)

"""What ``inspect --cost`` and ``--convention`` add."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lstm_shapes.analysis.cost import (
    CONVENTIONS,
    KEPT,
    MOVED,
    PEAK,
    Cost,
    cost,
    intensity,
    layers,
    peak_bytes,
    reported,
)
from lstm_shapes.analysis.growth import growth
from lstm_shapes.graph.shape_inference import Step, infer_shapes
from lstm_shapes.render.json import plain_size
from lstm_shapes.render.page import Table, number
from lstm_shapes.spec.keys import DTYPES
from lstm_shapes.spec.reading import Reading

HEADERS = ("macs", "flops", "state bytes")


def steps_of(reading: Reading) -> tuple[Step, ...]:
    """The steps of what was read; none when nothing could be, or a part of it could not."""
    return infer_shapes(reading.model.graph, reading.model.shapes) if reading.model and not reading.unread else ()


def width(reading: Reading) -> int:
    """The bytes of a number."""
    return DTYPES[reading.model.dtype] if reading.model else 0


def columns(reading: Reading) -> Mapping[str, tuple[str, ...]]:
    """The cells of each layer, by name."""
    found = layers(steps_of(reading), width(reading))
    return {name: _cells(one) for name, one in found.items()}


def _cells(one: Cost) -> tuple[str, ...]:
    return number(one.macs), number(one.flops), number(one.state_bytes)


def lines(reading: Reading) -> Iterator[str]:
    """The sums, then the estimates, each with what it assumes."""
    steps, bytes_ = steps_of(reading), width(reading)
    if not steps:
        return
    whole = cost(steps, bytes_)
    yield f"flops (2 x macs): {number(whole.flops)}; state bytes: {number(whole.state_bytes)}"
    yield f"estimate, bytes kept for training: {number(whole.kept)} (assumes: {KEPT})"
    peak, moved = peak_bytes(steps, bytes_), intensity(steps, bytes_)
    open_ = "needs numbers for all sizes"
    yield f"estimate, peak bytes of inference: {open_ if peak is None else number(peak)} (assumes: {PEAK})"
    tenths = moved[0] * 10 // moved[1] if moved else 0
    ratio = f"{tenths // 10:,}.{tenths % 10} flops a byte" if moved else open_
    yield f"estimate, arithmetic intensity: {ratio} (assumes: {MOVED})"


def growing(reading: Reading) -> Table:
    """What doubles when a size doubles."""
    rows = tuple((row.what, number(row.params), number(row.macs)) for row in growth(reading))
    return Table(headers=("growth", "params", "macs"), rows=rows, numbers=frozenset(("params", "macs")))


def convention(reading: Reading, name: str) -> Iterator[str]:
    """What a tool reports for the model, and what is wrong with that."""
    steps, one = steps_of(reading), CONVENTIONS[name]
    if steps:
        count = reported(steps, name)
        known = "not known: a layer that PyTorch lacks or no form is about" if count is None else number(count)
        yield f"{one.tool} reports {known} {one.unit} (convention {name})" if count is not None else f"{name}: {known}"
        yield f"{name}: {one.says}"


def data(reading: Reading, convention: str) -> dict[str, Any]:
    """The cost as JSON data: null where unknown, the estimates apart, each with its assumption."""
    steps, bytes_ = steps_of(reading), width(reading)
    total, moved = cost(steps, bytes_), intensity(steps, bytes_) if steps else None
    costs = layers(steps, bytes_)
    return {
        **(_cost_data(total) if steps else dict.fromkeys(("macs", "flops", "state_bytes"))),
        "layers": [{"name": name, **_cost_data(layer_cost)} for name, layer_cost in costs.items()],
        "estimates": {
            "training_bytes": {"value": plain_size(total.kept) if steps else None, "assumes": KEPT},
            "inference_peak_bytes": {"value": peak_bytes(steps, bytes_) if steps else None, "assumes": PEAK},
            "flops_per_byte": {"flops": moved and moved[0], "bytes": moved and moved[1], "assumes": MOVED},
        },
        "growth": [
            {"what": row.what, "params": plain_size(row.params), "macs": plain_size(row.macs)}
            for row in growth(reading)
        ],
        "convention": _convention_data(steps, convention) if convention else None,
    }


def _cost_data(cost: Cost) -> dict[str, Any]:
    return {
        "macs": plain_size(cost.macs),
        "flops": plain_size(cost.flops),
        "state_bytes": plain_size(cost.state_bytes),
    }


def _convention_data(steps: tuple[Step, ...], name: str) -> dict[str, Any]:
    tool = CONVENTIONS[name]
    return {
        "name": name,
        "tool": tool.tool,
        "unit": tool.unit,
        "says": tool.says,
        "reported": plain_size(reported(steps, name)) if steps else None,
    }

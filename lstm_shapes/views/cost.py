"""What ``inspect --cost`` and ``--convention`` add."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lstm_shapes.analysis.cost import (
    ACTIVATIONS,
    CONVENTIONS,
    MOVED,
    PEAK,
    Cost,
    growth,
    intensity,
    layers,
    model_cost,
    peak_bytes,
    reported,
)
from lstm_shapes.graph.lengths import packed
from lstm_shapes.graph.shape_inference import Inferred
from lstm_shapes.render.json import plain_size
from lstm_shapes.render.page import Table, memory, number
from lstm_shapes.spec.reading import Reading
from lstm_shapes.symbolic.size import Size

HEADERS = ("macs", "flops", "state bytes")


def _inferred(reading: Reading) -> Inferred | None:
    """The model, unless a part of it could not be read: its cost would leave that out."""
    return None if reading.unread else reading.inferred


def columns(reading: Reading) -> Mapping[str, tuple[str, ...]]:
    """The cells of each layer, by name."""
    inferred = _inferred(reading)
    costs = layers(inferred) if inferred else {}
    return {name: (number(row.macs), number(row.flops), memory(row.state_bytes)) for name, row in costs.items()}


def rows(reading: Reading) -> Mapping[str, tuple[Size | None, Size | None]]:
    """FLOPs and bytes of states of each layer, by name."""
    inferred = _inferred(reading)
    costs = layers(inferred) if inferred else {}
    return {name: (row.flops, row.state_bytes) for name, row in costs.items()}


def parts(reading: Reading, name: str, *, cost: bool) -> tuple[Table | str, ...]:
    """What ``--cost`` and the convention called ``name`` add below the totals."""
    table = growing(reading) if cost else None
    lines_and_table = (*lines(reading), *([table] if table and table.rows else [])) if cost else ()
    return (*lines_and_table, *(convention(reading, name) if name else ()))


def lines(reading: Reading) -> Iterator[str]:
    """The sums, then the estimates, each with what it assumes."""
    inferred = _inferred(reading)
    if inferred is None:
        return
    total = model_cost(inferred)
    yield from _lengths(inferred)
    yield f"flops (2 x macs): {number(total.flops)}; state bytes: {memory(total.state_bytes)}"
    yield f"estimate, activation memory in bytes: {memory(total.activation_bytes)} (assumes: {ACTIVATIONS})"
    peak, moved = peak_bytes(inferred), intensity(inferred)
    symbolic = "needs numbers for all sizes" if inferred.known else "unknown"
    yield f"estimate, peak bytes of inference: {symbolic if peak is None else memory(peak)} (assumes: {PEAK})"
    tenths = moved[0] * 10 // moved[1] if moved else 0
    ratio = f"{tenths // 10:,}.{tenths % 10} flops a byte" if moved else symbolic
    yield f"estimate, arithmetic intensity: {ratio} (assumes: {MOVED})"


def _lengths(inferred: Inferred) -> Iterator[str]:
    """What the recurrent layers compute of a padded batch."""
    answer = packed(inferred)
    if answer is None:
        return
    yield f"lengths: {answer.steps:,} of {answer.padded_steps:,} timesteps, the others are padding"
    wasted = number(answer.padded_macs - answer.macs)
    names = ", ".join(layer.name for layer in answer.layers)
    yield (
        f"macs of {names}: {number(answer.macs)} on these, {number(answer.padded_macs)} with the padding, "
        f"{wasted} of them wasted"
    )
    if answer.unclear:
        yield f"lengths: not clear for {', '.join(answer.unclear)}, whose timesteps are made of the input's"


def growing(reading: Reading) -> Table:
    """What doubles when a size doubles."""
    inferred = _inferred(reading)
    doubled = growth(inferred) if inferred else ()
    rows = tuple((row.what, number(row.params), number(row.macs)) for row in doubled)
    return Table(headers=("growth", "params", "macs"), rows=rows, numbers=frozenset(("params", "macs")))


def convention(reading: Reading, name: str) -> Iterator[str]:
    """What a tool reports for the model, and what is wrong with that."""
    inferred, tool = _inferred(reading), CONVENTIONS[name]
    if inferred is None:
        return
    count = reported(inferred, name)
    if count is None:
        yield f"{name}: not known: a layer that PyTorch lacks or no form is about"
    else:
        yield f"{tool.tool} reports {number(count)} {tool.unit} (convention {name})"
    yield f"{name}: {tool.says}"
    if inferred.model.lengths:
        yield f"{name}: of the padded batch; what it reports for a packed one is not known"


def data(reading: Reading, convention: str) -> dict[str, Any]:
    """The cost as JSON data: null where unknown, the estimates apart, each with its assumption."""
    inferred = _inferred(reading)
    total = model_cost(inferred) if inferred else Cost(None, None, None, None)
    moved = intensity(inferred) if inferred else None
    return {
        **_cost_data(total),
        "layers": [{"name": name, **_cost_data(row)} for name, row in (layers(inferred) if inferred else {}).items()],
        "estimates": {
            "training_bytes": {"value": plain_size(total.activation_bytes), "assumes": ACTIVATIONS},
            "inference_peak_bytes": {"value": peak_bytes(inferred) if inferred else None, "assumes": PEAK},
            "flops_per_byte": {"flops": moved and moved[0], "bytes": moved and moved[1], "assumes": MOVED},
        },
        "growth": [
            {"what": row.what, "params": plain_size(row.params), "macs": plain_size(row.macs)}
            for row in (growth(inferred) if inferred else ())
        ],
        "lengths": _lengths_data(inferred) if inferred else None,
        "convention": _convention_data(inferred, convention) if convention else None,
    }


def _cost_data(cost: Cost) -> dict[str, Any]:
    return {
        "macs": plain_size(cost.macs),
        "flops": plain_size(cost.flops),
        "state_bytes": plain_size(cost.state_bytes),
    }


def _lengths_data(inferred: Inferred) -> dict[str, Any] | None:
    answer = packed(inferred)
    return answer and {
        "steps": answer.steps,
        "padded_steps": answer.padded_steps,
        "macs": plain_size(answer.macs),
        "padded_macs": plain_size(answer.padded_macs),
        "wasted_macs": plain_size(answer.padded_macs - answer.macs),
        "layers": [
            {"name": row.name, "macs": plain_size(row.macs), "padded_macs": plain_size(row.padded_macs)}
            for row in answer.layers
        ],
        "not_clear": list(answer.unclear),
    }


def _convention_data(inferred: Inferred | None, name: str) -> dict[str, Any]:
    tool = CONVENTIONS[name]
    return {
        "name": name,
        "tool": tool.tool,
        "unit": tool.unit,
        "says": tool.says,
        "reported": plain_size(reported(inferred, name)) if inferred else None,
    }

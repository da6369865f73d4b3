"""What ``inspect`` says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lstm_shapes.analysis.report import FORMAT_VERSION, LayerRow, Named, Report
from lstm_shapes.frameworks.layout import Tensor
from lstm_shapes.render.json import plain_shape, plain_size
from lstm_shapes.render.page import UNKNOWN, Page, Table, dimensions, number
from lstm_shapes.symbolic.size import Size, readable, shown
from lstm_shapes.views import findings
from lstm_shapes.views.heading import heading

Costs = tuple[tuple[str, ...], Mapping[str, tuple[str, ...]]]
"""Headers of further columns, and their cells by layer name."""


def page(
    report: Report,
    *,
    weights: bool = False,
    confirmed: Mapping[str, str] | None = None,
    verdict: str = "",
    costs: Costs | None = None,
    said: tuple[Table | str, ...] = (),
) -> Page:
    """The layers with shapes, parameters and formulas, then the totals.

    ``confirmed`` adds a column, by layer name, and ``verdict`` a last line: what a run said of it. ``costs`` adds
    columns, ``said`` lines.
    """
    parts: list[Table | str] = [layers(report, confirmed, costs)] if report.layers else ["no layer could be read"]
    if weights and report.layers:
        parts.append(tensors(report))
    parts += [*totals(report), *said, *([verdict] if verdict else [])]
    return Page(heading=heading(report.source, report.name, report.framework), parts=tuple(parts))


def layers(report: Report, confirmed: Mapping[str, str] | None = None, costs: Costs | None = None) -> Table:
    """A row a layer, those of a nested model indented under it."""
    headers: tuple[str, ...] = ("layer", "type", "output", "params", "formula")
    rows = [_row(row, depth) for row, depth in _walk(report.layers, 0)]
    names = [row.name if not depth else "" for row, depth in _walk(report.layers, 0)]
    added = costs[0] if costs else ()
    if costs is not None:
        headers = (*headers, *added)
        rows = [(*row, *costs[1].get(name, ("",) * len(added))) for row, name in zip(rows, names, strict=True)]
    if confirmed is not None:
        headers = (*headers, "confirmed")
        rows = [(*row, confirmed.get(name, "")) for row, name in zip(rows, names, strict=True)]
    return Table(headers=headers, rows=tuple(rows), numbers=frozenset(("params", *added)))


def _walk(rows: tuple[LayerRow, ...], depth: int) -> Iterator[tuple[LayerRow, int]]:
    for row in rows:
        yield row, depth
        yield from _walk(row.layers, depth + 1)


def _row(row: LayerRow, depth: int) -> tuple[str, ...]:
    calls = f" (called {row.calls} times)" if row.calls > 1 else ""
    declared = " (declared)" if row.declared else ""
    name = f"{'  ' * depth}{row.name}{calls}"
    formula = row.formula or "" if row.params else ""
    return (name, row.type, outputs(row.outputs), number(row.params) + declared, formula)


def outputs(named: tuple[Named, ...]) -> str:
    """The main output plain, the others by name."""
    texts = (
        dimensions(output.shape) if output.name == "output" else f"{output.name} {dimensions(output.shape)}"
        for output in named
    )
    return ", ".join(texts) or UNKNOWN


def tensors(report: Report) -> Table:
    """A row for every tensor, as the framework names and orders them."""
    rows = tuple(
        (row.name, one.name, one.axes, shown(one.shape), readable(one.params), "" if one.trainable else "frozen")
        for row in report.layers
        for one in row.weights
    )
    gates = {" ".join(one.gates) for row in report.layers for one in row.weights if "gate" in one.axes}
    title = f"gates in the order: {'; '.join(sorted(gates))}" if gates else ""
    headers = ("layer", "tensor", "axes", "shape", "params", "")
    return Table(headers=headers, rows=rows, numbers=frozenset(("params",)), title=title)


def totals(report: Report) -> Iterator[str]:
    """The sums, saying what they leave out."""
    sums = report.totals
    known = [row for row in report.layers if row.params is not None]
    if not known:
        return
    left_out = _left_out(sums.unknown)
    size = f", {readable(sums.param_bytes)} bytes as {report.dtype}"
    yield f"total params: {_at_least(sums.params, left_out, size)}"
    if sums.non_trainable_params != 0:
        frozen = readable(sums.non_trainable_params)
        yield f"trainable params: {readable(sums.trainable_params)}, non-trainable: {frozen}"
    yield f"macs (matmul, whole batch, all timesteps): {_at_least(sums.macs, _left_out(sums.unknown_macs))}"


def _left_out(count: int) -> str:
    return f" ({count} layer{'s' * (count > 1)} unknown)" if count else ""


def _at_least(size: Size, left_out: str, more: str = "") -> str:
    return f"at least {readable(size)}{more}{left_out}" if left_out else f"{readable(size)}{more}"


def data(report: Report) -> dict[str, Any]:
    """The report as JSON data."""
    sums = report.totals
    return {
        "format_version": FORMAT_VERSION,
        "source": report.source,
        "name": report.name,
        "framework": report.framework,
        "complete": report.complete,
        "inputs": [_named_data(row) for row in report.inputs],
        "layers": [_layer_data(row) for row in report.layers],
        "outputs": [_named_data(row) for row in report.outputs],
        "totals": {
            "params": plain_size(sums.params),
            "trainable_params": plain_size(sums.trainable_params),
            "non_trainable_params": plain_size(sums.non_trainable_params),
            "param_bytes": plain_size(sums.param_bytes),
            "macs": plain_size(sums.macs),
            "unknown_layers": sums.unknown,
        },
        "findings": [findings.data(finding) for finding in report.findings],
    }


def _layer_data(row: LayerRow) -> dict[str, Any]:
    nested = {"layers": [_layer_data(inner) for inner in row.layers]} if row.layers else {}
    return {
        "name": row.name,
        "type": row.type,
        "path": row.path,
        "inputs": [plain_shape(shape) for shape in row.inputs],
        "outputs": [_named_data(output) for output in row.outputs],
        "params": plain_size(row.params),
        "trainable_params": plain_size(row.trainable_params),
        "formula": row.formula,
        "macs": plain_size(row.macs),
        "dtype": row.dtype,
        "weights": [tensor_data(tensor) for tensor in row.weights],
        "calls": row.calls,
        "declared": row.declared,
        **nested,
    }


def tensor_data(tensor: Tensor) -> dict[str, Any]:
    """A weight tensor as JSON data."""
    return {
        "name": tensor.name,
        "shape": plain_shape(tensor.shape),
        "params": plain_size(tensor.params),
        "trainable": tensor.trainable,
        "axes": tensor.axes,
    }


def _named_data(row: Named) -> dict[str, Any]:
    return {"name": row.name, "shape": plain_shape(row.shape)}

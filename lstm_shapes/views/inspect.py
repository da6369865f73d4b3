"""What ``inspect`` says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lstm_shapes.analysis.report import LayerRow, Named, Report
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.render.page import Page, Table
from lstm_shapes.symbolic.size import Size, readable, shown

UNKNOWN = "unknown"
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


def heading(source: str, name: str, framework: str) -> str:
    """``model.yaml: sentiment (Keras 3)``."""
    title = f" ({FRAMEWORKS[framework].title})" if framework else ""
    return f"{source}: {name}{title}" if name else f"{source}{title}"


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
    texts = (shape(one) if one.name == "output" else f"{one.name} {shape(one)}" for one in named)
    return ", ".join(texts) or UNKNOWN


def shape(one: Named) -> str:
    """A shape, or the word for one that is not known."""
    return UNKNOWN if one.shape is None else shown(one.shape)


def number(size: Size | None) -> str:
    """A count with its thousands separated, or the word for one that is not known."""
    return UNKNOWN if size is None else readable(size)


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

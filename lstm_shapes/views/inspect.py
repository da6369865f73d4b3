"""The output of ``inspect``: page, JSON and CSV, with what --verify, --cost and --convention add."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lstm_shapes.analysis.report import FORMAT_VERSION, LayerRow, Named, Report, Totals
from lstm_shapes.frameworks.layout import Tensor
from lstm_shapes.layers.phrases import count_of
from lstm_shapes.render.json import plain_shape, plain_size
from lstm_shapes.render.page import UNKNOWN, Page, Table, dimensions, number
from lstm_shapes.render.view import Rows, View, one_or_many, usual
from lstm_shapes.symbolic.size import Size, readable, readable_bytes, shown
from lstm_shapes.views import findings
from lstm_shapes.views.heading import heading

if TYPE_CHECKING:
    from lstm_shapes.analysis.verify.verification import Verification
    from lstm_shapes.spec.reading import Reading


@dataclass(frozen=True, kw_only=True)
class Additions:
    """What options add to the report of a model: the outcome of ``--verify``, the cost, a tool's convention."""

    reading: Reading
    verification: Verification | None = None
    cost: bool = False
    convention: str = ""


Columns = tuple[tuple[str, ...], Mapping[str, tuple[str, ...]]]
"""Headers of further columns, and their cells by layer name."""


def view(reports: Sequence[Report], additions: Sequence[Additions], *, weights: bool) -> View:
    """The reports in every format; ``additions`` has an entry for each."""
    pairs = list(zip(reports, additions, strict=True))
    return usual(
        lambda: tuple(page(report, weights=weights, added=added) for report, added in pairs),
        lambda: one_or_many([data(report, added) for report, added in pairs]),
        lambda: _tensor_rows(reports) if weights else _layer_rows(pairs),
    )


def page(report: Report, *, weights: bool = False, added: Additions | None = None) -> Page:
    """The layers with shapes, parameters and formulas, then the totals, then what the options add."""
    title = heading(report.source, report.name, report.framework, report.source_version)
    if nothing := _nothing_computed(report):
        return Page(
            heading=title,
            parts=(nothing, *_verdict(added)),
        )
    columns: list[Columns] = []
    below: list[Table | str] = []
    if added and (added.cost or added.convention):
        from lstm_shapes.views import cost

        if added.cost:
            columns.append((cost.HEADERS, cost.columns(added.reading)))
        below += cost.parts(added.reading, added.convention, cost=added.cost)
    if added and added.verification:
        from lstm_shapes.views import verify

        columns.append((("confirmed",), verify.column(added.verification)))
    below += _verdict(added)
    parts: list[Table | str] = [layers(report, columns)]
    if weights:
        parts.append(tensors(report))
    parts += [*totals(report), *_notes(report), *below, *_to_complete(report, added)]
    return Page(heading=title, parts=tuple(parts))


def _notes(report: Report) -> Iterator[str]:
    """What symbols stand for, what had to be assumed of a file of another kind, and what it does not say."""
    for name, text, line in (symbol for symbol in report.symbols if symbol[0] != symbol[1]):
        yield f"{name} = {text} (line {line})" if line else f"{name} = {text}"
    for note in report.notes:
        yield f"note: {note}"


def _to_complete(report: Report, added: Additions | None) -> Iterator[str]:
    """The spec to complete, where the file has weights and no more."""
    if added and report.source_kind in ("torch", "safetensors"):
        from lstm_shapes.views import to_complete

        yield from to_complete.parts(added.reading)


def _verdict(added: Additions | None) -> Iterator[str]:
    """What ``verify`` says of the model, in the same words."""
    if added and added.verification:
        from lstm_shapes.views import verify

        yield verify.verdict(added.verification)


def _nothing_computed(report: Report) -> str:
    """That no figure of a model is known, for want of a table that says so in every cell; '' where one is."""
    errors = sum(finding.severity == "error" for finding in report.findings)
    if not errors or any(row.params is not None or row.outputs for row, _ in _walk(report.layers, 0)):
        return ""
    reason = f"it has {errors:,} error{'s' * (errors > 1)}"
    if not report.layers:
        return f"no layer could be read: {reason}"
    which = f"the {len(report.layers):,} layers" if report.layers[1:] else report.layers[0].name
    return f"output shapes, params and macs of {which} could not be computed: {reason}"


def layers(report: Report, columns: Sequence[Columns] = ()) -> Table:
    """A row for each layer, those of a nested model indented under it; ``columns`` are added on the right."""
    headers: tuple[str, ...] = ("layer", "type", "output", "params", "formula")
    numbers = {"params"}
    rows = []
    chain = _is_chain(report.layers, tuple(named.name for named in report.inputs))
    if not chain:
        headers = (*headers[:2], "reads", *headers[2:])
    for row, depth in _walk(report.layers, 0):
        cells = _row(row, depth)
        if not chain:
            cells = (*cells[:2], "; ".join(", ".join(call) for call in row.reads) or UNKNOWN, *cells[2:])
        for added, by_layer in columns:
            cells += by_layer.get("" if depth else row.name, ("",) * len(added))
        rows.append(cells)
    for added, _ in columns:
        headers += added
        numbers |= set(added) - {"confirmed"}
    folds = ("formula", "confirmed", "state bytes", "flops", "macs", "reads", "output", "type")
    return Table(headers=headers, rows=tuple(rows), numbers=frozenset(numbers), folds=folds)


def _is_chain(rows: tuple[LayerRow, ...], inputs: tuple[str, ...] = ()) -> bool:
    """Whether each layer reads the layer above it and the first the only input; of a row without ``reads`` it may."""
    if rows and all(name == UNKNOWN for row in rows for call in row.reads for name in call):
        return True  # nothing is known of what layers read, and a column would say that of each
    above = inputs or (rows[0].reads[0] if rows and rows[0].reads else ())
    for row in rows:
        if len(above) != 1 or row.reads not in ((above,), ()) or not _is_chain(row.layers):
            return False
        above = (row.name,)
    return True


def _walk(rows: tuple[LayerRow, ...], depth: int) -> Iterator[tuple[LayerRow, int]]:
    for row in rows:
        yield row, depth
        yield from _walk(row.layers, depth + 1)


def _row(row: LayerRow, depth: int) -> tuple[str, ...]:
    calls = f" (called {row.calls} times)" if row.calls > 1 else ""
    declared = " (declared)" if row.declared else ""
    name = f"{'  ' * depth}{row.name}{calls}"
    formula = row.formula or "" if row.params else ""
    if row.tied_to:
        formula = ", ".join(f"{weight} tied to {source}" for weight, source in row.tied_to)
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
        (
            row.name,
            weight.name,
            weight.axes,
            shown(weight.shape),
            readable(weight.params),
            _standing(weight),
        )
        for row in report.layers
        for weight in row.weights
    )
    gates = {" ".join(weight.gates) for row in report.layers for weight in row.weights if "gate" in weight.axes}
    title = f"gates in the order: {'; '.join(sorted(gates))}" if gates else ""
    headers = ("layer", "tensor", "axes", "shape", "params", "")
    return Table(headers=headers, rows=rows, numbers=frozenset(("params",)), title=title, folds=("axes",))


def _standing(tensor: Tensor) -> str:
    """What training does to a tensor, where it is no gradient."""
    if tensor.buffer:
        return "buffer"
    return "" if tensor.trainable else "frozen"


def totals(report: Report) -> Iterator[str]:
    """The sums, saying what they leave out."""
    sums = report.totals
    counted = [row for row in report.layers if row.params is not None]
    if not counted:
        return
    left_out = _left_out(sums.unknown)
    size = f", {readable_bytes(sums.param_bytes_at_least, ' bytes')} as {report.dtype}"
    yield f"total params: {_at_least(sums.params_at_least, left_out, size)}"
    if sums.non_trainable_params_at_least != 0:
        trainable, frozen = sums.trainable_params_at_least, readable(sums.non_trainable_params_at_least)
        yield f"trainable params: {_at_least(trainable, left_out)}, non-trainable: {frozen}"
    if sums.buffers != 0:
        yield f"buffers, in neither the params nor their bytes: {count_of(sums.buffers, 'number')}"
    macs = _at_least(sums.macs_at_least, _left_out(sums.unknown_macs))
    yield f"macs (matmul, whole batch, all timesteps): {macs}"


def _left_out(count: int) -> str:
    return f" ({count} layer{'s' * (count > 1)} unknown)" if count else ""


def _at_least(size: Size, left_out: str, more: str = "") -> str:
    return f"at least {readable(size)}{more}{left_out}" if left_out else f"{readable(size)}{more}"


def data(report: Report, added: Additions | None = None) -> dict[str, Any]:
    """The report as JSON data."""
    sums = report.totals
    answer = {
        "format_version": FORMAT_VERSION,
        "source": report.source,
        "source_kind": report.source_kind,
        "source_version": report.source_version or None,
        "name": report.name.removesuffix(f" [{report.branch}]") if report.branch else report.name,
        **({"branch": report.branch} if report.branch else {}),
        "framework": report.framework,
        "complete": report.complete,
        "shapes_complete": report.shapes_complete,
        "inputs": [_named_data(row) for row in report.inputs],
        "layers": [_layer_data(row) for row in report.layers],
        "outputs": [_named_data(row) for row in report.outputs],
        "totals": _totals_data(sums),
        "notes": list(report.notes),
        "symbols": {name: {"source": text, "line": line} for name, text, line in report.symbols},
        "findings": [findings.data(finding) for finding in report.findings],
    }
    if added and added.verification:
        from lstm_shapes.views import verify

        answer["verification"] = verify.data(added.verification)
    if added and (added.cost or added.convention):
        from lstm_shapes.views import cost

        answer["cost"] = cost.data(added.reading, added.convention)
    return answer


def _totals_data(sums: Totals) -> dict[str, Any]:
    """Each sum, null where it leaves something out, then what it comes to at least."""
    return {
        "params": plain_size(sums.params),
        "trainable_params": plain_size(sums.trainable_params),
        "non_trainable_params": plain_size(sums.non_trainable_params),
        "param_bytes": plain_size(sums.param_bytes),
        "macs": plain_size(sums.macs),
        "params_at_least": plain_size(sums.params_at_least),
        "trainable_params_at_least": plain_size(sums.trainable_params_at_least),
        "non_trainable_params_at_least": plain_size(sums.non_trainable_params_at_least),
        "param_bytes_at_least": plain_size(sums.param_bytes_at_least),
        "macs_at_least": plain_size(sums.macs_at_least),
        "unknown_layers": sums.unknown,
        "buffers": plain_size(sums.buffers),
    }


def _layer_data(row: LayerRow) -> dict[str, Any]:
    nested: dict[str, Any] = {"layers": [_layer_data(inner) for inner in row.layers]} if row.layers else {}
    if row.tied_to:
        nested["tied_to"] = dict(row.tied_to)
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
        "buffers": plain_size(row.buffers),
        **nested,
    }


def tensor_data(tensor: Tensor) -> dict[str, Any]:
    """A weight tensor as JSON data."""
    return {
        "name": tensor.name,
        "shape": plain_shape(tensor.shape),
        "params": plain_size(tensor.params),
        "trainable": tensor.trainable,
        "buffer": tensor.buffer,
        "axes": tensor.axes,
    }


def _named_data(row: Named) -> dict[str, Any]:
    return {"name": row.name, "shape": plain_shape(row.shape)}


def _tensor_rows(reports: Sequence[Report]) -> Rows:
    headers = ("source", "layer", "tensor", "axes", "shape", "params", "trainable")
    return Rows(
        headers,
        [
            (
                report.source,
                row.name,
                tensor.name,
                tensor.axes,
                shown(tensor.shape),
                tensor.params,
                str(tensor.trainable).lower(),
            )
            for report in reports
            for row in report.layers
            for tensor in row.weights
        ],
    )


def _layer_rows(pairs: Sequence[tuple[Report, Additions]]) -> Rows:
    headers: tuple[str, ...] = (
        "source", "layer", "type", "path", "output", "params", "trainable_params", "formula", "macs"
    )  # fmt: skip
    if any(added.cost for _, added in pairs):
        headers += ("flops", "state_bytes")
    return Rows(headers, (cells for report, added in pairs for cells in _cells(report, added)))


def _cells(report: Report, added: Additions) -> Iterator[tuple[str | Size | None, ...]]:
    costs: Mapping[str, tuple[Size | None, ...]] = {}
    if added.cost:
        from lstm_shapes.views import cost

        costs = cost.rows(added.reading)
    for row in report.layers:
        counts = (row.params, row.trainable_params, row.formula, row.macs)
        more = costs.get(row.name, (None, None)) if added.cost else ()
        yield report.source, row.name, row.type, row.path, outputs(row.outputs), *counts, *more

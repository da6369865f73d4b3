"""Reports as JSON: sizes are integers where known, else text in the spec's notation; null stands for not known."""

from __future__ import annotations

import json
from typing import Any

from lstm_shapes.analysis.params import Params
from lstm_shapes.analysis.report import FORMAT_VERSION, LayerRow, Named, Report
from lstm_shapes.analysis.verify.verify import Verification
from lstm_shapes.findings.finding import Finding
from lstm_shapes.frameworks.layout import Tensor
from lstm_shapes.symbolic.size import Shape, Size


def render(data: list[dict[str, Any]], *, many: bool) -> str:
    """One object, or a list where several files were asked for."""
    return written(data if many else data[0])


def written(data: Any) -> str:
    """Plain data as JSON: ASCII alone and no lone surrogate, so that every reader takes it (RFC 7493).

    ``##[`` is a command to GitHub's runner wherever it stands in a line; inside a text it can be written otherwise.

    >>> written(["a\\udc80"])
    '[\\n "a\\\\\\\\udc80"\\n]\\n'
    """
    text = json.dumps(data, indent=1)
    if r"\ud" in text:
        text = json.dumps(_paired(data), indent=1)
    return text.replace("##[", r"#\u0023[") + "\n"


def _paired(data: Any) -> Any:
    """The data with each lone surrogate, such as a file name's byte that is not UTF-8, written as an escape."""
    match data:
        case str():
            return data.encode("utf-8", "backslashreplace").decode("utf-8")
        case dict():
            return {_paired(key): _paired(value) for key, value in data.items()}
        case list():
            return [_paired(value) for value in data]
    return data


def report(one: Report) -> dict[str, Any]:
    """The report of ``inspect``."""
    sums = one.totals
    return {
        "format_version": FORMAT_VERSION,
        "source": one.source,
        "name": one.name,
        "framework": one.framework,
        "complete": one.complete,
        "inputs": [_named(row) for row in one.inputs],
        "layers": [_layer(row) for row in one.layers],
        "outputs": [_named(row) for row in one.outputs],
        "totals": {
            "params": _size(sums.params),
            "trainable_params": _size(sums.trainable_params),
            "non_trainable_params": _size(sums.non_trainable_params),
            "param_bytes": _size(sums.param_bytes),
            "macs": _size(sums.macs),
            "unknown_layers": sums.unknown,
        },
        "findings": [finding(row) for row in one.findings],
    }


def _layer(row: LayerRow) -> dict[str, Any]:
    inner = {"layers": [_layer(one) for one in row.layers]} if row.layers else {}
    return {
        "name": row.name,
        "type": row.type,
        "path": row.path,
        "inputs": [_shape(one) for one in row.inputs],
        "outputs": [_named(one) for one in row.outputs],
        "params": _size(row.params),
        "trainable_params": _size(row.trainable_params),
        "formula": row.formula,
        "macs": _size(row.macs),
        "dtype": row.dtype,
        "weights": [tensor(one) for one in row.weights],
        "calls": row.calls,
        "declared": row.declared,
        **inner,
    }


def tensor(one: Tensor) -> dict[str, Any]:
    """A weight tensor."""
    return {
        "name": one.name,
        "shape": _shape(one.shape),
        "params": _size(one.params),
        "trainable": one.trainable,
        "axes": one.axes,
    }


def finding(one: Finding) -> dict[str, Any]:
    """A finding; lines and columns count from 1."""
    place = one.place
    return {
        "id": one.id,
        "name": one.kind,
        "severity": one.severity,
        "message": one.message,
        "hint": one.hint,
        "source": one.source,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "end_line": place.end_line if place else None,
        "end_column": place.end_column if place else None,
        "layer": one.layer or None,
        "related": [
            {"message": row.message, "line": row.place and row.place.line, "column": row.place and row.place.column}
            for row in one.related
        ],
    }


def params(one: Params) -> dict[str, Any]:
    """The answer of ``params``."""
    return {
        "format_version": FORMAT_VERSION,
        "cell": one.cell,
        "framework": one.framework,
        "settings": dict(one.settings),
        "params": _size(one.total),
        "formula": one.formula,
        "worked": one.worked,
        "weights": [tensor(row) for row in one.weights],
        "gates": [
            {
                "name": gate.name,
                "params": _size(gate.params),
                "weights": {name: _size(share) for name, share in gate.shares},
            }
            for gate in one.gates
        ],
        "output": _shape(one.output),
        "output_sequences": _shape(one.sequence),
        "output_last": _shape(one.last),
        "states": [{"name": name, "shape": _shape(shape)} for name, shape in one.states],
        "macs": _size(one.macs),
        "notes": list(one.notes),
        "frameworks": {name: _size(count) for name, count in one.elsewhere.items()},
    }


def verification(one: Verification) -> dict[str, Any]:
    """The outcome of ``verify``."""
    return {
        "format_version": FORMAT_VERSION,
        "source": one.source,
        "name": one.name,
        "framework": one.framework,
        "verdict": one.verdict,
        "reason": one.reason,
        "seed": one.seed,
        "bindings": [dict(row) for row in one.bindings],
        "layers": [
            {
                "name": row.name,
                "type": row.type,
                "verdict": row.verdict,
                "checks": [
                    {
                        "kind": check.kind,
                        "predicted": check.predicted,
                        "observed": check.observed,
                        "agrees": check.agrees,
                    }
                    for check in row.checks
                ],
            }
            for row in one.layers
        ],
    }


def _size(size: Size | None) -> int | str | None:
    return size if size is None or isinstance(size, int) else str(size)


def _shape(shape: Shape) -> list[int | str | None]:
    return [_size(size) for size in shape]


def _named(one: Named) -> dict[str, Any]:
    return {"name": one.name, "shape": None if one.shape is None else _shape(one.shape)}

"""A difference between two models as JSON: sizes as in the report, differences as sizes of either sign."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lstm_shapes.analysis.diff.diff import Diff, Figure, LayerDiff, Reason
from lstm_shapes.analysis.report import FORMAT_VERSION
from lstm_shapes.symbolic.size import Shape, Size


def diff(one: Diff, *, since: str = "") -> dict[str, Any]:
    """One file's difference; null stands for what is not known, and for the side on which a layer is not."""
    return {
        "format_version": FORMAT_VERSION,
        "before": one.before or None,
        "after": one.after or None,
        "revision": since or None,
        "changed": not one.empty,
        "reasons": [_reason(row) for row in one.reasons],
        "layers": [_layer(row) for row in one.layers],
        "unchanged_layers": one.unchanged,
        "unknown_layers": one.unknown,
        "totals": _figures(one.totals),
    }


def _layer(one: LayerDiff) -> dict[str, Any]:
    return {
        "change": one.change,
        "name": one.name or None,
        "type": one.type,
        "path": one.path or None,
        "before_name": one.before_name or None,
        "before_path": one.before_path or None,
        "moved": one.moved,
        "outputs": {"before": _shapes(one.outputs[0]), "after": _shapes(one.outputs[1])},
        **_figures(one.figures),
        "reasons": [_reason(row) for row in one.reasons],
        "together": {"params": _size(one.together.params), "macs": _size(one.together.macs)},
    }


def _reason(one: Reason) -> dict[str, Any]:
    return {
        "what": one.what,
        "before": one.before,
        "after": one.after,
        "params": _size(one.params),
        "macs": _size(one.macs),
        "because": one.because or None,
    }


def _figures(figures: Mapping[str, Figure]) -> dict[str, Any]:
    return {
        name: {"before": _size(one.before), "after": _size(one.after), "difference": _size(one.difference)}
        for name, one in figures.items()
    }


def _shapes(shapes: tuple[Shape | None, ...]) -> list[list[int | str | None] | None]:
    return [None if shape is None else [_size(size) for size in shape] for shape in shapes]


def _size(size: Size | None) -> int | str | None:
    return size if size is None or isinstance(size, int) else str(size)

"""The differences that ``check --diff`` finds: a page, a line and JSON data for each file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lstm_shapes.analysis.diff.diff import Diff, Figure, LayerDiff, Total
from lstm_shapes.analysis.diff.reasons import Reason
from lstm_shapes.analysis.report import FORMAT_VERSION
from lstm_shapes.checking.outcome import Changes
from lstm_shapes.render.escape import terminal
from lstm_shapes.render.json import plain_shape, plain_size
from lstm_shapes.render.page import UNKNOWN, Page, Table, dimensions, memory, number
from lstm_shapes.symbolic.size import Size, binary, readable


def pages(changes: Changes) -> tuple[Page, ...]:
    """A page for each file that differs, and one of the files that could not be compared."""
    differing = [page(diff, since=changes.since) for diff in changes.diffs]
    reasons = tuple(f"{file.source}: {file.reason}" for file in changes.uncompared)
    return (*differing, *([Page(heading="not compared", parts=reasons)] if reasons else []))


def lines(changes: Changes) -> Iterator[str]:
    """A line for each file: ``model.yaml: params 4,032 -> 3,936 (-96)``, with the figures that changed."""
    for diff in changes.diffs:
        yield terminal(f"{_files(diff)}: {_summary(diff)}")
    for file in changes.uncompared:
        yield terminal(f"{file.source}: not compared: {file.reason}")


def _summary(diff: Diff) -> str:
    if diff.empty:
        return "nothing changed"
    if diff.unknown:
        return f"changed; the figures of {diff.unknown} changed layer{'s' * (diff.unknown != 1)} are unknown"
    names = ("params", "macs", "bytes")
    changed = [f"{name} {total_change(diff.totals[name], name)}" for name in names if _total_differs(diff.totals[name])]
    return ", ".join(changed) or "changed, with the same figures"


def _differs(figure: Figure) -> bool:
    return figure.before != figure.after


def page(diff: Diff, *, since: str = "") -> Page:
    """The layers that changed with shapes and figures, why, and the totals; ``since`` is the revision before."""
    parts: list[Table | str] = []
    if diff.empty:
        parts.append("nothing changed")
    parts += [str(reason) for reason in diff.reasons]
    if diff.layers:
        parts += [layers(diff), *([reasons(diff)] if any(layer.reasons for layer in diff.layers) else [])]
    if not diff.empty:
        parts += totals(diff.totals, diff.unknown)
    return Page(heading=heading(diff, since), parts=tuple(parts))


def heading(diff: Diff, since: str) -> str:
    """``model.yaml, changes since main`` or ``old.yaml -> new.yaml``."""
    return f"{_files(diff)}, changes since {since}" if since else _files(diff)


def _files(diff: Diff) -> str:
    model = f" ({diff.model})" if diff.model else ""
    if diff.before and diff.after and diff.before != diff.after:
        return f"{diff.before} -> {diff.after}{model}"
    return (diff.after or diff.before) + model


def layers(diff: Diff) -> Table:
    """A row for each layer that changed."""
    headers = ("layer", "change", "output", "params", "macs", "bytes")
    rows = []
    for layer in diff.layers:
        figures = [change(layer.figures[name], name) for name in ("params", "macs", "bytes")]
        rows.append((called(layer), kind(layer), outputs(layer), *figures))
    return Table(headers=headers, rows=tuple(rows), folds=("bytes", "macs", "output"))


def called(layer: LayerDiff) -> str:
    """A layer's name, and the name it had."""
    if layer.name and layer.before_name and layer.name != layer.before_name:
        return f"{layer.name} (was {layer.before_name})"
    return layer.name or layer.before_name


def kind(layer: LayerDiff) -> str:
    """What happened to a layer."""
    words = [layer.change] if layer.change != "changed" else []
    words += ["renamed"] * (layer.change == "changed" and layer.renamed) + ["moved"] * layer.moved
    return ", ".join(words) or "changed"


def outputs(layer: LayerDiff) -> str:
    """The output shape, or both where they differ."""
    before, after = (", ".join(dimensions(shape) for shape in side) for side in layer.outputs)
    return before or after if before == after or not before or not after else f"{before} -> {after}"


def change(figure: Figure, name: str = "") -> str:
    """``3,168 -> 3,072 (-96)``, or the figure that stayed; that of ``bytes`` also in KiB, MiB ..."""
    if not _differs(figure):
        return memory(figure.after) if name == "bytes" else number(figure.after)
    more = [] if figure.difference is None else [signed(figure.difference)]
    in_units = [binary(side) for side in figure if side is not None] if name == "bytes" else []
    if len(in_units) == 2 and all(in_units):
        more.append(" -> ".join(in_units))
    added = f" ({'; '.join(more)})" if more else ""
    return f"{number(figure.before)} -> {number(figure.after)}{added}"


def total_change(total: Total, name: str = "") -> str:
    """The same of a sum; ``at least 3,168 -> at least 3,072 (-96)`` where it leaves unknown layers out."""
    if (total.before, total.after) == (total.before_at_least, total.after_at_least):
        return change(Figure(total.before, total.after), name)
    sides = ((total.before, total.before_at_least), (total.after, total.after_at_least))
    before, after = (number(exact) if exact == known else f"at least {number(known)}" for exact, known in sides)
    if before == after:
        return after
    return f"{before} -> {after}" + (f" ({signed(total.difference)})" if total.difference is not None else "")


def _total_differs(total: Total) -> bool:
    return (total.before, total.before_at_least) != (total.after, total.after_at_least)


def signed(size: Size) -> str:
    """A difference with its sign.

    >>> signed(41216), signed(-96), signed(0)
    ('+41,216', '-96', '0')
    """
    text = readable(size)
    return text if text.startswith("-") or size == 0 else f"+{text}"


def reasons(diff: Diff) -> Table:
    """A row for each setting or input that changed, with what it adds by itself."""
    rows = [row for layer in diff.layers for row in _reasons(layer)]
    return Table(headers=("layer", "why", "params", "macs"), rows=tuple(rows), numbers=frozenset(("params", "macs")))


def _reasons(layer: LayerDiff) -> Iterator[tuple[str, ...]]:
    for reason in layer.reasons:
        yield called(layer), why(reason), _effect(reason.params), _effect(reason.macs)
    together = layer.together
    if len(layer.reasons) > 1 and any(together):
        yield called(layer), "together, beyond the sum of these", _effect(together.params), _effect(together.macs)


def why(reason: Reason) -> str:
    """``units 32 -> 64``, and where an input's change comes from."""
    return f"{reason} (from {reason.because})" if reason.because else str(reason)


def _effect(size: Size | None) -> str:
    return UNKNOWN if size is None else "" if size == 0 else signed(size)


def totals(sums: Mapping[str, Total], unknown: int) -> Iterator[str]:
    """The sums, and what is missing in them."""
    left_out = f"; {unknown} changed layer{'s' * (unknown != 1)} unknown, not counted" if unknown else ""
    titles = {"params": "total params", "trainable_params": "trainable params", "bytes": "bytes"}
    titles["macs"] = "macs (matmul, whole batch, all timesteps)"
    for name, title in titles.items():
        if name != "trainable_params" or sums[name] != sums["params"]:
            yield f"{title}: {total_change(sums[name], name)}{left_out if name == 'params' else ''}"


def data(diff: Diff, *, since: str = "") -> dict[str, Any]:
    """One file's difference; null means not known, or the side that does not have the layer."""
    return {
        "format_version": FORMAT_VERSION,
        "before": diff.before or None,
        "after": diff.after or None,
        "model": diff.model or None,
        "revision": since or None,
        "changed": not diff.empty,
        "reasons": [_reason_data(row) for row in diff.reasons],
        "layers": [_layer_data(row) for row in diff.layers],
        "unchanged_layers": diff.unchanged,
        "unknown_layers": diff.unknown,
        "totals": {name: _total_data(total) for name, total in diff.totals.items()},
    }


def _layer_data(layer: LayerDiff) -> dict[str, Any]:
    return {
        "change": layer.change,
        "name": layer.name or None,
        "type": layer.type,
        "path": layer.path or None,
        "before_name": layer.before_name or None,
        "before_path": layer.before_path or None,
        "moved": layer.moved,
        "outputs": {
            "before": [plain_shape(shape) for shape in layer.outputs[0]],
            "after": [plain_shape(shape) for shape in layer.outputs[1]],
        },
        **_figures_data(layer.figures),
        "reasons": [_reason_data(row) for row in layer.reasons],
        "together": {"params": plain_size(layer.together.params), "macs": plain_size(layer.together.macs)},
    }


def _reason_data(reason: Reason) -> dict[str, Any]:
    return {
        "what": reason.what,
        "before": reason.before,
        "after": reason.after,
        "params": plain_size(reason.params),
        "macs": plain_size(reason.macs),
        "because": reason.because or None,
    }


def _total_data(total: Total) -> dict[str, Any]:
    return {name: plain_size(size) for name, size in total._asdict().items()}


def _figures_data(figures: Mapping[str, Figure]) -> dict[str, Any]:
    return {
        name: {
            "before": plain_size(figure.before),
            "after": plain_size(figure.after),
            "difference": plain_size(figure.difference),
        }
        for name, figure in figures.items()
    }

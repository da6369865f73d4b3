"""What ``check --diff`` says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lstm_shapes.analysis.diff.diff import Diff, Figure, LayerDiff
from lstm_shapes.analysis.diff.reasons import Reason
from lstm_shapes.analysis.report import FORMAT_VERSION
from lstm_shapes.render.escape import terminal
from lstm_shapes.render.json import plain_shape, plain_size
from lstm_shapes.render.page import UNKNOWN, Page, Table, dimensions, number
from lstm_shapes.render.view import Content, View, one_or_many
from lstm_shapes.symbolic.size import Size, readable


def page(one: Diff, *, since: str = "") -> Page:
    """The layers that changed with shapes and figures, why, and the totals; ``since`` is the revision before."""
    parts: list[Table | str] = []
    if one.empty:
        parts.append("nothing changed")
    parts += [f"{reason}" for reason in one.reasons]
    if one.layers:
        parts += [layers(one), *([reasons(one)] if any(layer.reasons for layer in one.layers) else [])]
    if not one.empty:
        parts += totals(one.totals, one.unknown)
    return Page(heading=heading(one, since), parts=tuple(parts))


def heading(one: Diff, since: str) -> str:
    """``model.yaml, changes since main`` or ``old.yaml -> new.yaml``."""
    if since or one.before == one.after:
        return f"{one.after or one.before}, changes since {since or 'before'}"
    return f"{one.before or 'nothing'} -> {one.after or 'nothing'}"


def layers(one: Diff) -> Table:
    """A row for each layer that changed."""
    headers = ("layer", "change", "output", "params", "macs", "bytes")
    rows = []
    for layer in one.layers:
        figures = [change(layer.figures[name]) for name in ("params", "macs", "bytes")]
        rows.append((called(layer), kind(layer), outputs(layer), *figures))
    return Table(headers=headers, rows=tuple(rows))


def called(layer: LayerDiff) -> str:
    """A layer's name, and the one it had."""
    if layer.name and layer.before_name and layer.name != layer.before_name:
        return f"{layer.name} (was {layer.before_name})"
    return layer.name or layer.before_name


def kind(layer: LayerDiff) -> str:
    """What happened to it."""
    words = [layer.change] if layer.change != "changed" else []
    words += ["renamed"] * (layer.change == "changed" and layer.renamed) + ["moved"] * layer.moved
    return ", ".join(words) or "changed"


def outputs(layer: LayerDiff) -> str:
    """The output, or both where they differ."""
    before, after = (", ".join(dimensions(shape) for shape in side) for side in layer.outputs)
    return before or after if before == after or not before or not after else f"{before} -> {after}"


def change(one: Figure) -> str:
    """``3,168 -> 3,072 (-96)``, or the figure that stayed."""
    if one.before == one.after:
        return number(one.after)
    more = "" if one.difference is None else f" ({signed(one.difference)})"
    return f"{number(one.before)} -> {number(one.after)}{more}"


def signed(size: Size) -> str:
    """A difference with its sign.

    >>> signed(41216), signed(-96), signed(0)
    ('+41,216', '-96', '0')
    """
    text = readable(size)
    return text if text.startswith("-") or size == 0 else f"+{text}"


def reasons(one: Diff) -> Table:
    """A row for each setting or input that is another one, with what it alone adds."""
    rows = [row for layer in one.layers for row in _reasons(layer)]
    return Table(headers=("layer", "why", "params", "macs"), rows=tuple(rows), numbers=frozenset(("params", "macs")))


def _reasons(layer: LayerDiff) -> Iterator[tuple[str, ...]]:
    for one in layer.reasons:
        yield called(layer), why(one), _effect(one.params), _effect(one.macs)
    together = layer.together
    if len(layer.reasons) > 1 and any(together):
        yield called(layer), "together, beyond the sum of these", _effect(together.params), _effect(together.macs)


def why(one: Reason) -> str:
    """``units 32 -> 64``, and where an input's change comes from."""
    return f"{one} (from {one.because})" if one.because else str(one)


def _effect(size: Size | None) -> str:
    return UNKNOWN if size is None else "" if size == 0 else signed(size)


def totals(figures: Mapping[str, Figure], unknown: int) -> Iterator[str]:
    """The sums, and what is missing in them."""
    left_out = f"; {unknown} changed layer{'s' * (unknown != 1)} unknown, not counted" if unknown else ""
    titles = {"params": "total params", "trainable_params": "trainable params", "bytes": "bytes"}
    titles["macs"] = "macs (matmul, whole batch, all timesteps)"
    for name, title in titles.items():
        if name != "trainable_params" or figures[name] != figures["params"]:
            yield f"{title}: {change(figures[name])}{left_out if name == 'params' else ''}"


def data(one: Diff, *, since: str = "") -> dict[str, Any]:
    """One file's difference; null stands for what is not known, and for the side on which a layer is not."""
    return {
        "format_version": FORMAT_VERSION,
        "before": one.before or None,
        "after": one.after or None,
        "revision": since or None,
        "changed": not one.empty,
        "reasons": [_reason_data(row) for row in one.reasons],
        "layers": [_layer_data(row) for row in one.layers],
        "unchanged_layers": one.unchanged,
        "unknown_layers": one.unknown,
        "totals": _figures_data(one.totals),
    }


def _layer_data(one: LayerDiff) -> dict[str, Any]:
    return {
        "change": one.change,
        "name": one.name or None,
        "type": one.type,
        "path": one.path or None,
        "before_name": one.before_name or None,
        "before_path": one.before_path or None,
        "moved": one.moved,
        "outputs": {
            "before": [plain_shape(shape) for shape in one.outputs[0]],
            "after": [plain_shape(shape) for shape in one.outputs[1]],
        },
        **_figures_data(one.figures),
        "reasons": [_reason_data(row) for row in one.reasons],
        "together": {"params": plain_size(one.together.params), "macs": plain_size(one.together.macs)},
    }


def _reason_data(one: Reason) -> dict[str, Any]:
    return {
        "what": one.what,
        "before": one.before,
        "after": one.after,
        "params": plain_size(one.params),
        "macs": plain_size(one.macs),
        "because": one.because or None,
    }


def _figures_data(figures: Mapping[str, Figure]) -> dict[str, Any]:
    return {
        name: {
            "before": plain_size(one.before),
            "after": plain_size(one.after),
            "difference": plain_size(one.difference),
        }
        for name, one in figures.items()
    }


def view(changes: Sequence[Diff], since: str) -> View:
    """The differences in every format; ``since`` is the revision before."""

    def pages() -> Content:
        made = tuple(page(change, since=since) for change in changes)
        return made or f"no model changed since {terminal(since)}\n"

    def answers() -> Content:
        return one_or_many([data(change, since=since) for change in changes])

    return {"text": pages, "json": answers, "markdown": pages}

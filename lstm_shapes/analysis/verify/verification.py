"""The answer of ``verify``: what was compared of each layer, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from lstm_shapes.analysis.verify.against.result import Comparison

Verdict = Literal["confirmed", "disagrees", "declared", "not confirmed"]


@dataclass(frozen=True, kw_only=True)
class Check:
    """A comparison: its ``kind`` (output, weights, reach, macs, lengths, laws), both sides as text, do they agree."""

    kind: str
    predicted: str
    observed: str
    agrees: bool


@dataclass(frozen=True, kw_only=True)
class LayerCheck:
    """What was compared of one layer."""

    name: str
    type: str
    verdict: Verdict
    checks: tuple[Check, ...]


@dataclass(frozen=True, kw_only=True)
class Verification:
    """The outcome for a model; ``reason`` says why it is not confirmed, ``bindings`` with which sizes it was run.

    ``against`` has a comparison for each framework that was requested.
    """

    source: str
    name: str
    framework: str
    verdict: Verdict
    reason: str
    seed: int
    bindings: tuple[Mapping[str, int], ...] = ()
    layers: tuple[LayerCheck, ...] = ()
    against: tuple[Comparison, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether the model was not run, or a run differs from the predictions."""
        return self.verdict in ("disagrees", "not confirmed")

    @property
    def nothing_compared(self) -> bool:
        """Whether frameworks were requested and none has a layer that could be compared."""
        return bool(self.against) and all(comparison.verdict == "not compared" for comparison in self.against)


def conclusion(layers: Sequence[LayerCheck]) -> tuple[Verdict, str]:
    """The verdict on a model whose layers were all run, and the reason for it or what it leaves out."""
    disagreeing = [layer.name for layer in layers if layer.verdict == "disagrees"]
    declared = [layer.name for layer in layers if layer.verdict == "declared"]
    if disagreeing:
        return "disagrees", f"prediction and run differ in {', '.join(disagreeing)}"
    not_run = f"{', '.join(declared)}, declared in the file and not run"
    if len(declared) == len(layers):
        return "declared", not_run
    return "confirmed", f"but for {not_run}" if declared else ""


def disagreement(comparisons: Sequence[Comparison]) -> str:
    """In which layers the frameworks differ; empty where they agree in all that was compared."""
    parts = []
    for comparison in comparisons:
        names = [layer.name for layer in comparison.layers if layer.verdict == "disagrees"]
        if names:
            parts.append(f"prediction and {comparison.title} differ in {', '.join(names)}")
    return "; ".join(parts)


def merged(runs: Sequence[LayerCheck]) -> LayerCheck:
    """The checks of one layer in all runs, those of a kind side by side."""
    first = runs[0]
    verdict: Verdict = "disagrees" if any(run.verdict == "disagrees" for run in runs) else first.verdict
    checks = []
    for same_kind in zip(*(run.checks for run in runs), strict=False):
        observed = "; ".join(dict.fromkeys(check.observed for check in same_kind))
        checks.append(replace(same_kind[0], observed=observed, agrees=all(check.agrees for check in same_kind)))
    return replace(first, verdict=verdict, checks=tuple(checks))

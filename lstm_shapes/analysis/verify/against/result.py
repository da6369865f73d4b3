"""What a comparison with a framework came to, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Agreement = Literal["agrees", "disagrees", "not compared"]


@dataclass(frozen=True, kw_only=True)
class LayerComparison:
    """A layer compared with that of the framework; ``reason`` says why it disagrees or was not compared.

    ``params`` is the framework's count, ``outputs`` the shapes of its outputs and states, ``difference`` the
    largest between our numbers and its own, relative to the largest; ``notes`` say what was judged in another way.
    """

    name: str
    type: str
    verdict: Agreement
    reason: str = ""
    params: int | None = None
    outputs: str = ""
    dtype: str = ""
    difference: float | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A model compared with that of a framework. ``missing`` says that the framework is not installed."""

    framework: str
    title: str
    version: str = ""
    layers: tuple[LayerComparison, ...] = ()
    missing: str = ""

    @property
    def verdict(self) -> Agreement:
        """Disagrees where a layer does, agrees where one does and none disagrees."""
        verdicts = {layer.verdict for layer in self.layers}
        return "disagrees" if "disagrees" in verdicts else "agrees" if "agrees" in verdicts else "not compared"

"""What a topic's page is made of, and what a claim is: a sentence and the run that shows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from lstm_shapes.layers.base import Layer


class Figures(NamedTuple):
    """A worked example as rows under headers. ``numbers`` are the columns that are aligned to the right."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[str] = frozenset()


class Topic(NamedTuple):
    """A page: the question it answers, then paragraphs and worked examples in order."""

    name: str
    question: str
    parts: tuple[str | Figures, ...]


class Shown(NamedTuple):
    """What a run showed: the sentence with the measured numbers, and whether the claim holds by them."""

    measured: str
    holds: bool


class Claim(NamedTuple):
    """A sentence about ``layer``; ``experiment`` takes a layer and a random generator and shows the sentence by a run.

    Given a layer that works differently, the experiment must find that the sentence does not hold.
    """

    sentence: str
    layer: Layer
    experiment: Callable[[Any, Any], Shown]

    def shown(self, seed: int = 0, layer: Layer | None = None) -> Shown:
        """Run the experiment on random data from ``seed``, with ``layer`` in place of the claim's if it is given."""
        import numpy as np

        return self.experiment(self.layer if layer is None else layer, np.random.default_rng(seed))

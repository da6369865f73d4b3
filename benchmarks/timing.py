"""Medians of interleaved runs, and a line that says how a ratio stands to its limit."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from statistics import median


def interleaved(runs: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each run, A B C A B C ..., after one round that is not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(rounds + 1):
        for name, run in runs.items():
            begun = time.perf_counter()
            run()
            if number:
                seconds[name].append(time.perf_counter() - begun)
    return seconds


def ratio(measured: list[float], reference: list[float]) -> float:
    """The median of the ratios, round by round, so that a machine that drifts does not matter."""
    return median(a / b for a, b in zip(measured, reference, strict=True))


def line(what: str, seconds: float, times: float, limit: float, digits: int = 1) -> str:
    """A row: what was measured, how long, the ratio, its limit; ``digits`` are those of the limit."""
    verdict = "ok" if times <= limit else "OVER"
    return f"{what:58} {seconds * 1000:9.2f} ms  {times:5.{max(2, digits)}f}x  limit {limit:4.{digits}f}x  {verdict}"

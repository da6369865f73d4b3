"""More mutants than the tests try: ``python benchmarks/fuzz.py COUNT [SEED]``; prints the slowest, and what fails."""

from __future__ import annotations

import sys
import time
import traceback
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.hostile.mutants import mutants, survive


class Slowest(NamedTuple):
    """The mutant that took the most time of the processor, which other programs do not add to."""

    seconds: float = 0.0
    number: int = 0
    name: str = ""
    raw: bytes = b""


def main(count: int, seed: int) -> int:
    """Try ``count`` mutants; the exit code."""
    begun, shortest, slowest = time.monotonic(), {}, Slowest()
    for number, name, raw in mutants(count, seed):
        started = time.process_time()
        try:
            survive(name, raw, run=not number % 10)
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{type(error).__name__} in {Path(last.filename).name}:{last.lineno}"
            if where not in shortest or len(raw) < len(shortest[where][2]):
                shortest[where] = (number, name, raw, error)
        slowest = max(slowest, Slowest(time.process_time() - started, number, name, raw))
    print(f"{count:,} mutants of seed {seed} in {time.monotonic() - begun:.0f} s, {len(shortest)} ways to fail")
    print(f"slowest: {slowest.seconds:.2f} s, seed {seed}, mutant {slowest.number}, {slowest.name}: {slowest.raw!r}")
    for where, (number, name, raw, error) in shortest.items():
        print(f"{where}, mutant {number}, {name}: {raw!r}: {error}")
    return 1 if shortest else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))

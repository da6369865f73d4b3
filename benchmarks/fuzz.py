"""More mutants than the tests try: ``python benchmarks/fuzz.py COUNT [SEED]``; prints the shortest failing inputs."""

from __future__ import annotations

import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.hostile.mutants import mutants, survive


def main(count: int, seed: int) -> int:
    """Try ``count`` mutants; the exit code."""
    begun, shortest = time.monotonic(), {}
    for number, name, raw in mutants(count, seed):
        try:
            survive(name, raw, run=not number % 10)
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{type(error).__name__} in {Path(last.filename).name}:{last.lineno}"
            if where not in shortest or len(raw) < len(shortest[where][2]):
                shortest[where] = (number, name, raw, error)
    print(f"{count:,} mutants of seed {seed} in {time.monotonic() - begun:.0f} s, {len(shortest)} ways to fail")
    for where, (number, name, raw, error) in shortest.items():
        print(f"{where}, mutant {number}, {name}: {raw!r}: {error}")
    return 1 if shortest else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))

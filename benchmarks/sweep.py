"""Sweeps: formulas over a million points against NumPy with the same polynomial written by hand; a whole command."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import numpy as np
from timing import interleaved, line, ratio

from lstm_shapes.analysis.sweep import over
from lstm_shapes.symbolic.size import parse

ROUNDS = 15
LIMIT = 3.0
MEMORY = 100
SPEC = "input_dim: 8\nbatch: 1\nlayers: [{type: lstm, units: H, return_sequences: true}, {type: gru, units: 2*H}]\n"


def main() -> None:
    """Print a row for each polynomial."""
    h, t = np.arange(1, 1001), np.arange(1, 1001)
    long, grid_h, grid_t = np.arange(1, 1_000_001), h[:, None], t[None, :]
    cases = {
        "one symbol, 22*H*H + 54*H + 3": (
            lambda: over(parse("22*H*H + 54*H + 3"), {"H": range(1, 1_000_001)}),
            lambda: 22 * long * long + 54 * long + 3,
        ),
        "two symbols, macs 2*H*T*(110*H + 163)": (
            lambda: over(parse("2*H*T*(110*H + 163)"), {"H": range(1, 1001), "T": range(1, 1001)}),
            lambda: 2 * grid_h * grid_t * (110 * grid_h + 163),
        ),
        "two symbols, 4*H*H*T + 3*H*T*T + 5*H + T": (
            lambda: over(parse("4*H*H*T + 3*H*T*T + 5*H + T"), {"H": range(1, 1001), "T": range(1, 1001)}),
            lambda: 4 * grid_h * grid_h * grid_t + 3 * grid_h * grid_t * grid_t + 5 * grid_h + grid_t,
        ),
        "two symbols, a floor, T*(H*H + H//3)": (
            lambda: over(parse("T*(H*H + H//3)"), {"H": range(1, 1001), "T": range(1, 1001)}),
            lambda: grid_t * (grid_h * grid_h + grid_h // 3),
        ),
    }
    for name, (ours, hand) in cases.items():
        assert np.array_equal(ours(), hand())
        seconds = interleaved({"ours": ours, "hand": hand}, ROUNDS)
        print(line(name, median(seconds["ours"]), ratio(seconds["ours"], seconds["hand"]), LIMIT))
    command()


def command() -> None:
    """Print the seconds of a whole command that writes a million rows of CSV, and the memory that it takes."""
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model.yaml"
        model.write_text(SPEC)
        args = (str(model), "--set", "H=1..1000", "--set", "T=1..1000", "--output-format", "csv", "-o")
        run = (sys.executable, "-m", "lstm_shapes", "sweep", *args, str(Path(folder) / "out.csv"))
        seconds = interleaved({"sweep": lambda: subprocess.run(run, capture_output=True, check=True)}, 3)["sweep"]
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    verdict = "ok" if peak < MEMORY else "OVER"
    print(f"a million points to CSV, the whole command: {median(seconds):.2f} s")
    print(f"its peak memory: {peak:.0f} MiB  limit {MEMORY} MiB  {verdict}")


if __name__ == "__main__":
    main()

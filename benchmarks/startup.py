"""Start-up: whole processes with their output piped, in multiples of a bare Python start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from statistics import median

from timing import interleaved, line, ratio

ROUNDS = 21
COMMAND = str(Path(sys.executable).with_name("lstm-shapes"))
EXAMPLES = sorted((Path(__file__).parent.parent / "examples").iterdir())


def main() -> None:
    """Print a row for each command."""
    limits = {
        (COMMAND, "--version"): 2.0,
        (COMMAND, "params", "--units", "32", "--input-dim", "8"): 8.0,
        **{(COMMAND, "inspect", str(path)): 11.0 for path in EXAMPLES},
    }
    bare = (sys.executable, "-c", "pass")
    seconds = interleaved({str(args): lambda args=args: run(args) for args in (bare, *limits)}, ROUNDS)
    print(f"bare python start: {median(seconds[str(bare)]) * 1000:.2f} ms")
    for args, limit in limits.items():
        taken = seconds[str(args)]
        said = " ".join(Path(arg).name for arg in args)
        print(line(said, median(taken), ratio(taken, seconds[str(bare)]), limit))


def run(args: tuple[str, ...]) -> None:
    """One process, its output read and thrown away."""
    subprocess.run(args, capture_output=True, check=True)


if __name__ == "__main__":
    main()

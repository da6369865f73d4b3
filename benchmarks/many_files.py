"""Many files: 1,000 of ten layers checked in one process, against PyYAML's C loader on the same files; and memory."""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import yaml
from timing import interleaved, line, ratio

from lstm_shapes.checking.run import check
from lstm_shapes.checking.settings import Settings
from lstm_shapes.views.check.text import render

COMMAND = str(Path(sys.executable).with_name("lstm-shapes"))


def spec(seed: int) -> str:
    """A model of ten layers with sizes of its own."""
    draw = random.Random(seed)
    lines = [f"name: model_{seed}", f"input_dim: {draw.randint(1, 99)}", "layers:"]
    for number in range(9):
        kind = draw.choice(("lstm", "gru", "rnn"))
        lines.append(
            f"  - {{type: {kind}, name: layer_{number}, units: {draw.randint(1, 500)}, return_sequences: true}}"
        )
    return "\n".join([*lines, "  - {type: dense, units: 1, activation: sigmoid}", ""])


def load(folder: Path) -> None:
    """Every file by PyYAML's C loader."""
    for path in sorted(folder.iterdir()):
        with path.open("rb") as file:
            yaml.load(file.read(), Loader=yaml.CLoader)


def peak(folder: Path) -> float:
    """MiB that the command holds at most while it checks a folder."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    subprocess.run([COMMAND, "check", "--isolated", str(folder)], check=True, capture_output=True)
    return max(before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024


def main() -> None:
    """Print the ratio of times, then the peak memory for 100 files and for 1,000."""
    with tempfile.TemporaryDirectory() as room:
        few, many = Path(room, "few"), Path(room, "many")
        for folder, count in ((few, 100), (many, 1_000)):
            folder.mkdir()
            for seed in range(count):
                (folder / f"model_{seed:04}.yaml").write_text(spec(seed), "utf-8")
        runs = {"loader": lambda: load(many), "check": lambda: render(check([str(many)], Settings()))}
        seconds = interleaved(runs, 7)
        taken = seconds["check"]
        print(f"PyYAML's C loader on 1,000 files: {median(seconds['loader']) * 1000:.0f} ms")
        print(
            line(
                "1,000 files of ten layers checked, to the loader", median(taken), ratio(taken, seconds["loader"]), 2.5
            )
        )
        print(f"peak memory: {peak(few):.0f} MiB for 100 files, {peak(many):.0f} MiB for 1,000")


if __name__ == "__main__":
    main()

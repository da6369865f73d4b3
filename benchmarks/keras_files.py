"""``inspect`` of Keras files next to the real Keras, which loads them and prints its summary: time and memory.

Whole processes, one after the other; needs keras with a backend, h5py and pyfive.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from timing import interleaved, line, ratio

ROUNDS = 7
BACKEND = next((name for name in ("jax", "torch", "tensorflow") if find_spec(name)), "")
SAVE = """
import keras
from keras import layers
model = keras.Sequential([
    keras.Input((None, 36)), layers.Masking(), layers.BatchNormalization(), layers.Dense(64, activation="relu"),
    *(layers.Bidirectional(layers.LSTM(64, return_sequences=True)) for _ in range(4)), layers.Dense(4),
])
model.compile("adam", "mse")
model.save("model.keras")
model.save("model.h5")
"""
LOAD = "import sys, keras; keras.models.load_model(sys.argv[1], compile=False).summary()"
PEAK = """
import os, sys
_, _, usage = os.wait4(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ), 0)
print(usage.ru_maxrss, file=sys.stderr)
"""
LIMITS = {
    "config.keras": ("model.keras", 15, 10),
    "model.keras": ("model.keras", 8, 6),
    "model.h5": ("model.h5", 8, 6),
}
"""A file -> what Keras loads in comparison, and how many times faster and smaller we are at least."""


def main() -> None:
    """Print two rows for each file: seconds, and MiB at most."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(folder, sys.executable, "-c", SAVE)
        without_weights(folder / "model.keras", folder / "config.keras")
        ours = {file: [sys.executable, "-m", "lstm_shapes", "inspect", file] for file in LIMITS}
        theirs = {file: [sys.executable, "-c", LOAD, file] for file in ("model.keras", "model.h5")}
        seconds: dict[str, list[float]] = {}
        peaks: dict[str, int] = {}
        runs: dict[str, Callable[[], object]] = {}
        for who, commands in (("ours", ours), ("keras", theirs)):
            for file, command in commands.items():
                runs[f"{who} {file}"] = lambda command=command: run(folder, *command)
                peaks[f"{who} {file}"] = peak(folder, command)
        seconds = interleaved(runs, ROUNDS)
    for file, (loaded, faster, smaller) in LIMITS.items():
        taken, reference = seconds[f"ours {file}"], seconds[f"keras {loaded}"]
        said = f"inspect {file}, of Keras' {median(reference):.2f} s on {BACKEND}"
        print(line(said, median(taken), ratio(taken, reference), 1 / faster, digits=3))
        held, whole = peaks[f"ours {file}"], peaks[f"keras {loaded}"]
        verdict = "ok" if held * smaller <= whole else "OVER"
        share = f"{held / whole:.3f}x  limit {1 / smaller:.3f}x  {verdict}"
        print(f"{'':4}memory: {held / 1024:.0f} of {whole / 1024:.0f} MiB".ljust(58), share)


def run(folder: Path, *command: str) -> bytes:
    """A process in the folder; what it printed on standard error."""
    environment = {**os.environ, "KERAS_BACKEND": BACKEND, "TF_CPP_MIN_LOG_LEVEL": "3"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True).stderr


def peak(folder: Path, command: list[str]) -> int:
    """The largest memory that a process held, in KiB; a small process starts it, whose memory it has at first."""
    return int(run(folder, sys.executable, "-I", "-S", "-c", PEAK, *command).split()[-1])


def without_weights(source: Path, target: Path) -> None:
    """The archive with its config and metadata only, as it is read where pyfive is not installed."""
    with zipfile.ZipFile(source) as whole, zipfile.ZipFile(target, "w") as part:
        for name in ("metadata.json", "config.json"):
            part.writestr(name, whole.read(name))


if __name__ == "__main__":
    main()

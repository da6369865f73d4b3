"""Random models in the real frameworks: every layer's weights, shapes, states and numbers agree.

Keras runs on its NumPy backend where that is installed: it builds a fresh model fastest, and its torch backend is wrong
for a ConvLSTM2D with strides (1, 2).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lstm_shapes.analysis.verify.against import REQUIREMENTS, installed

from ..profiles import rounds

pytestmark = pytest.mark.oracle
ROOT = Path(__file__).parents[2]
COUNTS = {"keras": 150, "torch": 100, "onnx": 60, "flax": 10, "flax-linen": 10}
"""How many models each framework runs in CI: JAX takes a second for one."""
BACKEND = "numpy" if installed("jax") else "torch"
UNOPTIMIZED = {"JAX_PLATFORMS": "cpu", "XLA_FLAGS": "--xla_backend_optimization_level=0"}
"""How JAX compiles in half the time what runs once."""


def shares() -> Iterator[tuple[str, int, int]]:
    """The models that a process runs: a framework, the first, and the one after the last."""
    for framework, ci in COUNTS.items():
        count = 1_000 if os.environ.get("ORACLES") == "all" else rounds(ci, dev=min(8, ci // 5))
        size = min(50, ci // 2)
        yield from ((framework, first, min(first + size, count)) for first in range(0, count, size))


def run(framework: str, first: int, last: int) -> dict[str, object]:
    """What ``random_run`` prints of these models."""
    environment = {**os.environ, "KERAS_BACKEND": BACKEND, "OMP_NUM_THREADS": "1", **UNOPTIMIZED}
    command = [sys.executable, "-W", "ignore", "-m", "tests.oracles.random_run", framework, str(first), str(last)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    outcome: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return outcome


@pytest.mark.parametrize(("framework", "first", "last"), list(shares()))
def test_random_models_agree_layer_by_layer(
    framework: str, first: int, last: int, compared: Callable[[str], None]
) -> None:
    if REQUIREMENTS[framework].missing:
        pytest.skip(f"no {REQUIREMENTS[framework].title}")
    outcome = run(framework, first, last)
    assert outcome["disagreed"] == []
    agreed = sum(dict(outcome["agreed"]).values())  # type: ignore[call-overload]
    assert agreed >= last - first  # most layers of most models: few have a layer that the framework lacks
    for _ in range(agreed):
        compared(framework.removesuffix("-linen"))

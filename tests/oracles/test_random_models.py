"""Random models in the real frameworks: every layer's weights, shapes, states and numbers agree.

Keras runs on its NumPy backend where that is installed: it builds a fresh model fastest, and its torch backend is wrong
for a ConvLSTM2D with strides (1, 2).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lstm_shapes.analysis.verify.against import installed

from ..profiles import rounds

pytestmark = pytest.mark.oracle
ROOT = Path(__file__).parents[2]
COUNT = 1_000 if os.environ.get("ORACLES") == "all" else rounds(200, dev=8)
SHARE = 50
"""How many models a process runs."""
BACKEND = "numpy" if installed("jax") else "torch"
UNOPTIMIZED = {"JAX_PLATFORMS": "cpu", "XLA_FLAGS": "--xla_backend_optimization_level=0"}
"""How JAX compiles in half the time what runs once."""
REQUIRED = {"keras": "keras", "torch": "torch"}


def run(framework: str, first: int, last: int) -> dict[str, object]:
    """What ``random_run`` prints of these models."""
    environment = {**os.environ, "KERAS_BACKEND": BACKEND, "OMP_NUM_THREADS": "1", **UNOPTIMIZED}
    command = [sys.executable, "-W", "ignore", "-m", "tests.oracles.random_run", framework, str(first), str(last)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    outcome: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return outcome


@pytest.mark.parametrize("framework", REQUIRED)
@pytest.mark.parametrize("first", range(0, COUNT, SHARE))
def test_random_models_agree_layer_by_layer(framework: str, first: int, compared: Callable[[str], None]) -> None:
    pytest.importorskip(REQUIRED[framework])
    last = min(first + SHARE, COUNT)
    outcome = run(framework, first, last)
    assert outcome["disagreed"] == []
    agreed = sum(dict(outcome["agreed"]).values())  # type: ignore[call-overload]
    assert agreed >= last - first  # most layers of most models: few have a layer that the framework lacks
    for _ in range(agreed):
        compared(framework)

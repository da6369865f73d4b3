"""Random models written by the real Keras as JSON and read back: names, shapes, weights and totals are Keras' own.

Half are random specs built in Keras, with every family and setting; half are functional graphs grown in Keras, with
states, sharing, nested models, masks and operators between layers.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import lstm_shapes as ls

from ..profiles import rounds
from .test_random_models import BACKEND, ROOT

pytestmark = pytest.mark.oracle
COUNT = 500 if os.environ.get("ORACLES") == "all" else rounds(75, dev=5)
SHARE = 25
"""How many models a process builds."""


def run(source: str, first: int, last: int) -> dict[str, object]:
    """What ``keras_json`` prints of these models."""
    environment = {**os.environ, "KERAS_BACKEND": BACKEND, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-W", "ignore", "-m", "tests.oracles.keras_json", source, str(first), str(last)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    outcome: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return outcome


@pytest.mark.parametrize("source", ["specs", "graphs"])
@pytest.mark.parametrize("first", range(0, COUNT, SHARE))
def test_what_keras_writes_is_read_as_keras_reads_it(source: str, first: int, compared: Callable[[str], None]) -> None:
    pytest.importorskip("keras")
    last = min(first + SHARE, COUNT)
    outcome = run(source, first, last)
    assert outcome["differed"] == []
    agreed = outcome["agreed"]
    assert isinstance(agreed, int)
    assert agreed >= (last - first) // 3  # Keras has not every layer of ours
    for _ in range(agreed):
        compared("keras")


def test_a_file_that_says_something_else_is_found_out(tmp_path: Path) -> None:
    keras = pytest.importorskip("keras")
    from .keras_json import differences

    model = keras.Sequential([keras.Input((5, 3)), keras.layers.LSTM(4, name="rnn")])
    path = tmp_path / "model.json"
    path.write_text(model.to_json())
    assert list(differences(model, ls.inspect(path))) == []
    path.write_text(model.to_json().replace('"units": 4', '"units": 6'))
    found = list(differences(model, ls.inspect(path)))
    assert [line.split(":")[0] for line in found] == ["rnn", "rnn (LSTM)", "rnn", "240 parameters, 128 in Keras"]

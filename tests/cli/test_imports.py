"""What a command loads: start-up time is mostly imports, so each loads what it needs and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ..profiles import few

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import atexit, json, sys
names = ("typer", "rich", "yaml", "numpy", "tempfile", "lstm_shapes.analysis.verify.verify", "lstm_shapes.formats.json")
atexit.register(lambda: open(sys.argv_report, "w").write(json.dumps([one for one in names if one in sys.modules])))
sys.argv_report, sys.argv = sys.argv[1], ["lstm-shapes", *sys.argv[2:]]
from lstm_shapes.__main__ import main
main()
"""
YAML = "{input_dim: 8, layers: [{type: lstm, units: 2}]}"
JSON = '{"input_dim": 8, "layers": [{"type": "lstm", "units": 2}]}'
PARAMS = ["params", "--units", "32", "--input-dim", "8"]
CASES = {  # the command, what it must not load, what it must
    "--version": (["--version"], {"typer", "rich", "yaml", "numpy"}, set()),
    "params": (PARAMS, {"rich", "yaml", "numpy", "tempfile"}, {"typer"}),
    "params as json": ([*PARAMS, "--output-format", "json"], {"rich", "yaml", "numpy"}, {"typer"}),
    "inspect": (["inspect", "model.yaml"], {"rich", "numpy", "lstm_shapes.formats.json"}, {"yaml"}),
    "inspect of JSON": (["inspect", "model.json"], {"rich", "numpy", "yaml"}, {"lstm_shapes.formats.json"}),
    "inspect as csv": (["inspect", "model.yaml", "--output-format", "csv"], {"rich", "numpy"}, {"yaml"}),
    "inspect as markdown": (["inspect", "model.yaml", "--output-format", "markdown"], {"rich", "numpy"}, {"yaml"}),
    "inspect in colour": (["inspect", "model.yaml", "--color", "always"], {"numpy"}, {"rich"}),
    "inspect --verify": (["inspect", "model.yaml", "--verify"], {"rich"}, {"numpy"}),
    "verify": (["verify", "model.yaml"], {"rich"}, {"numpy", "lstm_shapes.analysis.verify.verify"}),
}  # fmt: skip


@pytest.mark.parametrize("case", few(list(CASES), 4))
def test_a_command_loads_what_it_needs_alone(case: str, tmp_path: Path):
    arguments, never, always = CASES[case]
    (tmp_path / "model.yaml").write_text(YAML)
    (tmp_path / "model.json").write_text(JSON)
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    env.pop("FORCE_COLOR", None)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "loaded", *arguments], cwd=tmp_path, env=env, capture_output=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
    loaded = set(json.loads((tmp_path / "loaded").read_text()))
    assert not loaded & never
    assert loaded >= always


def test_importing_the_package_loads_nothing():
    program = "import sys; before = set(sys.modules); import lstm_shapes; print(sorted(set(sys.modules) - before))"
    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, timeout=60
    )
    loaded = done.stdout.decode()
    assert "lstm_shapes" in loaded
    assert not any(name in loaded for name in ("numpy", "yaml", "typer", "rich", "lstm_shapes.api"))

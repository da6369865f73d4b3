"""Counts the comparisons and says at the end how many were made, and with which release of the framework."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.metadata import version
from importlib.util import find_spec

import pytest

os.environ["KERAS_BACKEND"] = "torch"

NEEDED = {
    "keras_files.py": "keras",
    "onnx_architectures.py": "torch",
    "onnx_oracle.py": "onnxruntime",
    "record_onnx.py": "onnxruntime",
    "record_onnx_tf.py": "tf2onnx",
}
"""Modules of these tests -> what they import, without which they are not collected."""
collect_ignore = [name for name, library in NEEDED.items() if find_spec(library) is None]

MADE = pytest.StashKey[Counter[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "oracle: compares with a real framework; skipped where it is not installed")
    for name in ("requires_trainable_backend", "requires_tpu", "multi_device"):
        config.addinivalue_line("markers", f"{name}: Keras' own, in the tests that its wheel brings")
    config.stash[MADE] = Counter()


@pytest.fixture(autouse=True)
def functions_as_they_were() -> Iterator[None]:
    """PyTorch's functions, which tools that count leave replaced when they fail."""
    functional = sys.modules.get("torch.nn.functional")
    before = dict(vars(functional)) if functional else {}
    yield
    if functional:
        vars(functional).update(before)


@pytest.fixture
def compared(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Called with a framework's name once a configuration has agreed with it."""

    def count(framework: str) -> None:
        request.config.stash[MADE][framework] += 1

    return count


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    made = config.stash[MADE]
    titles = (("keras", "Keras"), ("torch", "PyTorch"), ("onnx", "ONNX"))
    titles += (("onnxruntime", "ONNX Runtime"), ("flax", "Flax"))
    parts = [f"{made[name]} comparisons with {title} {version(name)}" for name, title in titles if made[name]]
    if parts:
        terminalreporter.write_line(", ".join(parts))

"""A lint rule is one file: adding it to the folder is all that it takes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lstm_shapes.checking.settings import rules as selected
from lstm_shapes.findings.kinds import KINDS
from lstm_shapes.rules import catalog, lint
from lstm_shapes.views import rules as view

from .judging import judged

ROOT = Path(__file__).parents[2]
TOY = '''"""A layer is named foo."""

from lstm_shapes.rules.lint import Problem

ID = "LS699"
SEVERITY = "warning"
PAGE = """
# A layer is named foo

A name should say what the layer is for.

Example:

```yaml
input_dim: 8
layers:
  - {type: lstm, name: foo, units: 32}
```

Instead:

```yaml
input_dim: 8
layers:
  - {type: lstm, name: encoder, units: 32}
```
"""


def check(trace):
    for number, step in enumerate(trace.nodes):
        if step.node.name == "foo":
            yield Problem("a layer is named foo", ("layers", number, "name"), hint="write what it is for", layer="foo")
'''


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The folder of the rules with one more file."""
    (tmp_path / "foo_name.py").write_text(TOY, "utf-8")
    monkeypatch.setattr(lint, "__path__", [*lint.__path__, str(tmp_path)])
    forget()
    yield
    monkeypatch.undo()
    forget()


def forget() -> None:
    lint.rules.cache_clear()
    catalog.kinds.cache_clear()


@pytest.mark.usefixtures("toy")
def test_a_new_file_is_a_new_rule_in_every_list() -> None:
    page = catalog.page("foo-name")
    assert page[:4] == ("LS699", "foo-name", "warning", "A layer is named foo")
    assert catalog.find("ls699") == "foo-name"
    assert selected(["LS699"]) == ("LS699",)
    assert "## LS699 foo-name" in view.markdown()
    assert "(warning, only in check)" in view.text(page)


@pytest.mark.usefixtures("toy")
def test_a_new_rule_is_checked_with_its_place_id_and_field() -> None:
    (finding,) = judged(catalog.page("foo-name").raw)
    assert (finding.id, finding.severity, finding.place and finding.place[:2]) == ("LS699", "warning", (3, 24))
    assert (finding.route, finding.field, finding.layer) == (("layers", 0, "name"), "name", "foo")
    assert judged(catalog.page("foo-name").instead) == []


def test_without_the_file_there_is_no_such_rule() -> None:
    assert catalog.find("LS699") is None
    assert {rule.kind.name for rule in lint.rules()} >= {"unused-output", "cudnn-path"}


def test_no_id_is_declared_twice() -> None:
    declared = [*KINDS.values(), *(rule.kind for rule in lint.rules())]
    assert len({kind.id for kind in declared}) == len({kind.name for kind in declared}) == len(declared)


@pytest.mark.parametrize(("call", "loaded"), [("inspect(model)", False), ("check(['examples'])", True)])
def test_only_check_imports_the_lint_rules(call: str, loaded: bool) -> None:
    program = (
        "import sys, lstm_shapes as ls\n"
        "model = {'input_dim': 8, 'layers': [{'type': 'lstm', 'units': 32}]}\n"
        f"ls.{call}\n"
        "print('lstm_shapes.rules.lint.cudnn_path' in sys.modules)\n"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60
    )
    assert (done.stdout, done.stderr) == (f"{loaded}\n", "")

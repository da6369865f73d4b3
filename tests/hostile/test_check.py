"""``check`` on hostile files: every format stays what it is, and mutants end in findings."""

from __future__ import annotations

import json
import os
import re
import subprocess
from importlib import import_module
from pathlib import Path
from xml.etree import ElementTree

import pytest

from lstm_shapes.checking.outcome import FORMATS, Checked, Outcome
from lstm_shapes.checking.run import check_document
from lstm_shapes.checking.settings import Settings
from lstm_shapes.formats import parse

from ..command import completed
from ..profiles import rounds
from .mutants import mutants
from .test_names import COMMAND, NAMES, RAW, spec

COUNT = int(os.environ.get("LSTM_SHAPES_FUZZ") or rounds(6_000)) // 4
OURS = re.compile(r"^::(error|warning|notice) (file=[^,:]+,line=\d+|title=LS)")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file for every hostile name, with the name wherever a name goes, and one twin without a fault."""
    room = tmp_path_factory.mktemp("names")
    for number, name in enumerate(NAMES.values()):
        (room / f"{number:02}.json").write_text(spec(name, faulty=True), "utf-8")
    (room / "twin.yaml").write_text("input_dim: 8\nlayers: [{type: lstm, units: 4}]\n", "utf-8")
    return room


def run(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return completed("check", *args, cwd=folder)


@pytest.mark.parametrize("form", FORMATS)
def test_no_name_breaks_a_format_or_becomes_a_command(form: str, folder: Path) -> None:
    done = run(folder, ".", "--output-format", form)
    assert (done.returncode, done.stderr) == (1, "")
    assert not RAW.search(done.stdout.replace("\r\n", "\n"))
    for line in done.stdout.splitlines():
        assert not COMMAND.search(line) or (form == "github" and OURS.match(line)), line
    if form in ("json", "gitlab", "sarif"):
        json.loads(done.stdout)
    if form == "junit":
        assert len(ElementTree.fromstring(done.stdout).findall(".//testcase")) == len(NAMES) + 1
    assert run(folder, "twin.yaml", "--output-format", form).returncode == 0


def test_no_mutant_ends_in_an_exception_in_any_format() -> None:
    forms = {name: import_module(f"lstm_shapes.views.check.{name}") for name in FORMATS}
    settings = Settings(targets=("onnxruntime", "tflite"))
    faulty = 0
    for number, name, raw in mutants(COUNT, seed=7):
        found = tuple(check_document(parse(name, raw), settings))
        faulty += bool(found)
        outcome = Outcome((Checked(name, found),))
        form, module = list(forms.items())[number % len(forms)]
        text = module.render(outcome)
        assert all(OURS.match(line) for line in text.splitlines() if COMMAND.search(line)), (form, raw)
    assert faulty > COUNT // 3

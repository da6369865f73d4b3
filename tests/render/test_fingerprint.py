"""A fingerprint stays when lines move, differs between findings, and leads from one run to the next."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import pytest

from lstm_shapes.findings.finding import Finding, Place
from lstm_shapes.findings.kinds import KINDS
from lstm_shapes.views.check.fingerprint import fingerprints
from lstm_shapes.views.check.paths import in_repository

from ..hypothesis_profiles import given, st
from .samples import DROPOUT, LAST_STEP, UNDECIDED

TEXTS = st.sampled_from(["", "a", "b", "a line 3", "b line 31, column 4", "\udce9"])
FINDINGS = st.lists(
    st.builds(
        Finding,
        rule=st.sampled_from([KINDS["last-step-only"], KINDS["size-mismatch"]]),
        message=TEXTS,
        hint=TEXTS,
        source=st.sampled_from(["a.yaml", "b.yaml"]),
        place=st.none() | st.builds(lambda line: Place(line, 1, line, 2), st.integers(1, 9)),
        layer=st.sampled_from(["", "x", "y"]),
        edit=st.none(),
    ),
    max_size=12,
)


@given(FINDINGS)
def test_no_two_findings_are_alike(found: list[Finding]):
    assert len(set(fingerprints(found))) == len(found)


@given(FINDINGS, st.integers(1, 500))
def test_they_stay_when_every_line_moves(found: list[Finding], by: int):
    moved = []
    for fingerprint in found:
        at = fingerprint.place and fingerprint.place._replace(
            line=fingerprint.place.line + by, end_line=fingerprint.place.end_line + by
        )
        said = fingerprint.message.replace("line 31, column 4", f"line {31 + by}, column 9").replace(
            "line 3", f"line {3 + by}"
        )
        moved.append(fingerprint._replace(place=at, message=said, excerpt="x", hint="y"))
    assert list(fingerprints(moved)) == list(fingerprints(found))


@pytest.mark.parametrize(
    "change",
    [
        {"source": "models/z.yaml"},
        {"rule": KINDS["wrong-rank"]},
        {"layer": "other"},
        {"message": "other"},
    ],
)
def test_another_finding_has_another(change: dict[str, str]):
    assert list(fingerprints([LAST_STEP])) != list(fingerprints([LAST_STEP._replace(**change)]))


def test_a_finding_that_is_gone_changes_none_of_the_others():
    first, second, third = fingerprints([LAST_STEP, DROPOUT, UNDECIDED])
    assert list(fingerprints([LAST_STEP, UNDECIDED])) == [first, third]
    assert all(fingerprint != other for fingerprint, other in pairwise([first, second, third]))


def test_they_are_the_same_however_the_file_was_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    names = ["models/b.yaml", "./models/b.yaml", f"{tmp_path}/models/b.yaml", "x/../models/b.yaml"]
    assert len({mark for name in names for mark in fingerprints([LAST_STEP._replace(source=name)])}) == 1


def test_a_path_outside_every_root_stays_and_a_lost_folder_is_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("CI_PROJECT_DIR", str(tmp_path / "elsewhere"))
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    assert in_repository("../x.yaml") == "../x.yaml"
    assert in_repository("/x/./y.yaml") == "/x/y.yaml"
    assert in_repository(f"{tmp_path}/elsewhere/x.yaml") == "x.yaml"
    os.rmdir(tmp_path / "gone")
    assert in_repository("./x.yaml") == "x.yaml"

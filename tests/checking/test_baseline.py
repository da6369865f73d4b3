"""A baseline allows what was there, wherever it stands now, and nothing more."""

from __future__ import annotations

from pathlib import Path

import pytest

from lstm_shapes.checking import baseline
from lstm_shapes.checking.outcome import Checked, Outcome
from lstm_shapes.findings.finding import Finding, Place
from lstm_shapes.rules.catalog import kinds


def at(line: int, kind: str = "unknown-key") -> Finding:
    return Finding(rule=kinds()[kind], message="m", source="a.yaml", place=Place(line, 1, line, 2))


def outcome(*findings: Finding) -> Outcome:
    return Outcome((Checked("a.yaml", findings), Checked("b.yaml", ())))


def saved(outcome: Outcome, folder: Path) -> dict[str, dict[str, int]]:
    path = folder / "baseline.json"
    path.write_text(baseline.dump(outcome, ""), "utf-8")
    return baseline.read(str(path))


def test_what_a_baseline_counts_is_allowed_even_when_lines_move(tmp_path: Path) -> None:
    allowed = saved(outcome(at(3), at(7), at(9, "cycle")), tmp_path)
    after = baseline.apply(outcome(at(13), at(17), at(19, "cycle")), allowed, "")
    assert after.findings == () and after.baseline == 3


def test_one_more_of_a_rule_is_told_and_one_of_another_rule_too(tmp_path: Path) -> None:
    allowed = saved(outcome(at(3)), tmp_path)
    after = baseline.apply(outcome(at(3), at(4), at(5, "cycle")), allowed, "")
    assert [finding.place and finding.place.line for finding in after.findings] == [4, 5]
    assert after.baseline == 1


def test_a_clean_file_is_not_in_the_baseline(tmp_path: Path) -> None:
    assert saved(outcome(at(3)), tmp_path) == {"a.yaml": {"LS101": 1}}


def test_paths_are_relative_to_the_root(tmp_path: Path) -> None:
    inside = Outcome((Checked(str(tmp_path / "models" / "a.yaml"), (at(1),)),))
    assert baseline.apply(inside, {"models/a.yaml": {"LS101": 1}}, str(tmp_path)).findings == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"version": 2, "files": {}}',
        '{"version": 1, "files": {"a": {"LS101": true}}}',
        "[" * 100_000,
        '{"version": 1, "files": {"a": {"XX": 1}}}',
        '{"version": 1, "files": []}',
        "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    ],
)
def test_what_is_no_baseline_is_told(text: str, tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(text, "utf-8")
    with pytest.raises(baseline.BadBaseline, match=r"not a baseline.*--write-baseline"):
        baseline.read(str(path))


def test_a_baseline_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(baseline.BadBaseline, match="no such file"):
        baseline.read(str(tmp_path / "gone.json"))

"""Fixes of texts that nobody would write: fewer findings, none new, all data but those of the edits as they were."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

import lstm_shapes as ls
from lstm_shapes import formats
from lstm_shapes.checking.fix import fix
from lstm_shapes.checking.run import check_document
from lstm_shapes.checking.settings import Settings
from lstm_shapes.findings.finding import Finding
from lstm_shapes.formats.document import Document

from ..hypothesis_profiles import given, st

CASES = [
    path.read_bytes().decode("utf-8", "ignore")
    for path in sorted(Path(__file__).parents[1].joinpath("cases").glob("*.yaml"))
]
TEXTS = st.sampled_from([text for text in CASES if len(text) < 3_000])
QUOTES = ["'", '"', '"32"']
WORDS = [
    "\x85",
    "\u2028",
    "\r\n",
    "*a",
    "&a ",
    "# é𝔘",
    "{",
    "]",
    ",",
    ": ",
    "- ",
    "!!str ",
    "? ",
    "|",
    "yes",
    "50k",
    "<<: ",
]
JUNK = st.sampled_from([*QUOTES, *WORDS])
CHANGES = st.lists(st.tuples(st.integers(0, 3_000), st.sampled_from(["drop", "swap", "double"]) | JUNK), max_size=5)


def mutated(text: str, changes: list[tuple[int, str]]) -> str:
    """The text with characters dropped, swapped, doubled and inserted."""
    for where, change in changes:
        at = where % (len(text) + 1)
        before, first, second, after = text[:at], text[at : at + 1], text[at + 1 : at + 2], text[at + 2 :]
        middle = {"drop": second, "swap": second + first, "double": first + first + second}
        text = before + middle.get(change, change + first + second) + after
    return text


def check(document: Document) -> list[Finding]:
    return check_document(document, Settings())


def identities(findings: list[Finding]) -> Counter[object]:
    return Counter((finding.id, finding.layer, finding.route) for finding in findings)


@given(TEXTS, CHANGES, st.sampled_from(["m.yaml", "m.json"]))
def test_a_fix_leaves_fewer_findings_none_of_them_new_and_fixing_again_changes_nothing(
    text: str, changes: list[tuple[int, str]], name: str
) -> None:
    document = formats.parse(name, mutated(text, changes).encode())
    before = check(document)
    fixed = fix(document, before, check, ("fix", "unsafe", "expect"))
    after = check(fixed)
    assert fixed is document or len(after) < len(before)
    assert not identities(after) - identities(before)
    assert fix(fixed, after, check, ("fix", "unsafe", "expect")) is fixed


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("input_dim: 8\nlayers: [{type: lstm, unit: 32}]\n", 1),
        # renamed, the key would be there twice
        ("input_dim: 8\nlayers: [{type: lstm, unit: 32, units: 16}]\n", 0),
    ],
)
def test_a_finding_has_the_changes_that_a_fix_would_keep_and_no_others(text: str, changes: int, tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(text)
    findings = [finding for finding in ls.check([tmp_path / "m.yaml"], select=["LS1"]) if finding.edit]
    assert sum(len(finding.replacements) for finding in findings) == changes
    assert bool(changes) == ("units: 32" in fixed_text(text))


def fixed_text(text: str) -> str:
    document = formats.parse("m.yaml", text.encode())
    check = lambda edited: check_document(edited, Settings())  # noqa: E731
    return fix(document, check(document), check, ("fix",)).text

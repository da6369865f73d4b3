"""Comments that silence findings, and those that silence nothing."""

from __future__ import annotations

import pytest

from lstm_shapes.checking.run import check_document
from lstm_shapes.checking.settings import Settings
from lstm_shapes.findings.finding import Finding
from lstm_shapes.formats import parse

BROKEN = """input_dim: 8
layers:
  - {type: lstm, name: encoder, units: 32}
%s  - {type: lstm, name: decoder, units: 16}%s
"""


def judged(text: str) -> list[Finding]:
    return check_document(parse("model.yaml", text.encode()), Settings())


def ids(text: str) -> list[str]:
    return [finding.id for finding in judged(text)]


def test_without_a_comment_the_mistake_is_reported() -> None:
    assert ids(BROKEN % ("", "")) == ["LS202"]


@pytest.mark.parametrize(
    "comment",
    [
        "# lstm-shapes: ignore[LS202] the fix is on its way",
        "# lstm-shapes: ignore[ls202]",
        "# lstm-shapes: ignore[last-step-only]",
        "#lstm-shapes:ignore[LS202]",
        "# lstm-shapes: ignore",
        "# see below # lstm-shapes: ignore[LS202]",
    ],
)
def test_a_comment_on_the_line_or_above_it_silences(comment: str) -> None:
    assert ids(BROKEN % ("", f"  {comment}")) == []
    assert ids(BROKEN % (f"  {comment}\n", "")) == []
    assert ids(BROKEN % (f"  {comment}\n\n  # another comment\n", "")) == []


@pytest.mark.parametrize("comment", ["# lstm-shapes: ignore-file", "# lstm-shapes: ignore-file[LS202, LS103]"])
def test_a_comment_for_the_file_silences_wherever_it_stands(comment: str) -> None:
    assert "LS202" not in ids(f"{comment}\n{BROKEN % ('', '')}")
    assert "LS202" not in ids(f"{BROKEN % ('', '')}\n{comment}\n")


def test_a_comment_on_another_line_silences_nothing_and_is_reported() -> None:
    text = "# lstm-shapes: ignore[LS202]\n" + BROKEN % ("", "")
    assert [(finding.id, finding.place and finding.place.line) for finding in judged(text)] == [
        ("LS604", 1),
        ("LS202", 5),
    ]


def test_an_unused_comment_names_the_rules_that_it_does_not_silence() -> None:
    text = BROKEN % ("", "  # lstm-shapes: ignore[LS202, LS103]")
    (finding,) = judged(text)
    assert (finding.id, finding.message, finding.hint) == ("LS604", "no LS103 to ignore here", "remove ls103")
    column = text.splitlines()[3].index("ignore[") + 1
    assert finding.place and (finding.place.line, finding.place.column) == (4, column)


def test_a_rule_that_does_not_exist_is_named() -> None:
    (finding,) = judged("# lstm-shapes: ignore-file[LS2002]\ninput_dim: 8\nlayers: [{type: gru, units: 3}]\n")
    assert (finding.id, finding.message) == ("LS604", "unknown rule ls2002")


def test_an_unused_comment_can_be_ignored_itself() -> None:
    assert ids("# lstm-shapes: ignore-file[LS604]\n" + BROKEN % ("  # lstm-shapes: ignore[LS103]\n", "")) == ["LS202"]


def test_a_text_in_quotes_is_no_comment_of_the_line_unless_a_hash_begins_one() -> None:
    assert ids(BROKEN.replace("decoder", '"a#lstm-shapes: ignore"') % ("", "")) == ["LS202"]

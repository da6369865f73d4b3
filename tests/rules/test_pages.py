"""The pages of the rules: one for each kind, complete, its example run, docs/rules.md made of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from lstm_shapes import formats, rules
from lstm_shapes.findings.kinds import KINDS
from lstm_shapes.formats.limits import MAX_BYTES, MAX_DEPTH, MAX_NODES
from lstm_shapes.spec.context import MAX_LAYERS
from lstm_shapes.views import rules as said

from .judging import judged

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "lstm_shapes" / "rules"


def targets(kind: str) -> list[str]:
    return [kind.removeprefix("target-")] if kind.startswith("target-") else []


def incomplete(page: rules.Page) -> list[str]:
    """What is wrong with how a page is written."""
    paragraphs = page.text.split("\n\n") if page.text else []
    return [
        what
        for what, wrong in {
            "no title": not page.title,
            "a long title": len(page.title) > 80,
            "a title with a full stop": page.title.endswith("."),
            "a title with an id or a field": page.title.startswith("LS") or "`" in page.title or "_" in page.title,
            "no text, or a long one": not 1 <= len(paragraphs) <= 3 or len(page.text) > 1_200,
            "no example": not page.example.strip(),
            "no instead": not page.instead.strip(),
            "one text twice": page.example == page.instead,
            "left-over fences": any("```" in part for part in (page.title, page.text, page.example, page.instead)),
        }.items()
        if wrong
    ]


def test_the_files_are_exactly_the_kinds() -> None:
    files = {path.stem for path in FOLDER.iterdir() if path.is_file()} - {"__init__", "trace", "shapes", "expectations"}
    assert files == {kind.replace("-", "_") for kind in KINDS}


def test_the_modules_with_a_check_are_exactly_the_advice() -> None:
    assert {kind.replace("-", "_") for kind in KINDS if hasattr(rules.module(kind), "check")} == set(rules.ADVICE)
    ids = [KINDS[name.replace("_", "-")][0] for name in rules.ADVICE]
    assert ids == sorted(set(ids))


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_complete(kind: str) -> None:
    page = rules.page(kind)
    assert incomplete(page) == []
    assert (page.id, page.severity) == KINDS[kind]


def test_an_incomplete_page_is_noticed() -> None:
    good = rules.page("last-step-only")
    assert incomplete(good._replace(title="")) == ["no title"]
    assert incomplete(good._replace(title="Set `x`.")) == ["a title with a full stop", "a title with an id or a field"]
    assert incomplete(good._replace(text="", instead="")) == ["no text, or a long one", "no instead"]
    assert incomplete(good._replace(example=good.instead)) == ["one text twice"]
    assert incomplete(good._replace(text="```yaml")) == ["left-over fences"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_gives_this_finding_and_no_other(kind: str) -> None:
    assert [one.kind for one in judged(rules.page(kind).raw, *targets(kind))] == [kind]


@pytest.mark.parametrize("kind", KINDS)
def test_instead_gives_nothing_and_is_a_model(kind: str) -> None:
    page = rules.page(kind)
    assert judged(page.instead, *targets(kind)) == []
    assert "layers" in formats.parse("model.yaml", page.instead.encode()).data


def test_without_the_target_a_target_says_nothing() -> None:
    for kind in ("target-onnxruntime", "target-tflite"):
        assert judged(rules.page(kind).raw) == []


def test_an_example_of_bytes_is_read_as_bytes() -> None:
    page = rules.page("unreadable")
    assert page.language == "python"
    assert b"\xfc" in page.raw
    assert rules.page("syntax").raw == rules.page("syntax").example.encode()


def test_the_page_of_what_is_too_large_names_the_limits_that_hold() -> None:
    text = rules.page("too-large").text
    for limit in (f"{MAX_LAYERS:,}", f"{MAX_NODES:,} values", f"{MAX_BYTES // 2**20} MiB", f"{MAX_DEPTH} levels"):
        assert limit in " ".join(text.split())


def test_a_rule_is_found_by_id_and_by_name() -> None:
    assert all(rules.find(id_.lower()) == rules.find(kind.upper()) == kind for kind, (id_, _) in KINDS.items())
    assert rules.find("LS") is None


def test_the_document_is_up_to_date() -> None:
    text = (ROOT / "docs" / "rules.md").read_text("utf-8")
    assert text == said.markdown(), "run: lstm-shapes rules --output-format markdown -o docs/rules.md"
    assert all(
        f"](#{id_.lower()}-{kind})" in text and f"\n## {id_} {kind}\n" in text for kind, (id_, _) in KINDS.items()
    )


def test_the_terminal_text_has_the_whole_page() -> None:
    for page in rules.pages():
        text = said.text(page)
        assert text.startswith(f"{page.id} {page.name} ({page.severity}, ")
        assert "``" not in text
        for line in (*page.example.splitlines(), *page.instead.splitlines()):
            assert f"\n  {line}\n" in text
    assert "in check alone" in said.text(rules.page("unused-ignore"))
    assert "with check --target tflite" in said.text(rules.page("target-tflite"))
    assert "in every command" in said.text(rules.page("cycle"))

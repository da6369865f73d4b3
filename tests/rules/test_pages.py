"""The pages of the rules: one for each kind, complete, its example run, docs/rules.md made of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lstm_shapes import formats, importers
from lstm_shapes.findings.kinds import KINDS
from lstm_shapes.formats.limits import MAX_BYTES, MAX_DEPTH, MAX_NODES
from lstm_shapes.rules import catalog
from lstm_shapes.spec.context import MAX_LAYERS
from lstm_shapes.views import rules as said

from .judging import judged

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "lstm_shapes" / "rules"


def targets(kind: str) -> list[str]:
    return [kind.removeprefix("target-")] if kind.startswith("target-") else []


def incomplete(page: catalog.Page) -> list[str]:
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


def test_every_kind_found_by_reading_or_inferring_has_a_page_and_every_page_a_kind() -> None:
    assert {path.name for path in (FOLDER / "pages").iterdir()} == {f"{kind}.md" for kind in KINDS}


@pytest.mark.parametrize("kind", catalog.kinds())
def test_a_page_is_complete(kind: str) -> None:
    page = catalog.page(kind)
    assert incomplete(page) == []
    assert (page.id, page.name, page.severity) == catalog.kinds()[kind]


def test_an_incomplete_page_is_noticed() -> None:
    good = catalog.page("last-step-only")
    assert incomplete(good._replace(title="")) == ["no title"]
    assert incomplete(good._replace(title="Set `x`.")) == ["a title with a full stop", "a title with an id or a field"]
    assert incomplete(good._replace(text="", instead="")) == ["no text, or a long one", "no instead"]
    assert incomplete(good._replace(example=good.instead)) == ["one text twice"]
    assert incomplete(good._replace(text="```yaml")) == ["left-over fences"]


@pytest.mark.parametrize("kind", catalog.kinds())
def test_the_example_gives_this_finding_and_no_other(kind: str) -> None:
    assert [finding.kind for finding in judged(catalog.page(kind).raw, *targets(kind))] == [kind]


@pytest.mark.parametrize("kind", catalog.kinds())
def test_instead_gives_nothing_and_is_a_model(kind: str) -> None:
    page = catalog.page(kind)
    assert judged(page.instead, *targets(kind)) == []
    (imported,) = importers.translate(formats.parse("model", page.instead.encode()))
    assert "layers" in imported.document.data


def test_without_the_target_a_target_says_nothing() -> None:
    for kind in ("target-onnxruntime", "target-tflite"):
        assert judged(catalog.page(kind).raw) == []


def test_an_example_of_bytes_is_read_as_bytes() -> None:
    page = catalog.page("unreadable")
    assert page.language == "python"
    assert b"\xfc" in page.raw
    assert catalog.page("syntax").raw == catalog.page("syntax").example.encode()


def test_the_page_of_what_is_too_large_names_the_limits_that_hold() -> None:
    text = catalog.page("too-large").text
    for limit in (f"{MAX_LAYERS:,}", f"{MAX_NODES:,} values", f"{MAX_BYTES // 2**20} MiB", f"{MAX_DEPTH} levels"):
        assert limit in " ".join(text.split())


def test_a_rule_is_found_by_id_and_by_name() -> None:
    assert all(
        catalog.find(id_.lower()) == catalog.find(name.upper()) == name for id_, name, _ in catalog.kinds().values()
    )
    assert catalog.find("LS") is None


def test_the_document_is_up_to_date() -> None:
    text = (ROOT / "docs" / "rules.md").read_text("utf-8")
    assert text == said.markdown(), "run: python docs/generate.py"
    for id_, name, _ in catalog.kinds().values():
        assert f"](#{id_.lower()}-{name})" in text and f"\n## {id_} {name}\n" in text


def test_the_terminal_text_has_the_whole_page() -> None:
    for page in catalog.pages():
        text = said.text(page)
        assert text.startswith(f"{page.id} {page.name} ({page.severity}, ")
        assert "``" not in text
        for line in (*page.example.splitlines(), *page.instead.splitlines()):
            assert f"\n  {line}\n" in text
    assert "only in check" in said.text(catalog.page("unused-ignore"))
    assert "with check --target tflite" in said.text(catalog.page("target-tflite"))
    assert "in every command" in said.text(catalog.page("cycle"))


def test_the_pages_are_there_when_python_drops_docstrings() -> None:
    """One process under ``-OO``: every page has its text, and every example breaks its rule."""
    program = (
        "from lstm_shapes.rules.catalog import pages\n"
        "from tests.rules.judging import judged\n"
        "for page in pages():\n"
        "    targets = [page.name.removeprefix('target-')] if page.name.startswith('target-') else []\n"
        "    print(page.name, len(page.text) > 100, *(one.kind for one in judged(page.raw, *targets)))\n"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-OO", "-c", program], env=env, cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == [f"{name} True {name}" for name in catalog.kinds()]

"""Plain words: help, pages, documents and messages use those of the field, in American English."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lstm_shapes.cli.app import COMMANDS

from .command import completed
from .test_architecture import parsed, walk

ROOT = Path(__file__).parent.parent
INSTEAD = {
    r"behind": "after",
    r"alone": "only, by itself",
    r"nobody|anybody": "name who or what: the output is not used",
    r"(the )?way back": "finding a size",
    r"(hold|holds|held) (\w+ ){0,4}against": "compare with",
    r"(stands?|stood) (alone|in|on|twice|for|above|after|beside|there|by|inside)": "is, means, appears twice",
    r"leads? to no": "unknown",
    r"turned? round|turns round": "reversed",
    r"cut in two": "split",
    r"no foresight": "causality",
    r"idle": "unused",
    r"(is|are) told": "is reported",
    r"compared are": "compares",
    r"one above the other": "stacked",
    r"its kin": "its variants",
    r"whole or not at all": "a failed run leaves the file unchanged",
    r"asked for": "requested, needed",
    r"beside": "next to, besides",
    r"commonest": "most common",
    r"gravest": "most severe",
    r"testif(y|ies)|witness(es)?": "verify",
    r"colour\w*|licence|behaviour|neighbour|centre|fulfils?|grey": "the American spelling: color, license",
}
"""Words and phrases that the documentation of Keras, PyTorch or ruff would not use, and what they say instead."""
BANNED = re.compile(rf"\b(?:{'|'.join(f'(?:{phrase})' for phrase in INSTEAD)})\b", re.IGNORECASE)
DOCUMENTS = [
    path
    for pattern in ("*.md", "docs/**/*.md", "benchmarks/*.md", "lstm_shapes/**/*.md")
    for path in sorted(ROOT.glob(pattern))
]
MODULES = sorted((ROOT / "lstm_shapes").rglob("*.py"))
EXPECTED = sorted((ROOT / "tests" / "cases").glob("*.expected"))


def banned(text: str) -> list[str]:
    """The banned words in a text, with what to write instead."""
    words = [match.group() for match in BANNED.finditer(text)]
    return [f"{word} -> {instead(word)}" for word in words]


def instead(word: str) -> str:
    return next(plain for phrase, plain in INSTEAD.items() if re.fullmatch(phrase, word, re.IGNORECASE))


def without_names(text: str) -> str:
    """A text without what it quotes: code in backticks, code blocks, and names in quotation marks."""
    return re.sub(r"```.*?```|`[^`]*`|\"[^\"\n]*\"|'[^'\n]*'", "", text, flags=re.DOTALL)


def public_docstrings(source: str) -> Iterator[str]:
    """The first lines of the docstrings of a module, and of its public classes and functions."""
    for node in walk(parsed(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            yield from (ast.get_docstring(node) or "").splitlines()[: not getattr(node, "name", "").startswith("_")]


def messages(source: str) -> Iterator[str]:
    """The texts of several words in a module that are not docstrings: its messages, hints and help."""
    nodes = walk(parsed(source))
    docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    texts = (node for node in nodes if isinstance(node, ast.Constant) and id(node) not in docstrings)
    return (text.value for text in texts if isinstance(text.value, str) and " " in text.value)


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_the_help_of_a_command_is_in_plain_words(command: str, tmp_path: Path) -> None:
    text = completed(*filter(None, [command]), "--help", cwd=tmp_path).stdout
    assert "Usage: lstm-shapes" in text
    assert not banned(" ".join(text.split()))


@pytest.mark.parametrize("path", DOCUMENTS, ids=[str(path.relative_to(ROOT)) for path in DOCUMENTS])
def test_a_document_is_in_plain_words(path: Path) -> None:
    assert not banned(without_names(path.read_text("utf-8")))


@pytest.mark.parametrize("path", EXPECTED, ids=[path.stem for path in EXPECTED])
def test_the_findings_of_a_case_are_in_plain_words(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()
    own_names = re.compile(r"\bbeside \(concatenate\)")  # the name of a layer in the case's own model
    assert not [word for line in lines for word in banned(without_names(own_names.sub("", line)))]


@pytest.mark.parametrize("path", MODULES, ids=[str(path.relative_to(ROOT / "lstm_shapes")) for path in MODULES])
def test_the_messages_and_docstrings_of_a_module_are_in_plain_words(path: Path) -> None:
    source = path.read_text("utf-8")
    texts = [*messages(source), *public_docstrings(source)]
    assert not [word for text in texts for word in banned(without_names(text))]


def test_every_banned_phrase_is_noticed_and_nothing_else_is() -> None:
    for text in (
        "the axis behind the batch", "matrix products alone", "nobody reads past", "The way back", "held against",
        "hold it against", "the key stands twice", "the name leads to no layer", "turned round", "cut in two",
        "no foresight", "an idle one is told", "Compared are output shapes", "one above the other",
        "dropout and its kin", "whole or not at all", "the symbol that is asked for", "beside the output",
        "the commonest mistake", "the gravest first", "testify", "in colour", "Licence",
    ):  # fmt: skip
        assert banned(text), text
    for text in ("the color of colored text", "standalone", "standard input", "the claim holds", "coloring colors"):
        assert not banned(text), text


def test_messages_and_first_lines_are_read_from_source() -> None:
    source = '''"""First.\n\nbehind"""

def f():
    """Alone."""
    raise E(f"{x} stands twice", "word")

def _g():
    """Kin."""
'''
    assert list(messages(source)) == [" stands twice"]
    assert list(public_docstrings(source)) == ["First.", "Alone."]

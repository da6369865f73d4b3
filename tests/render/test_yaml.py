"""YAML that is written is read as what it was, also by a reader of YAML 1.1."""

from __future__ import annotations

from typing import Any

import pytest
import yaml as pyyaml

from lstm_shapes import formats
from lstm_shapes.render import yaml

from ..hypothesis_profiles import given, st

WORDS = st.sampled_from(
    [
        "no",
        "2*H",
        "T//2",
        "1e3",
        "0x1",
        "010",
        "-1",
        "- a",
        "a: b",
        "a #b",
        "::x",
        "##[x]",
        "~",
        ".",
        "1_000",
        "*a",
        "&a",
    ]
)
CHARACTERS = st.sampled_from("ab \n\"'{}[],:#\\\u2028\x1b\ud800\U0001f600")
TEXTS = st.text(max_size=8) | WORDS | st.text(CHARACTERS, max_size=40)
SCALARS = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False) | TEXTS
DATA = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=12) | st.dictionaries(TEXTS, inner, max_size=5), max_leaves=30
)


def escaped(data: Any) -> Any:
    """The data with each lone surrogate, which YAML cannot have, as an escape."""
    match data:
        case str():
            return data.encode("utf-8", "backslashreplace").decode()
        case list():
            return [escaped(item) for item in data]
        case dict():
            return {escaped(key): escaped(item) for key, item in data.items()}
    return data


@given(st.dictionaries(TEXTS, DATA, max_size=6))
def test_what_is_written_is_read(data: dict[str, Any]) -> None:
    text = yaml.written(data, head=["a\nb", "::error"])
    document = formats.parse("x.yaml", text.encode("utf-8"))
    assert document.findings == ()
    assert document.data == escaped(data)
    assert not any(line.startswith("::") for line in text.splitlines())


@given(TEXTS)
def test_a_reader_of_yaml_1_1_takes_text_for_text(text: str) -> None:
    assert pyyaml.safe_load(yaml.written({"a": text})) == {"a": escaped(text)}


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"inputs": {"x": ["B", "T"]}}, "inputs: {x: [B, T]}\n"),
        ({"name": "a b", "rate": 0.5, "bias": None}, "name: a b\nrate: 0.5\nbias: null\n"),
        ({"layers": []}, "layers: []\n"),
        ({"layers": [{"type": "model", "layers": [{"type": "lstm"}]}, "x"]},
         "layers:\n  - type: model\n    layers:\n      - {type: lstm}\n  - x\n"),
        ({"k" * 90: {"a": {"b": 1}}}, f"{'k' * 90}:\n  a: {{b: 1}}\n"),
        ({"k" * 1001: 1}, f"? {'k' * 1001}\n: 1\n"),
        ({}, "{}\n"),
    ],
)  # fmt: skip
def test_short_entries_stand_on_a_line(data: dict[str, Any], text: str) -> None:
    assert yaml.written(data) == text


def test_a_long_list_of_numbers_is_wrapped() -> None:
    text = yaml.written({"lengths": list(range(1000, 1060))})
    assert max(map(len, text.splitlines())) <= yaml.WIDTH
    assert text.count("\n") == 4


def test_comments_stand_at_the_ends_of_lines() -> None:
    data = {"layers": [{"type": "lstm"}, {"type": "model", "layers": [{"type": "gru"}]}]}
    comments = {("layers", 0): "line 3", ("layers", 1): "line\n4", ("layers", 1, "layers", 0): "5"}
    text = yaml.written(data, comments=comments)
    assert text == (
        "layers:\n  - {type: lstm}  # line 3\n  - type: model  # line\\n4\n    layers:\n      - {type: gru}  # 5\n"
    )

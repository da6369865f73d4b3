"""A hint is written in the language of the file that it is about."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import lstm_shapes as ls
from lstm_shapes.formats.document import Document, Mark, Origin
from lstm_shapes.formats.language import Language, spelled

MODEL = {"input_dim": 8, "layers": [{"type": "lstm", "units": 32}, {"type": "lstm", "units": 16}]}


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("yaml", "`units: 4`, `bias: false`, `axis: [1, 2]`, `name: a`"),
        ("json", '`"units": 4`, `"bias": false`, `"axis": [1, 2]`, `"name": "a"`'),
        ("python", "`units=4`, `bias=False`, `axis=[1, 2]`, `name='a'`"),
        ("", "`units=4`, `bias=False`, `axis=[1, 2]`, `name='a'`"),
    ],
)
def test_a_setting_in_a_hint_is_spelled_in_the_language(language: Language, expected: str) -> None:
    assert spelled("`units: 4`, `bias: false`, `axis: [1, 2]`, `name: a`", language) == expected


def test_what_a_hint_says_about_a_json_file_is_json(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text(json.dumps(MODEL, indent=1))
    (finding,) = ls.inspect(tmp_path / "model.json").findings
    assert '`"return_sequences": true`' in finding.hint


def test_a_translated_value_has_the_place_of_its_nearest_ancestor_with_an_origin() -> None:
    file = Document(source="train.py", data=None, text="a = 1\nmodel.add(LSTM(32))\n")
    routes = {("layers", 0): Mark((1, 10, 1, 18)), ("layers", 1): "dense_1"}
    document = Document(source="train.py", data={}, text=file.text, origin=Origin(file, routes, "python"))
    finding = document.finding("wrong-value", "m", ("layers", 0, "units"), hint="write `units: 4`")
    assert (finding.place, finding.excerpt, finding.hint) == ((2, 11, 2, 19), "model.add(LSTM(32))", "write `units=4`")
    assert document.place(("layers", 1, "units")) is None
    assert document.exact(("layers", 0)) is None

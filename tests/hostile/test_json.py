"""JSON from strangers, through the whole command."""

# ruff: noqa: E501 - a case is easier to read in one line

from __future__ import annotations

import json

import pytest

from .child import accepted, refused
from .conftest import Inspect


def model(units: str, more: str = "") -> str:
    return f'{{"input_dim": 8, "layers": [\n{{"type": "lstm", "units": {units}{more}}}]}}'


TWIN = model("4")
CASES = {  # name: the hostile file, the id of its finding, where it stands, a word of its message, the harmless twin
    "brackets": ("[" * 100_000, "LS004", (1, 101), "nested", TWIN),
    "braces": ('{"a":' * 100_000, "LS004", (1, 501), "nested", TWIN),
    "5,000 digits": (model("9" * 5_000), "LS103", (2, 27), "too large", model(str(2**63 - 1))),
    "1e400": (model("1e400"), "LS103", (2, 27), "too large", TWIN),
    "-1e400": (model("-1e400"), "LS103", (2, 27), "-inf", TWIN),
    "NaN": (model("NaN"), "LS002", (2, 27), "NaN", TWIN),
    "Infinity": (model("Infinity"), "LS002", (2, 27), "Infinity", TWIN),
    "a key twice": (model("2", ', "units": 3'), "LS003", (2, 30), "units", TWIN),
    "a lone surrogate": (model("2", r', "name": "\ud800"'), "LS002", (2, 38), "surrogate", model("2", r', "name": "\ud83d\ude00"')),
    "a lone surrogate as a key": (model("2", r', "\udfff": 1'), "LS002", (2, 30), "surrogate", TWIN),
    "a string holding JSON": (json.dumps(TWIN), "LS006", (1, 1), "a mapping with layers", TWIN),
    "true": (model("true"), "LS103", (2, 27), "got true", model('"H"')),
    "4.0": (model("4.0"), "LS103", (2, 27), "write 4", TWIN),
    '"4"': (model('"4"'), "LS103", (2, 27), "write 4", TWIN),
    "null": (model("null"), "LS103", (2, 27), "null", TWIN),
    "0": (model("0"), "LS103", (2, 27), "write 1 or more", model("1")),
    "-4": (model("-4"), "LS103", (2, 27), "write 1 or more", TWIN),
    "2**63": (model(str(2**63)), "LS103", (2, 27), str(2**63 - 1), model(str(2**63 - 1))),
    "text after the end": (TWIN + "}", "LS002", (2, 31), "after the end", TWIN + "\n \t"),
    "a comment": ("// hello\n" + TWIN, "LS002", (1, 1), "a value", TWIN),
    "a last comma": (model("2", ","), "LS002", (2, 29), "a key", TWIN),
    "an object not closed": (TWIN[:-1], "LS002", (2, 30), "the end", TWIN),
    "NUL": (model("2\0"), "LS002", (2, 28), "", TWIN),
    "a BOM twice": ("\ufeff\ufeff" + TWIN, "LS002", (1, 1), "", "\ufeff" + TWIN),
    "nothing": ("", "LS002", (1, 1), "the end", TWIN),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_hostile_file_is_refused_at_its_place_and_its_twin_is_not(case: str, inspect: Inspect):
    hostile, id_, (line, column), word, twin = CASES[case]
    outcome = inspect("model.json", hostile)
    refused(outcome, id_)
    assert f"model.json:{line}:{column}: {id_} " in outcome.said
    assert word in outcome.said
    accepted(inspect("model.json", twin))


def test_json_inside_a_file_called_yaml_is_read_as_strictly(inspect: Inspect):
    refused(inspect("model.txt", CASES["NaN"][0]), "LS002")
    accepted(inspect("model.txt", TWIN))

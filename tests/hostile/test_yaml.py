"""YAML from strangers, through the whole command."""

# ruff: noqa: E501 - a case is easier to read in one line

from __future__ import annotations

import pytest

from .child import accepted, refused
from .conftest import Inspect

HEAD = "input_dim: 8\nlayers:\n"
LSTM = f"{HEAD}  - {{type: lstm, name: a, units: 2}}\n"


def laughs(levels: int) -> str:
    """Each level nine times the one before."""
    rows = [f"a{n + 1}: &a{n + 1} [{','.join([f'*a{n}'] * 9)}]" for n in range(levels)]
    return "\n".join(["a0: &a0 [x,x,x,x,x,x,x,x,x]", *rows]) + "\n"


CASES = {  # name: the hostile file, the id of its finding, where it stands, the harmless twin
    "brackets": ("[" * 200_000, "LS004", (1, 101), LSTM + "expect: {output: [B, 2]}"),
    "dashes": ("- " * 100_000, "LS004", (1, 201), LSTM),
    "braces": ("{a: " * 100_000, "LS004", (1, 401), LSTM),
    "laughs": (laughs(9) + LSTM, "LS004", None, HEAD + "  - &a {type: dense, units: 2}\n  - *a\n"),
    "few laughs": (laughs(4) + LSTM, "LS101", (1, 1), LSTM),
    "an alias of itself": ("input_dim: &a [*a]\n", "LS005", (1, 16), "input_dim: &a 8\nlayers: [{type: dense, units: *a}]"),
    "merge keys": (HEAD + "  - &a {type: lstm}\n  - {<<: *a, units: 3}\n", "LS005", (4, 6), HEAD + "  - {'type': dense, units: 3}"),
    "a merge bomb": (
        "".join(f"a{n}: &a{n} {{<<: [{','.join(f'*a{n - 1}' for _ in range(9))}]}}\n" if n else "a0: &a0 {k: v}\n" for n in range(9)) + LSTM,
        "LS004", None, LSTM,
    ),
    "a tag of Python": (HEAD + "  - !!python/object/apply:os.system [touch made]\n", "LS005", (3, 5), HEAD + "  - ! {type: lstm, units: 2}"),
    "a tag that is our own": (HEAD + "  - {type: !lstm lstm, units: 2}\n", "LS005", (3, 12), LSTM),
    "two documents": (LSTM + "---\n" + LSTM, "LS005", (4, 1), "---\n" + LSTM + "...\n"),
    "a key twice": (HEAD + "  - {type: lstm, units: 2, units: 3}\n", "LS003", (3, 28), LSTM),
    "a list of layers twice": (LSTM + "layers: []\n", "LS003", (4, 1), LSTM),
    "a tab": (HEAD + "\t- {type: lstm, units: 2}\n", "LS002", (3, 1), LSTM),
    "yes": (HEAD + "  - {type: lstm, units: 2, bias: yes}\n", "LS103", (3, 34), HEAD + "  - {type: lstm, units: 2, bias: true}\n"),
    "no as a size": (HEAD + "  - {type: lstm, units: true}\n", "LS103", (3, 25), HEAD + "  - {type: lstm, units: no}\n"),
    "1_000": (HEAD + "  - {type: lstm, units: 1_000}\n", "LS103", (3, 25), HEAD + "  - {type: lstm, units: 010}\n"),
    "1:30": (HEAD + "  - {type: lstm, units: 1:30}\n", "LS103", (3, 25), HEAD + "  - {type: lstm, units: '1+30'}\n"),
    "1e3": (HEAD + "  - {type: lstm, units: 1e3}\n", "LS103", (3, 25), HEAD + "  - {type: dropout, rate: 1e-1}\n"),
    "NUL": (LSTM.replace("lstm", "lst\0m"), "LS002", (3, 15), LSTM),
    "escape": (LSTM.replace("name: a", "name: \x1b[31m"), "LS002", (3, 24), LSTM.replace("name: a", r'name: "\e[31m"')),
    "UTF-16": (LSTM.encode("utf-16"), "LS006", (1, 1), b"\xef\xbb\xbf" + LSTM.encode()),
    "UTF-16 without a mark": (LSTM.encode("utf-16-le"), "LS002", (1, 2), LSTM),
    "Latin-1": (LSTM.replace("name: a", "name: é").encode("latin-1"), "LS001", (3, 24), LSTM.replace("name: a", "name: é")),
    "a name too long": (LSTM.replace("name: a", f"name: {'a' * 100_000}"), "LS103", (3, 24), LSTM.replace("name: a", f"name: {'a' * 200}")),
    "a model's name too long": (f"name: {'a' * 100_000}\n{LSTM}", "LS103", (1, 7), f"name: {'a' * 200}\n{LSTM}"),
    "a symbol too long": (LSTM.replace("units: 2", f"units: {'a' * 100_000}"), "LS103", None, LSTM.replace("units: 2", f"units: {'a' * 900}")),
    "nothing": ("", "LS006", (1, 1), LSTM),
    "a word": ("model", "LS006", (1, 1), LSTM),
    "a pickle": (b"\x80\x04\x95" + b"\0" * 50, "LS006", None, LSTM),
    "a zip": (b"PK\x03\x04" + b"\0" * 50, "LS001", None, LSTM),
    "larger than is read": (b"#" * (33 * 2**20), "LS004", (1, 1), b"#" * 2**20 + b"\n" + LSTM.encode()),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_hostile_file_is_refused_at_its_place_and_its_twin_is_not(case: str, inspect: Inspect):
    hostile, id_, at, twin = CASES[case]
    outcome = inspect("model.yaml", hostile)
    refused(outcome, id_)
    if at:
        assert f"model.yaml:{at[0]}:{at[1]}: {id_} " in outcome.said
    accepted(inspect("model.yaml", twin))


@pytest.mark.parametrize("case", ["brackets", "laughs", "a tag of Python", "larger than is read"])
def test_verify_refuses_what_inspect_refuses(case: str, inspect: Inspect):
    refused(inspect("model.yaml", CASES[case][0], verb="verify"), CASES[case][1])
    accepted(inspect("model.yaml", CASES[case][3], verb="verify"))


def test_a_message_about_a_long_line_is_short(inspect: Inspect):
    said = inspect("model.yaml", CASES["a name too long"][0]).said
    assert max(map(len, said.splitlines())) < 300

"""The schema and the reader agree: on every example, every broken case, and specs with a single change."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError

from lstm_shapes import api, formats
from lstm_shapes.cli import schema as command
from lstm_shapes.findings.finding import Place
from lstm_shapes.formats.document import Document
from lstm_shapes.layers import FAMILIES, family
from lstm_shapes.rules import lint
from lstm_shapes.rules.catalog import kinds
from lstm_shapes.spec.keys import NODE_KEYS, PASSTHROUGH_KEYS, TOP_KEYS, TYPE_ALIASES, either, required, spellings
from lstm_shapes.spec.schema import schema

from ..profiles import rounds

ROOT = Path(__file__).parents[2]
CASES = sorted(path for path in (ROOT / "tests" / "cases").glob("*.yaml") if ".fixed" not in path.name)
FIXED = sorted((ROOT / "tests" / "cases").glob("*.fixed.yaml"))
EXAMPLES = sorted(path for path in (ROOT / "examples").iterdir() if path.suffix in (".yaml", ".json"))
COMMITTED = ROOT / "docs" / "lstm-shapes.schema.json"
VALIDATOR = Draft7Validator(schema())

SEEN = {"not-a-model", "unknown-key", "missing-key", "wrong-value", "unknown-type", "conflicting-keys"}
UNSEEN = {
    # syntax: a validator gets what a parser made of it
    "unreadable",
    "syntax",
    "duplicate-key",
    "too-large",
    "unsupported-yaml",
    # shapes: computed
    "wrong-rank",
    "last-step-only",
    "size-mismatch",
    "input-dim",
    "merge-mismatch",
    "state-mismatch",
    "shared-mismatch",
    # names: a schema cannot follow them
    "unknown-layer",
    "duplicate-name",
    "cycle",
    "no-such-output",
    # settings that go wrong together, or with what arrives, or in one framework
    "wrong-setting",
    "not-in-framework",
    "beyond-framework",
    # figures
    "expectation",
    "budget",
    "undecided",
    # files of other kinds
    "recorded-shape",
    "stored-arrays",
    # advice on models that are right
    "unused-ignore",
    *(rule.kind.name for rule in lint.rules()),
}
"""The kinds of finding that no schema can express."""
GAPS = {"quoted_number": {2}}
"""Lines of cases that JSON Schema accepts: there 10.0 is an integer."""


def document(path: Path) -> Document:
    return formats.parse(path.name, path.read_bytes())


def errors(data: Any) -> list[ValidationError]:
    return list(VALIDATOR.iter_errors(data))


def leaves(errors: list[ValidationError]) -> Iterator[ValidationError]:
    for error in errors:
        yield error
        yield from leaves(list(error.context))


def faults(data: Any) -> list[str]:
    """The reader's findings about fields."""
    return [finding.message for finding in api.read(data).findings if finding.kind in SEEN]


def expected(case: Path) -> list[tuple[int, str]]:
    """The line and the kind of every finding of a case."""
    names = {kind.id: name for name, kind in kinds().items()}
    text = case.with_suffix(".expected").read_text("utf-8")
    return [(int(line), names[id_]) for line, id_ in re.findall(r"^(\d+):\d+ (LS\d+) ", text, re.MULTILINE)]


def test_it_is_a_schema_and_refers_to_nothing_that_is_not_there() -> None:
    Draft7Validator.check_schema(schema())
    text = json.dumps(schema())
    names = set(schema()["definitions"])
    assert {name.removeprefix("#/definitions/") for name in re.findall(r'"\$ref": "([^"]+)"', text)} == names


def test_the_committed_file_is_what_the_command_prints() -> None:
    assert COMMITTED.read_text("utf-8") == command.text(), "run: python docs/generate.py"


@pytest.mark.parametrize("path", [*EXAMPLES, *FIXED], ids=lambda path: path.name)
def test_an_example_and_a_fixed_case_are_accepted(path: Path) -> None:
    assert errors(document(path).data) == []


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_broken_case_is_rejected_where_a_schema_can_see_what_is_wrong_and_only_there(path: Path) -> None:
    read, kinds = document(path), expected(path)
    found = errors(read.data)
    if read.data is not None:
        assert bool(found) == any(kind in SEEN for _, kind in kinds)
        marked = {place.line for error in leaves(found) for place in places(read, error)}
        assert {line for line, kind in kinds if kind in SEEN} <= marked | GAPS.get(path.stem, set())


def places(read: Document, error: ValidationError) -> Iterator[Place]:
    """The places of an error; an error about keys that are not allowed has the place of each key."""
    route = tuple(error.absolute_path)
    extra = error.instance.keys() - error.schema["properties"] if error.validator == "additionalProperties" else {}
    for place in (read.place(route), *(read.place((*route, key), key=True) for key in extra)):
        if place:
            yield place


def test_every_kind_of_finding_is_either_seen_or_listed_as_unseen() -> None:
    assert SEEN.isdisjoint(UNSEEN)
    assert set(kinds()) <= SEEN | UNSEEN
    shown = {kind for path in CASES for _, kind in expected(path)}
    assert shown >= SEEN, "a kind that a schema sees has no case"


def test_every_key_and_type_that_the_reader_knows_has_its_place() -> None:
    properties, branches = schema()["properties"], schema()["definitions"]
    assert list(properties) == TOP_KEYS
    for type_ in FAMILIES:
        keys = set(branches[f"type_{type_}"]["properties"])
        assert keys >= {*spellings(type_), *NODE_KEYS}
        assert branches[f"type_{type_}"]["description"].endswith(".")
        assert all(re.fullmatch(*branches[f"type_{type_}"]["patternProperties"], key) for key in PASSTHROUGH_KEYS)
    offered = branches["layer"]["properties"]["type"]["anyOf"][0]["enum"]
    assert {*FAMILIES, "model", "LSTM", "TimeDistributed", *TYPE_ALIASES} <= set(offered)


def test_defaults_choices_and_docs_are_those_of_the_fields() -> None:
    branches = schema()["definitions"]
    for type_ in FAMILIES:
        for field in fields(family(type_)):
            if field.metadata["kind"] in ("frozen", "implied"):  # written as ``trainable``, or by the type
                continue
            described = branches[f"type_{type_}"]["properties"][field.name]
            assert described["description"].lower().startswith(field.metadata["doc"].lower())
            assert described.get("default") == (None if field.default is MISSING else field.default)
            if field.metadata["choices"]:
                assert [word for word in described["anyOf"][0]["enum"] if word] == list(field.metadata["choices"])


def test_an_error_is_about_the_type_of_the_layer() -> None:
    (error,) = errors({"input_dim": 8, "layers": [{"type": "LSTM", "units": 3, "vocab": 5}]})
    assert "vocab" in error.message
    (error,) = errors({"input_dim": 8, "layers": [{"type": "lsmt", "units": 3}]})
    assert list(error.absolute_path) == ["layers", 0, "type"]


@pytest.mark.parametrize("written", ["LSTM", "lstm", "Conv_LSTM-2d", "SimpleRNN", "simple_rnn", "TimeDistributed"])
def test_a_type_in_any_spelling_is_judged_by_its_own_fields(written: str) -> None:
    data = {"input_dim": 8, "layers": [{"type": written, "units": 3, "nonsense": 1}]}
    assert any("nonsense" in error.message for error in errors(data))
    assert faults(data)


def test_a_type_that_implies_a_field_needs_it_no_more() -> None:
    data: dict[str, Any] = {"input_dim": 8, "layers": [{"type": "Tanh"}]}
    assert not errors(data)
    assert not faults(data)
    data["layers"][0]["type"] = "activation"
    assert errors(data)
    assert faults(data)


GOOD: dict[str, list[Any]] = {
    "size": [1, 32, "H", "2*H + 1", "(T//2) - -3", 2**63 - 1],
    "shape": [["B", 3], ["B", "T", "2*H"]],
    "any_shape": [[], ["B", 3], ["B", "T", "2*H"]],
    "target": [[-1], [3, -1], ["H", 2]],
    "count": [0, 17, "H*3", None],
    "flag": [True, False],
    "number": [0, -1.5, 3],
    "rate": [0, 0.5, 1],
    "integer": [-1, 1, 2],
    "integers": [[2, 1], [1]],
    "integers_or_one": [3, [3, 3]],
    "text": ["CumSum", "a"],
    "axes": [-1, [0, 2], [1], None],
    "positive": [1, 3],
    "position": [0, -3, 5, "K", "T - 1", "-K", None],
    "axis_or_axes": [-1, 1, [1, 2]],
    "optional_axes": [None, 1, [1, 2]],
    "sizes": [8, "H", [8], ["T", 8]],
    "optional_sizes": [None, 8, "H", ["T", 8]],
    "size_or_all": [-1, 2, "H"],
    "sizes_or_one": [3, [3, 3], "K", [3, "K"]],
    "number_from_0": [0, 6, 0.5],
    "optional_limit": [None, 6, 0.5],
    "sizes_or_zero": [0, 2, None, [0, 1], ["K", 0], "K"],
    "optional_size": [None, 3, "K"],
    "optional_sizes_or_one": [None, 3, [3, "K"], "K"],
    "sizes_or_kept": [3, "K", [None, 3], [3, "K", None]],
    "ends": [0, 2, "K", [1, 2], [[0, 1], 2], [1, 2, 3, 4], [["K", 0]]],
    "padding": ["same", "Valid", 0, 3, [1, 2], [[0, 1], 2], ["P", 0], "(K - 1)//2"],
    "causal_padding": ["causal", "SAME", 1, [[2, 0]]],
    "activation": ["tanh", "ReLU", "swish", "HardTanh", None],
}
BAD: dict[str, list[Any]] = {
    "size": [
        0,
        -3,
        True,
        1.5,
        "32",
        "20_000",
        "2**3",
        "H é",
        "3H",
        "",
        " ",
        "-4",
        [3],
        {},
        None,
        2**63,
        "H+",
        "H" * 2000,
    ],
    "any_shape": [[0], 3, "B", ["B", "5"], [["B"]], None, [1] * 65],
    "shape": [[], [0], 3, "B", ["B", "5"], [["B"]], None, [1] * 65],
    "target": [[], [-2], -1, None],
    "count": [-1, "17", True, 1.5, [3]],
    "flag": ["yes", 1, 0, None, "true", []],
    "number": ["3", True, None],
    "rate": [-0.1, 1.1, 20, "0.5", True, None],
    "integer": ["1", 1.5, None, True, 2**63],
    "integers": [[], 3, ["1"], [1.5], None],
    "integers_or_one": [0, [0], [], "3", None, [-1, 2]],
    "text": ["", 3, None, True, "x" * 300],
    "axes": [[], "1", True, [None], 1.5],
    "positive": [0, -1, "3", None, True, 1.5, 100_000],
    "position": ["3", " -2 ", "None", True, 1.5, [1], "K +"],
    "axis_or_axes": [[], "1", 1.5, None, True],
    "optional_axes": [[], "1", 1.5, True],
    "sizes": [0, [], [0], "8", None, [-1]],
    "optional_sizes": [0, [], "8", [-1]],
    "size_or_all": [0, -2, "-1", None, 1.5],
    "sizes_or_one": [0, [0], [], "3", None, [-1, 2], [None, 3]],
    "number_from_0": ["6", True, [], None, -1],
    "optional_limit": ["6", True, [], -1],
    "sizes_or_zero": [-1, [], "3", [None], 1.5],
    "optional_size": [0, "3", [3], True, 1.5],
    "optional_sizes_or_one": [0, [0], [], "3", [None, 3]],
    "sizes_or_kept": [0, None, [0], [], "3", [-1, 2], "None"],
    "ends": [-1, None, "same", "VALID", [], [[1]], [[1, 2, 3]], [None], "3", True],
    "padding": ["causal", "sam", "P", -1, [], [[1]], [[1, 2, 3]], None, True, "3"],
    "causal_padding": ["full", "P", -1, [], [[1]], None],
    "activation": ["tahn", 3, True, [], "tanh "],
}
GOOD["count"].remove(None)


def layer(type_: str, rng: random.Random) -> dict[str, Any]:
    """A layer with its required fields and some of the others, under any of their names."""
    names: dict[str, list[str]] = {}
    for key, spelling in spellings(type_).items():
        names.setdefault(spelling.field, []).append(key)
    written: dict[str, Any] = {"type": rng.choice([type_, family(type_).__name__, type_.upper()])}
    for name, keys in names.items():
        spelling = spellings(type_)[name]
        others = either(type_)[1:]
        if name in (*required(type_), *either(type_)[:1]) or (rng.random() < 0.2 and name not in others):
            written[rng.choice(keys)] = good(type_, spelling.kind, spelling.choices, rng)
    written.update({key: value for key, value in NODE.items() if rng.random() < 0.1 and key not in spellings(type_)})
    return written


NODE: dict[str, Any] = {
    "name": "encoder",
    "input_dim": 8,
    "repeat": 2,
    "trainable": False,
    "expect": {"output": ["B", 3], "states": {"h": ["B", 2]}, "params": "H*4"},
    "budget": {"macs": 30, "bytes": 10},
    "kernel_initializer": {"class_name": "glorot"},
}


def good(type_: str, kind: str, choices: tuple[str, ...], rng: random.Random) -> Any:
    if kind == "choice":
        return rng.choice([*choices, choices[0].upper()])
    if kind == "layer":
        recurrent = [name for name in FAMILIES if family(name).recurrent]
        inner = layer(rng.choice(recurrent if type_ == "bidirectional" else ["dense", "lstm", "flatten"]), rng)
        return {key: value for key, value in inner.items() if key not in NODE}
    if kind == "cells":
        cells = [layer(rng.choice(["lstm_cell", "gru_cell", "rnn_cell"]), rng) for _ in range(rng.randint(1, 2))]
        return [{key: value for key, value in cell.items() if key not in NODE} for cell in cells]
    return rng.choice(GOOD[kind])


def specs(seed: int) -> Iterator[dict[str, Any]]:
    """A spec with a single layer for each type, whose fields are valid."""
    rng = random.Random(seed)
    for type_ in FAMILIES:
        yield {"inputs": {"x": ["B", "T", 8]}, "layers": [layer(type_, rng)]}


def mutants(spec: dict[str, Any], rng: random.Random) -> Iterator[dict[str, Any]]:
    """The spec with a single change: a key removed, a key added, another value."""
    written = spec["layers"][0]
    type_ = next(
        name for name in FAMILIES if name in (written["type"].lower(), family(name).type) and same(name, written)
    )
    known = spellings(type_)
    for key in list(written):
        changed = deepcopy(spec)
        del changed["layers"][0][key]
        yield changed
        if key in known and known[key].kind in BAD:
            for value in rng.sample(BAD[known[key].kind], 3) + rng.sample(GOOD[known[key].kind], 2):
                changed = deepcopy(spec)
                changed["layers"][0][key] = value
                yield changed
    for key, value in (
        ("nonsense", 1),
        ("use", "encoder"),
        ("layers", []),
        ("units", 3),
        ("bias", True),
        ("use_bias", True),
    ):
        changed = deepcopy(spec)
        changed["layers"][0][key] = value
        yield changed
    for key, value in TOP:
        changed = deepcopy(spec)
        changed[key] = value
        yield changed
    key, value = rng.choice(NODE_MUTATIONS)
    if key not in known:
        changed = deepcopy(spec)
        changed["layers"][0][key] = value
        yield changed


def same(type_: str, written: dict[str, Any]) -> bool:
    return written["type"] in (type_, family(type_).__name__, type_.upper())


TOP: list[tuple[str, Any]] = [
    ("input_dim", 8),
    ("timesteps", 3),
    ("inputs", ["B"]),
    ("framework", "kera"),
    ("dtype", "Float16"),
    ("name", 3),
    ("name", "x" * 201),
    ("dims", {"H": 3}),
    ("dims", {"3H": 3}),
    ("dims", {"H": 0}),
    ("expect", {"params": -1}),
    ("expect", {"param": 1}),
    ("budget", {"output": [1]}),
    ("budget", 3),
    ("outputs", []),
    ("outputs", [3]),
    ("layers", []),
    ("layers", {}),
    ("layer", 1),
]
NODE_MUTATIONS: list[tuple[str, Any]] = [
    ("name", ""),
    ("name", 3),
    ("name", "x" * 201),
    ("inputs", []),
    ("inputs", 3),
    ("trainable", "yes"),
    ("repeat", 0),
    ("repeat", True),
    ("expect", 3),
    ("expect", {"states": []}),
    ("budget", {"params": "3"}),
    ("input_dim", "8"),
    ("type", 3),
    ("type", None),
    ("type", "lstmm"),
    ("bidirectional", 1),
    ("bidirectional", True),
    ("merge", "sum"),
    ("num_layers", 0),
]


@pytest.mark.parametrize("seed", range(rounds(3, dev=1)))
def test_what_the_schema_accepts_the_reader_accepts(seed: int) -> None:
    for spec in specs(seed):
        assert (errors(spec), faults(spec)) == ([], []), spec


@pytest.mark.parametrize("seed", range(rounds(3, dev=1)))
def test_they_agree_after_a_single_change(seed: int) -> None:
    rng, counts = random.Random(seed), [0, 0]
    step = rounds(3, dev=24)
    for spec in list(specs(seed))[seed % step :: step]:
        for changed in mutants(spec, rng):
            rejected, findings = errors(changed), faults(changed)
            assert bool(rejected) == bool(findings), (changed, [error.message for error in rejected], findings)
            counts[bool(findings)] += 1
    assert min(counts) > rounds(150, dev=8)


def test_a_looser_schema_disagrees_with_the_reader() -> None:
    """The comparison can fail: without its limits the schema accepts what the reader rejects."""
    loose = deepcopy(schema())
    loose["definitions"]["size"]["anyOf"][0]["minimum"] = 0
    spec = {"input_dim": 8, "layers": [{"type": "lstm", "units": 0}]}
    assert Draft7Validator(loose).is_valid(spec)
    assert not VALIDATOR.is_valid(spec)
    assert faults(spec)

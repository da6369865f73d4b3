"""SARIF: valid against the published schema, and the rules of its text that a schema cannot say."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from jsonschema import Draft4Validator

from lstm_shapes import __version__
from lstm_shapes.checking.outcome import Checked, Outcome
from lstm_shapes.findings.finding import Finding, Place, Replacement
from lstm_shapes.rules.catalog import kinds
from lstm_shapes.views.check import sarif

from .samples import CLEAN, HOSTILE, LAST_STEP, OUTCOME, RAW, holding, rendered

URI = re.compile(r"(file://)?[A-Za-z0-9._~%/-]*")
SCHEMA = Path(__file__).parent / "data" / "sarif-schema-2.1.0.json"


@lru_cache
def schema() -> Draft4Validator:
    return Draft4Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def run(outcome: Outcome) -> dict[str, Any]:
    log = json.loads(rendered(outcome, "sarif"))
    assert [error.message for error in schema().iter_errors(log)] == []
    assert log["$schema"] == json.loads(SCHEMA.read_text(encoding="utf-8"))["id"]
    found: dict[str, Any] = log["runs"][0]
    return found


def test_the_schema_refuses_what_is_not_sarif():
    log = json.loads(rendered(OUTCOME, "sarif"))
    log["runs"][0]["results"][0]["level"] = "fatal"
    log["runs"][0]["results"][1]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    assert len(list(schema().iter_errors(log))) == 2


def test_a_result_has_its_rule_place_related_place_and_fingerprint():
    first, second, third = run(OUTCOME)["results"]
    assert re.fullmatch("[0-9a-f]{32}", first["partialFingerprints"].pop("lstmShapes/v1"))
    here = {"uri": "models/b.yaml", "uriBaseId": "%SRCROOT%"}
    assert first == {
        "ruleId": "LS202",
        "ruleIndex": 0,
        "level": "error",
        "message": {
            "text": "decoder reads (batch, time, features) but gets (B, 32); set `return_sequences: true` on encoder"
        },
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": here,
                    "region": {"startLine": 4, "startColumn": 5, "endLine": 4, "endColumn": 45},
                }
            }
        ],
        "relatedLocations": [
            {
                "id": 1,
                "message": {"text": "encoder keeps only its last step"},
                "physicalLocation": {
                    "artifactLocation": here,
                    "region": {"startLine": 3, "startColumn": 5, "endLine": 3, "endColumn": 43},
                },
            }
        ],
        "partialFingerprints": {},
    }
    assert (second["level"], third["level"]) == ("warning", "note")
    assert third["locations"] == [
        {"physicalLocation": {"artifactLocation": {"uri": "models/c%20d.yaml", "uriBaseId": "%SRCROOT%"}}}
    ]


def test_the_run_names_the_tool_its_columns_and_the_rules_that_found_something():
    found = run(OUTCOME)
    driver = found["tool"]["driver"]
    assert (driver["name"], driver["semanticVersion"]) == ("lstm-shapes", __version__)
    assert found["columnKind"] == "unicodeCodePoints"
    assert [rule["id"] for rule in driver["rules"]] == ["LS202", "LS503", "LS603"]
    assert [driver["rules"][result["ruleIndex"]]["id"] for result in found["results"]] == ["LS202", "LS603", "LS503"]
    assert run(CLEAN)["results"] == run(CLEAN)["tool"]["driver"]["rules"] == []


def test_a_rule_brings_its_page():
    assert run(OUTCOME)["tool"]["driver"]["rules"][0] == {
        "id": "LS202",
        "name": "last-step-only",
        "shortDescription": {"text": "Title of last-step-only"},
        "fullDescription": {"text": "First of last-step-only."},
        "help": {
            "text": "Title of last-step-only\n\nFirst of\nlast-step-only.\n\nSecond.\n\n"
            "Example:\n\nlayers: [a]\n\nInstead:\n\nlayers: [b]",
            "markdown": "Title of last-step-only\n\nFirst of\nlast-step-only.\n\nSecond.\n\n"
            "Example:\n\n```yaml\nlayers: [a]\n```\n\nInstead:\n\n```yaml\nlayers: [b]\n```",
        },
        "defaultConfiguration": {"level": "error"},
    }


def test_every_rule_has_help_that_code_scanning_takes():
    """At most 1,024 characters a description: GitHub, SARIF support for code scanning, reportingDescriptor object."""
    found = tuple(Finding(kind, "m", source="a.yaml") for kind in kinds().values())
    log = json.loads(sarif.render(Outcome((Checked("a.yaml", found),))))
    assert [error.message for error in schema().iter_errors(log)] == []
    rules = log["runs"][0]["tool"]["driver"]["rules"]
    assert [(rule["id"], rule["name"]) for rule in rules] == [(kind.id, kind.name) for kind in kinds().values()]
    for rule in rules:
        texts = [rule["shortDescription"]["text"], rule["fullDescription"]["text"]]
        assert all(0 < len(text) <= 1_024 for text in texts), rule["id"]
        assert "Example:" in rule["help"]["text"], rule["id"]
        assert rule["help"]["markdown"].count("```") in (2, 4), rule["id"]


def location(source: str) -> dict[str, str]:
    results = run(Outcome((Checked(source, (LAST_STEP._replace(source=source),)),)))["results"]
    found: dict[str, str] = results[0]["locations"][0]["physicalLocation"]["artifactLocation"]
    return found


def test_a_path_is_a_uri_below_the_root_or_an_absolute_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    assert location(f"{tmp_path}/sub/a.yaml") == {"uri": "a.yaml", "uriBaseId": "%SRCROOT%"}
    assert location("./x/../c#d?e%:.yaml") == {"uri": "c%23d%3Fe%25%3A.yaml", "uriBaseId": "%SRCROOT%"}
    assert location("/nowhere/a b.yaml") == {"uri": "file:///nowhere/a%20b.yaml"}
    assert location("../a.yaml") == {"uri": "../a.yaml"}
    assert location("<stdin>") == {"uri": "%3Cstdin%3E"}
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    assert location("a.yaml") == {"uri": "sub/a.yaml", "uriBaseId": "%SRCROOT%"}


def test_a_name_that_is_not_utf_8_keeps_its_bytes():
    assert location("caf\udce9.yaml")["uri"] == "caf%E9.yaml"
    assert unquote_to_bytes(location("café.yaml")["uri"]) == "café.yaml".encode()


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_text_is_valid_sarif_and_neither_link_nor_placeholder(case: str):
    for result in run(holding(HOSTILE[case]))["results"]:
        text = result["message"]["text"]
        assert not RAW.search(text)
        assert not re.search(r"\]\(", text)
        assert not re.search(r"[{}]", text.replace("{{", "").replace("}}", ""))
        assert URI.fullmatch(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])


def test_a_fix_is_valid_and_names_the_characters_that_it_replaces() -> None:
    place, long = Place(line=4, column=5, end_line=4, end_column=9), "a{0}](b"
    finding = LAST_STEP._replace(replacements=(Replacement(place, long),), hint=long)
    (result,) = run(Outcome((Checked(finding.source, (finding,)),)))["results"]
    (fix,) = result["fixes"]
    assert fix["description"]["text"] == "a{{0}}] (b"
    (change,) = fix["artifactChanges"]
    assert change["artifactLocation"] == result["locations"][0]["physicalLocation"]["artifactLocation"]
    region = {"startLine": 4, "startColumn": 5, "endLine": 4, "endColumn": 9}
    assert change["replacements"] == [{"deletedRegion": region, "insertedContent": {"text": long}}]

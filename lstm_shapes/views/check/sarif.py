"""A check as SARIF 2.1.0 (OASIS, errata 01): what GitHub code scanning, editors and other viewers read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from lstm_shapes import __version__
from lstm_shapes.checking.outcome import Outcome
from lstm_shapes.findings.finding import Finding, Place
from lstm_shapes.render import json
from lstm_shapes.render.escape import terminal
from lstm_shapes.rules.catalog import Page
from lstm_shapes.rules.catalog import page as page_of
from lstm_shapes.views.check.fingerprint import fingerprints
from lstm_shapes.views.check.paths import in_repository, uri
from lstm_shapes.views.findings import sentence

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "lstmShapes/v1"
"""Not primaryLocationLineHash: GitHub's upload computes that one itself and warns of any other value in its place."""


def render(outcome: Outcome, page: Callable[[str], Page] = page_of) -> str:
    """One run: the rules that found something, with their pages as help, and a result for each finding."""
    findings = outcome.findings
    kinds = [kind.name for kind in sorted({finding.rule for finding in findings})]
    driver = {"name": "lstm-shapes", "version": __version__, "semanticVersion": __version__}
    run = {
        "tool": {"driver": {**driver, "rules": [_rule(page(kind)) for kind in kinds]}},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the files that were checked."}}},
        "results": [
            _result(finding, kinds.index(finding.kind), mark)
            for finding, mark in zip(findings, fingerprints(findings), strict=True)
        ],
    }
    return json.written({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(page: Page) -> dict[str, Any]:
    paragraph = " ".join(page.text.partition("\n\n")[0].split()) or page.title
    return {
        "id": page.id,
        "name": page.name,
        "shortDescription": {"text": page.title},
        "fullDescription": {"text": paragraph},
        "help": {"text": _help(page, "", ""), "markdown": _help(page, "```yaml\n", "```\n")},
        "defaultConfiguration": {"level": page.severity},
    }


def _help(page: Page, begin: str, end: str) -> str:
    parts = [page.title, page.text]
    parts += [f"Example:\n\n{begin}{page.example}{end}".rstrip()] if page.example else []
    parts += [f"Instead:\n\n{begin}{page.instead}{end}".rstrip()] if page.instead else []
    return "\n\n".join(part for part in parts if part)


def _result(finding: Finding, rule: int, fingerprint: str) -> dict[str, Any]:
    seen = [place for place in finding.related if place.place]
    related = [
        {"id": number, **_message(place.message), **_location(finding.source, place.place)}
        for number, place in enumerate(seen, 1)
    ]
    return {
        "ruleId": finding.id,
        "ruleIndex": rule,
        "level": finding.severity,
        **_message(sentence(finding)),
        "locations": [_location(finding.source, finding.place)],
        **({"relatedLocations": related} if related else {}),
        **({"fixes": [_fix(finding)]} if finding.replacements else {}),
        "partialFingerprints": {FINGERPRINT: fingerprint},
    }


def _fix(finding: Finding) -> dict[str, Any]:
    """What ``check --fix`` would write."""
    changes = [
        {"deletedRegion": _region(change.place), "insertedContent": {"text": change.text}}
        for change in finding.replacements
    ]
    artifact = _location(finding.source, None)["physicalLocation"]["artifactLocation"]
    description = {"description": _message(finding.hint)["message"]} if finding.hint else {}
    return {**description, "artifactChanges": [{"artifactLocation": artifact, "replacements": changes}]}


def _message(text: str) -> dict[str, Any]:
    """Plain text in which nothing is a placeholder (braces doubled, 3.11.5) or an embedded link (3.11.6)."""
    plain = terminal(text).replace("{", "{{").replace("}", "}}").replace("](", "] (")
    return {"message": {"text": plain}}


def _location(source: str, place: Place | None) -> dict[str, Any]:
    path = in_repository(source)
    inside = not PurePath(path).is_absolute() and not path.startswith("../") and path != "<stdin>"
    artifact = {"uri": uri(path), **({"uriBaseId": "%SRCROOT%"} if inside else {})}
    region = {"region": _region(place)} if place else {}
    return {"physicalLocation": {"artifactLocation": artifact, **region}}


def _region(place: Place) -> dict[str, int]:
    return dict(zip(("startLine", "startColumn", "endLine", "endColumn"), place, strict=True))

"""GitLab Code Quality: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format."""

from __future__ import annotations

import json
import re

import pytest

from .samples import CLEAN, HOSTILE, OUTCOME, RAW, holding, rendered


def test_a_finding_is_an_object_with_the_fields_that_gitlab_documents():
    found = json.loads(rendered(OUTCOME, "gitlab"))
    assert all(re.fullmatch("[0-9a-f]{32}", issue.pop("fingerprint")) for issue in found)
    assert found == [
        {
            "description": "decoder reads (batch, time, features) but gets (B, 32); "
            "set `return_sequences: true` on encoder",
            "check_name": "LS202 last-step-only",
            "severity": "major",
            "location": {"path": "models/b.yaml", "lines": {"begin": 4}},
        },
        {
            "description": "rnn: dropout between layers, and 1 layer",
            "check_name": "LS603 dropout-one-layer",
            "severity": "minor",
            "location": {"path": "models/b.yaml", "lines": {"begin": 6}},
        },
        {
            "description": "macs <= 9 holds for T <= 3",
            "check_name": "LS503 undecided",
            "severity": "info",
            "location": {"path": "models/c d.yaml", "lines": {"begin": 1}},
        },
    ]
    assert json.loads(rendered(CLEAN, "gitlab")) == []


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_text_is_read_back(case: str):
    found = json.loads(rendered(holding(HOSTILE[case]), "gitlab"))
    assert len({issue["fingerprint"] for issue in found}) == len(found) == 6
    for issue in found:
        issue["location"]["path"].encode("utf-8")
        assert not RAW.search(issue["description"])
        assert not issue["location"]["path"].startswith("./")

"""JUnit XML: valid against the schema of Jenkins' xUnit plugin, and read back."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree

import pytest
import xmlschema

from lstm_shapes.checking.outcome import Outcome

from .samples import CLEAN, HOSTILE, OUTCOME, holding, rendered

GOLDEN = """\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="lstm-shapes" tests="3" failures="1" errors="0" time="0">\
<testsuite name="lstm-shapes" tests="3" failures="1" errors="0" skipped="0" time="0">
<testcase classname="lstm-shapes" name="models/a.yaml" time="0" />
<testcase classname="lstm-shapes" name="models/b.yaml" time="0">\
<failure type="LS202" message="LS202 decoder reads (batch, time, features) but gets (B, 32)">\
models/b.yaml:4:5: LS202 decoder reads (batch, time, features) but gets (B, 32)
  4 |   - {type: lstm, name: decoder, units: 16}
    |     ^
  models/b.yaml:3:5: encoder keeps only its last step
  hint: set `return_sequences: true` on encoder
</failure><system-out>models/b.yaml:6:3: LS603 warning: rnn: dropout between layers, and 1 layer
</system-out></testcase>
<testcase classname="lstm-shapes" name="models/c d.yaml" time="0">\
<system-out>models/c d.yaml: LS503 note: macs &lt;= 9 holds for T &lt;= 3
</system-out></testcase>
</testsuite></testsuites>
"""


@lru_cache
def schema() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(str(Path(__file__).parent / "data" / "junit-10.xsd"))


def suite(outcome: Outcome) -> ElementTree.Element:
    text = rendered(outcome, "junit")
    schema().validate(text)
    found = ElementTree.fromstring(text.encode("utf-8")).find("testsuite")
    assert found is not None
    return found


def test_a_file_is_a_case_that_passes_fails_or_says_something():
    assert rendered(OUTCOME, "junit") == GOLDEN
    assert suite(OUTCOME).attrib["failures"] == "1"


def test_a_clean_file_is_a_passing_case():
    found = suite(CLEAN)
    assert found.attrib["tests"] == "1"
    assert [(case.attrib["name"], len(case)) for case in found] == [("a.yaml", 0)]


def test_the_schema_refuses_what_is_not_junit():
    with pytest.raises(xmlschema.XMLSchemaValidationError):
        schema().validate("<testsuites><testsuite name='a'/></testsuites>")


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_text_stays_inside_its_element(case: str):
    first, second = suite(holding(HOSTILE[case]))
    assert [child.tag for child in first] == ["failure", "system-out"]
    assert list(second) == []
    assert first[0].attrib["message"].endswith("(and 1 more)")
    plain = re.fullmatch(r"[a-z0-9 ]*", HOSTILE[case])
    assert not plain or first.attrib["name"] == HOSTILE[case]

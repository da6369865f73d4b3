"""A check as JUnit XML, in the form that Jenkins' xUnit plugin describes (junit-10.xsd): a test case for each file."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, tostring

from lstm_shapes.checking.outcome import Checked, Outcome
from lstm_shapes.render.escape import xml
from lstm_shapes.views import findings


def render(outcome: Outcome) -> str:
    """A clean file passes, one with errors fails, warnings and notes are its output. ASCII only, so always UTF-8."""
    failed = sum(any(finding.severity == "error" for finding in file.findings) for file in outcome.files)
    counts = {"tests": str(len(outcome.files)), "failures": str(failed), "errors": "0"}
    root = Element("testsuites", {"name": "lstm-shapes", **counts, "time": "0"})
    suite = SubElement(root, "testsuite", {"name": "lstm-shapes", **counts, "skipped": "0", "time": "0"})
    for file in outcome.files:
        _case(suite, file)
    xml: bytes = tostring(root, encoding="us-ascii", xml_declaration=False)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{xml.decode("ascii")}\n'


def _case(suite: Element, file: Checked) -> None:
    suite.text = suite.text or "\n"
    case = SubElement(suite, "testcase", {"classname": "lstm-shapes", "name": xml(file.source), "time": "0"})
    case.tail = "\n"
    errors = [finding for finding in file.findings if finding.severity == "error"]
    others = [finding for finding in file.findings if finding.severity != "error"]
    if errors:
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        message = f"{errors[0].id} {xml(errors[0].message)}{more}"
        SubElement(case, "failure", {"type": errors[0].id, "message": message}).text = _text(findings.render(errors))
    if others:
        SubElement(case, "system-out").text = _text(findings.render(others))


def _text(lines: str) -> str:
    return "\n".join(map(xml, lines.split("\n")))

"""How many findings of a file are kept: more would not help, and a hostile file has millions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from lstm_shapes.findings.finding import Finding
from lstm_shapes.findings.kinds import KINDS

MAX_FINDINGS = 1_000
_MORE = f"more than {MAX_FINDINGS:,} findings; the others are not listed"


class Findings:
    """The findings of a file as they are gathered. The first beyond the limit becomes the finding that says so."""

    def __init__(self, findings: Iterable[Finding] = ()) -> None:
        self.listed: list[Finding] = list(findings)

    @property
    def full(self) -> bool:
        """Whether the limit is passed; what is added then is neither made nor kept."""
        return len(self.listed) > MAX_FINDINGS

    def add(self, make: Callable[[], Finding]) -> None:
        """Add the finding that ``make`` returns."""
        if not self.full:
            self.listed.append(make() if len(self.listed) < MAX_FINDINGS else beyond_limit(make()))


def limited(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The first ``MAX_FINDINGS`` findings, then one that says that there are more; no other is made."""
    told = False
    for number, finding in enumerate(findings):
        told = told or is_beyond_limit(finding)
        if number == MAX_FINDINGS:
            yield finding if told else beyond_limit(finding)
            return
        yield finding


def beyond_limit(first: Finding) -> Finding:
    """The finding that replaces all that are not listed, at the place of the first of them."""
    return first._replace(rule=KINDS["too-large"], message=_MORE, hint="", layer="", related=())


def is_beyond_limit(finding: Finding) -> bool:
    """Whether a finding replaces others that are not listed: no setting or comment silences it."""
    return finding.message == _MORE

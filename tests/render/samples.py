"""One outcome that all formats show, and hostile strings in every place of one."""

from __future__ import annotations

import re
from importlib import import_module

from lstm_shapes.checking.outcome import Checked, Outcome
from lstm_shapes.findings.finding import Finding, Place, Related
from lstm_shapes.rules.catalog import Page, kinds

LAST_STEP = Finding(
    rule=kinds()["last-step-only"],
    message="decoder reads (batch, time, features) but gets (B, 32)",
    hint="set `return_sequences: true` on encoder",
    source="models/b.yaml",
    place=Place(4, 5, 4, 45),
    layer="decoder",
    related=(Related("encoder keeps only its last step", Place(3, 5, 3, 43)),),
    excerpt="  - {type: lstm, name: decoder, units: 16}",
)
DROPOUT = Finding(
    rule=kinds()["dropout-one-layer"],
    message="rnn: dropout between layers, and 1 layer",
    source="models/b.yaml",
    place=Place(6, 3, 8, 1),
    layer="rnn",
)
UNDECIDED = Finding(rule=kinds()["undecided"], message="macs <= 9 holds for T <= 3", source="models/c d.yaml")
OUTCOME = Outcome(
    (
        Checked("models/a.yaml", ()),
        Checked("models/b.yaml", (LAST_STEP, DROPOUT)),
        Checked("models/c d.yaml", (UNDECIDED,)),
    ),
    skipped=2,
)
CLEAN = Outcome((Checked("a.yaml", ()),))

HOSTILE = {
    "a line break": "a\r\n::error::b\n::stop-commands::x",
    "a command": "::error file=a,line=1::b",
    "a command behind a blank": " \u2003::add-mask::b",
    "an old command": "a##[group]b",
    "half an old command": "a##",
    "percent": "100%0A::error::%25%0D%3A",
    "properties": "a,line=7::b=c",
    "a colon": ":",
    "CDATA": "]]><!--&lt;<![CDATA[",
    "markup": "</failure></testcase><a b='c' d=\"e\">&amp;&#0;",
    "C0": "".join(map(chr, range(32))),
    "C1": "".join(map(chr, range(127, 160))),
    "bidi": "a\u202egnp.exe\u2066\u2069\u061c\u200e",
    "line separators": "a\u2028::error::b\u2029c\u0085d",
    "a byte that is not UTF-8": "caf\udce9.yaml",
    "half a pair": "\ud800a",
    "pairs": "\U0001f468\u200d\U0001f469",
    "no characters": "a\ufffe\uffffb\U0001ffff",
    "markdown": "a | b `c` **d** [e](javascript:f) ![g](h) <img src=x> | @i https://j.k",
    "placeholders": "{0} {{1}} [a](2) {",
    "quotes": "a\"b'c\\d",
    "a parent": "../../x.yaml",
    "long": "x" * 5_000,
    "nothing": "",
}


RAW = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""What can hide, move or break text: never in an output, nor in what a reader shows of it."""


def rendered(outcome: Outcome, form: str) -> str:
    module = import_module(f"lstm_shapes.views.check.{form}")
    text: str = module.render(outcome, page) if form == "sarif" else module.render(outcome)
    return text


def page(kind: str) -> Page:
    """A rule's page that does not need the rule."""
    text = f"First of\n{kind}.\n\nSecond."
    return Page(*kinds()[kind], f"Title of {kind}", text, "layers: [a]\n", "layers: [b]\n")


def holding(text: str) -> Outcome:
    """An outcome with the text wherever text from a file can be."""
    names = ("last-step-only", "unused-output", "undecided")
    found = tuple(
        Finding(
            rule=kinds()[name],
            message=text,
            hint=text,
            source=text,
            place=place,
            layer=text,
            related=(Related(text, Place(1, 1, 1, 2)), Related(text)),
            excerpt=text,
        )
        for name in names
        for place in (Place(1, 2, 1, 3), None)
    )
    return Outcome((Checked(text, found), Checked(text + "2", ())))

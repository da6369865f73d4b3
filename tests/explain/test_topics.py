"""The topics of ``explain``: pages of a screen, figures that are right, claims that hold and can fail."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from lstm_shapes.analysis import explain
from lstm_shapes.analysis.explain.topic import Figures, Topic
from lstm_shapes.cli.explain_topic import TOPICS, show
from lstm_shapes.cli.options import Color
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.layers.base import Layer
from lstm_shapes.render import plain, text
from lstm_shapes.views import explain_topic as view

from ..profiles import few
from .broken_twins import TWINS

ROOT = Path(__file__).resolve().parents[2]
CLAIMS = [(topic, number) for topic in TOPICS for number in range(len(explain.claims(topic)))]
SEEDS = range(8)
BROKEN = [
    (topic, number, twin)
    for topic, of_claims in TWINS.items()
    for number, twins in enumerate(of_claims)
    for twin in twins
]
FILLER = (
    "simply just basically very really easily easy obviously actually quite powerful essentially clearly important "
    "interesting remember course crucial delve leverage robust seamless note"
).split()

D, H = 8, 32
LSTM, GRU, BEFORE, RNN = 4 * H * (D + H + 1), 3 * H * (D + H + 2), 3 * H * (D + H + 1), H * (D + H + 1)
LSTM_MACS, GRU_MACS, RNN_MACS = 4 * H * (D + H), 3 * H * (D + H), H * (D + H)
TORCH_LSTM, TORCH_RNN = 4 * H * (D + H + 2), H * (D + H + 2)
EDGES = {column for gate in range(4) for column in (gate * H, gate * H + H - 1)}
FIGURES = {  # every number on a page, by the formulas and layouts of the frameworks' sources (conventions.md)
    "units": {D, H, 4, 1, 4 * H, D * 4 * H, H * 4 * H, LSTM, 4 * (D + 1 + 1), H * 4 * (D + 1 + 1)},
    "return_sequences": {H, LSTM, LSTM_MACS, 1, -1},
    "return_state": {H, LSTM, 1, H // 2},
    "stateful": {H, LSTM, 10, 5, 4, 4 * H, 2 * 4 * H},
    "bidirectional": {D, H, 1, 2, 4, 0, -1, 2 * H, 2 * LSTM},
    "gates": {D, H, 0, 1, 4 * H, LSTM, LSTM // 4, *EDGES},
    "bias": {D, H, 2, 4 * H, 3 * H, LSTM, LSTM_MACS, GRU, GRU_MACS, RNN, RNN_MACS, TORCH_LSTM, TORCH_RNN},
    "reset_after": {H, 3, 2, 1, GRU, BEFORE, GRU_MACS, GRU - BEFORE},
    "timesteps": {D, H, 10, 100, LSTM, LSTM_MACS, 10 * LSTM_MACS, 100 * LSTM_MACS},
    "masking": {D, H, 2, 10, 7, 3, 0, 7 * LSTM_MACS, 10 * LSTM_MACS},
    "params": {D, H, 4, 3, 2, 1, LSTM, GRU, RNN, 4 * LSTM, 64, 4 * 64 * (D + 64 + 1)},
    "macs": {D, H, 4, 10, LSTM, GRU, RNN, LSTM_MACS, GRU_MACS, RNN_MACS, 2 * LSTM_MACS}
    | {40 * macs for macs in (LSTM_MACS, GRU_MACS, RNN_MACS)},
    "frameworks": {D, H, 4 * H, LSTM, GRU, RNN, TORCH_LSTM, TORCH_RNN, TORCH_LSTM - LSTM},
}


def text_of(topic: Topic, keep: tuple[str, ...] = ()) -> str:
    """All text of a page; of a table by framework only the rows that are to be kept."""
    pieces = [topic.question]
    for part in topic.parts:
        if isinstance(part, Figures):
            rows = [row for row in part.rows if not keep or row[0] in keep]
            pieces += [" ".join(row) for row in (part.headers, *rows)]
        else:
            pieces.append(part)
    return "\n".join(pieces)


def numbers(written: str) -> set[int]:
    """The numbers in a text, but for those in names: Keras 3, weight_ih_l0, float32, TensorFlow's version."""
    bare = re.sub(r"Keras 3|version 2", "", written)
    return {int(number.replace(",", "")) for number in re.findall(r"(?<![\w-])-?\d+(?:,\d{3})*", bare)}


@pytest.mark.parametrize("topic", TOPICS)
def test_every_number_of_a_page_is_the_one_of_the_closed_formula(topic: str) -> None:
    keep = ("Keras 3", "PyTorch") if topic == "frameworks" else ()
    assert numbers(text_of(explain.page(topic), keep)) == FIGURES[topic]


def test_a_wrong_number_on_a_page_is_noticed() -> None:
    page = explain.page("units")
    wrong = page._replace(parts=(*page.parts, "5,249 of them, at -1"))
    assert numbers(text_of(wrong)) - FIGURES["units"] == {5249, -1}


@pytest.mark.parametrize("topic", TOPICS)
def test_a_page_fits_a_screen(topic: str) -> None:
    page = view.page(explain.page(topic))
    for printed in (plain.render(page), text.render(page, width=100, color=False)):
        lines = re.sub(r"\x1b\[[\d;]*m", "", printed).splitlines()
        assert len(lines) <= 24
        assert max(map(len, lines)) <= 100


@pytest.mark.parametrize("topic", TOPICS)
def test_a_page_and_its_claims_have_no_filler(topic: str) -> None:
    page, claims = explain.page(topic), explain.claims(topic)
    used = re.findall(r"[a-z]+", " ".join([text_of(page), *(claim.sentence for claim in claims)]).lower())
    assert not set(used) & set(FILLER)
    assert all(claim.sentence.endswith(".") for claim in claims)
    assert page.question.endswith("?")
    assert page.name == topic


def test_the_topics_are_the_modules_and_each_has_a_page_and_claims() -> None:
    folder = ROOT / "lstm_shapes" / "analysis" / "explain" / "topics"
    assert sorted(TOPICS) == sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")
    assert all(explain.claims(topic) for topic in TOPICS)


@pytest.mark.parametrize(("topic", "number"), CLAIMS)
def test_a_claim_holds_for_every_seed(topic: str, number: int) -> None:
    claim = explain.claims(topic)[number]
    for seed in SEEDS:
        shown = claim.shown(seed)
        assert shown.holds, shown.measured
        assert re.search(r"\d", shown.measured)


@pytest.mark.parametrize(
    ("topic", "number", "twin"), few(BROKEN, 20), ids=lambda parameter: getattr(type(parameter), "__name__", None)
)
def test_a_claim_fails_for_a_layer_for_which_it_is_not_true(topic: str, number: int, twin: Layer) -> None:
    for seed in SEEDS:
        shown = explain.claims(topic)[number].shown(seed, twin)
        assert not shown.holds, shown.measured


def test_every_claim_has_a_layer_for_which_it_is_not_true() -> None:
    assert {topic: len(explain.claims(topic)) for topic in TOPICS} == {topic: len(TWINS[topic]) for topic in TWINS}
    assert all(twins for of_claims in TWINS.values() for twins in of_claims)


def test_a_seed_gives_the_same_numbers_again_and_another_seed_others() -> None:
    claim = explain.claims("units")[0]
    assert claim.shown(3) == claim.shown(3) != claim.shown(4)


@pytest.mark.parametrize("topic", TOPICS)
def test_the_document_is_up_to_date(topic: str) -> None:
    path = ROOT / "docs" / "explain" / f"{topic}.md"
    assert path.exists() and path.read_text("utf-8") == view.markdown(topic), "run: python docs/generate.py"


def test_there_is_no_document_without_a_topic() -> None:
    assert {path.stem for path in (ROOT / "docs" / "explain").glob("*.md")} == set(TOPICS)


def printed(topic: str, form: str, capsys: pytest.CaptureFixture[str], *, experiment: bool = True) -> str:
    show(topic, experiment=experiment, output_format=form, output_file="", color=Color.never, seed=1)
    return capsys.readouterr().out


@pytest.mark.parametrize("topic", TOPICS)
def test_all_formats_have_the_page_and_what_was_measured(topic: str, capsys: pytest.CaptureFixture[str]) -> None:
    page, claims = explain.page(topic), explain.claims(topic)
    shown = [claim.shown(1) for claim in claims]
    terminal, document = printed(topic, "text", capsys), printed(topic, "markdown", capsys)
    for part in page.parts:
        if isinstance(part, str):
            assert " ".join(part.split()) in " ".join(terminal.split())
    for claim, result in zip(claims, shown, strict=True):
        for output in (terminal, document.replace("\\", "")):
            assert claim.sentence in " ".join(output.split())
            assert result.measured in " ".join(output.split())
    data = json.loads(printed(topic, "json", capsys))
    assert [(result["claim"], result["measured"], result["holds"]) for result in data["claims"]] == [
        (claim.sentence, *result) for claim, result in zip(claims, shown, strict=True)
    ]
    assert (data["topic"], data["seed"]) == (topic, 1)
    without = json.loads(printed(topic, "json", capsys, experiment=False))
    assert without["seed"] is None
    assert {result["holds"] for result in without["claims"]} == {None}
    assert without["parts"] == data["parts"]


def test_a_markdown_table_keeps_its_columns() -> None:
    for topic in TOPICS:
        for block in re.findall(r"(?:^\|.*\n)+", view.markdown(topic), re.MULTILINE):
            assert len({line.count("|") for line in block.splitlines()}) == 1


def test_a_claim_that_does_not_hold_is_printed_and_gives_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first, *rest = explain.claims("units")
    from lstm_shapes.analysis.explain.topics import units

    monkeypatch.setattr(units, "CLAIMS", (first._replace(layer=TWINS["units"][0][0]), *rest))
    with pytest.raises(typer.Exit) as ended:
        printed("units", "text", capsys)
    assert ended.value.exit_code == 1
    out = capsys.readouterr().out
    assert out.count("THE CLAIM DOES NOT HOLD") == 1
    assert out.count("the claim holds") == len(rest)


@pytest.mark.parametrize(("topic", "form", "message"), [("unit", "text", "no topic"), ("units", "csv", "got csv")])
def test_an_unknown_topic_or_form_is_wrong_usage(
    topic: str, form: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended:
        printed(topic, form, capsys)
    assert ended.value.exit_code == 2
    assert message in capsys.readouterr().err


def test_the_page_is_written_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "units.md"
    show("units", experiment=False, output_format="markdown", output_file=str(path), color=Color.auto, seed=0)
    assert path.read_text("utf-8") == view.markdown("units")
    assert capsys.readouterr().out == ""


def test_a_page_loads_no_numpy() -> None:
    program = """
import sys
from lstm_shapes.analysis import explain
from lstm_shapes.views import explain_topic
for topic in explain.TOPICS:
    explain_topic.page(explain.page(topic)), explain_topic.markdown(topic)
print("numpy" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, timeout=60
    )
    assert done.stdout.split() == [b"False"], done.stderr


def test_the_page_of_the_frameworks_has_a_row_for_each() -> None:
    (table,) = (part for part in explain.page("frameworks").parts if isinstance(part, Figures))
    assert [row[0] for row in table.rows] == [framework.title for framework in FRAMEWORKS.values()]

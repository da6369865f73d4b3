"""The files in examples/: read without a finding, confirmed by a run, and printed with totals that add up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import lstm_shapes as ls
from lstm_shapes import api, formats
from lstm_shapes.render import plain
from lstm_shapes.views.inspect import page

from .profiles import some

FOLDER = Path(__file__).parent.parent / "examples"
EXAMPLES = sorted(path for path in FOLDER.iterdir() if path.suffix in (".yaml", ".json"))
DECLARED = {"siamese_malstm.yaml": ["similarity"]}
"""The layers that stand for what has no layer here; all others are run."""
LARGE = (
    "gru_text_generation.yaml",
    "mnist_hierarchical.yaml",
    "speech_ctc_torch.yaml",
    "speech_emotion_cnn_lstm.yaml",
    "speech_lstmp_torch.yaml",
    "temporal_fusion.yaml",
    "word_language_model_torch.yaml",
)
"""Those whose run takes long."""


@pytest.fixture(params=EXAMPLES, ids=lambda path: path.name)
def example(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_there_is_a_choice_of_frameworks_and_formats() -> None:
    assert len(EXAMPLES) >= 8
    assert {path.suffix for path in EXAMPLES} == {".yaml", ".json"}
    assert {ls.inspect(path).framework for path in EXAMPLES} == {"keras", "torch"}


def test_an_example_reads_without_a_finding(example: Path) -> None:
    report = ls.inspect(example)
    assert report.findings == ()
    assert report.complete


def test_an_example_says_what_it_is_and_where_its_counts_come_from(example: Path) -> None:
    text = example.read_text(encoding="utf-8")
    head = text.split("\n\n")[0] if example.suffix == ".yaml" else ls.inspect(example).name
    assert re.search(r"https://\S+", head)
    assert re.search(r"\b(19|20)\d\d\b", head)
    assert "ounts: " in head
    assert example.suffix == ".json" or ls.inspect(example).name == example.stem


def test_an_example_expects_the_count_of_the_whole_model(example: Path) -> None:
    expected = [
        expectation
        for expectation in api.read(example).expectations
        if (expectation.layer, expectation.what, expectation.bound) == ((), "params", False)
    ]
    assert [expectation.value for expectation in expected] == [ls.inspect(example).totals.params]


def test_an_example_with_another_count_is_told_so(example: Path) -> None:
    data = formats.read(str(example)).data
    right = data["expect"]["params"]
    found = ls.inspect({**data, "expect": {"params": right + 1}}).findings
    assert [finding.message for finding in found] == [f"the model: expected {right + 1:,} params, got {right:,}"]


@pytest.mark.parametrize("name", some([path.name for path in EXAMPLES], *LARGE))
def test_an_example_is_confirmed_by_a_run(name: str) -> None:
    found = ls.verify(FOLDER / name)
    assert found.verdict == "confirmed", found.reason
    declared = DECLARED.get(name, [])
    assert [layer.name for layer in found.layers if layer.verdict != "confirmed"] == declared


def test_the_printed_rows_of_an_example_add_up_to_the_printed_total(example: Path) -> None:
    report = ls.inspect(example)
    table, _, totals = plain.render(page(report)).partition("\n\n")[2].partition("\n\n")
    headers, *rows = [re.split(r" {2,}", line) for line in table.splitlines() if not line.startswith(" ")]
    column = headers.index("params")
    printed = [int(row[column].removesuffix(" (declared)").replace(",", "")) for row in rows]
    assert len(printed) == len(report.layers)
    assert totals.startswith(f"total params: {sum(printed):,}, ")


def test_char_rnn_has_the_count_that_char_rnn_printed() -> None:
    """The log in karpathy/char-rnn#215: rnn_size 512, num_layers 3, vocab size 78."""
    data = formats.read(str(FOLDER / "char_rnn_torch.yaml")).data
    lstm, decoder = ({key: value for key, value in layer.items() if key != "expect"} for layer in data["layers"])
    bigger = {**data, "layers": [{**lstm, "num_layers": 3}, decoder], "expect": {"params": 5_454_926}}
    assert ls.inspect(bigger, dims={"H": 512, "V": 78}).findings == ()


def test_a_sum_of_longer_numbers_changes_shapes_and_no_count() -> None:
    report = ls.inspect(FOLDER / "keras_addition.yaml", dims={"DIGITS": 5})
    assert report.findings == ()
    assert report["dense"].outputs[0].shape is not None
    assert report["dense"].outputs[0].shape[1:] == (6, 12)

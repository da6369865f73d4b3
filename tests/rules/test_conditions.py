"""Notes of what a model needs of its symbols: each condition once, the one that implies the others."""

from __future__ import annotations

import re
import time

import pytest

from lstm_shapes.analysis.sweep import sweep
from lstm_shapes.api import inspect
from lstm_shapes.formats import parse


def notes(layers: str, shape: str = "B, T, 16", dims: dict[str, int] | None = None) -> list[str]:
    text = f"inputs: {{x: [{shape}]}}\nlayers:\n{layers}"
    findings = inspect(parse("model.yaml", text.encode()).data, dims=dims).findings
    return [finding.message for finding in findings if finding.id == "LS503"]


def chain(count: int, settings: str = "") -> str:
    line = "  - {{type: conv1d, name: c{}, filters: 16, kernel_size: 3{}}}\n"
    return "".join(line.format(number, settings) for number in range(count))


def shortest(count: int, stride: int) -> int:
    """The shortest axis that is left of a chain of kernels of 3, by trying."""
    length = 1
    for _ in range(count):
        length = (length - 1) * stride + 3
    return length


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("count", [2, 7, 30])
def test_a_chain_has_one_note_that_names_the_layer_that_needs_most(count: int, stride: int) -> None:
    (note,) = notes(chain(count, f", strides: {stride}"))
    assert note.startswith(f"c{count - 1} (conv1d): fits where ")
    others = "layer" if count == 2 else "layers"
    assert note.endswith(f": T >= {shortest(count, stride):,} (enough for {count - 1} other {others})")
    least = int(re.findall(r"T >= ([\d,]+) ", note)[0].replace(",", ""))
    text = f"inputs: {{x: [B, T, 16]}}\nlayers:\n{chain(count, f', strides: {stride}')}"
    model = parse("model.yaml", text.encode()).data
    errors = [[f.severity for f in inspect(model, dims={"T": length}).findings] for length in (least, least - 1)]
    assert errors == [[], ["error"]]


def test_a_condition_that_a_layer_before_implies_is_not_said_again() -> None:
    layers = chain(1, ", strides: 2") + "  - {type: select, axis: 1, index: 0}\n"
    assert notes(layers) == ["c0 (conv1d): fits where T >= 3 (enough for 1 other layer)"]


def test_conditions_on_different_axes_are_each_said() -> None:
    layer = "  - {type: conv2d, filters: 4, kernel_size: [3, 5]}\n"
    assert notes(layer * 2, "B, H, W, 3") == [
        "conv2d_1 (conv2d): fits where H - 2 >= 3: H >= 5 (enough for 1 other layer)",
        "conv2d_1 (conv2d): fits where W - 4 >= 5: W >= 9 (enough for 1 other layer)",
    ]


def test_a_longer_kernel_of_symbols_implies_a_shorter_one() -> None:
    layer = "  - {type: conv1d, filters: 4, kernel_size: K}\n"
    assert len(notes(layer * 30)) == 1


def test_the_same_groups_are_asked_for_once() -> None:
    layer = "  - {type: conv1d, filters: F, kernel_size: 1, groups: 2}\n"
    assert notes(layer * 3) == ["conv1d (conv1d): fits where 2 divides F (enough for 2 other layers)"]


def test_a_thousand_convolutions_are_judged_at_once() -> None:
    begun = time.process_time()
    assert len(notes(chain(1_000, ", strides: 2"))) == 1
    assert time.process_time() - begun < 5


@pytest.mark.parametrize("place", ["padding: (K - 1)//2", "padding: [(K - 1)//2]", "padding: [[(K - 1)//2, 0]]"])
def test_padding_that_is_0_for_some_sizes_is_padding(place: str) -> None:
    """As ``padding=kernel_size // 2`` is written in PyTorch, also for a kernel of 1."""
    conv = f"{{type: conv1d, filters: 4, kernel_size: K, {place}}}"
    text = f"framework: torch\ninputs: {{x: [B, 3, 9]}}\nlayers:\n  - {conv}\n"
    for kernel, length in ((1, 9), (2, 8), (3, 9 if "0]" not in place else 8)):
        answer = inspect(parse("model.yaml", text.encode()).data, dims={"K": kernel})
        assert not [finding for finding in answer.findings if finding.severity == "error"]
        assert str(answer.layers[0].outputs[0].shape[-1]) == str(length)
    swept = sweep(parse("model.yaml", text.encode()), {"K": [1, 2, 3]})
    assert swept.valid.tolist() == [True] * 3
    text = text.replace("(K - 1)//2", "K - 2")
    assert [f.severity for f in inspect(parse("model.yaml", text.encode()).data, dims={"K": 1}).findings] == ["error"]

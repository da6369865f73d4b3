"""Random models: verify confirms them, and formulas are what the same model has in numbers."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

import lstm_shapes as ls
from lstm_shapes.layers import FAMILIES
from lstm_shapes.symbolic.size import bind

from ..profiles import in_ci, rounds
from .models import PLACES, RandomModel, random_model
from .values import Draw, Target, facts, targets, value

FRAMEWORKS = ("keras", "torch")
DECLARED = ("custom", "operator", "lambda", "unknown")
"""Types that are not run, or whose output nothing is known of."""


def types(spec: Any) -> set[str]:
    """The types of all layers, those inside others too."""
    return {fact.type for fact in facts(spec["layers"])}


@in_ci
def test_every_family_is_drawn() -> None:
    drawn = [random_model(number, "keras") for number in range(len(FAMILIES))]
    assert all(model.reached for model in drawn)
    assert set(FAMILIES) == {fact.type for model in drawn for fact in facts(model.spec["layers"])}


@in_ci
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_value_of_every_field_and_every_place_is_drawn(framework: str) -> None:
    """Those that the framework refuses are named, and are drawn for no model of it."""
    drawn = [random_model(number, framework) for number in range(2 * len(targets()))]
    missing = set(targets()) - {fact for model in drawn for fact in facts(model.spec["layers"])}
    assert missing == {one for one in targets() if refused(framework, one)} | NOT_DRAWN[framework]
    assert {place for model in drawn for place in model.places} == {*PLACES} - {*REFUSED_PLACES[framework]}


NOT_DRAWN = {"keras": set(), "torch": {Target("multi_head_attention", "embed_dim", "set")}}
"""What needs inputs of equal width, which the generator has too rarely; tests/oracles/test_attention.py draws it."""
REFUSED_PLACES = {"keras": ("deep",), "torch": ()}


def refused(framework: str, target: Target) -> bool:
    """Whether the framework has no such layer or setting."""
    return any(
        target.type.startswith(type_) and target.field == (field or target.field) for type_, field in REFUSED[framework]
    )


REFUSED: dict[str, tuple[tuple[str, str], ...]] = {
    "keras": (),
    "torch": (
        *((type_, "") for type_ in ("conv_lstm", "separable", "depthwise", "attention", "additive", "stacked_cells")),
        ("prelu", "shared_axes"),
    ),
}
"""What each framework refuses: the beginning of a type, and a field or '' for the whole type."""


def test_a_kind_of_field_without_values_is_named() -> None:
    with pytest.raises(LookupError, match=r"lstm\.units: add values for fields of kind size"):
        value(Draw("0"), "lstm", "units", kinds={})


@in_ci
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_verify_confirms_a_random_model(framework: str) -> None:
    for number in range(rounds(300, dev=8)):
        model = random_model(number * 7, framework)
        verification = ls.verify(model.spec, seed=number)
        if types(model.spec) & {*DECLARED}:
            assert verification.verdict != "disagrees", model.spec
        else:
            assert verification.verdict == "confirmed", (verification.reason, model.spec)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_symbolic_model_in_numbers_is_its_formulas(framework: str) -> None:
    """At three places: where its conditions hold the same figures and shapes, elsewhere an error."""
    fitting = apart = 0
    for number in range(rounds(300, dev=15)):
        model = random_model(number * 7, framework, symbolic=True)
        draw = Random(number)
        figures = ls.formulas(model.spec)
        for _ in range(3):
            values = {name: draw.choice((1, 2, 3, 4, 5, 6, 7, 12)) for name in symbols(model)}
            fits = bool(figures.fits(**values))
            assert_same_in_numbers(model, values, fits)
            fitting, apart = fitting + fits, apart + (not fits)
    assert fitting > apart > 0


def symbols(model: RandomModel) -> list[str]:
    """Every name in the model's sizes."""
    words = "B T H K L N".split()
    text = str(model.spec)
    return [word for word in words if f"'{word}" in text or f"*{word}" in text]


def assert_same_in_numbers(model: RandomModel, values: dict[str, int], fits: bool) -> None:
    """The report with numbers put in before the model is read is the report with numbers put in after."""
    numbers = ls.inspect(model.spec, dims=values)
    errors = [finding.message for finding in numbers.findings if finding.severity == "error"]
    broadcast = 1 in values.values() and any(len(entry.get("inputs", "")) > 1 for entry in model.spec["layers"])
    other_shape = broadcast or "'repeat': 'N'" in str(model.spec) or "squeeze" in types(model.spec)
    """Where the formulas do not hold there may be a model of another shape: copies that change it, an axis of 1."""
    assert not errors if fits else errors or other_shape, (values, model.spec)
    if not fits:
        return
    for name in ("params", "trainable_params", "macs", "param_bytes"):
        assert in_numbers(getattr(model.report.totals, name), values) == getattr(numbers.totals, name), (
            name,
            values,
            model.spec,
        )
    if "'repeat': 'N'" in str(model.spec) or "'num_layers': 'L'" in str(model.spec):  # in numbers a layer for each copy
        return
    for before, after in zip(model.report.layers, numbers.layers, strict=True):
        assert rows(before, values) == rows(after, {}), (values, model.spec)


def rows(row: Any, values: dict[str, int]) -> Any:
    """What a row says of a layer, with numbers put in."""
    return (
        row.name,
        [in_numbers(row.params, values), in_numbers(row.trainable_params, values), in_numbers(row.macs, values)],
        [(one.name, shape(one.shape, values)) for one in row.outputs],
        sorted(named_weights(row, values)),
        [rows(inner, values) for inner in row.layers],
    )


def named_weights(row: Any, values: dict[str, int]) -> list[Any]:
    """Its weights; none for attention, where PyTorch has one projection or three by the widths' being equal."""
    if row.type == "multi_head_attention":
        return []
    return [(weight.name, shape(weight.shape, values)) for weight in row.weights]


def shape(sizes: Any, values: dict[str, int]) -> Any:
    return None if sizes is None else tuple(in_numbers(size, values) for size in sizes)


def in_numbers(size: Any, values: dict[str, int]) -> Any:
    return None if size is None else bind(size, values)

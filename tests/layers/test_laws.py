"""The laws of every layer, in a dozen settings each, with no expected number written down.

By default a run is tried with ``RUN`` of the settings, so that another family costs little.

Sizes are distinct primes, so that a swapped axis cannot hide. Each law has a broken layer that it must find out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest

from lstm_shapes.analysis.verify.counting import Counter, counted
from lstm_shapes.analysis.verify.laws import LAWS
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.frameworks.layout import Framework, pack, tensors, unpack
from lstm_shapes.layers import family
from lstm_shapes.layers.base import Layer, NotKnown, NotRunnable, Weights
from lstm_shapes.layers.dense import Dense
from lstm_shapes.symbolic.size import Shape, Size, bind, fixed, names, total

from .. import broken_layers as wrong
from ..layer_settings import (
    ADD_AN_ENTRY,
    DECLARED,
    SEQUENCE,
    SETTINGS,
    TYPES,
    Array,
    Case,
    H,
    P,
    V,
    cases,
    from_fields,
    symbols,
)
from ..profiles import few, rounds

RUN = 3
TOLERANCE = 1e-12


def run(case: Case, arrays: Mapping[str, Array], inputs: list[Array]) -> tuple[Array, ...]:
    return case.bound.layer.run(Weights(arrays), *inputs)


def cells(layer: Layer, inputs: tuple[Shape, ...], prefix: str = "") -> Iterator[tuple[Layer, Shape, str]]:
    """The recurrent cells in a layer, the shape that reaches each, the prefix of its weights."""
    if layer.recurrent:
        yield layer, inputs[0], prefix
        return
    for part in layer.sublayers(*inputs):
        yield from cells(part.layer, part.inputs, f"{prefix}{part.name}/" if part.name else prefix)


def has_the_predicted_shapes(case: Case) -> None:
    outputs = run(case, case.arrays(), case.data())
    predicted = case.layer.outputs(*case.inputs)
    assert [output.shape for output in outputs] == [
        tuple(bind(size, case.values) for size in shape) for shape in predicted
    ]
    assert len(outputs) == len(case.layer.output_names)


def multiplies_as_often_as_predicted(case: Case) -> None:
    counter = Counter()
    inputs = [counted(array, counter) for array in case.data()]
    run(case, {key: counted(array, counter) for key, array in case.arrays().items()}, inputs)
    predicted = case.layer.macs(*case.inputs)
    assert predicted is not None
    assert counter.macs == fixed(predicted, case.values)


def reaches_the_output_with_every_weight(case: Case) -> None:
    """Every slice of every axis of a weight: one gate, one unit, one input, one tap.

    By default every fifth of a longer axis: the same code makes the others.
    """
    case = case.small
    arrays, inputs = case.arrays(), case.data()
    for key, array in arrays.items():
        for axis, count in enumerate(array.shape):
            step = rounds(1, dev=5) if count > 5 else 1
            for index in range(0, count, step):
                probe = array.copy()
                probe[(slice(None),) * axis + (index,)] = np.nan
                outputs = run(case, {**arrays, key: probe}, inputs)
                assert any(np.isnan(output).any() for output in outputs), f"{key}: {index} of axis {axis} has no effect"


def looks_up_the_declared_weights_alone(case: Case) -> None:
    asked: set[str] = set()

    class Asked(dict[str, Any]):
        def __getitem__(self, key: str) -> Any:
            asked.add(key)
            return super().__getitem__(key)

    arrays = case.arrays()
    run(case, Asked(arrays, **{"never declared": 0}), case.data())
    assert asked == set(arrays)


def binds_before_as_after(case: Case) -> None:
    bound, values = case.bound, case.values

    def put(shapes: Any) -> list[tuple[Size, ...]]:
        return [tuple(bind(size, values) for size in shape) for shape in shapes]

    assert put(case.layer.outputs(*case.inputs)) == list(bound.layer.outputs(*bound.inputs))
    before, after = case.layer.weights(*case.inputs), bound.layer.weights(*bound.inputs)
    assert put(array.shape for array in before) == [array.shape for array in after]
    for figure in ("count", "macs"):
        size = getattr(case.layer, figure)(*case.inputs)
        assert getattr(bound.layer, figure)(*bound.inputs) == (size if size is None else bind(size, values))


def keeps_the_law(law: str, case: Case) -> None:
    arrays, (layer, inputs, _) = case.arrays(), case.bound
    rng = np.random.default_rng(7)
    for cell, shape, prefix in cells(layer, inputs):
        x = rng.uniform(-1, 1, [fixed(size) for size in shape])
        assert LAWS[law](cell, Weights(arrays, prefix), x) < TOLERANCE


def counts_the_same_for_any_batch_and_time(case: Case) -> None:
    count = case.layer.count(*case.inputs)
    assert count is None or not names(count) & {"B", "T"}


def counts_its_weights(case: Case) -> None:
    """The count, the sum of the weights and the formula are one number."""
    count, weights = case.layer.count(*case.inputs), case.layer.weights(*case.inputs)
    formula = case.layer.formula(*case.inputs)
    assert count == total(weight.params for weight in weights)
    assert formula is None or formula.result() == count


def is_held_by_the_tensors_of(framework: Framework, case: Case) -> None:
    held = tensors(framework, case.layer, *case.inputs)
    weights = case.layer.weights(*case.inputs)
    assert {weight.key for tensor in held for weight in tensor.weights} == {weight.key for weight in weights}
    assert total(tensor.params for tensor in held) == total(weight.params for weight in weights)
    assert len({tensor.name for tensor in held}) == len(held)


def comes_back_from_the_tensors_of(framework: Framework, case: Case) -> None:
    arrays, back = case.arrays(), {}
    for tensor in tensors(framework, *(case.bound.layer, *case.bound.inputs)):
        array = pack(tensor, arrays)
        assert array.shape == tensor.shape
        back |= unpack(tensor, array, back)
    assert back.keys() == arrays.keys()
    assert all(np.allclose(back[key], array, rtol=0, atol=1e-15) for key, array in arrays.items())


RUNNABLE = [type_ for type_ in TYPES if type_ not in (*DECLARED, "unknown")]
"""The types that can be run."""
RUNS: list[Callable[[Case], None]] = [
    has_the_predicted_shapes,
    multiplies_as_often_as_predicted,
    reaches_the_output_with_every_weight,
    looks_up_the_declared_weights_alone,
]
FIGURES: list[Callable[[Case], None]] = [binds_before_as_after, counts_the_same_for_any_batch_and_time]


@pytest.mark.parametrize("type_", TYPES)
def test_every_family_has_a_dozen_settings_with_distinct_primes(type_: str) -> None:
    tried = cases(type_)
    assert len({(case.layer, case.inputs) for case in tried}) >= 12, f"{type_}: {ADD_AN_ENTRY}"
    for case in tried:
        numbers = [case.values[name] for name in symbols(case)]
        assert len(set(numbers)) == len(numbers)
        assert all(n > 1 and all(n % k for k in range(2, n)) for n in numbers)


def test_no_setting_is_of_a_family_that_is_not_in_the_list() -> None:
    assert set(SETTINGS) <= set(TYPES)


def test_a_family_without_settings_of_its_own_is_tried_with_values_for_its_fields() -> None:
    assert "dense" not in SETTINGS
    assert {case.layer for case in cases("dense")} == {
        Dense(units=P),
        Dense(units=V),
        Dense(units=P, bias=False),
        *(Dense(units=P, activation=name) for name in ("relu", "softmax", "gelu")),
    }


def test_a_family_whose_fields_do_not_say_what_to_try_is_told_where_to_add_it() -> None:
    with pytest.raises(LookupError, match=r"reshape: no values to try for target_shape, .*: add .* to SETTINGS"):
        list(from_fields(family("reshape")))
    with pytest.raises(LookupError, match=r"conv_lstm2d: .*SETTINGS"):
        list(from_fields(family("conv_lstm2d")))
    with pytest.raises(LookupError, match=r"takes no shape that is tried: .*SETTINGS"):
        list(from_fields(wrong.Picky))


@pytest.mark.parametrize("law", RUNS)
@pytest.mark.parametrize("type_", RUNNABLE)
def test_a_run(type_: str, law: Callable[[Case], None]) -> None:
    for case in few(cases(type_), RUN):
        law(case)


@pytest.mark.parametrize("law", FIGURES)
@pytest.mark.parametrize("type_", [type_ for type_ in TYPES if type_ != "unknown"])
def test_a_figure(type_: str, law: Callable[[Case], None]) -> None:
    for case in cases(type_):
        law(case)


@pytest.mark.parametrize("type_", RUNNABLE)
def test_the_count_is_the_sum_of_the_weights_and_what_the_formula_comes_to(type_: str) -> None:
    for case in cases(type_):
        counts_its_weights(case)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("type_", [type_ for type_ in TYPES if any(list(cells(*case[:2])) for case in cases(type_))])
def test_every_recurrent_cell_keeps_the_law(type_: str, law: str) -> None:
    for case in few(cases(type_), RUN):
        keeps_the_law(law, case)


@pytest.mark.parametrize("name", FRAMEWORKS)
@pytest.mark.parametrize("type_", TYPES)
def test_a_frameworks_tensors_hold_the_weights_and_give_them_back(type_: str, name: str) -> None:
    framework = FRAMEWORKS[name]
    for case in few(cases(type_), RUN) if framework.stacks or type_ != "module" else ():
        if all(framework.has(type(layer)) for _, layer in case.layer.weighted_layers(*case.inputs)):
            is_held_by_the_tensors_of(framework, case)
            comes_back_from_the_tensors_of(framework, case)


def test_what_is_declared_by_its_author_is_not_run() -> None:
    for case in cases("custom"):
        with pytest.raises(NotRunnable):
            run(case, {}, case.data())
        assert case.layer.count(*case.inputs) == case.layer.params  # type: ignore[attr-defined]


def test_nothing_is_known_of_an_unknown_layer() -> None:
    for case in cases("unknown"):
        with pytest.raises(NotKnown):
            case.layer.outputs(*case.inputs)
        assert (case.layer.count(*case.inputs), case.layer.macs(*case.inputs)) == (None, None)


def broken(law: Callable[..., None], layer: type[Layer], *, framework: str = "", **settings: Any) -> Any:
    """A parameter set: the law, what stands before its case, the layer that breaks it."""
    given = {"units": H, **settings} if layer is not wrong.Twice else {}
    before = (FRAMEWORKS[framework],) if framework in FRAMEWORKS else (framework,) if framework else ()
    return pytest.param(law, before, layer(**given), id=f"{layer.__name__}-{law.__name__}")


@pytest.mark.parametrize(
    ("law", "before", "layer"),
    [
        broken(has_the_predicted_shapes, wrong.Wide),
        broken(has_the_predicted_shapes, wrong.Swapped, return_state=True),
        broken(multiplies_as_often_as_predicted, wrong.Cheap),
        broken(reaches_the_output_with_every_weight, wrong.Dead),
        broken(looks_up_the_declared_weights_alone, wrong.Forgotten),
        broken(looks_up_the_declared_weights_alone, wrong.Secret),
        broken(binds_before_as_after, wrong.Halving),
        broken(keeps_the_law, wrong.First, framework="last timestep"),
        broken(keeps_the_law, wrong.Forgetful, framework="split and resume"),
        broken(keeps_the_law, wrong.OneWay, framework="time reversal"),
        broken(keeps_the_law, wrong.Prophet, framework="causality"),
        broken(counts_the_same_for_any_batch_and_time, wrong.Unrolled),
        broken(counts_its_weights, wrong.Miscounted),
        broken(counts_its_weights, wrong.Misworded),
        broken(is_held_by_the_tensors_of, wrong.Forgotten, framework="keras"),
        broken(is_held_by_the_tensors_of, wrong.Twice, framework="keras"),
        broken(comes_back_from_the_tensors_of, wrong.Forgotten, framework="torch"),
    ],
)
def test_a_layer_that_breaks_a_law_is_found_out(
    law: Callable[..., None], before: tuple[Any, ...], layer: Layer
) -> None:
    with pytest.raises((AssertionError, KeyError)):
        law(*before, Case(layer, (SEQUENCE,)))


def test_every_law_has_a_layer_that_breaks_it() -> None:
    (table,) = test_a_layer_that_breaks_a_law_is_found_out.pytestmark
    tried = {row.values[0] for row in table.args[1]}
    assert tried >= {*RUNS, *FIGURES, counts_its_weights, is_held_by_the_tensors_of, comes_back_from_the_tensors_of}
    assert {row.values[1][0] for row in table.args[1] if row.values[0] is keeps_the_law} == set(LAWS)

"""From a budget to a size: against trying every value, and against the published closed forms."""

from __future__ import annotations

import random
from collections.abc import Callable
from math import isqrt
from typing import Any

import pytest

from lstm_shapes.analysis.params import LayerSettingsError, params
from lstm_shapes.analysis.solve import Family, Point, Solution, SolveError, count, layer, model, solve
from lstm_shapes.api import inspect
from lstm_shapes.formats.document import Document
from lstm_shapes.symbolic.size import MAX_INT, Size, evaluate, parse

from ..profiles import rounds

GATES = {"lstm": 4, "gru": 3, "rnn": 1}


def document(*layers: dict[str, Any], **more: Any) -> Document:
    return Document(source="model.yaml", data={"input_dim": 8, **more, "layers": list(layers)})


def family(what: dict[str, str], valid: Callable[[int], bool] = lambda value: True) -> Family:
    """Figures in H that belong to no model."""
    sizes: dict[str, Size] = {name: parse(text) for name, text in what.items()}

    def at(value: int) -> dict[str, int] | None:
        return {name: evaluate(size, {"H": value}) for name, size in sizes.items()} if valid(value) else None

    return Family("figures", "H", sizes, (), at)


def expected(answer: Family, bounds: dict[str, int], step: int, last: int) -> int | None:
    """The largest size up to ``last`` within the bounds, by trying each."""
    fits = []
    for value in range(step, last + 1, step):
        figures = answer.at(value)
        if figures and all(figures[what] <= limit for what, limit in bounds.items()):
            fits.append(value)
    return max(fits, default=None)


def closed_form(cell: str, input_dim: int, biases: int, budget: int) -> int:
    """conventions.md 3.10, in integers: the root of gates*H*(D + H + b) = N, rounded down."""
    a = input_dim + biases
    return (isqrt(a * a + 4 * budget // GATES[cell]) - a) // 2


@pytest.mark.parametrize(
    ("settings", "budget", "units"),
    [
        ({}, 5_248, 32),
        ({}, 5_247, 31),
        ({"framework": "torch"}, 5_376, 32),
        ({"framework": "torch"}, 5_375, 31),
        ({"cell": "gru"}, 4_032, 32),
        ({"cell": "gru", "reset_after": False}, 3_936, 32),
        ({"cell": "rnn"}, 1_312, 32),
        ({"bidirectional": True}, 2 * 5_248, 32),
    ],
)
def test_published_counts_give_their_units_back(settings: dict[str, Any], budget: int, units: int) -> None:
    solution = solve(layer(8, **settings), {"params": budget})
    assert solution.best and solution.best.value == units
    assert solution.verdict == "found"
    assert "proven" in solution.searched


def test_random_layers_against_the_closed_forms_at_any_size() -> None:
    rng = random.Random(5)
    for _ in range(rounds(1_200, dev=20)):
        cell, framework = rng.choice(tuple(GATES)), rng.choice(("keras", "torch"))
        input_dim, budget = rng.randint(1, 10 ** rng.randint(1, 6)), rng.randint(1, 10 ** rng.randint(2, 30))
        biases = 2 if framework == "torch" or cell == "gru" else 1
        solution = solve(layer(input_dim, cell=cell, framework=framework), {"params": budget})
        units = closed_form(cell, input_dim, biases, budget)
        assert (solution.best.value if solution.best else 0) == units, (cell, framework, input_dim, budget)
        above = GATES[cell] * (units + 1) * (input_dim + units + 1 + biases)
        assert solution.above == Point(units + 1, {"params": above})
        assert solution.binding == ("params",)


def test_random_layers_against_trying_every_size() -> None:
    rng = random.Random(6)
    for _ in range(rounds(100, dev=5)):
        settings: dict[str, Any] = {"cell": rng.choice(tuple(GATES)), "framework": rng.choice(("keras", "torch"))}
        settings |= {
            "num_layers": rng.randint(1, 3),
            "bidirectional": rng.choice((None, True)),
            "bias": rng.random() < 0.8,
        }
        settings |= {"batch": rng.randint(1, 3), "timesteps": rng.randint(1, 5)}
        if settings["cell"] == "lstm":
            settings["proj_size"] = rng.choice((0, 0, 3, 7))
        layers, step = layer(rng.randint(1, 20), **settings), rng.choice((1, 1, 2, 4, 5))
        figures = layers.at(rng.randint(8, 30)) or {}
        bounds = {
            what: figures[what] + rng.randint(-300, 300)
            for what in rng.sample(("params", "macs", "bytes"), rng.randint(1, 3))
        }
        solution = solve(layers, bounds, multiple_of=step)
        assert (solution.best and solution.best.value) == expected(layers, bounds, step, 45), (settings, bounds)


def test_random_specs_against_inspecting_every_size() -> None:
    rng = random.Random(7)
    for _ in range(rounds(200, dev=10)):
        layers = [
            {"type": rng.choice(("lstm", "gru", "rnn")), "units": rng.choice(("H", "2*H", "H + 3", 16)),
             "return_sequences": True, "bidirectional": rng.random() < 0.3}
            for _ in range(rng.randint(1, 3))
        ]  # fmt: skip
        spec = document(*layers, {"type": "dense", "units": rng.choice(("H", "H//2", 3))}, batch=2, timesteps=3)
        if "H" not in str(spec.data["layers"]):
            continue
        step = rng.choice((1, 1, 3))
        totals = [inspect(spec.data, dims={"H": value}) for value in range(step, 31, step)]
        rows = [
            {"params": report.totals.params, "macs": report.totals.macs, "bytes": report.totals.param_bytes}
            for report in totals
            if not any(finding.severity == "error" for finding in report.findings)
        ]
        sized = [value for value, report in zip(range(step, 31, step), totals, strict=True)
                 if not any(finding.severity == "error" for finding in report.findings)]  # fmt: skip
        assert rows, totals[0].findings
        chosen = rng.choice(rows)
        bounds = {what: chosen[what] + rng.randint(-5, 50) for what in rng.sample(("params", "macs", "bytes"), 2)}
        solution = solve(model(spec, "H"), bounds, multiple_of=step)
        fits = [value for value, row in zip(sized, rows, strict=True) if all(row[w] <= n for w, n in bounds.items())]
        if max(fits, default=None) != max(sized):
            assert (solution.best and solution.best.value) == max(fits, default=None), (layers, bounds)


def random_size(rng: random.Random) -> str:
    """A polynomial in H of degree 1 to 3; some with negative terms, some with floors."""
    low = -9 if rng.random() < 0.5 else 0
    terms = [
        f"{rng.randint(1, 5)}*{'*'.join('H' * rng.randint(2, 3))}",
        f"{rng.randint(low, 9)}*H",
        f"{rng.randint(0, 60)}",
    ]
    if rng.random() < 0.3:
        terms.append(f"{rng.randint(1, 5)}*((H*H + {rng.randint(0, 5)})//{rng.randint(2, 5)})")
    return " + ".join(terms).replace("+ -", "- ")


def test_random_figures_against_trying_every_size() -> None:
    rng = random.Random(8)
    seen = dict.fromkeys(("found", "none", "exact", "between"), 0)
    for _ in range(rounds(800, dev=40)):
        what = {name: random_size(rng) for name in ("params", "macs")}
        parity = rng.choice((0, 0, 2, 3))
        models = family(what, lambda value, parity=parity: not parity or value % parity == 0)  # type: ignore[misc]
        step, some = rng.choice((1, 1, 2, 5)), rng.randint(1, 30)
        bounds = {
            name: evaluate(size, {"H": some}) + rng.choice((0, 0, 1, -1, 9)) for name, size in models.figures.items()
        }
        if rng.random() < 0.5:
            solution = solve(models, bounds, multiple_of=step)
            assert (solution.best and solution.best.value) == expected(models, bounds, step, 400), (
                what,
                bounds,
                step,
                parity,
            )
        else:
            solution = solve(models, {"params": bounds["params"]}, multiple_of=step, exactly=True)
            nearest(models, solution, bounds["params"], step)
        seen[solution.verdict] += 1
    assert min(seen.values()) > rounds(20, dev=0), seen


def nearest(models: Family, solution: Solution, target: int, step: int) -> None:
    """The answer has the target's figure, or the nearest on both sides, among all that make a model."""
    every = {value: figures["params"] for value in range(step, 400, step) if (figures := models.at(value))}
    below = [count for count in every.values() if count <= target]
    above = [count for count in every.values() if count > target]
    assert (solution.best and solution.best.figures["params"]) == max(below, default=None), (models, target)
    assert (solution.above and solution.above.figures["params"]) == min(above, default=None), (models, target)
    assert (solution.verdict == "exact") == (target in every.values())


def test_a_brute_force_that_is_off_by_one_would_be_noticed() -> None:
    assert expected(layer(8), {"params": 5_248}, 1, 60) == 32
    assert expected(layer(8), {"params": 5_247}, 1, 60) == 31
    assert closed_form("lstm", 8, 1, 5_247) == 31


def test_no_solution_is_an_answer_that_names_the_smallest_size() -> None:
    solution = solve(layer(8), {"params": 39})
    assert (solution.verdict, solution.best, solution.above) == ("none", None, Point(1, {"params": 40}))
    solution = solve(layer(8, proj_size=64), {"params": 5_000})
    assert (solution.verdict, solution.best, solution.above) == ("none", None, Point(65, {"params": 23_140}))


def test_unbounded_is_an_answer() -> None:
    spec = document(
        {"type": "lstm", "units": 4, "return_sequences": True}, {"type": "repeat_vector", "n": "H"}, timesteps=3
    )
    spec.data["layers"][0]["return_sequences"] = False
    assert solve(model(spec, "H"), {"params": 5_000}).verdict == "unbounded"
    assert solve(model(spec, "H"), {"params": 5}).verdict == "none"


def test_beyond_every_array_the_answer_ends_at_the_largest_size() -> None:
    solution = solve(layer(1, cell="rnn"), {"params": 10**60})
    assert solution.best and solution.best.value == MAX_INT
    assert solution.above is None


def test_what_is_proven_is_said_and_what_is_not_too() -> None:
    assert solve(family({"params": "H*H - 9*H + 30"}), {"params": 100}).searched == (
        "proven: nothing falls as H grows above 7; every H up to 7 was tried"
    )
    assert solve(family({"params": "9*H - H*H"}), {"params": 100}).searched.startswith(
        "not proven: every H up to 100,000"
    )


def test_the_symbol_is_free_whatever_the_file_gives_it() -> None:
    spec = document({"type": "lstm", "units": "H"}, {"type": "dense", "units": "K"}, dims={"H": 64, "K": "2*H"})
    solution = solve(model(spec, "H"), {"params": 5_248 + 33 * 64})
    assert solution.best == Point(32, {"params": 5_248 + 33 * 64})


def test_a_budget_that_the_file_states_and_breaks_is_no_obstacle() -> None:
    spec = document({"type": "lstm", "units": "H"}, budget={"params": 10}, expect={"params": 11})
    assert solve(model(spec, "H"), {"params": 5_248}).best == Point(32, {"params": 5_248})


def test_a_size_that_makes_no_valid_model_is_skipped() -> None:
    spec = document({"type": "lstm", "units": "100 - H", "return_sequences": True}, {"type": "dense", "units": "H//4"})
    solution = solve(model(spec, "H"), {"params": 20_000})
    assert solution.best and solution.best.value == 99
    assert solve(model(spec, "H"), {"params": 20_000}, multiple_of=150).verdict == "none"
    (wrong,) = {finding.severity for value in (3, 100) for finding in inspect(spec.data, dims={"H": value}).findings}
    assert wrong == "error"


def test_matching_another_model() -> None:
    assert count(document({"type": "lstm", "units": 32})) == 5_248
    assert solve(layer(8), {"params": 5_248}, exactly=True).verdict == "exact"
    solution = solve(layer(8, cell="gru"), {"params": 5_248}, exactly=True)
    assert (solution.verdict, solution.best, solution.above) == (
        "between",
        Point(37, {"params": 5_217}),
        Point(38, {"params": 5_472}),
    )
    assert params(37, 8, cell="gru").total == 5_217


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: solve(layer(8), {"macs": 5}), "macs = 4*B*T*units*(units + 8); give B, T a number"),
        (lambda: model(document({"type": "lstm", "units": 3}), "H"), "--for H: no size of model.yaml has this symbol"),
        (lambda: model(document({"type": "lstm", "unit": 3}), "H"), "not a model"),
        (lambda: model(document({"type": "nothing", "units": 3}), "H"), "not a model"),
        (lambda: count(document({"type": "lstm", "units": "H"})), "give H a number"),
        (lambda: count(document({"type": "lstm", "unit": 3})), "not known"),
    ],
)
def test_a_question_that_cannot_be_answered_says_what_is_missing(ask: Callable[[], object], words: str) -> None:
    with pytest.raises(SolveError) as caught:
        ask()
    assert words in str(caught.value)


def test_settings_that_make_no_layer_are_told_as_params_tells_them() -> None:
    with pytest.raises(LayerSettingsError, match="input_dim"):
        layer(0)

"""The difference of two models: laws that hold for any two, and the figures that the frameworks' formulas give."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from lstm_shapes import api
from lstm_shapes.analysis.diff.diff import FIGURES, Diff, LayerDiff, diff
from lstm_shapes.analysis.diff.matching import MAX_CELLS, Candidate, match_layers, moved_layers
from lstm_shapes.analysis.report import report
from lstm_shapes.render import markdown, plain
from lstm_shapes.symbolic.size import Size, parse, total
from lstm_shapes.views.diff import data, page

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").iterdir())


def model(*layers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"input_dim": 8, "layers": list(layers), **more}


def between(before: dict[str, Any] | None, after: dict[str, Any] | None) -> Diff:
    return diff(before and api.read(before), after and api.read(after))


def only(before: dict[str, Any], after: dict[str, Any]) -> LayerDiff:
    (layer,) = between(before, after).layers
    return layer


def gru(**settings: Any) -> dict[str, Any]:
    return {"type": "gru", "name": "encoder", "units": 32, **settings}


def lstm_params(units: int, width: int) -> int:
    """Keras: four gates, each a kernel, a recurrent kernel and one bias."""
    return 4 * units * (width + units + 1)


def test_a_gru_without_reset_after_has_one_bias_less() -> None:
    layer = only(model(gru()), model(gru(reset_after=False)))
    assert [(str(reason), reason.params, reason.macs) for reason in layer.reasons] == [
        ("reset_after true -> false", -96, 0)
    ]
    assert layer.figures["params"] == (3 * 32 * (8 + 32 + 2), 3 * 32 * (8 + 32 + 1))
    assert layer.together == (0, 0)


def test_a_wider_layer_and_what_it_does_to_the_next() -> None:
    def stack(units: int) -> dict[str, Any]:
        first = {"type": "lstm", "name": "encoder", "units": units, "return_sequences": True}
        return model(first, {"type": "dropout", "rate": 0.1}, {"type": "lstm", "units": 16})

    result = between(stack(32), stack(64))
    encoder, dropout, last = result.layers
    assert encoder.figures["params"].difference == lstm_params(64, 8) - lstm_params(32, 8)
    assert encoder.figures["bytes"].difference == 4 * (lstm_params(64, 8) - lstm_params(32, 8))
    assert encoder.figures["macs"].difference == parse(f"B*T*{4 * 64 * (64 + 8) - 4 * 32 * (32 + 8)}")
    assert [str(reason) for reason in encoder.reasons] == ["units 32 -> 64"]
    assert dropout.figures["params"].difference == 0
    (reason,) = last.reasons
    assert (reason.what, reason.because) == ("input", "encoder: units 32 -> 64")
    assert reason.params == lstm_params(16, 64) - lstm_params(16, 32) == last.figures["params"].difference
    assert result.totals["params"].difference == reason.params + encoder.reasons[0].params  # type: ignore[operator]


def test_several_settings_each_with_its_own_effect_and_the_rest_together() -> None:
    layer = only(model(gru()), model(gru(units=64, reset_after=False, activation="relu")))
    own = {reason.what: reason.params for reason in layer.reasons}
    assert own == {"units": 3 * 64 * (8 + 64 + 2) - 3 * 32 * (8 + 32 + 2), "reset_after": -96, "activation": 0}
    assert layer.together.params == (3 * 64 * 73 - 3 * 32 * 42) - own["units"] + 96 == -96


@pytest.mark.parametrize(
    ("before", "after", "why", "params"),
    [
        ({"bias": True}, {"bias": False}, "bias true -> false", -4 * 32),
        ({}, {"peephole": True}, "peephole false -> true", 3 * 32),
        ({}, {"proj_size": 8}, "proj_size 0 -> 8", 4 * 32 * (8 - 32) + 32 * 8),
        ({}, {"return_sequences": True}, "return_sequences false -> true", 0),
        ({}, {"bidirectional": True}, "bidirectional false -> true", lstm_params(32, 8)),
        ({"bidirectional": True}, {}, "bidirectional true -> false", -lstm_params(32, 8)),
        ({"bidirectional": True, "merge": "sum"}, {"bidirectional": True}, "merge sum -> concat", 0),
        (
            {"bidirectional": True},
            {"bidirectional": True, "units": 64},
            "units 32 -> 64",
            2 * (lstm_params(64, 8) - lstm_params(32, 8)),
        ),
        ({"units": "H"}, {"units": "2*H"}, "units H -> 2*H", parse("4*2*H*(8 + 2*H + 1) - 4*H*(8 + H + 1)")),
        ({}, {"type": "gru"}, "type lstm -> gru", 3 * 32 * 42 - lstm_params(32, 8)),
        ({}, {"type": "rnn"}, "type lstm -> rnn", 32 * 41 - lstm_params(32, 8)),
        ({}, {"trainable": False}, "trainable true -> false", 0),
        ({}, {"kernel_initializer": "zeros"}, 'kernel_initializer not there -> "zeros"', 0),
    ],
)
def test_one_setting_explains_the_entire_difference(
    before: dict[str, Any], after: dict[str, Any], why: str, params: Size
) -> None:
    plain_layer = {"type": "lstm", "name": "encoder", "units": 32}
    layer = only(model({**plain_layer, **before}), model({**plain_layer, **after}))
    assert [(str(reason), reason.params) for reason in layer.reasons] == [(why, params)]
    assert layer.figures["params"].difference == params
    assert layer.together.params == 0


def test_settings_of_a_torch_module_of_a_wrapper_and_of_a_nested_model() -> None:
    def torch(**more: Any) -> dict[str, Any]:
        return model({"type": "lstm", "name": "rnn", "units": 32, **more}, framework="torch")

    per_layer = 4 * 32 * (32 + 32 + 2)
    deeper = only(torch(), torch(num_layers=2))
    assert [(str(reason), reason.params) for reason in deeper.reasons] == [("num_layers 1 -> 2", per_layer)]
    both = only(torch(), torch(bidirectional=True))
    assert [(str(reason), reason.params) for reason in both.reasons] == [("bidirectional false -> true", 4 * 32 * 42)]
    wide = only(torch(), torch(units=64))
    assert [(str(reason), reason.params) for reason in wide.reasons] == [("units 32 -> 64", 4 * 64 * 74 - 4 * 32 * 42)]

    def inside(units: int, kind: str) -> dict[str, Any]:
        dense = {"type": "dense", "units": units}
        contents = {"model": {"layers": [{**dense, "name": "inner"}]}, "time_distributed": {"layer": dense}}
        return model({"type": kind, "name": "outer", **contents[kind]})

    for kind, path in (("model", "inner.units"), ("time_distributed", "layer.units")):
        layer = only(inside(4, kind), inside(6, kind))
        assert [(str(reason), reason.params) for reason in layer.reasons] == [(f"{path} 4 -> 6", 2 * 9)]


def test_layers_added_removed_renamed_and_moved() -> None:
    a, b, c = ({"type": "dense", "name": name, "units": 8} for name in "abc")
    result = between(model(a, b), model(b, a, c))
    assert [
        (layer.name, layer.change, layer.moved) for layer in result.layers if layer.moved or layer.change == "added"
    ] in (
        [("b", "changed", True), ("c", "added", False)],
        [("a", "changed", True), ("c", "added", False)],
    )
    renamed = only(model(a), model({**a, "name": "z"}))
    assert (renamed.name, renamed.before_name, renamed.renamed, renamed.reasons) == ("z", "a", True, ())
    removed = between(model(a, b, c), model(a, c)).layers
    assert [(layer.before_name, layer.change) for layer in removed] == [("b", "removed"), ("c", "changed")]
    assert [str(layer) for layer in removed[1].reasons] == ["inputs b -> a"]


def test_layers_without_a_name_are_matched_by_place_type_and_settings() -> None:
    first, second = {"type": "lstm", "units": 8, "return_sequences": True}, {"type": "lstm", "units": 5}
    result = between(model(first, second), model({"type": "lstm", "units": 3, "return_sequences": True}, first, second))
    assert (result.layers[0].change, result.layers[0].name) == ("added", "lstm")
    assert {layer.change for layer in result.layers[1:]} == {"changed"}


def test_a_file_that_is_new_or_gone() -> None:
    spec = model(gru())
    for before, after, sign, word in ((None, spec, 1, "added"), (spec, None, -1, "removed")):
        result = between(before, after)
        assert result.totals["params"].difference == sign * 3 * 32 * 42
        assert [layer.change for layer in result.layers] == [word]


def test_an_unknown_layer_is_reported_and_the_sums_say_at_least() -> None:
    custom = {"type": "custom", "name": "own", "output": ["B", 3]}
    result = between(model(custom), model({**custom, "output": ["B", 4]}, {"type": "dense", "units": 2}))
    assert result.unknown == 1
    assert result.totals["params"] == (None, None, 0, 10, None)  # 4*2 + 2
    text = plain.render(page(result))
    assert "total params: at least 0 -> at least 10; 1 changed layer unknown" in text
    assert (
        data(result)["totals"]["params"]["after"] is None and data(result)["totals"]["params"]["after_at_least"] == 10
    )
    same = between(model(custom, {"type": "dense", "units": 2}), model(custom, {"type": "dense", "units": 3}))
    assert same.totals["params"] == (None, None, 8, 12, 4)  # 3*2 + 2, 3*3 + 3; the unknown layer is the same
    assert "total params: at least 8 -> at least 12 (+4)" in plain.render(page(same))
    added = between(model(gru()), model(gru(), custom))
    assert added.totals["params"].after is None and added.totals["params"].before is not None
    broken = between(model({"type": "lstm"}), model(gru()))
    assert broken.totals["params"].difference is None or broken.unknown


def test_dtype_framework_and_inputs_are_reasons_of_the_model() -> None:
    result = between(model(gru()), {**model(gru()), "dtype": "float16", "input_dim": 16})
    assert {str(reason) for reason in result.reasons} == {
        "dtype float32 -> float16",
        "input input (B, T, 8) -> (B, T, 16)",
    }
    assert result.totals["bytes"].difference == 2 * 3 * 32 * 50 - 4 * 3 * 32 * 42


def mutated(rng: random.Random) -> dict[str, Any]:
    """A stack of layers, some with names, some repeated, some wrapped."""
    width = lambda: rng.choice([3, 8, "H", "2*H"])  # noqa: E731
    makers: list[Any] = [
        lambda: {"type": rng.choice(["lstm", "gru", "rnn"]), "units": width(), "return_sequences": True},
        lambda: {"type": "gru", "units": 8, "return_sequences": True, "reset_after": rng.random() < 0.5},
        lambda: {"type": "dense", "units": width(), "bias": rng.random() < 0.5},
        lambda: {"type": "dropout", "rate": rng.choice([0.1, 0.2])},
        lambda: {"type": "lstm", "units": width(), "return_sequences": True, "bidirectional": True, "merge": "sum"},
        lambda: {"type": "time_distributed", "layer": {"type": "dense", "units": width()}},
        lambda: {"type": "model", "layers": [{"type": "dense", "units": width()}, {"type": "dropout", "rate": 0.5}]},
        lambda: {"type": "dense", "units": 4, "repeat": rng.choice([1, 2])},
    ]
    layers = [rng.choice(makers)() for _ in range(rng.randint(1, 7))]
    names = rng.sample("abcdefgh", len(layers))
    for layer, name in zip(layers, names, strict=True):
        if rng.random() < 0.6:
            layer["name"] = name
    return model(*layers, framework="keras", dtype=rng.choice(["float32", "float16"]))


@pytest.mark.parametrize("seed", range(60))
def test_the_laws(seed: int) -> None:
    rng = random.Random(seed)
    first, second = mutated(rng), mutated(rng)
    there, back = between(first, second), between(second, first)
    assert between(first, first).empty
    sums = [report(api.read(document), weights=False).totals for document in (first, second)]
    for name in FIGURES:
        word = "param_bytes" if name == "bytes" else name
        difference = there.totals[name].difference
        assert difference == getattr(sums[1], word) - getattr(sums[0], word)
        assert difference == total(row.figures[name].difference for row in there.layers)  # type: ignore[misc]
        assert back.totals[name].difference == total([]) - difference
    for layer in there.layers:
        parts = [reason.params for reason in layer.reasons]
        if layer.change == "changed" and None not in parts and layer.together.params is not None:
            assert layer.figures["params"].difference == total([*parts, layer.together.params])  # type: ignore[list-item]
    assert len(there.layers) + there.unchanged - sum(row.change == "removed" for row in there.layers) == len(
        report(api.read(second), weights=False).layers
    )
    assert json.loads(json.dumps(data(there)))["changed"] is not there.empty
    assert plain.render(page(there)) and markdown.render(page(there))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_equals_itself_and_differs_entirely_from_nothing(path: Path) -> None:
    reading = api.read(path)
    assert diff(reading, reading).empty
    assert "nothing changed" in plain.render(page(diff(reading, reading)))
    totals = report(reading, weights=False)
    assert diff(None, reading).totals["params"].difference == totals.totals.params


def test_matching_pairs_each_layer_once_and_moves_as_few_as_possible() -> None:
    rng = random.Random(5)
    for _ in range(300):
        sides = [
            [
                Candidate(rng.choice(["", "", *"abc"]), rng.choice("xyz"), rng.randint(0, 2))
                for _ in range(rng.randint(0, 8))
            ]
            for _ in "ab"
        ]
        for side in sides:
            names: set[str] = set()
            for number, candidate in enumerate(side):
                side[number] = candidate._replace(name="" if candidate.name in names else candidate.name)
                names.add(candidate.name)
        pairs = match_layers(*sides)
        assert len({a for a, _ in pairs}) == len({b for _, b in pairs}) == len(pairs)
        assert all(sides[0][a].name == sides[1][b].name or sides[0][a].type == sides[1][b].type for a, b in pairs)
        staying = [a for a, b in pairs if b not in moved_layers(pairs)]
        assert staying == sorted(staying)
        assert match_layers(sides[0], sides[0]) == [(number, number) for number in range(len(sides[0]))]


def test_many_layers_are_matched_in_time_that_grows_with_their_number() -> None:
    many = [Candidate("", "dense", number % 7) for number in range(MAX_CELLS // 50)]
    assert len(match_layers(many, [Candidate("", "dense", 8 + number % 5) for number in range(len(many) + 1)])) == len(
        many
    )


def both(forward: dict[str, Any], **more: Any) -> dict[str, Any]:
    return model({"type": "bidirectional", "name": "encoder", "layer": {"units": 16, **forward}, **more})


COUNTS = {"lstm": 4 * 16 * (8 + 16 + 1), "gru": 3 * 16 * (8 + 16 + 2), "rnn": 16 * (8 + 16 + 1)}
"""Keras' counts of 16 units on 8 features."""


@pytest.mark.parametrize("before", COUNTS)
@pytest.mark.parametrize("after", COUNTS)
def test_another_type_of_cell_inside_a_bidirectional_has_its_effect(before: str, after: str) -> None:
    """The settings that only one of the two has are no changes of their own."""
    result = between(both({"type": before}), both({"type": after}))
    if before == after:
        assert result.empty
        return
    (layer,) = result.layers
    (reason,) = layer.reasons
    assert (str(reason), reason.params) == (f"type {before} -> {after}", 2 * (COUNTS[after] - COUNTS[before]))
    assert reason.macs is not None
    assert "unknown" not in plain.render(page(result))


def test_another_type_of_one_direction_and_other_settings_beside_it() -> None:
    backward = {"type": "lstm", "units": 16, "go_backwards": True}
    result = between(both({"type": "gru"}), both({"type": "gru", "activation": "relu"}, backward_layer=backward))
    (layer,) = result.layers
    own = {reason.what: reason.params for reason in layer.reasons}
    assert own == {"layer.activation": 0, "backward_layer.type": COUNTS["lstm"] - COUNTS["gru"]}
    assert "unknown" not in plain.render(page(result))


def test_both_directions_of_other_types_each_have_their_effect() -> None:
    backward = {"units": 16, "go_backwards": True}
    before = both({"type": "gru"}, backward_layer={**backward, "type": "lstm"})
    after = both({"type": "lstm"}, backward_layer={**backward, "type": "gru"})
    (layer,) = between(before, after).layers
    gain = COUNTS["lstm"] - COUNTS["gru"]
    assert [(reason.what, reason.params) for reason in layer.reasons] == [
        ("layer.type", gain),
        ("backward_layer.type", -gain),
    ]

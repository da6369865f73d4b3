"""What a layer says of its settings: that putting them in gives the layer again, whatever it is made of."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from lstm_shapes.layers.bidirectional import Bidirectional
from lstm_shapes.layers.dense import Dense
from lstm_shapes.layers.fields import size
from lstm_shapes.layers.lstm import LSTM
from lstm_shapes.layers.settings import Path
from lstm_shapes.layers.stack import stacked

from ..layer_settings import TYPES, Case, cases


def not_restored(case: Case) -> list[Path]:
    """The settings that do not give the layer again when they are put in with the value that they have."""
    layer = case.layer
    paths = [path for path in layer.settings() if path[-1] != "type"]
    return [path for path in paths if layer.changed(path, layer.settings()[path]) != layer]


@pytest.mark.parametrize("type_", TYPES)
def test_a_setting_put_in_with_its_own_value_gives_the_same_layer(type_: str) -> None:
    for case in cases(type_):
        assert not not_restored(case)


def test_a_layer_that_loses_a_setting_is_noticed() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Forgetful(Dense):
        depth: int = size("nothing", 1)

        def changed(self, path: Path, value: object) -> Forgetful:
            return Forgetful(units=self.units)

    assert not_restored(Case(Forgetful(units=3, depth=2), ((1, 2),))) == [
        ("units",),
        ("bias",),
        ("activation",),
        ("depth",),
    ]


def test_a_setting_of_a_bidirectional_is_that_of_both_directions_and_the_order_stays_opposite() -> None:
    cell = LSTM(units=4)
    both = Bidirectional(layer=cell, backward_layer=LSTM(units=4, go_backwards=True))
    wider = both.changed(("units",), 5)
    assert wider == Bidirectional(layer=LSTM(units=5), backward_layer=LSTM(units=5, go_backwards=True))
    turned = both.changed(("go_backwards",), True)
    assert (turned.layer.go_backwards, turned.backward_layer.go_backwards) == (True, False)
    assert both.changed(("backward_layer", "units"), 7).outputs((1, 2, 3)) == ((1, 4 + 7),)


def test_the_layer_without_what_composes_it_is_the_plain_one() -> None:
    module = stacked(LSTM(units=4), 3, 2)
    both, deep = module.compositions()
    assert (both.setting, both.without) == ("bidirectional", stacked(LSTM(units=4), 3, 1))
    assert (deep.setting, deep.value, deep.without) == ("num_layers", "3", stacked(LSTM(units=4), 1, 2))
    assert LSTM(units=4).compositions() == ()


def test_an_unknown_setting_is_a_key_error() -> None:
    for layer in (LSTM(units=4), stacked(LSTM(units=4), 2, 1)):
        with pytest.raises(KeyError, match="unit"):
            layer.changed(("unit",), 3)

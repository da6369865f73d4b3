"""The garbage collector is paused while the program works, and only then."""

import gc

import pytest

import lstm_shapes
from lstm_shapes.formats.without_gc import without_gc


def test_the_collector_is_off_inside_and_on_again_after_an_exception():
    with pytest.raises(KeyError), without_gc():
        assert not gc.isenabled()
        raise KeyError
    assert gc.isenabled()


def test_a_collector_that_is_off_already_stays_off():
    gc.disable()
    try:
        with without_gc():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_the_library_leaves_the_collector_on():
    lstm_shapes.inspect({"input_dim": 8, "layers": [{"type": "lstm", "units": 4}]})
    assert gc.isenabled()

"""The reader: how few calls lead from the file to a value, and what it makes of entries that refer to each other."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

from lstm_shapes.findings.limit import MAX_FINDINGS
from lstm_shapes.formats.document import Document
from lstm_shapes.layers.lstm import LSTM
from lstm_shapes.spec import reader, values
from lstm_shapes.spec.context import MAX_LAYERS
from lstm_shapes.spec.reading import Reading

MOST_CALLS = 8


def read(*layers: Any, **more: Any) -> Reading:
    return reader.read(Document(source="model.yaml", data={"input_dim": 8, "layers": list(layers), **more}))


def calls_until(reached: Callable[[FrameType], bool], run: Callable[[], object]) -> list[str]:
    """The functions on the stack, from ``read`` on, when a call is first reached."""
    found: list[list[str]] = []

    def watch(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and not found and reached(frame):
            found.append(stack(frame))

    sys.setprofile(watch)
    try:
        run()
    finally:
        sys.setprofile(None)
    return found[0]


def stack(frame: FrameType | None) -> list[str]:
    names: list[str] = []
    while frame is not None:
        names.append(frame.f_code.co_name)
        if frame.f_code.co_name == "read" and frame.f_code.co_filename == reader.__file__:
            return names[::-1]
        frame = frame.f_back
    raise AssertionError("not called by read")


def is_size_of_128(frame: FrameType) -> bool:
    return frame.f_code is values.size.__code__ and frame.f_locals["value"] == 128


def is_lstm(frame: FrameType) -> bool:
    return frame.f_code is LSTM.__init__.__code__


def test_a_value_is_at_most_eight_calls_away_from_the_file() -> None:
    def run() -> Reading:
        return read({"type": "lstm", "units": 128})

    value, layer = calls_until(is_size_of_128, run), calls_until(is_lstm, run)
    assert (value[0], value[-1]) == ("read", "size")
    assert (layer[0], layer[-1]) == ("read", "__init__")
    assert len(value) <= MOST_CALLS, " -> ".join(value)
    assert len(layer) <= MOST_CALLS, " -> ".join(layer)


def test_a_value_of_a_layer_inside_a_wrapper_is_further_away() -> None:
    """The count can fail: each level of nesting adds a call."""
    wrapped: dict[str, Any] = {"type": "dense", "units": 128}
    lengths = []
    for _ in range(3):
        lengths.append(len(calls_until(is_size_of_128, partial(read, wrapped))))
        wrapped = {"type": "time_distributed", "layer": wrapped}
    assert lengths == [MOST_CALLS, MOST_CALLS + 1, MOST_CALLS + 2]


def test_reading_a_spec_twice_gives_the_same_and_keeps_nothing() -> None:
    entry = {"type": "lstm", "units": "H", "input_dim": 7, "expect": {"params": 3}, "repeat": 2}
    first, other, again = read(entry), read({"type": "gru", "units": 3}), read(entry)
    assert first == again
    assert other.symbols == {"B", "T"}
    assert (other.expectations, other.asserted_widths) == ((), ())


def test_a_mistake_in_the_expectations_of_a_repeated_layer_is_reported_once() -> None:
    reading = read({"type": "lstm", "units": 4, "return_sequences": True, "repeat": 3, "expect": {"params": 9, "x": 1}})
    assert [expectation.layer for expectation in reading.expectations] == [("layers", 0)]
    assert [finding.kind for finding in reading.findings] == ["unknown-key"]


def test_symbols_inside_a_nested_model_are_symbols_of_the_spec() -> None:
    reading = read({"type": "model", "layers": [{"type": "dense", "units": "2*K"}]}, dims={"K": 3})
    assert reading.symbols == {"B", "T", "K"}


def test_dims_give_a_value_to_the_symbol_of_any_size() -> None:
    layer = {"type": "lstm", "units": "H", "num_layers": "L", "repeat": "R"}
    reading = read(layer, framework="torch", dims={"H": 4, "L": 3, "R": 2})
    assert reading.findings == ()
    assert reading.symbols == {"B", "T", "H", "L", "R"}
    assert reading.model == read({**layer, "units": 4, "num_layers": 3, "repeat": 2}, framework="torch").model


def test_the_activation_of_a_simple_rnn_has_the_name_that_pytorch_gives_it() -> None:
    reading = read({"type": "rnn", "units": 3, "nonlinearity": "relu"})
    assert (reading.findings, reading.model) == ((), read({"type": "rnn", "units": 3, "activation": "relu"}).model)
    assert [finding.kind for finding in read({"type": "lstm", "units": 3, "nonlinearity": "relu"}).findings] == [
        "unknown-key"
    ]


def test_layers_are_counted_as_often_as_a_nested_model_is_repeated_or_used() -> None:
    block = {"type": "model", "name": "block", "layers": [{"type": "dense", "units": 8, "repeat": 999}]}
    enough, rest = MAX_LAYERS // 1_000, {"type": "flatten", "name": "rest"}
    for layers in ([{**block, "repeat": enough}], [block, *({"use": "block"} for _ in range(enough - 1))]):
        assert read(*layers).findings == ()
        assert [finding.kind for finding in read(*layers, rest).findings] == ["too-large"]
        assert read(*layers, rest).model is None


def test_mistakes_beyond_the_limit_are_counted_and_not_listed() -> None:
    findings = read(*({"type": "lstm", "units": 0} for _ in range(MAX_FINDINGS + 5))).findings
    assert len(findings) == MAX_FINDINGS + 1
    assert findings[-1].id == "LS004"
    assert findings[-1].message == "more than 1,000 findings; the others are not listed"

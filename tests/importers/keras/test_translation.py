"""What a Keras configuration becomes: the entries of the spec, their places, what the version decides."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import lstm_shapes as ls
from lstm_shapes.formats.json import read
from lstm_shapes.importers.keras.importer import translate
from lstm_shapes.importers.keras.indexing import chosen
from lstm_shapes.importers.keras.recognition import looks_like_keras

LSTM = {"class_name": "LSTM", "config": {"name": "lstm_1", "units": 4, "batch_input_shape": [None, 5, 3]}}


def model(*layers: Any, version: str = "2.2.4") -> dict[str, Any]:
    return {"class_name": "Sequential", "keras_version": version, "config": {"name": "m", "layers": list(layers)}}


def spec(data: Any) -> dict[str, Any]:
    (imported,) = translate(read("model.json", json.dumps(data)))
    found: dict[str, Any] = imported.document.data
    return found


def layer(class_name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": class_name, "config": config}


def test_the_entries_are_those_that_a_person_would_write() -> None:
    data = model(LSTM, layer("Dense", name="dense_1", units=1, activation="sigmoid", use_bias=True, trainable=True))
    assert spec(data) == {
        "name": "m",
        "inputs": {"input": ["B", 5, 3]},
        "layers": [
            {"type": "lstm", "name": "lstm_1", "units": 4, "recurrent_activation": "hard_sigmoid_keras2"},
            {"type": "dense", "name": "dense_1", "units": 1, "activation": "sigmoid"},
        ],
    }


def test_the_version_decides_what_a_setting_means_that_is_left_out() -> None:
    gru = layer("GRU", name="g", units=4, batch_input_shape=[None, 5, 3])
    by_version = {version: spec(model(gru, version=version))["layers"][0] for version in ("2.2.4", "2.3.1", "3.0.0")}
    assert by_version == {
        "2.2.4": {
            "type": "gru",
            "name": "g",
            "units": 4,
            "reset_after": False,
            "recurrent_activation": "hard_sigmoid_keras2",
        },
        "2.3.1": {"type": "gru", "name": "g", "units": 4, "reset_after": False},
        "3.0.0": {"type": "gru", "name": "g", "units": 4},
    }


def test_hard_sigmoid_is_another_function_before_keras_3() -> None:
    found = [
        spec(model(layer("Activation", activation="hard_sigmoid"), version=v))["layers"] for v in ("2.15.0", "3.1")
    ]
    assert [entries[0]["activation"] for entries in found] == ["hard_sigmoid_keras2", "hard_sigmoid"]


def test_a_missing_version_is_reported_with_the_assumption() -> None:
    data = {key: value for key, value in model(LSTM).items() if key != "keras_version"}
    (imported,) = translate(read("model.json", json.dumps(data)))
    assert imported.notes == ("keras_version is missing: read as Keras 2.2",)


def test_a_mistake_is_found_at_its_place_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text(json.dumps(model(layer("Dense", units=True, batch_input_shape=[None, 3])), indent=1))
    (finding, *_) = ls.inspect(path).findings
    assert finding.place and '"units": true' in path.read_text().splitlines()[finding.place.line - 1]


def test_a_class_of_somebodys_own_is_unknown_and_named() -> None:
    mine = layer("AttentionWithContext", name="mine")
    custom = {"module": "my.layers", "class_name": "LSTM", "registered_name": "Custom>LSTM", "config": {"units": 3}}
    unregistered = {"module": None, "class_name": "LSTM", "registered_name": "LSTM", "config": {"units": 3}}
    entries = spec(model(LSTM, mine, custom, unregistered))["layers"]
    assert entries[1:] == [
        {"type": "unknown", "class": "AttentionWithContext", "name": "mine"},
        {"type": "unknown", "class": "LSTM"},
        {"type": "unknown", "class": "LSTM"},
    ]


def test_attention_before_tensorflow_2_is_somebodys_own() -> None:
    attention = layer("Attention", name="a", use_scale=True)
    assert spec(model(LSTM, attention))["layers"][1] == {"type": "unknown", "class": "Attention", "name": "a"}
    assert spec(model(LSTM, attention, version="2.4.0"))["layers"][1]["type"] == "attention"


def test_a_backward_layer_that_keras_3_writes_is_the_same_layer() -> None:
    forward = layer("LSTM", name="forward_lstm", units=4, go_backwards=False)
    backward = layer("LSTM", name="backward_lstm", units=4, go_backwards=True)
    both = layer("Bidirectional", name="b", layer=forward, backward_layer=backward, merge_mode=None)
    assert spec(model(both, version="3.15.1"))["layers"] == [
        {"type": "lstm", "name": "b", "units": 4, "bidirectional": True, "merge": "none"}
    ]
    other = layer("LSTM", name="backward_lstm", units=5, go_backwards=True)
    unequal = {**both, "config": {**both["config"], "backward_layer": other}}
    (entry,) = spec(model(unequal, version="3.15.1"))["layers"]
    assert entry["backward_layer"] == {"type": "lstm", "units": 5, "go_backwards": True}


def test_json_in_json_and_tensorflow_js_are_found() -> None:
    twice = json.dumps(model(LSTM))
    topology = {"format": "layers-model", "modelTopology": {"keras_version": "2.2.4", "model_config": model(LSTM)}}
    bare = [LSTM]
    assert spec(twice) == spec(model(LSTM)) == spec(topology)
    assert spec(bare)["layers"] == spec(model(LSTM))["layers"]
    assert all(map(looks_like_keras, (twice, topology, bare, model(LSTM))))
    assert not any(map(looks_like_keras, ({"layers": [{"type": "lstm"}]}, [], [1], "lstm", None)))


def test_a_lambda_has_the_shape_that_it_declares_and_is_never_decoded() -> None:
    declared = layer("Lambda", name="l", function=["4wEAAAA=", None, None], output_shape=[7])
    silent = layer("Lambda", name="l", function=["4wEAAAA=", None, None], output_shape=None)
    assert spec(model(LSTM, declared))["layers"][1] == {"type": "lambda", "name": "l", "output": ["B", 7]}
    assert spec(model(LSTM, silent))["layers"][1] == {"type": "lambda", "name": "l"}


def test_layers_too_deep_in_each_other_are_unknown() -> None:
    inner = layer("Dense", units=3)
    for _ in range(40):
        inner = layer("TimeDistributed", layer=inner)
    assert spec(model(LSTM, inner))["layers"][1]["type"] == "unknown"


def test_what_prepares_data_has_the_counts_of_keras_2_15_and_3_15() -> None:
    """Normalization on (batch, 5, 3): a mean and a variance of 3 numbers each, and how many were seen: 7."""
    normal = layer("Normalization", name="n", axis=[-1], mean=None, batch_input_shape=[None, 5, 3])
    words = layer(
        "TextVectorization", name="t", output_mode="int", output_sequence_length=7, batch_input_shape=[None, 1]
    )
    embedding = layer("Embedding", name="e", input_dim=100, output_dim=4)
    first = spec(model(normal, layer("LSTM", name="l", units=2), version="2.15.0"))
    second = spec(model(words, embedding, version="2.15.0"))
    assert first["layers"][0] == {
        "type": "custom",
        "name": "n",
        "output": ["B", 5, 3],
        "params": 7,
        "trainable": False,
    }
    assert second["layers"][0] == {"type": "operator", "name": "t", "op": "TextVectorization", "output": ["B", 7]}
    assert ls.inspect(first).totals.params == 55
    assert ls.inspect(second).totals.params == 400


def test_settings_with_weights_that_are_not_counted_make_a_layer_unknown() -> None:
    for settings in ({"lora_rank": 2}, {"dtype": {"class_name": "QuantizedDTypePolicy", "config": {}}}):
        entry = spec(model(LSTM, layer("Dense", units=4, **settings), version="3.15.1"))["layers"][1]
        assert entry == {"type": "unknown", "class": "Dense"}
    renormalized = layer("BatchNormalization", renorm=True)
    assert spec(model(LSTM, renormalized, version="2.4.0"))["layers"][1]["type"] == "unknown"


def test_what_is_added_at_the_ends_of_axes_is_read_as_each_version_writes_it() -> None:
    def padding(class_name: str, value: Any) -> Any:
        return spec(model(layer(class_name, padding=value), version="1.2.2"))["layers"][0].get("padding")

    assert [padding("ZeroPadding1D", value) for value in ([1, 1], [2, 2], [1, 2], 3)] == [None, 2, [[1, 2]], 3]
    assert [padding("ZeroPadding2D", value) for value in ([1, 2], [1, 2, 3, 4])] == [[1, 2], [[1, 2], [3, 4]]]
    assert [padding("ZeroPadding2D", value) for value in ([[1, 2], [3, 3]], [[2, 2], [2, 2]])] == [[[1, 2], [3, 3]], 2]


def test_a_shape_and_a_size_are_read_as_tuples_with_items_too() -> None:
    shape = {"class_name": "TensorShape", "items": [None, 9, 3]}
    size = {"class_name": "__tuple__", "items": [4]}
    first = layer("Conv1D", filters=2, kernel_size=size, batch_input_shape=shape)
    assert spec(model(first, version="2.4.0")) == {
        "name": "m",
        "inputs": {"input": ["B", 9, 3]},
        "layers": [{"type": "conv1d", "filters": 2, "kernel_size": 4}],
    }


def test_what_is_no_model_of_layers_is_refused_in_words(tmp_path: Path) -> None:
    graph = {"format": "graph-model", "modelTopology": {"node": []}}
    for data, words in ((graph, "a graph model of TensorFlow.js"), (model(), "a Keras model without layers")):
        path = tmp_path / "model.json"
        path.write_text(json.dumps(data))
        (finding,) = ls.inspect(path).findings
        assert finding.message.startswith(words)


def test_a_file_of_nonsense_is_read_without_a_traceback(tmp_path: Path) -> None:
    nonsense: list[Any] = [None, 3, "x", [], {}, {"class_name": 5}, {"class_name": "LSTM", "config": [1]}]
    path = tmp_path / "model.json"
    for one in nonsense:
        for other in nonsense[::2]:
            entry = {"class_name": "Dense", "name": "d", "config": {"units": 2}, "inbound_nodes": one}
            config = {"layers": [entry, other], "input_layers": one, "output_layers": other}
            wrapped = layer("Bidirectional", layer=one, backward_layer=other)
            cells = layer("RNN", cell={"class_name": "StackedRNNCells", "config": {"cells": one}})
            for data in (
                {"class_name": "Functional", "config": config},
                model(layer("Lambda", output_shape=one), wrapped, cells),
                model(layer("Merge", mode=one, layers=other), layer("Activation", activation=one)),
                {"class_name": "TFOpLambda", "config": one},
                model(layer("TensorFlowOpLayer", node_def=one, constants=other), other),
                {"modelTopology": one, "keras_version": other},
                one,
            ):
                path.write_text(json.dumps(data))
                with suppress(ls.LstmShapesError):  # it holds no model
                    ls.inspect(path)


def test_a_wrapper_of_something_unknown_names_both_classes() -> None:
    mine = layer("MyCell", units=3)
    wrapped = layer("TimeDistributed", name="t", layer=layer("MyLayer"))
    both = layer("Bidirectional", name="b", layer=layer("MyRNN"))
    entries = spec(model(LSTM, wrapped, both, layer("RNN", name="r", cell=mine)))["layers"]
    assert [entry["class"] for entry in entries[1:]] == [
        "TimeDistributed(MyLayer)",
        "Bidirectional(MyRNN)",
        "RNN(MyCell)",
    ]


def test_a_lambda_at_every_timestep_has_no_weights_and_no_known_shape() -> None:
    inner = layer("Lambda", output_shape=[3])
    assert spec(model(LSTM, layer("TimeDistributed", name="t", layer=inner)))["layers"][1] == {
        "type": "lambda",
        "name": "t",
    }


def test_a_layer_of_one_name_in_two_models_is_noted() -> None:
    """Keras 2.15 and 3.15 count it twice where they read the file, whatever it was when the file was written."""
    inner = [layer("Dense", name="shared", units=3)]
    first = {"class_name": "Sequential", "config": {"name": "encoder", "layers": inner}}
    second = {"class_name": "Sequential", "config": {"name": "decoder", "layers": inner}}
    data = model(layer("Dense", name="d", units=3, batch_input_shape=[None, 3]), first, second)
    (imported,) = translate(read("model.json", json.dumps(data)))
    assert imported.notes == (
        "shared is in encoder, decoder: counted in each, as Keras reads the file; it may have been one layer",
    )
    assert ls.inspect(spec(data)).totals.params == 36


def test_a_model_made_in_tensorflow_js_is_read_with_its_defaults() -> None:
    """tfjs-layers recurrent.ts: recurrentActivation is hardSigmoid, and resetAfter is refused."""
    gru = layer("GRU", name="g", units=4, batch_input_shape=[None, 5, 3])
    (imported,) = translate(read("model.json", json.dumps({"modelTopology": model(gru, version="tfjs-layers 4.22.0")})))
    assert imported.notes == ()
    assert imported.document.data["layers"] == [
        {
            "type": "gru",
            "name": "g",
            "units": 4,
            "reset_after": False,
            "recurrent_activation": "hard_sigmoid_keras2",
        }
    ]


def test_a_subscript_is_read_as_numpy_reads_it() -> None:
    import numpy as np

    x = np.zeros((2, 5, 3, 4))
    for keys in (
        (slice(None), -1),
        (slice(None), slice(1, 4), 0),
        (..., 0),
        (..., None),
        (slice(None), ..., slice(0, 2)),
        (slice(None), 0, ..., 1),
        (slice(None), None, 2),
        (slice(None), slice(None, None, 2)),
        (..., 1, 2),
        (..., slice(1, None), 2),
    ):
        steps = chosen(keys)
        assert steps is not None
        layers = [*steps, {"type": "activation", "activation": "linear"}]
        report = ls.inspect({"inputs": {"x": list(x.shape)}, "layers": layers})
        assert report.layers[-1].outputs[0].shape == x[keys].shape, keys
    assert chosen((slice(None), "name")) is None

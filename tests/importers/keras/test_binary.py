"""A .keras archive, an .h5 file, TensorFlow.js, weights by themselves: the arrays by layer, and what is not known."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from typing import Any

import pytest

from lstm_shapes import formats, importers
from lstm_shapes.analysis.report import Report, report
from lstm_shapes.spec.imported import Imported
from lstm_shapes.spec.reader import read_imported

from ...formats.hdf5_writer import Writer, array, attribute, h5, hard

LSTM = {"name": "lstm_1", "units": 4, "return_sequences": True}
CELL = {"0": (8, 16), "1": (4, 16), "2": (16,)}


def layer(class_name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": class_name, "config": config}


def sequential(*layers: dict[str, Any], name: str = "model") -> dict[str, Any]:
    start = layer("InputLayer", name="start", batch_input_shape=[None, 10, 8], dtype="float32")
    return layer("Sequential", name=name, layers=[start, *layers])


def archive(config: Any, groups: dict[str, Any], version: str = "3.3.3", **members: Any) -> bytes:
    """A .keras archive with these groups of weights."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as opened:
        opened.writestr("metadata.json", json.dumps({"keras_version": version}))
        opened.writestr("config.json", json.dumps(config))
        opened.writestr("model.weights.h5", h5(groups))
        for name, content in members.items():
            opened.writestr(name, content)
    return file.getvalue()


def legacy(config: Any, groups: dict[str, dict[str, tuple[int, ...]]], version: str = "2.2.4") -> bytes:
    """An .h5 file as Keras 1 and 2 write it: a group for each layer, its arrays by name."""
    writer = Writer()
    links = []
    for name, weights in groups.items():
        arrays = [hard(weight, writer.add(array(*shape))) for weight, shape in weights.items()]
        names = [attribute("weight_names", *weights)] if weights else []
        links.append(hard(name, writer.group(*arrays, *names)))
    inside = writer.group(*links, attribute("layer_names", *groups))
    text = [attribute("model_config", json.dumps(config))] if config else []
    return writer.file(hard("model_weights", inside), attribute("keras_version", version), *text)


def read(raw: bytes, name: str = "model.keras") -> tuple[Imported, Report]:
    (imported,) = importers.translate(formats.parse(name, raw))
    return imported, report(read_imported(imported))


def names(imported: Imported, number: int, *inner: Any) -> list[str]:
    return [stored.name for stored in imported.stored[("layers", number, *inner)]]


def kinds(answer: Report) -> list[str]:
    return [finding.kind for finding in answer.findings]


def test_an_archive_of_keras_3_counts_the_layers_of_a_class() -> None:
    config = sequential(
        layer("LSTM", **LSTM), layer("LSTM", **{**LSTM, "name": "lies"}), layer("Dense", units=2, name="d")
    )
    second = {"0": (4, 16), "1": (4, 16), "2": (16,)}
    groups = {
        "lstm": {"cell": {"vars": CELL}},
        "lstm_1": {"cell": {"vars": second}},
        "dense": {"vars": {"0": (4, 2), "1": (2,)}},
    }
    imported, answer = read(archive(config, {"layers": groups, "optimizer": {"vars": {"0": ()}}}))
    assert (imported.kind, imported.version, kinds(answer)) == ("keras", "3.3.3", [])
    assert names(imported, 1) == [f"layers/lstm_1/cell/vars/{number}" for number in range(3)]
    assert answer.totals.params == 208 + 144 + 10
    groups["lstm_1"], groups["lstm"] = groups["lstm"], groups["lstm_1"]
    assert kinds(read(archive(config, {"layers": groups}))[1]) == ["stored-arrays"] * 2


def test_tf_keras_counts_a_layer_with_weights_twice() -> None:
    config = sequential(layer("LSTM", **LSTM), layer("LSTM", **{**LSTM, "name": "b"}))
    second = {"0": (4, 16), "1": (4, 16), "2": (16,)}
    groups = {"lstm": {"cell": {"vars": CELL}}, "lstm_2": {"cell": {"vars": second}}}
    imported, answer = read(archive(config, {"_layer_checkpoint_dependencies": groups}, version="2.15.0"))
    assert (kinds(answer), names(imported, 1)[0]) == ([], "_layer_checkpoint_dependencies/lstm_2/cell/vars/0")


def test_layers_inside_models_inside_wrappers_have_their_own_arrays() -> None:
    inner = sequential(layer("Dense", units=2, name="d"), layer("BatchNormalization", name="bn"), name="inner")
    config = sequential(layer("TimeDistributed", name="td", layer=inner), layer("LSTM", **LSTM))
    dense = {"vars": {"0": (8, 2), "1": (2,)}}
    statistics = {"vars": {str(number): (2,) for number in range(4)}}
    cell = {"vars": {"0": (2, 16), "1": (4, 16), "2": (16,)}}
    inside = {"layer": {"layers": {"dense": dense, "batch_normalization": statistics}}}
    groups = {"time_distributed": inside, "lstm": {"cell": cell, "vars": {"0": (2, 4), "1": (2, 4)}}}
    imported, answer = read(archive(config, {"layers": groups}))
    assert (kinds(answer), () in imported.stored) == ([], False)
    assert names(imported, 0, "layer", "layers", 0)[0].endswith("layer/layers/dense/vars/0")


def test_states_and_random_generators_are_no_weights_and_a_group_of_no_layer_is_said() -> None:
    config = sequential(layer("LSTM", **LSTM, stateful=True), layer("Dropout", rate=0.1, name="drop"))
    groups = {
        "lstm": {"cell": {"vars": CELL, "seed_generator": {"vars": {"0": (2,)}}}, "vars": {"0": (1, 4)}},
        "dropout": {"seed_generator": {"vars": {"0": (2,)}}},
    }
    assert kinds(read(archive(config, {"layers": groups}))[1]) == []
    groups["dense"] = {"vars": {"0": (4, 2)}}
    _, answer = read(archive(config, {"layers": groups}))
    assert [finding.message for finding in answer.findings] == [
        "no layer has the arrays that the file stores as layers/dense/vars/0 (4, 2)"
    ]


def test_without_pyfive_a_note_says_what_was_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "lstm_shapes.formats.hdf5.objects", raising=False)
    monkeypatch.setitem(sys.modules, "pyfive", None)
    imported, answer = read(archive(sequential(layer("LSTM", **LSTM)), {}))
    assert answer.totals.params == 208
    assert imported.notes[-1].endswith("pip install 'lstm-shapes[hdf5]'")


def test_an_h5_file_has_its_config_in_an_attribute_and_a_group_for_each_layer() -> None:
    config = sequential(layer("LSTM", **LSTM), layer("Activation", activation="relu", name="act"))
    kernels = {"kernel:0": (8, 16), "recurrent_kernel:0": (4, 16), "bias:0": (16,)}
    imported, answer = read(legacy(config, {"start": {}, "lstm_1": kernels, "act": {}}), "model.h5")
    assert (imported.kind, imported.version, kinds(answer)) == ("keras-h5", "2.2.4", [])
    assert names(imported, 0) == [f"model_weights/lstm_1/{name}" for name in kernels]
    wrong = {**kernels, "kernel:0": (9, 16)}
    _, answer = read(legacy(config, {"start": {}, "lstm_1": wrong, "act": {}}), "model.h5")
    assert [finding.message for finding in answer.findings] == [
        "lstm_1 (lstm): kernel is (8, 16), but the file stores (9, 16) as model_weights/lstm_1/kernel:0"
    ]


def test_a_hint_says_what_to_write_where_the_model_is_built() -> None:
    config = sequential(layer("LSTM", name="lstm_1", units=4), layer("LSTM", name="top", units=3))
    for raw, name in ((legacy(config, {}), "m.h5"), (archive(config, {}), "m.keras")):
        finding = next(finding for finding in read(raw, name)[1].findings if finding.kind == "last-step-only")
        assert (finding.place, finding.layer) == (None, "top")
        assert finding.hint.startswith("where the model is built: set `return_sequences=True` on lstm_1")


def test_a_config_that_is_no_json_is_one_finding() -> None:
    writer = Writer()
    (imported,) = importers.translate(formats.parse("m.h5", writer.file(attribute("model_config", "{"))))
    (finding,) = report(read_imported(imported)).findings
    assert (finding.id, finding.place) == ("LS002", None)
    assert finding.message.startswith("model_config: not JSON")


def test_an_hdf5_file_of_something_else_holds_no_model() -> None:
    assert importers.translate(formats.parse("m.h5", h5({"inputs": {"lstm_1": (25, 1)}}))) == ()


def manifest(*weights: tuple[str, tuple[int, ...]]) -> list[dict[str, Any]]:
    listed = [{"name": name, "shape": list(shape), "dtype": "float32"} for name, shape in weights]
    return [{"paths": ["group1-shard1of1.bin"], "weights": listed}]


def test_tensorflow_js_lists_the_arrays_by_name() -> None:
    config = sequential(
        layer("Bidirectional", name="bi", layer=layer("LSTM", **LSTM)), layer("Dense", units=2, name="dense_1")
    )
    ways = [
        (f"bi/{way}_lstm_1/{name}", shape)
        for way in ("forward", "backward")
        for name, shape in zip(("kernel", "recurrent_kernel", "bias"), CELL.values(), strict=True)
    ]
    topology = {"keras_version": "2.15.0", "model_config": config}
    dense = [("dense_1/kernel", (8, 2)), ("dense_1/bias", (2,))]
    model = {"modelTopology": topology, "weightsManifest": manifest(*ways, *dense)}
    imported, answer = read(json.dumps(model).encode(), "model.json")
    assert (kinds(answer), answer.totals.params) == ([], 2 * 208 + 18)
    assert len(imported.stored["layers", 0]) == 6
    model["weightsManifest"] = manifest(*ways, ("dense_1/kernel", (9, 2)), ("dense_1/bias", (2,)))
    (finding,) = read(json.dumps(model).encode(), "model.json")[1].findings
    assert (finding.kind, finding.place is not None) == ("stored-arrays", True)
    config["config"]["layers"].append(layer("MyLayer", name="mine"))
    model["weightsManifest"] = manifest(*ways, *dense, ("mine/w", (3,)))
    assert read(json.dumps(model).encode(), "model.json")[1].totals.params == 2 * 208 + 18 + 3
    model["weightsManifest"] = [{"weights": [{"name": 3, "shape": "x"}, 7]}, None]  # nothing that is an array
    assert kinds(read(json.dumps(model).encode(), "model.json")[1]) == []


_OLD = {"W": (8, 4), "U": (4, 4), "b": (4,)}
_STATISTICS = ("gamma", "beta", "moving_mean", "moving_variance")
WEIGHTS = {
    "lstm_1": ({"kernel:0": (8, 16), "recurrent_kernel:0": (4, 16), "bias:0": (16,)}, "lstm", 208),
    "old_lstm": ({f"o_{w}_{gate}": s for gate in "icfo" for w, s in _OLD.items()}, "lstm", 208),
    "gru_1": ({"kernel:0": (8, 12), "recurrent_kernel:0": (4, 12), "bias:0": (2, 12)}, "gru", 168),
    "gru_2": ({"kernel:0": (8, 12), "recurrent_kernel:0": (4, 12), "bias:0": (12,)}, "gru", 156),
    "cu_dnnlstm_1": ({"kernel:0": (8, 16), "recurrent_kernel:0": (4, 16), "bias:0": (32,)}, "lstm", 224),
    "rnn_1": ({"kernel:0": (8, 4), "recurrent_kernel:0": (4, 4), "bias:0": (4,)}, "rnn", 52),
    "conv_lst_m2d_1": (
        {"kernel:0": (3, 3, 2, 16), "recurrent_kernel:0": (3, 3, 4, 16), "bias:0": (16,)}, "conv_lstm2d", 880
    ),
    "dense_1": ({"kernel:0": (8, 2), "bias:0": (2,)}, "dense", 18),
    "conv": ({"kernel:0": (3, 8, 2)}, "conv1d", 48),
    "embedding_1": ({"embeddings:0": (11, 4)}, "embedding", 44),
    "bn": ({f"{name}:0": (4,) for name in _STATISTICS}, "batch_normalization", 16),
    "ln": ({"gamma:0": (4,), "beta:0": (4,)}, "layer_normalization", 8),
    "mine": ({"w:0": (3, 5), "v:0": (2,)}, "unknown", 17),
}  # fmt: skip


@pytest.mark.parametrize("name", WEIGHTS)
def test_weights_by_themselves_tell_the_layer_and_its_sizes(name: str) -> None:
    weights, type_, count = WEIGHTS[name]
    _, answer = read(legacy(None, {name: weights}, "1.2.2" if "old" in name else "2.2.4"), "weights.h5")
    (row,) = answer.layers
    assert (row.type, row.name, row.params, kinds(answer)) == (type_, name, count, [])


def test_weights_of_an_archive_by_themselves_have_their_names_from_its_attributes() -> None:
    both = {"forward_layer": {"cell": {"vars": CELL}}, "backward_layer": {"cell": {"vars": CELL}}}
    cells = {
        "cell": {
            "cells": {"gru_cell": {"vars": {"0": (4, 15), "1": (5, 15), "2": (2, 15)}}, "lstm_cell": {"vars": CELL}}
        }
    }
    inner = {"layer": {"layers": {"dense": {"vars": {"0": (8, 2), "1": (2,)}}}}}
    td = {"layer": {"vars": {"0": (8, 2), "1": (2,)}}}
    groups = {"bidirectional": both, "rnn": cells, "time_distributed": td, "time_distributed_1": inner}
    _, answer = read(h5({"layers": groups, "optimizer": {"vars": {"0": (8, 16)}}}), "model.weights.h5")
    assert [(row.type, row.name, row.params) for row in answer.layers] == [
        ("bidirectional", "bidirectional", 416),
        ("stacked_cells", "rnn", 208 + 165),
        ("dense", "time_distributed", 18),
        ("dense", "time_distributed_1/dense", 18),
    ]
    assert kinds(answer) == []
    named = {"dense": {"vars": {"0": (8, 2), "1": (2,), "at": attribute("name", "head")}}}
    assert read(h5({"layers": named}), "m.weights.h5")[1].layers[0].name == "head"


def test_what_is_stored_counts_an_unknown_layer_and_those_after_it() -> None:
    mine = layer("MyAttention", name="mine")
    after = layer("Bidirectional", name="bi", layer=layer("LSTM", **LSTM))
    config = sequential(mine, after, layer("TimeDistributed", name="td", layer=layer("Dense", units=2, name="d")))
    both = {"forward_layer": {"cell": {"vars": CELL}}, "backward_layer": {"cell": {"vars": CELL}}}
    groups = {"bidirectional": both, "time_distributed": {"layer": {"vars": {"0": (8, 2), "1": (2,)}}}}
    for stored, count in (({"vars": {"0": (3, 4)}, "cell": {"vars": {"0": (5,)}}}, 17), ({"vars": {}}, 0)):
        imported, answer = read(archive(config, {"layers": {**groups, "my_attention": stored}}))
        assert [row.params for row in answer.layers] == [count, 416, 18]
        assert (answer.complete, answer.shapes_complete, kinds(answer)) == (True, False, [])
        assert imported.notes[-1].startswith("mine: ")
    _, answer = read(archive(config, {"layers": groups}))  # no group for it: nothing is said of it
    assert [row.params for row in answer.layers] == [None, 416, 18]


def test_an_array_that_two_parts_of_an_unknown_layer_hold_is_not_counted_twice() -> None:
    config = sequential(layer("SpectralNormalization", name="sn", layer=layer("Dense", units=4, name="d")))
    kernel = {"0": (8, 4), "1": (4,)}
    groups = {"spectral_normalization": {"layer": {"vars": kernel}, "vars": {"0": (1, 4), "1": (8, 4)}}}
    assert read(archive(config, {"layers": groups}))[1].totals.params is None
    groups = {"spectral_normalization": {"layer": {"vars": kernel}, "vars": {"0": (1, 4)}}}
    assert read(archive(config, {"layers": groups}))[1].totals.params == 40


def test_a_layer_to_which_keras_adds_weights_when_it_loads_the_file_is_not_counted() -> None:
    config = sequential(layer("Dense", name="adapted", units=4, lora_rank=2))
    groups = {"dense": {"vars": {"0": (8, 4), "1": (4,)}}}
    assert read(archive(config, {"layers": groups}))[1].totals.params is None


@pytest.mark.parametrize("config", [{"layers": 3}, {"class_name": "Sequential", "config": {"layers": []}}, [], 7])
def test_a_config_without_layers_is_no_model(config: Any) -> None:
    for raw, name in ((archive(config, {}), "m.keras"), (legacy(config or {"a": 1}, {}), "m.h5")):
        (imported,) = importers.translate(formats.parse(name, raw))
        assert [finding.kind for finding in report(read_imported(imported)).findings] == ["not-a-model"]

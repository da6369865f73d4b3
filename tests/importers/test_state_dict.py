"""Checkpoints that the real PyTorch wrote: every kind of module told apart, every number counted, nothing built."""

from __future__ import annotations

import json
from math import prod
from pathlib import Path

import pytest

from lstm_shapes import inspect
from lstm_shapes.analysis.report import report
from lstm_shapes.formats import read
from lstm_shapes.formats.document import Document
from lstm_shapes.formats.pickled import Opaque, TensorInfo
from lstm_shapes.importers import translate
from lstm_shapes.spec.reader import read_imported

FOLDER = Path(__file__).parent / "checkpoints"
COUNTS = json.loads((FOLDER / "counts.json").read_text("utf-8"))
EVERYTHING = ("state_dict.pt", "training.pth.tar", "legacy.pth", "model.safetensors")
LAYERS = {
    "embedding": {"type": "embedding", "vocab": 11, "units": 4},
    "encoder": {"type": "lstm", "input_dim": 4, "units": 3, "num_layers": 2, "bidirectional": True},
    "decoder": {"type": "gru", "input_dim": 6, "units": 5},
    "plain": {"type": "rnn", "input_dim": 5, "units": 2, "bias": False},
    "projected": {"type": "lstm", "input_dim": 2, "units": 7, "num_layers": 2, "proj_size": 3},
    "cell": {"type": "lstm_cell", "input_dim": 3, "units": 2},
    "convolution": {"type": "conv1d", "input_dim": 3, "filters": 5, "kernel_size": 3},
    "upscale": {"type": "conv2d_transpose", "input_dim": 4, "filters": 6, "kernel_size": [3, 3], "groups": 2},
    "bn": {"type": "batch_normalization", "num_features": 5},
    "attention": {"type": "multi_head_attention", "embed_dim": 4, "num_heads": 1, "inputs": ["unknown"] * 3},
    "norm": {"type": "layer_normalization", "normalized_shape": [4]},
    "head": {"type": "dense", "input_dim": 4, "units": 11, "tied_to": {"kernel": "embedding.embeddings"}},
    "weighted": {"type": "dense", "input_dim": 2, "units": 3},
    "spectral": {"type": "dense", "input_dim": 2, "units": 3},
    "pruned": {"type": "dense", "input_dim": 3, "units": 2},
    "parameters": {"type": "unknown", "params": 36},
}
"""The modules of checkpoints/record.py, as a person would write them."""


def spec(name: str) -> dict[str, dict[str, object]]:
    (model,) = translate(read(str(FOLDER / name)))
    return {layer["name"]: layer for layer in model.document.data["layers"]}


@pytest.mark.parametrize("name", EVERYTHING)
def test_every_module_is_told_by_the_names_and_shapes_of_its_tensors(name: str) -> None:
    layers = spec(name)
    for module, settings in LAYERS.items():
        assert layers[module] == {"name": module, "inputs": "unknown", **settings}, module


@pytest.mark.parametrize("name", EVERYTHING)
def test_the_totals_are_those_of_pytorch(name: str) -> None:
    report = inspect(FOLDER / name)
    assert report.findings == ()
    assert report.complete and not report.shapes_complete
    assert report.totals.params == COUNTS["everything"]["params"]
    assert report.totals.buffers == COUNTS["everything"]["buffers"]


@pytest.mark.parametrize("name", EVERYTHING)
def test_every_tensor_is_kept_with_its_shape(name: str) -> None:
    (model,) = translate(read(str(FOLDER / name)))
    stored = {
        array.name.removeprefix("module."): list(array.shape) for group in model.stored.values() for array in group
    }
    assert stored == COUNTS["everything"]["tensors"]


@pytest.mark.parametrize("name", EVERYTHING)
def test_the_tensors_that_layers_predict_are_those_of_the_file(name: str) -> None:
    expected = {tensor: tuple(shape) for tensor, shape in COUNTS["everything"]["tensors"].items()}
    predicted = {
        f"{row.name}.{tensor.name}": tensor.shape
        for row in inspect(FOLDER / name).layers
        if row.name in LAYERS and row.name not in ("weighted", "spectral", "pruned")
        for tensor in row.weights
    }
    assert predicted == {name: expected[name] for name in predicted}
    assert len(predicted) > 40


@pytest.mark.parametrize("protocol", range(6))
def test_every_protocol_of_pickle_is_read(protocol: int) -> None:
    report = inspect(FOLDER / f"protocol{protocol}.pt")
    assert report.totals.params == COUNTS["bn"]["params"]
    assert report.totals.buffers == COUNTS["bn"]["buffers"]
    assert report.layers[0].type == "batch_normalization"


def test_several_state_dicts_are_several_models() -> None:
    models = translate(read(str(FOLDER / "several.pt")))
    assert [model.name for model in models] == ["encoder", "decoder"]
    assert [model.document.data["layers"][0]["type"] for model in models] == ["lstm", "gru"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("module.pt", "a pickled object of class torch.nn.modules.container.Sequential, which is not built"),
        ("module_legacy.pt", "a pickled object of class torch.nn.modules.linear.Linear, which is not built"),
        ("script.pt", "a TorchScript archive, which holds code that is never run"),
    ],
)
def test_what_is_no_state_dict_is_refused_with_its_class(name: str, message: str) -> None:
    report = inspect(FOLDER / name)
    assert [(finding.id, finding.message) for finding in report.findings] == [("LS006", message)]
    assert "state_dict()" in report.findings[0].hint
    assert not report.complete


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ({"w": Opaque("numpy.ndarray")}, "no tensors, but objects that are not built: numpy.ndarray"),
        ({"epoch": 3}, "no tensors by name: not a state dict"),
        ([1, 2], "no tensors by name: not a state dict"),
    ],
)
def test_what_has_no_tensors_is_refused_in_words(tree: object, message: str) -> None:
    (model,) = translate(Document(source="m.pt", data={"tree": tree, "holders": ()}, format="torch"))
    assert [finding.message for finding in model.document.findings] == [message]


def test_what_a_checkpoint_does_not_say_is_said() -> None:
    notes = "\n".join(inspect(FOLDER / "training.pth.tar").notes)
    for words in (
        "no order of layers, no timesteps and no batch_first",
        "without `module.` (DataParallel)",
        "module.head.weight is module.embedding.weight",
        "attention: num_heads is not in a checkpoint",
        "weighted: stored with weight norm",
        "next to the state dict, not counted: best, optimizer",
    ):
        assert words in notes


def told(shapes: dict[str, tuple[int, ...]]) -> dict[str, dict[str, object]]:
    """The layers of tensors with these names and shapes, by name."""
    tree = {name: TensorInfo(shape, "float32") for name, shape in shapes.items()}
    document = Document(source="m.pt", data={"tree": tree, "holders": ()}, format="torch")
    (model,) = translate(document)
    return {layer["name"]: layer for layer in model.document.data["layers"]}


LSTM = {"weight_ih_l0": (24, 20), "weight_hh_l0": (24, 6), "bias_ih_l0": (24,), "bias_hh_l0": (24,)}


def test_a_large_matrix_as_wide_as_what_a_recurrent_layer_reads_is_a_vocabulary() -> None:
    lstm = {f"rnn.{leaf}": shape for leaf, shape in LSTM.items()}
    layers = told({"encoder.weight": (5_000, 20), "other.weight": (5_000, 21), "small.weight": (50, 20), **lstm})
    assert [layers[name]["type"] for name in ("encoder", "other", "small")] == ["embedding", "dense", "dense"]


def test_the_dropped_weights_of_awd_lstm_are_of_the_module_inside() -> None:
    inner = {f"rnns.0.module.{leaf}": shape for leaf, shape in LSTM.items() if leaf != "weight_hh_l0"}
    layers = told({"rnns.0.weight_hh_l0_raw": (24, 6), **inner})
    assert layers == {"rnns.0": {"type": "lstm", "name": "rnns.0", "input_dim": 20, "units": 6, "inputs": "unknown"}}


@pytest.mark.parametrize(
    ("leaf", "shape"),
    [("weight_hh_l0", (24, 7)), ("weight_ih_l0", (23, 20)), ("bias_ih_l0", (25,)), ("weight_hh_l0", (24,))],
)
def test_tensors_that_fit_no_module_are_unknown_with_their_numbers(leaf: str, shape: tuple[int, ...]) -> None:
    shapes = {**LSTM, leaf: shape}
    layers = told({f"rnn.{name}": value for name, value in shapes.items()})
    assert layers["rnn"]["type"] == "unknown"
    assert layers["rnn"]["params"] == sum(prod(value) for value in shapes.values())


def test_the_path_of_a_layer_is_its_name_in_the_checkpoint() -> None:
    rows = inspect(FOLDER / "training.pth.tar").layers
    assert {row.path for row in rows} >= {"encoder", "decoder", "attention", "bn"}


ODD = {
    "two names that a dot tells apart": {"weight": (3, 2), ".weight": (4, 2), "bias": (3,)},
    "a size of 0": {"fc.weight": (5, 0), "fc.bias": (5,), "rnn.weight_ih_l0": (0, 3), "rnn.weight_hh_l0": (0, 0)},
    "a module called unknown": {"unknown.weight": (3, 2), "unknown.bias": (3,), "input.weight": (4, 2)},
    "names that are cut": {f"{'x' * 300}{n}.weight": (2, 2) for n in range(3)},
    "a scalar": {"fc.weight": ()},
    "a size beyond all": {"fc.weight": (2**62, 2**62)},
    "many axes": {"fc.weight": (1,) * 60},
    "weight norm of a part": {
        "fc.weight_g": (3, 1),
        "fc.weight_v": (3, 2),
        "fc.weight_u": (3,),
        "fc.weight_orig": (3, 2),
    },
    "a bias alone": {"fc.bias": (3,)},
    "a thousandth layer": {"rnn.weight_ih_l999": (4, 1), "rnn.weight_hh_l0": (4, 1), "rnn.weight_ih_l0": (4, 1)},
}


@pytest.mark.parametrize("name", ODD)
def test_the_total_is_the_number_of_all_elements_whatever_the_tensors(name: str) -> None:
    tree = {key: TensorInfo(shape, "float32") for key, shape in ODD[name].items()}
    (model,) = translate(Document(source="m.pt", data={"tree": tree, "holders": ()}, format="torch"))
    reading = read_imported(model)
    answer = report(reading)
    assert answer.findings == ()
    counted = answer.totals.params_at_least + answer.totals.buffers
    assert answer.complete
    assert counted == sum(prod(shape) for shape in ODD[name].values())


def test_keys_that_are_no_texts_are_kept_apart() -> None:
    tree = {1: TensorInfo((3, 2), "float32"), "1": TensorInfo((5,), "float32")}
    (model,) = translate(Document(source="m.pt", data={"tree": tree, "holders": ()}, format="torch"))
    assert report(read_imported(model)).totals.params == 11


def test_bytes_of_other_dtypes_are_said_to_be_counted_as_those_of_one() -> None:
    tree = {"fc.weight": TensorInfo((3, 2), "int8"), "fc.bias": TensorInfo((3,), "float16")}
    (model,) = translate(Document(source="m.pt", data={"tree": tree, "holders": ()}, format="torch"))
    assert model.document.data["dtype"] == "float16"
    assert "tensors of int8 too: bytes are those of float16" in model.notes

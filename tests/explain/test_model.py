"""``explain FILE``: its sentences against the packed tensors, the report's counts and another way to read the model."""

from __future__ import annotations

import abc
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from lstm_shapes import formats
from lstm_shapes.analysis.explain import picture
from lstm_shapes.analysis.explain.model import Explained, Explanation, explain, explain_output
from lstm_shapes.analysis.explain.settings import explain_settings
from lstm_shapes.analysis.explain.tensors import explained_tensors
from lstm_shapes.analysis.report import report
from lstm_shapes.api import read
from lstm_shapes.formats.document import Document
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.frameworks.keras import KERAS
from lstm_shapes.frameworks.layout import Slot, pack, tensors
from lstm_shapes.graph.model import Graph, Model, Node, Ref
from lstm_shapes.graph.shape_inference import infer
from lstm_shapes.layers import FAMILIES, family
from lstm_shapes.layers.base import Layer
from lstm_shapes.layers.dropout import Dropout
from lstm_shapes.layers.gated import Equations
from lstm_shapes.layers.gru import GRU
from lstm_shapes.layers.lstm import LSTM
from lstm_shapes.render import drawing
from lstm_shapes.render import drawing_svg as picture_svg
from lstm_shapes.render import drawing_text as picture_text
from lstm_shapes.render.drawing import Grid, Rect, columns
from lstm_shapes.spec import reader as spec
from lstm_shapes.spec.reading import Reading
from lstm_shapes.symbolic.size import total
from lstm_shapes.views import explain_model as page
from lstm_shapes.views import picture as picture_grid

from ..hostile.child import decent, run, run_process
from ..hostile.test_names import NAMES, RAW
from ..hostile.test_names import spec as hostile
from ..layer_settings import TYPES, cases
from ..profiles import few

ROOT = Path(__file__).resolve().parents[2]
SVG = "{http://www.w3.org/2000/svg}"
FILES = sorted([*(ROOT / "examples").glob("*.*"), *(ROOT / "tests/cases").glob("*.yaml")])
VALID = [path for path in FILES if path.parent.name == "examples" or path.name.endswith(".fixed.yaml")]


def reading(*layers: dict[str, Any], **more: Any) -> Reading:
    return spec.read(Document(source="model.yaml", data={"input_dim": 8, "layers": list(layers), **more}))


def explanation_of(*layers: dict[str, Any], **more: Any) -> Explanation:
    return explain(reading(*layers, **more))


def grids(read: Reading, width: int = 100) -> list[Grid]:
    if read.inferred is None:
        return []
    chain = picture.chain(read.inferred)
    cells = [picture.inside(read.inferred, node.name) for node in read.inferred.nodes]
    return [picture_grid.chain(chain, width), *(picture_grid.inside(cell, width) for cell in cells if cell)]


def everything(layers: tuple[Explained, ...]) -> Iterator[Explained]:
    for layer in layers:
        yield layer
        yield from everything(layer.layers)


def number(text: str) -> int:
    return int(text.replace(",", ""))


CELLS = [
    ("keras", {"type": "lstm", "units": 5}),
    ("keras", {"type": "lstm", "units": 5, "bias": False}),
    ("keras", {"type": "lstm", "units": 1}),
    ("keras", {"type": "gru", "units": 5}),
    ("keras", {"type": "gru", "units": 5, "reset_after": False}),
    ("keras", {"type": "lstm", "units": 5, "bidirectional": True}),
    ("torch", {"type": "lstm", "units": 5, "num_layers": 2, "bidirectional": True}),
    ("torch", {"type": "lstm", "units": 5, "proj_size": 3}),
    ("torch", {"type": "gru", "units": 5}),
]


@pytest.mark.parametrize(("framework", "layer"), CELLS, ids=str)
def test_the_interval_of_a_gate_is_where_the_packed_tensor_has_it(framework: str, layer: dict[str, Any]) -> None:
    read = reading(layer, framework=framework)
    assert read.inferred
    (step,) = read.inferred.nodes
    (explained_layer,) = explain(read).layers
    assert step.inputs
    listed = tensors(FRAMEWORKS[framework], step.layer, *step.inputs)
    checked = 0
    for tensor, explained_tensor in zip(listed, explained_layer.tensors, strict=True):
        for gate in tensor.gates if "gate" in tensor.weights[0].axes.split() else ():
            arrays = {}
            for weight in tensor.weights:
                filled = np.zeros(weight.shape)
                filled[tensor.ours.index(gate)] = 1.0
                arrays[weight.key] = filled
            packed = pack(tensor, arrays)
            positions = (
                sorted({int(index[explained_tensor.axis]) for index in np.argwhere(packed)})
                if explained_tensor.axis is not None
                else []
            )
            who = "the candidate" if gate == "candidate" else f"the {gate} gate"
            match = re.search(rf"(\d+)(?:\.\.(\d+))?(?: is| are)? {who}", explained_tensor.sentence)
            assert match, explained_tensor.sentence
            first, last = int(match[1]), int(match[2] or match[1])
            assert positions == list(range(first, last + 1))
            assert packed.sum() == next(cut.params for cut in explained_tensor.slices if cut.gate == gate)
            word = "numbers" if packed.ndim == 1 else ("rows", "columns")[explained_tensor.axis or 0]
            assert f"; {word} " in explained_tensor.sentence
            checked += 1
    assert checked >= 6


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.name)
def test_the_parameters_of_gates_and_tensors_add_up_to_the_report(path: Path) -> None:
    read = spec.read(formats.read(str(path), name=""))
    rows = {row.name: row for row in report(read).layers}
    for layer in explain(read).layers:
        if layer.tensors:
            assert total(tensor.params for tensor in layer.tensors) == rows[layer.name].params
            assert [(tensor.name, tensor.shape) for tensor in layer.tensors] == [
                (tensor.name, tensor.shape) for tensor in rows[layer.name].weights
            ]
        for sentence in layer.parameters:
            match = re.search(r"each gate has (.*) parameters; (\d+) \* ([\d,]+)(.*) = ([\d,]+)$", sentence)
            if match:
                *_, each = match[1].split(" = ")
                shares = [number(share) for share in match[1].split(" = ")[0].split(" + ")]
                rest = [number(more) for more in re.findall(r" \+ ([\d,]+) of ", match[4])]
                assert sum(shares) == number(each) == number(match[3])
                assert int(match[2]) * number(each) + sum(rest) == number(match[5])


@pytest.mark.parametrize("path", few(FILES, 40), ids=lambda path: path.name)
def test_every_valid_or_broken_model_is_explained_in_every_format(path: Path) -> None:
    read = spec.read(formats.read(str(path), name=""))
    explanation, drawn = explain(read), grids(read)
    texts = [picture_text.render(grid) for grid in drawn]
    plain = [picture_text.render(grid, ascii_only=True) for grid in drawn]
    assert all(text.isascii() for text in plain)
    for text in [*texts, *plain]:
        assert max(columns(line) for line in text.splitlines()) <= 100
    svg(picture_svg.render(drawn))
    for text in (page.text(explanation, texts), page.markdown(explanation, texts), json.dumps(page.data(explanation))):
        assert "None" not in text
        for layer in everything(explanation.layers):
            assert layer.goes_out
    if path in VALID:
        assert explanation.layers
        assert all(layer.known for layer in explanation.layers)


@pytest.mark.parametrize("path", few(FILES, 20), ids=lambda path: path.name)
def test_the_pictures_of_a_model_fit_a_narrow_terminal(path: Path) -> None:
    model = spec.read(formats.read(str(path), name=""))
    for width, grid in [(60, grid) for grid in grids(model, 60)] + [(80, grid) for grid in grids(model, 80)]:
        assert max(columns(line) for line in picture_text.render(grid).splitlines()) <= width
        for mark in grid.marks:
            if isinstance(mark, Rect):
                assert 0 <= mark.x <= mark.x + mark.w <= grid.width
                assert max(map(columns, mark.lines), default=0) <= mark.w - 2
                assert len(mark.lines) <= mark.h - 2


def test_a_narrow_picture_of_a_cell_names_everything_that_the_wide_one_names() -> None:
    layers = [
        {"type": "lstm", "units": 4, "proj_size": 2},
        {"type": "lstm", "units": 64, "peephole": True},
        {"type": "gru", "units": 4, "reset_after": False},
        {"type": "rnn", "units": 4},
    ]
    for layer in layers:
        wide, narrow = (picture_text.render(grids(reading(layer), width)[1]) for width in (100, 60))
        assert not re.search("…", wide)
        assert set(re.findall(r"[\w.]+", wide)) - {"4"} <= set(re.findall(r"[\w.]+", narrow))


def test_a_narrow_picture_shows_the_first_timestep_and_the_last() -> None:
    text = picture_text.render(grids(reading({"type": "lstm", "units": 4}, timesteps=7), 60)[0])
    assert re.findall(r"t = \w+", text) == ["t = 1", "t = 7"]
    assert "…" in text
    pair = picture_text.render(grids(reading({"type": "lstm", "units": 4}, timesteps=2), 60)[0])
    assert re.findall(r"t = \w+", pair) == ["t = 1", "t = 2"]
    assert "…" not in pair


def svg(text: str) -> ET.Element:
    """Well-formed, self-contained, with a title and a description that its root names."""
    root = ET.fromstring(text)
    assert root.attrib["role"] == "img"
    ids = root.attrib["aria-labelledby"].split()
    assert [child.attrib["id"] for child in root[:2]] == ids
    assert [child.tag for child in root[:2]] == [f"{SVG}title", f"{SVG}desc"]
    allowed = {f"{SVG}{tag}" for tag in "svg title desc style defs marker path text rect g".split()}
    for element in root.iter():
        assert element.tag in allowed
        assert not [key for key in element.attrib if "href" in key or key.startswith("on")]
        assert not [value for value in element.attrib.values() if "url(" in value and value != "url(#head)"]
    (style,) = root.iter(f"{SVG}style")
    assert "prefers-color-scheme: dark" in str(style.text)
    assert not re.search(r"@import|url\(|@font-face", str(style.text))
    width = float(root.attrib["width"])
    for box in root.iter(f"{SVG}rect"):
        assert 0 <= float(box.attrib["x"]) <= width - float(box.attrib["width"])
    return root


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.name)
def test_no_box_lies_on_another_and_no_text_is_wider_than_its_box(path: Path) -> None:
    for grid in grids(spec.read(formats.read(str(path), name=""))):
        boxes = [mark for mark in grid.marks if isinstance(mark, drawing.Rect)]
        taken: set[tuple[int, int]] = set()
        for box in boxes:
            cells = {(x, y) for x in range(box.x, box.x + box.w) for y in range(box.y, box.y + box.h)}
            assert not cells & taken
            taken |= cells
            assert all(columns(line) <= box.w - 2 for line in box.lines)
            assert len(box.lines) <= box.h - 2
        for mark in grid.marks:
            if isinstance(mark, drawing.Label):
                left = mark.x - columns(mark.text) // 2 if mark.centred else mark.x
                assert not {(x, mark.y) for x in range(left, left + columns(mark.text))} & taken, mark
            if isinstance(mark, drawing.Line):
                assert not set(mark.points) & taken, mark


@pytest.mark.parametrize("type_", [type_ for type_ in TYPES if type_ != "unknown"])
def test_every_family_in_every_setting_says_its_output_shape(type_: str) -> None:
    for case in cases(type_):
        outputs = case.layer.outputs(*case.inputs)
        sentences = explain_output(case.layer, case.inputs, outputs)
        assert sentences[0].startswith(f"({', '.join(map(str, outputs[0]))}{',' * (len(outputs[0]) == 1)}):")
        assert all(sentences)


@pytest.mark.parametrize("type_", TYPES)
def test_every_family_says_what_each_of_its_weights_does(type_: str) -> None:
    for case in cases(type_):
        for _, layer in case.layer.weighted_layers(*case.inputs):
            assert layer.weight_axes().keys() <= layer.weight_docs.keys()
            assert all(layer.weight_docs[role] for role in layer.weight_axes())


def test_a_weight_without_a_sentence_is_an_error_and_not_a_guess() -> None:
    class Scaled(LSTM):
        def weight_axes(self) -> Mapping[str, str]:
            return {**super().weight_axes(), "scale": "gate unit"}

    slots = (*KERAS.layouts["lstm"].slots, Slot("scale", "scale", "(gate unit)"))
    framework = KERAS._replace(layouts={"lstm": KERAS.layouts["lstm"]._replace(slots=slots)})
    with pytest.raises(KeyError, match="scale"):
        explained_tensors(framework, Scaled(units=4), ((5, 10, 8),))


@pytest.mark.parametrize("method", ["explain_output", "outputs", "run"])
def test_a_layer_that_does_not_explain_its_output_cannot_be_made(method: str) -> None:
    class Unfinished(Dropout):
        pass

    setattr(Unfinished, method, getattr(Layer, method))
    abc.update_abstractmethods(Unfinished)
    with pytest.raises(TypeError, match=method):
        Unfinished()


@pytest.mark.parametrize("type_", FAMILIES)
def test_every_flag_that_is_on_by_default_says_what_off_means(type_: str) -> None:
    for field in fields(family(type_)):
        defaults = [
            field.default,
            *(framework.defaults.get(type_, {}).get(field.name) for framework in FRAMEWORKS.values()),
        ]
        if field.metadata["kind"] == "flag" and True in defaults:
            assert field.metadata["off"], field.name


def test_what_a_setting_changed_is_what_the_layer_without_it_would_be() -> None:
    layer = family("lstm")(units=32, return_sequences=True, bias=False)
    sentences = explain_settings(
        layer, {"units": 32, "return_sequences": True, "use_bias": False}, ((5, 10, 8),), FRAMEWORKS["keras"]
    )
    without = family("lstm")(units=32, return_sequences=True)
    assert len(sentences) == 2
    assert "passes on (5, 10, 32) instead of (5, 32), the parameters stay" in sentences[0]
    assert without.count((5, 10, 8)) == 4 * 32 * (8 + 32 + 1)
    assert f"{4 * 32 * 40:,} parameters instead of {4 * 32 * 41:,}, the shape stays" in sentences[1]


def test_a_setting_at_its_default_is_reported_as_without_effect_for_the_framework_of_the_model() -> None:
    (keras,) = explanation_of({"type": "lstm", "units": 4, "return_sequences": False}).layers
    (torch,) = explanation_of({"type": "lstm", "units": 4, "return_sequences": False}, framework="torch").layers
    assert keras.settings == ("written at its default, without effect: return_sequences",)
    assert "return_sequences: false (default true in PyTorch)" in torch.settings[0]
    assert "(B, 4) instead of (B, T, 4)" in torch.settings[0]


def test_batch_and_time_are_not_in_the_count_and_the_sentence_says_so_with_the_numbers() -> None:
    for size in (30, "T"):
        (sentence,) = explanation_of({"type": "lstm", "units": 4}, timesteps=size).counted
        assert f"neither the batch size B nor the number of timesteps {size} is in the count" in sentence
        assert f"the same {4 * 4 * (8 + 4 + 1)} parameters" in sentence


def test_time_comes_first_where_a_module_reads_it_first() -> None:
    layers = [{"type": "lstm", "name": "lstm", "units": 4, "batch_first": False}, {"type": "dense", "units": 2}]
    model = read({"framework": "torch", "batch": 6, "timesteps": 9, "input_dim": 3, "layers": layers})
    assert model.inferred
    explained = explain(model)
    assert explained.layers[0].comes_in[0].endswith("6 examples of 9 timesteps, 3 numbers each")
    assert "batch size 6" in explained.counted[0] and "number of timesteps 9" in explained.counted[0]
    rows = picture.chain(model.inferred).rows
    assert [row.time for row in rows] == [9, 9]
    assert [row.leaving for row in rows] == ["(6, 4)", "(6, 2)"]


@pytest.mark.parametrize("time", [30, "T"])
def test_time_that_a_flatten_brings_into_the_count_is_reported_as_counted(time: int | str) -> None:
    layers = [
        {"type": "lstm", "units": 4, "return_sequences": True},
        {"type": "flatten"},
        {"type": "dense", "units": 2},
    ]
    batch, in_it = explanation_of(*layers, timesteps=time).counted
    assert batch.startswith("the batch size B is not in the count")
    assert in_it.startswith(f"the number of timesteps {time} is in the count, through dense")
    assert "timestep" not in batch


def test_a_model_without_recurrence_says_nothing_of_time() -> None:
    (sentence,) = explanation_of({"type": "dense", "units": 2}).counted
    assert "timestep" not in sentence


def test_a_shared_layer_is_counted_once() -> None:
    layers = [{"type": "dense", "name": "a", "units": 8}, {"use": "a", "name": "b"}]
    first, again = explanation_of(*layers).layers
    assert first.tensors
    assert not again.tensors
    assert again.parameters == ("those of a, whose weights it shares: counted once, there",)


def test_a_declared_layer_is_explained_as_declared_by_its_author() -> None:
    (layer,) = explanation_of({"type": "custom", "output": ["B", 7], "params": 123}).layers
    assert layer.goes_out == ("(B, 7): declared by its author, not computed",)
    assert layer.parameters == ("123, declared by its author",)


def test_initial_states_and_stateful_say_where_a_sequence_begins() -> None:
    encoder = {"type": "lstm", "name": "encoder", "units": 4, "return_state": True}
    decoder = {
        "type": "lstm", "name": "decoder", "units": 4, "inputs": "input", "initial_state": ["encoder.h", "encoder.c"],
    }  # fmt: skip
    first, second = explanation_of(encoder, decoder).layers
    assert "no initial state: h, c begin at zero in every batch" in first.comes_in
    assert "(B, 4) from encoder.c, as the initial state c" in second.comes_in
    (stateful,) = explanation_of({"type": "gru", "units": 4, "stateful": True}, batch=2).layers
    assert "no initial state: h begins with what the batch before left (stateful)" in stateful.comes_in


def test_explained_layers_stop_where_the_shape_is_not_known() -> None:
    layers = [{"type": "lstm", "units": 4}, {"type": "lstm", "units": 4}, {"type": "dense", "units": 1}]
    first, second, third = explanation_of(*layers).layers
    assert (first.known, second.known, third.known) == (True, False, False)
    assert second.goes_out == ("not known: the findings say why",)
    assert third.comes_in == ("not known, from lstm_1",)
    read = reading(*layers)
    assert read.inferred
    assert [row.leaving for row in picture.chain(read.inferred).rows] == ["(B, 4)", "not known"]


class Minimal(GRU):
    """A cell of a family that nothing outside of it knows: one gate and a candidate."""

    type: ClassVar[str] = "minimal"
    gates: ClassVar[str] = "forget candidate"

    def equations(self) -> Equations:
        return Equations(gates={"forget": "sigmoid", "candidate": "tanh"}, output="new h")


@pytest.mark.parametrize("cell", [Minimal(units=4), GRU(units=4)], ids=lambda cell: cell.type)
def test_a_new_kind_of_cell_is_in_the_chain_and_its_inside_is_drawn_only_where_there_is_a_drawing(cell: GRU) -> None:
    node = Node(name="cell", layer=cell, inputs=(Ref("x"),))
    graph = Graph(inputs=("x",), nodes=(node,), outputs=(Ref("cell"),))
    inferred = infer(Model(graph=graph, shapes=((5, 10, 8),)))
    (row,) = picture.chain(inferred).rows
    assert (row.body, row.carries, row.type) == ("linked", ("h (5, 4)",), cell.type)
    assert explain_output(cell, ((5, 10, 8),), ((5, 4),))[0].startswith("(5, 4): the hidden state after the last of 10")
    inside = picture.inside(inferred, "cell")
    assert (inside is None) == (cell.type == "minimal")
    if inside:
        assert picture_grid.inside(inside).marks


def test_the_picture_of_a_long_model_omits_the_middle_and_says_so() -> None:
    read = reading({"type": "lstm", "units": 8, "return_sequences": True, "repeat": 40})
    text = picture_text.render(grids(read)[0])
    assert f"… {40 - picture.MAX_ROWS} layers between are left out" in text
    assert text.count("\n") < 120


def test_a_layer_that_goes_backwards_has_its_timesteps_in_the_order_in_which_it_reads_them() -> None:
    layer = {"type": "gru", "units": 4, "go_backwards": True, "return_sequences": True}
    text = picture_text.render(grids(reading(layer, {"type": "dense", "units": 2}))[0])
    read, passed_on = (line.split() for line in text.splitlines() if "t =" in line)
    assert "".join(read) == "t=Tt=T-1t=1"
    assert "".join(passed_on) == "t=1t=2t=T"


@pytest.mark.parametrize(("time", "boxes"), [(1, 1), (2, 2), (3, 3), (4, 3), ("T", 3)])
def test_up_to_three_timesteps_are_all_drawn_and_of_more_the_first_two_and_the_last(time: Any, boxes: int) -> None:
    text = picture_text.render(grids(reading({"type": "lstm", "name": "cell", "units": 4}, timesteps=time))[0])
    assert text.count(" cell ") == boxes
    assert ("…" in text) == (time not in (1, 2, 3))
    assert f"t = {time}" in text


@pytest.mark.parametrize("case", few([*NAMES], 6))
def test_a_hostile_name_stays_harmless_in_every_form(case: str, tmp_path: Path) -> None:
    for faulty in (False, True):
        (tmp_path / "model.json").write_text(hostile(NAMES[case], faulty=faulty), "utf-8")
        for form in ("text",) if faulty else ("text", "markdown", "json", "svg"):
            done = run("explain", "model.json", "--output-format", form, cwd=tmp_path)
            decent(done, codes=(int(faulty),))
            assert not RAW.search(done.text), form
            assert not re.search(r"^\s*::", done.text, re.MULTILINE), form
            assert "##[" not in done.text
            if form == "svg":
                svg(done.text)


def explained(*arguments: str, folder: Path = ROOT, **env: str) -> tuple[int, str, str]:
    command = run_process if env else run
    done = command("explain", *arguments, cwd=folder, env=env)
    decent(done)
    return done.code, done.out.decode(env.get("PYTHONIOENCODING", "utf-8")), done.said


def test_exit_codes(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text("{input_dim: 8, layers: [{type: lstm, name: encoder, units: 4}]}")
    (tmp_path / "bad.yaml").write_text("{input_dim: 8, layers: [{type: lstm, units: 4}, {type: lstm, units: 4}]}")
    code, out, err = explained("good.yaml", folder=tmp_path)
    assert (code, err) == (0, "")
    assert "columns 0..3 are the input gate" in out
    code, out, err = explained("bad.yaml", folder=tmp_path)
    assert code == 1
    assert "LS202" in err
    assert "not known" in out
    code, out, err = explained("good.yaml", "--layer", "encodr", folder=tmp_path)
    assert (code, out) == (2, "")
    assert "did you mean encoder?" in err
    code, out, err = explained("no_such_file.yaml", folder=tmp_path)
    assert (code, out) == (2, "")
    assert "no topic and no file" in err
    assert explained("good.yaml", "--show", folder=tmp_path)[0] == 2


def test_a_word_that_is_nearly_a_topic_and_a_topic_as_svg() -> None:
    code, _, err = explained("unit")
    assert code == 2
    assert "did you mean units?" in err
    code, out, err = explained("units", "--output-format", "svg")
    assert (code, out) == (2, "")
    assert "svg" in err
    assert explained("units", "--layer", "x")[0] == 2


def test_one_layer_with_the_inside_of_its_cell() -> None:
    code, out, _ = explained("examples/keras_seq2seq.yaml", "--layer", "decoder")
    assert code == 0
    assert "decoder (lstm), inside at one timestep" in out
    assert "new c = forget * c + input * candidate" in out
    assert "\nencoder (lstm)\n" not in out


@pytest.mark.parametrize(
    ("type_", "equation"),
    [
        ("lstm_cell", "new c = forget * c + input * candidate"),
        ("gru_cell", "new h = update * h + (1 - update) * candidate"),
        ("rnn_cell", "x @ kernel"),
    ],
)
def test_a_cell_by_itself_has_its_inside_drawn(type_: str, equation: str, tmp_path: Path) -> None:
    """Keras' GRUCell: h = z * h_tm1 + (1 - z) * hh (keras/src/layers/rnn/gru.py)."""
    (tmp_path / "m.yaml").write_text(f"inputs: {{x: [B, 8]}}\nlayers: [{{type: {type_}, name: step, units: 4}}]\n")
    code, out, _ = explained(str(tmp_path / "m.yaml"), "--layer", "step")
    assert code == 0
    assert f"step ({type_}), inside at one timestep" in out
    assert equation in out


def test_where_the_encoding_has_no_boxes_the_picture_is_ascii() -> None:
    _, out, _ = explained("examples/keras_seq2seq.yaml", PYTHONIOENCODING="ascii")
    assert out.isascii()
    assert "+---------------+" in out
    assert r"\u" not in out


def test_no_numpy_is_loaded() -> None:
    import subprocess
    import sys

    program = (
        "import sys; sys.argv = ['lstm-shapes', 'explain', 'examples/keras_seq2seq.yaml']; import atexit;"
        "atexit.register(lambda: print('numpy' in sys.modules, 'rich' in sys.modules, file=sys.stderr));"
        "from lstm_shapes.__main__ import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stderr.split() == ["False", "False"]

"""Scripts in the styles that people use, beside what the real frameworks say of the models that they build.

``scripts/generate.py`` ran each script under Keras 3.15 and PyTorch 2.13 and recorded the counts and shapes.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from lstm_shapes.formats import parse
from lstm_shapes.importers.script import translate
from lstm_shapes.rules.shapes import diagnose
from lstm_shapes.spec import reader
from lstm_shapes.spec.reading import Reading

HERE = Path(__file__).parent / "scripts"


def cases(name: str) -> dict[str, str]:
    parts = (HERE / f"{name}.txt").read_text("utf-8").split("\n---- ")[1:]
    return {part.partition("\n")[0]: part.partition("\n")[2] for part in parts}


def readings(code: str) -> dict[str, Reading]:
    return {model.name: reader.read(model.document) for model in translate(parse("train.py", code.encode()))}


def plain(shape: Any) -> list[Any]:
    """A shape as Keras prints it: None where the size is a symbol."""
    return [size if isinstance(size, int) else None for size in shape]


KERAS = json.loads((HERE / "keras.json").read_text("utf-8"))


@pytest.mark.parametrize(("name", "code"), cases("keras").items(), ids=list(cases("keras")))
def test_models_of_keras_are_read_as_keras_builds_them(name: str, code: str) -> None:
    found = readings(code)
    for variable, truth in KERAS[name].items():
        agrees_with_keras(found[variable], truth)


def agrees_with_keras(reading: Reading, truth: dict[str, Any]) -> None:
    assert (reading.findings, diagnose(reading)) == ((), ())
    inferred = reading.inferred
    assert inferred is not None
    assert inferred.params == truth["params"]
    assert [node.params for node in inferred.nodes if node.params and not node.node.shared] == truth["layers"]
    assert [plain(shape) for shape in inferred.outputs] == truth["outputs"]


NOTEBOOKS = json.loads((HERE / "notebooks.json").read_text("utf-8"))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_is_read_as_keras_builds_it_and_beside_what_it_printed(name: str) -> None:
    raw = (HERE / "notebooks" / f"{name}.ipynb").read_bytes()
    models = {model.name: model for model in translate(parse(f"{name}.ipynb", raw))}
    assert models.keys() == NOTEBOOKS[name].keys()
    for variable, truth in NOTEBOOKS[name].items():
        model = models[variable]
        agrees_with_keras(reader.read(model.document), truth)
        same = f"model.summary() in this notebook printed the same total, {truth['params']:,}"
        assert (same in model.notes) == (f"{variable}.summary()".encode() in raw)


def test_a_notebook_whose_code_changed_after_it_ran_is_told_apart() -> None:
    code = (HERE / "notebooks" / "characters_format_3.ipynb").read_text("utf-8").replace("SimpleRNN(24", "SimpleRNN(25")
    (model,) = translate(parse("changed.ipynb", code.encode()))
    assert "model.summary() in this notebook printed other totals: 992" in model.notes


UNKNOWN_SHAPES = {"cell in a loop"}
"""Scripts whose forward pass is not followed to its end."""
TORCH = json.loads((HERE / "torch.json").read_text("utf-8"))


@pytest.mark.parametrize(("name", "code"), cases("torch").items(), ids=list(cases("torch")))
def test_modules_of_torch_are_read_as_torch_builds_them(name: str, code: str) -> None:
    found = readings(code)
    for module, truth in TORCH[name].items():
        reading = found[module]
        assert not [finding for finding in (*reading.findings, *diagnose(reading)) if finding.severity != "note"]
        inferred = reading.inferred
        assert inferred is not None
        assert inferred.params == truth["params"]
        (shape,) = inferred.outputs
        assert (shape is None) == (name in UNKNOWN_SHAPES)
        if shape is not None:
            assert len(shape) == len(truth["output"])
            assert all(size in (real, None) for size, real in zip(plain(shape), truth["output"], strict=True))


BROKEN = json.loads((HERE / "broken.json").read_text("utf-8"))


@pytest.mark.parametrize(("name", "code"), cases("broken").items(), ids=list(cases("broken")))
def test_what_a_framework_refuses_is_an_error_at_its_line(name: str, code: str) -> None:
    assert BROKEN[name]["error"]
    marked = [(number, line.split()[-1]) for number, line in enumerate(code.splitlines(), start=1) if "# error" in line]
    places = []
    for reading in readings(code).values():
        for finding in (*reading.findings, *diagnose(reading)):
            if finding.severity == "error" and finding.place:
                places.append((finding.place.line, finding.id))
    assert places == marked


CLASSES = json.loads((HERE / "classes.json").read_text("utf-8"))
"""The parameters of the layer that a call makes: of Keras 3.15 on 6 timesteps of 6 features, and of PyTorch 2.13."""
KERAS_CODE = "from keras.layers import *\nfrom keras import Sequential\nm = Sequential([Input((6, 6)), {}])\n"
TORCH_CODE = """import torch
import torch.nn as nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = {}
        self.other = nn.Linear(1, 1)
"""
NOT_KNOWN = re.compile(
    r"EinsumDense|Normalization\(\)$|Identity|Spectral|Discret|Random|ParameterList|tensor\(1|affine=True|Tran"
)
NOT_KNOWN_OF_TORCH = re.compile(r"Bilinear|Bag|weight_norm|from_pre|Lazy|Sync|bias_kv")


@pytest.mark.parametrize(
    ("framework", "code"), [(framework, code) for framework, codes in CLASSES.items() for code in codes]
)
def test_a_class_has_the_count_that_its_framework_gives_it_or_none(framework: str, code: str) -> None:
    script = (KERAS_CODE if framework == "keras" else TORCH_CODE).format(code)
    (reading,) = readings(script).values()
    inferred = reading.inferred
    assert inferred is not None
    assert not reading.findings
    extra = 0 if framework == "keras" else 2
    if inferred.params is None:
        assert NOT_KNOWN.search(code) or NOT_KNOWN_OF_TORCH.search(code)
    else:
        assert inferred.params == CLASSES[framework][code] + extra

"""Keras models read from the source of a script; the counts are those that Keras prints."""

from __future__ import annotations

from typing import Any

import pytest

from lstm_shapes.formats import parse
from lstm_shapes.importers.script import translate
from lstm_shapes.rules.shapes import diagnose
from lstm_shapes.spec import reader

HEAD = """
from keras import Input, Model
from keras.layers import *
from keras.models import Sequential
"""


def totals(code: str) -> dict[str, Any]:
    """The parameters of each model of a script by its name, as text where they have symbols."""
    models = translate(parse("train.py", (HEAD + code).encode()))
    counts = {}
    for model in models:
        inferred = reader.read(model.document).inferred
        params = None if inferred is None else inferred.params
        counts[model.name] = params if params is None or isinstance(params, int) else str(params)
    return counts


@pytest.mark.parametrize(
    "code",
    [
        "m = Sequential([Input((10, 8)), LSTM(32), Dense(1)])",
        "m = Sequential()\nm.add(LSTM(32, input_shape=(10, 8)))\nm.add(Dense(1))",
        "m = Sequential()\nm.add(LSTM(units=32, batch_input_shape=(None, 10, 8)))\nm.add(Dropout(.5))\nm.add(Dense(1))",
        "n = 16 * 2\nm = Sequential([LSTM(n, input_shape=(10, 8)), Dense(10 // 10)])",
        "x = i = Input(shape=(10, 8))\nfor u in [32]:\n    x = LSTM(u)(x)\nm = Model(i, Dense(1)(x))",
        "def b(u=32):\n    i = Input((10, 8))\n    return Model(i, Dense(1)(LSTM(u)(i)))\nm = b()",
        "kw = dict(units=32, return_sequences=False)\ni = Input((10, 8))\nm = Model(i, Dense(1)(LSTM(**kw)(i)))",
        "class B:\n    n = 32\n    def make(self):\n        m = Sequential()\n"
        "        m.add(LSTM(self.n, input_shape=(10, 8)))\n        return m\nm = B().make()\nm.add(Dense(1))",
    ],
)
def test_one_model_in_many_styles_has_one_count(code: str) -> None:
    assert totals(code) == {"m": 5248 + 33}


def test_values_that_the_source_does_not_tell_are_symbols_named_after_it() -> None:
    code = "import numpy as np\nX = np.load('x.npy')\nm = Sequential([LSTM(4, input_shape=(X.shape[1], X.shape[2]))])"
    assert totals(code) == {"m": "16*(X_shape_2 + 5)"}


def test_a_branch_that_cannot_be_decided_gives_a_model_each() -> None:
    code = "def b(deep):\n    m = Sequential([LSTM(4, input_shape=(9, 2))])\n"
    code += "    if deep:\n        m.add(Dense(3))\n    return m"
    assert totals(code) == {"b [deep]": 112 + 15, "b [not deep]": 112}


def test_a_lost_time_axis_is_an_error_at_its_line() -> None:
    code = "m = Sequential()\nm.add(LSTM(4, input_shape=(9, 2)))\nm.add(LSTM(4))\n"
    (model,) = translate(parse("train.py", (HEAD + code).encode()))
    (finding,) = diagnose(reader.read(model.document))
    assert (finding.id, finding.place and finding.place.line) == ("LS202", 7)
    assert "return_sequences=True" in (finding.hint or "")


def test_nothing_of_a_script_is_executed(tmp_path: Any) -> None:
    canary = tmp_path / "canary"
    code = f"open({str(canary)!r}, 'w')\n__import__('os').system('touch {canary}')\nm = Sequential([LSTM(1)])\n"
    totals(code)
    assert not canary.exists()


COUNTING = """
words, vocab = [], {"a": 0}
for line in open("text"):
    words.append(line)
    if line not in vocab:
        vocab[line] = len(vocab)
class Language:
    def __init__(self):
        self.count = 2
    def add(self, word):
        if word not in vocab:
            self.count += 1
language = Language()
for word in words:
    language.add(word)
total = 0
while total < len(words):
    total += 1
"""


@pytest.mark.parametrize(
    ("size", "count"),
    [
        ("len(words)", "len_words"),
        ("len(vocab)", "len_vocab"),
        ("language.count", "count"),
        ("total", "total"),
    ],
)
def test_what_a_loop_over_data_counts_is_not_known(size: str, count: str) -> None:
    assert totals(f"{COUNTING}m = Sequential([Input((5,)), Embedding({size}, 4), LSTM(1)])") == {
        "m": f"4*({count} + 6)"
    }


def test_a_model_built_for_each_part_of_the_data_is_read_once() -> None:
    code = """
class Config:
    def __init__(self):
        self.units = 4
        self.sizes = [3]
        self.sizes.append(2)
for train, test in folds.split(X):
    config = Config()
    m = Sequential([Input((9, 2)), LSTM(config.units)])
    for size in config.sizes:
        m.add(Dense(size))
"""
    assert totals(code) == {"m": 112 + 15 + 8}


def test_values_that_are_given_decide_branches_loops_and_sizes() -> None:
    code = "def b(X, n, kind):\n    m = Sequential()\n    m.add(Input(X.shape[1:]))\n    for i in range(n):\n"
    code += "        m.add((LSTM if kind == 'lstm' else GRU)(4, return_sequences=i < n - 1))\n    return m"
    given = {"n": 2, "kind": "lstm", "X_shape_2": 3}
    (model,) = translate(parse("train.py", (HEAD + code).encode()), given)
    assert model.document.data["layers"][0]["type"] == "lstm"
    assert [layer.get("return_sequences") for layer in model.document.data["layers"]] == [True, False]


LISTS = """
import torch.nn as nn
class Net(nn.Module):
    def __init__(self, i, h, n):
        super().__init__()
        self.layers = nn.ModuleList({})
"""


@pytest.mark.parametrize(
    ("layers", "count"),
    [
        ("[nn.GRU(h, h) for _ in range(n)]", "6*h*n*(h + 1)"),
        ("[nn.GRU(i if k == 0 else h, h) for k in range(n)]", None),
        ("[nn.GRU(h * k, h) for k in range(n)]", None),
        ("[nn.GRU(4, 4) for k in range(2)]", 2 * 120),
    ],
)
def test_layers_whose_number_is_not_known_are_counted_where_all_are_alike(layers: str, count: Any) -> None:
    assert totals(LISTS.format(layers)) == {"Net": count}

"""Values that code may change in ways that the source does not tell: none of them is a number in the report."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lstm_shapes.formats import parse
from lstm_shapes.importers.script import translate
from lstm_shapes.rules.shapes import diagnose
from lstm_shapes.spec import reader

HEAD = "import argparse, json, random\nfrom dataclasses import dataclass\nimport torch.nn as nn\n"
NET = """
class Net(nn.Module):
    def __init__(self, i, h):
        super().__init__()
        self.lstm = nn.LSTM(i, h)
"""


def net(code: str) -> tuple[Any, list[str]]:
    """The parameters of the class Net of a script, and the findings about it."""
    (model,) = (model for model in translate(parse("train.py", (HEAD + code).encode())) if model.name == "Net")
    reading = reader.read(model.document)
    assert reading.inferred is not None
    params = reading.inferred.params
    return params if isinstance(params, int | None) else str(params), [
        finding.message for finding in (*reading.findings, *diagnose(reading))
    ]


OPTIONS = "p = argparse.ArgumentParser()\np.add_argument('--hidden', type=int, default=4)\n"
PLAIN_CLASS = """class C:
    def __init__(self, **kw):
        self.i, self.h = 3, 4
        for key, value in kw.items():
            setattr(self, key, value)
"""


@pytest.mark.parametrize(
    "code",
    [
        f"{NET}d = {{'i': 3, 'h': 4}}\nd.update(json.load(open('x')))\nnet = Net(d['i'], d['h'])",
        f"{NET}d = {{'i': 3, 'h': 4}}\nd |= json.load(open('x'))\nnet = Net(d['i'], d['h'])",
        f"{NET}d = {{'i': 3, 'h': 4}}\nd[input()] = 5\nnet = Net(d['i'], d['h'])",
        f"{NET}d = [3, 4]\nd[random.randint(0, 1)] = 5\nnet = Net(d[0], d[1])",
        f"{NET}{OPTIONS}a = p.parse_args()\nvars(a).update(json.load(open('x')))\nnet = Net(3, a.hidden)",
        f"{NET}{OPTIONS}a = p.parse_args()\nfor k, v in json.load(open('x')).items():\n    setattr(a, k, v)\n"
        "net = Net(3, a.hidden)",
        f"{NET}{OPTIONS}p.set_defaults(**json.load(open('x')))\na = p.parse_args()\nnet = Net(3, a.hidden)",
        f"{NET}{OPTIONS}a = p.parse_args(['--hidden', '5'])\nnet = Net(3, a.hidden)",
        f"{NET}@dataclass\nclass C:\n    i: int = 3\n    h: int = 4\n"
        "c = C(**json.load(open('x')))\nnet = Net(c.i, c.h)",
        f"{NET}{PLAIN_CLASS}c = C(**json.load(open('x')))\nnet = Net(c.i, c.h)",
        f"{NET}class C:\n    i, h = 3, 4\nfor h in json.load(open('x')):\n    C.h = 5\nnet = Net(C.i, C.h)",
        f"{NET}class C:\n    i, h = 3, 4\nfor k, v in json.load(open('x')).items():\n    setattr(C, k, v)\n"
        "net = Net(C.i, C.h)",
    ],
)
def test_a_size_that_may_have_been_changed_is_a_symbol(code: str) -> None:
    params, findings = net(code)
    assert re.search("[a-z]", params)
    assert not findings


@pytest.mark.parametrize(
    "code",
    [
        f"{NET}d = {{'i': 3, 'h': 4}}\nd.update({{'h': 5}})\nnet = Net(d['i'], d['h'])",
        f"{NET}d = [3, 4]\nd[1] = 5\nnet = Net(d[0], d[1])",
        f"{NET}{OPTIONS}a = p.parse_args()\nvars(a).update({{'hidden': 5}})\nnet = Net(3, a.hidden)",
        f"{NET}{OPTIONS}a = p.parse_args([])\nsetattr(a, 'hidden', 5)\nnet = Net(3, a.hidden)",
        f"{NET}{OPTIONS}p.set_defaults(hidden=5)\na = p.parse_args()\nnet = Net(3, a.hidden)",
        f"{NET}{PLAIN_CLASS}c = C(h=5)\nnet = Net(c.i, c.h)",
        f"{NET}class C:\n    i, h = 3, 4\nC.h = 5\nnet = Net(C.i, C.h)",
        f"{NET}class C:\n    i, h = 3, 4\nsetattr(C, 'h', 5)\nnet = Net(C().i, C().h)",
    ],
)
def test_a_change_that_the_source_tells_has_its_effect(code: str) -> None:
    assert net(code) == (4 * 5 * (3 + 5 + 2), [])  # PyTorch 2.13: nn.LSTM(3, 5) has 200


def test_settings_that_a_caller_may_complete_are_no_error() -> None:
    code = """
class Net(nn.Module):
    def __init__(self, **settings):
        super().__init__()
        settings["batch_first"] = True
        self.lstm = nn.LSTM(**settings)
"""
    assert net(code) == (None, [])
    assert net(code + "net = Net(input_size=3, hidden_size=5)") == (200, [])


def test_a_layer_of_another_library_may_have_states() -> None:
    code = """
from keras import Model
from keras.layers import Dense
from elsewhere import Fused
class Net(Model):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = Fused(8), Fused(8)
        self.out = Dense(3)
    def call(self, x, y):
        _, state = self.encoder(x)
        z, _ = self.decoder(y, initial_state=state)
        return self.out(z)
"""
    assert net(code)[1] == []


def test_an_index_that_is_a_large_value_costs_no_time() -> None:
    rows = "\n".join(f"a = (a, a, [a])  # {number}" for number in range(22))
    params, _ = net(f"{NET}a = json.load(open('x'))\nb = json.load(open('y'))\n{rows}\nnet = Net(3, b[a])")
    assert params


MODULES = """
from elsewhere import make
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 4)
        self.list = nn.ModuleList([nn.Linear(4, 4)])
        self.dict = nn.ModuleDict({"a": nn.Linear(4, 4)})
        self.stack = nn.Sequential(nn.Linear(4, 4), nn.ReLU())
"""


@pytest.mark.parametrize(
    "change",
    [
        "self.list.extend(make())",
        "self.list.append(make())",
        "self.list.insert(make(), nn.Linear(4, 4))",
        "self.list += make()",
        "self.list[make()] = nn.Linear(4, 5)",
        "self.dict.update(make())",
        "self.dict[make()] = nn.Linear(4, 5)",
        "self.stack[make()] = nn.Linear(4, 5)",
        "del self.list[make()]",
    ],
)
def test_modules_that_a_call_from_elsewhere_may_add_have_no_count(change: str) -> None:
    assert net(f"{MODULES}        {change}\n") == (None, [])


@pytest.mark.parametrize(
    ("change", "count"),
    [
        ("pass", 204),
        ("del self.stack", 184),
        ("del self.stack[0]", 184),
        ("self.stack[0] = nn.Linear(4, 5)", 209),
        ("self.list[-1] = nn.Linear(4, 5)", 209),
        ("delattr(self, 'dict')", 184),
    ],
)
def test_modules_that_the_source_removes_or_replaces_are_not_counted(change: str, count: int) -> None:
    assert net(f"{MODULES}        {change}\n") == (count, [])  # PyTorch 2.13: the sum of numel over parameters()


@pytest.mark.parametrize(
    ("state", "size", "change"),
    [
        ("class C:\n    h = 3\n", "C.h", "C.h = 9"),
        ("class C:\n    def __init__(self):\n        self.h = 3\nc = C()\n", "c.h", "c.h = 9"),
        ("c = {'h': 3}\n", "c['h']", "c['h'] = 9"),
        ("c = [3]\n", "c[0]", "c[0] = 9"),
        ("h = 3\n", "h", "global h\n    h = 9"),
    ],
)
def test_a_function_that_is_never_called_changes_nothing_for_others(state: str, size: str, change: str) -> None:
    code = "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    code += f"        self.fc = nn.LSTM(2, {size})\n"
    assert net(f"{state}{code}def big():\n    {change}\n    return nn.LSTM(2, {size})\n") == (4 * 3 * (2 + 3 + 2), [])

"""Scripts that nobody should trust: nothing of them runs, none ends in an exception, and none takes long."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lstm_shapes.formats import parse
from lstm_shapes.importers.script import translate
from lstm_shapes.spec import reader

LSTM = "from keras import Sequential, layers\nm = Sequential([layers.Input((5, 2)), layers.LSTM(3)])\n"
CASES = {
    "brackets": "x = " + "(" * 100_000 + "1" + ")" * 100_000,
    "lists": "x = " + "[" * 100_000,
    "operators": "x = " + "+".join(["1"] * 100_000),
    "attributes": "x = a" + ".b" * 20_000,
    "calls": "x = a" + "()" * 20_000,
    "endless loop": "while True:\n    x = 1\n",
    "endless count": "i = 0\nwhile i >= 0:\n    i += 1\n",
    "endless growth": "x = [1]\nfor i in range(10**9):\n    x = x + x\n",
    "large numbers": "x = 10 ** 10 ** 10\ny = 'a' * 10**12\nz = [0] * 10**12\nw = 1 << 10**10\n",
    "recursion": "def f(n):\n    return f(n + 1)\nf(0)\ndef g():\n    return h()\ndef h():\n    return g()\ng()\n",
    "own class as its base": "class A: pass\nclass A(A): pass\nA().x\n",
    "list in itself": "x = []\nx.append(x)\nprint(x == x)\ny = {}\ny['y'] = y\nstr(x)\n",
    "metaclass": "class M(type): pass\nclass A(metaclass=M): pass\n@A\ndef f(): pass\n",
    "leaves": "import sys\nif m:\n    sys.exit()\nraise SystemExit\n",
    "nested functions": "".join(f"{'  ' * n}def f{n}():\n" for n in range(90)) + "  " * 90 + "pass\n",
    "many branches": "def b("
    + ",".join(f"a{n}" for n in range(60))
    + "):\n    u = 1\n"
    + "".join(f"    if a{n}:\n        u += {n}\n" for n in range(60))
    + "    return layers.LSTM(u)\n",
    "Python 2": "print 'hello'\n",
    "not closed": "x = (",
    "NUL": "x = 1\0",
    "lone surrogate": "x = '\\udc80'\nm.add(layers.Dense(2, name=x))\n",
}


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_script_is_read_within_a_second_or_refused_in_a_line(name: str) -> None:
    start = time.process_time()
    for model in translate(parse("train.py", (LSTM + CASES[name]).encode())):
        assert "Traceback" not in str([finding.message for finding in reader.read(model.document).findings])
    assert time.process_time() - start < 5


def test_a_harmless_script_beside_them_is_read() -> None:
    (model,) = translate(parse("train.py", LSTM.encode()))
    inferred = reader.read(model.document).inferred
    assert inferred is not None and inferred.params == 72


@pytest.mark.parametrize(
    "text", ["", "[1]", "{}", '{"cells": 1}', '{"cells": [1, {"cell_type": "code"}]}', "{" * 100_000]
)
def test_a_notebook_that_is_none_has_a_finding_and_no_model(text: str) -> None:
    for model in translate(parse("a.ipynb", text.encode())):
        assert reader.read(model.document).findings


def test_a_notebook_is_read_without_its_magics_and_half_cells() -> None:
    sources = ["%matplotlib inline\n!pip install keras\n" + LSTM, "x = (", "%%bash\nrm -rf /", "m.add(layers.Dense(4))"]
    cells = [{"cell_type": "code", "source": source.splitlines(keepends=True)} for source in sources]
    (model,) = translate(parse("a.ipynb", json.dumps({"cells": cells}).encode()))
    inferred = reader.read(model.document).inferred
    assert inferred is not None and inferred.params == 72 + 16


def test_reading_a_script_imports_opens_and_runs_nothing(tmp_path: Path) -> None:
    code = """
import os, subprocess, keras
open("canary", "w")
os.system("touch canary")
subprocess.run(["touch", "canary"])
exec("open('canary', 'w')")
eval("open('canary', 'w')")
__import__("os").system("touch canary")
@eval
def f(x=open("canary", "w")): assert open("canary", "w")
class A(metaclass=open("canary", "w")): x = open("canary", "w")
m = keras.Sequential([keras.Input((4, 2)), keras.layers.LSTM(3)])
"""
    (tmp_path / "train.py").write_text(code)
    program = """
import sys
from lstm_shapes.formats import parse
from lstm_shapes.importers.script import translate
from lstm_shapes.spec import reader
raw = open(sys.argv[1], "rb").read()
reader.read(translate(parse("train.py", raw))[0].document).inferred.params
events = []
sys.addaudithook(lambda event, args: events.append(event))
models = translate(parse("train.py", raw))
kinds = "import open exec subprocess os socket".split()
print(len(models), sorted({event for event in events if event.split(".")[0] in kinds}))
"""
    run = subprocess.run(
        [sys.executable, "-c", program, "train.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (run.stdout, run.stderr) == ("1 []\n", "")
    assert not (tmp_path / "canary").exists()

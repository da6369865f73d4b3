"""A layer of a file of another program whose class is not known."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote
from typing import TYPE_CHECKING

from lstm_shapes.rules.lint import Problem

if TYPE_CHECKING:
    from lstm_shapes.rules.trace import Trace

ID = "LS407"
SEVERITY = "warning"
PAGE = """
# A class of which nothing is known

A model that another program wrote, or a script builds, has a layer of a class that is neither in its framework nor
here: one of your own, mostly. Its parameters and the shape that it passes on are not known, so totals say "at least",
and nothing is checked in the layers after it.

Declare it with `--assume MyAttention=output:[B, 32],params:1056`, or once for a project in `[tool.lstm-shapes]`:
`assume.MyAttention = {output = ["B", 32], params = 1056}`. Without `output` only the parameters are declared. In a spec
of your own write `type: custom`.

Example:

```json
{"class_name": "Sequential", "keras_version": "3.15.1", "config": {"name": "rnn", "layers": [
  {"module": "keras.layers", "class_name": "InputLayer",
   "config": {"name": "input_layer", "batch_shape": [null, 10, 8]}},
  {"module": "my_layers", "class_name": "MyAttention", "config": {"name": "attend"}},
  {"module": "keras.layers", "class_name": "Dense", "config": {"name": "dense", "units": 1}}]}}
```

Instead:

```json
{"class_name": "Sequential", "keras_version": "3.15.1", "config": {"name": "rnn", "layers": [
  {"module": "keras.layers", "class_name": "InputLayer",
   "config": {"name": "input_layer", "batch_shape": [null, 10, 8]}},
  {"module": "keras.layers", "class_name": "LSTM", "config": {"name": "lstm", "units": 32}},
  {"module": "keras.layers", "class_name": "Dense", "config": {"name": "dense", "units": 1}}]}}
```
"""


def check(trace: Trace) -> Iterator[Problem]:
    """The layers of unknown classes in files of other kinds; in a spec their author has written `unknown`."""
    imported = trace.reading.imported
    if imported is None or imported.kind == "spec":
        return
    for cell in trace.layers:
        settings = cell.layer.field_values() if cell.layer.type == "unknown" else {}
        class_name = settings.get("class_name")
        if class_name:
            lacking = "what it passes on is" if settings["params"] is not None else "its parameters and output are"
            message = f"{cell.visit.name} ({class_name}): nothing is known of this class; {lacking} in no figure"
            known = "" if settings["params"] is not None else ",params:N"
            hint = f"declare it with --assume {quote(f'{class_name}=output:[...]{known}')}"
            yield Problem(message, cell.route, hint=hint, layer=cell.visit.name)

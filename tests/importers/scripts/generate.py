"""Record what the real frameworks say of the scripts beside this file: run it where Keras and PyTorch are installed."""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
"""``python tests/importers/scripts/generate.py`` writes keras.json, torch.json and notebooks.json."""


def cases(name: str) -> dict[str, str]:
    """The scripts of a file by their names."""
    parts = (HERE / f"{name}.txt").read_text("utf-8").split("\n---- ")[1:]
    return {part.partition("\n")[0]: part.partition("\n")[2] for part in parts}


def keras_truth(code: str) -> dict[str, Any]:
    """The parameters and the output shapes of each model of a script."""
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(code, "script", "exec"), names)
    return truth_of_keras(names)


def truth_of_keras(names: dict[str, Any]) -> dict[str, Any]:
    """The parameters and the output shapes of the models among these names."""
    models = {name: value for name, value in names.items() if name.startswith("m") and hasattr(value, "count_params")}
    truth = {}
    for name, model in models.items():
        shapes = model.output_shape if isinstance(model.output_shape, list) else [model.output_shape]
        layers = [layer.count_params() for layer in model.layers if layer.count_params()]
        truth[name] = {"params": model.count_params(), "outputs": [list(shape) for shape in shapes], "layers": layers}
    return truth


def notebook_truth(path: Path) -> dict[str, Any]:
    """The same of a notebook, whose cells are run one by one; what they print is saved in them."""
    notebook = json.loads(path.read_text("utf-8"))
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell in notebook.get("cells") or notebook["worksheets"][0]["cells"]:
        if cell["cell_type"] == "code":
            lines = cell.get("source", cell.get("input"))
            code = "".join(line for line in lines if not line.startswith(("%", "!")))
            with redirect_stdout(io.StringIO()) as printed:
                exec(compile(code, "cell", "exec"), names)
            text = printed.getvalue().splitlines(keepends=True)
            kind = {"name": "stdout"} if "cells" in notebook else {"stream": "stdout"}
            cell["outputs"] = [{**kind, "output_type": "stream", "text": text}] if text else []
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return truth_of_keras(names)


def torch_truth(code: str) -> dict[str, Any]:
    """The parameters of each module of a script, and the shape of what its forward pass gives for ``x``."""
    import torch

    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(code, "script", "exec"), names)
    truth = {}
    for name, model in list(names.items()):
        if name.startswith("m") and isinstance(model, torch.nn.Module):
            params = sum(parameter.numel() for parameter in model.parameters())
            output = model.eval()(names["x"]) if "x" in names else None
            shape = list(output.shape) if isinstance(output, torch.Tensor) else None
            truth[type(model).__name__] = {"params": params, "output": shape}
    return truth


def error(code: str) -> dict[str, Any]:
    """The exception that a script ends in."""
    try:
        exec(compile(code, "script", "exec"), {"__name__": "__main__"})
    except Exception as exception:
        return {"error": type(exception).__name__, "message": str(exception).partition("\n")[0][:120]}
    return {}


def main() -> None:
    """Write the truth of all scripts."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    for name, function in (("keras", keras_truth), ("torch", torch_truth), ("broken", error)):
        if (HERE / f"{name}.txt").exists():
            truth = {}
            for case, code in cases(name).items():
                print(name, case, file=sys.stderr)
                truth[case] = function(code)
            write(name, truth)
    write("notebooks", {path.stem: notebook_truth(path) for path in sorted(HERE.glob("notebooks/*.ipynb"))})


def write(name: str, truth: dict[str, Any]) -> None:
    """Write what was recorded, a line for each case."""
    lines = ",\n".join(f"{json.dumps(case)}: {json.dumps(value)}" for case, value in truth.items())
    (HERE / f"{name}.json").write_text(f"{{\n{lines}\n}}\n", "utf-8")


if __name__ == "__main__":
    main()

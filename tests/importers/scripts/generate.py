"""Record what the real frameworks say of the scripts beside this file: run it where Keras and PyTorch are installed."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
"""``python tests/importers/scripts/generate.py`` writes keras.json and torch.json."""


def cases(name: str) -> dict[str, str]:
    """The scripts of a file by their names."""
    parts = (HERE / f"{name}.txt").read_text("utf-8").split("\n---- ")[1:]
    return {part.partition("\n")[0]: part.partition("\n")[2] for part in parts}


def keras_truth(code: str) -> dict[str, Any]:
    """The parameters and the output shapes of each model of a script."""
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(code, "script", "exec"), names)
    models = {name: value for name, value in names.items() if name.startswith("m") and hasattr(value, "count_params")}
    truth = {}
    for name, model in models.items():
        shapes = model.output_shape if isinstance(model.output_shape, list) else [model.output_shape]
        layers = [layer.count_params() for layer in model.layers if layer.count_params()]
        truth[name] = {"params": model.count_params(), "outputs": [list(shape) for shape in shapes], "layers": layers}
    return truth


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
            lines = ",\n".join(f"{json.dumps(case)}: {json.dumps(value)}" for case, value in truth.items())
            (HERE / f"{name}.json").write_text(f"{{\n{lines}\n}}\n", "utf-8")


if __name__ == "__main__":
    main()

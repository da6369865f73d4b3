"""Writes onnx_files/: the architectures exported by PyTorch, with what ONNX Runtime says of them, in expected.json.

Run with torch 2.13, onnx 1.23, onnxruntime 1.32 and onnxscript 0.7: ``python -m tests.oracles.record_onnx``. The
exporter that traces writes `NAME.onnx`, the one of torch.export `NAME.export.onnx`; what one of them cannot write is
left out.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch

from tests.oracles import onnx_oracle
from tests.oracles.onnx_architectures import Architecture, architectures

FOLDER = Path(__file__).parents[1] / "importers" / "onnx_files"


def main() -> None:
    """Export, run, write."""
    warnings.simplefilter("ignore")
    expected: dict[str, Any] = {}
    for name, architecture in architectures().items():
        for suffix, export in (("", traced), (".export", exported)):
            path = FOLDER / f"{name}{suffix}.onnx"
            try:
                export(architecture, path)
                expected[path.name] = figures(path, {key: value.numpy() for key, value in architecture.inputs.items()})
            except Exception as error:
                path.unlink(missing_ok=True)
                print(path.name, type(error).__name__, str(error)[:100].replace("\n", " "))
    for path in sorted(FOLDER.glob("tf_*.onnx")):  # written by record_onnx_tf
        expected[path.name] = figures(path, random_arrays(path))
    (FOLDER / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


def traced(architecture: Architecture, path: Path) -> None:
    """The older exporter, which traces."""
    names = list(architecture.inputs)
    values = tuple(architecture.inputs.values())
    torch.onnx.export(
        architecture.module,
        values,
        str(path),
        dynamo=False,
        input_names=names,
        dynamic_axes=architecture.open,
        opset_version=17,
    )


def exported(architecture: Architecture, path: Path) -> None:
    """The newer exporter, which translates what torch.export gives."""
    open_axes = tuple(
        dict.fromkeys(architecture.open.get(name, {}), torch.export.Dim.AUTO) for name in architecture.inputs
    )
    torch.onnx.export(
        architecture.module,
        tuple(architecture.inputs.values()),
        str(path),
        dynamo=True,
        input_names=list(architecture.inputs),
        dynamic_shapes=open_axes if architecture.open else None,
        external_data=False,
        verbose=False,
    )
    model = onnx.load(path)
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.initializer):
        del value.metadata_props[:]
    onnx.save(model, path)


def random_arrays(path: Path) -> dict[str, Any]:
    """Numbers for every input, two examples and five timesteps where the sizes are open."""
    draw, arrays = np.random.default_rng(0), {}
    for value in onnx.load(path).graph.input:
        axes = value.type.tensor_type.shape.dim
        shape = [axis.dim_value or (5 if number else 2) for number, axis in enumerate(axes)]
        arrays[value.name] = draw.uniform(1, 9, shape).astype("float32")
    return arrays


def figures(path: Path, arrays: dict[str, Any]) -> dict[str, Any]:
    """What is expected of the report."""
    model = onnx.load(path)
    present = {value.name for value in model.graph.input}
    feeds = {name: array for name, array in arrays.items() if name in present}
    return {
        "params": onnx_oracle.stored_numbers(model),
        "sizes": onnx_oracle.sizes(model, feeds),
        "shapes": onnx_oracle.shapes(model, feeds),
    }


if __name__ == "__main__":
    main()

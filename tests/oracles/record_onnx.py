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
                expected[path.name] = figures(path, architecture)
            except Exception as error:
                path.unlink(missing_ok=True)
                print(path.name, type(error).__name__, str(error)[:100].replace("\n", " "))
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


def figures(path: Path, architecture: Architecture) -> dict[str, Any]:
    """What is expected of the report."""
    model = onnx.load(path)
    present = {value.name for value in model.graph.input}
    feeds = {name: value.numpy() for name, value in architecture.inputs.items() if name in present}
    return {
        "params": onnx_oracle.stored_numbers(model),
        "sizes": onnx_oracle.sizes(model, feeds),
        "shapes": onnx_oracle.shapes(model, feeds),
    }


if __name__ == "__main__":
    main()

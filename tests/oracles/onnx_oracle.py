"""What `onnx` and ONNX Runtime say of a model: the numbers that are stored, and the shape of every node's output."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

FLOATS = {onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE, onnx.TensorProto.FLOAT16, onnx.TensorProto.BFLOAT16}
RECURRENT = ("LSTM", "GRU", "RNN")


def graphs(graph: Any) -> Iterator[Any]:
    """A graph, and those inside it."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from graphs(attribute.g)


def stored_numbers(model: Any) -> int:
    """The elements of float initializers and Constants that reach an operator, less states and tensors of zeros."""
    read: set[str] = set()
    tensors: dict[str, Any] = {}
    for graph in graphs(model.graph):
        tensors |= {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer if float_(tensor)}
        for node in graph.node:
            states = (5, 6) if node.op_type in RECURRENT else ()
            read |= {name for number, name in enumerate(node.input) if number not in states}
            tensors |= constants(node)
    return sum(array.size for name, array in tensors.items() if name in read and np.any(array))


def float_(tensor: Any) -> bool:
    return tensor.data_type in FLOATS


def constants(node: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for attribute in node.attribute if node.op_type == "Constant" else ():
        if attribute.name == "value" and float_(attribute.t):
            found[node.output[0]] = numpy_helper.to_array(attribute.t)
        elif attribute.name in ("value_float", "value_floats"):
            found[node.output[0]] = np.array(attribute.floats or [attribute.f])
    return found


def shapes(model: Any, feeds: Mapping[str, Any]) -> dict[str, list[list[int]]]:
    """The shapes of every node's outputs, by the node's name, when it is run on these arrays; not those of loops."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    present = {output.name for output in copy.graph.output}
    for node in copy.graph.node:
        for name in node.output:
            if name and name not in present:
                present.add(name)
                copy.graph.output.append(onnx.helper.make_empty_tensor_value_info(name))
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(copy.SerializeToString(), options)
    names = [output.name for output in session.get_outputs()]
    ran = dict(zip(names, session.run(names, dict(feeds)), strict=True))
    return {
        node.name.strip("/"): [list(np.shape(ran[name])) for name in node.output if name]
        for node in model.graph.node
        if node.op_type not in ("If", "Loop", "Scan")
    }


def outputs(model: Any, feeds: Mapping[str, Any]) -> list[Any]:
    """What the model passes on for these arrays."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    ran: list[Any] = onnxruntime.InferenceSession(model.SerializeToString(), options).run(None, dict(feeds))
    return ran


def sizes(model: Any, feeds: Mapping[str, Any]) -> dict[str, int]:
    """The sizes that the named axes of the inputs have in these arrays."""
    return {
        axis.dim_param: size
        for value in model.graph.input
        if value.name in feeds
        for axis, size in zip(value.type.tensor_type.shape.dim, np.shape(feeds[value.name]), strict=True)
        if axis.dim_param
    }

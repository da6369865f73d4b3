"""ONNX: each layer as nodes that ONNX Runtime runs, in float32: it has the recurrent operators in no other type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from lstm_shapes.analysis.verify.against.composition import composed
from lstm_shapes.analysis.verify.against.onnx_functions import FUNCTIONS, OnnxFunctions
from lstm_shapes.analysis.verify.against.onnx_nodes import NODES, Node
from lstm_shapes.analysis.verify.against.operations import operation
from lstm_shapes.analysis.verify.against.twin import (
    Arrays,
    NotCompared,
    Twin,
    check_settings,
    numbers,
    packed,
)
from lstm_shapes.frameworks.onnx import ACTIVATIONS, ONNX
from lstm_shapes.layers.base import Layer
from lstm_shapes.symbolic.size import Shape

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array

OPERATORS = {"lstm": "LSTM", "gru": "GRU", "rnn": "RNN"}
INPUTS = ("X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P")
"""The inputs of a recurrent operator in its order."""
AFFINE = ("Affine", {"alpha": 1.0, "beta": 0.0})
"""The activation of a recurrent operator that is none."""
EXPRESSED = frozenset(
    "return_sequences go_backwards recurrent_bias stateful unroll dropout recurrent_dropout zero_output_for_mask "
    "activation data_format affine axis".split()
)
"""Settings that other nodes express, or that change nothing in a run without training."""
SECOND_BIAS = "an ONNX node has both biases: zeros were packed for the second, and its {:,} parameters not counted"
OPSET, IR_VERSION = 21, 11


def connect() -> OnnxBuilder:
    """ONNX and its runtime, imported."""
    return OnnxBuilder(import_module("onnx"), import_module("onnxruntime"))


class OnnxBuilder:
    """Builds nodes with ``onnx`` and runs them with ``runtime``; the tensors are NumPy's."""

    name, title = "onnx", "ONNX"

    def __init__(self, onnx: Any, runtime: Any) -> None:
        self.onnx, self.runtime = onnx, runtime
        self.functions = OnnxFunctions(self.executed)
        self.version = f"{onnx.__version__} on ONNX Runtime {runtime.__version__}"

    @contextmanager
    def session(self) -> Iterator[None]:
        """As it is: nothing has to be set."""
        yield

    def tensor(self, array: Array, mask: Array | None) -> Any:
        """An array of float32; an operator has no masks, so one that hides a timestep cannot be compared."""
        if mask is not None and not mask.all():
            raise NotCompared("ONNX has no masks")
        return np.ascontiguousarray(array, dtype=np.float32)

    def array(self, tensor: Any) -> Array:
        """The array itself."""
        array: Array = tensor
        return array

    def build(self, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays) -> Twin:
        """The operator with our numbers, or the layers inside."""
        if ("direction",) in layer.settings():
            return self.node(layer, shapes, arrays)
        parts = composed(np, self.build, layer, shapes, arrays)
        if parts is not None:
            return parts
        if layer.type in OPERATORS:
            return self.recurrent(layer, shapes, arrays)
        call = operation(self.functions, layer, numbers(shapes))
        if call is not None:
            return Twin(call, exact=False)
        check_settings(ONNX, layer, EXPRESSED)
        make = {"dense": self.dense, "embedding": self.embedding}.get(layer.type)
        if make:
            return make(layer, shapes, arrays)
        if layer.type not in NODES:
            raise NotCompared(f"ONNX has no {layer.type}")
        return self.operator(layer, shapes, arrays, NODES[layer.type])

    def executed(
        self,
        op: str,
        slots: Mapping[str, Array | None],
        outputs: int = 1,
        kind: str = "FLOAT",
        opset: int = OPSET,
        **given: Any,
    ) -> tuple[Any, ...]:
        """The outputs of one node whose inputs have these names and arrays; None is one that is left out.

        ``kind`` is the type of what it computes.
        """
        helper = self.onnx.helper
        names = [name if array is not None else "" for name, array in slots.items()]
        node = helper.make_node(op, names, [f"y{number}" for number in range(outputs)], **given)
        fed = {name: array for name, array in slots.items() if array is not None}
        values = [
            helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
            for name, array in fed.items()
        ]
        type_ = self.onnx.TensorProto.DataType.Value(kind)
        made = [helper.make_tensor_value_info(name, type_, None) for name in node.output]
        graph = helper.make_graph([node], "layer", values, made)
        imports = [helper.make_opsetid("", opset)]
        model = helper.make_model(graph, opset_imports=imports, ir_version=IR_VERSION)
        options = self.runtime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = 1
        session = self.runtime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        return tuple(session.run(None, fed))

    def recurrent(self, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays) -> Twin:
        """A node of layout 0, the sequence transposed before and after it: ONNX Runtime has no other."""
        check_settings(ONNX, layer, EXPRESSED)
        settings = layer.field_values()
        given = self.attributes(layer)
        weights, count, notes = self.weights(layer, packed(ONNX, layer, shapes, arrays))

        def call(*inputs: Any, states: Sequence[Any] = ()) -> tuple[Any, ...]:
            start = dict(zip(("initial_h", "initial_c"), (state[None] for state in states), strict=False))
            fed = {"X": inputs[0].swapaxes(0, 1), **weights, **start}
            last = max(INPUTS.index(name) for name in fed)
            slots = {name: fed.get(name) for name in INPUTS[: last + 1]}
            y, *ends = self.executed(OPERATORS[layer.type], slots, 1 + len(layer.state_names), **given)
            sequence = y[:, 0].swapaxes(0, 1)
            sequence = sequence[:, ::-1] if settings["go_backwards"] else sequence
            main = sequence if settings["return_sequences"] else sequence[:, -1]
            return (main, *(end[0] for end in ends)) if settings["return_state"] else (main,)

        return Twin(call, count, notes, exact=False)

    def node(self, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays) -> Twin:
        """ONNX' own layer, with an axis of directions; layout 1 by transposing, as ONNX Runtime has only layout 0."""
        settings, parts = layer.field_values(), layer.sublayers(*shapes)
        check_settings(ONNX, parts[0].layer, EXPRESSED)
        given = {**self.attributes(parts[0].layer, len(parts)), "direction": layer.settings()["direction",]}
        weights, count, notes = self.weights(parts[0].layer, packed(ONNX, layer, shapes, arrays))
        first, states_out = settings["batch_first"], 1 + len(layer.state_names)

        def call(*inputs: Any, states: Sequence[Any] = ()) -> tuple[Any, ...]:
            x, *start = (array.swapaxes(0, 1) if first else array for array in (inputs[0], *states))
            fed = {"X": x, **weights, **dict(zip(("initial_h", "initial_c"), start, strict=False))}
            last = max(INPUTS.index(name) for name in fed)
            slots = {name: fed.get(name) for name in INPUTS[: last + 1]}
            y, *ends = self.executed(OPERATORS[layer.type], slots, states_out, **given)
            ends = [end.swapaxes(0, 1) if first else end for end in ends]
            main = ends[0] if not settings["return_sequences"] else y.transpose(2, 0, 1, 3) if first else y
            return (main, *ends) if settings["return_state"] else (main,)

        return Twin(call, count, notes, exact=False)

    def weights(self, cell: Layer, tensors: Mapping[str, Array]) -> tuple[dict[str, Array], int, tuple[str, ...]]:
        """A node's tensors with zeros for a second bias that is not ours; how many numbers are ours, and a note."""
        weights = {name: array.astype(np.float32) for name, array in tensors.items()}
        count = sum(array.size for array in weights.values())
        both = 2 * max(1, len(cell.gate_names)) * int(cell.field_values()["units"])
        missing = both - weights["B"].shape[-1] if "B" in weights else 0
        if not missing:
            return weights, count, ()
        zeros = np.zeros((len(weights["B"]), missing), np.float32)
        weights["B"] = np.concatenate([weights["B"], zeros], axis=-1)
        return weights, count, (SECOND_BIAS.format(zeros.size),)

    def attributes(self, layer: Layer, ways: int = 1) -> dict[str, Any]:
        """What a recurrent node is given besides its tensors; the functions once for each direction."""
        settings = layer.field_values()
        own, gate = settings["activation"], settings["recurrent_activation"]
        names = {"lstm": [gate, own, own], "gru": [gate, own], "rnn": [own]}[layer.type] * ways
        functions = []
        for name in names:
            if name not in ACTIVATIONS:
                raise NotCompared(f"ONNX has no {layer.type} with {name}")
            functions.append(AFFINE if name == "linear" else FUNCTIONS[name])
        given = {"hidden_size": settings["units"], "activations": [name for name, _ in functions]}
        for key in ("alpha", "beta"):
            values = [attributes[key] for _, attributes in functions if key in attributes]
            given |= {f"activation_{key}": values} if values else {}
        given |= {"direction": "reverse"} if settings["go_backwards"] else {}
        given |= {"linear_before_reset": int(settings["reset_after"])} if layer.type == "gru" else {}
        return given

    def dense(self, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays) -> Twin:
        """Gemm, the axes before the last as one; then the function's own operator."""
        tensors = {name: array.astype(np.float32) for name, array in packed(ONNX, layer, shapes, arrays).items()}
        after = self.functions.activation(layer.field_values()["activation"])

        def call(*inputs: Any, states: Sequence[Any] = ()) -> tuple[Any, ...]:
            x = inputs[0]
            (y,) = self.executed("Gemm", {"A": x.reshape(-1, x.shape[-1]), **tensors})
            return (after(y.reshape(*x.shape[:-1], y.shape[-1])),)

        return Twin(call, sum(array.size for array in tensors.values()), exact=False)

    def embedding(self, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays) -> Twin:
        """Gather along the first axis."""
        (table,) = (array.astype(np.float32) for array in packed(ONNX, layer, shapes, arrays).values())

        def call(*inputs: Any, states: Sequence[Any] = ()) -> tuple[Any, ...]:
            return self.executed("Gather", {"data": table, "indices": inputs[0].astype(np.int64)}, axis=0)

        return Twin(call, table.size, exact=False)

    def operator(self, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays, node: Node) -> Twin:
        """An operator with one input and our weights, its channels moved to axis 1 and back where it has them there."""
        settings, made = layer.field_values(), packed(ONNX, layer, shapes, arrays)
        weights = {name: array.astype(np.float32) for name, array in made.items()}
        axis = settings.get("axis", layer.feature_axis) if node.channels else 1
        x, y = (np.moveaxis(np.empty(shape), axis, 1).shape for shape in numbers((shapes[0], *layer.outputs(*shapes))))
        given = node.attributes(settings, x, y)
        if layer.type == "prelu" and settings["num_parameters"] is not None:
            weights["slope"] = weights["slope"].reshape(-1, *(1,) * (len(x) - 2))
        constants = dict.fromkeys(("scale", "Scale"), 1.0) | dict.fromkeys(("B", "bias"), 0.0)
        width = x[1:2] if node.channels else x[given.get("axis", 0) :]
        if node.filled:
            weights = {name: np.full(width, constants[name], np.float32) for name in node.inputs[1:3]} | weights
        after = self.functions.activation(settings.get("activation", "linear"))

        def call(*inputs: Any, states: Sequence[Any] = ()) -> tuple[Any, ...]:
            slots = {"X": np.ascontiguousarray(np.moveaxis(inputs[0], axis, 1)), **weights}
            ordered = {name: slots[name] for name in node.inputs if name in slots}
            (made,) = self.executed(node.op, ordered, opset=node.opset, **given)
            return (after(np.moveaxis(made, 1, axis)),)

        return Twin(call, sum(array.size for array in made.values()), exact=False)

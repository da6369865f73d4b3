"""Random models built in Keras, written by ``to_json`` and read back; run in a process of its own by the test.

``python -m tests.oracles.keras_json specs 0 100`` prints what came of the models 0 to 99 as JSON, ``graphs`` of those
that are grown in Keras.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Iterator, Sequence
from math import prod
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import lstm_shapes as ls
from lstm_shapes.analysis.report import Report
from lstm_shapes.analysis.verify.against.keras import KerasBuilder, class_name, connect
from lstm_shapes.analysis.verify.against.twin import NotCompared
from lstm_shapes.api import read
from lstm_shapes.graph.shape_inference import InferredGraph, infer_graph
from lstm_shapes.layers.base import Layer

from ..random_models.models import random_model
from .keras_graphs import random_graph

OF_KERAS = frozenset(("seed_generator", "seed_generator_state"))
"""Variables that are no weights: the state of a random generator."""


def differences(model: Any, report: Report) -> Iterator[str]:
    """What a report says of a file otherwise than Keras says of the model that it wrote into it."""
    import keras

    for finding in report.findings:
        if finding.severity == "error":
            yield f"finding: {finding.message}"
    rows = {row.name: row for row in report.layers}
    for layer in model.layers:
        if isinstance(layer, keras.layers.InputLayer):
            continue
        if layer.name not in rows:
            if layer.weights or not type(layer).__module__.startswith("keras.src.ops"):
                yield f"{layer.name} ({type(layer).__name__}): not in the report"
            continue
        row = rows[layer.name]
        if row.params != layer.count_params():
            yield f"{layer.name}: {row.params} parameters, {layer.count_params()} in Keras"
        theirs = [_example(tensor.shape) for tensor in _outputs(keras, model, layer)]
        ours = [_example(output.shape or ()) for output in row.outputs]
        if ours[: len(theirs)] != theirs and not _stated_wrongly(layer):
            yield f"{layer.name} ({type(layer).__name__}): shapes {ours}, {theirs} in Keras"
        if not isinstance(layer, keras.Model) and row.type != "model":
            real = sorted((weight.name, tuple(weight.shape)) for weight in layer.weights if _is_weight(weight))
            ours_named = sorted((_name(weight.name), tuple(weight.shape)) for weight in row.weights)
            if ours_named != real:
                yield f"{layer.name}: weights {ours_named}, {real} in Keras"
    trainable = sum(prod(weight.shape) for weight in model.trainable_weights)
    if report.totals.params != model.count_params():
        yield f"{report.totals.params} parameters, {model.count_params()} in Keras"
    elif report.totals.trainable_params != trainable:
        yield f"{report.totals.trainable_params} trainable parameters, {trainable} in Keras"


def _name(name: str) -> str:
    """A weight's own name, without the part of the layer that it belongs to."""
    return name.split("/")[-1].removeprefix("forward_").removeprefix("backward_")


def _is_weight(weight: Any) -> bool:
    return OF_KERAS.isdisjoint(weight.path.split("/"))


def _outputs(keras: Any, model: Any, layer: Any) -> list[Any]:
    """The tensors of a layer's first call in the model; of a model inside, its own outputs."""
    if isinstance(layer, keras.Model):
        return list(keras.tree.flatten(layer.outputs))
    graph = model._functional if isinstance(model, keras.Sequential) else model
    inside = {id(node) for nodes in graph._nodes_by_depth.values() for node in nodes}
    nodes = [node for node in layer._inbound_nodes if id(node) in inside]
    return list(keras.tree.flatten(nodes[0].output_tensors))


def _example(shape: Sequence[Any]) -> tuple[Any, ...]:
    """The sizes of an example, None for one that is free: the batch is left out, which Keras loses track of."""
    return tuple(axis if isinstance(axis, int) else None for axis in shape[1:])


def _stated_wrongly(layer: Any) -> bool:
    """Where Keras 3.15 states other shapes than a run has: see ``FAULTS`` in verify/against/keras.py."""
    inner = layer.layer if type(layer).__name__ == "TimeDistributed" else layer
    return type(inner).__name__ in ("Bidirectional", "MultiHeadAttention")


def built(spec: dict[str, Any], builder: KerasBuilder) -> Any:
    """The model of a spec in Keras, its layers under their names. Raises ``NotCompared``."""
    reading = read(spec)
    assert reading.model is not None
    graph, shapes = reading.model.graph, reading.model.shapes
    return _model(builder, infer_graph(graph, shapes), graph, shapes, "model")


def _model(builder: KerasBuilder, inferred: InferredGraph, graph: Any, shapes: Any, name: str) -> Any:
    keras = builder.keras
    given = [
        keras.Input(batch_shape=(None, *map(int, shape[1:])), name=f"{name}_{source}".replace(".", "_"))
        for source, shape in zip(graph.inputs, shapes, strict=True)
    ]
    tensors: dict[str, Sequence[Any]] = {source: (tensor,) for source, tensor in zip(graph.inputs, given, strict=True)}
    real: dict[str, Any] = {}
    for node in inferred.nodes:
        reads = [tensors[ref.name][ref.output] for ref in node.node.inputs]
        states = [tensors[ref.name][ref.output] for ref in node.node.states]
        reaching = (node.inputs or ())[: len(node.node.inputs)]
        if node.owner not in real:
            real[node.owner] = _call(builder, node.node.layer, reaching, node.owner, node.node.trainable)
        tensors[node.node.name] = real[node.owner](*reads, states=states)
    outputs = [tensors[ref.name][ref.output] for ref in graph.outputs]
    return keras.Model(given, outputs[0] if len(outputs) == 1 else outputs, name=name)


def _call(builder: KerasBuilder, layer: Layer, shapes: Any, name: str, trainable: bool) -> Any:
    """The Keras layer, as a function of tensors."""
    if layer.type == "model":
        nested = layer.nested(*shapes)
        assert nested is not None
        model = _model(builder, infer_graph(nested.graph, shapes), nested.graph, shapes, name)
        model.trainable = trainable

        def call(*reads: Any, states: Any = ()) -> tuple[Any, ...]:
            return tuple(builder.keras.tree.flatten(model(reads[0] if len(reads) == 1 else list(reads))))

        return call
    if class_name(layer) not in vars(builder.keras.layers):
        return builder.build(layer, shapes, {}).call
    if layer.type.endswith("_cell") or layer.type == "custom":
        raise NotCompared("a cell in a functional model")
    builder.check(layer)
    real = builder.real(layer, shapes, {}, name)
    called = builder.called(layer, real)

    def call_and_freeze(*reads: Any, states: Any = ()) -> tuple[Any, ...]:
        made: tuple[Any, ...] = called(*reads, states=states)
        real.trainable = trainable  # attention has its weights once it is called
        return made

    return call_and_freeze


def main(source: str, first: int, last: int) -> None:
    """Print how many models agreed, which were not built, and what differed."""
    builder, agreed = connect(), 0
    not_built: list[str] = []
    differed: list[str] = []
    with builder.session(), TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        for number in range(first, last):
            builder.keras.utils.clear_session(free_memory=False)
            try:
                if source == "graphs":
                    model = random_graph(builder.keras, number)
                else:
                    model = built(random_model(number, "keras").spec, builder)
            except Exception as error:  # whatever Keras raises
                not_built.append(f"model {number}: {type(error).__name__}: {str(error)[:200]}")
                continue
            path.write_text(model.to_json())
            wrong = [f"model {number}, {line}" for line in differences(model, ls.inspect(path))]
            differed += wrong
            agreed += not wrong
    print(json.dumps({"agreed": agreed, "not_built": not_built, "differed": differed}))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))

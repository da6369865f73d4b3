"""A model run in a framework, and every layer compared with its NumPy run: weights, shapes, states, numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lstm_shapes.analysis.verify.against.composition import Twins
from lstm_shapes.analysis.verify.against.quiet import quiet
from lstm_shapes.analysis.verify.against.result import Comparison, LayerComparison
from lstm_shapes.analysis.verify.against.twin import Builder, Differs, NotCompared, Twin
from lstm_shapes.analysis.verify.laws import distance
from lstm_shapes.graph.numpy_run import Passed
from lstm_shapes.graph.shape_inference import Inferred, InferredNode
from lstm_shapes.symbolic.size import Shape, fixed, shown

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array

TOLERANCES = {"float64": 1e-10, "float32": 1e-5}
"""How far outputs may differ, relative to their largest number, by the type in which the framework computed."""


class Recorded:
    """A model's NumPy run: its layers in numbers, the ``arrays`` of its weights by owner, and all that ``passed``.

    ``left_out`` are the layers that have no run to compare with, each with the reason.
    """

    def __init__(
        self,
        numbers: Inferred,
        arrays: dict[str, dict[str, Array]],
        passed: Passed,
        left_out: Mapping[str, str],
    ) -> None:
        self.numbers, self.arrays, self.passed, self.left_out = numbers, arrays, passed, left_out


def compare(
    builder: Builder, runs: Sequence[Recorded], progress: Callable[[str, int], None] | None = None
) -> Comparison:
    """The runs made again in the framework, each layer on what the framework's layers before it pass on.

    Where a layer was not compared or disagrees, those after it read our numbers, so that each is judged by itself.
    """
    compared = [_Run(builder, run, progress).layers() for run in runs]
    layers = tuple(_merged(same) for same in zip(*compared, strict=True))
    return Comparison(framework=builder.name, title=builder.title, version=builder.version, layers=layers)


class _Run:
    def __init__(self, builder: Builder, run: Recorded, progress: Callable[[str, int], None] | None) -> None:
        self.builder, self.run, self.progress = builder, run, progress
        self.twins = Twins(builder.build, run.arrays.__getitem__)
        self.tensors: dict[str, tuple[Any, ...]] = {}

    def layers(self) -> list[LayerComparison]:
        """Every layer compared, in order."""
        with self.builder.session():
            for name in self.run.numbers.graph.inputs:
                self.tensors[name] = self.ours(name)
            return [self.compared(node) for node in self.run.numbers.nodes]

    def ours(self, name: str) -> tuple[Any, ...]:
        """Our outputs of a node as tensors of the framework."""
        arrays, masks = self.run.passed.arrays[name], self.run.passed.masks[name]
        given = [*masks, *([None] * len(arrays))]
        with quiet():
            return tuple(self.tensor(np.array(array), mask) for array, mask in zip(arrays, given, strict=False))

    def tensor(self, array: Array, mask: Array | None) -> Any:
        """A tensor of the framework, or why there is none: the layers that read it are then not compared."""
        try:
            return self.builder.tensor(array, mask)
        except NotCompared as reason:
            return reason

    def compared(self, node: InferredNode) -> LayerComparison:
        """A layer called in the framework, and its outputs compared with ours."""
        if self.progress:
            self.progress(node.name, len(self.run.numbers.nodes))
        result = LayerComparison(name=node.name, type=node.layer.type, verdict="not compared")
        try:
            if node.name in self.run.left_out:
                raise NotCompared(self.run.left_out[node.name])
            with quiet():
                twin = self.twins.of(node)
                made = self.called(twin, node)
            result = self.judged(result, node, twin, made)
        except NotCompared as reason:
            result = replace(result, reason=str(reason))
        except Differs as difference:
            result = replace(result, verdict="disagrees", reason=str(difference))
        except MemoryError:
            raise
        except Exception as error:
            first = next(iter(str(error).strip().splitlines()), "")
            failed = f"{self.builder.title} fails: {type(error).__name__}: {first[:200]}"
            result = replace(result, verdict="disagrees", reason=failed)
        if result.verdict != "agrees":
            self.tensors[node.name] = self.ours(node.name)
        return result

    def called(self, twin: Twin, node: InferredNode) -> tuple[Any, ...]:
        inputs = [self.tensors[ref.name][ref.output] for ref in node.node.inputs]
        states = [self.tensors[ref.name][ref.output] for ref in node.node.states]
        for tensor in (*inputs, *states):
            if isinstance(tensor, NotCompared):
                raise tensor
        made = tuple(twin.call(*inputs, states=tuple(states)))
        self.tensors[node.name] = made
        return made

    def judged(self, result: LayerComparison, node: InferredNode, twin: Twin, made: tuple[Any, ...]) -> LayerComparison:
        """What the framework passed on, compared with what our run did."""
        theirs = [self.builder.array(tensor) for tensor in made]
        ours = self.run.passed.arrays[node.name]
        shapes = [array.shape for array in theirs]
        dtype = str(np.result_type(*theirs)) if theirs else ""
        notes = (*twin.notes, *self.misstated(twin, node, shapes))
        counted = node.layer.count(*(node.inputs or ()))
        result = replace(
            result, params=twin.params, outputs=_shapes(shapes), dtype=dtype, notes=notes, verdict="disagrees"
        )
        if counted is not None and fixed(counted) != twin.params:
            return replace(result, reason=f"parameters: predicted {counted}, {self.builder.title} has {twin.params}")
        if shapes != [array.shape for array in ours]:
            predicted = _shapes([array.shape for array in ours])
            return replace(result, reason=f"predicted {predicted}, {self.builder.title} passes on {_shapes(shapes)}")
        difference = max((distance(a, b) for a, b in zip(ours, theirs, strict=True)), default=0.0)
        tolerance = TOLERANCES.get(dtype if twin.exact else "float32", TOLERANCES["float32"])
        if difference > tolerance:
            reason = f"outputs differ by {difference:.0e}, at most {tolerance:.0e} is rounding in {dtype}"
            return replace(result, difference=difference, reason=reason)
        return replace(result, difference=difference, verdict="agrees")

    def misstated(self, twin: Twin, node: InferredNode, executed: list[tuple[int, ...]]) -> tuple[str, ...]:
        """A note where the framework gives other shapes without a run than its run has."""
        if twin.stated is None:
            return ()
        shapes = (node.inputs or ())[: len(node.node.inputs)]
        try:
            with quiet():
                stated = list(twin.stated(shapes))
        except Exception:
            return ()
        if stated == executed:
            return ()
        fault = f" ({twin.known_fault})" if twin.known_fault else ""
        title = self.builder.title
        return (f"{title} states {_shapes(stated)}{fault}; judged by the executed layer, {_shapes(executed)}",)


def _merged(runs: Sequence[LayerComparison]) -> LayerComparison:
    """A layer in all runs: the worst verdict with its reason, the largest difference."""
    order = {"disagrees": 0, "not compared": 1, "agrees": 2}
    worst = min(runs, key=lambda run: order[run.verdict])
    differences = [run.difference for run in runs if run.difference is not None]
    outputs = "; ".join(dict.fromkeys(run.outputs for run in runs if run.outputs))
    return replace(worst, outputs=outputs, difference=max(differences, default=None))


def _shapes(shapes: Sequence[Shape]) -> str:
    return " ".join(map(shown, shapes))

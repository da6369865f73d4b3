"""One layer checked: its run is watched, then its weights are made NaN one by one, then its laws are tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from lstm_shapes.analysis.verify.counting import Counter, counted
from lstm_shapes.analysis.verify.laws import LAWS
from lstm_shapes.analysis.verify.lengths_run import executed
from lstm_shapes.analysis.verify.verification import Check, LayerCheck, Verdict
from lstm_shapes.graph.model import Node
from lstm_shapes.graph.shape_inference import InferredNode
from lstm_shapes.layers.base import Call, NotRunnable, Weight, Weights
from lstm_shapes.symbolic.size import Shape, Size, bind, fixed, readable, shown, total

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array, Masks

TOLERANCE = 1e-9
"""How far two float64 runs that must agree may differ, relative to their numbers."""


class Source(Protocol):
    """What a layer's check needs of the model's run: the sizes put in for symbols, and random data."""

    values: Mapping[str, int]
    random: np.random.Generator
    lengths: Sequence[int]

    def without_padding(self, name: str) -> tuple[Size, tuple[Call, ...]] | None:
        """What a layer computes of the ``lengths``, predicted, and the recurrent layers in it that do."""

    def uniform(self, shape: Shape) -> Array:
        """Random numbers."""

    def token_ids(self, count: int, sizes: list[int]) -> Array:
        """Random token ids."""


class LayerRun:
    """``predicted`` has the figures in symbols, ``node`` the layer with numbers, ``arrays`` its weights by key."""

    def __init__(self, source: Source, predicted: InferredNode, node: Node, arrays: dict[str, Array]) -> None:
        self.source, self.predicted, self.node, self.arrays = source, predicted, node, arrays
        self.layer, self.values = node.layer, source.values
        self.inputs = self.bound(predicted.inputs or ())
        self.expected = self.bound(predicted.outputs or ())

    def bound(self, shapes: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """Shapes with the numbers put in."""
        return tuple(tuple(bind(size, self.values) for size in shape) for shape in shapes)

    def check(self, inputs: tuple[Array, ...], masks: Masks) -> tuple[tuple[Array, ...], Masks, LayerCheck]:
        """The outputs to pass on with their masks, and what was compared. Raises ``MemoryError``."""
        counter = Counter()
        weights = _Watched({key: counted(array, counter) for key, array in self.arrays.items()})
        try:
            watched = tuple(counted(array, counter) for array in inputs)
            made, passed = self.layer.run_masked(Weights(weights), watched, masks)
            outputs = tuple(np.array(output) for output in made)
        except NotRunnable as reason:
            inside = "" if self.layer.declared else "a layer inside is "
            not_run = self.output_check(f"{inside}{reason}", agrees=True)
            return self.stand_in(), (), self.layer_check("declared", [not_run])
        except MemoryError:
            raise
        except Exception as error:
            failed = self.output_check(f"the run fails: {error}", agrees=False)
            return self.stand_in(), (), self.layer_check("disagrees", [failed])
        observed = tuple(output.shape for output in outputs)
        shapes = self.output_check(_shapes(observed), agrees=observed == self.expected)
        checks = [
            shapes,
            *_guarded("reach", self.weight_checks(weights.read)),
            *self.mac_checks(counter.macs),
            *_guarded("lengths", self.length_checks()),
            *_guarded("laws", self.law_checks()),
        ]
        verdict: Verdict = "confirmed" if all(check.agrees for check in checks) else "disagrees"
        compared = self.layer_check(verdict, checks)
        return (outputs, passed, compared) if shapes.agrees else (self.stand_in(), (), compared)

    def stand_in(self) -> tuple[Array, ...]:
        """Random outputs of the predicted shapes, so that the layers after this one can still be checked."""
        return tuple(self.source.uniform(shape) for shape in self.expected)

    def layer_check(self, verdict: Verdict, checks: list[Check]) -> LayerCheck:
        return LayerCheck(name=self.node.name, type=self.layer.type, verdict=verdict, checks=tuple(checks))

    def output_check(self, observed: str, *, agrees: bool) -> Check:
        predicted = _shapes(self.predicted.outputs or ())
        return Check(kind="output", predicted=predicted, observed=observed, agrees=agrees)

    def weight_checks(self, read: set[str]) -> Iterator[Check]:
        """As many numbers as predicted are allocated and read, and none is without effect."""
        counted = self.layer.count(*self.inputs)
        tied = fixed(total(weight.params for weight in self.predicted.tied), self.values)
        predicted = None if counted is None else counted - tied
        symbolic = self.predicted.params
        if not self.arrays and predicted == 0:
            return
        weights = {weight.key: weight for weight in self.layer.weights(*self.inputs)}
        allocated = sum(array.size for key, array in self.arrays.items() if not weights[key].buffer) - tied
        needed = {key for key, weight in weights.items() if weight.read}
        agrees = predicted == allocated == fixed(symbolic or 0, self.values) and needed <= read
        text = readable(symbolic) if symbolic is not None else "not known"
        yield Check(kind="weights", predicted=text, observed=f"{allocated:,}", agrees=agrees)
        probes = list(self.probes())
        dead = [name for name, reached in probes if not reached]
        observed = f"no effect: {', '.join(dead)}" if dead else f"all {len(probes)}"
        yield Check(kind="reach", predicted=f"{len(probes)} probes", observed=observed, agrees=not dead)

    def probes(self) -> Iterator[tuple[str, bool]]:
        """Each tensor, gate by gate, set to NaN: does the output turn NaN? On two timesteps, and two examples.

        A weight of a size that is the batch, behind a transpose, needs all examples.
        """
        gates = {path: layer.gate_names for path, layer in self.layer.weighted_layers(*self.inputs)}
        inputs = self.inputs[: len(self.node.inputs)]
        two = tuple((2, *shape[1:]) for shape in inputs)
        free = [weight.shape for weight in self.layer.weights(*two)] == [w.shape for w in self.layer.weights(*inputs)]
        x = tuple(self.probe_data(index, shape) for index, shape in enumerate(two if free else inputs))
        for weight in self.layer.weights(*self.inputs):
            array = self.arrays[weight.key]
            if not weight.read:
                continue
            for name, part in _gates(weight, gates.get(weight.path, ())):
                before = array[part].copy()
                array[part] = np.nan
                reached = any(bool(np.isnan(output).any()) for output in self.layer.run(Weights(self.arrays), *x))
                array[part] = before
                yield f"{weight.key}{name}", reached

    def probe_data(self, index: int, shape: Shape) -> Array:
        """Random data for a probe, with two timesteps where time can be cut."""
        sizes = [fixed(size) for size in shape]
        if self.layer.state_names and not self.layer.one_timestep:
            sizes[1] = min(2, sizes[1])
        count = self.layer.vocab_size(index)
        return self.source.uniform(tuple(sizes)) if count is None else self.source.token_ids(fixed(count), sizes)

    def mac_checks(self, executed: int) -> Iterator[Check]:
        """The multiply-accumulates that the run executed."""
        predicted = self.predicted.macs
        if predicted is None or (predicted == 0 and executed == 0):
            return
        agrees = fixed(predicted, self.values) == executed
        yield Check(kind="macs", predicted=readable(predicted), observed=f"{executed:,}", agrees=agrees)

    def length_checks(self) -> Iterator[Check]:
        """The multiply-accumulates where every example is read up to its own length."""
        steps = self.source.without_padding(self.node.name)
        if steps:
            predicted, calls = steps
            count = executed(calls, self.source.lengths, self.arrays, self.source.random)
            agrees = fixed(predicted, self.values) == count
            yield Check(kind="lengths", predicted=readable(predicted), observed=f"{count:,}", agrees=agrees)

    def law_checks(self) -> Iterator[Check]:
        """The laws of every recurrent cell in the layer, on data of its own."""
        cells = list(dict.fromkeys(self.layer.recurrent_calls(*self.inputs)))
        worst = 0.0
        for cell in cells:
            sizes = [fixed(size) for size in cell.inputs[0]]
            x = self.source.random.uniform(-1, 1, [2, min(sizes[1], 7), *sizes[2:]])
            weights = Weights(self.arrays, "".join(f"{step}/" for step in cell.path))
            worst = max(worst, *(law(cell.layer, weights, x) for law in LAWS.values()))
        if cells:
            count = f" in {len(cells)} cells" if len(cells) > 1 else ""
            text = f"largest difference {worst:.0e}" if worst else "no difference"
            yield Check(kind="laws", predicted=f"{', '.join(LAWS)}{count}", observed=text, agrees=worst < TOLERANCE)


class _Watched(dict[str, Any]):
    """Weights that remember which of them were read."""

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        super().__init__(arrays)
        self.read: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        self.read.add(key)
        return super().__getitem__(key)


def _guarded(kind: str, checks: Iterator[Check]) -> Iterator[Check]:
    """The checks as they come; a run that fails on their data ends them with a disagreement."""
    try:
        yield from checks
    except MemoryError:
        raise
    except Exception as error:
        yield Check(kind=kind, predicted="a run", observed=f"the run fails: {error}", agrees=False)


def _gates(weight: Weight, gates: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """The parts of a weight that are probed: each gate, or the whole."""
    axes = weight.axes.split()
    if "gate" not in axes:
        yield "", ...
        return
    for number, gate in enumerate(gates):
        yield f" {gate}", (*(slice(None),) * axes.index("gate"), number)


def _shapes(shapes: Sequence[Shape]) -> str:
    return " ".join(map(shown, shapes))

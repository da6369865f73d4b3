"""The witness: a model run in NumPy on random data, and what was predicted held against what was observed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from lstm_shapes.analysis.verify.primes import bindings, bound_steps
from lstm_shapes.graph.model import Model, Node
from lstm_shapes.graph.numpy_run import run_graph, vocab_size
from lstm_shapes.graph.shape_inference import Step, infer_shapes
from lstm_shapes.layers.base import Layer, NotRunnable, Weight, Weights
from lstm_shapes.spec.reading import Reading
from lstm_shapes.symbolic.size import Shape, Size, SizeError, bind, fixed, product, readable, shown

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array

MAX_MACS = 2_000_000_000
MAX_ELEMENTS = 20_000_000
TOLERANCE = 1e-9
"""How far two float64 runs that must agree may differ, relative to their numbers."""

Verdict = Literal["confirmed", "disagrees", "declared", "not confirmed"]
Progress = Callable[[str, int], None]
"""Called with a layer's name and how many layers there are to do."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing compared: its ``kind`` (output, weights, reach, macs, laws), both sides as text, whether they agree."""

    kind: str
    predicted: str
    observed: str
    agrees: bool


@dataclass(frozen=True, kw_only=True)
class LayerCheck:
    """What was compared of one layer."""

    name: str
    type: str
    verdict: Verdict
    checks: tuple[Check, ...]


@dataclass(frozen=True, kw_only=True)
class Verification:
    """The outcome for a model; ``reason`` says why it is not confirmed, ``bindings`` with which sizes it was run."""

    source: str
    name: str
    framework: str
    verdict: Verdict
    reason: str
    seed: int
    bindings: tuple[Mapping[str, int], ...] = ()
    layers: tuple[LayerCheck, ...] = ()


def verify(
    reading: Reading,
    *,
    seed: int = 0,
    max_macs: int = MAX_MACS,
    max_elements: int = MAX_ELEMENTS,
    progress: Progress | None = None,
) -> Verification:
    """Run a model and compare, layer by layer. Symbols are bound to distinct small primes, twice. Raises nothing."""
    outcome = _Outcome(reading, seed)
    try:
        return _verified(reading, outcome, max_macs, max_elements, progress)
    except SizeError as error:
        return outcome.refused(str(error))
    except MemoryError:
        return outcome.refused("a run does not fit into memory")


def _verified(
    reading: Reading, outcome: _Outcome, max_macs: int, max_elements: int, progress: Progress | None
) -> Verification:
    model, seed = reading.model, outcome.seed
    if model is None or reading.unread or not model.graph.nodes or None in model.shapes:
        return outcome.refused("the spec has mistakes")
    steps = infer_shapes(model.graph, model.shapes)
    if any(step.outputs is None for step in steps):
        return outcome.refused("the shapes do not fit")
    bound = list(bindings(steps, model))
    if not bound:
        return outcome.refused("no small sizes for its symbols fit all layers")
    for values in bound:
        macs = sum(_number(step.node.layer.macs(*(step.inputs or ())), values) for step in steps)
        elements = sum(_elements(step, values) for step in steps)
        if macs > max_macs:
            return outcome.refused(
                f"a run takes {macs:,} multiply-accumulates, the cap is {max_macs:,}; --max-macs lifts it"
            )
        if elements > max_elements:
            return outcome.refused(
                f"a run holds {elements:,} numbers, the cap is {max_elements:,}; --max-elements lifts it"
            )
    runs = [_Run(model, steps, values, seed + number, progress).observe() for number, values in enumerate(bound)]
    return outcome.compared(bound, [_merged(checks) for checks in zip(*runs, strict=True)])


class _Outcome:
    def __init__(self, reading: Reading, seed: int) -> None:
        self.reading, self.seed = reading, seed

    def refused(self, reason: str) -> Verification:
        return self._made("not confirmed", reason, (), ())

    def compared(self, bindings: Sequence[Mapping[str, int]], layers: Sequence[LayerCheck]) -> Verification:
        wrong = [one.name for one in layers if one.verdict == "disagrees"]
        declared = [one.name for one in layers if one.verdict == "declared"]
        verdict: Verdict = "disagrees" if wrong else "declared" if len(declared) == len(layers) else "confirmed"
        reason = f"prediction and run differ in {', '.join(wrong)}" if wrong else ""
        if declared and not wrong:
            reason = f"but for {', '.join(declared)}, declared by the author and not run"
        return self._made(verdict, reason, bindings, layers)

    def _made(
        self, verdict: Verdict, reason: str, bindings: Sequence[Mapping[str, int]], layers: Sequence[LayerCheck]
    ) -> Verification:
        model = self.reading.model
        return Verification(
            source=self.reading.document.source,
            name=model.name if model else "",
            framework=model.framework if model else "",
            verdict=verdict,
            reason=reason,
            seed=self.seed,
            bindings=tuple(bindings),
            layers=tuple(layers),
        )


def _merged(checks: tuple[LayerCheck, ...]) -> LayerCheck:
    """The checks of one layer in all runs, those of a kind side by side."""
    first = checks[0]
    verdict: Verdict = "disagrees" if any(one.verdict == "disagrees" for one in checks) else first.verdict
    merged = []
    for same_kind in zip(*(one.checks for one in checks), strict=False):
        observed = "; ".join(dict.fromkeys(one.observed for one in same_kind))
        merged.append(replace(same_kind[0], observed=observed, agrees=all(one.agrees for one in same_kind)))
    return replace(first, verdict=verdict, checks=tuple(merged))


def _number(size: Size | None, values: Mapping[str, int]) -> int:
    return 0 if size is None else fixed(size, values)


def _elements(step: Step, values: Mapping[str, int]) -> int:
    shapes = [*(step.outputs or ()), *(weight.shape for weight in step.node.layer.weights(*(step.inputs or ())))]
    return sum(fixed(product(shape), values) for shape in shapes)


class _Run:
    """One run of a bound model. Predictions are made with symbols and bound; the run knows numbers alone."""

    def __init__(
        self, model: Model, steps: Sequence[Step], values: dict[str, int], seed: int, progress: Progress | None
    ) -> None:
        import numpy as np

        self.np, self.random = np, np.random.default_rng(seed)
        self.model, self.predicted, self.values, self.progress = model, steps, values, progress
        self.bound = bound_steps(model, values)
        self.checks: list[LayerCheck] = []
        self.arrays: dict[str, Array] = {}

    def observe(self) -> list[LayerCheck]:
        """Run the whole model; ``call`` sees every layer pass."""
        for step in self.bound:
            if not step.node.shared:
                prefix = f"{step.node.owner or step.node.name}/"
                self.arrays |= {
                    prefix + key: one for key, one in self.allocate(step.node.layer, step.inputs or ()).items()
                }
        graph = self.model.graph._replace(nodes=tuple(step.node for step in self.bound))
        inputs = [self.data(name, shape) for name, shape in zip(graph.inputs, self.model.shapes, strict=True) if shape]
        with self.np.errstate(all="ignore"):
            run_graph(graph, Weights({}), inputs, self.call)
        return self.checks

    def allocate(self, layer: Layer, inputs: tuple[Shape, ...]) -> dict[str, Array]:
        """Random weights of the declared shapes, small enough for no gate to be stuck."""
        weights = layer.weights(*inputs)
        return {one.key: self.uniform(one.shape) / max(1.0, float(one.shape[-1])) ** 0.5 for one in weights}  # type: ignore[arg-type]

    def uniform(self, shape: Shape) -> Array:
        return self.random.uniform(-1, 1, [fixed(size) for size in shape])

    def data(self, name: str, shape: Shape) -> Array:
        """Random numbers for an input, or token ids where an embedding reads it; 0 is left to padding."""
        sizes = [fixed(size, self.values) for size in shape]
        count = vocab_size(self.model.graph, name)
        if count is None:
            return self.random.uniform(-1, 1, sizes)
        most = fixed(count, self.values)
        return self.random.integers(min(1, most - 1), most, sizes)

    def call(self, node: Node, weights: Weights, inputs: tuple[Array, ...], mask: Array | None) -> tuple[Array, ...]:
        step = self.predicted[len(self.checks)]
        if self.progress:
            self.progress(node.name, len(self.predicted))
        owner = f"{node.owner or node.name}/"
        own = {key.removeprefix(owner): one for key, one in self.arrays.items() if key.startswith(owner)}
        outputs, check = _LayerRun(self, step, node, own).verify(inputs, mask)
        self.checks.append(check)
        return outputs


class _LayerRun:
    """One layer's testimony: its run is watched, then its weights are made NaN one by one, then its laws are tried."""

    def __init__(self, run: _Run, step: Step, node: Node, arrays: dict[str, Array]) -> None:
        self.run, self.step, self.node, self.arrays = run, step, node, arrays
        self.np = run.np

    def verify(self, inputs: tuple[Array, ...], mask: Array | None) -> tuple[tuple[Array, ...], LayerCheck]:
        from lstm_shapes.analysis.verify.counting import Counter, counted

        counter = Counter()
        asked = _Asked({key: counted(one, counter) for key, one in self.arrays.items()})
        expected = [tuple(fixed(size, self.run.values) for size in shape) for shape in self.step.outputs or ()]
        try:
            outputs = tuple(self.np.array(one) for one in self.node.layer.run(Weights(asked), *inputs, mask=mask))
        except NotRunnable as reason:
            check = Check(kind="output", predicted=_shapes(self.step.outputs or ()), observed=str(reason), agrees=True)
            return tuple(self.run.uniform(shape) for shape in expected), self.made("declared", [check])
        except MemoryError:
            raise
        except Exception as error:
            check = Check(
                kind="output",
                predicted=_shapes(self.step.outputs or ()),
                observed=f"the run fails: {error}",
                agrees=False,
            )
            return tuple(self.run.uniform(shape) for shape in expected), self.made("disagrees", [check])
        first = self.outputs(outputs, expected)
        weights, laws = self.tried("reach", self.weights(asked)), self.tried("laws", self.laws())
        checks = [first, *weights, *self.macs(counter.macs), *laws]
        passed_on = outputs if first.agrees else tuple(self.run.uniform(shape) for shape in expected)
        return passed_on, self.made("confirmed" if all(one.agrees for one in checks) else "disagrees", checks)

    def tried(self, kind: str, checks: Iterator[Check]) -> Iterator[Check]:
        """The checks as they come; a run that fails on their data ends them with a disagreement."""
        try:
            yield from checks
        except MemoryError:
            raise
        except Exception as error:
            yield Check(kind=kind, predicted="a run", observed=f"the run fails: {error}", agrees=False)

    def made(self, verdict: Verdict, checks: list[Check]) -> LayerCheck:
        return LayerCheck(name=self.node.name, type=self.node.layer.type, verdict=verdict, checks=tuple(checks))

    def outputs(self, outputs: tuple[Array, ...], expected: list[tuple[int, ...]]) -> Check:
        observed = [one.shape for one in outputs]
        return Check(
            kind="output",
            predicted=_shapes(self.step.outputs or ()),
            observed=_shapes(observed),
            agrees=observed == expected,
        )

    def weights(self, asked: _Asked) -> Iterator[Check]:
        """As many numbers as predicted are allocated and asked for, and none is without effect."""
        predicted = self.node.layer.count(*self.bound_inputs)
        symbolic = self.step.node.layer.count(*(self.step.inputs or ()))
        if not self.arrays and predicted == 0:
            return
        allocated = sum(one.size for one in self.arrays.values())
        agrees = predicted == allocated == fixed(symbolic or 0, self.run.values) and asked.keys_asked == set(
            self.arrays
        )
        text = readable(symbolic) if symbolic is not None else "not known"
        yield Check(kind="weights", predicted=text, observed=f"{allocated:,}", agrees=agrees)
        probes = list(self.probes())
        dead = [name for name, reached in probes if not reached]
        observed = f"no effect: {', '.join(dead)}" if dead else f"all {len(probes)}"
        yield Check(kind="reach", predicted=f"{len(probes)} probes", observed=observed, agrees=not dead)

    @property
    def bound_inputs(self) -> tuple[Shape, ...]:
        inputs = self.step.inputs or ()
        return tuple(tuple(bind(size, self.run.values) for size in shape) for shape in inputs)

    def probes(self) -> Iterator[tuple[str, bool]]:
        """Each tensor, gate by gate, set to NaN: does the output turn NaN? On two examples and two timesteps."""
        np, layer = self.np, self.node.layer
        leaves = {path: leaf.gate_names for path, leaf in layer.weighted_layers(*self.bound_inputs)}
        x = tuple(self.small(index, shape) for index, shape in enumerate(self.bound_inputs[: len(self.node.inputs)]))
        for weight in layer.weights(*self.bound_inputs):
            array = self.arrays[weight.key]
            for name, part in _gates(weight, leaves.get(weight.path, ())):
                kept = array[part].copy()
                array[part] = np.nan
                reached = any(bool(np.isnan(one).any()) for one in layer.run(Weights(self.arrays), *x))
                array[part] = kept
                yield f"{weight.key}{name}", reached

    def small(self, index: int, shape: Shape) -> Array:
        """Random data for a probe: two examples, and two timesteps where time can be cut."""
        sizes = [fixed(size) for size in shape]
        sizes[0] = 2
        if self.node.layer.state_names:
            sizes[1] = min(2, sizes[1])
        count = self.node.layer.vocab_size(index)
        if count is None:
            return self.run.random.uniform(-1, 1, sizes)
        return self.run.random.integers(min(1, fixed(count) - 1), fixed(count), sizes)

    def macs(self, executed: int) -> Iterator[Check]:
        predicted = self.step.node.layer.macs(*(self.step.inputs or ()))
        if predicted is None or (predicted == 0 and executed == 0):
            return
        agrees = fixed(predicted, self.run.values) == executed
        yield Check(kind="macs", predicted=readable(predicted), observed=f"{executed:,}", agrees=agrees)

    def laws(self) -> Iterator[Check]:
        """The laws of every cell in the layer, on data of its own."""
        from lstm_shapes.analysis.verify.laws import LAWS

        worst, count = 0.0, 0
        for prefix, cell, shape in _cells(self.node.layer, self.bound_inputs, ""):
            sizes = [fixed(size) for size in shape]
            x = self.run.random.uniform(-1, 1, [2, min(sizes[1], 7), *sizes[2:]])
            held = Weights(self.arrays, prefix)
            worst = max(worst, *(law(cell, held, x) for law in LAWS.values()))
            count += 1
        if count:
            cells = f" in {count} cells" if count > 1 else ""
            text = f"largest difference {worst:.0e}" if worst else "no difference"
            yield Check(kind="laws", predicted=f"{', '.join(LAWS)}{cells}", observed=text, agrees=worst < TOLERANCE)


class _Asked(dict[str, Any]):
    """Weights that remember which of them were asked for."""

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        super().__init__(arrays)
        self.keys_asked: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        self.keys_asked.add(key)
        return super().__getitem__(key)


def _gates(weight: Weight, gates: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """The parts of a weight that are probed: each gate, or the whole."""
    axes = weight.axes.split()
    if "gate" not in axes:
        yield "", slice(None)
        return
    for number, gate in enumerate(gates):
        yield f" {gate}", (*(slice(None),) * axes.index("gate"), number)


def _cells(layer: Layer, inputs: tuple[Shape, ...], prefix: str) -> Iterator[tuple[str, Layer, Shape]]:
    """The recurrent cells inside a layer, with the prefix of their weights and the shape that reaches them."""
    if layer.gate_names:
        yield prefix, layer, inputs[0]
    for part in dict.fromkeys(layer.sublayers(*inputs)):
        yield from _cells(part.layer, part.inputs, f"{prefix}{part.name}/" if part.name else prefix)


def _shapes(shapes: Sequence[Shape]) -> str:
    return " ".join(shown(shape) for shape in shapes)

"""Verify a model: run it in NumPy on random data and compare what was predicted with what is observed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from lstm_shapes.analysis.verify.against import connect
from lstm_shapes.analysis.verify.model_run import ModelRun, Progress
from lstm_shapes.analysis.verify.primes import bindings
from lstm_shapes.analysis.verify.verification import LayerCheck, Verdict, Verification, conclusion, disagreement, merged
from lstm_shapes.graph.shape_inference import Inferred, InferredNode
from lstm_shapes.rules.ties import ties
from lstm_shapes.spec.reading import Reading
from lstm_shapes.symbolic.size import SizeError, fixed, product

if TYPE_CHECKING:
    from lstm_shapes.analysis.verify.against import Missing
    from lstm_shapes.analysis.verify.against.twin import Builder

MAX_MACS = 2_000_000_000
MAX_ELEMENTS = 20_000_000
MAX_STEPS = 100_000
"""Timesteps that recurrent cells compute in all runs: each is a few calls of NumPy, some 40 microseconds."""


def verify(
    reading: Reading,
    *,
    seed: int = 0,
    against: Sequence[str] = (),
    max_macs: int = MAX_MACS,
    max_elements: int = MAX_ELEMENTS,
    max_steps: int = MAX_STEPS,
    progress: Progress | None = None,
) -> Verification:
    """Run a model and compare, layer by layer. Symbols are bound to distinct small primes, twice.

    ``against`` names frameworks in which it is run as well. Raises ``MissingFramework`` where one is not installed,
    ``InvalidValue`` on a name that is none.
    """
    builders, missing = connect(against) if against else ((), ())
    try:
        inferred = reading.inferred
        reason = _unfit(reading, inferred)
        if reason or inferred is None:
            return _verification(reading, seed, "not confirmed", reason)
        caps = Caps(max_macs, max_elements, max_steps)
        verification, runs = _verified(reading, inferred, seed, caps, progress)
        if not against or not runs:
            return verification
        return _compared(verification, builders, missing, runs, progress)
    except SizeError as error:
        return _verification(reading, seed, "not confirmed", str(error))
    except MemoryError:
        return _verification(reading, seed, "not confirmed", "a run does not fit into memory")


def _unfit(reading: Reading, inferred: Inferred | None) -> str:
    """Why a model cannot be run; empty when it can."""
    if inferred is None or reading.unread or not inferred.nodes or None in inferred.shapes:
        return "the spec has mistakes"
    if any(ties(reading, inferred)):
        return "the spec has mistakes"
    if inferred.known:
        return ""
    unknown = [node.name for node in inferred.nodes if node.inputs is not None and not node.known and not node.problems]
    if any(node.problems for node in inferred.nodes):
        return "the shapes do not fit"
    return f"the output shape of {', '.join(unknown[:6])} is not known" if unknown else "what reaches it is not known"


class Caps(NamedTuple):
    """What a verification may take: of a run its products and numbers, of all runs their timesteps."""

    macs: int
    elements: int
    steps: int


def _verified(
    reading: Reading, inferred: Inferred, seed: int, caps: Caps, progress: Progress | None
) -> tuple[Verification, list[ModelRun]]:
    """The outcome, and the runs that were made."""
    bound = list(bindings(inferred))
    if not bound:
        return _verification(reading, seed, "not confirmed", "no small sizes for its symbols fit all layers"), []
    reason = _too_large(inferred, [values for values, _ in bound], caps)
    if reason:
        return _verification(reading, seed, "not confirmed", reason), []
    runs = [
        ModelRun(inferred, numbers, values, seed + number, progress) for number, (values, numbers) in enumerate(bound)
    ]
    layers = tuple(merged(checks) for checks in zip(*(run.layer_checks() for run in runs), strict=True))
    sizes = tuple(values for values, _ in bound)
    return _verification(reading, seed, *conclusion(layers), sizes, layers), runs


def _compared(
    verification: Verification,
    builders: Sequence[Builder],
    missing: Sequence[Missing],
    runs: Sequence[ModelRun],
    progress: Progress | None,
) -> Verification:
    """The outcome with the same runs in frameworks; those ``missing`` are named."""
    from lstm_shapes.analysis.verify.against.comparison import Recorded, compare
    from lstm_shapes.analysis.verify.against.result import Comparison

    reasons = {"declared": "its figures are declared in the file", "disagrees": "its NumPy run differs as well"}
    left_out = {layer.name: reasons[layer.verdict] for layer in verification.layers if layer.verdict in reasons}
    recorded = [Recorded(run.numbers, run.arrays, run.passed, left_out) for run in runs]
    comparisons = [compare(builder, recorded, progress) for builder in builders]
    comparisons += [Comparison(framework=one.name, title=one.title, missing=one.message) for one in missing]
    differs = disagreement(comparisons)
    if not differs:
        return replace(verification, against=tuple(comparisons))
    reason = "; ".join(filter(None, (verification.reason if verification.failed else "", differs)))
    return replace(verification, verdict="disagrees", reason=reason, against=tuple(comparisons))


def _too_large(inferred: Inferred, bound: Sequence[Mapping[str, int]], caps: Caps) -> str:
    """Why runs with these sizes are not made; empty when they are."""
    for values in bound:
        macs = sum(fixed(node.macs, values) for node in inferred.nodes if node.macs is not None)
        if macs > caps.macs:
            return f"a run takes {macs:,} multiply-accumulates, the cap is {caps.macs:,}; --max-macs lifts it"
        elements = sum(_elements(node, values) for node in inferred.nodes)
        if elements > caps.elements:
            return f"a run holds {elements:,} numbers, the cap is {caps.elements:,}; --max-elements lifts it"
    lengths = inferred.model.lengths
    without_padding = sum(set(lengths.steps)) * sum(len(node.cells) for node in inferred.nodes) if lengths else 0
    steps = sum(_steps(node, values) for values in bound for node in inferred.nodes) + len(bound) * without_padding
    if steps > caps.steps:
        return f"the runs take {steps:,} timesteps, the cap is {caps.steps:,}; --max-steps lifts it"
    return ""


def _steps(node: InferredNode, values: Mapping[str, int]) -> int:
    """The timesteps that the cells of a layer compute in a run and in the probes of its weights.

    A recurrent layer is probed with two timesteps; wherever another holds it, with all.
    """
    steps = sum(fixed(cell.inputs[0][1], values) for cell in node.cells if cell.inputs and cell.inputs[0])
    probes = sum(len(cell.layer.weights(*cell.inputs)) * max(1, len(cell.layer.gate_names)) for cell in node.cells)
    return steps + (2 * probes if node.layer.state_names else steps * probes)


def _elements(node: InferredNode, values: Mapping[str, int]) -> int:
    shapes = [*(node.outputs or ()), *(weight.shape for weight in node.layer.weights(*(node.inputs or ())))]
    return sum(fixed(product(shape), values) for shape in shapes)


def _verification(
    reading: Reading,
    seed: int,
    verdict: Verdict,
    reason: str,
    bound: tuple[Mapping[str, int], ...] = (),
    layers: tuple[LayerCheck, ...] = (),
) -> Verification:
    model = reading.model
    return Verification(
        source=reading.document.source,
        name=model.name if model else "",
        framework=model.framework if model else "",
        verdict=verdict,
        reason=reason,
        seed=seed,
        bindings=bound,
        layers=layers,
    )

"""What a model costs to run: multiply-accumulates, FLOPs, bytes of states; and what tools that count report instead.

A tool's convention is data: for each layer type a closed form over ``matrices`` (multiply-accumulates of one use of the
layer's gate matrices), ``projection`` (those of an LSTM's projection), ``unit``, ``bias`` (1 or 0), ``uses`` (how often
the matrices are used) and ``batch``. They were read from the tools' sources and compared with what the tools print
(tests/oracles/test_cost.py). They stand for the PyTorch module with the same settings, which has two biases a gate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from lstm_shapes.graph.shape_inference import Step
from lstm_shapes.layers.base import Layer, known_total
from lstm_shapes.symbolic.size import Shape, Size, bind, names, parse, product, total


class Convention(NamedTuple):
    """How a tool counts: ``tool`` with its release, ``unit`` of its number, a closed form by layer type, and ``says``:
    what it leaves out or gets wrong.
    """

    tool: str
    unit: str
    forms: Mapping[str, str]
    says: str


def _forms(lstm: str, gru: str, rnn: str, dense: str, embedding: str = "0") -> Mapping[str, str]:
    return MappingProxyType({"lstm": lstm, "gru": gru, "rnn": rnn, "dense": dense, "embedding": embedding})


_MATMUL = "uses*(matrices + projection)"

CONVENTIONS: Mapping[str, Convention] = MappingProxyType(
    {
        "matmul": Convention(
            "lstm-shapes",
            "MACs",
            _forms(*(_MATMUL,) * 4),
            "matrix products alone, for the whole batch and all timesteps; biases and pointwise work are not in it",
        ),
        "flops": Convention(
            "PyTorch's FlopCounterMode on the meta device (2.13)",
            "FLOPs",
            _forms(*(f"2*{_MATMUL}",) * 4),
            "2 x matmul; in float32 on a CPU it reports 0 for an LSTM, whose fused kernel it does not know",
        ),
        "torchinfo": Convention(
            "torchinfo 1.8",
            "mult-adds",
            _forms(
                "uses*(matrices + projection + 8*unit*bias)",
                "uses*(matrices + 6*unit*bias)",
                "uses*(matrices + 2*unit*bias)",
                "batch*(matrices + unit*bias)",
                "batch*table",
            ),
            "biases counted as multiply-accumulates; a dense layer once an example, whatever T is; an embedding as if "
            "its whole table were multiplied",
        ),
        "thop": Convention(
            "thop 0.1.1",
            "MACs",
            _forms(
                "uses*(4*unit*(in + unit) + 8*unit + 8*unit*bias)",
                "uses*(matrices + 7*unit + 6*unit*bias)",
                "uses*(matrices + unit + 2*unit*bias)",
                _MATMUL,
            ),
            "bias and pointwise additions counted as multiply-accumulates; proj_size ignored; padded steps counted",
        ),
        "ptflops": Convention(
            "ptflops 0.7.5, backend pytorch",
            "MACs",
            _forms(
                "uses*(matrices + 10*unit + 8*unit*bias)",
                "uses*(matrices + 7*unit + 6*unit*bias)",
                "uses*(matrices + unit + 2*unit*bias)",
                "uses*(matrices + unit*bias)",
            ),
            "bias and pointwise work counted as multiply-accumulates; the projection of proj_size left out; its "
            "default backend, aten, reports 0 for an LSTM",
        ),
        "calflops": Convention(
            "calflops 0.3.2",
            "FLOPs",
            _forms(
                "uses*(2*matrices + 2*unit + 8*unit*bias)",
                "uses*(2*matrices + unit + 6*unit*bias)",
                "uses*(2*matrices - unit + 2*unit*bias)",
                f"2*{_MATMUL}",
            ),
            "its MACs are 0 for recurrent layers; the projection of proj_size left out",
        ),
    }
)


class Cost(NamedTuple):
    """The cost of one layer; None stands for what is not known. ``macs`` in the convention matmul, ``flops`` twice.

    ``state_bytes`` are those of the states between two timesteps, for the whole batch. ``kept`` is an estimate:
    the bytes that training keeps for the way back.
    """

    macs: Size | None
    flops: Size | None
    state_bytes: Size | None
    kept: Size | None


KEPT = "every layer's output, and of each timestep of a recurrent layer its gates and states"
PEAK = "layers run one after another; the parameters stay, a tensor is dropped once it was read"
MOVED = "every parameter and every layer's input and output is moved once"
"""The assumptions of the estimates."""


def cost(steps: Sequence[Step], width: int) -> Cost:
    """The cost of calls, with numbers of ``width`` bytes."""
    macs = known_total(_macs(step) for step in steps)
    return Cost(
        macs=macs,
        flops=None if macs is None else 2 * macs,
        state_bytes=_times(known_total(_state_numbers(step) for step in steps), width),
        kept=_times(known_total(_kept(step) for step in steps), width),
    )


def layers(steps: Sequence[Step], width: int) -> dict[str, Cost]:
    """The cost of each layer by name, all calls of a shared one together."""
    calls: dict[str, list[Step]] = {}
    for step in steps:
        calls.setdefault(step.node.owner or step.node.name, []).append(step)
    return {name: cost(called, width) for name, called in calls.items()}


def reported(steps: Sequence[Step], convention: str) -> Size | None:
    """What a tool reports for these calls; None where its number is not known for one of them."""
    forms = CONVENTIONS[convention].forms
    counts: list[Size | None] = []
    for step in steps:
        if step.inputs is None or step.outputs is None:
            return None
        for leaf, inputs, depth in _leaves(step.node.layer, step.inputs):
            counts.append(_counted(leaf, inputs, forms, depth))
    return known_total(counts)


def peak_bytes(steps: Sequence[Step], width: int) -> int | None:
    """An estimate of the most bytes that inference holds at once (see PEAK); None where sizes are symbols."""
    held = [_numbers(step) for step in steps]
    params = _params(steps)
    if not isinstance(params, int) or not all(isinstance(one, int) for one in held):
        return None
    return (params + max((one for one in held if isinstance(one, int)), default=0)) * width


def intensity(steps: Sequence[Step], width: int) -> tuple[int, int] | None:
    """An estimate (see MOVED): FLOPs, and the bytes that are moved for them; None where sizes are symbols."""
    flops = cost(steps, width).flops
    params = _params(steps)
    moved = known_total([params, *(_numbers(step) for step in steps)])
    return (flops, moved * width) if isinstance(flops, int) and isinstance(moved, int) else None


def _params(steps: Sequence[Step]) -> Size | None:
    own = [step for step in steps if not step.node.shared]
    return known_total(step.node.layer.count(*step.inputs) if step.inputs and step.outputs else None for step in own)


def _times(size: Size | None, width: int) -> Size | None:
    return None if size is None else size * width


def _macs(step: Step) -> Size | None:
    return step.node.layer.macs(*step.inputs) if step.inputs and step.outputs else None


def _numbers(step: Step) -> Size | None:
    """The numbers that go into a call and come out of it, and its states."""
    if step.inputs is None or step.outputs is None:
        return None
    return known_total([*map(product, step.inputs), product(step.outputs[0]), _state_numbers(step)])


def _state_numbers(step: Step) -> Size | None:
    if step.inputs is None or step.outputs is None:
        return None
    return total(
        product(shape) for leaf, inputs, _ in _leaves(step.node.layer, step.inputs) for shape in _states(leaf, inputs)
    )


def _kept(step: Step) -> Size | None:
    if step.inputs is None or step.outputs is None:
        return None
    sizes: list[Size] = [product(step.outputs[0])]
    for leaf, inputs, _ in _leaves(step.node.layer, step.inputs):
        states = _states(leaf, inputs)
        if states:
            each = len(leaf.gate_names) * product(states[0]) + total(map(product, states))
            sizes.append(each * inputs[0][1])
    return total(sizes)


def _states(leaf: Layer, inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
    shapes = getattr(leaf, "state_shapes", None)
    return shapes(inputs[0]) if shapes and leaf.weight_axes() else ()


def _leaves(layer: Layer, inputs: tuple[Shape, ...], depth: int = 0) -> Iterator[tuple[Layer, tuple[Shape, ...], int]]:
    """Every call of a layer that has no parts, with what reaches it and how many layers of its module are below it."""
    parts = layer.sublayers(*inputs)
    if not parts:
        yield layer, inputs, depth
    for part in parts:
        below = part.name.split("/")[0]
        yield from _leaves(part.layer, part.inputs, int(below) if below.isdigit() else 0)


def _counted(leaf: Layer, inputs: tuple[Shape, ...], forms: Mapping[str, str], depth: int) -> Size | None:
    """The closed form with a layer's sizes put in; None for a layer that no form is about."""
    weights = {weight.role: weight for weight in leaf.own_weights(*inputs)}
    if not weights:
        return None if leaf.declared else 0
    form = forms.get(leaf.type)
    if form is None or "peephole" in weights or (depth and "projection" in weights and "in" in _symbols(form)):
        return None
    sizes = leaf.axis_sizes(*inputs)
    matrices = [weight.params for role, weight in weights.items() if weight.contracts and role != "projection"]
    values: dict[str, Size] = {
        "matrices": total(matrices),
        "projection": weights["projection"].params if "projection" in weights else 0,
        "table": total(weight.params for weight in weights.values()),
        "unit": sizes["unit"],
        "in": sizes.get("in", 0),
        "bias": int("bias" in weights),
        "uses": leaf.positions(*inputs),
        "batch": inputs[0][0],
    }
    return bind(_parsed(form), values)


@lru_cache(maxsize=64)
def _parsed(form: str) -> Size:
    return 0 if form == "0" else parse(form)


@lru_cache(maxsize=64)
def _symbols(form: str) -> frozenset[str]:
    return names(_parsed(form))

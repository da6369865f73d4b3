"""What a model costs to run: multiply-accumulates, FLOPs, bytes of states; and what tools that count report instead.

A tool's convention is data: for each layer type a closed form over ``matrices`` (multiply-accumulates at a position of
the layer's gate matrices), ``projection`` (those of an LSTM's projection), ``unit``, ``bias`` (1 or 0), ``positions``
(how often the matrices are multiplied by a vector), ``places`` (the positions of a convolution's output), ``batch``,
``macs`` (all of the layer's), ``trained`` (its weights that training changes), ``numbers`` (of its input) and ``gamma``
(1 or 0). They were read from the tools' sources and compared with what the tools print (tests/oracles/test_cost.py).
They are about the PyTorch module with the same settings, which has two biases a gate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from lstm_shapes.analysis.convention_names import ConventionName
from lstm_shapes.analysis.pooling_counts import POOLING, pooling_reported
from lstm_shapes.frameworks.convolutions import SLIDING, TRANSPOSED
from lstm_shapes.graph.shape_inference import Inferred, InferredNode, infer
from lstm_shapes.layers.base import Call, Layer, known_total
from lstm_shapes.spec.keys import DTYPES
from lstm_shapes.symbolic.size import Shape, Size, bind, names, parse, product, total


class Convention(NamedTuple):
    """How a tool counts: ``tool`` with its release, ``unit`` of its number, a closed form by layer type, and ``says``:
    what it leaves out or gets wrong.
    """

    tool: str
    unit: str
    forms: Mapping[str, str]
    says: str


def _forms(
    lstm: str,
    gru: str,
    rnn: str,
    dense: str,
    embedding: str = "0",
    others: Mapping[str, str] = MappingProxyType({}),
    *,
    sliding: str = "",
    transposed: str = "",
) -> Mapping[str, str]:
    """The forms by type; ``sliding`` is that of convolutions, none where what a tool reports of them is not known."""
    forms = {"lstm": lstm, "gru": gru, "rnn": rnn, "dense": dense, "embedding": embedding, **others}
    forms |= dict.fromkeys(SLIDING, sliding) if sliding else {}
    forms |= dict.fromkeys(TRANSPOSED, transposed) if transposed else {}
    return MappingProxyType(forms)


_POINTWISE = ("batch_normalization", "group_normalization", "layer_normalization", "rms_normalization", "prelu")
_MATMUL = "positions*(matrices + projection)"

CONVENTIONS: Mapping[str, Convention] = MappingProxyType(
    {
        ConventionName.matmul: Convention(
            "lstm-shapes",
            "MACs",
            _forms(*(_MATMUL,) * 4),
            "matrix products only, for the whole batch and all timesteps; biases and pointwise work are not counted",
        ),
        ConventionName.flops: Convention(
            "PyTorch's FlopCounterMode on the meta device (2.13)",
            "FLOPs",
            _forms(
                *(f"2*{_MATMUL}",) * 4,
                others=dict.fromkeys(_POINTWISE, "0") | {"multi_head_attention": "2*macs"},
                sliding=f"2*{_MATMUL}",
                transposed=f"2*{_MATMUL}",
            ),
            "2 x matmul; in float32 on a CPU it reports 0 for an LSTM, whose fused kernel it does not know",
        ),
        ConventionName.torchinfo: Convention(
            "torchinfo 1.8.0",
            "mult-adds",
            _forms(
                "positions*(matrices + projection + 8*unit*bias)",
                "positions*(matrices + 6*unit*bias)",
                "positions*(matrices + 2*unit*bias)",
                "batch*(matrices + unit*bias)",
                "batch*table",
                dict.fromkeys(_POINTWISE, "batch*trained") | {"multi_head_attention": "0"},
                sliding="places*(matrices + unit*bias)",
                transposed="places*(matrices + unit*bias)",
            ),
            "biases counted as multiply-accumulates; a dense layer once an example, whatever T is (later releases "
            "count a Linear at every position); an embedding as if its whole table were multiplied; "
            "nothing of attention",
        ),
        ConventionName.thop: Convention(
            "thop 0.1.1",
            "MACs",
            _forms(
                "positions*(4*unit*(in + unit) + 8*unit + 8*unit*bias)",
                "positions*(matrices + 7*unit + 6*unit*bias)",
                "positions*(matrices + unit + 2*unit*bias)",
                _MATMUL,
                others={
                    **dict.fromkeys(("batch_normalization", "layer_normalization"), "2*numbers*(1 + gamma)"),
                    **dict.fromkeys(("group_normalization", "rms_normalization", "multi_head_attention"), "0"),
                    "prelu": "numbers",
                },
                sliding="places*matrices",
                transposed="places*matrices",
            ),
            "bias and pointwise additions counted as multiply-accumulates, but not those of convolutions; proj_size "
            "ignored; padded steps counted; nothing of attention; a transposed convolution at the places of its output",
        ),
        ConventionName.ptflops: Convention(
            "ptflops 0.7.5, backend pytorch",
            "MACs",
            _forms(
                "positions*(matrices + 10*unit + 8*unit*bias)",
                "positions*(matrices + 7*unit + 6*unit*bias)",
                "positions*(matrices + unit + 2*unit*bias)",
                "positions*(matrices + unit*bias)",
                others={
                    **dict.fromkeys(("batch_normalization", "group_normalization"), "numbers*(1 + gamma)"),
                    **{"layer_normalization": "numbers", "rms_normalization": "0", "prelu": "2*numbers"},
                },
                sliding="places*(matrices + unit*bias)",
                transposed="positions*matrices + places*unit*bias",
            ),
            "bias and pointwise work counted as multiply-accumulates; the projection of proj_size left out; its "
            "default backend, aten, reports 0 for an LSTM",
        ),
        ConventionName.calflops: Convention(
            "calflops 0.3.2",
            "FLOPs",
            _forms(
                "positions*(2*matrices + 2*unit + 8*unit*bias)",
                "positions*(2*matrices + unit + 6*unit*bias)",
                "positions*(2*matrices - unit + 2*unit*bias)",
                f"2*{_MATMUL}",
                sliding="places*(2*matrices + unit*bias)",
            ),
            "its MACs are 0 for recurrent layers; the projection of proj_size left out",
        ),
    }
)


_NONE: Mapping[str, int | None] = MappingProxyType({})
_NOT_KNOWN: Mapping[str, int | None] = MappingProxyType(dict.fromkeys(("softmax", "log_softmax")))
ACTIVATIONS_COUNTED: Mapping[str, Mapping[str, int | None]] = MappingProxyType(
    {
        **dict.fromkeys(CONVENTIONS, _NONE),
        "thop": _NOT_KNOWN,
        "ptflops": MappingProxyType(
            {**_NOT_KNOWN, "relu": 2, "elu": 2, "gelu": 2, "leaky_relu": 1, "relu6": 1, "silu": 1, "softmax": 1}
        ),
        "calflops": MappingProxyType({**_NOT_KNOWN, **dict.fromkeys(("relu", "elu", "gelu", "leaky_relu", "silu"), 1)}),
    }
)
"""What a tool counts for each number in an activation layer, None where that is not known.

ptflops counts some both as module and as function.
"""


class Cost(NamedTuple):
    """The cost of one layer or model; None means not known. ``macs`` in the convention matmul.

    ``flops`` are twice the macs. ``state_bytes`` are those of the states between two timesteps, for the whole batch.
    ``activation_bytes`` is an estimate of the activation memory: what training keeps for the backward pass.
    """

    macs: Size | None
    flops: Size | None
    state_bytes: Size | None
    activation_bytes: Size | None


ACTIVATIONS = "every layer's output, and of each timestep of a recurrent layer its gates and states"
PEAK = "layers run one after another; the parameters stay, a tensor is dropped once it was read"
MOVED = "every parameter and every layer's input and output is moved once"
"""The assumptions of the estimates."""


def cost(nodes: Sequence[InferredNode], width: int) -> Cost:
    """The cost of calls, with numbers of ``width`` bytes."""
    macs = known_total(node.macs for node in nodes)
    return Cost(
        macs=macs,
        flops=_times(macs, 2),
        state_bytes=_times(known_total(map(_state_numbers, nodes)), width),
        activation_bytes=_times(known_total(map(_activations, nodes)), width),
    )


def model_cost(inferred: Inferred) -> Cost:
    """The cost of a model."""
    return cost(inferred.nodes, DTYPES[inferred.model.dtype])


def layers(inferred: Inferred) -> dict[str, Cost]:
    """The cost of each layer by name, all calls of a shared one together."""
    width = DTYPES[inferred.model.dtype]
    return {name: cost(calls, width) for name, calls in inferred.by_owner.items()}


def reported(inferred: Inferred, convention: str) -> Size | None:
    """What a tool reports for a model; None where its number is not known for one of the layers."""
    if not inferred.known:
        return None
    forms = CONVENTIONS[convention].forms
    calls = [(_counted(call, forms, convention), call.times) for node in inferred.nodes for call in node.calls]
    return known_total(None if count is None else count * times for count, times in calls)


def peak_bytes(inferred: Inferred) -> int | None:
    """An estimate of the most bytes that inference holds at once (see PEAK); None where sizes are symbols."""
    numbers = [count for node in inferred.nodes if isinstance(count := _numbers(node), int)]
    if not isinstance(inferred.params, int) or len(numbers) < len(inferred.nodes):
        return None
    return (inferred.params + max(numbers, default=0)) * DTYPES[inferred.model.dtype]


def intensity(inferred: Inferred) -> tuple[int, int] | None:
    """An estimate (see MOVED): FLOPs, and the bytes that are moved for them; None where sizes are symbols."""
    macs, moved = inferred.macs, known_total([inferred.params, *map(_numbers, inferred.nodes)])
    if not isinstance(macs, int) or not isinstance(moved, int):
        return None
    return 2 * macs, moved * DTYPES[inferred.model.dtype]


class Growth(NamedTuple):
    """The model with ``what`` doubled; None where it is no model any more, or a figure is not known."""

    what: str
    params: Size | None
    macs: Size | None


def growth(inferred: Inferred) -> tuple[Growth, ...]:
    """The model as it is, then the same model inferred again with each size doubled: exact, no estimate.

    A size that its inputs do not have is left out.

    >>> from lstm_shapes.api import read
    >>> inferred = read({"input_dim": 8, "layers": [{"type": "lstm", "units": 32}]}).inferred
    >>> [(row.what, row.params, str(row.macs)) for row in growth(inferred)][2:]
    [('2 x timesteps', 5248, '10240*B*T'), ('2 x units', 18688, '18432*B*T')]
    """
    model = inferred.model
    if not model.shapes or None in model.shapes:
        return ()
    shapes = [shape for shape in model.shapes if shape is not None]
    doubled = {"2 x batch": model._replace(shapes=tuple(_doubled(shape, 0) for shape in shapes))}
    if all(len(shape) > 1 for shape in shapes):
        doubled["2 x timesteps"] = model._replace(shapes=tuple(_doubled(shape, 1) for shape in shapes))
    doubled["2 x units"] = model._replace(graph=model.graph.scaled(2))
    return (_growth("as it is", inferred), *(_growth(what, infer(other)) for what, other in doubled.items()))


def _doubled(shape: Shape, axis: int) -> Shape:
    return (*shape[:axis], 2 * shape[axis], *shape[axis + 1 :])


def _growth(what: str, inferred: Inferred) -> Growth:
    return Growth(what, inferred.params, inferred.macs) if inferred.known else Growth(what, None, None)


def _times(size: Size | None, factor: int) -> Size | None:
    return None if size is None else size * factor


def _numbers(node: InferredNode) -> Size | None:
    """The numbers that go into a call and come out of it, and its states."""
    if node.inputs is None or node.outputs is None:
        return None
    return known_total([*map(product, node.inputs), product(node.outputs[0]), _state_numbers(node)])


def _state_numbers(node: InferredNode) -> Size | None:
    if not node.known:
        return None
    return total(
        product(shape) * cell.times for cell in _with_states(node) for shape in cell.layer.state_shapes(cell.inputs[0])
    )


def _with_states(node: InferredNode) -> tuple[Call, ...]:
    """The recurrent layers of a call, or the cell that it is."""
    return node.cells or tuple(call for call in node.calls if call.layer.one_timestep)


def _activations(node: InferredNode) -> Size | None:
    """The numbers that training keeps of a call, as ACTIVATIONS says."""
    if node.outputs is None:
        return None
    sizes: list[Size] = [product(node.outputs[0])]
    for cell in _with_states(node):
        for call in cell.layer.calls(*cell.inputs):
            states = call.layer.state_shapes(call.inputs[0])
            each = len(call.layer.gate_names) * product(states[0]) + total(map(product, states))
            sizes.append(each * (1 if call.layer.one_timestep else call.inputs[0][1]) * cell.times)
    return total(sizes)


def _counted(call: Call, forms: Mapping[str, str], convention: str) -> Size | None:
    """The closed form with a layer's sizes put in; None for a layer that no form is about."""
    layer: Layer = call.layer
    inputs = call.inputs
    if convention == "matmul":
        return layer.macs(*inputs)
    if layer.type in POOLING:
        return pooling_reported(convention, layer, inputs)
    weights = {weight.role: weight for weight in layer.own_weights(*inputs)}
    form = forms.get(layer.type)
    if not weights and form is None:
        if layer.declared or layer.macs(*inputs) != 0:
            return None
        name = layer.field_values().get("activation", layer.type)
        each = ACTIVATIONS_COUNTED[convention].get(name, 0)
        return None if each is None else product(inputs[0]) * each
    projected = "projection" in weights
    if form is None or "peephole" in weights or (call.depth and projected and "in" in _symbols(form)):
        return None
    if convention == "calflops" and layer.field_values().get("padding") == "same":
        return None  # it takes half the zeros for each end, which an even kernel does not have
    sizes = layer.axis_sizes(*inputs)
    unit = sizes["group"] * sizes["filter"] if "group" in sizes else sizes.get("unit", 0)
    matrices = [weight.params for role, weight in weights.items() if weight.contracts and role != "projection"]
    values: dict[str, Size] = {
        "matrices": total(matrices),
        "projection": weights["projection"].params if projected else 0,
        "table": total(weight.params for weight in weights.values()),
        "trained": total(weight.params for weight in weights.values() if weight.trainable),
        "macs": total(size for size in [layer.macs(*inputs)] if size is not None),
        "numbers": product(inputs[0]),
        "gamma": int("gamma" in weights),
        "unit": unit,
        "in": sizes.get("in", 0),
        "bias": int("bias" in weights),
        "positions": layer.positions(*inputs),
        "places": _places(layer, inputs) if "places" in _symbols(form) else 0,
        "batch": inputs[0][0],
    }
    return bind(_parsed(form), values)


def _places(layer: Layer, inputs: tuple[Shape, ...]) -> Size:
    """The positions of a convolution's output, the batch's included."""
    output = layer.outputs(*inputs)[0]
    axis = layer.feature_axis % len(output)
    return product((*output[:axis], *output[axis + 1 :]))


@lru_cache(maxsize=64)
def _parsed(form: str) -> Size:
    return 0 if form == "0" else parse(form)


@lru_cache(maxsize=64)
def _symbols(form: str) -> frozenset[str]:
    return names(_parsed(form))

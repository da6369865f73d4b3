"""Attention beside Keras and PyTorch: weights, shapes, scores, outputs and masks; queries and keys of any length."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

import numpy as np
import pytest

from lstm_shapes import api
from lstm_shapes.graph.numpy_run import run_graph
from lstm_shapes.layers import family
from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.symbolic.size import fixed

from ..profiles import rounds
from .comparison import Array, Shape, assert_same_numbers, carried, floats, named, random_for, weighed
from .keras_twin import twin

keras = pytest.importorskip("keras")
torch = pytest.importorskip("torch")
pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore:.*does not support masking")]


class Case(NamedTuple):
    """A layer, the shapes of query, value and perhaps key, and which of them have a mask."""

    layer: Layer
    shapes: tuple[Shape, ...]
    masked: tuple[bool, ...]

    def __str__(self) -> str:
        return f"{named(self.layer)} {self.shapes} {self.masked}".replace(" ", "")


def masks(draw: Random, count: int, rank: int) -> tuple[bool, ...]:
    return tuple(rank == 3 and draw.random() < 0.4 for _ in range(count))


def single(draw: Random) -> Case:
    """Attention or AdditiveAttention."""
    settings: dict[str, Any] = {"use_scale": draw.random() < 0.5, "causal": draw.random() < 0.3}
    type_ = draw.choice(["attention", "additive_attention"])
    if type_ == "attention":
        settings["score_mode"] = draw.choice(["dot", "dot", "concat"])
    batch, asked, keys, width, other = draw.sample(range(2, 9), 5)
    with_key = draw.random() < 0.5
    value: Shape = (batch, keys, other if with_key else width)
    shapes: tuple[Shape, ...] = ((batch, asked, width), value, *([(batch, keys, width)] * with_key))
    layer = family(type_)(return_attention_scores=draw.random() < 0.5, **settings)
    return Case(layer, shapes, masks(draw, len(shapes), 3))


def several(draw: Random) -> Case:
    """MultiHeadAttention along one axis, or of pictures along some of their axes."""
    batch, asked, keys, width, other, third = draw.sample(range(2, 9), 6)
    settings: dict[str, Any] = {
        "num_heads": draw.randint(1, 4),
        "key_dim": draw.randint(1, 6),
        "value_dim": draw.choice([None, draw.randint(1, 6)]),
        "bias": draw.random() < 0.6,
        "use_gate": draw.random() < 0.2,
        "output_shape": draw.choice([(), (), (5,), (2, 3)]),
        "return_attention_scores": draw.random() < 0.5,
        "dropout": draw.choice([0.0, 0.2]),
    }
    query, value, key = (batch, asked, width), (batch, keys, other), (batch, keys, third)
    if draw.random() < 0.3:
        axes = draw.choice([(), (1,), (2,), (1, 2), (-2,)])
        settings["attention_axes"] = axes
        free = axes == () or axes == (1, 2)
        rows = keys if free or axes == (1,) else asked
        columns = 3 if free or axes in ((2,), (-2,)) else 2
        query, value, key = (batch, asked, 2, width), (batch, rows, columns, other), (batch, rows, columns, third)
    else:
        settings |= {"causal": draw.random() < 0.3, "sliding_window": draw.choice([None, None, 2])}
    shapes: tuple[Shape, ...] = (query, value, key)[: draw.choice([2, 3])]
    return Case(family("multi_head_attention")(**settings), shapes, masks(draw, len(shapes), len(query)))


def random_mask(rng: np.random.Generator, shape: Shape) -> Array:
    """True for at least the first timestep."""
    mask = rng.random(shape[:2]) < 0.6
    mask[:, 0] = True
    return mask


def by_keras(case: Case, real: Any, inputs: list[Array], given: list[Array | None]) -> tuple[list[Array], Any]:
    """The outputs of the real layer, and the mask that it passes on."""
    tensors = [torch.tensor(x) for x in inputs]
    for tensor, mask in zip(tensors, given, strict=True):
        if mask is not None:
            keras.src.backend.set_keras_mask(tensor, torch.tensor(mask))
    layer: Any = case.layer
    extra = {"use_causal_mask": layer.causal, "return_attention_scores": layer.return_attention_scores}
    made = real(*tensors, **extra) if layer.type == "multi_head_attention" else real(tensors, **extra)
    outputs = list(made) if isinstance(made, tuple) else [made]
    return [tensor.detach().numpy() for tensor in outputs], getattr(outputs[0], "_keras_mask", None)


def twin_of(case: Case) -> Any:
    real = twin(case.layer)
    real.build(*case.shapes) if case.layer.type == "multi_head_attention" else real.build(list(case.shapes))
    return real


def name_of(weight: Any) -> str:
    parts = weight.path.split("/")
    return "/".join(parts[1:])


CASES = [
    make(Random(f"{number} {make.__name__}")) for make in (single, several) for number in range(rounds(150, dev=60))
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_attention_agrees_with_keras(case: Case, compared: Callable[[str], None]) -> None:
    rng, layer = random_for(str(case)), case.layer
    real, arrays = twin_of(case), weighed(layer, case.shapes, rng)
    ours = carried("keras", layer, case.shapes, arrays)
    assert [(name_of(w), tuple(w.shape), w.trainable) for w in real.weights] == [
        (tensor.name, tensor.shape, tensor.trainable) for tensor in ours
    ]
    assert real.count_params() == layer.count(*case.shapes)
    real.set_weights(list(ours.values()))
    inputs = [floats(rng, shape) for shape in case.shapes]
    given = [random_mask(rng, shape) if has else None for shape, has in zip(case.shapes, case.masked, strict=True)]
    theirs, mask = by_keras(case, real, inputs, given)
    made, (passed,) = layer.run_masked(Weights(arrays), tuple(inputs), tuple(given))
    assert layer.outputs(*case.shapes) == tuple(array.shape for array in made)
    assert_same_numbers(made, theirs)
    assert (mask is None) == (passed is None)
    compared("keras")


def test_keras_states_scores_with_the_length_of_the_query_for_that_of_the_keys(compared: Callable[[str], None]) -> None:
    """Keras 3.15: the symbolic call states (B, heads, Tq, Tq), the executed layer gives (B, heads, Tq, Tk)."""
    case = Case(
        family("multi_head_attention")(num_heads=2, key_dim=3, return_attention_scores=True),
        ((4, 5, 6), (4, 7, 6)),
        (False, False),
    )
    real = twin_of(case)
    stated = real(*(keras.Input(shape[1:]) for shape in case.shapes), return_attention_scores=True)[1]
    executed = by_keras(case, real, [floats(random_for("scores"), shape) for shape in case.shapes], [None, None])[0][1]
    assert case.layer.outputs(*case.shapes)[1] == executed.shape == (4, 2, 5, 7)
    assert tuple(stated.shape)[1:] != executed.shape[1:], "Keras states them right now: compare what it states"
    compared("keras")


def modules(draw: Random) -> tuple[dict[str, Any], tuple[Shape, ...]]:
    """Arguments of torch.nn.MultiheadAttention, and the shapes of query, value and key in our order."""
    heads, batch, asked, keys = draw.randint(1, 4), *draw.sample(range(2, 7), 3)
    embed = heads * draw.randint(1, 5)
    arguments: dict[str, Any] = {"embed_dim": embed, "num_heads": heads, "bias": draw.random() < 0.6}
    kdim = vdim = embed
    if draw.random() < 0.5:
        kdim, vdim = draw.randint(1, 9), draw.randint(1, 9)
        arguments |= {"kdim": kdim, "vdim": vdim}
    first = arguments["batch_first"] = draw.random() < 0.7
    shapes: tuple[Shape, ...] = ((batch, asked, embed), (batch, keys, vdim), (batch, keys, kdim))
    return arguments, shapes if first else tuple((b, a, c) for a, b, c in shapes)


@pytest.mark.parametrize("number", range(rounds(100, dev=40)))
@pytest.mark.parametrize("averaged", [True, False])
def test_multi_head_attention_agrees_with_torch(number: int, averaged: bool, compared: Callable[[str], None]) -> None:
    arguments, shapes = modules(Random(number))
    rng = random_for(f"{arguments} {shapes}")
    module = torch.nn.MultiheadAttention(**arguments)
    layer = layer_of({**arguments, "average_attn_weights": averaged}, shapes)
    arrays = weighed(layer, shapes, rng)
    ours = carried("torch", layer, shapes, arrays)
    theirs = [(name, tuple(tensor.shape)) for name, tensor in module.named_parameters()]
    assert theirs == [(tensor.name, tensor.shape) for tensor in ours]
    assert sum(tensor.numel() for tensor in module.parameters()) == fixed(layer.count(*shapes) or 0)
    module.load_state_dict({t.name: torch.from_numpy(np.ascontiguousarray(array)) for t, array in ours.items()})
    query, value, key = (floats(rng, shape) for shape in shapes)
    with torch.no_grad():
        made = module(*map(torch.from_numpy, (query, key, value)), average_attn_weights=averaged)
    assert_same_numbers(layer.run(Weights(arrays), query, value, key), [tensor.numpy() for tensor in made])
    assert layer.outputs(*shapes) == tuple(tuple(tensor.shape) for tensor in made)
    compared("torch")


def layer_of(arguments: dict[str, Any], shapes: tuple[Shape, ...]) -> Layer:
    """The layer that a spec with torch's class and arguments has."""
    inputs = dict(zip("qvk", map(list, shapes), strict=True))
    entry = {"type": "nn.MultiheadAttention", "inputs": list(inputs), "need_weights": True, **arguments}
    reading = api.read({"framework": "torch", "inputs": inputs, "layers": [entry]})
    assert not reading.findings
    assert reading.model
    return reading.model.graph.nodes[0].layer


def test_the_numbers_agree_in_float64(compared: Callable[[str], None]) -> None:
    """Keras 3.15 computes attention in float32 on torch."""
    shapes: tuple[Shape, ...] = ((4, 7, 6), (4, 5, 3), (4, 5, 2))
    arguments = {"num_heads": 3, "embed_dim": 6, "kdim": 2, "vdim": 3, "batch_first": True}
    layer, rng = layer_of(arguments, shapes), random_for("float64")
    module = torch.nn.MultiheadAttention(**arguments).double()
    arrays = {key: array.astype("float64") for key, array in weighed(layer, shapes, rng).items()}
    ours = carried("torch", layer, shapes, arrays)
    module.load_state_dict({t.name: torch.from_numpy(np.ascontiguousarray(array)) for t, array in ours.items()})
    query, value, key = (rng.normal(size=shape) for shape in shapes)
    with torch.no_grad():
        theirs = module(*map(torch.from_numpy, (query, key, value)))
    for mine, other in zip(layer.run(Weights(arrays), query, value, key), theirs, strict=True):
        np.testing.assert_allclose(mine, other.numpy(), rtol=1e-10, atol=1e-10)
    compared("torch")


@pytest.mark.parametrize("type_", ["attention", "additive_attention", "multi_head_attention"])
def test_a_model_of_padded_tokens_attends_as_that_of_keras(type_: str, compared: Callable[[str], None]) -> None:
    """Two embeddings with padding, an LSTM on each, attention from one to the other, and a normalization."""
    entry = {"type": type_, "inputs": ["ask", "tell"], "name": "found"}
    entry |= {"num_heads": 2, "key_dim": 3} if type_ == "multi_head_attention" else {"use_scale": True}
    layers: list[dict[str, Any]] = []
    for name, read in (("ask", "q"), ("tell", "v")):
        layers.append(
            {"type": "embedding", "vocab": 7, "units": 4, "mask_zero": True, "inputs": read, "name": f"{name}s"}
        )
        layers.append({"type": "lstm", "units": 5, "return_sequences": True, "name": name})
    layers += [entry, {"type": "layer_normalization"}]
    tokens = {"q": [3, 6], "v": [3, 4]}
    reading = api.read({"inputs": tokens, "layers": layers})
    assert reading.inferred
    rng, arrays = random_for(f"model {type_}"), {}
    entries = {name: keras.Input((shape[1],), dtype="int32") for name, shape in tokens.items()}
    made: dict[str, Any] = dict(entries)
    for node in reading.inferred.nodes:
        assert node.inputs
        real, shapes = twin(node.layer), [tuple(map(fixed, shape)) for shape in node.inputs]
        ours = weighed(node.layer, shapes, rng)
        read = [made[ref.name] for ref in node.node.inputs]
        made[node.name] = real(*read) if node.layer.type == "multi_head_attention" or not read[1:] else real(read)
        real.set_weights(list(carried("keras", node.layer, shapes, ours).values()))
        arrays |= {f"{node.name}/{key}": array for key, array in ours.items()}
    data = [rng.integers(0, 7, size=shape) for shape in tokens.values()]
    for ids in data:
        ids[:, 0] = 1
    theirs = keras.Model(list(entries.values()), made["layer_normalization"])([torch.tensor(ids) for ids in data])
    passed = run_graph(reading.inferred.graph, Weights(arrays), data)
    assert_same_numbers(list(passed.arrays["layer_normalization"]), [theirs.detach().numpy()])
    compared("keras")

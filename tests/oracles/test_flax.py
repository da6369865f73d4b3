"""Flax's recurrent layers, nnx and linen, with our weights: names and shapes of their parameters, outputs, numbers.

A layer of Flax takes a second and more, most of it to compile: the sizes are small and from a small pool.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random
from typing import Any, NamedTuple

import pytest

from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.layers import family
from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.layers.bidirectional import Bidirectional

from .comparison import Array, Shape, assert_same_numbers, carried, floats, named, random_for, sample, weighed

os.environ["JAX_PLATFORMS"] = "cpu"
pytest.importorskip("flax")
pytestmark = pytest.mark.oracle

from flax import linen, nnx  # noqa: E402  # JAX reads the environment when it is imported

CELLS = {
    ("flax", "lstm"): lambda width, units: nnx.OptimizedLSTMCell(width, units, rngs=nnx.Rngs(0)),
    ("flax", "gru"): lambda width, units: nnx.GRUCell(width, units, rngs=nnx.Rngs(0)),
    ("flax", "rnn"): lambda width, units: nnx.SimpleCell(width, units, rngs=nnx.Rngs(0)),
    ("flax-linen", "lstm"): lambda width, units: linen.OptimizedLSTMCell(units),
    ("flax-linen", "gru"): lambda width, units: linen.GRUCell(units),
    ("flax-linen", "rnn"): lambda width, units: linen.SimpleCell(units),
}
MERGES: dict[str, Callable[[Any, Any], Any]] = {
    "sum": lambda a, b: a + b,
    "mul": lambda a, b: a * b,
    "ave": lambda a, b: (a + b) / 2,
}
SHAPES = [(2, 3, 5), (3, 2, 4), (1, 4, 2)]


class Case(NamedTuple):
    """A layer as a framework has it, and what reaches it."""

    framework: str
    layer: Layer
    shape: Shape
    seed: int = 0

    def __str__(self) -> str:
        return f"{self.framework} {named(self.layer)} {named(self.shape)} seed {self.seed}"


def recurrent(draw: Random) -> Case:
    framework, type_ = draw.choice([*CELLS])
    defaults = FRAMEWORKS[framework].defaults[type_]
    layer: Any = family(type_)(units=draw.choice([2, 4]), go_backwards=draw.random() < 0.3, **defaults)
    if draw.random() < 0.4:
        layer = replace(layer, go_backwards=False)
        backward = replace(layer, go_backwards=True)
        merge = draw.choice(["concat", "concat", *MERGES])
        layer = Bidirectional(layer=layer, backward_layer=backward, merge=merge)
    return Case(framework, layer, draw.choice(SHAPES), draw.randrange(10_000))


def module(case: Case) -> Any:
    """Flax's layer."""
    layer, nn = case.layer, {"flax": nnx, "flax-linen": linen}[case.framework]
    if isinstance(layer, Bidirectional):
        merges = {"merge_fn": MERGES[layer.merge]} if layer.merge in MERGES else {}
        ways = [rnn(case, nn, layer.layer) for _ in range(2)]
        more: dict[str, Any] = {"rngs": nnx.Rngs(0)} if nn is nnx else {}
        return nn.Bidirectional(*ways, **merges, **more)
    return rnn(case, nn, layer)


def rnn(case: Case, nn: Any, layer: Any) -> Any:
    """A cell in an RNN."""
    return nn.RNN(CELLS[case.framework, layer.type](case.shape[-1], layer.units), reverse=layer.go_backwards)


def tree(framework: str, made: Any, x: Array) -> dict[str, Any]:
    """The tensors of Flax's layer by path, without linen's collections in front."""
    if framework == "flax":
        flat = nnx.to_flat_state(nnx.state(made, nnx.Any(nnx.Param, nnx.BatchStat)))
        return {"/".join(map(str, path)): variable for path, variable in flat}
    import jax

    flat = jax.tree_util.tree_leaves_with_path(made.init(jax.random.key(0), x))
    return {"/".join(key.key for key in path[1:]): array for path, array in flat}


def called(framework: str, made: Any, tensors: Mapping[str, Array], x: Array) -> Any:
    """The output of Flax's layer with these tensors."""
    if framework == "flax":
        import jax.numpy as jnp

        for path, variable in tree(framework, made, x).items():
            variable.set_value(jnp.asarray(tensors[path]))
        return made(jnp.asarray(x))
    variables: dict[str, Any] = {}
    for path, array in tensors.items():
        collection = "batch_stats" if path in ("mean", "var") else "params"
        *outer, last = [collection, *path.split("/")]
        inner = variables
        for key in outer:
            inner = inner.setdefault(key, {})
        inner[last] = array
    return made.apply(variables, x)


def assert_agrees(case: Case, spoil: str = "") -> None:
    """Compare a layer; ``spoil`` names a tensor that is given in another order."""
    rng = random_for(str(case))
    arrays = weighed(case.layer, [case.shape], rng)
    ours = {tensor.name: array for tensor, array in carried(case.framework, case.layer, [case.shape], arrays).items()}
    x, made = floats(rng, case.shape), module(case)
    theirs = {path: tuple(array.shape) for path, array in tree(case.framework, made, x).items()}
    assert {name: array.shape for name, array in ours.items()} == theirs
    if spoil:
        ours[spoil] = ours[spoil][..., ::-1].copy()
    output = called(case.framework, made, ours, x)
    run = case.layer.run(Weights(arrays), x)
    assert_same_numbers(run, [output])
    assert case.layer.outputs(case.shape) == (tuple(output.shape),)


@pytest.mark.parametrize("case", sample(recurrent, 36, 6), ids=str)
def test_a_recurrent_layer_agrees_with_flax(case: Case, compared: Callable[[str], None]) -> None:
    assert_agrees(case)
    compared("flax")


@pytest.mark.parametrize(
    ("framework", "name"),
    [("flax", "cell/dense_h/kernel"), ("flax-linen", "cell/hn/bias"), ("flax-linen", "cell/ir/kernel")],
)
def test_a_tensor_in_another_order_would_be_noticed(framework: str, name: str) -> None:
    case = Case(framework, family("gru")(units=4, **FRAMEWORKS[framework].defaults["gru"]), SHAPES[0])
    with pytest.raises(AssertionError):
        assert_agrees(case, spoil=name)

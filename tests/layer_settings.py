"""Layers to try a law on: every family in a dozen settings, with symbols, and the distinct primes they are bound to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import MISSING, Field, fields, replace
from functools import cache, partial
from itertools import permutations, product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.graph.block import Block
from lstm_shapes.graph.model import Graph, Node, Ref
from lstm_shapes.layers import FAMILIES, family
from lstm_shapes.layers.base import Layer
from lstm_shapes.layers.stack import stacked
from lstm_shapes.symbolic.size import Shape, bind, fixed, names, symbol

Array = NDArray[Any]
VALUES = {"B": 3, "T": 7, "D": 2, "H": 13, "P": 5, "K": 11, "V": 17}
SPACE = {"B": 3, "X": 7, "Y": 5, "Z": 11, "F": 13, "D": 17, "H": 2}
CONV = {"B": 13, "T": 11, "X": 7, "Y": 5, "Z": 3, "F": 2, "D": 17}
B, T, D, H, P, K, V, X, Y, Z, F = (symbol(name) for name in "B T D H P K V X Y Z F".split())
SEQUENCE: Shape = (B, T, D)
VECTOR: Shape = (B, D)
FLAGS = (False, True)
MERGES = ("concat", "sum", "mul", "ave", "none")
ENDS = [
    {"return_sequences": a, "return_state": b, "go_backwards": c, "bias": d} for a, b, c, d in product(FLAGS, repeat=4)
]


class Case(NamedTuple):
    """A layer, the shapes that reach it, and the numbers that stand for their symbols."""

    layer: Layer
    inputs: tuple[Shape, ...]
    values: dict[str, int] = VALUES

    @property
    def bound(self) -> Case:
        """The same in numbers."""
        shapes = tuple(tuple(bind(size, self.values) for size in shape) for shape in self.inputs)
        return Case(self.layer.bound(self.values), shapes, {})

    @property
    def small(self) -> Case:
        """The same with one example of two timesteps, unless tokens are read, of which each must be seen."""
        return self if self.layer.vocab_size(0) is not None else self._replace(values={**self.values, "B": 1, "T": 2})

    def arrays(self, seed: int = 0) -> dict[str, Array]:
        """Random weights."""
        rng = np.random.default_rng(seed)
        return {
            weight.key: rng.uniform(0.1 if weight.positive else -0.5, 0.5, _numbers(weight.shape))
            for weight in self.bound.layer.weights(*self.bound[1])
        }

    def data(self, seed: int = 1) -> list[Array]:
        """Random inputs; where tokens are read, each token in turn."""
        rng = np.random.default_rng(seed)
        layer, inputs, _ = self.bound
        counts = [layer.vocab_size(index) for index in range(len(inputs))]
        return [
            rng.uniform(-1, 1, _numbers(shape))
            if count is None
            else np.arange(np.prod(_numbers(shape))).reshape(_numbers(shape)) % fixed(count)
            for shape, count in zip(inputs, counts, strict=True)
        ]


@cache
def cases(type_: str) -> tuple[Case, ...]:
    """The cases of a type: its entry in ``SETTINGS``, or what follows from its fields."""
    return tuple(SETTINGS[type_]() if type_ in SETTINGS else from_fields(family(type_)))


def from_fields(layer_class: type[Layer]) -> Iterator[Case]:
    """Every shape that the layer takes, with each field in turn at another value."""
    settings = list(_settings(layer_class))
    shapes = TOKENS if layer_class.reads_tokens else FEATURES
    inputs = layer_class.arity[0]
    taken = [shape for shape in shapes if _takes(layer_class(**settings[0]), (shape,) * inputs)]
    if not taken:
        raise LookupError(f"{layer_class.type} takes no shape that is tried: {ADD_AN_ENTRY}")
    yield from (Case(layer_class(**given), (shape,) * inputs) for given in settings for shape in taken)


def _settings(layer_class: type[Layer]) -> Iterator[dict[str, Any]]:
    """The required fields at their first value, then each field at its other values."""
    values = {field.name: _values(layer_class.type, field) for field in fields(layer_class)}
    first = {name: tried[0] for name, tried in values.items() if tried}
    yield first
    for name, tried in values.items():
        yield from ({**first, name: value} for value in tried[1:])


def _values(type_: str, field: Field[Any]) -> list[Any]:
    """Values for a field: its default and those of its kind; none for a field that is left at its default."""
    kind, required = field.metadata["kind"], field.default is MISSING
    tried = field.metadata["choices"] or KINDS.get(kind, ())
    if required and not tried:
        raise LookupError(f"{type_}: no values to try for {field.name}, a field of kind {kind}: {ADD_AN_ENTRY}")
    return [*tried] if required or not tried else [field.default, *(value for value in tried if value != field.default)]


def _takes(layer: Layer, inputs: tuple[Shape, ...]) -> bool:
    try:
        layer.outputs(*inputs)
    except Mismatch:
        return False
    return True


def plain(type_: str, **settings: Any) -> Any:
    """A layer of a family."""
    return family(type_)(**settings)


def _numbers(shape: Shape) -> list[int]:
    return [fixed(size) for size in shape]


def _recurrent(type_: str, *more: dict[str, Any]) -> Iterator[Case]:
    for number, ends in enumerate(ENDS):
        layer = plain(type_, units=H, **ends, **more[number % len(more)])
        states = tuple((B, width) for width in layer.state_widths) if number % 3 == 0 else ()
        yield Case(layer, (SEQUENCE, *states))


def _cell(type_: str, *more: dict[str, Any]) -> Iterator[Case]:
    """One timestep, from zero and from given states."""
    for number, (bias, given, units) in enumerate(product(FLAGS, FLAGS, (H, K, P))):
        layer = plain(type_, units=units, bias=bias, **more[number % len(more)])
        yield Case(layer, (VECTOR, *((B, units) for _ in layer.state_names if given)))


def _stacked_cells() -> Iterator[Case]:
    """Cells of unequal widths, one to three of them, from zero and from given states."""
    stacks: list[tuple[Layer, ...]] = [
        (plain("lstm_cell", units=H),),
        (plain("gru_cell", units=H), plain("lstm_cell", units=P, bias=False)),
        (plain("rnn_cell", units=P), plain("gru_cell", units=K, reset_after=False), plain("rnn_cell", units=H)),
        (plain("lstm_cell", units=K), plain("lstm_cell", units=P), plain("gru_cell", units=H)),
    ]
    for number, ends in enumerate(ENDS[::2]):
        settings = {name: value for name, value in ends.items() if name != "bias"}
        layer = plain("stacked_cells", cells=stacks[number % 4], **settings)
        for states in ((), tuple((B, width) for width in layer.state_widths)):
            yield Case(layer, (SEQUENCE, *states))


def _convolutional(type_: str, rank: int) -> Iterator[Case]:
    kernels: list[Any] = [2, (3, 2, 1)[:rank], (1, 2, 3)[:rank], 1]
    same = {"padding": "same"}
    moves: list[dict[str, Any]] = [{}, {"strides": 2}, {"dilation_rate": 2, **same}, {"strides": 2, **same}]
    for number, ends in enumerate(ENDS):
        move = moves[number // 4]
        layer = plain(type_, filters=F, kernel_size=kernels[number % 4], **ends, **move)
        space = (X, Y, Z)[:rank]
        if number % 3:
            yield Case(layer, ((B, T, *space, D),), CONV)
        else:
            yield Case(replace(layer, data_format="channels_first"), ((B, T, D, *space),), CONV)


def _sliding(type_: str, rank: int, *more: dict[str, Any]) -> Iterator[Case]:
    """Convolutions in a dozen settings each: moves, padding, formats, groups, a kernel of symbols."""
    kernels: list[Any] = [2, (3, 2, 1)[:rank], (1, 2, 3)[:rank], 3]
    moves: list[dict[str, Any]] = [
        {},
        {"strides": 2, "bias": False},
        {"padding": "same", "strides": (2, 1, 3)[:rank]},
        {"dilation_rate": 2, "activation": "softmax"},
        {"padding": 1, "strides": 3},
        {"padding": ((0, 2), 1, (3, 0))[:rank], "dilation_rate": (1, 2, 1)[:rank]},
    ]
    for number, (data_format, move) in enumerate(product(("channels_last", "channels_first"), moves)):
        settings = {"kernel_size": kernels[number % 4], **move, **more[number % len(more)]}
        channels = D if settings.get("groups", 1) == 1 else settings["groups"] * D
        space = (X, Y, Z)[:rank]
        shape = (B, *space, channels) if data_format == "channels_last" else (B, channels, *space)
        yield Case(plain(type_, data_format=data_format, **settings), (shape,), SPACE)
    yield Case(plain(type_, **{"kernel_size": H, **more[0]}), ((B, *(X, Y, Z)[:rank], D),), SPACE)


def _convolutions(rank: int) -> Iterator[Case]:
    filters = {"filters": F}
    yield from _sliding(f"conv{rank}d", rank, filters, {"filters": 6, "groups": 3})
    space = (X, Y, Z)[:rank]
    for mode in ("reflect", "replicate", "circular"):
        layer = plain(f"conv{rank}d", kernel_size=3, padding=1, padding_mode=mode, **filters)
        yield Case(layer, ((B, *space, D),), SPACE)
    if rank == 1:
        yield Case(plain("conv1d", kernel_size=3, padding="causal", dilation_rate=2, **filters), ((B, X, D),), SPACE)


def _transposed_convolutions(rank: int) -> Iterator[Case]:
    moves: list[dict[str, Any]] = [
        {},
        {"strides": 2, "kernel_size": 1},
        {"padding": "same", "strides": (2, 1, 3)[:rank]},
        {"padding": "same", "strides": 3, "kernel_size": 1},
        {"padding": "same", "strides": 2, "output_padding": 1},
        {"strides": 3, "output_padding": (2, 0, 1)[:rank], "bias": False},
        {"padding": 1, "strides": 2, "output_padding": 0, "kernel_size": 3},
        {"padding": (0, (1, 0), 1)[:rank], "dilation_rate": 2, "output_padding": 0},
        {"groups": 3, "filters": 6, "strides": 2},
    ]
    space = (X, Y, Z)[:rank]
    for number, move in enumerate(moves):
        settings = {"filters": F, "kernel_size": (2, (3, 2, 1)[:rank])[number % 2], **move}
        channels = settings.get("groups", 1) * D
        layer = plain(f"conv{rank}d_transpose", **settings)
        yield Case(layer, ((B, *space, channels),), SPACE)
        if number % 2:
            yield Case(replace(layer, data_format="channels_first"), ((B, channels, *space),), SPACE)


def _spatial(type_: str, rank: int, *ways: dict[str, Any]) -> Iterator[Case]:
    """Each way with the channels last and first, over axes of three primes in as many orders as make a dozen cases."""
    spaces: list[Shape] = [(X, Y, Z)[:rank], (Y, Z, X)[:rank], (Z, X, Y)[:rank]]
    for data_format, space, way in product(("channels_last", "channels_first"), spaces[: 6 // len(ways)], ways):
        shape = (B, *space, D) if data_format == "channels_last" else (B, D, *space)
        yield Case(plain(type_, data_format=data_format, **way), (shape,), SPACE)


def _pooling(kind: str, rank: int) -> Iterator[Case]:
    """Sizes alike and unlike, strides, padding, a last pool beyond the end, a size that is a symbol."""
    sizes: dict[str, Any] = {"pool_size": (3, 2, 1)[:rank]}
    own: list[dict[str, Any]] = [{"pool_size": 3, "dilation_rate": 2, "padding": 1}, {"pool_size": 2, "strides": 3}]
    if kind == "average":
        override = {"divisor_override": F} if rank > 1 else {}
        own = [{"pool_size": 3, "padding": 1, "count_include_pad": True}, {"pool_size": 2, **override}]
    yield from _spatial(
        f"{kind}_pooling{rank}d",
        rank,
        {**sizes, "strides": 2},
        {"pool_size": 2, "padding": "same", "strides": (2, 1, 3)[:rank]},
        {"pool_size": 3, "strides": 2, "ceil_mode": True, "padding": ((0, 1), 1, (1, 0))[:rank]},
        {"pool_size": H},
        *own,
    )


def _bidirectional() -> Iterator[Case]:
    for number, (ends, type_) in enumerate(product(ENDS[::2], ("lstm", "gru"))):
        merge = MERGES[number % 5]
        forward = plain(type_, units=H, **ends)
        width = K if merge in ("concat", "none") else H
        backward = replace(forward, units=width, go_backwards=not forward.go_backwards)
        layer = plain("bidirectional", layer=forward, backward_layer=backward, merge=merge)
        states = (
            tuple((B, size) for cell in (forward, backward) for size in cell.state_widths) if number % 3 == 0 else ()
        )
        yield Case(layer, (SEQUENCE, *states))
    conv = plain("conv_lstm1d", filters=F, kernel_size=3)
    both = plain("bidirectional", layer=conv, backward_layer=replace(conv, go_backwards=True, filters=H))
    yield Case(both, ((B, T, X, D),), {**CONV, "H": 3})


def _time_distributed() -> Iterator[Case]:
    inner = [case for type_ in ("dense", "lstm", "flatten", "bidirectional") for case in cases(type_)[1:13]]
    for layer, (shape, *states), values in inner:
        if not states and len(layer.output_names) == 1:
            yield Case(plain("time_distributed", layer=layer), ((B, 19, *shape[1:]),), values)


def _merging(type_: str) -> Iterator[Case]:
    """Inputs of one shape, then such as are stretched to one."""
    alike: list[Shape] = [SEQUENCE, VECTOR, (B, T, K, D), (B,), (B, H), (B, T, 19)]
    stretched: list[tuple[Shape, ...]] = [
        ((B, T, D), (B, D)),
        ((B, 1, D), (B, T, 1)),
        ((B, T, D), (B, 1, D)),
        ((B, T, K, D), (B, D)),
        ((B, 1), (B, T, D)),
        ((1, T, D), (B, T, D)),
    ]
    count = 2 if type_ == "subtract" else 3
    for shapes in [*((shape,) * count for shape in alike), *stretched]:
        yield Case(plain(type_), shapes)


def _dot() -> Iterator[Case]:
    pairs: list[tuple[tuple[int, ...], Shape, Shape]] = [
        ((-1,), (B, D), (B, D)),
        ((1,), (B, D), (B, D)),
        ((2,), (B, T, D), (B, K, D)),
        ((1,), (B, T, D), (B, T, H)),
        ((2, 1), (B, T, D), (B, D, H)),
        ((1, 2), (B, D), (B, T, D)),
        ((2, 1), (B, T, D), (B, D)),
        ((-1, 1), (B, T, K, D), (B, D, H)),
        ((1, -1), (B, D, T), (B, K, H, D)),
        ((2, 3), (B, T, D, H), (B, K, P, D)),
    ]
    for (axes, x, y), normalize in product(pairs, FLAGS):
        yield Case(plain("dot", axes=axes, normalize=normalize), (x, y))


def _reduced() -> Iterator[Case]:
    for op, axis, keepdims in product(("mean", "sum", "max", "min"), (None, (1,), (-1,), (0, 2), (1, -1)), FLAGS):
        yield Case(plain("reduce", op=op, axis=axis, keepdims=keepdims), ((B, T, D),))


def _elementwise() -> Iterator[Case]:
    for op in ("abs", "exp", "sqrt", "rsqrt", "round"):
        yield Case(plain("elementwise", op=op), ((B, T, D),))
    for op in ("add", "divide", "maximum", "greater"):
        yield Case(plain("elementwise", op=op, value=2.5), ((B, T, D),))
        for x, y in (((B, T, D), (B, T, D)), ((B, T, D), (T, 1)), ((D,), (B, 1, D)), ((B, T, D), ())):
            yield Case(plain("elementwise", op=op), (x, y))


def _gathered() -> Iterator[Case]:
    for axis, indices in product((0, 1, -1), ((0,), (1, -1, 0), (-2, 1, 1, 0))):
        yield Case(plain("gather", axis=axis, indices=indices), ((B, T, D),))
    for axis, indices in product((0, 1, -1), ((K,), (K, P), (B, H))):
        yield Case(plain("gather", axis=axis), ((B, T, D), indices))


def _stacked() -> Iterator[Case]:
    for axis, count, x in product((0, 1, -1), (1, 2, 3), ((B, D), (B, T, D))):
        yield Case(plain("stack", axis=axis), (x,) * count)


def _multiplied() -> Iterator[Case]:
    pairs: list[tuple[Shape, Shape]] = [
        ((T, D), (D, H)),
        ((B, T, D), (B, D, H)),
        ((B, T, D), (D, H)),
        ((T, D), (B, D, H)),
        ((B, K, T, D), (B, K, D, T)),
        ((B, K, T, D), (B, 1, D, P)),
        ((B, 1, T, D), (K, D, P)),
        ((B, T, D), (D,)),
        ((D,), (B, D, H)),
        ((D,), (D,)),
        ((B, 2 * D), (2 * D, 3)),
        ((1, T, D), (B, D, 1)),
    ]
    yield from (Case(plain("matmul"), pair) for pair in pairs)


def _concatenate() -> Iterator[Case]:
    for axis, count in product((1, 2, -1, -2), (1, 2, 3)):
        shapes = [(B, T + n * (axis in (1, -2)), D + n * (axis in (2, -1))) for n in range(count)]
        yield Case(plain("concatenate", axis=axis), tuple(shapes))


def _reshapes() -> Iterator[Case]:
    targets: list[tuple[Any, ...]] = [(-1,), (D, T), (-1, D), (T, -1), (D, -1), (1, T, D), (T, 1, -1), (T * D,)]
    yield from (Case(plain("reshape", target_shape=target), (SEQUENCE,)) for target in targets)
    for target in ((2, -1), (-1, 2), (2, T, D), (D, 2, T)):
        yield Case(plain("reshape", target_shape=target), ((B, 2 * T, D),))


def _permutations() -> Iterator[Case]:
    for dims in ((1, 2), (2, 1)):
        yield Case(plain("permute", dims=dims), (SEQUENCE,))
    for dims in ((1, 2, 3), (1, 3, 2), (2, 1, 3), (2, 3, 1), (3, 1, 2), (3, 2, 1)):
        yield Case(plain("permute", dims=dims), ((B, T, K, D),))
    for dims in ((4, 3, 2, 1), (2, 3, 4, 1), (1, 2, 3, 4), (3, 4, 1, 2)):
        yield Case(plain("permute", dims=dims), ((B, T, K, D, 19),))


def _selected() -> Iterator[Case]:
    for axis, index in product((0, 1, 2, -1), (0, 1, -1, -2)):
        yield Case(plain("select", axis=axis, index=index), ((B, T, D),))
    yield Case(plain("select", axis=1, index=-5), ((B, T, K, D),))


def _sliced() -> Iterator[Case]:
    """Ends within the axis, beyond it, as symbols; every step, forwards and backwards."""
    ends = ((None, 5), (2, None), (1, -1), (-3, None), (-4, -1), (D, None), (None, T - 1), (None, T + 5), (-6, None))
    for (start, stop), step in product(ends, (1, 2, 3)):
        yield Case(plain("slice", axis=1, start=start, stop=stop, step=step), ((B, T, D),))
    for (start, stop), step in product(((None, None), (-1, 2), (4, None), (None, -4), (3, 0)), (-1, -2)):
        yield Case(plain("slice", axis=1, start=start, stop=stop, step=step), ((B, T, D),))
    yield Case(plain("slice", axis=-1, start=1, stop=100, step=2), ((B, T, 7),))


def _split() -> Iterator[Case]:
    for sections in (1, 2, 3):
        yield Case(plain("split", axis=1, sections=sections), ((B, sections * T, D),))
        yield Case(plain("split", axis=-1, sections=sections), ((B, T, sections * D),))
    for sizes in ((D, -1), (-1, 2, D), (1, 1, -1), (T,), (D, T - D), (1, D, T - D - 1), (-1,)):
        yield Case(plain("split", axis=1, sizes=sizes), ((B, T, D),))


def _squeezed() -> Iterator[Case]:
    for axes in ((1,), (-1,), (1, 3), (1, -1), (-3, -1), None):
        yield Case(plain("squeeze", axis=axes), ((B, 1, T, 1),))
        yield Case(plain("squeeze", axis=axes), ((H, 1, D, 1),))
    yield Case(plain("squeeze"), ((B, T, D),))


def _expanded() -> Iterator[Case]:
    for axis, x in product((0, 1, 2, 3, -1, -2, -4), ((B, T, D), (B, T, K, D))):
        yield Case(plain("expand_dims", axis=axis), (x,))


def _transposed() -> Iterator[Case]:
    for axes in permutations(range(3)):
        yield Case(plain("transpose", axes=axes), ((B, T, D),))
    for axes in (None, (3, 0, 1, 2), (0, -1, 1, 2), (0, 1, 3, 2), (-1, -2, -3, -4), (2, 3, 0, 1)):
        yield Case(plain("transpose", axes=axes), ((B, T, K, D),))


def _stack() -> Iterator[Case]:
    cells = [plain("lstm", units=H, proj_size=P), plain("gru", units=H, recurrent_bias=True), plain("rnn", units=H)]
    for number, (cell, depth, ways) in enumerate(product(cells, (1, 2, 3), (1, 2))):
        ends = {"return_sequences": number % 2 == 0, "return_state": number % 4 < 2, "bias": number % 5 < 4}
        layer = stacked(replace(cell, **ends), depth, ways)
        states = tuple((depth * ways, B, width) for width in cell.state_widths) if number % 3 == 0 else ()
        yield Case(layer, (SEQUENCE, *states))
        yield Case(replace(layer, batch_first=False), ((T, B, D), *states))


def _block() -> Iterator[Case]:
    """What is inside reads the block's input, a layer that is called twice, and states."""
    for number, ends in enumerate(ENDS[4:]):
        first = plain(
            ("lstm", "gru", "rnn")[number % 3], units=H, **{**ends, "return_sequences": True, "return_state": True}
        )
        shared = plain("dense", units=K)
        states = tuple(Ref("first", index + 1) for index in range(len(first.state_names)))
        nodes = (
            Node(name="first", layer=first, inputs=(Ref("x"),)),
            Node(name="second", layer=replace(first, **ends), inputs=(Ref("x"),), states=states),
            Node(name="one", layer=shared, inputs=(Ref("first"),)),
            Node(name="two", layer=shared, inputs=(Ref("first"),), owner="one"),
            Node(name="sum", layer=plain("add"), inputs=(Ref("one"), Ref("two"))),
        )
        yield Case(Block(graph=Graph(inputs=("x",), nodes=nodes, outputs=(Ref("sum"), Ref("second")))), (SEQUENCE,))


def _channel_normalization(type_: str, **more: Any) -> Iterator[Case]:
    """Channels on each axis after the batch, with and without what is learned."""
    for number, (center, scale) in enumerate(product(FLAGS, repeat=2)):
        for shape, axis in (((B, T, D), -1), ((B, T, K, H), 3), ((B, H, T), 1), ((B, P, K, T), -3)):
            yield Case(plain(type_, axis=axis, center=center, scale=scale, affine=number > 0, **more), (shape,))


def _group_normalization() -> Iterator[Case]:
    yield from _channel_normalization("group_normalization", groups=1)
    for groups, channels in ((-1, H), (2, 2 * H), (P, P), (P, 3 * P), (3, 3 * P), (D, D * H)):
        yield Case(plain("group_normalization", groups=groups), ((B, T, channels),))
        yield Case(plain("group_normalization", groups=groups, axis=1), ((B, channels, T),))


def _axes_normalization(type_: str, **more: Iterable[Any]) -> Iterator[Case]:
    """An axis, several, in any order, and the sizes of the last ones."""
    ways: list[dict[str, Any]] = [
        *({"axis": axis} for axis in (-1, 3, 2, -2, (2, 3), (-1, -2), (-1, 2))),
        *({"normalized_shape": sizes} for sizes in ((D,), (H, D))),
    ]
    for way, values in product(ways, list(product(*more.values()))):
        settings = {**way, **dict(zip(more, values, strict=True))}
        yield Case(plain(type_, **settings), ((B, T, H, D),))


def _rms_normalization() -> Iterator[Case]:
    for case in _axes_normalization("rms_normalization", affine=FLAGS):
        if _takes(case.layer, case.inputs):  # the last axes alone
            yield case


def _along_axes(type_: str) -> Iterator[Case]:
    for axis in (-1, 1, 0, -2, (1, 2), (-1, 1)):
        yield Case(plain(type_, axis=axis), (SEQUENCE,))
        yield Case(plain(type_, axis=axis), ((B, T, K, D),))


def _prelu() -> Iterator[Case]:
    for shape, axes in product([(B, H, K), (B, P, D, H), (B, K)], [(), (1,)]):
        yield Case(plain("prelu", shared_axes=axes), (shape,))
    for shape, axes in product([(B, T, D), (B, T, H, K)], [(1,), (1, 2)]):
        yield Case(plain("prelu", shared_axes=axes), (shape,))
    for shape, count in (((B, T, D), 1), ((B, H, T), H), ((B, K), K), ((B, H, T, K), H)):
        yield Case(plain("prelu", num_parameters=count), (shape,))


def _maps(type_: str, rank: int) -> Iterator[Case]:
    """What drops feature maps reads pictures or volumes."""
    for rate, format_, time in product((0.0, 0.5), ("channels_last", "channels_first"), (T, 2 * T, P)):
        yield Case(plain(type_, rate=rate, data_format=format_), ((B, time, *(K, H, D)[:rank]),))


def _triples() -> list[tuple[Shape, ...]]:
    """Query and value, and a key: one sequence, or two of different lengths and widths."""
    query, value = (B, T, D), (B, K, D)
    return [(query, query), (query, value), (query, value, value), (query, (B, K, H), value)]


def _attention(type_: str, **fields: Iterable[Any]) -> Iterator[Case]:
    for shapes, values in product(_triples(), list(product(*fields.values()))):
        yield Case(plain(type_, **dict(zip(fields, values, strict=True))), shapes)
    yield Case(plain(type_), ((B, P, T, D), (B, P, K, D)))


def _multi_head_attention() -> Iterator[Case]:
    """In Keras' terms, then in PyTorch's; several axes, each way to limit what is attended to."""
    ways: list[dict[str, Any]] = [
        {"key_dim": H},
        {"key_dim": H, "value_dim": P, "bias": False, "return_attention_scores": True},
        {"key_dim": P, "output_shape": (H,), "causal": True, "use_gate": True},
        {"key_dim": P, "output_shape": (H, P), "sliding_window": 2},
        {"key_dim": H, "average_scores": True, "return_attention_scores": True, "batch_first": False},
    ]
    for way, inputs in product(ways, [*_triples(), ((B, T, D), (B, K, H), (B, K, 19))]):
        if not way.get("batch_first", True):
            inputs = tuple((shape[1], shape[0], shape[2]) for shape in inputs)
        yield Case(plain("multi_head_attention", num_heads=3, **way), inputs)
    heads: dict[str, Any] = {"num_heads": 5, "embed_dim": 5 * P, "return_attention_scores": True}
    wide = (B, T, 5 * P)
    yield Case(plain("multi_head_attention", **heads), (wide, wide))
    yield Case(plain("multi_head_attention", kdim=H, vdim=D, **heads), (wide, (B, K, D), (B, K, H)))
    for axes in ((), (1,), (2,), (-2, 1)):
        box: Shape = (B, T, 19, D)
        layer = plain("multi_head_attention", num_heads=3, key_dim=P, attention_axes=axes, return_attention_scores=True)
        yield Case(layer, (box, box))


def _each(type_: str, shapes: Iterable[Shape], **fields: Iterable[Any]) -> Iterator[Case]:
    """Every shape with every combination of the fields' values."""
    for shape, values in product(shapes, list(product(*fields.values()))):
        yield Case(plain(type_, **dict(zip(fields, values, strict=True))), (shape,))


MARGINS: list[Any] = [(0, 2), ((1, 0), 2), ((1, 2), 0, (0, 3))]
MORE_MARGINS: list[list[Any]] = [[(1, 0), (H, 1)], [(1, 0), ((0, 1), (H, 1))], [(1, 0, 1), ((0, 1), (0, H), 0)]]
"""The ends of one axis, two and three."""
PROJECTED = ({}, {"proj_size": P}, {"peephole": True}, {"proj_size": P, "peephole": True}, {"recurrent_bias": True})
RESET = ({}, {"reset_after": False}, {"reset_after": False, "recurrent_bias": True})
SIMPLE = ({}, {"recurrent_bias": True}, {"activation": "softsign"})
TARGETS: list[Shape] = [(B, T, 7), (B, K), (B, H, P)]
BOXES: list[Shape] = [(B, *sizes[:n]) for n in (1, 2, 3) for sizes in ((T, K, D), (D, H, P), (19, T, V), (K, 2, D))]
TYPES = (*FAMILIES, "module", "model")
"""What the laws are tried on: every family, and what the reader makes of layers: a module of PyTorch, a block."""
DECLARED = ("custom", "operator", "lambda")
"""Types whose output is as the file declares it: they are not run."""
KINDS: dict[str, tuple[Any, ...]] = {
    "size": (P, V),
    "flag": FLAGS,
    "rate": (0.0, 0.2, 0.5),
    "number": (0.0, -1.0, 7.0),
    "number_from_0": (0.0, 0.5),
    "optional_limit": (1.0, 6.0),
    "activation": ("relu", "softmax", "gelu"),
}
"""The kind of a field -> the values that are tried; a choice has its own."""
FEATURES: list[Shape] = [
    *((B, D), (B, H), (B, K), (B, 19)),
    *((B, time, size) for time in (T, 2 * T, P) for size in (D, H, K, 19)),
    *((B, T, K, D), (B, T, D, H), (B, T, P, 19)),
]
TOKENS: list[Shape] = [(B, T), (B, T, K), (B * T,), (B, 2 * T)]
ADD_AN_ENTRY = "add cases of its own to SETTINGS in tests/layer_settings.py"
SETTINGS: dict[str, Callable[[], Iterator[Case]]] = {
    "lstm": lambda: _recurrent("lstm", *PROJECTED),
    "gru": lambda: _recurrent("gru", *RESET),
    "rnn": lambda: _recurrent("rnn", *SIMPLE),
    "lstm_cell": lambda: _cell("lstm_cell", *SIMPLE),
    "gru_cell": lambda: _cell("gru_cell", *RESET),
    "rnn_cell": lambda: _cell("rnn_cell", *SIMPLE),
    "stacked_cells": _stacked_cells,
    "conv_lstm1d": lambda: _convolutional("conv_lstm1d", 1),
    "conv_lstm2d": lambda: _convolutional("conv_lstm2d", 2),
    "conv_lstm3d": lambda: _convolutional("conv_lstm3d", 3),
    **{f"conv{rank}d": partial(_convolutions, rank) for rank in (1, 2, 3)},
    **{f"conv{rank}d_transpose": partial(_transposed_convolutions, rank) for rank in (1, 2, 3)},
    **{f"depthwise_conv{n}d": partial(_sliding, f"depthwise_conv{n}d", n, {}, {"depth_multiplier": F}) for n in (1, 2)},
    **{
        f"separable_conv{n}d": partial(
            _sliding, f"separable_conv{n}d", n, {"filters": F}, {"filters": 3, "depth_multiplier": 2}
        )
        for n in (1, 2)
    },
    **{f"{kind}_pooling{n}d": partial(_pooling, kind, n) for kind in ("max", "average") for n in (1, 2, 3)},
    **{
        f"global_{kind}_pooling{n}d": partial(_spatial, f"global_{kind}_pooling{n}d", n, {}, {"keepdims": True})
        for kind, n in product(("max", "average"), (1, 2, 3))
    },
    **{
        f"adaptive_{kind}_pooling{n}d": partial(
            _spatial,
            f"adaptive_{kind}_pooling{n}d",
            n,
            *({"output_size": size} for size in (3, H, 13, 1, (4, 0, 2)[:n], (0, 7, F)[:n])),
        )
        for kind, n in product(("max", "average"), (1, 2, 3))
    },
    **{
        f"{type_}{n}d": partial(
            _spatial, f"{type_}{n}d", n, *({field: ends} for ends in (0, 1, H, MARGINS[n - 1], *MORE_MARGINS[n - 1]))
        )
        for (type_, field), n in product((("zero_padding", "padding"), ("cropping", "cropping")), (1, 2, 3))
    },
    **{
        f"up_sampling{n}d": partial(
            _spatial,
            f"up_sampling{n}d",
            n,
            *({"size": size} for size in (1, 3, H, (3, 1, 2)[:n], (H, 5, 1)[:n])),
            {"interpolation": "bilinear"} if n == 2 else {"size": 4},
        )
        for n in (1, 2, 3)
    },
    "bidirectional": _bidirectional,
    "time_distributed": _time_distributed,
    "embedding": lambda: _each("embedding", [(B, T), (B, T, K), (B * T,)], vocab=[V], mask_zero=FLAGS, units=(H, P)),
    "repeat_vector": lambda: _each("repeat_vector", [VECTOR, (B, H), (B, 19)], n=(T, 7, K, T + 1)),
    "flatten": lambda: _each("flatten", BOXES),
    "reshape": _reshapes,
    "permute": _permutations,
    "concatenate": _concatenate,
    "add": lambda: _merging("add"),
    "multiply": lambda: _merging("multiply"),
    "average": lambda: _merging("average"),
    "subtract": lambda: _merging("subtract"),
    "maximum": lambda: _merging("maximum"),
    "minimum": lambda: _merging("minimum"),
    "dot": _dot,
    "reduce": _reduced,
    "elementwise": _elementwise,
    "gather": _gathered,
    "stack": _stacked,
    "matmul": _multiplied,
    "operator": lambda: _each(
        "operator", [SEQUENCE], op=("CumSum",), output=TARGETS, declared_macs=(0, 123, H * D, None)
    ),
    "lambda": lambda: _each("lambda", [SEQUENCE], output=TARGETS, declared_macs=(0, 123, H * D, None)),
    "unknown": lambda: _each("unknown", [SEQUENCE, VECTOR, (B, T, K, D)], class_name=("", "A", "B", "C")),
    "custom": lambda: _each("custom", [SEQUENCE], output=TARGETS, params=(0, 123, H * D, None)),
    "select": _selected,
    "slice": _sliced,
    "split": _split,
    "squeeze": _squeezed,
    "expand_dims": _expanded,
    "transpose": _transposed,
    "attention": lambda: _attention("attention", use_scale=FLAGS, score_mode=("dot", "concat"), causal=FLAGS),
    "additive_attention": lambda: _attention(
        "additive_attention", use_scale=FLAGS, causal=FLAGS, return_attention_scores=FLAGS
    ),
    "multi_head_attention": _multi_head_attention,
    "module": _stack,
    "spatial_dropout2d": lambda: _maps("spatial_dropout2d", 2),
    "spatial_dropout3d": lambda: _maps("spatial_dropout3d", 3),
    "softmax": lambda: _along_axes("softmax"),
    "log_softmax": lambda: _along_axes("log_softmax"),
    "unit_normalization": lambda: _along_axes("unit_normalization"),
    "prelu": _prelu,
    "batch_normalization": lambda: _channel_normalization("batch_normalization", momentum=0.5, epsilon=1e-5),
    "group_normalization": _group_normalization,
    "layer_normalization": lambda: _axes_normalization(
        "layer_normalization", center=FLAGS, scale=FLAGS, rms_scaling=FLAGS
    ),
    "rms_normalization": _rms_normalization,
    "model": _block,
}
"""A type -> its cases, where ``from_fields`` would not do: other shapes, several inputs, settings that go together."""


def symbols(case: Case) -> set[str]:
    """The symbols that a case's shapes and weights have."""
    weights = [weight.shape for weight in case.layer.weights(*case.inputs)]
    return {name for shape in (*case.inputs, *weights) for size in shape for name in names(size)}

"""What every layer is: its output shapes, its weights, its NumPy run. All the rest is derived here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

from lstm_shapes.findings.errors import LstmShapesError
from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.findings.route import Route
from lstm_shapes.layers.axes import build
from lstm_shapes.layers.conditions import Condition
from lstm_shapes.layers.settings import Configured
from lstm_shapes.symbolic.formula import Factor, Formula, Term
from lstm_shapes.symbolic.size import Poly, Shape, Size, bind, product, total

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]
    Masks = tuple[Array | None, ...]
    """The mask of each tensor, true where a timestep counts; None for a tensor that has none."""

WIDTHS = ("units", "filters", "proj_size", "embed_dim", "kdim", "vdim", "num_features", "num_channels")
"""The fields that say how wide what a layer passes on is."""
CONTRACTED = frozenset(("in", "state", "key_in", "value_in", "from_head", "from_value"))
"""The axes along which a weight is multiplied and summed: a weight that has one is a matrix, one without is added."""


EACH = "{k}"
"""The part of a path that stands for all layers but the first of a module, where a symbol says how many there are."""


class Weight(NamedTuple):
    """A weight as the layer declares it, independent of any framework: ``axes`` name the ``shape``.

    ``path`` leads through the parts of a composed layer: ``("forward",)``. A weight that is ``positive`` has no numbers
    below 0: a variance. A ``buffer`` is in the state dict and is no parameter. What is not ``read`` has no effect on an
    output. Where a symbol says how many of one shape there are, ``copies`` is that number, and ``each`` says for which
    layers: ``for k = 1..L - 1``.
    """

    path: tuple[str, ...]
    role: str
    axes: str
    shape: Shape
    trainable: bool = True
    positive: bool = False
    buffer: bool = False
    read: bool = True
    copies: Size = 1
    each: str = ""

    @property
    def key(self) -> str:
        """The name under which a run finds the weight's array."""
        return "/".join((*self.path, self.role))

    @property
    def params(self) -> Size:
        """The number of its parameters: of its elements, and none in a buffer."""
        return 0 if self.buffer else self.elements

    @property
    def elements(self) -> Size:
        """The number of its elements: the product of its axes, in all copies."""
        return product(self.shape) * self.copies

    @property
    def buffered(self) -> Size:
        """The number of its elements if it is a buffer, else none."""
        return self.elements if self.buffer else 0

    @property
    def sizes(self) -> dict[str, Size]:
        """Each axis with its size."""
        return dict(zip(self.axes.split(), self.shape, strict=True))

    @property
    def contracts(self) -> bool:
        """Whether the weight is a matrix that is multiplied, not a vector that is added."""
        return _contracts(self.axes)


class NotRunnable(LstmShapesError):
    """The layer's computation is not known, so nothing of it can be confirmed."""


class NotKnown(LstmShapesError):
    """Nothing says what the layer passes on; all that reads it is not known either."""


class Weights:
    """The arrays of one layer's weights in a run, by role; ``part`` steps into a composed layer."""

    def __init__(self, arrays: Mapping[str, Array], prefix: str = "") -> None:
        self._arrays, self._prefix = arrays, prefix

    def __getitem__(self, role: str) -> Array:
        return self._arrays[self._prefix + role]

    def sublayer(self, name: str) -> Weights:
        """The weights of the part called ``name``."""
        return Weights(self._arrays, f"{self._prefix}{name}/")


class Nested(NamedTuple):
    """A graph inside a layer: the route from the layer to it, and the shapes that enter it.

    ``graph`` is a ``model.Graph``; its module knows layers, so layers do not know it.
    """

    route: Route
    graph: Any
    inputs: tuple[Shape | None, ...]


class Sublayer(NamedTuple):
    """A layer inside another, and the shapes that reach it. Sublayers of one name are one layer called again.

    ``route`` leads from the outer layer's settings to those of this one; ``depth`` counts the layers of the same module
    below it; ``times`` is how many such layers follow each other, where a symbol says it.
    """

    name: str
    layer: Layer
    inputs: tuple[Shape, ...]
    trainable: bool = True
    route: Route = ()
    depth: int = 0
    times: Size = 1

    @property
    def path(self) -> tuple[str, ...]:
        """The way to its weights: ``("forward",)``; empty where the outer layer's weights are its own."""
        return tuple(self.name.split("/")) if self.name else ()


class Call(NamedTuple):
    """A call of a layer without sublayers: ``path`` leads to its weights, ``route`` to its settings.

    ``inputs`` are the shapes that reach it; ``depth`` counts the layers of the same module below it, ``times`` those
    like it that follow each other.
    """

    path: tuple[str, ...]
    route: Route
    layer: Any
    inputs: tuple[Shape, ...]
    depth: int = 0
    times: Size = 1

    def inside(self, sublayer: Sublayer) -> Call:
        """The call as the layer that contains the sublayer sees it."""
        path, route = (*sublayer.path, *self.path), (*sublayer.route, *self.route)
        depth, times = sublayer.depth + self.depth, sublayer.times * self.times
        return self._replace(path=path, route=route, depth=depth, times=times)


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class Layer(Configured, ABC):
    """A layer: a value that can be compared and printed; nothing in it changes.

    Methods for that are generated for the families only: on abstract classes they would cost start-up and never run.

    ``inputs`` is always the tuple of shapes that reach it, initial states last. Shapes have the batch axis first.
    """

    type: ClassVar[str]
    arity: ClassVar[tuple[int, int]] = (1, 1)
    """The least and the greatest number of inputs, states not counted."""
    keeps_mask: ClassVar[bool] = False
    """Whether what follows still sees the mask that reached this layer."""
    keeps_last_step: ClassVar[bool] = False
    """Whether the layer reads a sequence and passes on only its last timestep."""
    reads_time: ClassVar[bool] = False
    """Whether axis 1 of the input is time, whatever came before: a recurrent layer steps through it."""
    ends_apart: ClassVar[bool] = False
    """Whether the last states of two directions are passed on: that of timestep T and that of timestep 1."""
    reads_tokens: ClassVar[bool] = False
    """Whether the input has token ids and no feature axis."""
    declared: ClassVar[bool] = False
    """Whether its figures are the author's word, which no run confirms."""
    recurrent: ClassVar[bool] = False
    """Whether the layer itself steps through time and carries states: an LSTM does, a wrapper around one does not."""
    one_timestep: ClassVar[bool] = False
    """Whether it is a cell: one timestep of a recurrent layer, which takes its states and passes on the new ones."""
    common_axes: ClassVar[int] = 1
    """How many leading axes the table's weights have in common: what a formula takes out of the bracket."""

    weight_docs: ClassVar[Mapping[str, str]] = {}
    """What each weight does, by role: one entry for every role that ``weight_axes`` can name."""
    untrained: ClassVar[frozenset[str]] = frozenset()
    """The weights, by role, that training updates by other means than gradients: moving statistics."""
    positive: ClassVar[frozenset[str]] = frozenset()
    """The weights, by role, whose numbers are not below 0: variances."""
    separate_biases: ClassVar[frozenset[str]] = frozenset()
    """The gates whose two biases are not added to each other, so that their sum would compute something else."""
    unread: ClassVar[frozenset[str]] = frozenset()
    """The weights, by role, that no run reads: counters of training."""
    attends: ClassVar[bool] = False
    """Whether it reads a query, a value and a key, which can be one tensor."""
    either: ClassVar[tuple[str, ...]] = ()
    """Fields of which a spec must set exactly one."""
    mixes_time: ClassVar[bool] = False
    """Whether a timestep of the output depends on several of the input without a state: a convolution's does."""
    keeps_time: ClassVar[bool] = True
    """Whether axis 1 of an output that has three axes or more is still time."""

    @property
    def buffer_roles(self) -> frozenset[str]:
        """The weights, by role, that the framework keeps as buffers: in the state dict, and no parameters."""
        return frozenset()

    @property
    def output_names(self) -> tuple[str, ...]:
        """The names of the outputs, the main one first."""
        return ("output",)

    @property
    def time_axis(self) -> int:
        """The axis of the timesteps in what the layer reads: 1, after the batch, except for PyTorch's default."""
        return 1

    @property
    def feature_axis(self) -> int:
        """The axis of the features in what the layer reads: the last, unless its channels stand before the space."""
        return -1

    @property
    def layer_counts(self) -> tuple[Size, ...]:
        """The sizes that say how many layers are inside: a run with small ones confirms as much."""
        return ()

    @property
    def state_names(self) -> tuple[str, ...]:
        """The initial states that the layer takes, in order; none unless it is recurrent."""
        return ()

    @abstractmethod
    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        """The shape of each output. Raises ``Mismatch`` on shapes that the layer cannot take."""

    @abstractmethod
    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        """What the layer passes on and why, in sentences with these sizes; the first follows the output's shape."""

    @abstractmethod
    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        """Each output as an array, computed; ``mask`` is true where a timestep (batch, time) counts."""

    def weight_axes(self) -> Mapping[str, str]:
        """The layer's own weights: role -> axes; ``...`` means all axes of ``axis_sizes``, for any rank."""
        return {}

    def axis_sizes(self, *inputs: Shape) -> Mapping[str, Size]:
        """The size of each axis that ``table`` names."""
        return {}

    def axis_names(self) -> Mapping[str, Factor]:
        """What people call the axes of ``table`` in a formula."""
        return {"in": "input_dim", "unit": "units"}

    def positions(self, *inputs: Shape) -> Size:
        """How often each of the layer's own matrices is multiplied by a vector."""
        return 0

    def sublayers(self, *inputs: Shape) -> tuple[Sublayer, ...]:
        """The layers inside this one, once for each call."""
        return ()

    @property
    def gate_names(self) -> tuple[str, ...]:
        """The gates in the order of our ``gate`` axis; none unless the layer is a gated cell."""
        return ()

    def vocab_size(self, index: int) -> Size | None:
        """How many token ids there are, where input ``index`` is one of tokens; None for an input of numbers."""
        return None

    def nested(self, *inputs: Shape) -> Nested | None:
        """The graph inside this layer, if there is one, with the route to it and the shapes that enter it."""
        return None

    def chosen(self, *inputs: Shape) -> tuple[int, int] | None:
        """The axis and the index of the only position of it that is passed on; None where it is no single one.

        The last position is -1 whatever the size of the axis.
        """
        return None

    def explain_sublayer(self, sublayer: Sublayer) -> str:
        """What reaches a layer inside that is explained by itself; nothing where it is explained as a part of this."""
        return ""

    def mask(self, mask: Array | None, *inputs: Array) -> Array | None:
        """The mask that what follows sees."""
        return mask if self.keeps_mask else None

    def masks(self, masks: Masks, *inputs: Array) -> Masks:
        """The mask of each output, given those of the inputs; outputs beyond the end, as states, have none."""
        return (self.mask(masks[0], *inputs),)

    def run_masked(self, weights: Weights, inputs: tuple[Array, ...], masks: Masks) -> tuple[tuple[Array, ...], Masks]:
        """``run`` where each input may have a mask, and the ``masks`` of the outputs."""
        return self.run(weights, *inputs, mask=masks[0]), self.masks(masks, *inputs)

    def own_weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """The weights of ``table``, sized."""
        return self._own(inputs).weights

    def _own(self, inputs: tuple[Shape, ...]) -> OwnWeights:
        return _sized(self, inputs)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Every weight, those of sublayers after the layer's own, each counted once."""
        once: dict[str, Sublayer] = {}
        for part in self.sublayers(*inputs):
            once.setdefault(part.name, part)
        own = self.own_weights(*inputs)
        return (*own, *(_inside(weight, part) for part in once.values() for weight in part.layer.weights(*part.inputs)))

    def weighted_layers(self, *inputs: Shape) -> Iterable[tuple[tuple[str, ...], Layer]]:
        """The layer, or the layers inside it, that have weights of their own, each with its path."""
        if self.weight_axes():
            yield (), self
        for sublayer in self.sublayers(*inputs):
            for path, layer in sublayer.layer.weighted_layers(*sublayer.inputs):
                yield (*sublayer.path, *path), layer

    def calls(self, *inputs: Shape) -> Iterator[Call]:
        """Every call of an innermost layer: this one, or those inside it at any depth.

        Without ``inputs``, only the layers of wrappers, without what reaches them.
        """
        sublayers = self.sublayers(*inputs)
        if not sublayers:
            yield Call((), (), self, inputs)
        for sublayer in sublayers:
            for call in sublayer.layer.calls(*sublayer.inputs):
                yield call.inside(sublayer)

    def recurrent_calls(self, *inputs: Shape) -> Iterator[Call]:
        """The calls of recurrent layers: one for a plain LSTM or a stack of cells, two for a bidirectional one.

        >>> from lstm_shapes.layers.bidirectional import Bidirectional
        >>> from lstm_shapes.layers.lstm import LSTM
        >>> both = Bidirectional(layer=LSTM(units=4), backward_layer=LSTM(units=2, go_backwards=True))
        >>> [(cell.path, cell.layer.units) for cell in both.recurrent_calls((5, 10, 8))]
        [(('forward',), 4), (('backward',), 2)]
        """
        if self.recurrent:
            yield Call((), (), self, inputs)
            return
        for sublayer in self.sublayers(*inputs):
            for cell in sublayer.layer.recurrent_calls(*sublayer.inputs):
                yield cell.inside(sublayer)

    def count(self, *inputs: Shape) -> Size | None:
        """The number of parameters; None where it is not known."""
        own, parts = self._own(inputs).params, self.sublayers(*inputs)
        if not parts:
            return own
        inner = {part.name: part.layer.count(*part.inputs) for part in parts}
        return known_total([own, *inner.values()])

    def trainable_count(self, *inputs: Shape) -> Size | None:
        """The number of parameters that training changes: all but those of parts that are frozen."""
        if self.trains_all(*inputs):
            return self.count(*inputs)
        parts = self.sublayers(*inputs)
        own = [weight.params for weight in self.own_weights(*inputs) if weight.trainable]
        inner = {part.name: part.layer.trainable_count(*part.inputs) for part in parts if part.trainable}
        return known_total([*own, *inner.values()])

    def trains_all(self, *inputs: Shape) -> bool:
        """Whether training is certain to change every parameter: no layer inside is frozen, no weight ``untrained``."""
        return not self.untrained and not self.sublayers(*inputs)

    def buffer_count(self, *inputs: Shape) -> Size | None:
        """The numbers in buffers, which are not parameters; None where it is not known."""
        own = [weight.buffered for weight in self.own_weights(*inputs)] if self.buffer_roles else []
        inner = {part.name: part.layer.buffer_count(*part.inputs) for part in self.sublayers(*inputs)}
        return known_total([*own, *inner.values()])

    def declared_inputs(self, other: Shape) -> tuple[Shape, ...]:
        """The shapes that its own settings say reach it, where nothing else does; () where they say none.

        ``other`` has sizes for the axes of which they say nothing.
        """
        return ()

    def own_macs(self, *inputs: Shape) -> Size:
        """The multiply-accumulates of the layer's own products, those of layers inside it apart.

        Each of its matrices is multiplied once at each of its ``positions``; attention, which also multiplies its
        inputs by each other, adds to them.
        """
        matrices = self._own(inputs).matrices
        return matrices * self.positions(*inputs) if matrices != 0 else 0

    def macs(self, *inputs: Shape) -> Size | None:
        """Multiply-accumulates of the matrix products, for the whole batch and all timesteps; None if not known.

        Each number of a matrix is multiplied once per use; biases and pointwise work are not in it.
        """
        own, parts = self.own_macs(*inputs), self.sublayers(*inputs)
        return known_total([own, *(part.layer.macs(*part.inputs) for part in parts)]) if parts else own

    def formula(self, *inputs: Shape) -> Formula | None:
        """The number of parameters in the words of the field: every weight the product of its axes.

        None where the words would mean several things: a model inside a layer has a formula per layer.
        """
        sizes = self.axis_sizes(*inputs)
        buffers, words = self.buffer_roles, dict(self.axis_names())
        weights = tuple([axes for role, axes in self.weight_axes().items() if role not in buffers])
        if "..." in weights:
            weights, words = _expanded(weights, sizes), {**{axis: axis for axis in sizes}, **words}
        terms = _terms(weights, tuple(words.items()), self.common_axes)
        values = {word: sizes[axis] for axis, word in words.items() if isinstance(word, str) and axis in sizes}
        formula = Formula(terms, values)
        for part in self.sublayers(*inputs):
            inner = part.layer.formula(*part.inputs)
            if inner is None:
                return None
            formula = formula.plus(inner)
        return formula

    def problems(self, *inputs: Shape) -> tuple[tuple[Route, Mismatch], ...]:
        """Everything wrong with the layer at these inputs, each with the route to the sublayer at fault."""
        try:
            self.outputs(*inputs)
        except Mismatch as mismatch:
            return (((), mismatch),)
        return ()

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        """What the layer itself needs of sizes, layers inside it apart."""
        return iter(())

    def undecided(self, *inputs: Shape) -> Iterator[tuple[Route, Condition]]:
        """The conditions that hold for some values of the symbols, each with the route to its layer's settings."""
        for condition in self.own_conditions(*inputs):
            if condition.holds is None:
                yield (), condition
        for sublayer in self.sublayers(*inputs):
            for route, condition in sublayer.layer.undecided(*sublayer.inputs):
                yield (*sublayer.route, *route), condition

    def bound(self, values: Mapping[str, int]) -> Self:
        """The layer with integers put in for symbols, in its parts as well."""
        return replace(self, **{name: _bound(value, values) for name, value in self.field_values().items()})

    def scaled(self, times: int) -> Self:
        """The layer that passes on ``times`` as many features; its parts as well."""
        values = self.field_values().items()
        return replace(
            self,
            **{name: times * value if name in WIDTHS and value else _scaled(value, times) for name, value in values},
        )


def known_total(sizes: Iterable[Size | None]) -> Size | None:
    """The sum, or None when one of the sizes is not known."""
    terms: list[Size] = []
    for size in sizes:
        if size is None:
            return None
        terms.append(size)
    return terms[0] if len(terms) == 1 else total(terms)


def _inside(weight: Weight, part: Sublayer) -> Weight:
    return weight._replace(path=(*part.path, *weight.path), trainable=weight.trainable and part.trainable)


@lru_cache(maxsize=256)
def _contracts(axes: str) -> bool:
    return not CONTRACTED.isdisjoint(axes.split())


@lru_cache(maxsize=256)
def _terms(weights: tuple[str, ...], words: tuple[tuple[str, Factor], ...], shared: int) -> tuple[Term, ...]:
    """The terms of weights with these axes, in words."""
    names = dict(words)
    return Formula.of(
        [tuple(names.get(axis, axis) for axis in axes.split()) for axes in weights], shared=shared, values={}
    ).terms


class OwnWeights(NamedTuple):
    """The weights that a layer declares itself; their parameters, and those that are matrices."""

    weights: tuple[Weight, ...]
    params: Size
    matrices: Size


@lru_cache(maxsize=4096)
def _sized(layer: Layer, inputs: tuple[Shape, ...]) -> OwnWeights:
    sizes, declared = layer.axis_sizes(*inputs), layer.weight_axes()
    return _of_sizes(type(layer), layer.buffer_roles, tuple(declared.items()), tuple(sizes.items()))


@lru_cache(maxsize=1024)
def _of_sizes(
    family: type[Layer],
    buffers: frozenset[str],
    declared: tuple[tuple[str, str], ...],
    axis_sizes: tuple[tuple[str, Size], ...],
) -> OwnWeights:
    """The weights of these roles and axes: the same for layers that differ in what their weights do not depend on."""
    sizes = dict(axis_sizes)
    axes_of = zip([role for role, _ in declared], _expanded(tuple([axes for _, axes in declared]), sizes), strict=True)
    weights = tuple(
        Weight(
            path=(),
            role=role,
            axes=axes,
            shape=build(axes, sizes),
            trainable=role not in family.untrained,
            positive=role in family.positive,
            buffer=role in buffers,
            read=role not in family.unread,
        )
        for role, axes in axes_of
    )
    return OwnWeights(
        weights,
        params=total(weight.params for weight in weights),
        matrices=total(weight.params for weight in weights if weight.contracts),
    )


def _expanded(weights: tuple[str, ...], sizes: Mapping[str, Size]) -> tuple[str, ...]:
    """The axes of weights with the names put in for ``...``."""
    return tuple(" ".join(sizes) if axes == "..." else axes for axes in weights)


def _scaled(value: Any, times: int) -> Any:
    if isinstance(value, Layer):
        return value.scaled(times)
    return tuple(_scaled(item, times) for item in value) if type(value) is tuple else value


def _bound(value: Any, values: Mapping[str, int]) -> Any:
    if isinstance(value, Layer):
        return value.bound(values)
    if isinstance(value, tuple):
        return tuple(_bound(item, values) for item in value)
    return bind(value, values) if isinstance(value, Poly) else value

"""TimeDistributed: one layer applied to every timestep, with the same weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.findings.route import Route
from lstm_shapes.layers.axes import match
from lstm_shapes.layers.base import Layer, Nested, Sublayer, Weights
from lstm_shapes.layers.conditions import Condition
from lstm_shapes.layers.fields import option
from lstm_shapes.layers.phrases import count_of
from lstm_shapes.layers.wrapper import Wrapper
from lstm_shapes.symbolic.size import Shape, Size, same, shown

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array


@dataclass(frozen=True, kw_only=True)
class TimeDistributed(Wrapper):
    """The timesteps are given to ``layer`` as further examples of the batch; the weights are its own.

    >>> from lstm_shapes.layers.dense import Dense
    >>> TimeDistributed(layer=Dense(units=4)).outputs((5, 10, 8))
    ((5, 10, 4),)
    """

    type: ClassVar[str] = "time_distributed"
    keeps_mask: ClassVar[bool] = True
    reads_time: ClassVar[bool] = True

    layer: Layer = option("layer", "the layer that every timestep passes through")

    @property
    def output_names(self) -> tuple[str, ...]:
        return self.layer.output_names

    @property
    def feature_axis(self) -> int:
        inner = self.layer.feature_axis
        return inner + 1 if inner > 0 else inner

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        self.check_single_output()
        axes = match("batch time ...", inputs[0])
        if len(inputs[0]) < 3:
            message = f"expected at least 3 axes, batch and time and what each timestep has, got {shown(inputs[0])}"
            raise Mismatch(message, kind="wrong-rank", hint="remove time_distributed, or add an axis with expand_dims")
        flat = self.flat(inputs[0])
        inner = self.layer.outputs(flat)
        for shape in inner:
            if not shape or same(shape[0], flat[0]) is False:
                message = (
                    f"expected a layer that keeps the examples on axis 0 inside, got {shown(shape)} of {shown(flat)}"
                )
                raise Mismatch(message, kind="wrong-setting", field="layer", hint="set an axis after the batch inside")
        return tuple((axes["batch"], axes["time"], *shape[1:]) for shape in inner)

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        flat = self.flat(inputs[0])
        yield from (Condition(shape[0], "=", flat[0], "layer") for shape in self.layer.outputs(flat))

    def macs(self, *inputs: Shape) -> Size | None:
        """The multiply-accumulates of the inner layer. Raises ``Mismatch`` unless it has one input and one output."""
        self.check_single_output()
        return super().macs(*inputs)

    def check_single_output(self) -> None:
        """Raise ``Mismatch`` unless the layer inside takes one input and passes on one output, as Keras requires."""
        if self.layer.arity[0] > 1:
            message = f"expected a layer with a single input inside, got {self.layer.type}"
            raise Mismatch(message, kind="wrong-setting", field="layer")
        names, states = self.layer.output_names, self.layer.state_names
        if len(names) > 1:
            message = f"expected a layer with a single output inside, got {', '.join(names)}"
            hint = "set `return_state: false` inside" if names[-1] in states else "join its outputs inside"
            if self.layer.one_timestep:
                hint = f"write `type: {self.layer.type.removesuffix('_cell')}` instead of time_distributed"
            raise Mismatch(message, kind="wrong-setting", field="layer", hint=hint)

    def flat(self, shape: Shape) -> Shape:
        """The shape that reaches the inner layer: batch and time as one axis."""
        return (shape[0] * shape[1], *shape[2:])

    def problems(self, *inputs: Shape) -> tuple[tuple[Route, Mismatch], ...]:
        if len(inputs[0]) < 2 or len(self.output_names) > 1 or self.layer.arity[0] > 1:
            return super().problems(*inputs)
        problems = self.layer.problems(self.flat(inputs[0]))
        told = tuple((("layer", *route), self.told(problem, inputs[0])) for route, problem in problems)
        return told or super().problems(*inputs)

    def told(self, problem: Mismatch, shape: Shape) -> Mismatch:
        """The inner layer's problem, for a reader who sees the whole sequence."""
        message = f"{problem.message}, for each timestep of {shown(shape)}"
        return Mismatch(message, kind=problem.kind, field=problem.field, hint=problem.hint)

    def nested(self, *inputs: Shape) -> Nested | None:
        inner = self.layer.nested(*(self.flat(shape) for shape in inputs[:1] if len(shape) > 1))
        return inner and inner._replace(route=("layer", *inner.route))

    def vocab_size(self, index: int) -> Size | None:
        return self.layer.vocab_size(index)

    def sublayers(self, *inputs: Shape) -> tuple[Sublayer, ...]:
        flat, trained = tuple(map(self.flat, inputs[:1])), "layer" not in self.frozen
        return (Sublayer("", self.layer, flat, trained, route=("layer",)),)

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        flat = self.flat(inputs[0])
        inner = shown(self.layer.outputs(flat)[0])
        return (
            f"each of {count_of(inputs[0][1], 'timestep')} goes through the layer inside, with the same weights",
            f"it takes the timesteps as further examples: {shown(flat)} in, {inner} out; then the time axis returns",
        )

    def explain_sublayer(self, sublayer: Sublayer) -> str:
        return "every timestep of every example as an example of its own"

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        x = inputs[0]
        inner = self.layer.run(weights, x.reshape(-1, *x.shape[2:]))
        return tuple(output.reshape(*x.shape[:2], *output.shape[1:]) for output in inner)

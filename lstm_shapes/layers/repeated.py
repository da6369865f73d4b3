"""Repeated: copies of a layer, one after another, where a symbol says how many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.findings.route import Route
from lstm_shapes.layers.base import Layer, Sublayer, Weight, Weights
from lstm_shapes.layers.conditions import Condition, equal_shapes
from lstm_shapes.layers.fields import option
from lstm_shapes.layers.settings import Path
from lstm_shapes.symbolic.formula import Formula
from lstm_shapes.symbolic.size import Shape, Size, readable, shown

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array, Masks


@dataclass(frozen=True, kw_only=True)
class Repeated(Layer):
    """``times`` copies of ``layer``, each with weights of its own; each reads what the one before passes on.

    The layer must pass on the shape that it reads, unless there is a single copy.

    >>> from lstm_shapes.layers.dense import Dense
    >>> from lstm_shapes.symbolic.size import symbol
    >>> Repeated(layer=Dense(units=8), times=symbol("n")).count((5, 8))
    Poly(72*n)
    """

    layer: Layer = option("layer", "the layer that is repeated")
    times: Size = option("size", "how many copies follow each other")

    @property
    def type(self) -> str:  # type: ignore[override]
        return self.layer.type

    @property
    def arity(self) -> tuple[int, int]:  # type: ignore[override]
        return self.layer.arity

    @property
    def keeps_mask(self) -> bool:  # type: ignore[override]
        return self.layer.keeps_mask

    @property
    def keeps_last_step(self) -> bool:  # type: ignore[override]
        return self.layer.keeps_last_step

    @property
    def reads_time(self) -> bool:  # type: ignore[override]
        return self.layer.reads_time

    @property
    def one_timestep(self) -> bool:  # type: ignore[override]
        return self.layer.one_timestep

    @property
    def ends_apart(self) -> bool:  # type: ignore[override]
        return self.layer.ends_apart

    @property
    def declared(self) -> bool:  # type: ignore[override]
        return self.layer.declared

    @property
    def keeps_time(self) -> bool:  # type: ignore[override]
        return self.layer.keeps_time

    @property
    def derived(self) -> frozenset[str]:  # type: ignore[override]
        return self.layer.derived

    @property
    def output_names(self) -> tuple[str, ...]:
        return self.layer.output_names

    @property
    def state_names(self) -> tuple[str, ...]:
        return self.layer.state_names

    @property
    def time_axis(self) -> int:
        return self.layer.time_axis

    @property
    def feature_axis(self) -> int:
        return self.layer.feature_axis

    @property
    def prototype(self) -> Any:
        return self.layer.prototype

    def vocab_size(self, index: int) -> Size | None:
        return self.layer.vocab_size(index)

    def settings(self) -> dict[Path, Any]:
        return {("repeat",): self.times} | self.layer.settings()

    def changed(self, path: Path, value: Any) -> Self:
        if path == ("repeat",):
            return replace(self, times=value)
        return replace(self, layer=self.layer.changed(path, value))

    def setting_doc(self, name: str) -> str:
        return self.layer.setting_doc(name)

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        outputs = self.layer.outputs(*inputs)
        if isinstance(self.times, int) and self.times > 1 and not self.reads_one(outputs[0]):
            message = f"expected a layer that reads only the copy before it, got one with {len(inputs)} inputs"
            raise Mismatch(message, field="repeat", hint="write `repeat: 1`")
        for condition in self.kept(inputs[0], outputs[0]) if inputs else ():
            if condition.holds is False:
                message = f"expected a layer that passes on the shape that it reads, {shown(inputs[0])}"
                hint = "write `repeat: 1`, or give it the width of its input"
                raise Mismatch(f"{message}, got {shown(outputs[0])}", field="repeat", hint=hint)
        return outputs

    def kept(self, x: Shape, output: Shape) -> Iterator[Condition]:
        """That the next copy can read what one passes on, or that there is a single one."""
        pairs = tuple(equal_shapes(x, output))
        if not self.reads_one(output) or len(x) != len(output) or any(pair.holds is False for pair in pairs):
            yield Condition(self.times, "=", 1, "repeat")
        elif self.times != 1:
            yield from pairs

    def reads_one(self, output: Shape) -> bool:
        """Whether a copy can read what the one before it passes on, and nothing else."""
        try:
            return self.arity[0] <= 1 and bool(self.layer.outputs(output))
        except Mismatch:
            return False

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        yield from self.kept(inputs[0], self.layer.outputs(*inputs)[0])

    def problems(self, *inputs: Shape) -> tuple[tuple[Route, Mismatch], ...]:
        return self.layer.problems(*inputs) or super().problems(*inputs)

    def sublayers(self, *inputs: Shape) -> tuple[Sublayer, ...]:
        if isinstance(self.times, int):
            return tuple(Sublayer(f"copy_{number + 1}", self.layer, inputs) for number in range(self.times))
        return (Sublayer("copy", self.layer, inputs, times=self.times),)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        if isinstance(self.times, int):
            return super().weights(*inputs)
        return tuple(
            weight._replace(path=("copy", *weight.path), axes=f"copy {weight.axes}", shape=(self.times, *weight.shape))
            for weight in self.layer.weights(*inputs)
        )

    def count(self, *inputs: Shape) -> Size | None:
        return self._each(self.layer.count(*inputs))

    def trainable_count(self, *inputs: Shape) -> Size | None:
        return self._each(self.layer.trainable_count(*inputs))

    def buffer_count(self, *inputs: Shape) -> Size | None:
        return self._each(self.layer.buffer_count(*inputs))

    def macs(self, *inputs: Shape) -> Size | None:
        return self._each(self.layer.macs(*inputs))

    def _each(self, figure: Size | None) -> Size | None:
        return None if figure is None else self.times * figure

    def formula(self, *inputs: Shape) -> Formula | None:
        return None

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        return (f"what the last of {readable(self.times)} copies passes on; each reads the one before",)

    def explain_sublayer(self, sublayer: Sublayer) -> str:
        return f"what each of {readable(self.times)} copies reads" if self.layer.nested() else ""

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        return self.run_masked(weights, inputs, (mask, *(None,) * (len(inputs) - 1)))[0]

    def run_masked(self, weights: Weights, inputs: tuple[Array, ...], masks: Masks) -> tuple[tuple[Array, ...], Masks]:
        assert isinstance(self.times, int)
        outputs, passed = inputs, masks
        for number in range(self.times):
            copy = weights.sublayer(f"copy_{number + 1}")
            outputs, passed = self.layer.run_masked(copy, (outputs[0], *inputs[1:]), masks)
            masks = (passed[0] if passed else None, *masks[1:])
        return outputs, passed

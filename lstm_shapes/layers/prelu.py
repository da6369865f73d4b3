"""PReLU: a leaky ReLU whose slopes are learned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.layers.activation import Pointwise
from lstm_shapes.layers.axes import match
from lstm_shapes.layers.base import Weights
from lstm_shapes.layers.conditions import Condition
from lstm_shapes.layers.fields import option, size
from lstm_shapes.layers.phrases import count_of
from lstm_shapes.symbolic.formula import Factor
from lstm_shapes.symbolic.size import Shape, Size, product, readable, shown

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array


@dataclass(frozen=True, kw_only=True)
class PReLU(Pointwise):
    """x above 0, ``alpha * x`` below (He et al. 2015).

    Keras learns a slope for each number of an example, but for ``shared_axes``; PyTorch ``num_parameters``: a slope
    for all, or a slope for each channel of axis 1.

    >>> [PReLU(shared_axes=axes).count((5, 10, 8)) for axes in ((), (1,), (1, 2))]
    [80, 8, 1]
    """

    type: ClassVar[str] = "prelu"
    weight_docs: ClassVar[Mapping[str, str]] = {"alpha": "the slopes below 0"}

    shared_axes: tuple[int, ...] = option(
        "optional_axes", "the axes along which the slope is the same, counted from 0, the batch", ()
    )
    num_parameters: Size | None = size("how many slopes: 1, or one for each channel of axis 1", None)

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        match("batch in ...", inputs[0])
        for axis in self.shared_axes:
            if not 1 <= axis < len(inputs[0]):
                message = f"expected axes after the batch of {shown(inputs[0])}, got {axis}"
                hint = "write `shared_axes: [1]`" + (f", or axes up to {len(inputs[0]) - 1}" * (len(inputs[0]) > 2))
                raise Mismatch(message, kind="wrong-rank", field="shared_axes", hint=hint)
        if self.num_parameters is not None and self.shared_axes:
            message = "expected num_parameters or shared_axes, got both"
            raise Mismatch(message, kind="wrong-setting", field="shared_axes", hint="remove shared_axes")
        for condition in self.own_conditions(*inputs):
            if condition.holds is False:
                channels = readable(inputs[0][1])
                message = f"expected 1 slope or {channels}, a slope a channel of {shown(inputs[0])}"
                got = f"got {readable(condition.left)}"
                raise Mismatch(f"{message}, {got}", field="num_parameters", hint=f"write 1 or {channels}")
        return inputs

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        if self.num_parameters not in (None, 1):
            yield Condition(self.num_parameters, "=", inputs[0][1], "num_parameters", stretched=True)

    def weight_axes(self) -> Mapping[str, str]:
        return {"alpha": "..." if self.num_parameters is None else "channel"}

    def axis_sizes(self, *inputs: Shape) -> Mapping[str, Size]:
        if self.num_parameters is not None:
            return {"channel": self.num_parameters}
        sizes = enumerate(inputs[0][1:], start=1)
        return {f"axis_{axis}": 1 if axis in self.shared_axes else size for axis, size in sizes}

    def axis_names(self) -> Mapping[str, Factor]:
        return {"channel": "num_parameters"}

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        slopes = count_of(product(self.axis_sizes(*inputs).values()), "learned slope")
        return (f"the shape that came in; numbers below 0 are multiplied by {slopes}",)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        import numpy as np

        (x,) = inputs
        alpha = weights["alpha"]
        if self.num_parameters is not None:
            alpha = alpha.reshape(-1, *(1,) * (x.ndim - 2))
        return (np.maximum(x, 0) + alpha * np.minimum(x, 0),)

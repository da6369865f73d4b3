"""Bidirectional: two recurrent layers, one from each end, and how their outputs are merged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.layers.base import Sublayer, Weights
from lstm_shapes.layers.conditions import Condition, decided, equal_shapes
from lstm_shapes.layers.fields import choice, option
from lstm_shapes.layers.phrases import count_of
from lstm_shapes.layers.recurrent import SequenceLayer, check_states, explain_states, state_conditions
from lstm_shapes.layers.settings import Composition, Path
from lstm_shapes.layers.wrapper import Wrapper
from lstm_shapes.symbolic.formula import Formula
from lstm_shapes.symbolic.size import Shape, readable, same, shown

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array, Masks


@dataclass(frozen=True, kw_only=True)
class Bidirectional(Wrapper):
    """Reads a sequence from both ends (Schuster & Paliwal 1997); the directions share no weight.

    The backward half of a sequence is reversed again, so that both halves of a timestep belong to it. Both layers
    are computed: their units may differ. ``merge`` none passes on both outputs.

    >>> from lstm_shapes.layers.lstm import LSTM
    >>> both = Bidirectional(layer=LSTM(units=32), backward_layer=LSTM(units=16, go_backwards=True))
    >>> both.outputs((5, 10, 8))
    ((5, 48),)
    """

    type: ClassVar[str] = "bidirectional"
    reads_time: ClassVar[bool] = True
    ends_apart: ClassVar[bool] = True

    layer: SequenceLayer = option("layer", "the recurrent layer that reads forwards")
    backward_layer: SequenceLayer = option("layer", "the one that reads backwards; default: a copy of layer")
    merge: str = choice("how the two outputs become one", "concat sum mul ave none", "concat", aliases="merge_mode")

    @property
    def keeps_mask(self) -> bool:  # type: ignore[override]
        return self.layer.return_sequences

    @property
    def keeps_last_step(self) -> bool:  # type: ignore[override]
        return not self.layer.return_sequences

    @property
    def output_names(self) -> tuple[str, ...]:
        main = ("forward", "backward") if self.merge == "none" else ("output",)
        return (*main, *self.state_names) if self.layer.return_state else main

    @property
    def feature_axis(self) -> int:
        return self.layer.feature_axis

    @property
    def state_names(self) -> tuple[str, ...]:
        forward = (f"forward_{name}" for name in self.layer.state_names)
        return (*forward, *(f"backward_{name}" for name in self.backward_layer.state_names))

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        self.check_directions()
        x, *given = inputs
        check_states(self.state_names, (*self.layer.state_shapes(x), *self.backward_layer.state_shapes(x)), given)
        (forward, *h), (backward, *k) = self.layer.outputs(x), self.backward_layer.outputs(x)
        if self.merge == "none":
            return (forward, backward, *h, *k)
        alike = all(same(a, b) is not False for a, b in zip(forward[:-1], backward[:-1], strict=True))
        *rest, width = map(decided, zip(forward, backward, strict=True))
        if self.merge == "concat" and alike:
            return ((*rest, forward[-1] + backward[-1]), *h, *k)
        if not alike or same(forward[-1], backward[-1]) is False:
            got = f"{shown(forward)} and {shown(backward)}"
            message = (
                f"expected directions of the same {'width' if alike else 'space'} for merge {self.merge}, got {got}"
            )
            hint = "set `merge: concat`" if alike else "set `merge: none`"
            raise Mismatch(message, kind="merge-mismatch", field="merge", hint=hint)
        return ((*rest, width), *h, *k)

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        x, *given = inputs
        yield from state_conditions((*self.layer.state_shapes(x), *self.backward_layer.state_shapes(x)), given)
        if self.merge != "none":
            forward, backward = self.layer.outputs(x)[0], self.backward_layer.outputs(x)[0]
            compared = -1 if self.merge == "concat" else None
            yield from equal_shapes(forward[:compared], backward[:compared], "merge")

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        forward, backward = self.layer.outputs(inputs[0])[0], self.backward_layer.outputs(inputs[0])[0]
        sentences = [
            self.explain_merge(forward, backward),
            f"one layer reads {count_of(inputs[0][1], 'timestep')} from the first, one from the last; "
            "no weight is shared",
        ]
        if self.layer.return_sequences:
            sentences.append("the backward half is reversed again, so that both halves of a timestep belong to it")
        else:
            sentences.append("each direction passes on the timestep that it reads last: one the last, one the first")
        main = 2 if self.merge == "none" else 1
        return (*sentences, *explain_states(self.output_names[main:], outputs[main:]))

    def explain_merge(self, forward: Shape, backward: Shape) -> str:
        """How the outputs of the directions make the output."""
        f, b = forward[-1], backward[-1]
        match self.merge:
            case "concat":
                widths = f"{readable(f)} + {readable(b)} = {readable(f + b)}"
                return f"both directions side by side (merge concat): {widths}"
            case "none":
                return f"the forward direction; the backward one is a second output (merge none): {shown(backward)}"
            case "ave":
                return f"the mean of both directions (merge ave), so the width stays {readable(f)}"
        done = {"sum": "added", "mul": "multiplied"}[self.merge]
        return f"both directions {done} number by number (merge {self.merge}), so the width stays {readable(f)}"

    @property
    def prototype(self) -> SequenceLayer:
        return self.layer

    def changed(self, path: Path, value: Any) -> Self:
        if path[0] in self.field_values():
            return super().changed(path, value)
        opposite = not value if path == ("go_backwards",) else value
        backward = self.backward_layer.changed(path, opposite)
        return replace(self, layer=self.layer.changed(path, value), backward_layer=backward)

    def setting_doc(self, name: str) -> str:
        return super().setting_doc(name) if name in self.field_values() else self.layer.setting_doc(name)

    def compositions(self) -> tuple[Composition, ...]:
        both = Composition("bidirectional", "true", "false", "a second layer reads from the other end", self.layer)
        if self.merge == "concat":
            return (both,)
        concat = replace(self, merge="concat")
        return (both, Composition("merge", self.merge, "concat", "how the two outputs become one", concat))

    def check_directions(self) -> None:
        """Raise ``Mismatch`` unless the layers read in opposite directions and return the same kind of output."""
        if self.layer.go_backwards == self.backward_layer.go_backwards:
            value = str(not self.layer.go_backwards).lower()
            hint = f"set `go_backwards: {value}` on backward_layer"
            message = "expected layer and backward_layer to read in opposite directions"
            raise Mismatch(message, kind="wrong-setting", field="backward_layer", hint=hint)
        for name in ("return_sequences", "return_state", "stateful"):
            value = getattr(self.layer, name)
            if getattr(self.backward_layer, name) != value:
                message = f"expected {name} to be the same in both directions"
                hint = f"set `{name}: {str(value).lower()}` on backward_layer"
                raise Mismatch(message, kind="wrong-setting", field="backward_layer", hint=hint)

    def sublayers(self, *inputs: Shape) -> tuple[Sublayer, ...]:
        x = inputs[:1]
        return (
            Sublayer("forward", self.layer, x, "layer" not in self.frozen, route=("layer",)),
            Sublayer(
                "backward", self.backward_layer, x, "backward_layer" not in self.frozen, route=("backward_layer",)
            ),
        )

    def formula(self, *inputs: Shape) -> Formula:
        forward = self.layer.formula(inputs[0])
        backward = self.backward_layer.formula(inputs[0])
        if forward == backward:
            return forward.times(2)
        names = {word: f"backward_{word}" for word in backward.values if word != "input_dim"}
        values = {names.get(word, word): value for word, value in backward.values.items()}
        return forward.plus(backward.rename({old: (new,) for old, new in names.items()}, values))

    def masks(self, masks: Masks, *inputs: Array) -> Masks:
        mask = self.mask(masks[0], *inputs)
        return (mask, mask) if self.merge == "none" else (mask,)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        x, *given = inputs
        middle = len(self.layer.state_names) if given else 0
        forward, *h = self.layer.run(weights.sublayer("forward"), x, *given[:middle], mask=mask)
        backward, *k = self.backward_layer.run(weights.sublayer("backward"), x, *given[middle:], mask=mask)
        if self.layer.return_sequences:
            if mask is not None:
                forward, backward = _unpadded(self.layer, forward, mask), _unpadded(self.backward_layer, backward, mask)
            backward = backward[:, ::-1]
        if self.merge == "none":
            return (forward, backward, *h, *k)
        return (_MERGES[self.merge](forward, backward), *h, *k)


def _unpadded(layer: SequenceLayer, sequence: Array, mask: Array) -> Array:
    """Zeros where ``mask`` is false: Keras sets ``zero_output_for_mask`` on both directions."""
    import numpy as np

    counts = mask[:, ::-1] if layer.go_backwards else mask
    counts = counts.reshape(counts.shape + (1,) * (sequence.ndim - counts.ndim))
    return np.where(counts, sequence, np.zeros_like(sequence))


def _concatenated(a: Array, b: Array) -> Array:
    import numpy as np

    return np.concatenate([a, b], axis=-1)


_MERGES: Mapping[str, Callable[[Array, Array], Array]] = {
    "concat": _concatenated,
    "sum": lambda a, b: a + b,
    "mul": lambda a, b: a * b,
    "ave": lambda a, b: (a + b) / 2,
}

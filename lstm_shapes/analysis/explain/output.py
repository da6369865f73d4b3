"""What leaves a layer and why, in plain words with the sizes of this model. One function a family."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lstm_shapes.layers.base import Layer
from lstm_shapes.symbolic.size import Shape, Size, product, readable, shown


def passes_on(layer: Layer, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
    """Sentences on the outputs of a layer, the main one first.

    >>> from lstm_shapes.layers.lstm import LSTM
    >>> passes_on(LSTM(units=32), ((5, 10, 8),), ((5, 32),))[0]
    '(5, 32): the hidden state after the last of 10 timesteps alone (return_sequences is false): no time axis is left'
    """
    known: Any = layer
    if hasattr(layer, "gates"):
        return _cell(known, inputs, outputs)
    if hasattr(layer, "first"):
        return _stack(known, inputs, outputs)
    say: Callable[..., list[str]] = _WORDS.get(layer.type, _same)
    said = say(known, inputs, outputs)
    return (f"{shown(outputs[0])}: {said[0]}", *said[1:])


def _cell(layer: Any, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
    first, *_ = inputs
    time, width = first[1], layer.width
    named = "filters" if hasattr(layer, "filters") else "units" if width == layer.units else "proj_size"
    lines = [f"{shown(outputs[0])}: the hidden state {_when(layer, time)}"]
    where = " at each position" if hasattr(layer, "filters") else ""
    lines.append(
        f"{named} is {readable(width)}: the hidden state has {_numbers(width)}{where}, at any number of timesteps"
    )
    if hasattr(layer, "filters"):
        came, left = shown(first[2:-1]), shown(layer.space(first))
        kernel = f"kernel_size {_listed(layer.kernel_size)}, strides {_listed(layer.strides)}, padding {layer.padding}"
        lines.append(f"the space {came} becomes {left}: {kernel}, dilation_rate {_listed(layer.dilation_rate)}")
    lines.append(f"one cell is applied {_times(time)}, each time with the same weights")
    return (*lines, *_states(layer, outputs))


def _when(layer: Any, time: Size) -> str:
    if layer.return_sequences:
        order = ", the last timestep first (go_backwards)" if layer.go_backwards else ""
        return f"after each of {_steps(time)} (return_sequences is true){order}"
    last = f"the last of {_steps(time)}"
    if layer.go_backwards:
        last = "the first timestep, which it reads last (go_backwards),"
    return f"after {last} alone (return_sequences is false): no time axis is left"


def _states(layer: Any, outputs: tuple[Shape, ...], before: int = 1) -> tuple[str, ...]:
    names = layer.output_names[before:]
    if not names:
        return ()
    listed = ", ".join(f"{name} {shown(shape)}" for name, shape in zip(names, outputs[before:], strict=True))
    return (f"as well, the last state{'s' * (len(names) > 1)} (return_state is true): {listed}",)


def _stack(layer: Any, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
    time, width, ways = inputs[0][1], layer.first.width, len(layer.layers[-1])
    depth = len(layer.layers)
    whose = f"the top one of {depth} layers" if depth > 1 else "the layer"
    when = f"after each of {_steps(time)}" if layer.return_sequences else "at the last timestep alone"
    lines = [f"{shown(outputs[0])}: the hidden state of {whose} {when}"]
    named = "units" if width == layer.first.units else "proj_size"
    has = f"the hidden state of a direction has {_numbers(width)}" if ways > 1 else f"it has {_numbers(width)}"
    lines.append(f"{named} is {readable(width)}: {has}, at any number of timesteps")
    if ways > 1:
        lines.append(
            f"forward and backward side by side: {readable(width)} + {readable(width)} = {readable(2 * width)}"
        )
    if depth > 1:
        reads = f"{readable(width)} numbers" if ways == 1 else f"both directions, {readable(ways * width)} numbers"
        lines.append(f"each layer but the first reads what the one below passes on: {reads} a timestep")
    if layer.return_state:
        rows = f"{depth} layer{'s' * (depth > 1)} x {ways} direction{'s' * (ways > 1)} = {depth * ways}"
        names = ", ".join(f"{n} {shown(s)}" for n, s in zip(layer.state_names, outputs[1:], strict=True))
        lines.append(f"as well, the last states: {names}; their first axis counts {rows}")
    return tuple(lines)


def _bidirectional(layer: Any, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> list[str]:
    forward, backward = layer.layer.outputs(inputs[0])[0], layer.backward_layer.outputs(inputs[0])[0]
    f, b = readable(forward[-1]), readable(backward[-1])
    merged = {
        "concat": f"both directions side by side (merge concat): {f} + {b} = {readable(outputs[0][-1])}",
        "sum": f"both directions added number by number (merge sum), so the width stays {f}",
        "mul": f"both directions multiplied number by number (merge mul), so the width stays {f}",
        "ave": f"the mean of both directions (merge ave), so the width stays {f}",
        "none": f"the forward direction; the backward one leaves by itself (merge none): {shown(backward)}",
    }
    time = inputs[0][1]
    lines = [
        merged[layer.merge],
        f"one layer reads {_steps(time)} from the first, one from the last; no weight is shared",
    ]
    if layer.layer.return_sequences:
        lines.append("the backward half is turned round again, so that both halves of a timestep belong to it")
    else:
        lines.append("each direction passes on the step that it reads last: one the last timestep, one the first")
    return [*lines, *_states(layer, outputs, 2 if layer.merge == "none" else 1)]


def _dense(layer: Any, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> list[str]:
    first = inputs[0]
    lines = [f"units, {readable(layer.units)}, takes the place of the last axis, {readable(first[-1])}"]
    if len(first) > 2:
        lines.append(f"at each of the {readable(product(first[1:-1]))} positions of an example, with the same weights")
    if layer.activation != "linear":
        lines.append(f"{layer.activation} is applied to the result")
    return lines


def _embedding(layer: Any, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> list[str]:
    vocab, units = readable(layer.vocab), readable(layer.units)
    return [
        f"each token id becomes one of the {vocab} rows of a table, {_numbers(layer.units)}: a last axis of {units}"
    ]


def _time_distributed(layer: Any, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> list[str]:
    flat = layer.flat(inputs[0])
    inner = shown(layer.layer.outputs(flat)[0])
    return [
        f"each of {_steps(inputs[0][1])} goes through the layer inside, with the same weights",
        f"it takes the timesteps for further examples: {shown(flat)} in, {inner} out, then the time axis is put back",
    ]


def _concatenate(layer: Any, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> list[str]:
    axis = layer.axis % len(inputs[0])
    parts = " + ".join(readable(shape[axis]) for shape in inputs[:8])
    more = " + ..." if len(inputs) > 8 else ""
    return [f"{len(inputs)} inputs side by side along axis {axis}: {parts}{more} = {readable(outputs[0][axis])}"]


def _merge(verb: str) -> Callable[..., list[str]]:
    return lambda layer, inputs, outputs: [f"{len(inputs)} inputs {verb}, number by number"]


def _repeat(layer: Any, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> list[str]:
    return [f"the same {_numbers(inputs[0][-1])} at each of {_steps(layer.n)}: a time axis is put in"]


def _flatten(layer: Any, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> list[str]:
    parts = " * ".join(_bracketed(size) for size in inputs[0][1:])
    return [
        f"all axes behind the batch as one: {parts} = {readable(outputs[0][1])}" if parts else "an axis of 1 is added"
    ]


def _reshape(layer: Any, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> list[str]:
    return [f"the same {readable(product(inputs[0][1:]))} numbers an example, in other axes"]


def _permute(layer: Any, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> list[str]:
    return [f"the axes behind the batch in the order {', '.join(map(str, layer.dims))}"]


def _same(layer: Any, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> list[str]:
    return ["the shape that came in"]


def _dropped(what: str) -> Callable[..., list[str]]:
    return lambda layer, inputs, outputs: [f"the shape that came in; {what}"]


def _activation(layer: Any, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> list[str]:
    return [f"the shape that came in; {layer.activation} is applied"]


def _masking(layer: Any, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> list[str]:
    value = f"{layer.mask_value:g}"
    return [f"the shape that came in; timesteps whose features all equal {value} do not count for what follows"]


def _custom(layer: Any, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> list[str]:
    return ["declared by its author, not computed"]


def _model(layer: Any, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> list[str]:
    names = [ref.name for ref in layer.graph.outputs]
    return [f"what {' and '.join(names[:6])} inside it passes on"]


_WORDS: Mapping[str, Callable[..., list[str]]] = {
    "bidirectional": _bidirectional,
    "dense": _dense,
    "embedding": _embedding,
    "time_distributed": _time_distributed,
    "concatenate": _concatenate,
    "add": _merge("added"),
    "multiply": _merge("multiplied"),
    "average": _merge("averaged"),
    "subtract": lambda layer, inputs, outputs: ["the first input less the second, number by number"],
    "repeat_vector": _repeat,
    "flatten": _flatten,
    "reshape": _reshape,
    "permute": _permute,
    "dropout": _dropped("numbers are dropped in training alone"),
    "spatial_dropout1d": _dropped("whole features are dropped in training alone"),
    "gaussian_dropout": _dropped("it is multiplied by noise in training alone"),
    "alpha_dropout": _dropped("numbers are dropped in training alone"),
    "gaussian_noise": _dropped("noise is added in training alone"),
    "activation": _activation,
    "masking": _masking,
    "custom": _custom,
    "model": _model,
}


def _steps(time: Size) -> str:
    return "1 timestep" if time == 1 else f"{readable(time)} timesteps"


def _times(time: Size) -> str:
    return "once" if time == 1 else f"{readable(time)} times"


def _numbers(width: Size) -> str:
    return "1 number" if width == 1 else f"{readable(width)} numbers"


def _bracketed(size: Size) -> str:
    text = readable(size)
    return f"({text})" if " " in text or "//" in text else text


def _listed(value: int | tuple[int, ...]) -> str:
    return str(value) if isinstance(value, int) else " x ".join(map(str, value))

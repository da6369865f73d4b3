"""The key ``lengths``: the timesteps of each example of a padded batch."""

from __future__ import annotations

from typing import Any

from lstm_shapes.graph.lengths import packed
from lstm_shapes.graph.model import Lengths
from lstm_shapes.graph.shape_inference import Inferred
from lstm_shapes.spec.context import Context
from lstm_shapes.spec.values import quoted
from lstm_shapes.symbolic.size import Shape, Size, readable, shown

EXAMPLE = "write `lengths: [10, 7, 3, 1]`: a number of timesteps for each example"


def read_steps(context: Context, data: dict[Any, Any]) -> tuple[int, ...]:
    """The timesteps of each example; () where they are not set, or not readable."""
    if "lengths" not in data:
        return ()
    value = data["lengths"]
    if not isinstance(value, list) or not value:
        message = f"lengths: expected a list of timesteps, one number an example, got {quoted(value)}"
        context.errors.add("wrong-value", message, ("lengths",), EXAMPLE)
        return ()
    wrong = [place for place, steps in enumerate(value) if type(steps) is not int or steps < 1]
    for place in wrong:
        message = f"lengths: expected a whole number of timesteps from 1 on, got {quoted(value[place])}"
        context.errors.add("wrong-value", message, ("lengths", place), EXAMPLE)
    return () if wrong else tuple(value)


def read_lengths(
    context: Context,
    data: dict[Any, Any],
    steps: tuple[int, ...],
    names: tuple[str, ...],
    shapes: tuple[Shape | None, ...],
    axes: tuple[int, int],
) -> Lengths | None:
    """The lengths, where they fit the input; ``axes`` are those of the batch and of the timesteps in it."""
    if not steps:
        return None
    if len(names) != 1:
        got = f"the inputs are {', '.join(names)}" if names else "nothing is known of the inputs"
        message = f"lengths: {got}, and it is not clear whose timesteps are meant"
        context.errors.add(
            "conflicting-keys", message, ("lengths",), "remove it, or give the model one input", key=True
        )
        return None
    shape = shapes[0]
    if shape is None:
        return None
    if len(shape) <= max(axes):
        message = f"lengths: the input {shown(shape)} has no timesteps"
        context.errors.add("conflicting-keys", message, ("lengths",), "remove it", key=True)
        return None
    fitting = (
        _fits(context, data, "batch", shape[axes[0]], len(steps), f"{len(steps)} examples"),
        _fits(context, data, "timesteps", shape[axes[1]], max(steps), f"up to {max(steps)} timesteps"),
    )
    return Lengths(steps, *axes) if all(fitting) else None


def _fits(context: Context, data: dict[Any, Any], key: str, size: Size, least: int, meant: str) -> bool:
    """Whether the batch is as large as the lengths say, and the timesteps as many or more."""
    if isinstance(size, int) and (size == least or (key == "timesteps" and size > least)):
        return True
    here = key if key in data else "inputs" if "inputs" in data else "lengths"
    where = f"{key}: {least}" if here != "inputs" else f"{least} for the {key} in the shape of the input"
    verb = "is" if key == "batch" else "are"
    message = f"lengths: expected {_expected(key, size)}, got {meant}: the {key} {verb} {readable(size)}"
    context.errors.add(
        "conflicting-keys", message, (here,), f"write `{where}`" if here != "inputs" else f"write {where}"
    )
    return False


def _expected(key: str, size: Size) -> str:
    if not isinstance(size, int):
        return f"a number for the {key}"
    return f"{size} lengths, one an example" if key == "batch" else f"lengths up to {size}"


def check_use(context: Context, inferred: Inferred) -> None:
    """Add an error where no recurrent layer reads the timesteps that the lengths are of."""
    answer = packed(inferred)
    if answer and not answer.layers:
        unclear = f": those of {', '.join(answer.unclear)} are made of the input's" if answer.unclear else ""
        message = f"lengths: no recurrent layer reads the timesteps of the input{unclear}"
        context.errors.add("conflicting-keys", message, ("lengths",), "remove it", key=True)

"""What every function of the spec's reader is given: the framework, the dims, and where mistakes are collected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from lstm_shapes.findings.errors import LstmShapesError
from lstm_shapes.findings.finding import Edit
from lstm_shapes.findings.route import Route
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.frameworks.layout import Framework
from lstm_shapes.spec.errors import Errors
from lstm_shapes.spec.values import FROM_ZERO, InvalidValue, position, quoted, with_dims
from lstm_shapes.symbolic.size import Poly, Size, names, symbol

if TYPE_CHECKING:
    from lstm_shapes.spec.reading import AssertedWidth, Expectation

MAX_LAYERS = 60_000


class _Missing:
    """The type of ``MISSING``."""


MISSING: Final = _Missing()
"""Replaces a value that could not be read; the reason is among the errors."""


class TooManyLayers(LstmShapesError):
    """The spec has more than ``MAX_LAYERS`` layers; the finding is among the errors."""


@dataclass(slots=True)
class LayerCount:
    """How many layers a spec has, copies and the layers inside a nested model included."""

    total: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """One reading of one spec.

    ``dims`` gives symbols their values, ``axes`` are the sizes that null means in the first axes of a shape (batch
    and timesteps), ``trainable`` holds for every layer that does not set it, ``dtype`` for all. Collected on the way:
    ``errors``, the ``symbols`` of all sizes, what the author says of the layers (``expectations`` and
    ``asserted_widths``), and the ``layer_count``, which has a limit.
    """

    errors: Errors
    framework: Framework = FRAMEWORKS["keras"]
    dims: Mapping[str, Size] = field(default_factory=dict)
    axes: tuple[Size, ...] = (symbol("B"), symbol("T"))
    trainable: bool = True
    dtype: str = "float32"
    symbols: set[str] = field(default_factory=set)
    expectations: list[Expectation] = field(default_factory=list)
    asserted_widths: list[AssertedWidth] = field(default_factory=list)
    layer_count: LayerCount = field(default_factory=LayerCount)

    def count_layers(self, count: int, route: Route) -> None:
        """Add to the number of layers. Raises ``TooManyLayers`` beyond the limit."""
        self.layer_count.total += count
        if self.layer_count.total > MAX_LAYERS:
            self.errors.add("too-large", f"more than {MAX_LAYERS:,} layers", route, "split the model")
            raise TooManyLayers


def read_value(context: Context, read: Callable[[Any], Any], value: Any, route: Route, key: Any) -> Any:
    """The value of ``key`` in the mapping at ``route``, with dims put in for symbols; MISSING if it cannot be read."""
    try:
        result = read(value)
        least = None if read is position else 0 if read in FROM_ZERO else 1
        return _bound(context, result, least) if type(result) in (Poly, tuple) else result
    except InvalidValue as problem:
        hint, literal = problem.correction(context.errors.nearest)
        here = (*route, key)
        known = literal is not None and not isinstance(value, list | dict)
        edit = Edit("fix", "value", here, literal) if known else None
        context.errors.add("wrong-value", f"{key}: {problem.message}", here, hint, edit=edit)
        return MISSING


def _bound(context: Context, value: Any, least: int | None) -> Any:
    if isinstance(value, tuple):
        filled = value if None not in value else _filled(context, value)
        return tuple(_bound(context, item, least) for item in filled)
    if not isinstance(value, Poly):
        return value
    context.symbols.update(names(value))
    return with_dims(value, context.dims, least)


def _filled(context: Context, shape: tuple[Any, ...]) -> tuple[Any, ...]:
    """The shape with the batch and the timesteps of the model where it has None."""
    if None in shape[len(context.axes) :]:
        raise InvalidValue("only the batch and the timesteps can be null in a shape", "write a symbol such as H")
    return tuple(context.axes[axis] if size is None else size for axis, size in enumerate(shape))


def read_mapping(context: Context, value: Any, expected: str, route: Route) -> dict[Any, Any] | None:
    """The value if it is a mapping."""
    if isinstance(value, dict):
        return value
    context.errors.add("wrong-value", f"expected {expected}, got {quoted(value)}", route)
    return None

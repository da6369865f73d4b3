"""The result of reading a spec: the model as far as it could be read, and everything that is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from lstm_shapes.findings.finding import Finding
from lstm_shapes.findings.route import Route
from lstm_shapes.formats.document import Document
from lstm_shapes.graph.model import Model
from lstm_shapes.graph.shape_inference import Inferred, infer
from lstm_shapes.spec.imported import Imported
from lstm_shapes.symbolic.size import Size


class Expectation(NamedTuple):
    """An ``expect`` or ``budget`` line at ``route``: ``what`` against ``value``.

    ``layer`` is the route of the layer that it is about, which may be inside a nested model; () is the model itself.
    """

    layer: Route
    what: str
    value: Any
    route: Route
    bound: bool


class AssertedWidth(NamedTuple):
    """The features that, as its author says, reach the layer at the route ``layer``; ``route`` leads to the key."""

    layer: Route
    key: str
    size: Size
    route: Route


class Unread(NamedTuple):
    """A layer of the file that is not in the model, because something of it is wrong."""

    name: str
    type: str
    route: Route


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A spec as it was read; ``model`` is None when nothing of it could be read.

    ``expectations`` and ``asserted_widths`` are those of all layers, nested models included; ``imported`` is what the
    file says besides, where the spec was translated from another kind of file.
    """

    document: Document
    model: Model | None
    imported: Imported | None = None
    findings: tuple[Finding, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    asserted_widths: tuple[AssertedWidth, ...] = ()
    symbols: frozenset[str] = frozenset()
    unread: tuple[Unread, ...] = ()

    @property
    def replaced(self) -> frozenset[str]:
        """The names of a script for which values were given: none of them is a symbol of the model any more."""
        return frozenset(self.imported.symbols if self.imported else ()) - self.symbols

    @cached_property
    def inferred(self) -> Inferred | None:
        """The model with the shapes and figures of every node, inferred once, when it is first needed.

        Raises ``SizeError`` on sizes beyond all measure.
        """
        return None if self.model is None else infer(self.model)

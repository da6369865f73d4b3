"""The result of reading a spec: the model as far as it could be read, and everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

from lstm_shapes.findings.finding import Finding
from lstm_shapes.findings.route import Route
from lstm_shapes.formats.document import Document
from lstm_shapes.graph.model import Model
from lstm_shapes.graph.shape_inference import Inferred, infer
from lstm_shapes.symbolic.size import Size


class Expectation(NamedTuple):
    """An ``expect`` or ``budget`` line: ``what`` of the node called ``layer`` ('' is the model) against ``value``."""

    layer: str
    what: str
    value: Any
    route: Route
    bound: bool


class Unread(NamedTuple):
    """A layer of the file that is not in the model, because something of it is wrong."""

    name: str
    type: str
    route: Route


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A spec as it was read; ``model`` is None when nothing of it could be read.

    ``asserted_widths`` are the features that the author says reach a node: its name -> the key and its value.
    """

    document: Document
    model: Model | None
    findings: tuple[Finding, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    asserted_widths: Mapping[str, tuple[str, Size]] = field(default_factory=lambda: MappingProxyType({}))
    symbols: frozenset[str] = frozenset()
    unread: tuple[Unread, ...] = ()

    @cached_property
    def inferred(self) -> Inferred | None:
        """The model with the shapes and figures of every node, inferred once, when it is first needed.

        Raises ``SizeError`` on sizes beyond all measure.
        """
        return None if self.model is None else infer(self.model)

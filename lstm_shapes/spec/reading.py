"""What reading a spec yields: the model as far as it could be read, and everything that is wrong with it."""

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
    """A layer that stands in the file and not in the model, since something of it is wrong."""

    name: str
    type: str
    route: Route


@dataclass(frozen=True, kw_only=True)
class Reading:
    """``model`` is None when nothing of it could be read. ``arrives`` are assertions: node -> the key, its value."""

    document: Document
    model: Model | None
    findings: tuple[Finding, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    arrives: Mapping[str, tuple[str, Size]] = field(default_factory=lambda: MappingProxyType({}))
    symbols: frozenset[str] = frozenset()
    unread: tuple[Unread, ...] = ()

    @cached_property
    def inferred(self) -> Inferred | None:
        """The model with the shapes and figures of every node, inferred when it is first asked for, and once.

        Raises ``SizeError`` on sizes beyond all measure.
        """
        return None if self.model is None else infer(self.model)

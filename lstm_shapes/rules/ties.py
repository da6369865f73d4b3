"""Tied weights that do not fit: layers and weights that are not there, other shapes, a weight tied to itself."""

from __future__ import annotations

from collections.abc import Iterator

from lstm_shapes.findings.finding import Finding
from lstm_shapes.graph.shape_inference import Inferred
from lstm_shapes.graph.ties import Link, Place, final_sources, links
from lstm_shapes.spec.reading import Reading
from lstm_shapes.symbolic.size import shown


def ties(reading: Reading, inferred: Inferred) -> Iterator[Finding]:
    """What is wrong with ``tied_to``, at the weight that it names."""
    if not inferred.has_ties:
        return
    every = links(inferred)
    ends = final_sources(every)
    for link in every:
        if link.weight is not None and _arrives(link, inferred):
            continue
        problem = _problem(link, ends.get(link.target, link.target))
        if problem:
            kind, message, hint = problem
            key = link.tie.weight.replace("/", ".")
            route, name = (*link.node.route, "tied_to", key), link.node.name
            at_key = link.weight is None
            yield reading.document.finding(kind, f"{name}: {message}", route, key=at_key, hint=hint, layer=name)


def _arrives(link: Link, inferred: Inferred) -> bool:
    """Whether the weight is a tensor that enters the model, or that a layer passes on: ``inputs.W``."""
    word, _, name = link.tie.source.partition(".")
    return word == "inputs" and link.source is None and (name in inferred.graph.inputs or name in inferred.by_name)


def _problem(link: Link, end: Place | None) -> tuple[str, str, str] | None:
    """The kind, the message and the hint of what is wrong with a tie; None where nothing is."""
    weight, source = link.tie.weight.replace("/", "."), link.tie.source
    if link.weight is None:
        if not link.node.known and not link.weights:
            return None
        names = ", ".join(key.replace("/", ".") for key in link.weights[:8])
        hint = f"write one of {names}" if names else "remove tied_to"
        return "wrong-setting", f"{link.node.layer.type} has no weight {weight[:80]}", hint
    if link.source is None:
        return (
            "unknown-layer",
            f"no layer has a weight called {source[:80]}",
            "write the layer's name, a dot, the weight",
        )
    if end is None:
        return "cycle", f"{weight} is tied to itself, through {source}", "remove one of the ties"
    if link.transposed is None and link.source_weight:
        shapes = f"{shown(link.weight.shape)} is tied to {source}, {shown(link.source_weight.shape)}"
        message = f"{weight}, {shapes}: expected equal shapes, or one transposed"
        return "size-mismatch", message, "give both layers the same sizes, or remove the tie"
    return None

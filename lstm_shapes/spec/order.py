"""The order in which the nodes of a graph can be run, and the cycles that leave none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lstm_shapes.graph.model import Node


def in_order(nodes: Mapping[str, Node]) -> list[Node]:
    """The nodes, each after what it reads (Kahn 1962), a branch at a time; those of a cycle are left out."""
    readers: dict[str, list[str]] = {}
    waiting: dict[str, int] = {}
    for name, node in nodes.items():
        sources = {ref.name for ref in node.inputs + node.states if ref.name in nodes}
        waiting[name] = len(sources)
        for source in sources:
            readers.setdefault(source, []).append(name)
    ready = [name for name, count in reversed(waiting.items()) if not count]
    ordered = []
    while ready:
        name = ready.pop()
        ordered.append(nodes[name])
        for reader in reversed(readers.get(name, [])):
            waiting[reader] -= 1
            if not waiting[reader]:
                ready.append(reader)
    return ordered


def cycles(nodes: Mapping[str, Node], ordered: set[str]) -> Iterator[list[str]]:
    """The names along each cycle among the nodes that could not be ordered, searched backwards."""
    seen: set[str] = set()
    for start in nodes:
        path: list[str] = []
        name: str | None = start
        while name is not None and name not in seen and name not in ordered:
            seen.add(name)
            path.append(name)
            refs = (*nodes[name].inputs, *nodes[name].states)
            name = next((ref.name for ref in refs if ref.name in nodes and ref.name not in ordered), None)
        if name in path:
            yield path[path.index(name or "") :]

"""An order in which each item comes after what it needs, and the cycles that allow none."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from heapq import heappop, heappush


def in_order(needs: Mapping[str, Collection[str]]) -> list[str]:
    """The names, each after those that it needs (Kahn 1962), otherwise in their own order; cycles are left out.

    >>> in_order({"decoder": ["encoder"], "encoder": [], "other": []})
    ['encoder', 'decoder', 'other']
    """
    names = list(needs)
    numbers = {name: number for number, name in enumerate(names)}
    dependents: dict[str, list[str]] = {}
    waiting: dict[str, int] = {}
    for name, needed in needs.items():
        waiting[name] = len(needed)
        for other in needed:
            dependents.setdefault(other, []).append(name)
    ready = [numbers[name] for name, count in waiting.items() if not count]
    ordered = []
    while ready:
        name = names[heappop(ready)]
        ordered.append(name)
        for dependent in dependents.get(name, ()):
            waiting[dependent] -= 1
            if not waiting[dependent]:
                heappush(ready, numbers[dependent])
    return ordered


def cycles(needs: Mapping[str, Collection[str]], ordered: set[str]) -> Iterator[list[str]]:
    """The names along each cycle among those that could not be ordered, found by walking backwards."""
    seen: set[str] = set()
    for start in needs:
        path: list[str] = []
        name: str | None = start
        while name is not None and name not in seen and name not in ordered:
            seen.add(name)
            path.append(name)
            name = next((other for other in needs[name] if other not in ordered), None)
        if name in path:
            yield path[path.index(name or "") :]

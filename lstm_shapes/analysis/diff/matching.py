"""Which layer of one model is which of another: by the names that people gave, then by place and type."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Sequence
from typing import NamedTuple

MAX_CELLS = 250_000
"""Pairs that an alignment may weigh; beyond that layers of a type are paired in order."""

Pairs = list[tuple[int, int]]


class Seen(NamedTuple):
    """A layer as matching sees it: ``name`` is '' unless a person wrote it; equal ``content`` is equal settings."""

    name: str
    type: str
    content: Hashable = None


def matched(before: Sequence[Seen], after: Sequence[Seen]) -> Pairs:
    """Pairs of positions, in the order of ``after``; layers without a partner are in none.

    >>> matched([Seen("a", "lstm"), Seen("", "dense")], [Seen("", "dense"), Seen("a", "gru")])
    [(1, 0), (0, 1)]
    """
    places = {one.name: number for number, one in enumerate(before) if one.name}
    pairs = [(places[one.name], number) for number, one in enumerate(after) if one.name in places]
    left = _between({a: number for number, (a, _) in enumerate(pairs)}, before)
    right = _between({b: number for number, (_, b) in enumerate(pairs)}, after)
    for anchor in left.keys() & right.keys():
        ours, theirs = left[anchor], right[anchor]
        found = _aligned([before[one] for one in ours], [after[one] for one in theirs])
        pairs += [(ours[a], theirs[b]) for a, b in found]
    pairs += _elsewhere(before, after, pairs)
    return sorted(pairs, key=lambda pair: pair[1])


def moved(pairs: Pairs) -> set[int]:
    """The positions in ``after`` of layers that changed their order: as few as can be.

    >>> moved([(1, 0), (2, 1), (0, 2)])
    {2}
    """
    ends: list[int] = []
    lengths = []
    for a, _ in pairs:
        at = bisect_left(ends, a)
        ends[at : at + 1] = [a]
        lengths.append(at)
    kept, wanted = set(), len(ends) - 1
    for (_, b), length in zip(reversed(pairs), reversed(lengths), strict=True):
        if length == wanted:
            kept.add(b)
            wanted -= 1
    return {b for _, b in pairs} - kept


def _between(anchors: dict[int, int], layers: Sequence[Seen]) -> dict[int, list[int]]:
    """The positions that are no anchors, by the number of the anchor before them; -1 is the beginning."""
    found: dict[int, list[int]] = {}
    last = -1
    for number in range(len(layers)):
        if number in anchors:
            last = anchors[number]
        else:
            found.setdefault(last, []).append(number)
    return found


def _elsewhere(before: Sequence[Seen], after: Sequence[Seen], pairs: Pairs) -> Pairs:
    """Layers set alike that are left over in different places."""
    used_before, used_after = {a for a, _ in pairs}, {b for _, b in pairs}
    waiting: dict[Seen, list[int]] = {}
    for number in reversed(range(len(before))):
        if number not in used_before:
            waiting.setdefault(before[number]._replace(name=""), []).append(number)
    left = ((number, one._replace(name="")) for number, one in enumerate(after) if number not in used_after)
    return [(waiting[one].pop(), number) for number, one in left if waiting.get(one)]


def _aligned(before: list[Seen], after: list[Seen]) -> Pairs:
    """Pairs that do not cross, as many and as alike as can be; what both ends have in common first."""
    start, ends = 0, (len(before), len(after))
    while start < min(ends) and before[start][1:] == after[start][1:]:
        start += 1
    common = 0
    while common < min(ends) - start and before[-1 - common][1:] == after[-1 - common][1:]:
        common += 1
    ours, theirs = before[start : ends[0] - common], after[start : ends[1] - common]
    inner = _weighed(ours, theirs) if len(ours) * len(theirs) <= MAX_CELLS else _in_order(ours, theirs)
    pairs = [(number, number) for number in range(start)] + [(start + a, start + b) for a, b in inner]
    return pairs + [(ends[0] - one, ends[1] - one) for one in range(common, 0, -1)]


def _weighed(before: list[Seen], after: list[Seen]) -> Pairs:
    """The best alignment: best[a][b] is the worth of the layers from a and from b on."""
    best = [[0] * (len(after) + 1) for _ in range(len(before) + 1)]
    for a in reversed(range(len(before))):
        for b in reversed(range(len(after))):
            worth = _likeness(before[a], after[b])
            best[a][b] = max(best[a + 1][b], best[a][b + 1], worth and worth + best[a + 1][b + 1])
    pairs, a, b = [], 0, 0
    while a < len(before) and b < len(after):
        worth = _likeness(before[a], after[b])
        if worth and best[a][b] == worth + best[a + 1][b + 1]:
            pairs.append((a, b))
            a, b = a + 1, b + 1
        elif best[a][b] == best[a + 1][b]:
            a += 1
        else:
            b += 1
    return pairs


def _likeness(one: Seen, other: Seen) -> int:
    return 0 if one.type != other.type else 3 if one.content == other.content else 2


def _in_order(before: list[Seen], after: list[Seen]) -> Pairs:
    waiting: dict[str, list[int]] = {}
    for number in reversed(range(len(before))):
        waiting.setdefault(before[number].type, []).append(number)
    return [(waiting[one.type].pop(), number) for number, one in enumerate(after) if waiting.get(one.type)]

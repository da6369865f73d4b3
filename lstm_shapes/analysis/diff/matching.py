"""Which layer of one model corresponds to which of another: by the names that people gave, then by place and type."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Sequence
from typing import NamedTuple

MAX_CELLS = 250_000
"""Pairs that an alignment may weigh; beyond that layers of a type are paired in order."""

Pairs = list[tuple[int, int]]


class Candidate(NamedTuple):
    """A layer to be matched: ``name`` is '' unless a person gave it; equal ``content`` means equal settings."""

    name: str
    type: str
    content: Hashable = None


def match_layers(before: Sequence[Candidate], after: Sequence[Candidate]) -> Pairs:
    """Pairs of positions, in the order of ``after``; layers without a partner are in none.

    >>> match_layers([Candidate("a", "lstm"), Candidate("", "dense")], [Candidate("", "dense"), Candidate("a", "gru")])
    [(1, 0), (0, 1)]
    """
    places = {layer.name: number for number, layer in enumerate(before) if layer.name}
    pairs = [(places[layer.name], number) for number, layer in enumerate(after) if layer.name in places]
    left = _between({a: number for number, (a, _) in enumerate(pairs)}, before)
    right = _between({b: number for number, (_, b) in enumerate(pairs)}, after)
    for anchor in left.keys() & right.keys():
        ours, theirs = left[anchor], right[anchor]
        aligned = _aligned([before[number] for number in ours], [after[number] for number in theirs])
        pairs += [(ours[a], theirs[b]) for a, b in aligned]
    pairs += _elsewhere(before, after, pairs)
    return sorted(pairs, key=lambda pair: pair[1])


def moved_layers(pairs: Pairs) -> set[int]:
    """The positions in ``after`` of layers that changed their order: as few as possible.

    >>> moved_layers([(1, 0), (2, 1), (0, 2)])
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


def _between(anchors: dict[int, int], layers: Sequence[Candidate]) -> dict[int, list[int]]:
    """The positions that are no anchors, by the number of the anchor before them; -1 is the beginning."""
    between: dict[int, list[int]] = {}
    last = -1
    for number in range(len(layers)):
        if number in anchors:
            last = anchors[number]
        else:
            between.setdefault(last, []).append(number)
    return between


def _elsewhere(before: Sequence[Candidate], after: Sequence[Candidate], pairs: Pairs) -> Pairs:
    """Layers with the same settings that are left over in different places."""
    used_before, used_after = {a for a, _ in pairs}, {b for _, b in pairs}
    waiting: dict[Candidate, list[int]] = {}
    for number in reversed(range(len(before))):
        if number not in used_before:
            waiting.setdefault(before[number]._replace(name=""), []).append(number)
    left = ((number, layer._replace(name="")) for number, layer in enumerate(after) if number not in used_after)
    return [(waiting[layer].pop(), number) for number, layer in left if waiting.get(layer)]


def _aligned(before: list[Candidate], after: list[Candidate]) -> Pairs:
    """Pairs that do not cross, as many and as similar as possible; what both ends have in common first."""
    start, ends = 0, (len(before), len(after))
    while start < min(ends) and before[start][1:] == after[start][1:]:
        start += 1
    common = 0
    while common < min(ends) - start and before[-1 - common][1:] == after[-1 - common][1:]:
        common += 1
    ours, theirs = before[start : ends[0] - common], after[start : ends[1] - common]
    inner = _best_alignment(ours, theirs) if len(ours) * len(theirs) <= MAX_CELLS else _in_order(ours, theirs)
    pairs = [(number, number) for number in range(start)] + [(start + a, start + b) for a, b in inner]
    return pairs + [(ends[0] - number, ends[1] - number) for number in range(common, 0, -1)]


def _best_alignment(before: list[Candidate], after: list[Candidate]) -> Pairs:
    """The best alignment: best[a][b] is the score of the layers from a and from b on."""
    best = [[0] * (len(after) + 1) for _ in range(len(before) + 1)]
    for a in reversed(range(len(before))):
        for b in reversed(range(len(after))):
            score = _likeness(before[a], after[b])
            best[a][b] = max(best[a + 1][b], best[a][b + 1], score and score + best[a + 1][b + 1])
    pairs, a, b = [], 0, 0
    while a < len(before) and b < len(after):
        score = _likeness(before[a], after[b])
        if score and best[a][b] == score + best[a + 1][b + 1]:
            pairs.append((a, b))
            a, b = a + 1, b + 1
        elif best[a][b] == best[a + 1][b]:
            a += 1
        else:
            b += 1
    return pairs


def _likeness(a: Candidate, b: Candidate) -> int:
    return 0 if a.type != b.type else 3 if a.content == b.content else 2


def _in_order(before: list[Candidate], after: list[Candidate]) -> Pairs:
    waiting: dict[str, list[int]] = {}
    for number in reversed(range(len(before))):
        waiting.setdefault(before[number].type, []).append(number)
    return [(waiting[layer.type].pop(), number) for number, layer in enumerate(after) if waiting.get(layer.type)]

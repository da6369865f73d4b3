"""NumPy code that lays an array out again, from one order and packing of axes to another."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

from lstm_shapes.analysis.layout.blocks import COUNTED
from lstm_shapes.layers.axes import Groups
from lstm_shapes.symbolic.size import Size, product


class Code(NamedTuple):
    """An expression in Python, and in words the ``steps`` that it takes."""

    text: str
    steps: tuple[str, ...] = ()

    def then(self, text: str, step: str) -> Code:
        """The code after another step."""
        return Code(text, tuple(dict.fromkeys((*self.steps, step))))


def arranged(code: Code, source: Groups, target: Groups, sizes: Mapping[str, Size]) -> Code:
    """The code with its dimensions, ``source``, laid out as ``target``; an axis of length 1 may come or go.

    ``sizes`` are needed for axes that are packed in the source and not in the target.

    >>> arranged(Code("x"), (("gate", "unit"), ("in",)), (("in",), ("gate", "unit")), {}).text
    'x.T'
    >>> arranged(Code("x"), (("in",), ("unit",)), (("one",), ("unit", "in")), {}).text
    'x.T.reshape(1, -1)'
    """
    have = _atoms(source, target)
    lengths = {atom: f"{code.text}.shape[{source.index(atom)}]" for atom in have if atom in source}
    if tuple(source) != have:
        lengths |= _unpacked(have, source, sizes)
        code = code.then(_reshaped(code.text, [lengths[atom] for atom in have]), "reshaped")
    want = tuple(atom for group in target for name in group for atom in have if atom[0] == name)
    if have != want:
        order = [have.index(atom) for atom in want]
        turned = ".T" if order == list(range(len(order)))[::-1] else f".transpose({', '.join(map(str, order))})"
        code = code.then(code.text + turned, "transposed")
    if tuple(target) != want:
        dims = ["1" if group == ("one",) else lengths.get(group, "-1") for group in target]
        code = code.then(_reshaped(code.text, dims), "reshaped")
    return code


def _atoms(source: Groups, target: Groups) -> Groups:
    """The axes of the source, those together that stay together; without axes of length 1 that one side lacks."""
    shared = {axis for group in target for axis in group} & {axis for group in source for axis in group}
    following = {pair for group in target for pair in pairwise(group)}
    atoms: list[tuple[str, ...]] = []
    for group in source:
        axes = [axis for axis in group if axis in shared]
        for number, axis in enumerate(axes):
            if number and (axes[number - 1], axis) in following:
                atoms[-1] = (*atoms[-1], axis)
            else:
                atoms.append((axis,))
    return tuple(atoms)


def _unpacked(atoms: Groups, source: Groups, sizes: Mapping[str, Size]) -> dict[tuple[str, ...], str]:
    """The length of each atom that the source packs with others: -1 for the first that counts no blocks."""
    packed = [atom for atom in atoms if atom not in source]
    inferred = next((atom for atom in packed if not set(atom) <= set(COUNTED)), None)
    return {atom: "-1" if atom == inferred else str(product([sizes[axis] for axis in atom])) for atom in packed}


def _reshaped(text: str, lengths: list[str]) -> str:
    """A reshape, where a single length that is read off a shape is inferred if no other is."""
    read = [length for length in lengths if ".shape[" in length]
    if len(read) == 1 and "-1" not in lengths:
        lengths = ["-1" if length in read else length for length in lengths]
    return f"{text}.reshape({', '.join(lengths)})"

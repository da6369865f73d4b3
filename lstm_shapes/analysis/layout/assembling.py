"""NumPy code that makes a tensor of one framework from those of another, block by block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lstm_shapes.analysis.layout.arranging import Code, arranged
from lstm_shapes.analysis.layout.blocks import BIASES, Block, Reference, Stored, references
from lstm_shapes.layers.axes import Groups
from lstm_shapes.symbolic.size import Size, product

Axes = tuple[tuple[str, int], ...]
_JOINED = {"way": "directions stacked", "role": "biases in one tensor"}
_PARTS = {"way": "one direction", "role": "one bias", "gate": "one gate", "peep": "one gate"}
"""The step that takes a part out of a tensor, and the one that puts parts together, by the axis that counts them.

Where the parts are weights of other roles than the two biases, as attention has them, they are called weights.
"""


class Leaf(NamedTuple):
    """What a block is the sum of: blocks of the source, none for zeros, and a constant that a framework adds itself.

    ``like`` are blocks of the same shape.
    """

    terms: tuple[Block, ...]
    like: tuple[Block, ...] = ()
    constant: float = 0.0


class Source(NamedTuple):
    """The tensors that are given, by their blocks, and the gates whose two biases are not added to each other."""

    tensors: tuple[Stored, ...]
    taken: Mapping[tuple[tuple[str, ...], tuple[Block, ...]], Reference]
    apart: frozenset[str]

    @property
    def added(self) -> dict[Block, float]:
        """What the framework of the source adds to a block itself."""
        tensors = [stored for stored in self.tensors if stored.tensor.added]
        pairs = [(block, dict(stored.tensor.added)) for stored in tensors for block in stored.blocks()]
        return {block: added[block.gate] for block, added in pairs if block.gate in added}

    @property
    def blocks(self) -> frozenset[Block]:
        """All blocks that are given."""
        return frozenset(block for stored in self.tensors for block in stored.blocks())

    def terms(self, block: Block, wanted: frozenset[Block]) -> tuple[Block, ...]:
        """The blocks whose sum is a block of the target; where there are two biases, the first has what is one here."""
        given = self.blocks
        biases = [block._replace(role=role) for role in BIASES]
        if block.role in BIASES and block.gate not in self.apart and not wanted.issuperset(biases):
            return tuple(bias for bias in biases if bias in given)
        return (block,) if block in given else ()


def source_of(tensors: Sequence[Stored], apart: frozenset[str]) -> Source:
    """The tensors that are given, ready to be looked up."""
    return Source(tuple(tensors), references(tensors), apart)


def assembled(stored: Stored, source: Source, wanted: frozenset[Block]) -> Code:
    """A tensor of the target from those of the source."""
    leaves = []
    for block in stored.blocks():
        other = block._replace(role=BIASES[block.role == BIASES[0]])
        like = source.terms(other, wanted) if block.role in BIASES else ()
        terms = source.terms(block, wanted)
        constant = sum(source.added.get(term, 0) for term in terms) - dict(stored.tensor.added).get(block.gate, 0)
        leaves.append(Leaf(terms, like, constant))
    return _Assembly(source, stored.tensor.sizes).code(leaves, stored.counted, stored.groups)


class _Assembly(NamedTuple):
    source: Source
    sizes: Mapping[str, Size]

    def code(self, leaves: list[Leaf], axes: Axes, groups: Groups) -> Code:
        """The leaves laid out in ``groups``, those counted by ``axes``: taken whole where that can be, else joined."""
        if any(leaf.constant for leaf in leaves):
            return self._joined(leaves, axes, groups) if axes else self._shifted(leaves[0], groups)
        if not any(leaf.terms for leaf in leaves):
            return self._zeros(leaves, axes, groups)
        return self._sum(leaves, axes, groups) or self._joined(leaves, axes, groups)

    def _shifted(self, leaf: Leaf, groups: Groups) -> Code:
        """A block and a constant."""
        code = self.code([leaf._replace(constant=0.0)], (), groups)
        sign = "-" if leaf.constant < 0 else "+"
        return code.then(f"{code.text} {sign} {abs(leaf.constant):g}", f"{leaf.constant:+g}")

    def _sum(self, leaves: list[Leaf], axes: Axes, groups: Groups) -> Code | None:
        """The sum of runs of blocks that the source has as they are, or with its gates in another order."""
        counts = {len(leaf.terms) for leaf in leaves}
        if len(counts) > 1:
            return None
        parts = []
        for number in range(counts.pop()):
            part = self._run(tuple(leaf.terms[number] for leaf in leaves), axes, groups)
            if part is None:
                return None
            parts.append(part)
        steps = tuple(dict.fromkeys(step for part in parts for step in part.steps))
        return Code(" + ".join(part.text for part in parts), (*steps, *(["biases added"] if len(parts) > 1 else [])))

    def _run(self, blocks: tuple[Block, ...], axes: Axes, groups: Groups) -> Code | None:
        names = tuple(axis for axis, _ in axes)
        reference = self.source.taken.get((names, blocks))
        if reference:
            code, dims = taken(reference)
            return arranged(code, dims, groups, self.sizes)
        reference = next(
            (
                reference
                for (counted, run), reference in self.source.taken.items()
                if counted == names and len(names) == 1 and set(run) == set(blocks)
            ),
            None,
        )
        return self._reordered(reference, blocks, groups) if reference else None

    def _reordered(self, reference: Reference, blocks: tuple[Block, ...], groups: Groups) -> Code:
        """Blocks that the source has in another order."""
        code, dims = taken(reference)
        have = reference.stored.blocks(reference.chosen)
        order = tuple(have.index(block) for block in blocks)
        dim = next(at for at, group in enumerate(dims) if reference.axes[0] in group)
        step = f"gates {', '.join(block.gate for block in have)} -> {', '.join(block.gate for block in blocks)}"
        axis = f", axis={dim}" if dim else ""
        return arranged(code.then(f"reordered({code.text}, {order}{axis})", step), dims, groups, self.sizes)

    def _joined(self, leaves: list[Leaf], axes: Axes, groups: Groups) -> Code:
        """What the first axis counts, each by itself, then together."""
        (axis, length), *rest = axes
        size = len(leaves) // length
        dim = next(at for at, group in enumerate(groups) if axis in group)
        left = _without(groups, axis)
        parts = [self.code(leaves[start : start + size], tuple(rest), left) for start in range(0, len(leaves), size)]
        steps = tuple(dict.fromkeys(step for part in parts for step in part.steps))
        if len(parts) == 1 and groups[dim] == (axis,):
            return Code(f"np.expand_dims({parts[0].text}, {dim})", (*steps, "an axis of directions"))
        if len(parts) == 1:
            return Code(parts[0].text, steps)
        texts = ", ".join(part.text for part in parts)
        call = "stack" if groups[dim] == (axis,) else "concatenate"
        roles = {term.role for leaf in leaves for term in leaf.terms}
        weights = axis == "role" and not roles.issubset(BIASES)
        step = "weights in one tensor" if weights else _JOINED.get(axis, "gates in one tensor")
        return Code(f"np.{call}([{texts}]{f', axis={dim}' if dim else ''})", (*steps, step))

    def _zeros(self, leaves: list[Leaf], axes: Axes, groups: Groups) -> Code:
        """Zeros of the shape of other weights, or of a shape that is given by sizes."""
        if all(leaf.like for leaf in leaves):
            like = self.code([Leaf(leaf.like) for leaf in leaves], axes, groups)
            return Code(f"np.zeros_like({like.text})", ("zeros",))
        shape = [str(product([self.sizes[axis] for axis in group])) for group in groups]
        given = f"weights[{self.source.tensors[0].name!r}]"
        lengths = f"({', '.join(shape)},)" if shape else "()"
        return Code(f"np.zeros_like({given}, shape={lengths})".replace("'", '"'), ("zeros",))


def taken(reference: Reference) -> tuple[Code, Groups]:
    """A run of blocks out of its tensor, and its dimensions."""
    stored = reference.stored
    code, groups = Code(f'weights["{stored.name}"]'), stored.groups
    for (axis, length), place in zip(stored.counted, reference.chosen, strict=False):
        dim = next(at for at, group in enumerate(groups) if axis in group)
        along = f", axis={dim}" if dim else ""
        step = _PARTS[axis] if axis != "role" or set(stored.tensor.roles) <= {*BIASES} else "one weight"
        if groups[dim] == (axis,):
            code = code.then(f"{code.text}.take({place}{along})" if dim else f"{code.text}[{place}]", step)
        elif length > 1:
            code = code.then(f"np.split({code.text}, {length}{along})[{place}]", step)
        groups = _without(groups, axis)
    return code, groups


def _without(groups: Groups, axis: str) -> Groups:
    """The dimensions without an axis that counts blocks."""
    left = (tuple(other for other in group if other != axis) for group in groups)
    return tuple(group for group in left if group)

"""How each tensor of a layer in one framework becomes those of another, and whether anything is lost."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lstm_shapes.analysis.layout.answer import Layout as Layout
from lstm_shapes.analysis.layout.answer import Made, Tensor
from lstm_shapes.analysis.layout.arranging import Code
from lstm_shapes.analysis.layout.assembling import assembled, source_of, taken
from lstm_shapes.analysis.layout.blocks import Block, Stored
from lstm_shapes.analysis.layout.function import function
from lstm_shapes.analysis.layout.layer_pair import (
    NoConversion,
    Side,
    check_names,
    differing_defaults,
    layer_type,
    sides,
)
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.symbolic.size import Size
from lstm_shapes.symbolic.size import names as symbols_of


def layout(type: str, *, source: str, target: str, dims: Mapping[str, Size] | None = None, **settings: Any) -> Layout:
    """How the weights of a layer ``type`` in the framework ``source`` become those in ``target``.

    ``settings`` are fields of the layer, ``input_dim`` and ``num_layers``; a size that is not set is a symbol of the
    field's name, ``dims`` gives symbols values. Raises ``NoConversion`` where no weights of the target compute the
    same, and ``LayerSettingsError`` where the settings make no layer.

    >>> answer = layout("lstm", source="torch", target="keras")
    >>> [(made.tensor.name, made.code) for made in answer.made][:2]
    [('kernel', 'weights["weight_ih_l0"].T'), ('recurrent_kernel', 'weights["weight_hh_l0"].T')]
    >>> [line for line in answer.python.splitlines() if line.startswith("def")]
    ['def keras_from_torch(weights: Mapping[str, Array]) -> dict[str, Array]:']
    >>> answer.made[2].code
    'weights["bias_ih_l0"] + weights["bias_hh_l0"]'
    """
    if source == target:
        raise NoConversion(f"expected two frameworks, got {source} twice")
    name, implied = layer_type(type)
    asked = {**implied, **{key: value for key, value in settings.items() if value is not None}}
    check_names(name, asked, dims or {})
    given, wanted = sides(name, source, target, asked, dims or {})
    apart = given.layer.separate_biases
    supply = source_of(given.tensors, apart)
    blocks = frozenset(block for stored in wanted.tensors for block in stored.blocks())
    codes = [assembled(stored, supply, blocks) for stored in wanted.tensors]
    used = {term for block in blocks for term in supply.terms(block, blocks)}
    left_out = tuple(
        taken(reference)[0].text
        for (axes, run), reference in supply.taken.items()
        if not axes and not used.issuperset(block for block in run if block.role not in given.layer.unread)
    )
    answer = Layout(
        type=name,
        source=source,
        target=target,
        settings=asked,
        given=tuple(_tensor(stored) for stored in given.tensors),
        made=tuple(_made(stored, code, given) for stored, code in zip(wanted.tensors, codes, strict=True)),
        left_out=left_out,
        parameters=_parameters(codes, wanted),
        notes=tuple(_notes(given, wanted, blocks, left_out)),
    )
    return answer._replace(python=function(answer))


def _tensor(stored: Stored) -> Tensor:
    return Tensor(stored.name, stored.tensor.axes, stored.tensor.shape)


def _made(stored: Stored, code: Code, given: Side) -> Made:
    of = tuple(other.name for other in given.tensors if f'weights["{other.name}"]' in code.text)
    return Made(_tensor(stored), () if code.steps == ("zeros",) else of, code.text, code.steps)


def _parameters(codes: list[Code], wanted: Side) -> tuple[str, ...]:
    """The symbols that the code mentions."""
    sizes = [size for stored in wanted.tensors for size in stored.tensor.sizes.values()]
    symbols = sorted({name for size in sizes for name in symbols_of(size)})
    words = {word for code in codes for word in re.findall(r"\w+", re.sub(r'"[^"]*"', "", code.text))}
    return tuple(name for name in symbols if name in words)


def _notes(given: Side, wanted: Side, blocks: frozenset[Block], left_out: tuple[str, ...]) -> list[str]:
    """What is lost, what is not unique, and what has to be set."""
    source, target = FRAMEWORKS[given.framework.name].title, wanted.framework.title
    have = frozenset(block for stored in given.tensors for block in stored.blocks())
    notes = []
    if left_out:
        place = f"{target} has no place for {', '.join(left_out)}"
        notes.append(f"not without loss: {place}; the function raises ValueError where it is not 0")
    biases = {block for block in blocks if block.role in ("bias", "recurrent_bias")}
    if len(biases) > len(have & biases) and have & biases:
        notes.append(f"{target} has more biases than {source}: one has them all, the others are zeros")
    if len({block for block in have if block.role in ("bias", "recurrent_bias")}) > len(biases) and not left_out:
        notes.append("biases that are added to each other are summed: converted back, they are all in one")
    notes += differing_defaults(given, wanted)
    return notes

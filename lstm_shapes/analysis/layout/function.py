"""The Python function that converts real arrays: plain NumPy, to be pasted or piped to a file."""

from __future__ import annotations

from lstm_shapes.analysis.layout.answer import Layout, Tensor
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.symbolic.size import shown

COLUMNS = 100
_REORDERED = '''

def reordered(array: Array, gates: Sequence[int], axis: int = 0) -> Array:
    """The gates of a weight, equal parts of an axis, in another order."""
    parts = np.split(array, len(gates), axis=axis)
    return np.concatenate([parts[gate] for gate in gates], axis=axis)
'''


def function(answer: Layout) -> str:
    """The source of a module with the function ``keras_from_torch``, which needs only NumPy.

    It takes arrays by the names of the source and returns those of the target, in the target's order.

    >>> from lstm_shapes.analysis.layout.layout import layout
    >>> names = {}
    >>> exec(layout("dense", source="torch", target="keras").python, names)
    >>> import numpy as np
    >>> {name: array.shape for name, array in names["keras_from_torch"](
    ...     {"weight": np.zeros((5, 8)), "bias": np.zeros(5)}).items()}
    {'kernel': (8, 5), 'bias': (5,)}
    """
    reorders = any("reordered(" in made.code for made in answer.made)
    titles = FRAMEWORKS[answer.target].title, FRAMEWORKS[answer.source].title
    lines = [
        f'"""The weights of a layer {answer.type} in {titles[0]} from those in {titles[1]}."""',
        "",
        f"from collections.abc import Mapping{', Sequence' * reorders}",
        "",
        "import numpy as np",
        "from numpy.typing import NDArray",
        "",
        "Array = NDArray[np.floating]",
        "",
        "",
        *_signature(answer),
        *_docstring(answer, *titles),
        *(line for code in answer.left_out for line in _check(code, titles[0])),
        "    return {",
        *(f'        "{made.tensor.name}": {_folded(made.code, 8)},' for made in answer.made),
        "    }",
    ]
    return "\n".join(lines) + "\n" + _REORDERED * reorders


def _signature(answer: Layout) -> list[str]:
    name = f"{answer.target}_from_{answer.source}".replace("-", "_")
    sizes = "".join(f", {parameter}: int" for parameter in answer.parameters)
    return [f"def {name}(weights: Mapping[str, Array]{', *' * bool(sizes)}{sizes}) -> dict[str, Array]:"]


def _docstring(answer: Layout, target: str, source: str) -> list[str]:
    settings = ", ".join(f"{name}={value}" for name, value in answer.settings.items())
    described = f"{answer.type}({settings})" if settings else answer.type
    return [
        f'    """The weights of {described} in {target}, from those in {source}, by name.',
        "",
        f"    In {source}:",
        *(_shape(tensor) for tensor in answer.given),
        "",
        f"    In {target}, in its order:",
        *(_shape(made.tensor) for made in answer.made),
        *(line for note in answer.notes for line in ("", f"    Note: {note}.")),
        '    """',
    ]


def _shape(tensor: Tensor) -> str:
    return f"        {tensor.name} {shown(tensor.shape)}"


def _check(code: str, target: str) -> list[str]:
    name = code.replace('"', "'")
    return [f"    if np.any({code}):", f'        raise ValueError("{target} has no place for {name}: it is not 0")']


def _folded(text: str, indent: int) -> str:
    """An expression in lines of at most ``COLUMNS`` where a list in it can be broken."""
    start = text.find("([")
    if len(text) + indent <= COLUMNS or start < 0:
        return text
    start += 2
    end, items = start, [""]
    depth = 0
    while depth or text[end] != "]":
        depth += (text[end] in "([") - (text[end] in ")]")
        if text[end] == "," and not depth:
            items.append("")
        else:
            items[-1] += text[end]
        end += 1
    pad = " " * (indent + 4)
    inner = "".join(f"{pad}{_folded(item.strip(), indent + 4)},\n" for item in items)
    return f"{text[:start]}\n{inner}{' ' * indent}{text[end:]}"

"""Random models run in a framework, in a process of its own: Keras reads its backend when it is imported.

``python -m tests.oracles.random_run keras 0 100`` prints what came of the models 0 to 99 as JSON.
"""

from __future__ import annotations

import json
import re
import sys
import warnings
from collections import Counter
from collections.abc import Iterator

import lstm_shapes as ls
from lstm_shapes.analysis.verify.against.result import LayerComparison

from ..random_models.models import random_model

FAULTS: dict[str, tuple[str, ...]] = {
    "keras": (
        "Expected a float value between 0 and 1",  # GaussianNoise(stddev=1.5): Keras 2 takes it
        "Cannot merge tensors with different batch sizes",  # a batch of 1 beside one of 3
        "AxisError: Exception encountered when calling MultiHeadAttention",  # a mask, and several axes of timesteps
        "unsupported operand type.* 'generator' and 'int'",  # the mask of a Bidirectional with return_state
        "expected ndim=",  # a layer that is used again on an input with another number of axes
        "outputs differ by inf",  # soft_shrink of what is not a number, the rsqrt of one below 0
    ),
    "torch": (),
    "onnx": (
        "outputs differ by 1e-05, at most 1e-05",  # two normalizations one after the other, in float32
        r"outputs differ by 2e\+308",  # a dilated pool that sees padding only: the least float32, ours is -inf
    ),
    "flax": (),
    "flax-linen": (),
}
"""What a framework refuses of the sizes of a batch, or refuses since its last release: no fault of a layer of ours."""


def comparisons(framework: str, first: int, last: int) -> Iterator[tuple[int, LayerComparison]]:
    """Every layer of the models beside the framework's."""
    for number in range(first, last):
        outcome = ls.verify(random_model(number, framework).spec, seed=number, against=framework)
        for comparison in outcome.against:
            yield from ((number, layer) for layer in comparison.layers)


def expected(framework: str, reason: str) -> bool:
    """Whether a disagreement says nothing of the layer."""
    return any(re.search(pattern, reason) for pattern in FAULTS[framework])


def main(framework: str, first: int, last: int) -> None:
    """Print how many layers of each type agreed, which were not compared, and what disagreed."""
    agreed: Counter[str] = Counter()
    left_out: Counter[str] = Counter()
    disagreed: list[str] = []
    models: set[int] = set()
    for number, layer in comparisons(framework, first, last):
        models |= {number}
        if layer.verdict == "agrees":
            agreed[layer.type] += 1
        elif layer.verdict == "not compared" or expected(framework, layer.reason):
            left_out[f"{layer.type}: {layer.reason}"] += 1
        else:
            disagreed.append(f"model {number}, {layer.name} ({layer.type}): {layer.reason}")
    print(json.dumps({"models": len(models), "agreed": agreed, "left_out": left_out, "disagreed": disagreed}))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))

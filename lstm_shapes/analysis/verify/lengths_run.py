"""The timesteps that ``lengths`` leave of a padded batch, run without the padding: what the products then are."""

from __future__ import annotations

from collections import Counter as Number
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lstm_shapes.analysis.verify.counting import Counter, counted
from lstm_shapes.layers.base import Call, Weights
from lstm_shapes.symbolic.size import fixed

if TYPE_CHECKING:
    import numpy as np

    from lstm_shapes.layers.base import Array


def executed(
    calls: Sequence[Call], lengths: Sequence[int], arrays: Mapping[str, Array], random: np.random.Generator
) -> int:
    """The multiply-accumulates of recurrent layers that read every example up to its own length and no further.

    ``arrays`` are the weights by key. Examples of one length are a batch (count, length, ...).

    >>> import numpy as np
    >>> from lstm_shapes.layers.rnn import RNN
    >>> arrays = {"kernel": np.ones((4, 3)), "recurrent": np.ones((4, 4)), "bias": np.ones(4)}
    >>> call = Call((), (), RNN(units=4), ((3, 5, 3),))
    >>> executed([call], [5, 2, 1], arrays, np.random.default_rng(0)) == (5 + 2 + 1) * 4 * (3 + 4)
    True
    """
    counter = Counter()
    for call in calls:
        weights = Weights(
            {key: counted(array, counter) for key, array in arrays.items()}, "".join(f"{step}/" for step in call.path)
        )
        features = [fixed(size) for size in call.inputs[0][2:]]
        before = counter.macs
        for length, examples in Number(lengths).items():
            call.layer.run(weights, random.uniform(-1, 1, [examples, length, *features]))
        counter.macs += (counter.macs - before) * (fixed(call.times) - 1)
    return counter.macs

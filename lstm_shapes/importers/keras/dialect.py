"""Which Keras wrote a file: it decides what a setting that is left out means, and which hard_sigmoid is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

_SEEN = 200
"""How many layers are looked at for the keys that tell the version."""
_KERAS_1 = frozenset(
    "inner_activation inner_init init W_regularizer nb_filter border_mode dropout_W consume_less input_dtype".split()
)
_KERAS_3 = frozenset("module registered_name".split())
_TENSORFLOW = frozenset("ragged time_major groups keepdims".split())


class Dialect(NamedTuple):
    """``generation`` is 1, 2 or 3, ``tensorflow`` tf.keras; ``note`` says what was assumed."""

    generation: int
    release: tuple[int, ...] = ()
    tensorflow: bool = False
    note: str = ""

    @property
    def reset_after(self) -> bool:
        """What a GRU without ``reset_after`` does.

        Keras 2.2.4: False (recurrent.py:1238); tf.keras writes it from 2.2.4-tf on; Keras 3: True.
        """
        return self.generation == 3 or (self.tensorflow and self.release >= (2, 2))

    @property
    def recurrent_activation(self) -> str:
        """What a recurrent layer without it has: hard_sigmoid before Keras 2.3, then sigmoid."""
        old = self.generation == 1 or (self.generation == 2 and self.release < (2, 3) and not self.reset_after)
        return "hard_sigmoid_keras2" if old else "sigmoid"

    def activation(self, name: str) -> str:
        """The function of this name: hard_sigmoid is clip(0.2*x + 0.5, 0, 1) before Keras 3."""
        return "hard_sigmoid_keras2" if name == "hard_sigmoid" and self.generation < 3 else name


def dialect(version: str, config: Any) -> Dialect:
    """The dialect of a version; without one, of the keys that the layers of ``config`` have.

    >>> dialect("2.2.4-tf", {}).tensorflow, dialect("1.2.2", {}).recurrent_activation
    (True, 'hard_sigmoid_keras2')
    """
    if version.startswith("tfjs"):  # its GRU has no reset_after, its hard_sigmoid is that of Keras 2
        return Dialect(2, (2, 1), tensorflow=True)
    numbers = re.match(r"(\d+)\.(\d+)", version)
    if numbers:
        release = (int(numbers[1]), int(numbers[2]))
        generation = min(max(release[0], 1), 3)
        return Dialect(generation, release, "tf" in version or (generation == 2 and release >= (2, 4)))
    keys = frozenset(_keys(config))
    if keys & _KERAS_3:
        return Dialect(3, (3, 0), note="keras_version is missing: read as Keras 3, which the keys of its layers show")
    if keys & _KERAS_1:
        return Dialect(1, (1, 2), note="keras_version is missing: read as Keras 1, which the keys of its layers show")
    if keys & _TENSORFLOW or "Functional" in keys:
        note = "keras_version is missing: read as tf.keras 2, which the keys of its layers show"
        return Dialect(2, (2, 4), tensorflow=True, note=note)
    return Dialect(2, (2, 2), note="keras_version is missing: read as Keras 2.2")


def _keys(config: Any) -> Iterator[str]:
    """The keys of a model's layers, and the classes of its models."""
    pending, seen = [config], 0
    while pending and seen < _SEEN:
        seen += 1
        item = pending.pop()
        if isinstance(item, list):
            pending += item[:_SEEN]
        elif isinstance(item, dict):
            yield from (key for key in item if isinstance(key, str))
            if item.get("class_name") == "Functional":
                yield "Functional"
            pending += [item[key] for key in ("config", "layers", "layer") if key in item]

"""Which documents of a folder are models: by a layer, or a key that only models have, with `layers` misspelt too."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lstm_shapes.formats.document import Document
from lstm_shapes.importers import is_foreign, translate
from lstm_shapes.spec.imported import Imported
from lstm_shapes.spec.keys import TOP_KEYS, canonical

MODEL_KEYS = frozenset("batch timesteps input_dim input_size dims expect budget".split())
"""Keys at the top of a document that only a model has next to ``layers``."""
LAYER_KEYS = frozenset(
    """units hidden_size filters return_sequences return_state vocab num_layers rate target_shape kernel_size use
    bidirectional""".split()
)
"""Keys that say that an entry of ``layers`` is a layer of a network, even if its type is misspelt."""
ELSEWHERE = frozenset("model custom flatten add select slice split stack reduce gather operator unknown lambda".split())
"""Types that entries of ``layers`` have in documents of other programs too, such as the style of a map."""
MISSPELT = frozenset(("layer", "Layers", "Layer", "LAYERS"))
"""What people write for ``layers``; reading then reports what to write."""


def looks_like_model(document: Document) -> bool:
    """Whether the document is a model, was meant as one, or looks like one that cannot be parsed.

    >>> image = {"layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "size": 3}]}
    >>> style = {"version": 8, "layers": [{"id": "sea", "type": "fill"}, {"id": "own", "type": "custom"}]}
    >>> lstm = {"layers": [{"type": "lsmt", "units": 4}]}
    >>> [looks_like_model(Document(source="", data=data)) for data in (image, style, lstm)]
    [False, False, True]
    """
    data = document.data
    if isinstance(data, dict):
        return _has_layers(data) or _lacks_layers(data)
    return data is None and bool(document.findings) and "layers" in document.text


def mentions_recurrent_layers(raw: bytes) -> bool:
    """Whether the bytes of a script or a notebook import Keras, TensorFlow or PyTorch and name a recurrent class.

    >>> [mentions_recurrent_layers(raw) for raw in (b"from torch import nn\\nrnn = nn.LSTM(8, 32)", b"LSTM = 1")]
    [True, False]
    """
    return _RECURRENT.search(raw) is not None and _IMPORT.search(raw) is not None


_IMPORT = re.compile(rb"\b(?:import|from)[ \t]+(?:keras|tensorflow|tf_keras|torch|[\w.]+, *(?:keras|torch))\b")
_RECURRENT = re.compile(rb"LSTM|GRU|RNN")


def models_of(document: Document, given: Mapping[str, Any] | None = None) -> tuple[Imported, ...]:
    """The models in a document, none where it is something else; ``given`` are values of names in a script."""
    return translate(document, given) if is_foreign(document) or looks_like_model(document) else ()


def _has_layers(data: dict[Any, Any]) -> bool:
    """Whether it has layers of a network, whatever it calls them."""
    if "layers" in data and not MODEL_KEYS.isdisjoint(data):
        return True
    names = [name for name in ("layers", *MISSPELT) if name in data]
    return any(_is_layer(entry) for name in names for entry in _entries(data[name]))


def _lacks_layers(data: dict[Any, Any]) -> bool:
    """Whether all its keys are those of a model, ``input_dim`` among them, and only the layers are missing."""
    return "layers" not in data and "input_dim" in data and all(key in TOP_KEYS for key in data)


def _entries(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _is_layer(entry: Any) -> bool:
    if not isinstance(entry, dict):
        return False
    type_ = entry.get("type")
    known = isinstance(type_, str) and type_ not in ELSEWHERE and canonical(type_) is not None
    nested = type_ == "model" and any(_is_layer(inner) for inner in _entries(entry.get("layers")))
    return known or nested or not LAYER_KEYS.isdisjoint(entry) or (type_ == "custom" and "output" in entry)

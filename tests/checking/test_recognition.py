"""Which files of a folder are models: real documents of other programs are none, a slip of the pen still is one."""

from __future__ import annotations

from typing import Any

import pytest

from lstm_shapes.checking.recognition import looks_like_model
from lstm_shapes.formats.document import Document

MODELS: dict[str, Any] = {
    "a plain model": {"layers": [{"type": "lstm", "units": 4}]},
    "Keras' class name": {"layers": [{"type": "LSTM"}]},
    "a misspelt type": {"layers": [{"type": "lsmt", "units": 4}]},
    "a key of models, no layer to know": {"input_dim": 8, "layers": [{"typ": "x"}]},
    "a nested model": {"layers": [{"type": "model", "layers": [{"type": "dense", "units": 1}]}]},
    "a layer of the author's own": {"layers": [{"type": "custom", "output": ["B", 3]}]},
    "layer for layers": {"layer": [{"type": "lstm", "units": 4}]},
    "Layers for layers": {"input_dim": 8, "Layers": [{"type": "lstm", "units": 4}]},
    "input_dim without layers": {"name": "x", "input_dim": 8},
}
OTHERS: dict[str, Any] = {
    "an OCI image manifest": {
        "schemaVersion": 2,
        "config": {"digest": "sha256:b5b2"},
        "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": "sha256:9834"}],
    },
    "a Mapbox style": {
        "version": 8,
        "sources": {},
        "layers": [
            {"id": "water", "source": "streets", "type": "fill", "paint": {"fill-color": "#00ffff"}},
            {"id": "roads", "type": "line"},
            {"id": "bridge", "type": "model"},
            {"id": "own", "type": "custom"},
        ],
    },
    "a Lambda's layers": {"functions": {"f": 1}, "layers": {"shared": {"path": "layer"}}},
    "no layers": {"services": ["a"]},
    "a configuration that names a width": {"input_dim": 8, "learning_rate": 0.1},
}


@pytest.mark.parametrize("name", MODELS)
def test_what_was_meant_as_a_model_is_read(name: str) -> None:
    assert looks_like_model(Document(source="", data=MODELS[name]))


@pytest.mark.parametrize("name", OTHERS)
def test_a_document_of_another_program_is_left_alone(name: str) -> None:
    assert not looks_like_model(Document(source="", data=OTHERS[name]))

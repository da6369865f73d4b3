"""Live models: what an object offers is enough; the frameworks' own are in tests/oracles/test_live.py."""

from __future__ import annotations

import json
from typing import Any

import pytest

import lstm_shapes as ls


class Tensor:
    """What is asked of a parameter."""

    dtype = "torch.float32"

    def __init__(self, *shape: int, requires_grad: bool = True) -> None:
        self.shape, self.requires_grad = shape, requires_grad

    def numel(self) -> int:
        count = 1
        for size in self.shape:
            count *= size
        return count


class Module:
    """What is asked of a module: attributes as torch.nn keeps them."""

    def __init__(self, own: dict[str, Tensor] | None = None, **attributes: Any) -> None:
        self._own, self._children = own or {}, {}
        for name, value in attributes.items():
            if isinstance(value, Module):
                self._children[name] = value
            else:
                setattr(self, name, value)

    def named_children(self) -> Any:
        return self._children.items()

    def named_parameters(self, recurse: bool = True) -> Any:
        yield from self._own.items()
        for name, child in self._children.items() if recurse else ():
            yield from ((f"{name}.{key}", value) for key, value in child.named_parameters())

    def named_buffers(self, recurse: bool = True) -> Any:
        return ()


def torch_class(name: str) -> Any:
    return type(name, (Module,), {"__module__": "torch.nn.modules.x"})


def linear(wide: int, narrow: int, weight: Tensor | None = None) -> Any:
    own = {"weight": weight or Tensor(narrow, wide), "bias": Tensor(narrow)}
    return torch_class("Linear")(own, in_features=wide, out_features=narrow, bias=own["bias"])


def lstm(**more: Any) -> Any:
    own = {"w": Tensor(128, 8), "u": Tensor(128, 32), "b": Tensor(128), "c": Tensor(128)}
    settings = {"input_size": 8, "hidden_size": 32, "num_layers": 1, "bias": True, "batch_first": False}
    return torch_class("LSTM")(own, **settings, dropout=0.0, bidirectional=False, proj_size=0, mode="LSTM", **more)


def test_a_module_is_its_layers_counted_by_their_attributes() -> None:
    net = Module(rnn=lstm(), out=linear(32, 2))
    assert ls.convert(net).splitlines()[2:] == [
        "framework: torch",
        "inputs: unknown",
        "layers:",
        "  - {type: lstm, name: rnn, units: 32, input_dim: 8, batch_first: false, inputs: unknown}",
        "  - {type: dense, name: out, units: 2, input_dim: 32, inputs: unknown}",
    ]
    report = ls.inspect(net)
    assert (report.totals.params, report.source_kind, report.notes) == (
        4 * 32 * (8 + 32 + 2) + 66,
        "torch",
        ("a module has no order of calls and no timesteps",),
    )


def test_a_class_derived_from_a_layer_with_more_parameters_is_unknown_with_their_number() -> None:
    own = type("Own", (torch_class("LSTM"),), {})
    layer = own({"w": Tensor(3, 4)}, input_size=8, hidden_size=32)
    report = ls.inspect(Module(mine=layer))
    assert (report["mine"].type, report["mine"].params) == ("unknown", 12)


def test_shared_modules_and_tied_weights_are_counted_once() -> None:
    weight = Tensor(100, 16)
    embedding = torch_class("Embedding")({"weight": weight}, num_embeddings=100, embedding_dim=16)
    out = linear(16, 100, weight)
    report = ls.inspect(Module(emb=embedding, out=out, again=out))
    assert report.totals.params == 1600 + 100
    assert report["out"].tied_to == (("kernel", "emb.embeddings"),)
    assert report["out"].calls == 2


def test_what_training_leaves_is_told_apart() -> None:
    frozen = linear(3, 4, Tensor(4, 3, requires_grad=False))
    totals = ls.inspect(Module(part=frozen)).totals
    assert (totals.trainable_params, totals.non_trainable_params) == (4, 12)


class Layer:
    name, built, trainable_weights, non_trainable_weights = "own", True, [Tensor(3, 4)], ()

    def count_params(self) -> int:
        return 12


class Model:
    """What is asked of a model of Keras."""

    layers = (Layer(),)

    def __init__(self, entries: list[dict[str, Any]] | None) -> None:
        self.entries = entries

    def get_config(self) -> dict[str, Any]:
        return {}

    def to_json(self) -> str:
        if self.entries is None:
            raise NotImplementedError
        first = {"class_name": "InputLayer", "config": {"name": "x", "batch_shape": [None, 10, 8]}}
        config = {"name": "m", "layers": [first, *self.entries]}
        return json.dumps({"class_name": "Sequential", "config": config, "keras_version": "3.15.1"})


def test_a_model_of_keras_is_its_configuration() -> None:
    lstm = {"class_name": "LSTM", "config": {"name": "rnn", "units": 32}}
    report = ls.inspect(Model([lstm, {"class_name": "Own", "module": "mine", "config": {"name": "own"}}]))
    assert (report["rnn"].params, report["own"].params, report.totals.params) == (5248, 12, 5260)
    assert (report.source_kind, report.source_version, report.source) == ("keras-json", "3.15.1", "<tests Model>")


def test_a_finding_in_a_live_model_is_said_in_python() -> None:
    lstm = {"class_name": "LSTM", "config": {"name": "a", "units": 32}}
    (finding,) = ls.inspect(Model([lstm, {**lstm, "config": {"name": "b", "units": 3}}])).findings
    assert finding.kind == "last-step-only"
    assert "where the model is built: set `return_sequences=True` on a" in finding.hint


def test_a_model_without_a_configuration_is_counted_by_layers() -> None:
    report = ls.inspect(Model(None))
    assert (report["own"].params, report.totals.params) == (12, 12)


def test_another_object_is_refused() -> None:
    with pytest.raises(TypeError, match=r"a keras\.Model or a torch\.nn\.Module, got list"):
        ls.inspect([])

"""`verify` beside a framework: what agrees, what differs, what is not compared, and what is missing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

import lstm_shapes as ls
from lstm_shapes.analysis.verify import against, verify
from lstm_shapes.analysis.verify.against.quiet import quiet
from lstm_shapes.analysis.verify.against.twin import Arrays, Differs, NotCompared, Twin
from lstm_shapes.analysis.verify.verification import Verification
from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.symbolic.size import Shape, fixed
from lstm_shapes.views.verify import data, view

from ..command import run_here

MODEL: dict[str, Any] = {
    "input_dim": 8,
    "layers": [
        {"type": "lstm", "name": "encoder", "units": 5, "return_sequences": True},
        {"use": "encoder", "name": "again", "inputs": "input"},
        {"type": "dense", "units": 3, "inputs": "encoder"},
    ],
}
Change = Callable[[Layer, Twin], Twin]


class Framework:
    """A framework whose layers are ours, but for what ``change`` does to them."""

    name, title, version = "torch", "Fake", "1.0"

    def __init__(self, change: Change) -> None:
        self.change = change
        self.built: list[str] = []

    @contextmanager
    def session(self) -> Iterator[None]:
        yield

    def tensor(self, array: Any, mask: Any) -> Any:
        return array

    def array(self, tensor: Any) -> Any:
        return tensor

    def build(self, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays) -> Twin:
        self.built.append(layer.type)
        call = lambda *inputs, states=(): layer.run(Weights(dict(arrays)), *inputs, *states)  # noqa: E731
        return self.change(layer, Twin(call, fixed(layer.count(*shapes) or 0)))


def compared(monkeypatch: pytest.MonkeyPatch, change: Change, model: dict[str, Any] = MODEL) -> Verification:
    framework = Framework(change)
    monkeypatch.setattr(verify, "connect", lambda names: ((framework,), ()))
    return ls.verify(model, against="torch")


def verdicts(outcome: Verification) -> dict[str, str]:
    return {layer.name: layer.verdict for layer in outcome.against[0].layers}


def only(type_: str, change: Callable[[Twin], Twin]) -> Change:
    return lambda layer, twin: change(twin) if layer.type == type_ else twin


def shifted(twin: Twin, by: float = 1e-9) -> Twin:
    """The same outputs, the last number of each too large."""

    def call(*inputs: Any, states: Sequence[Any] = ()) -> tuple[Any, ...]:
        made = tuple(np.array(array) for array in twin.call(*inputs, states=states))
        for array in made:
            array[..., -1] += by
        return made

    return twin._replace(call=call)


def test_a_framework_with_the_same_layers_agrees_in_each(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = compared(monkeypatch, lambda layer, twin: twin)
    assert outcome.verdict == "confirmed"
    assert verdicts(outcome) == dict.fromkeys(("encoder", "again", "dense"), "agrees")
    layers = data(outcome)["against"]["torch"]["layers"]
    assert [layer["params"] for layer in layers] == [280, 280, 18]
    assert {layer["dtype"] for layer in layers} == {"float64"}


def test_a_layer_used_again_is_built_once_for_each_run(monkeypatch: pytest.MonkeyPatch) -> None:
    framework = Framework(lambda layer, twin: twin)
    monkeypatch.setattr(verify, "connect", lambda names: ((framework,), ()))
    outcome = ls.verify(MODEL, against="torch")
    assert framework.built == ["lstm", "dense"] * len(outcome.bindings)


def test_wrong_numbers_disagree_in_their_layer_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = compared(monkeypatch, only("lstm", shifted))
    assert outcome.verdict == "disagrees"
    assert verdicts(outcome) == {"encoder": "disagrees", "again": "disagrees", "dense": "agrees"}
    assert outcome.reason == "prediction and Fake differ in encoder, again"
    assert outcome.against[0].layers[0].difference == pytest.approx(1e-9, rel=1e-6)


def test_a_difference_that_is_rounding_in_the_type_of_the_framework_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    def single(twin: Twin) -> Twin:
        return twin._replace(call=lambda *x, states=(): tuple(a.astype("float32") for a in twin.call(*x)))

    outcome = compared(monkeypatch, only("dense", single))
    assert outcome.verdict == "confirmed"
    assert outcome.against[0].layers[-1].dtype == "float32"
    inexact = compared(monkeypatch, only("dense", lambda twin: shifted(twin)._replace(exact=False)))
    assert inexact.verdict == "confirmed"
    too_far = compared(monkeypatch, only("dense", lambda twin: single(shifted(twin, 1e-4))))
    assert verdicts(too_far)["dense"] == "disagrees"


def test_not_a_number_disagrees(monkeypatch: pytest.MonkeyPatch) -> None:
    assert verdicts(compared(monkeypatch, only("dense", lambda twin: shifted(twin, np.nan))))["dense"] == "disagrees"


def refused(twin: Twin) -> Twin:
    raise NotCompared("Fake has no dense with units 3")


def other_weights(twin: Twin) -> Twin:
    raise Differs("kernel: predicted (5, 3), Fake has (3, 5)")


def failing(twin: Twin) -> Twin:
    raise ValueError("bad argument\nmore lines")


WRONG: dict[str, tuple[Callable[[Twin], Twin], str, str]] = {
    "a layer that it has not": (refused, "not compared", "Fake has no dense with units 3"),
    "other weights": (other_weights, "disagrees", "kernel: predicted (5, 3), Fake has (3, 5)"),
    "an exception": (failing, "disagrees", "Fake fails: ValueError: bad argument"),
    "another count": (
        lambda twin: twin._replace(params=19), "disagrees", "parameters: predicted 18, Fake has 19",
    ),
    "another shape": (
        lambda twin: twin._replace(call=lambda *x, states=(): (twin.call(*x)[0][:, :-1],)),
        "disagrees", "predicted (2, 3, 3), Fake passes on (2, 2, 3)",
    ),
    "an output too many": (
        lambda twin: twin._replace(call=lambda *x, states=(): twin.call(*x) * 2),
        "disagrees", "predicted (2, 3, 3), Fake passes on (2, 3, 3) (2, 3, 3)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    change, verdict, reason = WRONG[case]
    sizes = {**MODEL, "batch": 2, "timesteps": 3}
    outcome = compared(monkeypatch, only("dense", change), sizes)
    layer = outcome.against[0].layers[-1]
    assert (layer.verdict, layer.reason) == (verdict, reason)
    assert outcome.verdict == ("disagrees" if verdict == "disagrees" else "confirmed")


def test_shapes_that_it_states_and_does_not_execute_are_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = only("dense", lambda twin: twin._replace(stated=lambda shapes: ((2, 3, 4),), known_fault="its own"))
    outcome = compared(monkeypatch, wrong, {**MODEL, "batch": 2, "timesteps": 3})
    note = "Fake states (2, 3, 4) (its own); judged by the executed layer, (2, 3, 3)"
    assert outcome.against[0].layers[-1].notes == (note,)
    assert outcome.verdict == "confirmed"


def test_a_declared_layer_is_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    model = {"input_dim": 8, "layers": [{"type": "custom", "output": ["B", 4], "params": 7}]}
    outcome = compared(monkeypatch, lambda layer, twin: twin, model)
    assert outcome.against[0].verdict == "not compared"
    assert outcome.nothing_compared


def test_every_format_has_the_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = compared(monkeypatch, only("dense", refused))
    formats = view([outcome])
    rows = [row for row in list(formats["csv"]().rows) if "against torch" in row]  # type: ignore[union-attr]
    assert [row[3] for row in rows] == ["agrees", "agrees", "not compared"]
    page = str(formats["text"]())
    assert "Fake 1.0 agrees in 2 of 3 layers (float64)" in page
    assert "dense: not compared: Fake has no dense with units 3" in page


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("keras", "torch", "jax", "tensorflow", "onnx", "onnxruntime", "flax"):
        monkeypatch.setitem(sys.modules, name, None)


@pytest.mark.usefixtures("nothing_installed")
def test_a_framework_that_is_missing_is_named_with_the_command_that_installs_it() -> None:
    message = "not compared with Keras: keras is not installed; install with `pip install keras torch`"
    with pytest.raises(ls.MissingFramework, match=message):
        ls.verify(MODEL, against="keras")
    with pytest.raises(ls.MissingFramework, match="nothing was compared: no framework is installed"):
        ls.verify(MODEL, against="all")


def test_with_all_the_missing_ones_are_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    framework = Framework(lambda layer, twin: twin)
    monkeypatch.setattr(against, "installed", lambda package: package == "torch")
    monkeypatch.setattr(against, "_connected", lambda name: framework)
    outcome = ls.verify(MODEL, against="all")
    assert outcome.verdict == "confirmed"
    assert [bool(comparison.missing) for comparison in outcome.against] == [
        comparison.framework != "torch" for comparison in outcome.against
    ]
    assert "keras is not installed; install with `pip install keras torch`" in str(view([outcome])["text"]())


@pytest.mark.parametrize("present", ["keras", "torch"])
def test_keras_needs_a_backend(present: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(against, "installed", lambda package: package == present)
    missing = {"keras": "one of torch, jax, tensorflow is", "torch": "keras is"}[present]
    with pytest.raises(ls.MissingFramework, match=f"{missing} not installed"):
        ls.verify(MODEL, against="keras")


def test_a_framework_that_cannot_be_imported_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(against, "installed", lambda package: True)

    def broken(name: str) -> Any:
        raise OSError("libcudart.so: no such file")

    monkeypatch.setattr(against, "import_module", broken)
    with pytest.raises(ls.MissingFramework, match=r"importing it fails: OSError: libcudart.so: no such file"):
        ls.verify(MODEL, against="torch")


def test_a_name_that_is_no_framework_is_refused() -> None:
    with pytest.raises(ls.InvalidValue, match="expected one of keras, torch"):
        ls.verify(MODEL, against="kears")


def test_nothing_of_a_framework_is_imported_unless_it_is_asked_for() -> None:
    """In a process of its own: other tests may have imported one."""
    import subprocess

    program = f"import lstm_shapes, sys; lstm_shapes.verify({MODEL}); print(sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    for name in ("keras", "torch", "onnx", "onnxruntime", "flax", "jax", "lstm_shapes.analysis.verify.against.keras"):
        assert f"'{name}'" not in loaded


def test_the_command_ends_with_2_where_nothing_was_compared(tmp_path: Any, nothing_installed: None) -> None:
    (tmp_path / "model.json").write_text('{"input_dim": 8, "layers": [{"type": "lstm", "units": 5}]}')
    done = run_here("verify", "model.json", "--against", "torch", cwd=tmp_path)
    assert done.code == 2
    assert done.err.startswith(b"error: --against: not compared with PyTorch: torch is not installed")
    assert done.out == b""


@pytest.mark.parametrize(("change", "code"), [(refused, 2), (shifted, 1), (lambda twin: twin, 0)])
def test_the_exit_code_says_what_came_of_it(
    change: Callable[[Twin], Twin], code: int, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "model.json").write_text('{"inputs": {"x": [2, 8]}, "layers": [{"type": "dense", "units": 3}]}')
    monkeypatch.setattr(verify, "connect", lambda names: ((Framework(only("dense", change)),), ()))
    assert run_here("verify", "model.json", "--against", "torch", cwd=tmp_path).code == code


def test_what_a_framework_prints_is_not_seen(capfd: pytest.CaptureFixture[str]) -> None:
    import os
    import warnings

    with quiet():
        print("from Python")
        os.write(1, b"from below")
        os.write(2, b"from below")
        warnings.warn("a warning", stacklevel=1)
    print("ours")
    assert capfd.readouterr() == ("ours\n", "")

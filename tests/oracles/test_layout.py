"""What ``layout`` prints, run on the weights of a real framework and loaded into another: both compute the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import permutations
from random import Random
from typing import Any, NamedTuple

import numpy as np
import pytest

from lstm_shapes.analysis.layout.function import function
from lstm_shapes.analysis.layout.layer_pair import NoConversion
from lstm_shapes.analysis.layout.layout import Layout, layout
from lstm_shapes.frameworks import NAMES

from ..profiles import few
from .comparison import Array, floats, random_for

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN"),
]
Results = dict[str, Array]


class Case(NamedTuple):
    """A layer, its settings, and the shape of what it reads: (batch, time, in), or (batch, height, width, in)."""

    source: str
    target: str
    type: str
    settings: dict[str, Any]
    shape: tuple[int, ...]

    def __str__(self) -> str:
        settings = " ".join(f"{name}={value}" for name, value in self.settings.items())
        return f"{self.type} {self.source}-{self.target} {settings} {self.shape}"


def recurrent() -> list[Case]:
    draw, listed = Random(11), []
    for source, target in permutations(NAMES, 2):
        for type_ in ("lstm", "gru", "rnn"):
            for directions in (1, 2):
                shape = tuple(draw.sample(range(2, 8), 3))
                settings: dict[str, Any] = {"units": draw.randint(2, 6), "num_layers": draw.randint(1, 2)}
                settings |= {"bidirectional": True} if directions == 2 else {}
                settings |= {"reset_after": True} if type_ == "gru" else {}
                settings |= {"bias": False} if draw.random() < 0.2 else {}
                listed.append(Case(source, target, type_, settings, shape))
    return [*listed, Case("keras", "onnx", "gru", {"units": 3, "reset_after": False}, (2, 4, 5))]


def still() -> list[Case]:
    draw, listed = Random(12), []
    for source, target in permutations([name for name in NAMES if name != "flax-linen"], 2):
        listed.append(Case(source, target, "dense", {"units": draw.randint(2, 6)}, (3, draw.randint(2, 6))))
        conv = {"filters": draw.randint(2, 6), "kernel_size": draw.randint(2, 3)}
        listed.append(Case(source, target, "conv2d", conv, (2, 7, 6, draw.randint(2, 5))))
        listed.append(Case(source, target, "batch_normalization", {}, (3, draw.randint(2, 6))))
        listed.append(Case(source, target, "layer_normalization", {}, (3, draw.randint(2, 6))))
    return listed


def attention() -> list[Case]:
    draw, listed = Random(13), []
    for source, target in permutations([name for name in NAMES if name != "onnx"], 2):
        heads, width = draw.randint(1, 3), draw.randint(2, 4)
        settings: dict[str, Any] = {"num_heads": heads, "key_dim": width}
        settings |= {"bias": False} if draw.random() < 0.3 else {}
        listed.append(Case(source, target, "multi_head_attention", settings, (2, 5, heads * width)))
    return listed


def answered(case: Case) -> Layout:
    sizes = {"input_dim": case.shape[-1], **case.settings}
    dims = {name: sizes.pop(name) for name in ("filters", "kernel_size") if name in sizes}
    return layout(case.type, source=case.source, target=case.target, dims=dims, **sizes)


def weights(answer: Layout, rng: np.random.Generator) -> dict[str, Array]:
    """Random weights of the source, with zeros where the target has no place."""
    arrays = {tensor.name: 0.4 * floats(rng, tensor.shape) for tensor in answer.given}
    for name in arrays:
        if "var" in name:
            arrays[name] = np.abs(arrays[name]) + np.float32(0.5)
    for code in answer.left_out:
        exec(f"{code}[...] = 0", {"weights": arrays, "np": np})
    return arrays


def converted(answer: Layout, arrays: Mapping[str, Array]) -> dict[str, Array]:
    names: dict[str, Any] = {}
    exec(function(answer), names)
    made: dict[str, Array] = names[f"{answer.target}_from_{answer.source}".replace("-", "_")](arrays)
    return {name: np.ascontiguousarray(array) for name, array in made.items()}


def by_layer(case: Case, arrays: Mapping[str, Array]) -> list[dict[str, Array]]:
    """The tensors of each layer of a stack, without its name in front."""
    depth = case.settings.get("num_layers", 1)
    if depth == 1:
        return [dict(arrays)]
    prefixes = [f"{case.type}/", *(f"{case.type}_{number}/" for number in range(1, depth))]
    return [
        {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
        for prefix in prefixes
    ]


def attend_keras(case: Case, arrays: Mapping[str, Array], x: Array) -> Results:
    keras = pytest.importorskip("keras")
    settings = case.settings
    real = keras.layers.MultiHeadAttention(
        settings["num_heads"], settings["key_dim"], use_bias=settings.get("bias", True)
    )
    real.build(x.shape, x.shape)
    real.set_weights(list(arrays.values()))
    return {"output": real(x, x).detach().numpy()}


def attend_torch(case: Case, arrays: Mapping[str, Array], x: Array) -> Results:
    torch = pytest.importorskip("torch")
    bias = case.settings.get("bias", True)
    real = torch.nn.MultiheadAttention(x.shape[-1], case.settings["num_heads"], bias=bias, batch_first=True)
    real.load_state_dict({name: torch.from_numpy(np.array(array)) for name, array in arrays.items()})
    with torch.no_grad():
        data = torch.from_numpy(x)
        return {"output": real(data, data, data)[0].numpy()}


def attend_flax(framework: str, case: Case, arrays: Mapping[str, Array], x: Array) -> Results:
    pytest.importorskip("flax")
    from . import test_flax

    together = case.settings["num_heads"] * case.settings["key_dim"]
    given: dict[str, Any] = {"num_heads": case.settings["num_heads"], "qkv_features": together}
    given |= {"out_features": x.shape[-1], "use_bias": case.settings.get("bias", True)}
    if framework == "flax":
        nnx = test_flax.nnx
        real = nnx.MultiHeadAttention(in_features=x.shape[-1], decode=False, rngs=nnx.Rngs(0), **given)
    else:
        real = test_flax.linen.MultiHeadDotProductAttention(**given)
    return {"output": np.array(test_flax.called(framework, real, dict(arrays), x))}


def run_keras(case: Case, arrays: Mapping[str, Array], x: Array) -> Results:
    keras = pytest.importorskip("keras")
    names = {"lstm": "LSTM", "gru": "GRU", "rnn": "SimpleRNN", "dense": "Dense", "conv2d": "Conv2D"}
    names |= {"batch_normalization": "BatchNormalization", "layer_normalization": "LayerNormalization"}
    class_, values = getattr(keras.layers, names[case.type]), list(arrays.values())
    if len(case.shape) != 3:
        given = {**case.settings, **({"epsilon": 1e-5} if "normal" in case.type else {})}
        real = class_(**given)
        real.build(x.shape)
        real.set_weights(values)
        return {"output": real(x).detach().numpy()}
    given = {
        name: value for name, value in case.settings.items() if name not in ("num_layers", "bidirectional", "bias")
    }
    given |= {"use_bias": case.settings.get("bias", True), "return_sequences": True, "return_state": True}
    for own in by_layer(case, arrays):
        real = class_(**given)
        real = keras.layers.Bidirectional(real) if case.settings.get("bidirectional") else real
        real.build(x.shape)
        real.set_weights(list(own.values()))
        x, *states = (tensor.detach().numpy() for tensor in real(x))
    cells = {"c": np.stack(states[1::2])} if case.type == "lstm" else {}
    return {"output": x, **cells}


def run_torch(case: Case, arrays: Mapping[str, Array], x: Array) -> Results:
    torch = pytest.importorskip("torch")
    state = {name: torch.from_numpy(np.array(array)) for name, array in arrays.items()}
    width, settings = case.shape[-1], case.settings
    with torch.no_grad():
        if len(case.shape) == 3:
            class_ = getattr(torch.nn, case.type.upper())
            both, bias = settings.get("bidirectional", False), settings.get("bias", True)
            layers = settings.get("num_layers", 1)
            real = class_(width, settings["units"], layers, batch_first=True, bidirectional=both, bias=bias)
            real.load_state_dict(state)
            output, last = real(torch.from_numpy(x))
            cells = {"c": last[1][-1 - both :].numpy()} if case.type == "lstm" else {}
            return {"output": output.numpy(), **cells}
        real = {
            "dense": lambda: torch.nn.Linear(width, settings["units"]),
            "conv2d": lambda: torch.nn.Conv2d(width, settings["filters"], settings["kernel_size"]),
            "batch_normalization": lambda: torch.nn.BatchNorm1d(width),
            "layer_normalization": lambda: torch.nn.LayerNorm(width),
        }[case.type]()
        real.load_state_dict(state, strict=case.type != "batch_normalization")
        real.eval()
        if case.type == "conv2d":
            moved = real(torch.from_numpy(x.transpose(0, 3, 1, 2).copy()))
            return {"output": moved.numpy().transpose(0, 2, 3, 1)}
        return {"output": real(torch.from_numpy(x)).numpy()}


def run_onnx(case: Case, arrays: Mapping[str, Array], x: Array) -> Results:
    pytest.importorskip("onnxruntime")
    from .test_onnx_nodes import executed, inputs

    settings = case.settings
    if len(case.shape) != 3:
        op = {"dense": "Gemm", "conv2d": "Conv", "batch_normalization": "BatchNormalization"}
        name, data = op.get(case.type, "LayerNormalization"), x.transpose(0, 3, 1, 2) if case.type == "conv2d" else x
        given = {"epsilon": 1e-5} if "normal" in case.type else {}
        (made,) = executed(name, {"X": np.ascontiguousarray(data), **arrays}, 1, given, opset=21)
        return {"output": made.transpose(0, 2, 3, 1) if case.type == "conv2d" else made}
    given = {"hidden_size": settings["units"]}
    given |= {"direction": "bidirectional"} if settings.get("bidirectional") else {}
    given |= {"linear_before_reset": int(settings["reset_after"])} if case.type == "gru" else {}
    x = x.swapaxes(0, 1)
    for own in by_layer(case, arrays):
        outputs = executed(
            case.type.upper(), inputs(np.ascontiguousarray(x), own, []), 2 + (case.type == "lstm"), given
        )
        x = np.concatenate(list(outputs[0].swapaxes(0, 1)), axis=-1)
    return {"output": x.swapaxes(0, 1), **({"c": outputs[2]} if case.type == "lstm" else {})}


def run_flax(case: Case, arrays: Mapping[str, Array], x: Array) -> Results:
    return _run_flax("flax", case, arrays, x)


def run_flax_linen(case: Case, arrays: Mapping[str, Array], x: Array) -> Results:
    return _run_flax("flax-linen", case, arrays, x)


def _run_flax(framework: str, case: Case, arrays: Mapping[str, Array], x: Array) -> Results:
    pytest.importorskip("flax")
    from lstm_shapes.layers import family

    from . import test_flax

    if len(case.shape) == 3:
        nn: Any = {"flax": test_flax.nnx, "flax-linen": test_flax.linen}[framework]
        for own in by_layer(case, arrays):
            cell = family(case.type)(units=case.settings["units"])
            twin = test_flax.Case(framework, cell, x.shape)
            made = test_flax.rnn(twin, nn, cell)
            if case.settings.get("bidirectional"):
                more: dict[str, Any] = {"rngs": nn.Rngs(0)} if framework == "flax" else {}
                made = nn.Bidirectional(made, test_flax.rnn(twin, nn, cell), **more)
            x = np.array(test_flax.called(framework, made, own, x))
        return {"output": x}
    from lstm_shapes.analysis.verify.against import connect
    from lstm_shapes.analysis.verify.against.flax_modules import MODULES

    given = {"epsilon": 1e-5} if "normal" in case.type else {}
    settings, table = family(case.type)(**case.settings, **given).field_values(), MODULES[case.type]
    ((builder,), _) = connect([framework])
    flax: Any = builder
    with flax.session():
        features, arguments = table.features(settings, case.shape), table.arguments(settings, case.shape)
        made = flax.interface.module(table.name, features, **arguments)
        return {"output": np.array(flax.interface.loaded(made, arrays, x)(x))}


RUNS: Mapping[str, Callable[[Case, Mapping[str, Array], Array], Results]] = {
    "keras": run_keras,
    "torch": run_torch,
    "onnx": run_onnx,
    "flax": run_flax,
    "flax-linen": run_flax_linen,
}


ATTENDING: Mapping[str, Callable[[Case, Mapping[str, Array], Array], Results]] = {
    "keras": attend_keras,
    "torch": attend_torch,
    "flax": partial(attend_flax, "flax"),
    "flax-linen": partial(attend_flax, "flax-linen"),
}


def largest_difference(case: Case, spoil: str = "") -> float:
    """Between what the two frameworks compute; ``spoil`` names a tensor of the target that is reversed."""
    answer, rng = answered(case), random_for(str(case))
    arrays, x = weights(answer, rng), floats(rng, case.shape)
    made = converted(answer, arrays)
    if spoil:
        made[spoil] = np.ascontiguousarray(made[spoil][..., ::-1])
    runs = ATTENDING if case.type == "multi_head_attention" else RUNS
    theirs, ours = runs[case.source](case, arrays, x), runs[case.target](case, made, x)
    differences = []
    for name in theirs.keys() & ours.keys():
        assert theirs[name].shape == ours[name].shape
        differences.append(np.abs(theirs[name] - ours[name]).max())
    return float(max(differences))


@pytest.mark.parametrize("case", few([*recurrent(), *still(), *attention()], 40), ids=str)
def test_a_layer_with_converted_weights_computes_what_the_other_framework_computes(
    case: Case, compared: Callable[[str], None]
) -> None:
    if case.source.startswith("flax") and case.settings.get("bias") is False:
        with pytest.raises(NoConversion, match="bias: in Flax"):
            answered(case)
        return
    assert largest_difference(case) < 1e-5
    compared("layout")


def test_weights_in_another_order_would_be_noticed() -> None:
    case = Case("torch", "keras", "gru", {"units": 3, "reset_after": True}, (2, 4, 5))
    assert largest_difference(case) < 1e-5
    assert largest_difference(case, spoil="kernel") > 1e-2

"""The conventions of the tools that count, against what the tools say themselves of random modules."""

from __future__ import annotations

import contextlib
import io
import random
import sys
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from lstm_shapes.analysis.cost import reported
from lstm_shapes.formats.document import Document
from lstm_shapes.spec.reader import read

torch = pytest.importorskip("torch")
pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore")]
MODULES = 240


def settings(number: int, *, projected: bool = True) -> dict[str, Any]:
    rng = random.Random(number)
    cell = rng.choice(("lstm", "lstm", "gru", "rnn", "linear"))
    if cell == "linear":
        layer: dict[str, Any] = {"type": "linear", "units": rng.randint(1, 20), "bias": rng.random() < 0.7}
    else:
        layer = {"type": cell, "units": rng.randint(8, 20), "num_layers": rng.randint(1, 3)}
        layer |= {"bidirectional": rng.random() < 0.4, "bias": rng.random() < 0.7}
        if projected and cell == "lstm" and rng.random() < 0.3:
            layer["proj_size"] = rng.randint(1, 7)
    return {
        "framework": "torch",
        "batch": rng.randint(1, 5),
        "timesteps": rng.randint(1, 7),
        "input_dim": rng.randint(1, 20),
        "layers": [layer],
    }


def convolutional(number: int) -> dict[str, Any]:
    """A convolution or a transposed one, and its input."""
    rng = random.Random(f"convolution {number}")
    rank, groups = rng.choice((1, 2, 3)), rng.choice((1, 1, 2, 3))
    transposed = rng.random() < 0.4
    layer = {
        "type": f"conv{rank}d{'_transpose' if transposed else ''}",
        "filters": groups * rng.randint(1, 4),
        "kernel_size": [rng.randint(1, 3) for _ in range(rank)],
        "strides": [rng.randint(1, 3) for _ in range(rank)],
        "padding": [rng.randint(0, 2) for _ in range(rank)],
        "groups": groups,
        "bias": rng.random() < 0.7,
    }
    if not transposed:
        layer["dilation_rate"] = [rng.randint(1, 2) for _ in range(rank)]
    shape = [rng.randint(1, 3), groups * rng.randint(1, 3), *(rng.randint(6, 9) for _ in range(rank))]
    return {"framework": "torch", "inputs": {"x": shape}, "layers": [layer]}


def convolution(spec: dict[str, Any], device: str) -> tuple[Any, Any]:
    """The real module and its input."""
    layer = dict(spec["layers"][0])
    name, shape = layer.pop("type"), spec["inputs"]["x"]
    rank = len(shape) - 2
    class_ = getattr(torch.nn, f"ConvTranspose{rank}d" if "transpose" in name else f"Conv{rank}d")
    torchs = {"strides": "stride", "dilation_rate": "dilation"}
    filters, kernel = layer.pop("filters"), layer.pop("kernel_size")
    given = {torchs.get(key, key): tuple(value) if isinstance(value, list) else value for key, value in layer.items()}
    return class_(shape[1], filters, tuple(kernel), **given, device=device), torch.zeros(shape, device=device)


def ours(spec: dict[str, Any], convention: str) -> object:
    reading = read(Document(source="", data=spec))
    assert reading.inferred
    return reported(reading.inferred, convention)


def module(spec: dict[str, Any], device: str = "cpu") -> tuple[Any, Any]:
    """The real module and its input."""
    if "inputs" in spec:
        return convolution(spec, device)
    layer = dict(spec["layers"][0])
    kind, units, bias = layer.pop("type"), layer.pop("units"), layer.pop("bias")
    x = torch.zeros(spec["batch"], spec["timesteps"], spec["input_dim"], device=device)
    if kind == "linear":
        return torch.nn.Linear(spec["input_dim"], units, bias=bias, device=device), x
    made = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}[kind]
    return made(spec["input_dim"], units, bias=bias, batch_first=True, device=device, **layer), x


class Outer(torch.nn.Module):  # type: ignore[misc, name-defined]
    """A module around one: ptflops passes the input by name, and its hooks see positions alone."""

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, input: Any) -> Any:
        return self.inner(input)


def flop_counter(spec: dict[str, Any]) -> int:
    from torch.utils.flop_counter import FlopCounterMode

    made, x = module(spec, "meta")
    with FlopCounterMode(display=False) as counter:
        made(x)
    return int(counter.get_total_flops())


def torchinfo(spec: dict[str, Any]) -> int:
    tool = pytest.importorskip("torchinfo")
    made, x = module(spec)
    return int(tool.summary(made, input_data=x, verbose=0).total_mult_adds)


def thop(spec: dict[str, Any]) -> int:
    tool = pytest.importorskip("thop")
    made, x = module(spec)
    return int(tool.profile(made, inputs=(x,), verbose=False)[0])


def ptflops(spec: dict[str, Any]) -> int:
    tool = pytest.importorskip("ptflops")
    made, x = module(spec)
    made = Outer(made)
    given = {"input_constructor": lambda shape: {"input": x}, "as_strings": False, "print_per_layer_stat": False}
    macs, _ = tool.get_model_complexity_info(made, tuple(x.shape[1:]), backend="pytorch", **given)
    return int(macs)


def calflops(spec: dict[str, Any]) -> int:
    tool = pytest.importorskip("calflops")
    made, x = module(spec)
    given = {"args": [x], "print_results": False, "print_detailed": False, "output_as_string": False}
    flops, _, _ = tool.calculate_flops(model=made, **given)
    return int(flops)


TOOLS: dict[str, tuple[str, Callable[[dict[str, Any]], int]]] = {
    "FlopCounterMode": ("flops", flop_counter),
    "torchinfo": ("torchinfo", torchinfo),
    "thop": ("thop", thop),
    "ptflops": ("ptflops", ptflops),
    "calflops": ("calflops", calflops),
}


def compared_with(tool: str, make: Callable[[int], dict[str, Any]]) -> int:
    """How many random modules the tool and its convention count alike. Fails where they differ."""
    convention, run = TOOLS[tool]
    wrong, compared = [], 0
    for number in range(MODULES):
        spec = make(number)
        expected = ours(spec, convention)
        if expected is None:
            continue
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reported = run(spec)
        compared += 1
        if reported != expected:
            wrong.append((spec, reported, expected))
    assert wrong == []
    return compared


@pytest.mark.parametrize("tool", TOOLS)
def test_random_modules_have_the_number_that_the_tool_reports(tool: str) -> None:
    compared = compared_with(tool, settings)
    assert compared >= 200
    print(f"{tool}: {compared} modules", file=sys.stderr)


@pytest.mark.parametrize("tool", TOOLS)
def test_random_convolutions_have_the_number_that_the_tool_reports(tool: str) -> None:
    assert compared_with(tool, convolutional) >= 130


def test_flop_counter_says_twice_the_matmul_macs() -> None:
    for number in range(MODULES):
        spec = settings(number)
        macs = ours(spec, "matmul")
        assert isinstance(macs, int)
        assert flop_counter(spec) == 2 * macs


def test_fvcore_sees_no_recurrent_layer() -> None:
    tool = pytest.importorskip("fvcore.nn")
    made, x = module(settings(0) | {"layers": [{"type": "lstm", "units": 8, "bias": True}]})
    assert tool.FlopCountAnalysis(made, x).unsupported_ops_warnings(False).total() == 0


def test_ptflops_default_backend_sees_no_lstm() -> None:
    tool = pytest.importorskip("ptflops")
    made, x = module(settings(0) | {"layers": [{"type": "lstm", "units": 8, "bias": True}]})
    with contextlib.redirect_stdout(io.StringIO()):
        macs, _ = tool.get_model_complexity_info(
            made, tuple(x.shape[1:]), as_strings=False, print_per_layer_stat=False, backend="aten"
        )
    assert macs == 0

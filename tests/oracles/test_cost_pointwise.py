"""The conventions of the tools that count, for normalization, PReLU, softmax and attention, against the tools."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from lstm_shapes import api
from lstm_shapes.analysis.cost import reported

torch = pytest.importorskip("torch")
pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore")]


class Alone(torch.nn.Module):  # type: ignore[misc, name-defined]
    """A module around one, which is given the same tensor for all its inputs."""

    def __init__(self, inner: Any, count: int) -> None:
        super().__init__()
        self.inner, self.count = inner, count

    def forward(self, input: Any) -> Any:
        made = self.inner(*[input] * self.count)
        return made[0] if isinstance(made, tuple) else made


def modules(draw: Random) -> tuple[str, dict[str, Any], tuple[int, ...], int]:
    batch, channels, space = draw.sample(range(2, 9), 3)
    affine = draw.random() < 0.6
    groups = draw.choice([n for n in range(1, channels + 1) if channels % n == 0])
    kind = draw.choice(["BatchNorm1d", "GroupNorm", "LayerNorm", "RMSNorm", "PReLU", "Softmax", "MultiheadAttention"])
    arguments: dict[str, Any] = {
        "BatchNorm1d": {"num_features": channels, "affine": affine},
        "GroupNorm": {"num_groups": groups, "num_channels": channels, "affine": affine},
        "LayerNorm": {"normalized_shape": space, "elementwise_affine": affine},
        "RMSNorm": {"normalized_shape": space, "elementwise_affine": affine},
        "PReLU": {"num_parameters": draw.choice([1, channels])},
        "Softmax": {"dim": -1},
        "MultiheadAttention": {"embed_dim": space * 2, "num_heads": 2, "bias": affine, "batch_first": True},
    }[kind]
    attends = kind == "MultiheadAttention"
    return kind, arguments, (batch, channels, space * (2 if attends else 1)), 3 if attends else 1


def flop_counter(made: Any, x: Any) -> int:
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        made.to("meta")(x.to("meta"))
    return int(counter.get_total_flops())


def torchinfo(made: Any, x: Any) -> int:
    tool = pytest.importorskip("torchinfo")
    return int(tool.summary(made, input_data=x, verbose=0).total_mult_adds)


def thop(made: Any, x: Any) -> int:
    tool = pytest.importorskip("thop")
    return int(tool.profile(made, inputs=(x,), verbose=False)[0])


def ptflops(made: Any, x: Any) -> int:
    tool = pytest.importorskip("ptflops")
    given = {"input_constructor": lambda shape: {"input": x}, "as_strings": False, "print_per_layer_stat": False}
    return int(tool.get_model_complexity_info(made, tuple(x.shape[1:]), backend="pytorch", **given)[0])


TOOLS: dict[str, Callable[[Any, Any], int]] = {
    "flops": flop_counter,
    "torchinfo": torchinfo,
    "thop": thop,
    "ptflops": ptflops,
}


@pytest.mark.parametrize("tool", TOOLS)
def test_random_modules_have_the_number_that_the_tool_reports(tool: str) -> None:
    compared = set()
    for number in range(120):
        kind, arguments, shape, count = modules(Random(number))
        entry = {"type": f"nn.{kind}", "inputs": ["x"] * count, **arguments}
        reading = api.read({"framework": "torch", "inputs": {"x": list(shape)}, "layers": [entry]})
        assert reading.inferred
        expected = reported(reading.inferred, tool)
        if expected is None:
            continue
        made = Alone(getattr(torch.nn, kind)(**arguments).eval(), count)
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert TOOLS[tool](made, torch.zeros(*shape)) == expected, (kind, arguments, shape)
        compared.add(kind)
    assert len(compared) >= 5

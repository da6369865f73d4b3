"""The conventions of the tools that count, for pooling, zero padding and up-sampling, against the tools."""

from __future__ import annotations

import contextlib
import io
import sys
import warnings
from importlib.machinery import ModuleSpec
from random import Random
from types import ModuleType
from typing import Any

import pytest

from lstm_shapes.analysis.pooling_counts import pooling_reported
from lstm_shapes.layers import family

from ..profiles import rounds
from .test_pooling import in_torch, module

torch = pytest.importorskip("torch")
pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore")]


class Weighted(torch.nn.Module):  # type: ignore[misc, name-defined]
    """A module around one, with a weight that it does not use: calflops asks a weight for its device."""

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner, self.weight = inner, torch.nn.Parameter(torch.zeros(()))

    def forward(self, input: Any) -> Any:
        return self.inner(input)


def flops(made: Any, x: Any) -> int:
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        made(x)
    return int(counter.get_total_flops())


def torchinfo(made: Any, x: Any) -> int:
    tool = pytest.importorskip("torchinfo")
    # The weight of the module around is counted once.
    return int(tool.summary(made.inner, input_data=x, verbose=0).total_mult_adds)


def thop(made: Any, x: Any) -> int:
    tool = pytest.importorskip("thop")
    return int(tool.profile(made, inputs=(x,), verbose=False)[0])


def ptflops(made: Any, x: Any) -> int:
    tool = pytest.importorskip("ptflops")
    given = {"input_constructor": lambda shape: {"input": x}, "as_strings": False, "print_per_layer_stat": False}
    return int(tool.get_model_complexity_info(made, tuple(x.shape[1:]), backend="pytorch", **given)[0])


def calflops(made: Any, x: Any) -> int:
    """It imports a tokenizer, which it needs for language models alone."""
    if "calflops" not in sys.modules and "transformers" not in sys.modules:
        stub = ModuleType("transformers")
        stub.__spec__, stub.AutoTokenizer = ModuleSpec("transformers", None), object  # type: ignore[attr-defined]
        sys.modules["transformers"] = stub
    tool = pytest.importorskip("calflops")
    given = {"args": [x], "print_results": False, "print_detailed": False, "output_as_string": False}
    return int(tool.calculate_flops(model=made, **given)[0])


TOOLS = {"flops": flops, "torchinfo": torchinfo, "thop": thop, "ptflops": ptflops, "calflops": calflops}


@pytest.mark.parametrize("tool", TOOLS)
def test_random_modules_have_the_number_that_the_tool_reports(tool: str) -> None:
    compared = set()
    for number in range(rounds(400, dev=120)):
        layer, shape = in_torch(Random(f"cost {number}"))
        expected = pooling_reported(tool, layer, (shape,))
        if expected is None:
            continue
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert TOOLS[tool](Weighted(module(layer)), torch.zeros(shape)) == expected, (layer, shape)
        compared.add(layer.type)
    assert len(compared) >= 15


@pytest.mark.parametrize("tool", ["thop", "ptflops", "calflops"])
def test_what_is_no_module_is_not_known(tool: str) -> None:
    assert pooling_reported(tool, family("global_average_pooling1d")(), ((5, 20, 8),)) is None


def test_calflops_fails_on_a_factor_for_each_axis() -> None:
    with pytest.raises(TypeError), contextlib.redirect_stdout(io.StringIO()):
        calflops(Weighted(torch.nn.Upsample(scale_factor=(2.0, 3.0))), torch.zeros(3, 1, 4, 5))

"""Figures as expressions on arrays: against sweep, on NumPy and Dask, and exact where int64 would wrap."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lstm_shapes as ls
from lstm_shapes.analysis.formulas import Expression
from lstm_shapes.analysis.sweep import sweep
from lstm_shapes.formats.document import Document
from lstm_shapes.symbolic.size import Unbound, evaluate, parse

from .test_sweep import FITTING

PAGE = Path(__file__).parents[2] / "docs" / "larger_than_memory.md"
FITS: dict[str, Any] = {"batch": 3, "timesteps": 2, "input_dim": 8}


def arrays(library: str, first: range, second: range) -> tuple[Any, Any]:
    """Two axes across each other, as arrays of a library."""
    if library == "numpy":
        return np.array(first)[:, None], np.array(second)[None, :]
    dask = pytest.importorskip("dask.array")
    return (
        dask.from_array(np.array(first), chunks=3)[:, None],
        dask.from_array(np.array(second), chunks=4)[None, :],
    )


@pytest.mark.parametrize("library", ["numpy", "dask"])
@pytest.mark.parametrize("name", FITTING)
def test_expressions_on_arrays_are_what_sweep_finds(name: str, library: str) -> None:
    """Figure by figure, and where there is no model."""
    data = {**FITS, "layers": [*FITTING[name]]}
    h, k = arrays(library, range(1, 11), range(1, 12))
    axes = {"H": range(1, 11), "K": range(1, 12)}
    if "K" not in str(FITTING[name]):
        axes.pop("K")
        h = h[:, 0]
    found, figures = sweep(Document(source="model.yaml", data=data), axes), ls.formulas(data)
    stretched = any("stretched" in note for note in found.notes)
    fits = np.broadcast_to(np.asarray(figures.fits(H=h, K=k)), found.valid.shape)
    assert (fits <= found.valid).all()
    assert stretched or (fits == found.valid).all()
    for column in found.columns:
        values = np.broadcast_to(np.asarray(figures[column.name](H=h, K=k)), found.valid.shape)
        assert column.per == ""
        assert (values == column.values)[found.valid].all()
        assert not fits.any() or (values + 1 != column.values)[fits].all()


@pytest.mark.parametrize("library", ["numpy", "dask"])
@pytest.mark.parametrize("text", ["4*H*H", "H*K*H", "4*H*(H + 9)", "(H*H)//K", "H*H - H*K"])
@pytest.mark.parametrize("last", [10**3, 2**31, 2**32, 2**62])
def test_what_int64_would_wrap_is_exact(library: str, text: str, last: int) -> None:
    """2**31 squared times 4 is 0 in int64."""
    size, numbers = parse(text), [1, last - 1, last]
    h, k = np.array(numbers)[:, None], np.array([1, 3, last])[None, :]
    if library == "dask":
        dask = pytest.importorskip("dask.array")
        h, k = dask.from_array(h, chunks=2), dask.from_array(k, chunks=2)
    if library == "dask" and "//" in text and last**2 >= 2**63:
        with pytest.raises(OverflowError, match="int64 may not hold this"):
            Expression(size)(H=h, K=k)
        return
    values = np.broadcast_to(np.asarray(Expression(size)(H=h, K=k)), (3, 3) if "K" in text else (3, 1))
    for row, number in enumerate(numbers):
        for column, other in enumerate([1, 3, last][: values.shape[1]]):
            assert int(values[row, column]) == evaluate(size, {"H": number, "K": other})


def test_int64_alone_would_have_been_wrong() -> None:
    h = np.array([2**31])
    assert (4 * h * h).tolist() == [0]
    assert Expression(parse("4*H*H"))(H=h).tolist() == [2**64]


def test_small_integers_of_the_array_are_not_what_is_computed_with() -> None:
    """300 * 300 wraps in int16, 200 in int8."""
    assert Expression(parse("H*H"))(H=np.array([300], dtype=np.int16)).tolist() == [90_000]
    assert Expression(parse("H*H"))(H=np.array([200], dtype=np.uint8)).dtype == np.int64


def test_integers_give_an_integer_and_mix_with_arrays() -> None:
    expression = Expression(parse("H*(K + 1)"))
    assert (expression(H=2**70, K=1), type(expression(H=2, K=1))) == (2**71, int)
    assert expression(H=2**40, K=np.array([1, 2**40])).tolist() == [2**41, 2**80 + 2**40]


@pytest.mark.parametrize(
    ("values", "error", "words"),
    [
        ({"H": np.array([0.5])}, TypeError, "H: expected integers, got float64"),
        ({"H": np.array([0, 3])}, ValueError, "H: expected sizes of at least 1, got 0"),
        ({"H": -1}, ValueError, "H: expected sizes of at least 1, got -1"),
        ({"K": 3}, Unbound, "no value for H"),
    ],
    ids=str,
)
def test_values_that_are_no_sizes_are_refused(values: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=re.escape(words)):
        Expression(parse("4*H"))(**values)


def test_a_figure_that_is_not_known_is_left_out_and_those_of_layers_have_their_name() -> None:
    layers = [{"type": "lstm", "units": "H", "name": "encoder"}, {"type": "custom", "output": ["B", 7], "name": "own"}]
    figures = ls.formulas({"input_dim": 8, "layers": layers})
    assert set(figures) == {"encoder.params", "encoder.macs"}
    assert figures["encoder.macs"](H=32, B=1, T=1) == 5120


def test_a_model_with_errors_has_no_formulas() -> None:
    with pytest.raises(ls.NotAModel) as caught:
        ls.formulas({"input_dim": 8, "layers": [{"type": "lstm", "unit": 3}]})
    assert caught.value.findings


def test_the_page_computes_on_dask_what_a_sweep_computes_in_memory() -> None:
    pytest.importorskip("dask.array")
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    smaller = code.replace("1001, chunks=250", "41, chunks=25").replace("201, chunks=100", "31, chunks=10")
    smaller = smaller.replace("101, chunks=100", "12, chunks=5").replace("1_000_000", "2_000")
    names: dict[str, Any] = {}
    exec(smaller, names)
    layers = [
        {"type": "lstm", "units": "H", "proj_size": "P", "return_sequences": True},
        {"type": "dense", "units": "K"},
    ]
    data = {"batch": 1, "input_dim": 8, "layers": layers}
    found = sweep(Document(source="", data=data), {"H": range(1, 41), "P": range(1, 31), "K": range(1, 12)})
    (params,) = (column.values for column in found.columns if column.name == "params")
    assert names["widest"] == params[found.valid & (params <= 2_000)].max()
    assert names["params"].numblocks == (2, 3, 3)

"""Where a GRU's reset gate acts: before the recurrent product or after it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lstm_shapes.analysis.explain.example import UNITS, example, number
from lstm_shapes.analysis.explain.experiment import OPEN, alike, allocate, distance, executed, figure, run, sequence
from lstm_shapes.analysis.explain.topic import Claim, Figures, Shown, Topic
from lstm_shapes.layers.gru import GRU
from lstm_shapes.symbolic.size import readable


def page() -> Topic:
    """Both candidates, both counts, the same cost."""
    rows = []
    for setting, candidate in (
        (True, "tanh(W x + b + reset * (U h + b'))"),
        (False, "tanh(W x + b + U (reset * h))"),
    ):
        layer = example("gru", reset_after=setting)
        rows.append((str(setting).lower(), candidate, layer.formula, readable(layer.total), readable(layer.macs)))
    after, before = example("gru"), example("gru", reset_after=False)
    return Topic(
        "reset_after",
        "What does reset_after change in a GRU?",
        (
            "The candidate sees the old state h through the reset gate. The gate can scale h before the recurrent "
            "kernel U is applied, or the product after it. W is the kernel, b and b' are biases.",
            Figures(
                ("reset_after", "candidate", "formula", "params", "macs"), tuple(rows), frozenset(("params", "macs"))
            ),
            "The two are different functions of the same kernels: weights trained with one setting give "
            "different numbers with the other. The matrix products have the same sizes, so the multiply-accumulates "
            "are the same.",
            "The difference of "
            f"{readable(number(after.total) - number(before.total))} is the second bias: one number for each of "
            f"{len(after.gates)} gates and {UNITS} units.",
            "true is the default of Keras since TensorFlow's version 2, and all that PyTorch and cuDNN have: "
            "with it the products of all gates with h are computed at once. Earlier versions of Keras had false as "
            "the default.",
        ),
    )


def _both(layer: Any, arrays: dict[str, Any], x: Any) -> tuple[Any, Any]:
    """The outputs with the reset after and before, with the same kernels and without the second bias."""
    after = {**arrays, "recurrent_bias": 0 * arrays["recurrent_bias"]}
    return run(replace(layer, reset_after=True), after, x)[0], run(replace(layer, reset_after=False), arrays, x)[0]


def differ(layer: Any, random: Any) -> Shown:
    """The same weights under both settings, and the products that each executes."""
    arrays, x = allocate(layer, random), sequence(random)
    apart = distance(*_both(layer, arrays, x))
    after, before = (executed(replace(layer, reset_after=setting), arrays, x) for setting in (True, False))
    return Shown(
        f"with the same kernels and the second bias at zero the outputs differ by {figure(apart)}; multiply-"
        f"accumulates executed: {after:,} after, {before:,} before",
        not alike(apart) and after == before,
    )


def agree_when_open(layer: Any, random: Any) -> Shown:
    """The reset gate fixed at 1 in both."""
    arrays, x = allocate(layer, random), sequence(random)
    free, opened = distance(*_both(layer, arrays, x)), {key: array.copy() for key, array in arrays.items()}
    reset = layer.gate_names.index("reset")
    for key in ("kernel", "recurrent"):
        opened[key][reset] = 0
    opened["bias"][reset] = OPEN
    fixed = distance(*_both(layer, opened, x))
    return Shown(
        f"the outputs differ by {figure(free)} with the reset gate free, by {figure(fixed)} with it fixed at 1",
        alike(fixed) and not alike(free),
    )


CLAIMS = (
    Claim("Resetting after and before give different numbers for the same work.", GRU(units=5), differ),
    Claim(
        "The two differ only in the reset gate: with it open, they are the same function.",
        GRU(units=5),
        agree_when_open,
    ),
)

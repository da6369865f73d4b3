"""One recurrent layer without a file: its parameters worked through, its tensors, its gates, its shapes."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple, cast

from lstm_shapes.findings.errors import LstmShapesError
from lstm_shapes.findings.finding import Finding
from lstm_shapes.formats.document import Document
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.frameworks.layout import Tensor, tensors
from lstm_shapes.graph.shape_inference import Step, infer_shapes
from lstm_shapes.layers.base import Layer, known_total
from lstm_shapes.rules.shapes import diagnose
from lstm_shapes.spec.reader import read
from lstm_shapes.spec.reading import Reading
from lstm_shapes.symbolic.formula import Formula, Product
from lstm_shapes.symbolic.size import Shape, Size, divide_exactly, total


class LayerSettingsError(LstmShapesError, ValueError):
    """Settings that make no layer: ``findings`` say what is wrong with each."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("; ".join(f"{one.message}; {one.hint}" if one.hint else one.message for one in findings))
        self.findings = findings


class Gate(NamedTuple):
    """A gate's share of the parameters: in each tensor, and in all."""

    name: str
    shares: tuple[tuple[str, Size], ...]
    params: Size


class Params(NamedTuple):
    """The parameters of one recurrent layer, or of a stack of them.

    ``formula`` in words, ``worked`` with the numbers put in, ``total`` what it comes to. ``elsewhere`` is the same
    count by framework, ``notes`` say what the framework does not have. ``sequence`` and ``last`` are the output's shape
    with and without ``return_sequences``.
    """

    cell: str
    framework: str
    settings: Mapping[str, Any]
    total: Size
    formula: str
    worked: str
    weights: tuple[Tensor, ...]
    gates: tuple[Gate, ...]
    sequence: Shape
    last: Shape
    output: Shape
    states: tuple[tuple[str, Shape], ...]
    macs: Size
    elsewhere: Mapping[str, Size]
    notes: tuple[str, ...] = ()


def params(
    units: int | str,
    input_dim: int | str,
    *,
    cell: str = "lstm",
    framework: str = "keras",
    batch: int | str = "B",
    timesteps: int | str = "T",
    num_layers: int | str = 1,
    **settings: Any,
) -> Params:
    """The parameters of ``cell`` (lstm, gru, rnn) with ``units`` on ``input_dim`` features, as a framework counts them.

    Sizes are integers, or symbols and expressions as text. ``settings`` are the fields of a spec: ``bidirectional``,
    ``proj_size``, ``peephole``, ``bias``, ``reset_after``, ``return_sequences``. Formula: ``gates*units*(input_dim +
    units + biases)``; Hochreiter & Schmidhuber 1997, Gers et al. 2000. Raises ``LayerSettingsError`` when the settings
    do not make a layer.

    >>> params(units=32, input_dim=8).total, params(units=32, input_dim=8, framework="torch").total
    (5248, 5376)
    >>> params(units="H", input_dim="D").worked
    '4*H*(D + H + 1)'
    """
    given = {"units": units, "input_dim": input_dim, "batch": batch, "timesteps": timesteps, "num_layers": num_layers}
    asked = {**given, **{key: value for key, value in settings.items() if value is not None}}
    reading, steps = _read(cell, framework, asked)
    whole = _whole(steps)
    held = _tensors(framework, steps)
    return Params(
        cell=cell,
        framework=framework,
        settings=asked,
        total=_total(steps),
        formula=str(whole),
        worked=whole.put(),
        weights=held,
        gates=_gates(held),
        sequence=_output(cell, framework, asked, True),
        last=_output(cell, framework, asked, False),
        output=(steps[-1].outputs or ((),))[0],
        states=_states(_last(cell, framework, {**asked, "return_state": True})),
        macs=known_total(step.node.layer.macs(*(step.inputs or ())) for step in steps) or 0,
        elsewhere=_elsewhere(cell, asked),
        notes=tuple(dict.fromkeys(one.message for one in diagnose(reading, steps))),
    )


def _read(cell: str, framework: str, settings: Mapping[str, Any]) -> tuple[Reading, tuple[Step, ...]]:
    """The layer, or one for each of ``num_layers`` where the framework has no module of several."""
    model = {key: settings[key] for key in ("batch", "timesteps", "input_dim")}
    layer = {"type": cell} | {key: value for key, value in settings.items() if key not in model}
    known = FRAMEWORKS.get(framework)
    depth = layer["num_layers"]
    if (known is None or not known.stacks) and isinstance(depth, int) and 0 < depth <= MAX_LAYERS:
        layer = {key: value for key, value in layer.items() if key != "num_layers"}
        layers = [{**layer, "return_sequences": True} for _ in range(depth - 1)] + [layer]
    else:
        layers = [layer]
    document = Document(source="", data={**model, "framework": framework, "layers": layers})
    reading = read(document)
    steps = infer_shapes(reading.model.graph, reading.model.shapes) if reading.model else ()
    wrong = tuple(one for one in diagnose(reading, steps) if one.severity == "error")
    if wrong:
        raise LayerSettingsError(wrong)
    return reading, steps


MAX_LAYERS = 1_000


def _total(steps: tuple[Step, ...]) -> Size:
    return known_total(step.node.layer.count(*(step.inputs or ())) for step in steps) or 0


def _elsewhere(cell: str, settings: Mapping[str, Any]) -> dict[str, Size]:
    """What each framework that has these settings counts."""
    counts = {}
    for name in FRAMEWORKS:
        with suppress(LayerSettingsError):
            counts[name] = _total(_read(cell, name, settings)[1])
    return counts


def _whole(steps: tuple[Step, ...]) -> Formula:
    """The formulas of all layers as one; above the first, what arrives is the width of the layer below."""
    whole, below = Formula((), {}), cast(Product, ("input_dim",))
    for step in steps:
        layer, inputs = step.node.layer, step.inputs or ()
        formula = layer.formula(*inputs)
        assert formula is not None
        whole = whole.plus(formula.rename({"input_dim": below}, whole.values or formula.values))
        below = _width(layer, inputs)
    return whole.gathered()


def _width(layer: Layer, inputs: tuple[Shape, ...]) -> Product:
    """The width of what a layer passes on, in the words of its formula."""
    _, cell = next(iter(layer.weighted_layers(*inputs)))
    one: Product = (cell.axis_names()["state"],)
    merged = getattr(layer, "merge", "")
    return (2, *one) if merged == "concat" else one


def _tensors(framework: str, steps: tuple[Step, ...]) -> tuple[Tensor, ...]:
    held = [(step.node.name, tensors(FRAMEWORKS[framework], step.node.layer, *(step.inputs or ()))) for step in steps]
    if len(held) == 1:
        return held[0][1]
    return tuple(one._replace(name=f"{name}/{one.name}") for name, listed in held for one in listed)


def _gates(held: tuple[Tensor, ...]) -> tuple[Gate, ...]:
    """Each gate has the same share of every tensor that is divided among the gates."""
    gated = [one for one in held if "gate" in one.sizes]
    names = gated[0].gates if gated else ()
    shares = tuple((one.name, divide_exactly(one.params, len(names)) or 0) for one in gated)
    return tuple(Gate(name=name, shares=shares, params=total(share for _, share in shares)) for name in names)


def _last(cell: str, framework: str, settings: Mapping[str, Any]) -> Step:
    return _read(cell, framework, settings)[1][-1]


def _output(cell: str, framework: str, settings: Mapping[str, Any], sequences: bool) -> Shape:
    outputs = _last(cell, framework, {**settings, "return_sequences": sequences}).outputs
    return outputs[0] if outputs else ()


def _states(step: Step) -> tuple[tuple[str, Shape], ...]:
    names, shapes = step.node.layer.output_names, step.outputs or ()
    return tuple((name, one) for name, one in zip(names, shapes, strict=True) if name in step.node.layer.state_names)

"""One recurrent layer without a file: its parameters worked through, its tensors, its gates, its shapes."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields
from typing import Any, NamedTuple, cast

from lstm_shapes.findings.errors import LstmShapesError
from lstm_shapes.findings.finding import Finding
from lstm_shapes.formats.document import Document
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.frameworks.layout import Tensor, tensors
from lstm_shapes.graph.shape_inference import Inferred, InferredNode
from lstm_shapes.layers.bidirectional import Bidirectional
from lstm_shapes.rules.shapes import diagnose
from lstm_shapes.spec.reader import read
from lstm_shapes.symbolic.formula import Formula, Product
from lstm_shapes.symbolic.size import Shape, Size, divide_exactly, total

CELLS = ("lstm", "gru", "rnn")
"""The recurrent layers that need no more than ``units`` and ``input_dim``."""
MERGES: tuple[str, ...] = next(field.metadata["choices"] for field in fields(Bidirectional) if field.name == "merge")


class LayerSettingsError(LstmShapesError, ValueError):
    """Settings that make no layer: ``findings`` say what is wrong with each."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(
            "; ".join(f"{finding.message}; {finding.hint}" if finding.hint else finding.message for finding in findings)
        )
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
    sizes = {"units": units, "input_dim": input_dim, "batch": batch, "timesteps": timesteps, "num_layers": num_layers}
    asked = {**sizes, **{key: value for key, value in settings.items() if value is not None}}
    inferred, notes = _infer(cell, framework, asked)
    node = _infer(cell, framework, {**asked, "return_sequences": True, "return_state": True})[0].nodes[-1]
    sequence = node.outputs[0] if node.outputs else ()
    formula, tensors = _formula(inferred), _tensors(inferred)
    return Params(
        cell=cell,
        framework=framework,
        settings=asked,
        total=inferred.params or 0,
        formula=str(formula),
        worked=formula.put(),
        weights=tensors,
        gates=_gates(tensors),
        sequence=sequence,
        last=(*sequence[:1], *sequence[2:]),
        output=(inferred.nodes[-1].outputs or ((),))[0],
        states=_states(node),
        macs=inferred.macs or 0,
        elsewhere=_elsewhere(cell, asked, {framework: inferred.params}),
        notes=notes,
    )


def _infer(cell: str, framework: str, settings: Mapping[str, Any]) -> tuple[Inferred, tuple[str, ...]]:
    """The layer, or one for each of ``num_layers`` where the framework has no module of several; and what to note."""
    model = {key: settings[key] for key in ("batch", "timesteps", "input_dim")}
    layer = {"type": cell} | {key: value for key, value in settings.items() if key not in model}
    depth = layer["num_layers"]
    stacks = framework in FRAMEWORKS and FRAMEWORKS[framework].stacks
    if not stacks and isinstance(depth, int) and 0 < depth <= MAX_LAYERS:
        layer = {key: value for key, value in layer.items() if key != "num_layers"}
        below = [{**layer, "return_sequences": True}, *_side_by_side(framework, settings)]
        layers = below * (depth - 1) + [layer]
    else:
        layers = [layer]
    reading = read(Document(source="", data={**model, "framework": framework, "layers": layers}))
    findings = diagnose(reading)
    errors = tuple(finding for finding in findings if finding.severity == "error")
    if errors or reading.inferred is None:
        raise LayerSettingsError(errors)
    return reading.inferred, tuple(dict.fromkeys(finding.message for finding in findings))


def _side_by_side(framework: str, settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What puts the directions of a layer side by side for the next one, where the framework passes them on apart."""
    if framework not in FRAMEWORKS or not FRAMEWORKS[framework].apart:
        return []
    ways = 1 + bool(settings.get("bidirectional"))
    width = settings.get("proj_size") or settings["units"]
    return [{"type": "reshape", "target_shape": [settings["timesteps"], f"{ways}*({width})"]}]


MAX_LAYERS = 1_000


def _elsewhere(cell: str, settings: Mapping[str, Any], counted: Mapping[str, Size | None]) -> dict[str, Size]:
    """What each framework that has these settings counts; one is ``counted`` already."""
    counts = {}
    for name in FRAMEWORKS:
        with suppress(LayerSettingsError):
            counts[name] = counted.get(name) or _infer(cell, name, settings)[0].params or 0
    return counts


def _formula(inferred: Inferred) -> Formula:
    """The formulas of all layers as one; above the first, what arrives is the width of the layer below."""
    formula, below = Formula((), {}), cast(Product, ("input_dim",))
    for node in (node for node in inferred.nodes if node.cells):
        assert node.formula is not None
        formula = formula.plus(node.formula.rename({"input_dim": below}, formula.values or node.formula.values))
        below = _width(node)
    return formula.gathered()


def _width(node: InferredNode) -> Product:
    """The width of what a layer passes on, in the words of its formula."""
    width: Product = (node.cells[0].layer.axis_names()["state"],)
    merge = node.layer.field_values().get("merge", "concat")
    return (2, *width) if merge == "concat" and len(node.cells) == 2 else width


def _tensors(inferred: Inferred) -> tuple[Tensor, ...]:
    """The tensors of all layers; where there are several, named after their layer."""
    framework = FRAMEWORKS[inferred.model.framework]
    nodes = [node for node in inferred.nodes if node.cells]
    listed = [(node.name, tensors(framework, node.layer, *(node.inputs or ()))) for node in nodes]
    if len(listed) == 1:
        return listed[0][1]
    return tuple(tensor._replace(name=f"{name}/{tensor.name}") for name, own in listed for tensor in own)


def _gates(weights: tuple[Tensor, ...]) -> tuple[Gate, ...]:
    """Each gate has the same share of every tensor that is divided among the gates, and its own tensors whole."""
    gated = [tensor for tensor in weights if tensor.gate or "gate" in tensor.sizes]
    names = gated[0].gates if gated else ()
    gates = []
    for name in names:
        own = [tensor for tensor in gated if tensor.gate in ("", name)]
        shares = tuple(
            (tensor.name, tensor.params if tensor.gate else divide_exactly(tensor.params, len(names)) or 0)
            for tensor in own
        )
        gates.append(Gate(name=name, shares=shares, params=total(share for _, share in shares)))
    return tuple(gates)


def _states(node: InferredNode) -> tuple[tuple[str, Shape], ...]:
    named = zip(node.layer.output_names, node.outputs or (), strict=True)
    return tuple((name, shape) for name, shape in named if name in node.layer.state_names)

"""A model explained: for each layer what comes in, what goes out and why, where its parameters are, what was set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lstm_shapes.analysis.explain.output import passes_on
from lstm_shapes.analysis.explain.settings import settings
from lstm_shapes.analysis.explain.tensors import Held, held, per_gate
from lstm_shapes.findings.route import Route, written
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.graph.model import Graph, Model, Node
from lstm_shapes.graph.shape_inference import Step, infer_shapes
from lstm_shapes.layers.base import Layer, known_total
from lstm_shapes.spec.reading import Reading
from lstm_shapes.symbolic.size import Shape, Size, SizeError, names, readable, shown, symbol


class Explained(NamedTuple):
    """One layer in sentences; ``layers`` are those inside it. ``known`` says whether its output is."""

    name: str
    type: str
    path: str
    comes_in: tuple[str, ...]
    goes_out: tuple[str, ...]
    parameters: tuple[str, ...] = ()
    tensors: tuple[Held, ...] = ()
    settings: tuple[str, ...] = ()
    layers: tuple[Explained, ...] = ()
    known: bool = True


class Explanation(NamedTuple):
    """A model in sentences; ``counted`` says what the parameter count does and does not depend on."""

    source: str
    name: str
    framework: str
    layers: tuple[Explained, ...]
    counted: tuple[str, ...] = ()


def explain(reading: Reading) -> Explanation:
    """The model as far as it could be read. Raises nothing.

    >>> from lstm_shapes.formats.document import Document
    >>> from lstm_shapes.spec import reader as spec
    >>> data = {"input_dim": 8, "layers": [{"type": "lstm", "units": 32}]}
    >>> explain(spec.read(Document(source="-", data=data))).layers[0].comes_in[0]
    "(B, T, 8) from the model's input input: B examples of T timesteps, 8 numbers each"
    """
    model = reading.model
    if model is None:
        return Explanation(reading.document.source, "", "", ())
    try:
        steps = infer_shapes(model.graph, model.shapes)
        layers = list(_layers(steps, model.graph, reading.document.data, model, ()))
        counted = tuple(_counted(model, steps))
    except SizeError:
        return Explanation(reading.document.source, model.name, FRAMEWORKS[model.framework].title, ())
    unread = "not known: it could not be read"
    layers += [Explained(one.name, one.type, written(one.route), (), (unread,), known=False) for one in reading.unread]
    layers.sort(key=lambda one: _number(one.path))
    return Explanation(reading.document.source, model.name, FRAMEWORKS[model.framework].title, tuple(layers), counted)


def _number(path: str) -> int:
    number = path.partition("[")[2].partition("]")[0]
    return int(number) if number.isdecimal() else 0


def _layers(steps: tuple[Step, ...], graph: Graph, data: Any, model: Model, prefix: Route) -> Iterator[Explained]:
    by_name = {step.node.name: step for step in steps}
    for step in steps:
        route = (*prefix, *step.node.route)
        comes_in = tuple(_comes_in(step, by_name, graph, inside=bool(prefix)))
        yield _layer(step, route, comes_in, _at(data, route), data, model)


def _layer(step: Step, route: Route, comes_in: tuple[str, ...], mapping: Any, data: Any, model: Model) -> Explained:
    node, layer, path = step.node, step.node.layer, written(route)
    if step.inputs is None or step.outputs is None:
        why = "the findings say why" if step.inputs is not None else "what it reads is not known"
        return Explained(node.name, layer.type, path, comes_in, (f"not known: {why}",), known=False)
    goes_out = passes_on(layer, step.inputs, step.outputs)
    if node.shared:
        again = f"those of {node.owner}, whose weights it shares: counted once, there"
        return Explained(node.name, layer.type, path, comes_in, goes_out, (again,))
    framework = FRAMEWORKS[model.framework]
    inner = tuple(_inside(node, layer, step.inputs, route, mapping, data, model))
    tensors = () if inner else held(framework, layer, step.inputs)
    said = tuple(settings(layer, mapping, step.inputs, framework)) if isinstance(mapping, dict) else ()
    if node.extras:
        said += (f"change neither shape nor count: {', '.join(key for key, _ in node.extras)}",)
    parameters = tuple(_parameters(node, layer, step.inputs, tensors, inner))
    return Explained(node.name, layer.type, path, comes_in, goes_out, parameters, tensors, said, inner)


def _inside(
    node: Node, layer: Any, inputs: tuple[Shape, ...], route: Route, mapping: Any, data: Any, model: Model
) -> Iterator[Explained]:
    """The layers inside a nested model, or the one inside a wrapper that sees each timestep."""
    if hasattr(layer, "graph"):
        yield from _layers(infer_shapes(layer.graph, inputs), layer.graph, data, model, route)
    elif hasattr(layer, "flat"):
        flat = layer.flat(inputs[0])
        inner = Node(name=f"{node.name}, inside", layer=layer.layer, inputs=(), route=())
        step = Step(node=inner, inputs=(flat,), outputs=layer.layer.outputs(flat))
        comes_in = (f"{shown(flat)}: every timestep of every example as an example of its own",)
        yield _layer(step, (*route, "layer"), comes_in, _at(mapping, ("layer",)), data, model)


def _comes_in(step: Step, by_name: dict[str, Step], graph: Graph, *, inside: bool) -> Iterator[str]:
    node, layer = step.node, step.node.layer
    shapes: tuple[Shape | None, ...] = step.inputs or (None,) * (len(node.inputs) + len(node.states))
    refs = (*node.inputs, *node.states)
    for number, (ref, shape) in enumerate(zip(refs, shapes, strict=True)):
        source = by_name.get(ref.name)
        whose = "the block's input" if inside else "the model's input"
        who = f"{whose} {ref.name}" if source is None else ref.name
        if source is not None and ref.output:
            who = f"{ref.name}.{source.node.layer.output_names[ref.output]}"
        if shape is None:
            known = source.outputs if source else None
            yield f"{shown(known[ref.output])} from {who}" if known else f"not known, from {who}"
        elif number >= len(node.inputs):
            names = layer.state_names[number - len(node.inputs) :]
            yield f"{shown(shape)} from {who}, as the initial state {names[0] if names else 'that it has not'}"
        else:
            yield f"{shown(shape)} from {who}{_meaning(layer, number, shape)}"
    if step.outputs is not None and layer.state_names and not node.states:
        cell = getattr(layer, "layer", getattr(layer, "first", layer))
        carried = getattr(cell, "stateful", False)
        begin = "begin" if len(layer.state_names) > 1 else "begins"
        start = f"{begin} with what the batch before left (stateful)" if carried else f"{begin} at zero in every batch"
        yield f"no initial state: {', '.join(layer.state_names)} {start}"


def _meaning(layer: Layer, number: int, shape: Shape) -> str:
    if layer.vocab_size(number) is not None and len(shape) == 2 and layer.type != "model":
        return f": {_count(shape[0], 'example')} of {_count(shape[1], 'token')}"
    if layer.state_names and len(shape) == 3:
        each = _count(shape[2], "number")
        return f": {_count(shape[0], 'example')} of {_count(shape[1], 'timestep')}, {each} each"
    return ""


def _count(size: Size, word: str) -> str:
    return f"{readable(size)} {word}{'s' * (size != 1)}"


def _parameters(
    node: Node, layer: Layer, inputs: tuple[Shape, ...], tensors: tuple[Held, ...], inner: tuple[Explained, ...]
) -> Iterator[str]:
    count, formula = layer.count(*inputs), layer.formula(*inputs)
    if layer.declared:
        yield "not known: the author declares none" if count is None else f"{readable(count)}, declared by its author"
    elif count is None:
        yield "not known: a layer inside declares none"
    elif count == 0:
        yield "none"
    elif inner:
        many = f"those of the {len(inner)} layers inside" if len(inner) > 1 else "those of the layer inside"
        yield f"{readable(count)}: {many}"
    else:
        worked = [str(formula), formula.put()] if formula else []
        yield " = ".join(dict.fromkeys((*worked, readable(count))))
        yield from per_gate(tensors)
    if not node.trainable and count != 0 and count is not None:
        yield "trainable is false: counted, and not changed by training"


def _counted(model: Model, steps: tuple[Step, ...]) -> Iterator[str]:
    """Whether batch and time are in the count: asked of the same model with other symbols in their place."""
    if any(step.outputs is None for step in steps) or not steps or any(shape is None for shape in model.shapes):
        return
    shapes = [shape for shape in model.shapes if shape]
    whole, _ = _totals(steps)
    if whole is None or whole == 0 or not all(shapes):
        return
    cells = [step.inputs[0][1] for step in steps if step.inputs and step.node.layer.state_names]
    batch = shapes[0][0]
    seen = [size for size in dict.fromkeys(cells) if any(len(shape) > 1 and shape[1] == size for shape in shapes)]
    times = {size: symbol(f"time__{number}") for number, size in enumerate(seen)}
    loose = [_loosened(shape, batch, times) for shape in shapes]
    try:
        free = infer_shapes(model.graph, loose)
        count, macs = _totals(free)
    except (SizeError, ValueError):
        return
    if count is None or any(step.outputs is None for step in free):
        return
    sizes = [(f"the batch size {readable(batch)}", "batch__")]
    sizes += [(f"the number of timesteps {readable(size)}", str(one)) for size, one in times.items()]
    out = [word for word, name in sizes if name not in names(count)]
    if out:
        again = "timestep and every example" if len(out) > 1 else "example"
        if len(out) == 1 and out[0].startswith("the number"):
            again = "timestep"
        neither = f"neither {' nor '.join(out)} is" if len(out) > 1 else f"{out[0]} is not"
        work = ""
        if macs is not None and {name for _, name in sizes} & names(macs):
            work = f"; what grows with them is the work: {readable(_totals(steps)[1] or 0)} multiply-accumulates"
            work = work if len(out) > 1 else work.replace("with them", "with it")
        yield f"{neither} in the count: the same {readable(whole)} parameters serve every {again}{work}"
    for word, name in sizes[1:]:
        counts = ((step.node.name, step.node.layer.count(*(step.inputs or ()))) for step in free)
        whose = [layer for layer, size in counts if size is not None and name in names(size)]
        if whose and name in names(count):
            yield f"{word} is in the count, through {', '.join(whose[:6])}: the time axis is among the features there"


def _loosened(shape: Shape, batch: Size, times: Mapping[Size, Size]) -> Shape:
    first, *rest = shape
    if rest:
        rest[0] = times.get(rest[0], rest[0])
    return (symbol("batch__") if first == batch else first, *rest)


def _totals(steps: tuple[Step, ...]) -> tuple[Size | None, Size | None]:
    own = [step for step in steps if not step.node.shared]
    count = known_total(step.node.layer.count(*step.inputs) if step.inputs else None for step in own)
    macs = known_total(step.node.layer.macs(*step.inputs) if step.inputs else None for step in steps)
    return count, macs


def _at(value: Any, route: Route) -> Any:
    for part in route:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value

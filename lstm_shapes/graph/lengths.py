"""What recurrent layers compute of a padded batch: the timesteps of each example, and those that are padding."""

from __future__ import annotations

from typing import NamedTuple

from lstm_shapes.graph.model import Lengths
from lstm_shapes.graph.shape_inference import Inferred, InferredNode, infer
from lstm_shapes.layers.base import Call
from lstm_shapes.symbolic.size import Shape, Size, divide_exactly, names, symbol, total

_BATCH, _TIME = symbol("examples_of_lengths"), symbol("timesteps_of_lengths")


class LayerSteps(NamedTuple):
    """A layer's multiply-accumulates on the timesteps of the examples, and on all with the padding.

    ``calls`` are the recurrent layers in it that read these timesteps.
    """

    name: str
    macs: Size
    padded_macs: Size
    calls: tuple[Call, ...] = ()


class Packed(NamedTuple):
    """The timesteps of a batch without and with padding, and what the recurrent layers that read them compute.

    ``unclear`` are recurrent layers whose timesteps are made of the input's, so that no length says which are padding.
    """

    steps: int
    padded_steps: int
    layers: tuple[LayerSteps, ...]
    unclear: tuple[str, ...]

    @property
    def macs(self) -> Size:
        """Multiply-accumulates on the timesteps of the examples."""
        return total(layer.macs for layer in self.layers)

    @property
    def padded_macs(self) -> Size:
        """Multiply-accumulates on all timesteps."""
        return total(layer.padded_macs for layer in self.layers)


def packed(inferred: Inferred) -> Packed | None:
    """What ``lengths`` make of the recurrent layers; None for a model without.

    A step of a recurrent layer costs the same at every timestep, so that its multiply-accumulates are those of the
    padded batch times the timesteps of the examples over all timesteps.

    >>> from lstm_shapes.api import read
    >>> model = {"lengths": [10, 7, 3, 1], "input_dim": 8, "layers": [{"type": "lstm", "units": 32}]}
    >>> answer = packed(read(model).inferred)
    >>> answer.steps, answer.padded_steps, answer.macs, answer.padded_macs
    (21, 40, 107520, 204800)
    """
    lengths = inferred.model.lengths
    shape = inferred.shapes[0] if inferred.shapes else None
    if lengths is None or shape is None:
        return None
    padded = len(lengths.steps) * int(str(shape[lengths.time_axis]))
    opened = infer(inferred.model._replace(shapes=(_opened(shape, lengths),), lengths=None))
    rows, unclear = [], []
    for node, symbolic in zip(inferred.nodes, opened.nodes, strict=True):
        pairs = list(zip(node.cells, symbolic.cells, strict=True)) if node.known and symbolic.known else []
        calls = tuple(call for call, other in pairs if _reads_every_step(other))
        if calls:
            sizes = [_macs(call) for call in calls]
            real = [(divide_exactly(size, padded) or 0) * sum(lengths.steps) for size in sizes]
            rows.append(LayerSteps(node.name, total(real), total(sizes), calls))
        elif _is_made_of_steps(node, symbolic):
            unclear.append(node.name)
    return Packed(sum(lengths.steps), padded, tuple(rows), tuple(unclear))


def _opened(shape: Shape, lengths: Lengths) -> Shape:
    """The shape with symbols for the batch and the timesteps."""
    axes = list(shape)
    axes[lengths.batch_axis], axes[lengths.time_axis] = _BATCH, _TIME
    return tuple(axes)


def _macs(call: Call) -> Size:
    macs = call.layer.macs(*call.inputs)
    return 0 if macs is None else macs * call.times


def _reads_every_step(call: Call) -> bool:
    return call.inputs[0][:2] == (_BATCH, _TIME)


def _is_made_of_steps(node: InferredNode, symbolic: InferredNode) -> bool:
    """Whether a recurrent layer reads timesteps that depend on the input's in another way."""
    if not node.cells:
        return False
    times = [call.inputs[0][1] for call in symbolic.cells] if symbolic.known else []
    return not times or any(names(_TIME) & names(size) for size in times)

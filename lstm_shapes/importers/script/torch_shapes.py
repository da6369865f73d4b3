"""Functions that give a tensor another shape, PyTorch's and TensorFlow's: view, permute, squeeze, cat, mean."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from lstm_shapes.importers.script.run import Arguments, Run
from lstm_shapes.importers.script.shapes import shape_of, written
from lstm_shapes.importers.script.tensors import apply, framework_of, give_rank, lost, operation
from lstm_shapes.importers.script.values import Copies, MadeLayer, Tensor, Value
from lstm_shapes.symbolic.size import Poly, Shape, SizeError, divide_exactly, same

Meaning = Callable[[Run, Arguments], Value]


def declared(run: Run, name: str, tensors: list[Tensor], shape: tuple[Any, ...], given: Arguments) -> Tensor:
    """The output of an operation whose shape is computed here."""
    if any(not isinstance(size, Poly) and (not isinstance(size, int) or size < 1) for size in shape) or not shape:
        return lost(run, tensors, given.node)
    return operation(
        run, {"type": "operator", "op": name, "output": written(shape)}, tensors, framework_of(*tensors), given.node
    )


def _shape(value: Value) -> Shape | None:
    """The shape of a tensor, where it is known; None of all else."""
    return shape_of(value) if isinstance(value, Tensor) else None


def _unknown(run: Run, value: Value, given: Arguments) -> Value:
    """What a call gives of which no more is known: a tensor where it is given one."""
    return lost(run, [value], given.node) if isinstance(value, Tensor) else run.opaque(given.node)


def _sizes(run: Run, given: Arguments, *names: str) -> list[Any] | None:
    """The sizes that a call passes, one by one or as a tuple; None where one is not known."""
    values = given.get(None, *names, default=given.positional[1:])
    if isinstance(values, list | tuple) and len(values) == 1 and isinstance(values[0], list | tuple):
        values = values[0]
    if not isinstance(values, list | tuple):
        values = [values]
    sizes = [run.size(value) for value in values]
    return sizes if sizes and None not in sizes else None


def reshape(run: Run, given: Arguments) -> Value:
    """``x.view(b, -1)``, ``torch.reshape(x, (b, 4))``; -1 is what is left over."""
    tensor = given.get(0, "input")
    if not isinstance(tensor, Tensor):
        return run.opaque(given.node)
    shape, sizes = shape_of(tensor), _sizes(run, given, "shape", "size")
    if shape is None or sizes is None:
        return lost(run, [tensor], given.node)
    filled = _filled(shape, sizes)
    return lost(run, [tensor], given.node) if filled is None else declared(run, "view", [tensor], filled, given)


def _filled(shape: Shape, sizes: list[Any]) -> tuple[Any, ...] | None:
    """The sizes with a number for -1; None where they do not fit, or it is not known whether they do."""
    free = [number for number, size in enumerate(sizes) if size == -1]
    total = prod(shape, start=1)
    known = prod((size for size in sizes if size != -1), start=1)
    try:
        if not free:
            return tuple(sizes) if same(total, known) is True else None
        rest = divide_exactly(total, known) if len(free) == 1 else None
    except (SizeError, ArithmeticError, TypeError):
        return None
    return None if rest is None else tuple(rest if size == -1 else size for size in sizes)


def _axis(value: Value, rank: int) -> int | None:
    plain = isinstance(value, int) and not isinstance(value, bool) and -rank <= value < rank
    return value % rank if plain else None


def permute(run: Run, given: Arguments) -> Value:
    """``x.permute(1, 0, 2)``."""
    tensor = given.get(0, "input")
    axes = _sizes(run, given, "dims", "perm", "pattern", "axes")
    if not isinstance(tensor, Tensor):
        return run.opaque(given.node)
    if axes is None or not all(isinstance(axis, int) for axis in axes):
        return lost(run, [tensor], given.node)
    rank = len(axes)
    give_rank(run, tensor, rank)
    places = [axis % rank for axis in axes]
    if sorted(places) != list(range(rank)):
        return lost(run, [tensor], given.node)
    return operation(run, {"type": "transpose", "axes": places}, [tensor], framework_of(tensor), given.node)


def transpose(run: Run, given: Arguments) -> Value:
    """``x.transpose(0, 1)``."""
    tensor = given.get(0, "input")
    shape = _shape(tensor)
    if shape is None:
        return _unknown(run, tensor, given)
    a, b = _axis(given.get(1, "dim0", default=0), len(shape)), _axis(given.get(2, "dim1", default=1), len(shape))
    if a is None or b is None:
        return lost(run, [tensor], given.node)
    axes = list(range(len(shape)))
    axes[a], axes[b] = b, a
    return operation(run, {"type": "transpose", "axes": axes}, [tensor], framework_of(tensor), given.node)


def squeeze(run: Run, given: Arguments) -> Value:
    """``x.squeeze(1)``: an axis of another size stays."""
    tensor = given.get(0, "input")
    shape = _shape(tensor)
    if shape is None or not given.has(1, "dim", "axis"):
        return _unknown(run, tensor, given)
    chosen = given.get(1, "dim", "axis")
    axis = _axis(chosen[0] if isinstance(chosen, list | tuple) and len(chosen) == 1 else chosen, len(shape))
    if axis is None or isinstance(shape[axis], Poly):
        return lost(run, [tensor], given.node)
    if shape[axis] != 1:
        return tensor
    return operation(run, {"type": "squeeze", "axis": axis}, [tensor], framework_of(tensor), given.node)


def unsqueeze(run: Run, given: Arguments) -> Value:
    """``x.unsqueeze(1)``."""
    tensor, axis = given.get(0, "input", "x"), given.get(1, "dim", "axis")
    if not isinstance(tensor, Tensor):
        return run.opaque(given.node)
    if not isinstance(axis, int):
        return lost(run, [tensor], given.node)
    return operation(run, {"type": "expand_dims", "axis": axis}, [tensor], framework_of(tensor), given.node)


def flatten(run: Run, given: Arguments) -> Value:
    """``torch.flatten(x, 1)``."""
    tensor = given.get(0, "input")
    shape = _shape(tensor)
    if shape is None:
        return _unknown(run, tensor, given)
    first = _axis(given.get(1, "start_dim", default=0), len(shape))
    last = _axis(given.get(2, "end_dim", default=-1), len(shape))
    if first is None or last is None or first > last:
        return lost(run, [tensor], given.node)
    sizes = (*shape[:first], prod(shape[first : last + 1], start=1), *shape[last + 1 :])
    return declared(run, "flatten", [tensor], sizes, given)


def _tensors(run: Run, given: Arguments) -> tuple[list[Tensor], Any] | None:
    """The tensors of a list, and how often its only one stands there; None where they are not known."""
    values = given.get(0, "tensors")
    if not isinstance(values, list | tuple):
        return None
    if len(values) == 1 and isinstance(values[0], Copies) and isinstance(values[0].item, Tensor):
        return [values[0].item], values[0].count
    return (list(values), 1) if values and all(isinstance(value, Tensor) for value in values) else None


def concatenate(run: Run, given: Arguments) -> Value:
    """``torch.cat((x, y), dim=1)``."""
    several, axis = _tensors(run, given), given.get(1, "dim", "axis", default=0)
    if several is None or not isinstance(axis, int):
        return _unclear(run, given)
    tensors, times = several
    shape = shape_of(tensors[0])
    if times != 1:
        if shape is None or (place := _axis(axis, len(shape))) is None:
            return lost(run, tensors, given.node)
        sizes = (*shape[:place], times * shape[place], *shape[place + 1 :])
        return declared(run, "cat", tensors, sizes, given)
    if len(tensors) == 1:
        return tensors[0]
    return operation(run, {"type": "concatenate", "axis": axis}, tensors, framework_of(*tensors), given.node)


def stack(run: Run, given: Arguments) -> Value:
    """``torch.stack(outputs, dim=1)``."""
    several, axis = _tensors(run, given), given.get(1, "dim", "axis", default=0)
    if several is None or not isinstance(axis, int):
        return _unclear(run, given)
    tensors, times = several
    shape = shape_of(tensors[0])
    if times != 1:
        if shape is None or (place := _axis(axis, len(shape) + 1)) is None:
            return lost(run, tensors, given.node)
        return declared(run, "stack", tensors, (*shape[:place], times, *shape[place:]), given)
    return operation(run, {"type": "stack", "axis": axis}, tensors, framework_of(*tensors), given.node)


def _unclear(run: Run, given: Arguments) -> Value:
    values = given.get(0, "tensors")
    tensors = [value for value in values if isinstance(value, Tensor)] if isinstance(values, list | tuple) else []
    return lost(run, tensors, given.node)


def chunk(run: Run, given: Arguments) -> Value:
    """``x.chunk(4, dim=1)``: parts of one size, where they are."""
    tensor, sections, axis = given.get(0, "input"), given.get(1, "chunks"), given.get(2, "dim", default=0)
    shape = _shape(tensor)
    if not isinstance(tensor, Tensor) or not isinstance(sections, int) or not 0 < sections < 100:
        return run.opaque(given.node)
    place = _axis(axis, len(shape)) if shape is not None else None
    length = shape[place] if shape is not None and place is not None else None
    if not isinstance(length, int) or length % sections:
        return tuple(lost(run, [tensor], given.node) for _ in range(sections))
    layer = MadeLayer({"type": "split", "axis": place, "sections": sections}, "split", framework_of(tensor), given.node)
    return tuple(apply(run, layer, [tensor], [], given.node))


def split(run: Run, given: Arguments) -> Value:
    """``x.split(64, dim=1)``, ``torch.split(x, [32, 32], 1)``."""
    tensor, size, axis = given.get(0, "tensor"), given.get(1, "split_size"), given.get(2, "dim", default=0)
    shape = _shape(tensor)
    place = _axis(axis, len(shape)) if shape is not None else None
    if not isinstance(tensor, Tensor) or shape is None or place is None or not isinstance(shape[place], int):
        return _unknown(run, tensor, given)
    total: Any = shape[place]
    if isinstance(size, int) and size > 0 and total % size == 0 and total // size < 100:
        size = [size] * (total // size)
    if not isinstance(size, list | tuple) or not all(isinstance(one, int) for one in size) or sum(size) != total:
        return lost(run, [tensor], given.node)
    layer = MadeLayer({"type": "split", "axis": place, "sizes": list(size)}, "split", framework_of(tensor), given.node)
    return tuple(apply(run, layer, [tensor], [], given.node))


def unbind(run: Run, given: Arguments) -> Value:
    """``x.unbind(0)``: one tensor for each position of an axis."""
    tensor, axis = given.get(0, "input"), given.get(1, "dim", default=0)
    shape = _shape(tensor)
    place = _axis(axis, len(shape)) if shape is not None else None
    if not isinstance(tensor, Tensor) or shape is None or place is None or not isinstance(length := shape[place], int):
        return _unknown(run, tensor, given)
    entries = [{"type": "select", "axis": place, "index": number} for number in range(min(length, 100))]
    return tuple(operation(run, entry, [tensor], framework_of(tensor), given.node) for entry in entries)


def reduced(name: str, *, places: bool = False) -> Meaning:
    """``x.mean(dim=1)``, ``tf.reduce_mean(x, 1)``; PyTorch's ``max`` and ``min`` give the ``places`` as well."""

    def reduce(run: Run, given: Arguments) -> Value:
        tensor = given.get(0, "input", "input_tensor", "x")
        if not isinstance(tensor, Tensor):
            return run.opaque(given.node)
        axis, keep = given.get(1, "dim", "axis"), given.get(2, "keepdim", "keepdims", default=False)
        axes = [axis] if isinstance(axis, int) else list(axis) if isinstance(axis, tuple | list) else []
        if not axes or not all(isinstance(one, int) for one in axes) or not isinstance(keep, bool):
            return lost(run, [tensor], given.node)
        entry: dict[str, Any] = {"type": "reduce", "op": name, "axis": axes if len(axes) > 1 else axes[0]}
        result = operation(
            run, entry | ({"keepdims": True} if keep else {}), [tensor], framework_of(tensor), given.node
        )
        return (result, run.opaque(given.node)) if places else result

    return reduce


def position(run: Run, given: Arguments) -> Value:
    """``x.argmax(dim=1)``: the axis is gone."""
    tensor, keep = given.get(0, "input"), given.get(2, "keepdim", default=False)
    shape = _shape(tensor)
    place = None if shape is None else _axis(given.get(1, "dim"), len(shape))
    if shape is None or place is None or not isinstance(keep, bool):
        return _unknown(run, tensor, given)
    kept = (1,) if keep else ()
    return declared(run, "argmax", [tensor], (*shape[:place], *kept, *shape[place + 1 :]), given)


def expand(run: Run, given: Arguments) -> Value:
    """``x.expand(-1, t, -1)``."""
    tensor, sizes = given.get(0), _sizes(run, given, "size")
    shape = _shape(tensor)
    if shape is None or sizes is None or len(sizes) < len(shape):
        return _unknown(run, tensor, given)
    own = (*(1,) * (len(sizes) - len(shape)), *shape)
    result = tuple(old if new == -1 else new for old, new in zip(own, sizes, strict=True))
    return declared(run, "expand", [tensor], result, given)


def repeat(run: Run, given: Arguments) -> Value:
    """``x.repeat(1, t, 1)``."""
    tensor, times = given.get(0), _sizes(run, given, "repeats")
    shape = _shape(tensor)
    if shape is None or times is None or len(times) < len(shape):
        return _unknown(run, tensor, given)
    own = (*(1,) * (len(times) - len(shape)), *shape)
    result = tuple(size * count for size, count in zip(own, times, strict=True))
    return declared(run, "repeat", [tensor], result, given)


def expand_as(run: Run, given: Arguments) -> Value:
    """``x.expand_as(y)``."""
    tensor, other = given.get(0), given.get(1, "other")
    shape = _shape(other)
    if not isinstance(tensor, Tensor):
        return run.opaque(given.node)
    return lost(run, [tensor], given.node) if shape is None else declared(run, "expand", [tensor], shape, given)


def new(run: Run, given: Arguments) -> Value:
    """``x.new_zeros(2, 4)``: a tensor that no layer gives."""
    sizes = _sizes(run, given, "size")
    return Tensor(None, shape=None if sizes is None else tuple(sizes))


POOLED = tuple(f"{kind}_pool{rank}d" for kind in ("max", "avg") for rank in (1, 2, 3))


def pooled(name: str) -> Meaning:
    """``F.max_pool1d(x, 2)``."""

    def pool(run: Run, given: Arguments) -> Value:
        tensor = given.get(0, "input")
        if not isinstance(tensor, Tensor):
            return run.opaque(given.node)
        entry: dict[str, Any] = {"type": name.replace("_", "")}
        shape = shape_of(tensor)
        whole = shape is not None and name.endswith("1d") and not given.has(2, "stride", "padding", "ceil_mode")
        kernel = run.size(given.get(1, "kernel_size"))
        if shape is not None and whole and kernel is not None and same(shape[-1], kernel) is True:
            return declared(run, name, [tensor], (*shape[:-1], 1), given)
        for number, key in enumerate(("kernel_size", "stride", "padding"), start=1):
            value = given.get(number, key)
            sizes = [run.size(one) for one in (value if isinstance(value, list | tuple) else [value])]
            if value is not None and None in sizes:
                return lost(run, [tensor], given.node)
            if value is not None:
                plain = [size if isinstance(size, int) else str(size) for size in sizes]
                entry[key] = plain if isinstance(value, list | tuple) else plain[0]
        return operation(run, entry, [tensor], framework_of(tensor), given.node)

    return pool


def transposed(run: Run, given: Arguments) -> Value:
    """``x.t()``."""
    return transpose(run, Arguments(given.node, [given.get(0), 0, 1]))


MEANINGS: dict[str, Meaning] = {
    "reshape": reshape,
    "permute": permute,
    "transpose": transpose,
    "swapaxes": transpose,
    "t": transposed,
    "squeeze": squeeze,
    "unsqueeze": unsqueeze,
    "flatten": flatten,
    "chunk": chunk,
    "split": split,
    "unbind": unbind,
    **{name: reduced(name) for name in ("mean", "sum")},
    **{name: reduced(name, places=True) for name in ("max", "min")},
    **{name: reduced(name[1:]) for name in ("amax", "amin")},
    **dict.fromkeys(("argmax", "argmin"), position),
}

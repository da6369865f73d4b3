"""The few names of PyTorch and the standard library that a checkpoint's pickle calls, and what they say of tensors.

A name outside this table is never looked up: it stays an ``Opaque``. Sources: torch/_utils.py, torch/storage.py,
torch/serialization.py of PyTorch 0.4 to 2.13.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lstm_shapes.formats.pickled import Opaque, RefusedPickle, StorageInfo, TensorInfo

MAX_RANK = 64
"""PyTorch's own limit of axes."""
MAX_SIZE = 2**63 - 1
_SAME_MODULE = {"__builtin__": "builtins", "copy_reg": "copyreg"}
"""Modules of Python 2 -> those of Python 3."""
_STORAGES = {
    "Double": "float64",
    "Float": "float32",
    "Half": "float16",
    "BFloat16": "bfloat16",
    "Long": "int64",
    "Int": "int32",
    "Short": "int16",
    "Char": "int8",
    "Byte": "uint8",
    "Bool": "bool",
    "ComplexDouble": "complex128",
    "ComplexFloat": "complex64",
    "QInt8": "qint8",
    "QUInt8": "quint8",
    "QInt32": "qint32",
    "QUInt4x2": "quint4x2",
    "QUInt2x4": "quint2x4",
}
ITEM_BYTES = {
    "float64": 8,
    "float32": 4,
    "float16": 2,
    "bfloat16": 2,
    "int64": 8,
    "int32": 4,
    "int16": 2,
    "int8": 1,
    "uint8": 1,
    "uint16": 2,
    "uint32": 4,
    "uint64": 8,
    "bool": 1,
    "complex32": 4,
    "complex64": 8,
    "complex128": 16,
    "qint8": 1,
    "quint8": 1,
    "qint32": 4,
    **dict.fromkeys(("float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e8m0fnu"), 1),
}
"""The bytes of a number of each dtype that PyTorch stores; those of half a byte are left out."""
_STORAGE_CLASS = re.compile(r"(?:torch|torch\.storage|torch\.cuda)\.(\w+)Storage")
_STORAGE_TEXT = re.compile(r"\('storage', <class '([\w.]{1,80})'>, '([^']{1,200})', '[^']*', (\d{1,19})[,)]")
"""A storage's key as protocol 0 has it: the text of the tuple."""
_DTYPES = frozenset((*ITEM_BYTES, "quint4x2", "quint2x4"))


def normal(module: str, name: str) -> str:
    """The name of a global, with modules as Python 3 calls them."""
    return f"{_SAME_MODULE.get(module, module)}.{name}"


def call(name: str, args: tuple[Any, ...]) -> Any:
    """What calling ``name`` would say of tensors; an ``Opaque`` for every name outside the table."""
    known = _CALLS.get(name)
    if known is None:
        return Opaque(name)
    try:
        return known(*args)
    except TypeError:  # another number of arguments than PyTorch writes
        return Opaque(name)


def storage(value: Any) -> StorageInfo | Opaque:
    """The storage that a persistent id names: ("storage", class, key, device, size), or its text in protocol 0.

    A class that is named together with its source is an ``Opaque``, and so is everything else.
    """
    if isinstance(value, str) and (match := _STORAGE_TEXT.match(value)):
        value = ("storage", Opaque(match[1]), match[2], "", int(match[3]))
    match value:
        case ("storage", Opaque(name), str(key), _, int(size), *_) if 0 <= size <= MAX_SIZE:
            kind = _STORAGE_CLASS.fullmatch(name)
            return StorageInfo(key, _STORAGES.get(kind[1], "") if kind else "", size)
        case ("module", Opaque(name), *_):  # a class of torch.nn.Module with its source, up to PyTorch 1.5
            return Opaque(name)
    return Opaque("persistent id")


def _tensor(data: Any, offset: Any, shape: Any, strides: Any, dtype: str = "") -> Any:
    if not isinstance(data, StorageInfo):
        return Opaque(data.name if isinstance(data, Opaque) else "tensor")
    if not (_are_sizes(shape) and _are_sizes(strides) and _are_sizes((offset,)) and len(shape) == len(strides)):
        raise RefusedPickle("wrong-value", "a tensor whose sizes are no sizes")
    tensor = TensorInfo(tuple(shape), dtype or data.dtype, data, offset, tuple(strides))
    width = ITEM_BYTES.get(dtype, 1) if dtype and not data.dtype else 1
    if tensor.reach * width > data.size and data.dtype not in ("quint4x2", "quint2x4"):
        message = f"a tensor of shape {list(shape)} in a storage of {data.size:,}, which is too small for it"
        raise RefusedPickle("wrong-value", message)
    return tensor


def _are_sizes(values: Any) -> bool:
    return (
        isinstance(values, tuple | list)
        and len(values) <= MAX_RANK
        and all(type(value) is int and 0 <= value <= MAX_SIZE for value in values)
    )


def _dtype(value: Any) -> str:
    name = value.name.removeprefix("torch.") if isinstance(value, Opaque) else ""
    return name if name in _DTYPES else ""


def _tensor_v3(
    data: Any, offset: Any, shape: Any, strides: Any, grad: Any, hooks: Any, dtype: Any, metadata: Any = None
) -> Any:
    return _tensor(data, offset, shape, strides, _dtype(dtype))


def _meta_tensor(dtype: Any, shape: Any, strides: Any, grad: Any) -> Any:
    return TensorInfo(tuple(shape), _dtype(dtype)) if _are_sizes(shape) else Opaque("tensor")


def _sparse_tensor(layout: Any, parts: Any) -> Any:
    sizes = [part for part in parts if _are_sizes(part)] if isinstance(parts, tuple | list) else []
    values = [part for part in parts if isinstance(part, TensorInfo)] if sizes else []
    return TensorInfo(tuple(sizes[0]), values[-1].dtype) if sizes and values else Opaque("sparse tensor")


def _from_type(function: Any, new_type: Any, args: Any, state: Any) -> Any:
    """A tensor of a class that derives from PyTorch's: the tensor in it."""
    if isinstance(function, Opaque) and isinstance(args, tuple) and function.name in _REBUILDS:
        return call(function.name, args)
    return Opaque(new_type.name if isinstance(new_type, Opaque) else "tensor")


def _pairs(pairs: Any = ()) -> Any:
    """A dict, from pairs as Python 2 writes them."""
    if isinstance(pairs, dict):
        return pairs
    good = [pair for pair in pairs if isinstance(pair, tuple | list) and len(pair) == 2]
    return {key: value for key, value in good if type(key) is str}


def _reconstructor(cls: Any, *args: Any) -> Any:
    return Opaque(cls.name) if isinstance(cls, Opaque) else Opaque("object")


def _items(values: Any = ()) -> Any:
    return values if isinstance(values, tuple | list) else Opaque("collection")


_REBUILD: dict[str, Callable[..., Any]] = {
    "_rebuild_tensor": lambda data, offset, shape, strides: _tensor(data, offset, shape, strides),
    "_rebuild_tensor_v2": lambda data, offset, shape, strides, *others: _tensor(data, offset, shape, strides),
    "_rebuild_tensor_v3": _tensor_v3,
    "_rebuild_qtensor": lambda data, offset, shape, strides, *others: _tensor(data, offset, shape, strides),
    "_rebuild_parameter": lambda data, *others: data,
    "_rebuild_parameter_with_state": lambda data, *others: data,
    "_rebuild_meta_tensor_no_storage": _meta_tensor,
    "_rebuild_sparse_tensor": _sparse_tensor,
}
_REBUILDS = {f"torch._utils.{name}": rebuild for name, rebuild in _REBUILD.items()}
_CALLS: dict[str, Callable[..., Any]] = {
    **_REBUILDS,
    "torch._tensor._rebuild_from_type_v2": _from_type,
    "torch.nn.parameter.Parameter": lambda data=None, *others: data,
    "torch.autograd.variable.Variable": lambda data=None, *others: data,
    "torch.nn.parameter.Buffer": lambda data=None, *others: data,
    "torch.Size": _items,
    "torch.device": lambda *args: ":".join(str(arg)[:20] for arg in args if type(arg) in (str, int)),
    "collections.OrderedDict": _pairs,
    "collections.defaultdict": lambda factory=None, *args: _pairs(*args),
    "collections.Counter": _pairs,
    "builtins.dict": _pairs,
    "builtins.set": _items,
    "builtins.frozenset": _items,
    "builtins.list": _items,
    "copyreg._reconstructor": _reconstructor,
    "copyreg.__newobj__": _reconstructor,
    "_codecs.encode": lambda *args: Opaque("bytes"),
}

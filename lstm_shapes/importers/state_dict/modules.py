"""Modules other than recurrent ones, by the names and shapes of their tensors.

Where shapes leave several modules possible, all have the same number of parameters; ``note`` says which others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from lstm_shapes.importers.state_dict.recurrent import cell, recurrent
from lstm_shapes.importers.state_dict.stored import Tensor

_EMBEDDING = re.compile(r"emb|lookup|wte|wpe|vocab|token", re.IGNORECASE)
_GROUPS = re.compile(r"(^|[._])(gn|group_?norm)", re.IGNORECASE)
_NORM = re.compile(r"norm|(^|[._])ln", re.IGNORECASE)
_VOCABULARY = 1_000
"""The least rows of a matrix without bias that is taken for an embedding by its size."""
_TRANSPOSED = re.compile(r"transpos|deconv|upconv|convt", re.IGNORECASE)


class Recognized(NamedTuple):
    """The settings of a layer, the tensors that they account for, and what else the module may be."""

    settings: dict[str, Any]
    leaves: frozenset[str]
    note: str = ""


def recognize(path: str, leaves: Mapping[str, Tensor], widths: Collection[int] = ()) -> Recognized | None:
    """The layer of a module with these tensors; None where they are of no module that is known.

    ``widths`` are the features that recurrent layers of the model read.

    >>> recognize("fc", {"weight": Tensor("fc.weight", (4, 3), "float32"), "bias": Tensor("fc.bias", (4,), "float32")})
    Recognized(settings={'type': 'dense', 'input_dim': 3, 'units': 4}, leaves=frozenset({...}), note='')
    """
    leaves = {leaf: tensor for leaf, tensor in leaves.items() if not tensor.opaque}
    if any(0 in tensor.shape for tensor in leaves.values()):  # a spec has no layer of size 0
        return None
    sized = recurrent(leaves) or cell(leaves)
    if sized:
        return Recognized(*sized)
    return next((layer for other in _OTHERS if (layer := other(path, leaves, widths))), None)


def _attention(path: str, leaves: Mapping[str, Tensor], widths: Collection[int]) -> Recognized | None:
    """torch/nn/modules/activation.py: in_proj_weight is (3*embed_dim, embed_dim), or three matrices."""
    out = leaves.get("out_proj.weight")
    if out is None or len(out.shape) != 2 or out.shape[0] != out.shape[1]:
        return None
    width = out.shape[0]
    key = _columns(leaves, "k_proj_weight", width)
    value = _columns(leaves, "v_proj_weight", width)
    shapes: dict[str, tuple[int, ...]] = {"in_proj_weight": (3 * width, width)}
    if "in_proj_weight" not in leaves:
        shapes = {"q_proj_weight": (width, width), "k_proj_weight": (width, key), "v_proj_weight": (width, value)}
    bias = "in_proj_bias" in leaves
    shapes |= {"out_proj.weight": (width, width)}
    shapes |= {"in_proj_bias": (3 * width,), "out_proj.bias": (width,)} if bias else {}
    if {leaf: leaves[leaf].shape for leaf in shapes if leaf in leaves} != shapes:
        return None
    others = {"kdim": key, "vdim": value}
    settings = {
        "type": "multi_head_attention",
        "embed_dim": width,
        "num_heads": 1,
        **{name: size for name, size in others.items() if size != width},
        **({} if bias else {"bias": False}),
        "inputs": ["unknown", "unknown", "unknown"],
    }
    return Recognized(settings, frozenset(shapes), "num_heads is not in a checkpoint, so 1 is written")


def _columns(leaves: Mapping[str, Tensor], leaf: str, default: int) -> int:
    tensor = leaves.get(leaf)
    return tensor.shape[1] if tensor is not None and len(tensor.shape) == 2 else default


def _batch_norm(path: str, leaves: Mapping[str, Tensor], widths: Collection[int]) -> Recognized | None:
    """torch/nn/modules/batchnorm.py: statistics, and learned numbers unless affine is false.

    Releases before 0.4.1 counted no batches: their layers stay unknown, with their parameters.
    """
    mean = leaves.get("running_mean")
    if mean is None or len(mean.shape) != 1:
        return None
    shapes: dict[str, tuple[int, ...]] = {"running_mean": mean.shape, "running_var": mean.shape}
    shapes |= {"num_batches_tracked": ()}
    affine = "weight" in leaves and "bias" in leaves
    shapes |= {"weight": mean.shape, "bias": mean.shape} if affine else {}
    if {leaf: leaves[leaf].shape for leaf in shapes if leaf in leaves} != shapes:
        return None
    settings: dict[str, Any] = {"type": "batch_normalization", "num_features": mean.shape[0]}
    settings |= {} if affine else {"affine": False}
    return Recognized(settings, frozenset(shapes))


def _norm(path: str, leaves: Mapping[str, Tensor], widths: Collection[int]) -> Recognized | None:
    """A weight and a bias of one shape: LayerNorm; a weight of one axis without: RMSNorm or PReLU."""
    weight, bias = leaves.get("weight"), leaves.get("bias")
    if weight is None or (bias is not None and bias.shape != weight.shape) or not weight.shape:
        return None
    shape = list(weight.shape)
    if bias is not None and len(shape) == 1 and _GROUPS.search(path):
        settings = {"type": "group_normalization", "num_groups": 1, "num_channels": shape[0]}
        return Recognized(settings, frozenset(("weight", "bias")), "num_groups is not in a checkpoint, so 1 is written")
    if bias is not None:
        note = "GroupNorm, or BatchNorm without statistics, has the same tensors" if len(shape) == 1 else ""
        return Recognized(
            {"type": "layer_normalization", "normalized_shape": shape}, frozenset(("weight", "bias")), note
        )
    if len(shape) == 1 and _NORM.search(path):
        note = "LayerNorm without bias has the same tensor"
        return Recognized({"type": "rms_normalization", "normalized_shape": shape}, frozenset(("weight",)), note)
    if shape == [1]:
        return Recognized({"type": "prelu"}, frozenset(("weight",)), "a scale of one's own has the same tensor")
    return None


def _matrix(path: str, leaves: Mapping[str, Tensor], widths: Collection[int]) -> Recognized | None:
    """A weight of two axes: Linear with its bias; else Embedding where its name or its size says so, or Linear.

    Nothing but a vocabulary has very many rows, each as wide as what a recurrent layer reads.
    """
    weight, bias = leaves.get("weight"), leaves.get("bias")
    if weight is None or len(weight.shape) != 2:
        return None
    rows, columns = weight.shape
    if bias is not None:
        settings = {"type": "dense", "input_dim": columns, "units": rows}
        return Recognized(settings, frozenset(("weight", "bias"))) if bias.shape == (rows,) else None
    is_vocabulary = rows >= _VOCABULARY and rows >= 4 * columns and columns in widths
    if _EMBEDDING.search(path) or is_vocabulary:
        settings = {"type": "embedding", "vocab": rows, "units": columns}
        reason = "its size" if is_vocabulary else "its name"
        return Recognized(settings, frozenset(("weight",)), f"by {reason}: Linear without bias has the same tensor")
    settings = {"type": "dense", "input_dim": columns, "units": rows, "bias": False}
    return Recognized(settings, frozenset(("weight",)), "Embedding has the same tensor")


def _convolution(path: str, leaves: Mapping[str, Tensor], widths: Collection[int]) -> Recognized | None:
    """torch/nn/modules/conv.py: (out, in/groups, *kernel), transposed (in, out/groups, *kernel), a bias of out."""
    weight, bias = leaves.get("weight"), leaves.get("bias")
    if weight is None or not 3 <= len(weight.shape) <= 5 or (bias is not None and len(bias.shape) != 1):
        return None
    first, second, *kernel = weight.shape
    filters = bias.shape[0] if bias is not None else 0
    transposed = filters not in (0, first) or bool(_TRANSPOSED.search(path) and filters in (0, second))
    groups = max(1, filters // second) if transposed and second else 1
    if transposed and filters and (second * groups != filters or first % groups):
        return None
    rank = len(kernel)
    settings = {
        "type": f"conv{rank}d_transpose" if transposed else f"conv{rank}d",
        "input_dim": first if transposed else second,
        "filters": second * groups if transposed else first,
        "kernel_size": kernel if rank > 1 else kernel[0],
        **({"groups": groups} if groups > 1 else {}),
        **({} if bias is not None else {"bias": False}),
    }
    tensors = frozenset(("weight",) if bias is None else ("weight", "bias"))
    note = "" if transposed else "groups are not in a checkpoint: input_dim are the channels of a group"
    return Recognized(settings, tensors, note)


_OTHERS: tuple[Callable[[str, Mapping[str, Tensor], Collection[int]], Recognized | None], ...] = (
    _attention,
    _batch_norm,
    _matrix,
    _convolution,
    _norm,
)

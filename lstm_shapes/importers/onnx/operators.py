"""The table of the operators of ONNX that are read, by name; an operator that is not in it is unknown."""

from __future__ import annotations

from collections.abc import Callable

from lstm_shapes.importers.onnx import layers, moving, pointwise, products, resizing, sequences
from lstm_shapes.importers.onnx.builder import Builder
from lstm_shapes.importers.onnx.node import Node
from lstm_shapes.importers.onnx.recurrent import recurrent
from lstm_shapes.importers.onnx.value import Value

Handler = Callable[[Builder, Node], list[Value]]

_SAME_SHAPE = """Acos Acosh Asin Asinh Atan Atanh BitwiseNot Clip BitCast Cosh CumProd CumSum Erf Hardmax IsInf IsNaN
    LpNormalization LRN MeanVarianceNormalization Not ScatterElements Scatter ScatterND ReverseSequence
    RotaryEmbedding Shrink Sinh Tan ThresholdedRelu Trilu TensorScatter""".split()
_SEVERAL = """And Or Xor Mod BitShift BitwiseAnd BitwiseOr BitwiseXor Where Sum Mean""".split()
_REDUCE = """ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum
    ReduceSumSquare""".split()

HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(("LSTM", "GRU", "RNN"), recurrent),
    "MatMul": products.matmul,
    "Gemm": products.gemm,
    "Gather": products.gather,
    "Einsum": products.einsum,
    **dict.fromkeys(("Conv", "ConvTranspose"), products.convolution),
    **dict.fromkeys(("MaxPool", "AveragePool", "LpPool"), layers.pooling),
    **dict.fromkeys(("GlobalMaxPool", "GlobalAveragePool", "GlobalLpPool"), layers.pooling),
    **dict.fromkeys(("BatchNormalization", "LayerNormalization", "RMSNormalization"), layers.normalization),
    **dict.fromkeys(("GroupNormalization", "InstanceNormalization"), layers.normalization),
    **dict.fromkeys(layers.ACTIVATIONS, layers.activation),
    **dict.fromkeys(("Softmax", "LogSoftmax"), layers.softmax),
    **dict.fromkeys(("LeakyRelu", "Elu", "HardSigmoid"), layers.sloped),
    "PRelu": layers.prelu,
    "Dropout": layers.dropout,
    **dict.fromkeys(_SAME_SHAPE, layers.same_shape),
    **sequences.HANDLERS,
    "Transpose": moving.transpose,
    **dict.fromkeys(("Reshape", "Flatten"), moving.reshape),
    **dict.fromkeys(("Squeeze", "Unsqueeze"), moving.squeeze),
    "Slice": moving.slice_,
    "Concat": moving.concat,
    "Split": moving.split,
    **dict.fromkeys(("Expand", "Tile", "ConstantOfShape"), resizing.expand),
    "Pad": resizing.pad,
    **dict.fromkeys(("Resize", "Upsample"), resizing.resize),
    **dict.fromkeys((*pointwise.BINARY, *_SEVERAL), pointwise.binary),
    **dict.fromkeys(pointwise.UNARY, pointwise.unary),
    **dict.fromkeys(_REDUCE, pointwise.reduce),
    **dict.fromkeys(("ArgMax", "ArgMin"), pointwise.arg),
    "TopK": pointwise.top_k,
    "Det": pointwise.determinant,
    **dict.fromkeys(("DepthToSpace", "SpaceToDepth"), pointwise.blocks),
    "GridSample": pointwise.grid_sample,
    "Attention": pointwise.attention,
    "OneHot": pointwise.one_hot,
    "GatherElements": pointwise.gather_elements,
    "GatherND": pointwise.gather_nd,
    "Range": pointwise.range_,
    "NonZero": pointwise.nonzero,
    "Shape": pointwise.shape_of,
    "Size": pointwise.scalar,
    **dict.fromkeys(("RandomNormal", "RandomUniform", "RandomNormalLike", "RandomUniformLike"), pointwise.given_shape),
    **dict.fromkeys(("Bernoulli", "EyeLike"), layers.same_shape),
}
ALIASES = ("Identity", "Cast", "CastLike")
"""Operators that pass on what they read, in another type."""

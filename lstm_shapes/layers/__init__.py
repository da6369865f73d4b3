"""The layers, one family a file. ``FAMILIES`` is the list; CONTRIBUTING.md explains how to add a layer.

A family's module is imported when a model has one of its layers.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module

from lstm_shapes.layers.base import Layer

FAMILIES = {
    "lstm": "lstm.LSTM",
    "gru": "gru.GRU",
    "rnn": "rnn.RNN",
    "lstm_cell": "cells.LSTMCell",
    "gru_cell": "cells.GRUCell",
    "rnn_cell": "cells.RNNCell",
    "stacked_cells": "stacked_cells.StackedCells",
    "conv_lstm1d": "conv_lstm.ConvLSTM1D",
    "conv_lstm2d": "conv_lstm.ConvLSTM2D",
    "conv_lstm3d": "conv_lstm.ConvLSTM3D",
    "conv1d": "convolution.Conv1D",
    "conv2d": "convolution.Conv2D",
    "conv3d": "convolution.Conv3D",
    "depthwise_conv1d": "depthwise.DepthwiseConv1D",
    "depthwise_conv2d": "depthwise.DepthwiseConv2D",
    "separable_conv1d": "depthwise.SeparableConv1D",
    "separable_conv2d": "depthwise.SeparableConv2D",
    "conv1d_transpose": "transposed.Conv1DTranspose",
    "conv2d_transpose": "transposed.Conv2DTranspose",
    "conv3d_transpose": "transposed.Conv3DTranspose",
    "max_pooling1d": "pooling.MaxPooling1D",
    "max_pooling2d": "pooling.MaxPooling2D",
    "max_pooling3d": "pooling.MaxPooling3D",
    "average_pooling1d": "pooling.AveragePooling1D",
    "average_pooling2d": "pooling.AveragePooling2D",
    "average_pooling3d": "pooling.AveragePooling3D",
    "global_max_pooling1d": "global_pooling.GlobalMaxPooling1D",
    "global_max_pooling2d": "global_pooling.GlobalMaxPooling2D",
    "global_max_pooling3d": "global_pooling.GlobalMaxPooling3D",
    "global_average_pooling1d": "global_pooling.GlobalAveragePooling1D",
    "global_average_pooling2d": "global_pooling.GlobalAveragePooling2D",
    "global_average_pooling3d": "global_pooling.GlobalAveragePooling3D",
    "adaptive_max_pooling1d": "adaptive_pooling.AdaptiveMaxPooling1D",
    "adaptive_max_pooling2d": "adaptive_pooling.AdaptiveMaxPooling2D",
    "adaptive_max_pooling3d": "adaptive_pooling.AdaptiveMaxPooling3D",
    "adaptive_average_pooling1d": "adaptive_pooling.AdaptiveAveragePooling1D",
    "adaptive_average_pooling2d": "adaptive_pooling.AdaptiveAveragePooling2D",
    "adaptive_average_pooling3d": "adaptive_pooling.AdaptiveAveragePooling3D",
    "zero_padding1d": "margins.ZeroPadding1D",
    "zero_padding2d": "margins.ZeroPadding2D",
    "zero_padding3d": "margins.ZeroPadding3D",
    "cropping1d": "margins.Cropping1D",
    "cropping2d": "margins.Cropping2D",
    "cropping3d": "margins.Cropping3D",
    "up_sampling1d": "up_sampling.UpSampling1D",
    "up_sampling2d": "up_sampling.UpSampling2D",
    "up_sampling3d": "up_sampling.UpSampling3D",
    "bidirectional": "bidirectional.Bidirectional",
    "time_distributed": "time_distributed.TimeDistributed",
    "dense": "dense.Dense",
    "embedding": "embedding.Embedding",
    "dropout": "dropout.Dropout",
    "spatial_dropout1d": "dropout.SpatialDropout1D",
    "spatial_dropout2d": "dropout.SpatialDropout2D",
    "spatial_dropout3d": "dropout.SpatialDropout3D",
    "gaussian_dropout": "dropout.GaussianDropout",
    "alpha_dropout": "dropout.AlphaDropout",
    "gaussian_noise": "dropout.GaussianNoise",
    "activation": "activation.Activation",
    "leaky_relu": "activation.LeakyReLU",
    "relu": "activation.ReLU",
    "elu": "activation.ELU",
    "prelu": "prelu.PReLU",
    "softmax": "activation.Softmax",
    "log_softmax": "activation.LogSoftmax",
    "rescaling": "activation.Rescaling",
    "activity_regularization": "activation.ActivityRegularization",
    "batch_normalization": "normalization.BatchNormalization",
    "group_normalization": "normalization.GroupNormalization",
    "layer_normalization": "layer_normalization.LayerNormalization",
    "rms_normalization": "layer_normalization.RMSNormalization",
    "unit_normalization": "layer_normalization.UnitNormalization",
    "attention": "attention.Attention",
    "additive_attention": "attention.AdditiveAttention",
    "multi_head_attention": "multi_head_attention.MultiHeadAttention",
    "masking": "masking.Masking",
    "repeat_vector": "reshaping.RepeatVector",
    "flatten": "reshaping.Flatten",
    "reshape": "reshaping.Reshape",
    "permute": "reshaping.Permute",
    "select": "choosing.Select",
    "slice": "choosing.Slice",
    "split": "choosing.Split",
    "squeeze": "axis_changes.Squeeze",
    "expand_dims": "axis_changes.ExpandDims",
    "transpose": "axis_changes.Transpose",
    "concatenate": "merge.Concatenate",
    "add": "merge.Add",
    "multiply": "merge.Multiply",
    "average": "merge.Average",
    "subtract": "merge.Subtract",
    "maximum": "merge.Maximum",
    "minimum": "merge.Minimum",
    "dot": "dot.Dot",
    "reduce": "operations.Reduce",
    "elementwise": "operations.Elementwise",
    "gather": "operations.Gather",
    "stack": "operations.Stack",
    "matmul": "matmul.Matmul",
    "operator": "operator.Operator",
    "lambda": "operator.Lambda",
    "unknown": "operator.Unknown",
    "custom": "custom.Custom",
}
"""A spec's ``type`` -> module and class. ``stack`` and ``model`` are built by the reader from these layers."""


@lru_cache(maxsize=64)
def family(type_: str) -> type[Layer]:
    """The class of a type; raises ``KeyError`` on one that is not in the list.

    >>> family("lstm").__name__
    'LSTM'
    """
    module, name = FAMILIES[type_].split(".")
    family: type[Layer] = getattr(import_module(f"lstm_shapes.layers.{module}"), name)
    return family

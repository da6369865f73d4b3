"""The classes of Keras' layers and their parameters, in sequence; those of Keras 1 by their later names."""

from __future__ import annotations

_RECURRENT = "units activation recurrent_activation use_bias"
_CONVOLUTION = "filters kernel_size strides padding data_format dilation_rate groups activation use_bias"
_CONV_LSTM = "filters kernel_size strides padding data_format dilation_rate activation recurrent_activation use_bias"
_TRANSPOSED = "filters kernel_size strides padding output_padding data_format dilation_rate activation use_bias"
_DEPTHWISE = "kernel_size strides padding depth_multiplier data_format dilation_rate activation use_bias"
_SEPARABLE = "filters kernel_size strides padding data_format dilation_rate depth_multiplier activation use_bias"
_POOLING = "pool_size strides padding data_format"
PARAMETERS: dict[str, str] = {
    "LSTM": _RECURRENT,
    "GRU": _RECURRENT,
    "CuDNNLSTM": "units",
    "CuDNNGRU": "units",
    "SimpleRNN": "units activation use_bias",
    "LSTMCell": _RECURRENT,
    "GRUCell": _RECURRENT,
    "SimpleRNNCell": "units activation use_bias",
    "RNN": "cell return_sequences return_state go_backwards stateful unroll",
    "StackedRNNCells": "cells",
    "ConvLSTM1D": _CONV_LSTM,
    "ConvLSTM2D": _CONV_LSTM,
    "ConvLSTM3D": _CONV_LSTM,
    "Bidirectional": "layer merge_mode weights backward_layer",
    "TimeDistributed": "layer",
    "Dense": "units activation use_bias",
    "Embedding": "input_dim output_dim embeddings_initializer embeddings_regularizer embeddings_constraint mask_zero",
    "Activation": "activation",
    "Dropout": "rate",
    "SpatialDropout1D": "rate",
    "SpatialDropout2D": "rate data_format",
    "SpatialDropout3D": "rate data_format",
    "GaussianDropout": "rate",
    "AlphaDropout": "rate",
    "GaussianNoise": "stddev",
    "Flatten": "data_format",
    "Reshape": "target_shape",
    "Permute": "dims",
    "RepeatVector": "n",
    "Masking": "mask_value",
    "ActivityRegularization": "l1 l2",
    "Conv1D": _CONVOLUTION,
    "Conv2D": _CONVOLUTION,
    "Conv3D": _CONVOLUTION,
    "Convolution1D": _CONVOLUTION,
    "Convolution2D": _CONVOLUTION,
    "Convolution3D": _CONVOLUTION,
    "Conv1DTranspose": _TRANSPOSED,
    "Conv2DTranspose": _TRANSPOSED,
    "Conv3DTranspose": _TRANSPOSED,
    "DepthwiseConv1D": _DEPTHWISE,
    "DepthwiseConv2D": _DEPTHWISE,
    "SeparableConv1D": _SEPARABLE,
    "SeparableConv2D": _SEPARABLE,
    **{
        f"{kind}{rank}D": _POOLING
        for kind in ("MaxPooling", "MaxPool", "AveragePooling", "AvgPool")
        for rank in (1, 2, 3)
    },
    **{
        f"Global{kind}{rank}D": "data_format keepdims"
        for kind in ("MaxPooling", "MaxPool", "AveragePooling", "AvgPool")
        for rank in (1, 2, 3)
    },
    **{f"ZeroPadding{rank}D": "padding data_format" for rank in (1, 2, 3)},
    **{f"Cropping{rank}D": "cropping data_format" for rank in (1, 2, 3)},
    **{f"UpSampling{rank}D": "size data_format interpolation" for rank in (1, 2, 3)},
    "BatchNormalization": "axis momentum epsilon center scale",
    "LayerNormalization": "axis epsilon center scale",
    "GroupNormalization": "groups axis epsilon center scale",
    "UnitNormalization": "axis",
    "RMSNormalization": "axis epsilon",
    "LeakyReLU": "alpha",
    "PReLU": "alpha_initializer alpha_regularizer alpha_constraint shared_axes",
    "ELU": "alpha",
    "ReLU": "max_value negative_slope threshold",
    "Softmax": "axis",
    "Rescaling": "scale offset",
    "Add": "",
    "Subtract": "",
    "Multiply": "",
    "Average": "",
    "Maximum": "",
    "Minimum": "",
    "Concatenate": "axis",
    "Dot": "axes normalize",
    "Attention": "use_scale score_mode dropout",
    "AdditiveAttention": "use_scale dropout",
    "MultiHeadAttention": "num_heads key_dim value_dim dropout use_bias output_shape attention_axes",
}
"""A class -> the names of its positional parameters."""
OLD_NAMES = {
    "nb_filter": "filters",
    "filter_length": "kernel_size",
    "subsample_length": "strides",
    "subsample": "strides",
    "border_mode": "padding",
    "pool_length": "pool_size",
    "stride": "strides",
    "inner_activation": "recurrent_activation",
    "bias": "use_bias",
    "p": "rate",
    "sigma": "stddev",
}
"""Parameters of Keras 1 -> their later names."""
KERAS_1 = frozenset(
    "nb_filter filter_length border_mode inner_activation inner_init init consume_less dropout_W dropout_U".split()
)

"""The layer classes of every Keras that we know, what Keras 1 called their settings, and what tells an impostor."""

from __future__ import annotations

from collections.abc import Mapping

from lstm_shapes.layers import FAMILIES

_SAME = """Dense Embedding Dropout Activation LeakyReLU ReLU ELU PReLU Softmax Rescaling ActivityRegularization
    SpatialDropout1D SpatialDropout2D SpatialDropout3D GaussianDropout AlphaDropout GaussianNoise
    BatchNormalization GroupNormalization LayerNormalization RMSNormalization UnitNormalization
    Attention AdditiveAttention MultiHeadAttention Masking RepeatVector Flatten Reshape Permute
    Concatenate Add Multiply Average Subtract Maximum Minimum Dot
    LSTM GRU ConvLSTM1D ConvLSTM2D ConvLSTM3D
    Conv1D Conv2D Conv3D DepthwiseConv1D DepthwiseConv2D SeparableConv1D SeparableConv2D
    Conv1DTranspose Conv2DTranspose Conv3DTranspose
    MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D AveragePooling3D
    GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D
    GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D
    AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D
    AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D
    ZeroPadding1D ZeroPadding2D ZeroPadding3D Cropping1D Cropping2D Cropping3D UpSampling1D UpSampling2D UpSampling3D
    LSTMCell GRUCell"""


_OURS = {name.replace("_", ""): name for name in FAMILIES}

CLASSES: Mapping[str, str] = {
    **{name: _OURS[name.lower()] for name in _SAME.split()},
    "SimpleRNN": "rnn",
    "SimpleRNNCell": "rnn_cell",
    "CuDNNLSTM": "lstm",
    "CuDNNGRU": "gru",
    "UnifiedLSTM": "lstm",
    "UnifiedGRU": "gru",
    "LSTMV2": "lstm",
    "GRUV2": "gru",
    "BatchNormalizationV1": "batch_normalization",
    "BatchNormalizationV2": "batch_normalization",
    "SyncBatchNormalization": "batch_normalization",
    "TimeDistributedDense": "dense",
    **{f"Convolution{rank}D": f"conv{rank}d" for rank in (1, 2, 3)},
    **{f"AtrousConvolution{rank}D": f"conv{rank}d" for rank in (1, 2)},
    "SeparableConvolution2D": "separable_conv2d",
    "Deconvolution2D": "conv2d_transpose",
    **{f"MaxPool{rank}D": f"max_pooling{rank}d" for rank in (1, 2, 3)},
    **{f"AvgPool{rank}D": f"average_pooling{rank}d" for rank in (1, 2, 3)},
    **{f"GlobalMaxPool{rank}D": f"global_max_pooling{rank}d" for rank in (1, 2, 3)},
    **{f"GlobalAvgPool{rank}D": f"global_average_pooling{rank}d" for rank in (1, 2, 3)},
}
"""A Keras class -> our type."""

FIXED: Mapping[str, Mapping[str, object]] = {
    "CuDNNLSTM": {"recurrent_bias": True},
    "CuDNNGRU": {"reset_after": True},
}
"""Settings that a class implies (Keras 2.2.4 cudnn_recurrent.py: biases of 8 and 6 times units)."""

_RECURRENT_1 = {
    "output_dim": "units",
    "inner_activation": "recurrent_activation",
    "dropout_W": "dropout",
    "dropout_U": "recurrent_dropout",
    "nb_filter": "filters",
    "border_mode": "padding",
    "subsample": "strides",
    "dim_ordering": "data_format",
}
_CONVOLUTION_1 = {
    "nb_filter": "filters",
    "filter_length": "kernel_size",
    "subsample_length": "strides",
    "subsample": "strides",
    "border_mode": "padding",
    "atrous_rate": "dilation_rate",
    "dim_ordering": "data_format",
    "bias": "use_bias",
}
_SPACE_1 = {
    "pool_length": "pool_size",
    "stride": "strides",
    "border_mode": "padding",
    "length": "size",
    "dim_ordering": "data_format",
}
RENAMED: Mapping[str, Mapping[str, str]] = {
    "dense": {"output_dim": "units", "bias": "use_bias"},
    **dict.fromkeys(("lstm", "gru", "rnn", "conv_lstm2d"), _RECURRENT_1),
    **{type_: _CONVOLUTION_1 for type_ in CLASSES.values() if "conv" in type_ and "lstm" not in type_},
    **{
        type_: _SPACE_1
        for type_ in CLASSES.values()
        if any(word in type_ for word in ("pooling", "padding", "cropping", "up_sampling"))
    },
    "gaussian_noise": {"sigma": "stddev"},
    "spatial_dropout2d": {"dim_ordering": "data_format"},
    "spatial_dropout3d": {"dim_ordering": "data_format"},
}
"""By type: what Keras 1 called a setting -> what it is called since Keras 2."""

SIGNATURES: Mapping[str, tuple[str, ...]] = {
    "Attention": ("use_scale",),
    "AdditiveAttention": ("use_scale",),
    "MultiHeadAttention": ("num_heads", "key_dim"),
    "LayerNormalization": ("axis", "epsilon"),
    "GroupNormalization": ("groups",),
    "RMSNormalization": ("epsilon",),
    "Highway": ("W_regularizer",),
    "MaxoutDense": ("nb_feature",),
    "Merge": ("mode",),
}
"""Settings that Keras always writes: a class of this name without them is somebody's own."""

SINCE_TENSORFLOW_2 = frozenset(
    "Attention AdditiveAttention MultiHeadAttention LayerNormalization GroupNormalization RMSNormalization".split()
)
"""Classes that Keras itself has not before tf.keras: in older files they are somebody's own."""

IDENTITY = frozenset(
    """Identity AddLoss
    RandomFlip RandomRotation RandomZoom RandomTranslation RandomContrast RandomBrightness RandomShear
    RandomHue RandomSaturation RandomSharpness RandomGaussianBlur RandomInvert RandomPosterization RandomErasing
    RandomPerspective RandomElasticTransform RandomColorJitter RandomColorDegeneration RandomGrayscale AutoContrast
    Equalization Solarization AugMix""".split()
)
"""Classes without weights that pass on the shape they get."""

"""Keras 3: keras/src/layers/rnn/{lstm,gru,simple_rnn,bidirectional}.py.

The tensors are those of Keras 2 as well. What it did otherwise is set in the file: its hard_sigmoid is ours
hard_sigmoid_keras2, outside of TensorFlow 2 its GRU has ``reset_after: false`` unless it is set, and its CuDNNLSTM has
``recurrent_bias: true``.
"""

from lstm_shapes.frameworks import pooling
from lstm_shapes.frameworks.convolutions import KERAS_LACKS, KERAS_REFUSES, keras_layouts
from lstm_shapes.frameworks.layout import Framework, Layout, Slot

_GATED = (
    Slot("{way}kernel", "kernel", "in (gate unit)"),
    Slot("{way}recurrent_kernel", "recurrent", "state (gate unit)"),
)
_LSTM = Layout(
    (
        *_GATED,
        Slot("{way}bias", "bias", "(gate unit)"),
        Slot("{way}recurrent_bias", "recurrent_bias", "(gate unit)"),
        Slot("{way}projection_kernel", "projection", "unit state"),
        Slot("{way}peephole", "peephole", "peep unit"),
    ),
    gates="input forget candidate output",
)
_GRU = Layout(
    (
        *_GATED,
        Slot("{way}bias", "bias recurrent_bias", "role (gate unit)"),
        Slot("{way}bias", "bias", "(gate unit)"),
    ),
    gates="update reset candidate",
)
_RNN = Layout(
    (
        Slot("{way}kernel", "kernel", "in unit"),
        Slot("{way}recurrent_kernel", "recurrent", "state unit"),
        Slot("{way}bias", "bias", "unit"),
        Slot("{way}recurrent_bias", "recurrent_bias", "unit"),
    )
)
_NORMALIZED = (Slot("gamma", "gamma", "..."), Slot("beta", "beta", "..."))
_MOVING = (Slot("moving_mean", "moving_mean", "channel"), Slot("moving_variance", "moving_variance", "channel"))
_AFFINE = "in Keras 3 it is set by center and scale; the figures are those of a layer with neither"
_TF1 = "Keras 3 has no such LSTM; the figures are those of TensorFlow 1's LSTMCell"

_CUDNN = {
    "activation": "tanh",
    "recurrent_activation": "sigmoid",
    "recurrent_dropout": 0.0,
    "unroll": False,
    "bias": True,
}
"""Keras 3.15: ``cudnn_ok`` in backend/{tensorflow,torch,jax}/rnn.py; ``inner_loop`` in lstm.py and gru.py."""


def _convolutional(space: str) -> Layout:
    """ConvLSTM1D, 2D, 3D: an LSTM's tensors with the space axes in front (conv_lstm.py)."""
    return Layout(
        (
            Slot("{way}kernel", "kernel", f"{space} in (gate unit)"),
            Slot("{way}recurrent_kernel", "recurrent", f"{space} state (gate unit)"),
            Slot("{way}bias", "bias", "(gate unit)"),
            Slot("{way}recurrent_bias", "recurrent_bias", "(gate unit)"),
        ),
        gates="input forget candidate output",
    )


KERAS = Framework(
    name="keras",
    title="Keras 3",
    separator="/",
    ways={"": "", "forward": "forward_", "backward": "backward_"},
    layouts={
        "lstm": _LSTM,
        "gru": _GRU,
        "rnn": _RNN,
        "lstm_cell": _LSTM,
        "gru_cell": _GRU,
        "rnn_cell": _RNN,
        "conv_lstm1d": _convolutional("width"),
        "conv_lstm2d": _convolutional("height width"),
        "conv_lstm3d": _convolutional("depth height width"),
        **keras_layouts(),
        "dense": Layout((Slot("kernel", "kernel", "in unit"), Slot("bias", "bias", "unit"))),
        "embedding": Layout((Slot("embeddings", "embeddings", "vocab unit"),)),
        "attention": Layout(
            (Slot("scale", "scale", ""), Slot("concat_score_weight", "concat_score_weight", "")),
        ),
        "additive_attention": Layout((Slot("scale", "scale", "in"),)),
        "multi_head_attention": Layout(
            (
                Slot("query/kernel", "query_kernel", "in head unit"),
                Slot("query/bias", "query_bias", "head unit"),
                Slot("key/kernel", "key_kernel", "key_in head unit"),
                Slot("key/bias", "key_bias", "head unit"),
                Slot("gate/kernel", "gate_kernel", "in head value"),
                Slot("gate/bias", "gate_bias", "head value"),
                Slot("value/kernel", "value_kernel", "value_in head value"),
                Slot("value/bias", "value_bias", "head value"),
                Slot("attention_output/kernel", "output_kernel", "from_head from_value ..."),
                Slot("attention_output/bias", "output_bias", "..."),
            )
        ),
        "prelu": Layout((Slot("alpha", "alpha", "..."),)),
        "batch_normalization": Layout((*_NORMALIZED, *_MOVING)),
        "group_normalization": Layout(_NORMALIZED),
        "layer_normalization": Layout(_NORMALIZED),
        "rms_normalization": Layout((Slot("scale", "gamma", "..."),)),
    },
    lacks={
        **{(type_, "affine"): ((True,), _AFFINE) for type_ in ("batch_normalization", "group_normalization")},
        ("layer_normalization", "affine"): ((True,), _AFFINE),
        ("batch_normalization", "track_running_stats"): ((True,), "Keras 3 always keeps moving statistics"),
        ("rms_normalization", "affine"): ((True,), "in Keras 3 it always has its weight; the figures are without"),
        ("multi_head_attention", "batch_first"): ((True,), "in Keras 3 the batch stands first"),
        ("multi_head_attention", "average_scores"): ((False,), "Keras 3 passes on the scores of each head"),
        ("prelu", "num_parameters"): ((), "in Keras 3 shared_axes says how many slopes there are"),
        ("lstm", "proj_size"): ((0,), _TF1),
        ("lstm", "peephole"): ((False,), _TF1),
        **KERAS_LACKS,
        **pooling.KERAS_LACKS,
    },
    refuses={**KERAS_REFUSES, **pooling.KERAS_REFUSES},
    static={"stateful": ("batch", 0), "unroll": ("timesteps", 1)},
    fused={"lstm": _CUDNN, "gru": {**_CUDNN, "reset_after": True}},
    exporters={"onnxruntime": "tf2onnx", "tflite": "TFLiteConverter"},
)

"""ONNX: the operators LSTM, GRU and RNN of opset 22 (onnx/defs/rnn/defs.cc), and those of layers without time.

A node is one layer; its directions are the first axis of W, R, B and P. B has the bias of the input's side before that
of the recurrent side. The tensors have the names of the operator's inputs.
"""

from lstm_shapes.frameworks import pooling
from lstm_shapes.frameworks.convolutions import TORCH_DEFAULTS, onnx_layouts
from lstm_shapes.frameworks.layout import Framework, Layout, Slot

_WEIGHTS = (
    Slot("{way}W", "kernel", "way (gate unit) in"),
    Slot("{way}R", "recurrent", "way (gate unit) state"),
    Slot("{way}B", "bias recurrent_bias", "way (role gate unit)"),
    Slot("{way}B", "bias", "way (gate unit)"),
)
_CELLS = ("lstm", "gru", "rnn")
_NODE = {"recurrent_bias": True, "return_sequences": True, "return_state": True}
_ABSENT = "an ONNX node has no such attribute; the figures are those of one that had"
ACTIVATIONS = tuple(
    "relu tanh sigmoid linear leaky_relu hard_sigmoid hard_sigmoid_keras2 elu softsign softplus".split()
)
"""The activations of the operators; linear is Affine, the functions with a slope have it as alpha and beta."""
_ACTIVATION = f"the operators have {', '.join(ACTIVATIONS[:-1])} and {ACTIVATIONS[-1]}"
_LACKS: dict[str, tuple[tuple[object, ...], str]] = {
    "return_sequences": ((True,), "Y has every timestep; the figures are those of its last one"),
    "recurrent_bias": ((True,), "B has both biases, or is not there"),
    "go_backwards": ((False,), "an ONNX node reads backwards with `direction: reverse`"),
    "stateful": ((False,), "an ONNX node keeps no states between runs: pass Y_h on as initial_h"),
    "unroll": ((False,), _ABSENT),
    "dropout": ((0.0,), "an ONNX node drops nothing"),
    "recurrent_dropout": ((0.0,), "an ONNX node drops nothing"),
    "zero_output_for_mask": ((False,), "an ONNX node has no masks: sequence_lens says where a sequence ends"),
    "activation": (ACTIVATIONS, _ACTIVATION),
    "recurrent_activation": (ACTIVATIONS, _ACTIVATION),
}
_NORMALIZED = (Slot("scale", "gamma", "..."), Slot("B", "beta", "..."))
_FUSED = "in ONNX the function is a node of its own; the figures are the same"

ONNX = Framework(
    name="onnx",
    title="ONNX",
    ways={"": "", "forward": "forward/", "backward": "reverse/"},
    layouts={
        "lstm": Layout(
            (
                *_WEIGHTS,
                Slot("{way}P", "peephole", "way (peep unit)"),
                Slot("{way}projection", "projection", "way state unit"),
            ),
            gates="input output forget candidate",
        ),
        "gru": Layout(_WEIGHTS, gates="update reset candidate"),
        "rnn": Layout(
            (
                Slot("{way}W", "kernel", "way unit in"),
                Slot("{way}R", "recurrent", "way unit state"),
                Slot("{way}B", "bias recurrent_bias", "way (role unit)"),
                Slot("{way}B", "bias", "way unit"),
            )
        ),
        **onnx_layouts(),
        "dense": Layout((Slot("B", "kernel", "in unit"), Slot("C", "bias", "unit"))),
        "embedding": Layout((Slot("data", "embeddings", "vocab unit"),)),
        "prelu": Layout((Slot("slope", "alpha", "..."),)),
        "batch_normalization": Layout(
            (
                *_NORMALIZED,
                Slot("input_mean", "moving_mean", "channel"),
                Slot("input_var", "moving_variance", "channel"),
            )
        ),
        "group_normalization": Layout((Slot("scale", "gamma", "..."), Slot("bias", "beta", "..."))),
        "layer_normalization": Layout((Slot("Scale", "gamma", "..."), Slot("B", "beta", "..."))),
        "rms_normalization": Layout((Slot("scale", "gamma", "..."),)),
    },
    defaults={
        "lstm": _NODE,
        "gru": {**_NODE, "reset_after": False},
        "rnn": _NODE,
        **TORCH_DEFAULTS,
        **{type_: {"data_format": "channels_first"} for type_ in pooling.TYPES},
        "batch_normalization": {"axis": 1, "epsilon": 1e-5},
        "group_normalization": {"axis": 1, "epsilon": 1e-5},
        "layer_normalization": {"epsilon": 1e-5},
        "rms_normalization": {"epsilon": 1e-5},
        "leaky_relu": {"negative_slope": 0.01},
    },
    apart=True,
    lacks={
        **{(type_, name): lack for type_ in _CELLS for name, lack in _LACKS.items()},
        ("lstm", "proj_size"): ((0,), _ABSENT),
        ("batch_normalization", "track_running_stats"): ((True,), "the operator has its statistics as inputs"),
        **{(type_, "activation"): (("linear",), _FUSED) for type_ in onnx_layouts()},
    },
)

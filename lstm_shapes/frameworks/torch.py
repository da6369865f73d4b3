"""PyTorch: torch/nn/modules/rnn.py. A module holds ``num_layers`` layers, both directions, two biases a gate."""

from lstm_shapes.frameworks import pooling
from lstm_shapes.frameworks.convolutions import TORCH_DEFAULTS, TORCH_LACKS, TORCH_REFUSES, torch_layouts
from lstm_shapes.frameworks.layout import Framework, Layout, Refusal, Slot

_BIASES = (
    Slot("bias_ih_l{depth}{way}", "bias", "(gate unit)"),
    Slot("bias_hh_l{depth}{way}", "recurrent_bias", "(gate unit)"),
)
_GATED = (
    Slot("weight_ih_l{depth}{way}", "kernel", "(gate unit) in"),
    Slot("weight_hh_l{depth}{way}", "recurrent", "(gate unit) state"),
    *_BIASES,
)
_NORMALIZED = (Slot("weight", "gamma", "..."), Slot("bias", "beta", "..."))
_MOVING = (Slot("running_mean", "moving_mean", "channel"), Slot("running_var", "moving_variance", "channel"))
_COUNTED = Slot("num_batches_tracked", "batches", "")
"""The integer among the buffers of a BatchNorm: how many batches its statistics have seen."""
_CELL = (
    Slot("weight_ih", "kernel", "(gate unit) in"),
    Slot("weight_hh", "recurrent", "(gate unit) state"),
    Slot("bias_ih", "bias", "(gate unit)"),
    Slot("bias_hh", "recurrent_bias", "(gate unit)"),
)
_MODULE = {"recurrent_bias": True, "return_sequences": True, "return_state": True}
_ABSENT = "PyTorch's torch.nn.{} has no such setting; the figures are those of one that had"
_FORWARDS = "a PyTorch module reads forwards: flip the sequence before it; the figures are those of one that does"
_FIXED = "in a PyTorch module it is {}; the figures are those of one that could be set"
_KERAS: dict[str, tuple[tuple[object, ...], str]] = {
    "go_backwards": ((False,), _FORWARDS),
    "stateful": ((False,), "a PyTorch module keeps no states between calls: pass them on as its second argument"),
    "unroll": ((False,), "PyTorch has no such setting; it changes neither shape nor count"),
    "recurrent_dropout": ((0.0,), "PyTorch drops no states; its dropout is between the layers of a module"),
    "zero_output_for_mask": ((False,), "PyTorch has no masks"),
    "return_sequences": (
        (True,),
        "a PyTorch module passes on every timestep; the figures are those of its output at the last one",
    ),
    "recurrent_bias": ((True,), "a PyTorch module has both biases or none"),
    "recurrent_activation": (("sigmoid",), _FIXED.format("sigmoid")),
    "activation": (("tanh",), _FIXED.format("tanh")),
}
"""Settings of Keras that no module of torch/nn/modules/rnn.py has: the values that it behaves as, and why."""

_CELLS = ("lstm_cell", "gru_cell", "rnn_cell")
_CELL_LACKS: dict[str, tuple[tuple[object, ...], str]] = {
    **{name: _KERAS[name] for name in ("recurrent_bias", "recurrent_activation", "activation")},
    **dict.fromkeys(("dropout", "recurrent_dropout"), ((0.0,), "a PyTorch cell drops nothing: put a dropout after it")),
}

_LAST = "torch.nn.{} normalizes the last axes: normalized_shape has their sizes"
_BOTH = "in torch.nn.{} it is set by {}; the figures are those of a layer that could be set so"
_CHANNELS = "torch.nn.{} has the channels on axis 1; the figures are those of one that had them there"
_AFFINE: dict[str, dict[str, tuple[tuple[object, ...], str]]] = {
    type_: {
        "axis": ((1,), _CHANNELS.format(module)),
        **dict.fromkeys(("center", "scale"), ((True,), _BOTH.format(module, "affine"))),
    }
    for type_, module in (("batch_normalization", "BatchNorm"), ("group_normalization", "GroupNorm"))
}
"""Settings of Keras' normalizations that the modules of torch/nn/modules have not, or not one by one."""

_ATTENTION: dict[str, tuple[object, ...]] = {
    **dict.fromkeys(("key_dim", "value_dim", "sliding_window"), (None,)),
    **dict.fromkeys(("output_shape", "attention_axes"), ((),)),
    "use_gate": (False,),
}
"""Settings of Keras' MultiHeadAttention that PyTorch's has not, and the value that it behaves as."""

_NO_DIM = Refusal(
    "axis",
    lambda settings: settings["axis"] == (),
    "PyTorch chooses an axis that is not set by the rank, with a warning: 0 for one or three axes, else 1",
    "write `dim: -1` for the last axis",
    kind="beyond-framework",
)
_DEFAULTS: dict[str, dict[str, object]] = {
    **{type_: {"axis": ()} for type_ in ("softmax", "log_softmax")},
    "leaky_relu": {"negative_slope": 0.01},
    "prelu": {"num_parameters": 1},
    "multi_head_attention": {"average_scores": True},
    "spatial_dropout2d": {"data_format": "channels_first"},
    "spatial_dropout3d": {"data_format": "channels_first"},
    "batch_normalization": {
        "axis": 1,
        "epsilon": 1e-5,
        "momentum": 0.1,
        "buffers": "moving_mean moving_variance batches",
    },
    "group_normalization": {"axis": 1, "epsilon": 1e-5},
    "layer_normalization": {"epsilon": 1e-5},
    "rms_normalization": {"epsilon": 1.1920928955078125e-07},
}
"""What torch.nn does where nothing is set; RMSNorm's epsilon is that of float32."""

TORCH = Framework(
    name="torch",
    title="PyTorch",
    ways={"": "", "forward": "", "backward": "_reverse"},
    layouts={
        "lstm": Layout(
            (
                *_GATED,
                Slot("weight_hr_l{depth}{way}", "projection", "state unit"),
                Slot("peephole_l{depth}{way}", "peephole", "peep unit"),
            ),
            gates="input forget candidate output",
        ),
        "gru": Layout(_GATED, gates="reset update candidate"),
        "rnn": Layout(
            (
                Slot("weight_ih_l{depth}{way}", "kernel", "unit in"),
                Slot("weight_hh_l{depth}{way}", "recurrent", "unit state"),
                Slot("bias_ih_l{depth}{way}", "bias", "unit"),
                Slot("bias_hh_l{depth}{way}", "recurrent_bias", "unit"),
            )
        ),
        "lstm_cell": Layout(_CELL, gates="input forget candidate output"),
        "gru_cell": Layout(_CELL, gates="reset update candidate"),
        "rnn_cell": Layout(
            (
                Slot("weight_ih", "kernel", "unit in"),
                Slot("weight_hh", "recurrent", "unit state"),
                Slot("bias_ih", "bias", "unit"),
                Slot("bias_hh", "recurrent_bias", "unit"),
            )
        ),
        **torch_layouts(),
        "dense": Layout((Slot("weight", "kernel", "unit in"), Slot("bias", "bias", "unit"))),
        "embedding": Layout((Slot("weight", "embeddings", "vocab unit"),)),
        "multi_head_attention": Layout(
            (
                Slot("in_proj_weight", "query_kernel key_kernel value_kernel", "(role head unit) in"),
                Slot("q_proj_weight", "query_kernel", "(head unit) in"),
                Slot("k_proj_weight", "key_kernel", "(head unit) key_in"),
                Slot("v_proj_weight", "value_kernel", "(head value) value_in"),
                Slot("in_proj_bias", "query_bias key_bias value_bias", "(role head unit)"),
                Slot("q_proj_bias", "query_bias", "(head unit)"),
                Slot("k_proj_bias", "key_bias", "(head unit)"),
                Slot("v_proj_bias", "value_bias", "(head value)"),
                Slot("gate_proj_weight", "gate_kernel", "(head value) in"),
                Slot("gate_proj_bias", "gate_bias", "(head value)"),
                Slot("out_proj.weight", "output_kernel", "... (from_head from_value)"),
                Slot("out_proj.bias", "output_bias", "..."),
            )
        ),
        "prelu": Layout((Slot("weight", "alpha", "..."),)),
        "batch_normalization": Layout((*_NORMALIZED, *_MOVING, _COUNTED)),
        "group_normalization": Layout(_NORMALIZED),
        "layer_normalization": Layout(_NORMALIZED),
        "rms_normalization": Layout((Slot("weight", "gamma", "..."),)),
    },
    defaults={
        "lstm": _MODULE,
        "gru": _MODULE,
        "rnn": _MODULE,
        **{type_: {"recurrent_bias": True} for type_ in _CELLS},
        **_DEFAULTS,
        **TORCH_DEFAULTS,
        **pooling.TORCH_DEFAULTS,
    },
    stacks=True,
    unbatched=True,
    exporters={"onnxruntime": "torch.onnx"},
    lacks={
        **{(type_, name): lack for type_ in ("lstm", "gru", "rnn") for name, lack in _KERAS.items()},
        ("rnn", "activation"): (("tanh", "relu"), _FIXED.format("tanh or relu")),
        **{(type_, name): lack for type_ in _CELLS for name, lack in _CELL_LACKS.items()},
        ("rnn_cell", "activation"): (("tanh", "relu"), _FIXED.format("tanh or relu")),
        ("gru_cell", "reset_after"): ((True,), _ABSENT.format("GRUCell")),
        ("lstm", "peephole"): ((False,), _ABSENT.format("LSTM")),
        ("gru", "reset_after"): ((True,), _ABSENT.format("GRU")),
        **{(type_, name): lack for type_, names in _AFFINE.items() for name, lack in names.items()},
        ("layer_normalization", "axis"): ((-1,), _LAST.format("LayerNorm")),
        ("rms_normalization", "axis"): ((-1,), _LAST.format("RMSNorm")),
        ("layer_normalization", "scale"): ((True,), _BOTH.format("LayerNorm", "elementwise_affine or bias")),
        ("layer_normalization", "rms_scaling"): ((False,), _ABSENT.format("LayerNorm")),
        **{
            ("multi_head_attention", name): (only, _ABSENT.format("MultiheadAttention"))
            for name, only in _ATTENTION.items()
        },
        ("relu", "max_value"): ((None,), _ABSENT.format("ReLU")),
        ("relu", "negative_slope"): ((0.0,), _ABSENT.format("ReLU")),
        ("relu", "threshold"): ((0.0,), _ABSENT.format("ReLU")),
        **TORCH_LACKS,
    },
    refuses={**dict.fromkeys(("softmax", "log_softmax"), (_NO_DIM,)), **TORCH_REFUSES, **pooling.TORCH_REFUSES},
    missing=frozenset(("stacked_cells",)),
)

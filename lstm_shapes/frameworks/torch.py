"""PyTorch: torch/nn/modules/rnn.py. A module holds ``num_layers`` layers, both directions, two biases a gate."""

from lstm_shapes.frameworks.layout import Framework, Layout, Slot

_BIASES = (
    Slot("bias_ih_l{depth}{way}", "bias", "(gate unit)"),
    Slot("bias_hh_l{depth}{way}", "recurrent_bias", "(gate unit)"),
)
_GATED = (
    Slot("weight_ih_l{depth}{way}", "kernel", "(gate unit) in"),
    Slot("weight_hh_l{depth}{way}", "recurrent", "(gate unit) state"),
    *_BIASES,
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
        "dense": Layout((Slot("weight", "kernel", "unit in"), Slot("bias", "bias", "unit"))),
        "embedding": Layout((Slot("weight", "embeddings", "vocab unit"),)),
    },
    defaults={"lstm": _MODULE, "gru": _MODULE, "rnn": _MODULE, "leaky_relu": {"negative_slope": 0.01}},
    stacks=True,
    exporters={"onnxruntime": "torch.onnx"},
    lacks={
        **{(type_, name): lack for type_ in ("lstm", "gru", "rnn") for name, lack in _KERAS.items()},
        ("rnn", "activation"): (("tanh", "relu"), _FIXED.format("tanh or relu")),
        ("lstm", "peephole"): ((False,), _ABSENT.format("LSTM")),
        ("gru", "reset_after"): ((True,), _ABSENT.format("GRU")),
    },
)

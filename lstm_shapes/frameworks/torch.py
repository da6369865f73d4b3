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
    defaults={"lstm": _MODULE, "gru": _MODULE, "rnn": _MODULE},
    stacks=True,
    exporters={"onnxruntime": "torch.onnx"},
    lacks={
        ("lstm", "peephole"): (False, _ABSENT.format("LSTM")),
        ("gru", "reset_after"): (True, _ABSENT.format("GRU")),
    },
)

"""Flax nnx: flax/nnx/nn/recurrent.py; OptimizedLSTMCell, GRUCell and SimpleCell inside an RNN.

The gates are in one kernel a side, the LSTM's bias on the recurrent side, the GRU's on the side of the input. LSTMCell
computes the same from a kernel a gate, under linen's names.
"""

from lstm_shapes.frameworks.flax_settings import DEFAULTS, LACKS, LAYOUTS, WAYS
from lstm_shapes.frameworks.layout import Framework, Layout, Slot

_KERNELS = (
    Slot("{way}cell/dense_i/kernel", "kernel", "in (gate unit)"),
    Slot("{way}cell/dense_h/kernel", "recurrent", "state (gate unit)"),
)

FLAX = Framework(
    name="flax",
    title="Flax nnx",
    ways=WAYS,
    layouts={
        **LAYOUTS,
        "lstm": Layout(
            (
                *_KERNELS,
                Slot("{way}cell/dense_h/bias", "bias", "(gate unit)"),
                Slot("{way}cell/dense_i/bias", "recurrent_bias", "(gate unit)"),
                Slot("{way}cell/dense_p/kernel", "projection", "unit state"),
                Slot("{way}cell/peephole", "peephole", "peep unit"),
            ),
            gates="input forget candidate output",
        ),
        "gru": Layout(
            (
                *_KERNELS,
                Slot("{way}cell/dense_i/bias", "bias", "(gate unit)"),
                Slot("{way}cell/dense_h/bias", "recurrent_bias", "(gate unit)"),
            ),
            gates="reset update candidate",
        ),
        "rnn": Layout(
            (
                Slot("{way}cell/dense_i/kernel", "kernel", "in unit"),
                Slot("{way}cell/dense_h/kernel", "recurrent", "state unit"),
                Slot("{way}cell/dense_i/bias", "bias", "unit"),
                Slot("{way}cell/dense_h/bias", "recurrent_bias", "unit"),
            )
        ),
    },
    defaults={**DEFAULTS, "gru": {"return_sequences": True, "second_bias": ""}},
    lacks=LACKS,
)

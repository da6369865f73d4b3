"""Flax linen: flax/linen/recurrent.py; a kernel for each gate and side, and the GRU's second bias for its candidate.

LSTMCell and OptimizedLSTMCell have the same tensors. ConvLSTMCell has its gates in one kernel a side, and adds 1 to
the forget gate.
"""

from lstm_shapes.frameworks.flax_settings import DEFAULTS, LACKS, LAYOUTS, WAYS
from lstm_shapes.frameworks.layout import Framework, Layout, Slot

_KERNELS = (
    Slot("{way}cell/i{gate}/kernel", "kernel", "in unit"),
    Slot("{way}cell/h{gate}/kernel", "recurrent", "state unit"),
)
_CONVOLUTIONAL = {"padding": "same", "return_sequences": True, "recurrent_bias": True}
_FIXED = "in a Flax ConvLSTMCell it is {}; the figures are those of one that could be set so"


def _convolutional(space: str) -> Layout:
    """ConvLSTMCell: ``i, g, f, o = split(conv(x) + conv(h))`` and ``f = sigmoid(f + 1)``, each convolution biased."""
    return Layout(
        (
            Slot("{way}cell/ih/kernel", "kernel", f"{space} in (gate unit)"),
            Slot("{way}cell/hh/kernel", "recurrent", f"{space} state (gate unit)"),
            Slot("{way}cell/ih/bias", "bias", "(gate unit)", (("forget", 1.0),)),
            Slot("{way}cell/hh/bias", "recurrent_bias", "(gate unit)"),
        ),
        gates="input candidate forget output",
    )


_SPACES = {"conv_lstm1d": "width", "conv_lstm2d": "height width", "conv_lstm3d": "depth height width"}

FLAX_LINEN = Framework(
    name="flax-linen",
    title="Flax linen",
    ways=WAYS,
    layouts={
        **LAYOUTS,
        "lstm": Layout(
            (
                *_KERNELS,
                Slot("{way}cell/h{gate}/bias", "bias", "unit"),
                Slot("{way}cell/i{gate}/bias", "recurrent_bias", "unit"),
                Slot("{way}cell/p/kernel", "projection", "unit state"),
                Slot("{way}cell/peephole", "peephole", "peep unit"),
            ),
            gates="input forget candidate output",
            letters="i f g o",
        ),
        "gru": Layout(
            (
                *_KERNELS,
                Slot("{way}cell/i{gate}/bias", "bias", "unit"),
                Slot("{way}cell/h{gate}/bias", "recurrent_bias", "unit"),
            ),
            gates="reset update candidate",
            letters="r z n",
        ),
        "rnn": Layout(
            (
                Slot("{way}cell/i/kernel", "kernel", "in unit"),
                Slot("{way}cell/h/kernel", "recurrent", "state unit"),
                Slot("{way}cell/i/bias", "bias", "unit"),
                Slot("{way}cell/h/bias", "recurrent_bias", "unit"),
            )
        ),
        **{type_: _convolutional(space) for type_, space in _SPACES.items()},
    },
    defaults={
        **DEFAULTS,
        "gru": {"return_sequences": True, "second_bias": "candidate"},
        **dict.fromkeys(_SPACES, _CONVOLUTIONAL),
    },
    lacks={
        **LACKS,
        **{
            (type_, name): (values, _FIXED.format(values[0]))
            for type_ in _SPACES
            for name, values in {
                "return_sequences": (True,),
                "padding": ("same",),
                "strides": (1,),
                "dilation_rate": (1,),
                "data_format": ("channels_last",),
                "activation": ("tanh",),
                "recurrent_activation": ("sigmoid",),
                "dropout": (0.0,),
                "recurrent_dropout": (0.0,),
                "stateful": (False,),
                "zero_output_for_mask": (False,),
            }.items()
        },
        **{(type_, "recurrent_bias"): ((True,), "a Flax ConvLSTMCell has both biases or none") for type_ in _SPACES},
    },
)

"""Toy: a framework that keeps the weights of each gate apart from its biases, the gates in alphabetical order."""

from lstm_shapes.frameworks.layout import Framework, Layout, Slot

_BIASES = (Slot("{way}b", "bias", "gate unit"), Slot("{way}b_h", "recurrent_bias", "gate unit"))
_GATED = (Slot("{way}W", "kernel", "gate in unit"), Slot("{way}U", "recurrent", "gate state unit"), *_BIASES)

TOY = Framework(
    name="toy",
    title="Toy",
    ways={"": "", "forward": "fw_", "backward": "bw_"},
    layouts={
        "lstm": Layout(
            (*_GATED, Slot("{way}P", "projection", "unit state"), Slot("{way}p", "peephole", "peep unit")),
            gates="candidate forget input output",
        ),
        "gru": Layout(_GATED, gates="candidate reset update"),
        "rnn": Layout(
            (
                Slot("{way}W", "kernel", "in unit"),
                Slot("{way}U", "recurrent", "state unit"),
                Slot("{way}b", "bias", "unit"),
                Slot("{way}b_h", "recurrent_bias", "unit"),
            )
        ),
        "dense": Layout((Slot("W", "kernel", "in unit"), Slot("b", "bias", "unit"))),
        "embedding": Layout((Slot("W", "embeddings", "vocab unit"),)),
    },
)

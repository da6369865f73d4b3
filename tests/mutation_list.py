"""The mutations: a file, a text that it has once, what takes its place, and what that breaks."""

from __future__ import annotations

from typing import NamedTuple


class Mutation(NamedTuple):
    """One line changed."""

    file: str
    old: str
    new: str
    breaks: str


_LAYERS, _FRAMEWORKS, _CLI = "lstm_shapes/layers", "lstm_shapes/frameworks", "lstm_shapes/cli"

EQUATIONS = (
    Mutation(f"{_LAYERS}/gru.py", "(z * h + (1 - z) * n,)", "((1 - z) * h + z * n,)", "GRU: z and 1 - z"),
    Mutation(f"{_LAYERS}/gru.py", "r * (h @ u + rb) if", "(r * (h @ u) + rb) if", "GRU: reset gates the bias too"),
    Mutation(f"{_LAYERS}/gru.py", "(r * h) @ u", "r * (h @ u)", "GRU: reset before the product"),
    Mutation(f"{_LAYERS}/gru.py", "cell.tanh(x @ w + b", "(x @ w + b", "GRU: the candidate's tanh"),
    Mutation(f"{_LAYERS}/lstm.py", "sigma(i) * tanh(g)", "sigma(i) * g", "LSTM: the candidate's tanh"),
    Mutation(f"{_LAYERS}/lstm.py", "sigma(o) * tanh(c)", "sigma(o) * c", "LSTM: the tanh of the new cell state"),
    Mutation(f"{_LAYERS}/lstm.py", "f + p[1] * c", "f + p[0] * c", "LSTM: the forget gate's peephole"),
    Mutation(
        f"{_LAYERS}/lstm.py", "o = o + p[2] * c", "o = o + p[2] * state[1]", "LSTM: the output gate sees the new c"
    ),
    Mutation(
        f"{_LAYERS}/lstm.py", "h @ cell.projection", "tanh(h @ cell.projection)", "LSTM: the projection is linear"
    ),
    Mutation(f"{_LAYERS}/rnn.py", "(cell.tanh(n),)", "(n,)", "RNN: the activation"),
    Mutation(f"{_LAYERS}/conv_lstm.py", "sigma(f) * c", "(1 - sigma(f)) * c", "ConvLSTM: forget and keep"),
    Mutation(f"{_LAYERS}/activations.py", "x, 0.2 * x)", "x, 0.01 * x)", "leaky_relu: the slope"),
    Mutation(f"{_LAYERS}/activations.py", "line /= 6", "line /= 5", "hard_sigmoid: the slope"),
    Mutation(f"{_LAYERS}/activations.py", "_SELU_SCALE = 1.67", "_SELU_SCALE = 1.66", "selu: alpha"),
    Mutation(f"{_LAYERS}/activations.py", "np.sqrt(2)", "np.sqrt(3)", "gelu: the normal distribution"),
    Mutation(f"{_LAYERS}/bidirectional.py", "(a + b) / 2", "a + b", "Bidirectional: ave is half of the sum"),
    Mutation(f"{_LAYERS}/bidirectional.py", "backward = backward[:, ::-1]", "pass", "Bidirectional: the reversal"),
    Mutation(f"{_LAYERS}/recurrent.py", "range(time - 1, -1, -1) if", "range(time) if", "go_backwards"),
    Mutation(f"{_LAYERS}/recurrent.py", "np.where(mask, after, old)", "after", "masking: the states stay"),
    Mutation(f"{_LAYERS}/recurrent.py", "else before)", "else new[0])", "masking: the output stays"),
    Mutation(f"{_LAYERS}/dense.py", "activation(self.activation)(y +", "(lambda y: y)(y +", "Dense: the activation"),
)
LAYOUTS_AND_COUNTS = (
    Mutation(
        f"{_FRAMEWORKS}/torch.py",
        '_GATED, gates="reset update candidate"',
        '_GATED, gates="update reset candidate"',
        "PyTorch GRU: order",
    ),
    Mutation(
        f"{_FRAMEWORKS}/torch.py",
        '"backward": "_reverse"',
        '"backward": "_backward"',
        "PyTorch: the backward tensors' name",
    ),
    Mutation(
        f"{_FRAMEWORKS}/keras.py", '"role (gate unit)"', '"(gate unit) role"', "Keras GRU: the two biases' layout"
    ),
    Mutation(f"{_FRAMEWORKS}/keras.py", '"unit state"', '"state unit"', "Keras: the projection's layout"),
    Mutation(
        f"{_LAYERS}/gru.py",
        "if self.bias and self.reset_after and",
        "if self.bias and",
        "GRU: one bias without reset_after",
    ),
    Mutation(
        f"{_LAYERS}/lstm.py",
        'axis_sizes(*inputs), "peep": 3',
        'axis_sizes(*inputs), "peep": 4',
        "LSTM: three peepholes",
    ),
    Mutation(
        f"{_LAYERS}/lstm.py",
        "return (self.width, self.units)",
        "return (self.units, self.width)",
        "LSTM: h is projected",
    ),
    Mutation(
        f"{_LAYERS}/dense.py", "product(inputs[0][:-1])", "product(inputs[0][:1])", "Dense: MACs at every timestep"
    ),
    Mutation(f"{_LAYERS}/window.py", "(length - 1) // self.stride + 1", "length // self.stride", "a window: same"),
    Mutation(f"{_LAYERS}/window.py", "self.dilation * (self.taps - 1) + 1", "self.dilation * self.taps", "dilation"),
    Mutation("lstm_shapes/symbolic/inequality.py", "before + 1, last)", "before, last)", "where an expectation holds"),
)
EXITS_AND_MESSAGES = (
    Mutation(f"{_CLI}/app.py", 'stream.reconfigure(errors="backslashreplace")', "pass", "output in a narrow encoding"),
    Mutation(f"{_CLI}/output.py", "return typer.Exit(2)", "return typer.Exit(1)", "the exit code of wrong usage"),
    Mutation(f"{_CLI}/models.py", "return 1 if any(", "return 0 if any(", "the exit code of findings"),
    Mutation(
        f"{_CLI}/check.py", "fail_on.value)) and not exit_zero", "fail_on.value)) or exit_zero", "check --exit-zero"
    ),
    Mutation(f"{_CLI}/output.py", 'os.environ.get("NO_COLOR")', 'os.environ.get("NO_COLOUR")', "NO_COLOR"),
    Mutation("lstm_shapes/checking/outcome.py", "<= SEVERITIES.index(at)", "< SEVERITIES.index(at)", "check --fail-on"),
    Mutation("lstm_shapes/render/escape.py", "\\u2028-\\u202e", "\\u2028-\\u202d", "a bidi control is escaped"),
    Mutation(
        "lstm_shapes/views/findings.py", "finding.place.column - 1)", "finding.place.column)", "the caret's column"
    ),
    Mutation("lstm_shapes/render/styled.py", "after), columns(before)", "after), room // 2", "the caret of a cut line"),
    Mutation("lstm_shapes/render/wrapping.py", "unit[1]]) > width:", "unit[1]]) > width + 1:", "the width of a line"),
    Mutation("lstm_shapes/render/wrapping.py", "|[^ ])+", "|[^ ])", "words are not torn"),
    Mutation("lstm_shapes/render/table_layout.py", "in shown) <= room", "in shown) <= 2 * room", "columns that fold"),
    Mutation("lstm_shapes/findings/spelling.py", "cutoff=0.6", "cutoff=0.99", "the nearest name of a typo"),
    Mutation(
        "lstm_shapes/formats/yaml.py", "if depth > MAX_DEPTH", "if depth > MAX_DEPTH + 1", "YAML: the depth allowed"
    ),
    Mutation("lstm_shapes/views/check/github.py", '"note": "notice"', '"note": "note"', "GitHub's word for a note"),
    Mutation(
        "lstm_shapes/layers/window.py",
        "or one value for all, got",
        "or one value for all; got",
        "the message on a wrong kernel_size",
    ),
)

MUTATIONS: tuple[Mutation, ...] = (*EQUATIONS, *LAYOUTS_AND_COUNTS, *EXITS_AND_MESSAGES)

"""The lint rules at their edges: nested models, wrappers, shared layers, explicit defaults, other names."""

from __future__ import annotations

import pytest

from .judging import judged, said

LSTM = "{type: lstm, name: a, units: 4"
INNER = "{type: lstm, units: 4"


def model(*layers: str, head: str = "input_dim: 8") -> str:
    return "\n".join([head, "layers:", *(f"  - {layer}" for layer in layers)]) + "\n"


def kinds(text: str, *targets: str) -> list[str]:
    return [finding.kind for finding in judged(text, *targets)]


# stateful-batch and unroll-timesteps


@pytest.mark.parametrize(
    ("layer", "column"),
    [
        (f"{LSTM}, stateful: true}}", 47),
        (f"{LSTM}, stateful: true, bidirectional: true}}", 47),
        (f"{{type: bidirectional, name: a, layer: {INNER}, stateful: true}}}}", 76),
        ("{type: ConvLSTM1D, name: a, inputs: f, filters: 2, kernel_size: 3, stateful: true}", 82),
    ],
)
def test_a_stateful_layer_is_reported_at_its_setting(layer: str, column: int) -> None:
    head = "inputs: {f: [B, T, 9, 3]}" if "filters" in layer else "input_dim: 8"
    ((message, line, at),) = said(model(layer, head=head), "stateful-batch")
    assert (line, at) == (3, column)
    assert message.startswith("a (")
    assert message.endswith("needs a fixed batch size, got B")


@pytest.mark.parametrize(
    "text",
    [
        model(f"{LSTM}, stateful: true}}", head="batch: 3\ninput_dim: 8"),
        model(f"{LSTM}, stateful: true}}", head="dims: {B: 3}\ninput_dim: 8"),
        model(f"{LSTM}, stateful: false}}"),
        model(f"{LSTM}, stateful: true}}", head="framework: torch\ninput_dim: 8"),
        model("{type: dense, units: 3}", f"{LSTM}, stateful: true}}", head="inputs: {x: [3, T, 8]}"),
    ],
)
def test_a_known_batch_suits_a_stateful_layer(text: str) -> None:
    assert "stateful-batch" not in kinds(text)


def test_the_hint_is_the_line_to_write() -> None:
    def hint(head: str, layer: str = f"{LSTM}, stateful: true}}") -> str:
        return next(finding.hint for finding in judged(model(layer, head=head)) if finding.kind == "stateful-batch")

    assert hint("input_dim: 8") == hint("batch: N\ninput_dim: 8") == "write `batch: 32`"
    assert hint("inputs: {x: [N, T, 8]}") == "write `dims: {N: 32}`"
    assert hint("batch: 2*N\ninput_dim: 8") == "write `batch: 32`"
    inner = f"{{type: time_distributed, layer: {INNER}, stateful: true}}}}"
    assert hint("inputs: {x: [B, S, T, 8]}", inner) == "give B, S numbers with `dims:`"
    for head in ("inputs: {x: [N, T, 8]}\ndims: {N: 32}", "input_dim: 8\nbatch: 32"):
        assert "stateful-batch" not in kinds(model(f"{LSTM}, stateful: true}}", head=head))


def test_a_layer_in_a_nested_model_is_judged_once_however_often_the_block_is_used() -> None:
    block = "{type: model, name: m, layers: [{type: lstm, units: 8, return_sequences: true, unroll: true}]"
    assert len(said(model(f"{block}}}"), "unroll-timesteps")) == 1
    assert len(said(model(f"{block}, repeat: 3}}"), "unroll-timesteps")) == 1
    again = model(f"{block}}}", "{use: m, name: n}")
    assert len(said(again, "unroll-timesteps")) == 1
    assert said(again, "unroll-timesteps")[0][1] == 3
    two = model(f"{block}}}", f"{block.replace('name: m', 'name: n')}}}")
    assert [line for _, line, _ in said(two, "unroll-timesteps")] == [3, 4]


def test_unroll_wants_timesteps_and_stateful_a_batch() -> None:
    layer = f"{LSTM}, unroll: true, stateful: true}}"
    found = ["stateful-batch", "unroll-timesteps"]
    for head, left in (("", found), ("batch: 2\n", found[1:]), ("timesteps: 9\n", found[:1])):
        text = model(layer, head=f"{head}input_dim: 8")
        assert sorted(set(kinds(text)) - {"cudnn-path"}) == left


def test_what_could_not_be_shaped_is_not_judged_again() -> None:
    text = model("{type: lstm, units: 4}", "{type: lstm, units: 4, stateful: true}")
    assert kinds(text) == ["last-step-only"] or "stateful-batch" in kinds(text)
    below = model("{type: lstm, units: 4}", "{type: lstm, units: 4}", "{type: lstm, units: 4, stateful: true}")
    assert kinds(below) == ["last-step-only"]


# unused-output


def test_a_branch_that_leads_nowhere_is_reported_at_its_end() -> None:
    text = model(
        "{type: dense, name: a, units: 2}",
        "{type: dense, name: b, units: 2}",
        "{type: dense, name: c, units: 2, inputs: input}",
    )
    assert said(text, "unused-output") == [("the output of b (dense) is not used", 4, 5)]
    assert said(f"{text}outputs: [b, c]\n", "unused-output") == []
    assert said(f"{text}outputs: [b]\n", "unused-output") == [("the output of c (dense) is not used", 5, 5)]


def test_an_input_without_a_reader_is_reported_at_its_name() -> None:
    text = model("{type: dense, units: 2, inputs: x}", head="inputs: {x: [B, 3], forgotten: [B, 4]}")
    assert said(text, "unused-output") == [("the input forgotten is not used", 1, 21)]


def test_inside_a_nested_model_too() -> None:
    block = "{type: model, inputs: [input, extra], layers: [%s]}"
    head = "inputs: {input: [B, 3], extra: [B, 3]}"
    loose = "{type: dense, name: p, units: 2, inputs: input}, {type: dense, name: q, units: 2, inputs: input}"
    found = [message for message, _, _ in said(model(block % loose, head=head), "unused-output")]
    assert found == ["the input extra is not used", "the output of p (dense) is not used"]
    tight = "{type: dense, name: p, units: 2, inputs: input}, {type: add, inputs: [p, extra]}"
    assert said(model(block % tight.replace("units: 2", "units: 3"), head=head), "unused-output") == []


def test_states_alone_are_a_use_and_so_is_being_used_again() -> None:
    head = "inputs: {x: [B, T, 8], y: [B, S, 8]}"
    encoder = f"{LSTM}, inputs: x, return_state: true}}"
    decoder = "{type: lstm, units: 4, inputs: y, initial_state: [a.h, a.c]}"
    assert kinds(model(encoder, decoder, head=head)) == []
    assert kinds(model(f"{LSTM}, inputs: x}}", "{use: a, name: b, inputs: y}", head=head)) == []


def test_of_a_repeated_layer_the_last_copy_is_the_one_that_is_read() -> None:
    repeated = "{type: dense, name: a, units: 8, repeat: 3}"
    assert said(model(repeated), "unused-output") == []
    text = model(repeated, "{type: dense, name: b, units: 8, inputs: input}")
    assert said(text, "unused-output") == [("the output of a_3 (dense) is not used", 3, 5)]
    assert said(f"{text}outputs: [a, b]\n", "unused-output") == []


def test_nothing_is_unused_while_a_name_is_wrong() -> None:
    text = model(f"{LSTM}}}", "{type: dense, units: 2, inputs: aa}")
    assert kinds(text) == ["unknown-layer"]
    assert kinds(text.replace("aa}", "input}")) == ["unused-output"]


# needless-return-state


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (model(f"{LSTM}, return_state: true}}"), 1),
        (model(f"{LSTM}, return_state: false}}"), 0),
        (model(f"{LSTM}}}", head="framework: torch\ninput_dim: 8"), 0),
        (model(f"{LSTM}, return_state: true}}", head="framework: torch\ninput_dim: 8"), 1),
        (model(f"{LSTM}, return_state: true}}") + "outputs: [a, a.c]\n", 0),
        (model(f"{LSTM}, return_state: true, expect: {{states: {{h: [B, 4]}}}}}}"), 0),
        (model(f"{LSTM}, return_state: true, bidirectional: true}}"), 1),
        (model(f"{LSTM}, return_state: true, bidirectional: true}}") + "outputs: [a, a.backward_c]\n", 0),
        (model(f"{{type: bidirectional, name: a, layer: {INNER}, return_state: true}}}}"), 1),
        (model(f"{{type: model, name: m, layers: [{LSTM}, return_state: true}}]}}"), 1),
        (model(f"{{type: model, name: m, layers: [{LSTM}, return_state: true}}], outputs: [a.h, a]}}"), 0),
        (model("{type: gru, name: g, units: 8, repeat: 2, return_state: true, return_sequences: true}"), 1),
        (
            model("{type: gru, name: g, units: 8, repeat: 2, return_state: true, return_sequences: true}")
            + "outputs: [g.h, g]\n",
            0,
        ),
    ],
)
def test_states_that_nobody_reads(text: str, count: int) -> None:
    assert len(said(text, "needless-return-state")) == count


def test_states_of_a_layer_used_again_count_for_it() -> None:
    text = model(
        f"{LSTM}, inputs: x, return_state: true}}",
        "{use: a, name: b, inputs: y}",
        head="inputs: {x: [B, T, 8], y: [B, S, 8]}",
    )
    assert said(f"{text}outputs: [a, b, b.h]\n", "needless-return-state") == []
    assert len(said(f"{text}outputs: [a, b]\n", "needless-return-state")) == 1


# dropout-one-layer


@pytest.mark.parametrize(
    ("framework", "more", "count"),
    [
        ("torch", ", dropout: 0.2", 1),
        ("torch", ", dropout: 0.2, num_layers: 1, bidirectional: true", 1),
        ("torch", ", dropout: 0.2, num_layers: 2", 0),
        ("torch", ", dropout: 0.0", 0),
        ("torch", "", 0),
        ("keras", ", dropout: 0.2", 0),
    ],
)
def test_dropout_acts_between_layers(framework: str, more: str, count: int) -> None:
    text = model(f"{LSTM}{more}}}", head=f"framework: {framework}\ninput_dim: 8")
    assert len(said(text, "dropout-one-layer")) == count


# cudnn-path


@pytest.mark.parametrize(
    ("layer", "lost"),
    [
        ("lstm, activation: relu", "activation relu"),
        ("lstm, recurrent_activation: hard_sigmoid", "recurrent_activation hard_sigmoid"),
        ("gru, reset_after: false", "reset_after false"),
        ("gru, use_bias: false", "bias false"),
        ("gru, recurrent_dropout: 0.25, activation: null", "activation linear, recurrent_dropout 0.25"),
        ("lstm, bidirectional: true, bias: false", "bias false"),
        ("lstm, activation: tanh, recurrent_activation: sigmoid, bias: true, recurrent_dropout: 0", ""),
        ("lstm, dropout: 0.5, go_backwards: true, return_sequences: true", ""),
        ("lstm, activation: relu, use_cudnn: false", ""),
        ("rnn, activation: relu", ""),
    ],
)
def test_what_cudnn_does_not_have(layer: str, lost: str) -> None:
    text = model(f"{{name: a, units: 4, type: {layer}}}")
    found = said(text, "cudnn-path")
    assert [message.rpartition(": ")[2] for message, _, _ in found] == [lost] * bool(lost)
    assert said(f"framework: torch\n{text}", "cudnn-path") == []


def test_the_place_is_the_setting_under_the_name_that_it_has_there() -> None:
    ((_, line, column),) = said(model("{type: lstm, units: 4, use_bias: false}"), "cudnn-path")
    assert (line, column) == (3, 38)


def test_a_wrapper_with_two_layers_is_one_finding() -> None:
    relu = "{type: lstm, units: 4, activation: relu%s}"
    both = f"{{type: bidirectional, layer: {relu % ''}, backward_layer: {relu % ', go_backwards: true'}}}"
    assert len(said(model(both), "cudnn-path")) == 1
    assert len(said(model(both, both), "cudnn-path")) == 2


# target-onnxruntime


@pytest.mark.parametrize(
    ("layer", "count"),
    [
        ("{type: lstm, units: 4, activation: gelu}", 1),
        ("{type: lstm, units: 4, activation: gelu, recurrent_activation: softmax}", 2),
        ("{type: gru, units: 4, recurrent_activation: hard_sigmoid, activation: elu}", 0),
        ("{type: rnn, units: 4, recurrent_activation: gelu}", 0),
        ("{type: rnn, units: 4, activation: null}", 0),
        ("{type: lstm, units: 4, peephole: true, recurrent_dropout: 0.2}", 0),
        ("{type: lstm, units: 4, bidirectional: true, stateful: true}", 1),
        ("{type: dense, units: 4, activation: gelu}", 0),
    ],
)
def test_what_onnx_runtime_has_no_operator_for(layer: str, count: int) -> None:
    text = model(layer, head="batch: 2\ninput_dim: 8")
    assert len(said(text, "target-onnxruntime", "onnxruntime")) == count
    assert said(text, "target-onnxruntime", "tflite") == []


def test_a_convolutional_layer_is_refused_at_its_type() -> None:
    text = model("{type: conv_lstm2d, filters: 2, kernel_size: 3}", head="inputs: {x: [B, T, 9, 9, 1]}")
    ((message, line, column),) = said(text, "target-onnxruntime", "onnxruntime")
    assert (line, column) == (3, 12)
    assert "ONNX has operators only for lstm, gru, rnn" in message


# target-tflite


def test_an_open_batch_is_one_mistake_of_the_model() -> None:
    text = model("{type: lstm, units: 4, return_sequences: true}", "{type: gru, units: 4}")
    assert len(said(text, "target-tflite", "tflite")) == 1
    assert said(f"batch: 1\n{text}", "target-tflite", "tflite") == []
    assert said(f"framework: torch\n{text}", "target-tflite", "tflite") == []
    assert said(model("{type: dense, units: 4}"), "target-tflite", "tflite") == []


def test_a_stateful_layer_is_refused_with_a_fixed_batch_too() -> None:
    text = model("{type: gru, units: 4, stateful: true}", head="batch: 1\ninput_dim: 8")
    ((message, _, _),) = said(text, "target-tflite", "tflite")
    assert message == "gru (gru): TFLiteConverter supports only stateless layers"


# backward-last-step

BOTH = "{type: lstm, name: a, units: 4, bidirectional: true, return_sequences: true}"


@pytest.mark.parametrize(
    ("layers", "end"),
    [
        (("{type: select, name: s, axis: 1, index: -1}",), "last"),
        (("{type: select, name: s, axis: -2, index: 0}",), "first"),
        (("{type: slice, name: s, axis: 1, start: -1}",), "last"),
        (("{type: slice, name: s, axis: 1, stop: 1}",), "first"),
        (("{type: dropout, rate: 0.1}", "{type: select, name: s, axis: 1, index: -1}"), "last"),
    ],
)
@pytest.mark.parametrize("framework", ["keras", "torch"])
def test_one_end_of_both_directions_is_reported(layers: tuple[str, ...], end: str, framework: str) -> None:
    source = "a" if len(layers) == 1 else "dropout"
    layers = (*layers[:-1], layers[-1].replace("}", f", inputs: {source}}}"))
    text = model(BOTH, *layers, head=f"framework: {framework}\ninput_dim: 8")
    ((message, _, _),) = said(text.replace("{type: dropout", "{type: dropout, inputs: a.output"), "backward-last-step")
    assert message.startswith(f"s ({'select' if 'select' in layers[-1] else 'slice'}) takes the {end} timestep of a (")


@pytest.mark.parametrize(
    "layers",
    [
        (BOTH, "{type: select, axis: 1, index: 3}"),
        (BOTH, "{type: select, axis: -1, index: -1}"),
        (BOTH, "{type: select, axis: 1, index: -1}", "{type: slice, axis: -1, stop: 4}"),
        (BOTH, "{type: slice, axis: 1, start: -2}"),
        (BOTH, "{type: flatten}", "{type: select, axis: 1, index: -1}"),
        (f"{LSTM}, return_sequences: true}}", "{type: select, axis: 1, index: -1}"),
    ],
)
def test_a_timestep_that_both_directions_can_have_is_not_reported(layers: tuple[str, ...]) -> None:
    assert "backward-last-step" not in kinds(model(*layers, head="timesteps: 5\ninput_dim: 8"))


# unknown-class


def keras(*layers: str) -> str:
    """A Sequential of Keras 3 with these entries, one a line."""
    first = '{"class_name": "InputLayer", "config": {"name": "x", "batch_shape": [null, 10, 8]}}'
    lines = ",\n".join((first, *layers))
    config = f'{{"name": "m", "layers": [\n{lines}]}}'
    return f'{{"class_name": "Sequential", "keras_version": "3.15.1", "config": {config}}}'


OWN = '{"module": "own", "class_name": "Own", "config": {"name": "mine"}}'


def unknown_classes(text: str) -> list[tuple[str, int, str]]:
    found = [finding for finding in judged(text) if finding.kind == "unknown-class"]
    return [(finding.message, finding.place.line, finding.hint) for finding in found if finding.place]


def test_an_unknown_class_is_reported_where_it_is_declared() -> None:
    message = "mine (Own): nothing is known of this class; its parameters and output are in no figure"
    hint = "declare it with --assume 'Own=output:[...],params:N'"
    assert unknown_classes(keras(OWN)) == [(message, 2 + 1, hint)]


def test_an_unknown_class_is_reported_inside_a_nested_model_and_with_the_wrapper_around_it() -> None:
    nested = keras(OWN).replace(', "keras_version": "3.15.1"', "")
    text = keras(nested)
    ((message, line, _),) = unknown_classes(text)
    assert message.startswith("mine (Own): nothing is known of this class")
    assert text.splitlines()[line - 1] == OWN + "]}}]}}"
    wrapped = f'{{"class_name": "TimeDistributed", "config": {{"name": "td", "layer": {OWN}}}}}'
    ((message, line, _),) = unknown_classes(keras(wrapped))
    assert (message.split(":")[0], line) == ("td (TimeDistributed(Own))", 3)


def test_a_known_class_and_an_unknown_layer_of_a_spec_are_not_reported() -> None:
    assert unknown_classes(keras('{"class_name": "Dense", "config": {"name": "d", "units": 3}}')) == []
    assert kinds(model("{type: unknown, class: Own}")) == []

"""LSTM, GRU and RNN nodes (onnx/defs/rnn/defs.cc), with W, R, B and P compared with what X and hidden_size ask for."""

from __future__ import annotations

from typing import Any

from lstm_shapes.importers.onnx.builder import Builder, Entry, layer_name
from lstm_shapes.importers.onnx.node import Node
from lstm_shapes.importers.onnx.value import Value

_GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
_DEFAULTS = {"LSTM": ("sigmoid", "tanh", "tanh"), "GRU": ("sigmoid", "tanh"), "RNN": ("tanh",)}
_NAMES = {
    **dict.fromkeys(("affine", "identity"), "linear"),
    **{name: name for name in ("relu", "tanh", "sigmoid", "elu", "softsign", "softplus")},
    **{"leakyrelu": "leaky_relu", "hardsigmoid": "hard_sigmoid_keras2"},
}
"""The activations of the operators -> ours; ONNX' HardSigmoid is the function that Keras 2 has under this name."""
_INITIAL = {"LSTM": (5, 6), "GRU": (5,), "RNN": (5,)}


def recurrent(build: Builder, node: Node) -> list[Value]:
    """The node as a layer that passes on Y, Y_h and, of an LSTM, Y_c."""
    x, w, r = (node.input(number) for number in range(3))
    if x is None or w is None or r is None:
        build.ledger.problems.append(
            ("wrong-setting", f"{node.op} takes X, W and R, and one is left out", build.next_route)
        )
        return [build.unknown(node, node.op)]
    units = node.attributes.get("hidden_size", r.shape[-1] if r.shape else None)
    if units is None:
        return [build.unknown(node, node.op)]
    entry: Entry = {"type": node.op.lower(), "units": units if isinstance(units, int) else str(units)}
    entry |= _attributes(build, node)
    bias, peephole = node.input(3), node.input(7) if node.op == "LSTM" else None
    if bias is None or bias.zero:
        entry["bias"] = False
    if peephole is not None and not peephole.zero:
        entry["peephole"] = True
    width = w.shape[2] if w.shape and len(w.shape) == 3 else None
    if isinstance(width, int) and (not x.shape or not isinstance(x.shape[-1], int)):
        entry["input_dim"] = width
    states = [node.input(number) for number in _INITIAL[node.op]]
    given = [state for state in states if state is not None and state.runtime]
    if given and len(given) < len(states):
        build.ledger.note(
            f"{layer_name(node)}: one of its initial states is a constant, so that neither is in the spec"
        )
        given = []
    ties = _ties(node, entry)
    if ties:
        build.ledger.note(f"{layer_name(node)}: weights that enter the graph are no parameters of the file")
        entry["tied_to"] = ties
    build.ledger.start_from([weight for state in states if state for weight in state.weights])
    fits = _fits(build, node, units, entry.get("direction") == "bidirectional")
    return _padded(build.layer(node, entry, [x], given, exact=True, compared=fits))


def _ties(node: Node, entry: Entry) -> dict[str, str]:
    """The weights that are not stored in the file but enter the graph, or are made in it, each with what it is."""
    roles = {1: ("kernel",), 2: ("recurrent",), 3: ("bias", "recurrent_bias"), 7: ("peephole",)}
    both = entry.get("direction") == "bidirectional"
    ways = ("forward", "backward") if both else ("backward" if entry.get("direction") == "reverse" else "forward",)
    return {
        f"{way}.{role}": f"inputs.{value.ref}"
        for number, names in roles.items()
        if (value := node.input(number)) is not None and value.runtime and (number != 7 or node.op == "LSTM")
        for way in ways
        for role in names
    }


def _padded(values: list[Value]) -> list[Value]:
    return values if len(values) > 1 else [*values, *[Value(None)] * 2]


def _attributes(build: Builder, node: Node) -> Entry:
    entry: Entry = {}
    direction = node.text("direction", "forward").lower()
    if direction != "forward":
        entry["direction"] = direction
    if node.integer("layout", 0) == 0:
        entry["layout"] = 0
    if node.op == "GRU" and node.integer("linear_before_reset", 0):
        entry["reset_after"] = True
    entry |= _activations(build, node, 2 if direction == "bidirectional" else 1)
    said = {
        "clip": "clip",
        "input_forget": "input_forget",
    }
    for key, name in said.items():
        if node.attributes.get(key):
            build.ledger.note(f"{layer_name(node)}: {name} is not in the spec; no shape and no count depends on it")
    if node.input(4) is not None:
        build.ledger.note(f"{layer_name(node)}: sequence_lens says where each example ends; it changes no shape")
    return entry


def _activations(build: Builder, node: Node, ways: int) -> Entry:
    """The functions of the gates and of the output, where they are not the operator's defaults."""
    names = node.attributes.get("activations")
    default = _DEFAULTS[node.op]
    if not isinstance(names, list) or not names:
        return {}
    ours = tuple(_NAMES.get(str(name).lower(), "") for name in names)
    first = ours[: len(default)]
    alike = ours == first * ways and (node.op != "LSTM" or first[1:2] == first[2:])
    if not alike or "" in ours or node.attributes.get("activation_alpha") or node.attributes.get("activation_beta"):
        listed = ", ".join(map(str, names[:6]))
        build.ledger.note(f"{layer_name(node)}: its activations are {listed}, which the spec does not say")
        return {}
    *gates, function = first[:2]
    changed: dict[str, Any] = {} if function == "tanh" else {"activation": function}
    return changed if gates in ([], ["sigmoid"]) else {**changed, "recurrent_activation": gates[0]}


def _fits(build: Builder, node: Node, units: Any, both: bool) -> bool:
    """Whether W, R, B and P fit hidden_size, the direction and X; those that do not are reported."""
    if type(units) is not int:
        return True
    before = len(build.ledger.problems)
    gates, ways = _GATES[node.op], 2 if both else 1
    x = node.input(0)
    width = x.shape[-1] if x is not None and x.shape and type(x.shape[-1]) is int else None
    expected = {
        1: ("W", (ways, gates * units, width)),
        2: ("R", (ways, gates * units, units)),
        3: ("B", (ways, 2 * gates * units)),
        7: ("P", (ways, 3 * units)),
    }
    for number, (name, sizes) in expected.items():
        value = node.input(number)
        shape = None if value is None or (number == 7 and node.op != "LSTM") else value.shape
        if shape is None:
            continue
        fits = len(shape) == len(sizes) and all(
            size is None or type(other) is not int or size == other for size, other in zip(sizes, shape, strict=True)
        )
        if not fits:
            wanted = ", ".join("features" if size is None else str(size) for size in sizes)
            got = ", ".join(map(str, shape))
            message = (
                f"{layer_name(node)}: {name} has the shape ({got}), and {node.op} with hidden_size {units}, "
                f"{ways} direction{'s' * (ways > 1)} and this X needs ({wanted})"
            )
            build.ledger.problems.append(("size-mismatch", message, build.next_route))
    return len(build.ledger.problems) == before

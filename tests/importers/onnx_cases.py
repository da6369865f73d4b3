"""Models by hand, with arrays' sizes for a run: control flow, functions, old opsets, constants in all their forms."""

from __future__ import annotations

from typing import NamedTuple

from .onnx_writer import (
    BOOL,
    INT32,
    INT64,
    Graph,
    Ref,
    Tensor,
    function,
    graph,
    model,
    node,
    recurrent,
    tensor,
    value,
)

DENSE = [tensor("K", (3, 4)), tensor("b", (4,))]
X = value("x", ["B", "T", 3])
Y = value("y", None)


class Case(NamedTuple):
    """A model, the sizes of its symbols in a run, and how many numbers it stores."""

    raw: bytes
    sizes: dict[str, int]
    params: int


def then(name: str, *nodes: bytes, stored: tuple[bytes, ...] = ()) -> Graph:
    """A branch that passes on ``name``."""
    return Graph(graph(nodes, (), [value(name, None)], stored))


SIZES = {"B": 2, "T": 5}
BODY = Graph(
    graph(
        [
            node("MatMul", "state kernel", "product", "step"),
            node("Tanh", "product", "next", "squashed"),
            node("Identity", "going", "go", "same"),
            node("Identity", "next", "collected", "copy"),
        ],
        [value("round", [], INT64), value("going", [], BOOL), value("state", ["B", 4])],
        [value("go", [], BOOL), value("next", ["B", 4]), value("collected", ["B", 4])],
        [tensor("kernel", (4, 4))],
    )
)
STEP = Graph(
    graph(
        [
            node("Add", "h slice", "sum", "added"),
            node("Relu", "sum", "out", "kept"),
            node("Identity", "out", "copy", "same"),
        ],
        [value("h", ["B", 3]), value("slice", ["B", 3])],
        [value("out", ["B", 3]), value("copy", ["B", 3])],
    )
)

CASES: dict[str, Case] = {
    "lstm": Case(recurrent(), SIZES, 4 * 4 * (3 + 4 + 2)),
    "gru of both directions": Case(recurrent("GRU", ways=2, direction="bidirectional"), SIZES, 2 * 3 * 4 * (3 + 4 + 2)),
    "gru that resets after": Case(recurrent("GRU", linear_before_reset=1), SIZES, 3 * 4 * (3 + 4 + 2)),
    "rnn from the end": Case(recurrent("RNN", direction="reverse", activations=["Relu"]), SIZES, 4 * (3 + 4 + 2)),
    "lstm with clip": Case(recurrent(clip=3.0, input_forget=0), SIZES, 144),
    "lstm without hidden_size": Case(
        model(
            graph(
                [node("LSTM", "X W R", "- Y_h"), node("Squeeze", "Y_h axes", "y")],
                [value("X", ["T", "B", 3])],
                [Y],
                [tensor("W", (1, 16, 3)), tensor("R", (1, 16, 4)), tensor("axes", (1,), INT64, [0])],
            )
        ),
        SIZES,
        16 * 7,
    ),
    "lstm with peepholes and lengths": Case(
        model(
            graph(
                [node("LSTM", "X W R B lengths - - P", "Y", hidden_size=4)],
                [value("X", ["T", "B", 3]), value("lengths", ["B"], INT32)],
                [value("Y", None)],
                [tensor("W", (1, 16, 3)), tensor("R", (1, 16, 4)), tensor("B", (1, 32)), tensor("P", (1, 12))],
            )
        ),
        SIZES,
        144 + 12,
    ),
    "lstm with a bias of zeros and states of ones": Case(
        model(
            graph(
                [node("LSTM", "X W R B - h c", "Y", hidden_size=4)],
                [value("X", ["T", 2, 3])],
                [value("Y", None)],
                [
                    *(tensor("W", (1, 16, 3)), tensor("R", (1, 16, 4)), tensor("B", (1, 32), values=[0.0] * 32)),
                    *(tensor("h", (1, 2, 4)), tensor("c", (1, 2, 4))),
                ],
            )
        ),
        {"T": 5},
        16 * 7,
    ),
    "a dense layer of MatMul and Add": Case(
        model(graph([node("MatMul", "x K", "p"), node("Add", "b p", "y")], [X], [Y], DENSE)), SIZES, 16
    ),
    "a product that two read": Case(
        model(
            graph(
                [node("MatMul", "x K", "p"), node("Add", "p b", "q"), node("Mul", "p q", "y")],
                [X],
                [Y],
                DENSE,
            )
        ),
        SIZES,
        16,
    ),
    "a kernel used twice": Case(
        model(
            graph(
                [node("MatMul", "x K", "p", "one"), node("MatMul", "x K", "q", "two"), node("Sub", "p q", "y")],
                [X],
                [Y],
                DENSE[:1],
            )
        ),
        SIZES,
        12,
    ),
    "a kernel turned by Transpose": Case(
        model(
            graph(
                [node("Transpose", "K", "turned", perm=[1, 0]), node("MatMul", "x turned", "y")],
                [X],
                [Y],
                [tensor("K", (4, 3))],
            )
        ),
        SIZES,
        12,
    ),
    "a condition that is not known": Case(
        model(
            graph(
                [
                    node("ReduceSum", "x", "s", keepdims=0),
                    node("Greater", "s zero", "c"),
                    node(
                        "If",
                        "c",
                        "y",
                        then_branch=then("p", node("MatMul", "x K", "p", "one"), stored=DENSE[:1]),
                        else_branch=then("q", node("MatMul", "x M", "q", "two"), stored=(tensor("M", (3, 4)),)),
                    ),
                ],
                [X],
                [Y],
                [tensor("zero", (), values=[0.0])],
            )
        ),
        SIZES,
        24,
    ),
    "a condition that follows from a shape": Case(
        model(
            graph(
                [
                    node("Shape", "x", "shape"),
                    node("Gather", "shape two", "width"),
                    node("Equal", "width three", "c"),
                    node(
                        "If",
                        "c",
                        "y",
                        then_branch=then("p", node("MatMul", "x K", "p", "one"), stored=DENSE[:1]),
                        else_branch=then("q", node("Identity", "x", "q", "other")),
                    ),
                ],
                [X],
                [Y],
                [tensor("two", (), INT64, [2]), tensor("three", (), INT64, [3])],
            )
        ),
        SIZES,
        12,
    ),
    "a loop": Case(
        model(
            graph(
                [node("Loop", "trips true x", "last all", body=BODY)],
                [value("x", ["B", 4])],
                [value("last", None), value("all", None)],
                [tensor("trips", (), INT64, [3]), tensor("true", (), BOOL, [True])],
            )
        ),
        SIZES,
        16,
    ),
    "a scan": Case(
        model(
            graph(
                [node("Scan", "start x", "last all", body=STEP, num_scan_inputs=1)],
                [value("start", ["B", 3]), value("x", ["T", "B", 3])],
                [value("last", None), value("all", None)],
            )
        ),
        SIZES,
        0,
    ),
    "a function": Case(
        model(
            graph(
                [node("Project", "x K", "y", "call", "own", axis=-1)],
                [X],
                [Y],
                DENSE[:1],
            ),
            functions=[
                function(
                    "Project",
                    "own",
                    "a k",
                    "r",
                    [node("MatMul", "a k", "p", "inner"), node("Softmax", "p", "r", "soft", axis=Ref("axis"))],
                    ["axis"],
                )
            ],
            domains=["own"],
        ),
        SIZES,
        12,
    ),
    "constants in all their forms": Case(
        model(
            graph(
                [
                    node("Constant", "-", "two", "c1", value_float=2.0),
                    node("Constant", "-", "row", "c2", value_floats=[1.0, 2.0, 3.0]),
                    node("Constant", "-", "k", "c3", value=Tensor(tensor("", (3, 4)))),
                    node("Constant", "-", "none", "c4", value_float=0.0),
                    node("Mul", "x two", "a"),
                    node("Add", "a row", "b"),
                    node("Add", "b none", "c", "add_nothing"),
                    node("MatMul", "c k", "y"),
                ],
                [X],
                [Y],
            )
        ),
        SIZES,
        1 + 3 + 12,
    ),
    "a shape that is computed": Case(
        model(
            graph(
                [
                    node("Shape", "x", "shape"),
                    node("Slice", "shape zero two", "lead"),
                    node("Concat", "lead parts", "target", axis=0),
                    node("Reshape", "x target", "y"),
                ],
                [value("x", ["B", "T", 12])],
                [Y],
                [
                    *(tensor("zero", (1,), INT64, [0]), tensor("two", (1,), INT64, [2])),
                    tensor("parts", (2,), INT64, [4, -1]),
                ],
            )
        ),
        SIZES,
        0,
    ),
    "opset 7": Case(
        model(
            graph(
                [
                    node("LSTM", "X W R", "Y", hidden_size=4),
                    node("Squeeze", "Y", "s", axes=[1]),
                    node("Slice", "s", "last", starts=[-1], ends=[2147483647], axes=[0]),
                    node("Reshape", "last shape", "flat"),
                    node("Softmax", "flat", "y", axis=1),
                ],
                [value("X", ["T", "B", 3])],
                [Y],
                [tensor("W", (1, 16, 3)), tensor("R", (1, 16, 4)), tensor("shape", (2,), INT64, [-1, 4])],
            ),
            opset=7,
        ),
        SIZES,
        16 * 7,
    ),
    "opset 6, whose Add is aligned at an axis": Case(
        model(
            graph(
                [node("Add", "x b", "y", broadcast=1, axis=1)],
                [value("x", ["B", 4, "T"])],
                [Y],
                [tensor("b", (4,))],
            ),
            opset=6,
        ),
        SIZES,
        4,
    ),
    "nodes in another order": Case(
        model(graph([node("Relu", "p", "y"), node("MatMul", "x K", "p")], [X], [Y], DENSE[:1])), SIZES, 12
    ),
}  # fmt: skip

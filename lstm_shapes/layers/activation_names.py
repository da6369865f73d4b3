"""The names of the activation functions, for readers that must not load NumPy to know them."""

NAMES = (
    "celu elu exponential gelu hard_shrink hard_sigmoid hard_sigmoid_keras2 hard_silu hard_tanh leaky_relu "
    "linear log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign "
    "sparse_plus sparse_sigmoid sparsemax squareplus tanh tanh_shrink"
).split()
OLD = ("hard_sigmoid_keras2",)
"""Functions of earlier releases that no framework has any more under this name."""

ALIASES = {
    "none": "linear",
    "null": "linear",
    "identity": "linear",
    "swish": "silu",
    "hard_swish": "hard_silu",
    "hardsigmoid": "hard_sigmoid",
    "hardtanh": "hard_tanh",
    "hardswish": "hard_silu",
    "hardshrink": "hard_shrink",
    "softshrink": "soft_shrink",
    "tanhshrink": "tanh_shrink",
    "logsigmoid": "log_sigmoid",
    "logsoftmax": "log_softmax",
    "leakyrelu": "leaky_relu",
}
"""PyTorch's spellings and Keras' second names, in lower case -> ours.

Keras' leaky_relu has a slope of 0.2, PyTorch's 0.01; ours is Keras'.
"""

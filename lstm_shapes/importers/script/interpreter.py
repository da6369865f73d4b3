"""The interpreter: expressions, statements and calls together, with the tables of what names of libraries mean."""

from __future__ import annotations

from lstm_shapes.importers.script import (
    applying,
    arguments_of_commands,
    builtins,
    keras_calls,
    keras_tensors,
    torch_calls,
    torch_tensors,
)
from lstm_shapes.importers.script.calling import Calls


class Interpreter(Calls):
    """One run of a file. To add the meaning of a name or a method, add a line to a table: see README.md."""

    meanings = (
        builtins.MEANINGS
        | arguments_of_commands.MEANINGS
        | keras_tensors.FUNCTIONS
        | keras_calls.MEANINGS
        | torch_calls.MEANINGS
        | torch_tensors.FUNCTIONS
    )
    methods = (
        builtins.METHODS
        | arguments_of_commands.METHODS
        | keras_calls.METHODS
        | torch_calls.METHODS
        | torch_tensors.TENSOR_METHODS
    )
    applied = keras_calls.APPLIED | torch_calls.APPLIED | applying.APPLIED
    fallbacks = (torch_calls.fallback, keras_calls.fallback)

"""The parts of the JSON Schema that do not depend on a layer type: sizes, names, the keys of a model and of a layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.layers.activation_names import ALIASES, NAMES
from lstm_shapes.spec.keys import BUDGET_KEYS, DTYPES, EXPECTED_KEYS
from lstm_shapes.spec.layer_names import MAX_NAME
from lstm_shapes.spec.values import MAX_AXES, MAX_OUTPUTS, MAX_WORD
from lstm_shapes.spec.words import FRAMEWORK_WORDS, PREFIXES
from lstm_shapes.symbolic.size import MAX_INT, MAX_TEXT

Schema = dict[str, Any]

_ATOM = r"(?:[0-9]+|[A-Za-z_][A-Za-z0-9_]*)"
_EXPRESSION = rf"[\s(-]*{_ATOM}[\s)]*(?:(?:\*|\+|-|//)[\s(-]*{_ATOM}[\s)]*)*$"
"""Numbers, symbols, operators and brackets in an order that an expression can have."""
_NO_NUMBER = r"^(?!\s*[0-9][0-9_, ]*$)"
"""Rejects a number in quotes."""
_NO_SIGNED_NUMBER = r"^(?!\s*-?[0-9]+\s*$)"
_POSITIVE = r"(?!\s*-\s*[0-9]+\s*$)"
_NO_NONE = r"(?!.*\bNone\b)"
"""Rejects None: in a shape it is a choice of its own."""
_SYMBOL = "^(?!None$)[A-Za-z_][A-Za-z0-9_]*$"


def ref(name: str, doc: str = "", **more: Any) -> Schema:
    """A reference to a definition; draft 7 ignores keywords next to ``$ref``, so they go around it."""
    reference = {"$ref": f"#/definitions/{name}"}
    return {"description": doc, **more, "allOf": [reference]} if doc or more else reference


def closed_object(properties: Mapping[str, Any], **more: Any) -> Schema:
    """An object with these properties and no others."""
    return {"type": "object", "properties": dict(properties), "additionalProperties": False, **more}


def any_case(words: Iterable[str], between: str = "") -> str:
    """A pattern that matches the words in any case: JSON Schema has no flag for that."""
    return f"^{between}(?:{'|'.join(between.join(map(_letter, word)) for word in words)}){between}$"


def of_any_module(pattern: str) -> str:
    """A pattern that also matches after the module of a class: ``nn.LSTM``."""
    modules = "|".join(".".join(map(any_letters, prefix.split("."))).replace(".", "[.]") for prefix in PREFIXES)
    return f"^(?:{modules})?{pattern.removeprefix('^')}"


def any_letters(word: str) -> str:
    """A pattern of the word in any case."""
    return "".join(map(_letter, word))


def _letter(letter: str) -> str:
    return f"[{letter}{letter.upper()}]" if letter.isalpha() else letter


def choice(choices: Iterable[str]) -> Schema:
    """A choice of words, completed in lower case and accepted in any; null means the word none."""
    listed: list[str | None] = list(choices)
    pattern = {"type": "string", "pattern": any_case(word for word in listed if word)}
    return {"anyOf": [{"enum": [*listed, None] if "none" in listed else listed}, pattern]}


def padding(*words: str) -> Schema:
    """A word, the zeros at the ends of every axis, or a list of those of each: one size, or before and after."""
    expression = {"allOf": [ref("size_or_0"), {"not": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"}}]}
    return {"anyOf": [*choice(words)["anyOf"], expression, ENDS]}


_PAIR: Schema = {"type": "array", "items": ref("size_or_0"), "minItems": 2, "maxItems": 2}
ENDS: Schema = {
    "type": "array",
    "items": {"anyOf": [ref("size_or_0"), _PAIR]},
    "minItems": 1,
    "maxItems": MAX_AXES,
}
"""A list with the ends of each axis: one size, or before and after."""


_NAME: Schema = {"type": "string", "minLength": 1, "maxLength": MAX_NAME}
_NAMES: Schema = {
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}],
    "description": "A name or a list of names.",
}
_COUNT_TEXT: Schema = {"type": "string", "pattern": _NO_NUMBER + _NO_NONE + _EXPRESSION, "maxLength": MAX_TEXT}
_SIZE_TEXT: Schema = {**_COUNT_TEXT, "pattern": _NO_NUMBER + _POSITIVE + _NO_NONE + _EXPRESSION}
_SIZE: Schema = {
    "description": "A size: a positive integer, a symbol (H), or an expression (2*H, T//2).",
    "anyOf": [{"type": "integer", "minimum": 1, "maximum": MAX_INT}, _SIZE_TEXT],
}
_POSITION_TEXT: Schema = {**_COUNT_TEXT, "pattern": _NO_SIGNED_NUMBER + _NO_NONE + _EXPRESSION}
_OPEN: list[Schema] = [{"type": "null"}, {"const": "None"}]
DEFINITIONS: dict[str, Schema] = {
    "size": _SIZE,
    "size_or_0": {**_SIZE, "anyOf": [{"const": 0}, *_SIZE["anyOf"]]},
    "open_size": {"description": "A size; null is a size that is not fixed.", "anyOf": [*_OPEN, *_SIZE["anyOf"]]},
    "open_shape": {"type": "array", "items": ref("open_size"), "minItems": 1, "maxItems": MAX_AXES},
    "open_shape_or_number": {"type": "array", "items": ref("open_size"), "maxItems": MAX_AXES},
    "shape": {
        "type": "array",
        "items": [ref("open_size"), ref("open_size")],
        "additionalItems": ref("size"),
        "minItems": 1,
        "maxItems": MAX_AXES,
    },
    "any_shape": {
        "description": "A list of sizes, empty for a single number.",
        "type": "array",
        "items": [ref("open_size"), ref("open_size")],
        "additionalItems": ref("size"),
        "maxItems": MAX_AXES,
    },
    "shape_or_shapes": {"anyOf": [ref("shape"), {"type": "array", "items": ref("shape"), "minItems": 1}]},
    "target": {
        "type": "array",
        "items": {"anyOf": [{"const": -1}, ref("size")]},
        "minItems": 1,
        "maxItems": MAX_AXES,
    },
    "count": {
        "description": "A number of at least 0, or an expression in the model's symbols.",
        "anyOf": [{"type": "integer", "minimum": 0}, _COUNT_TEXT],
    },
    "rounded_count": {
        "description": "A number of at least 0, rounded (50k, 2M) or not, or an expression in the model's symbols.",
        "anyOf": [ref("count"), {"type": "string", "pattern": r"^\s*[0-9]{1,12}(?:\.[0-9]{1,3})?[kKM]\s*$"}],
    },
    "flag": {"type": "boolean"},
    "number": {"type": "number"},
    "rate": {"type": "number", "minimum": 0, "maximum": 1},
    "integer": {"type": "integer", "minimum": -MAX_INT, "maximum": MAX_INT},
    "integers": {"type": "array", "items": ref("integer"), "minItems": 1},
    "sizes_or_one": {
        "description": "A size, or a list with a size for each axis.",
        "anyOf": [*_SIZE["anyOf"], {"type": "array", "items": ref("size"), "minItems": 1, "maxItems": MAX_AXES}],
    },
    "axes": {"anyOf": [{"type": "null"}, ref("integer"), ref("integers")]},
    "positive": {"type": "integer", "minimum": 1, "maximum": MAX_OUTPUTS},
    "position": {
        "description": "A position: an integer, a symbol (K), or an expression (T - 1); null is the end of the axis.",
        "anyOf": [
            {"type": "null"},
            ref("integer"),
            {**_COUNT_TEXT, "pattern": _NO_SIGNED_NUMBER + _COUNT_TEXT["pattern"]},
        ],
    },
    "axis_or_axes": {"anyOf": [ref("integer"), ref("integers")]},
    "optional_axes": {"anyOf": [{"type": "null"}, ref("integer"), ref("integers")]},
    "sizes": {"anyOf": [ref("size"), {"type": "array", "items": ref("size"), "minItems": 1}]},
    "optional_sizes": {"anyOf": [{"type": "null"}, ref("sizes")]},
    "size_or_all": {"anyOf": [{"const": -1}, ref("size")]},
    "sizes_or_zero": {
        "description": "A size or 0, or a list with that for each axis; null is the default.",
        "anyOf": [
            {"type": "null"},
            ref("size_or_0"),
            {"type": "array", "items": ref("size_or_0"), "minItems": 1, "maxItems": MAX_AXES},
        ],
    },
    "optional_size": {"anyOf": [{"type": "null"}, ref("size")]},
    "optional_sizes_or_one": {"anyOf": [{"type": "null"}, ref("sizes_or_one")]},
    "sizes_or_kept": {
        "description": "A size, or a list with a size for each axis; null is an axis that keeps its own.",
        "anyOf": [
            ref("size"),
            {
                "type": "array",
                "items": {"anyOf": [{"type": "null"}, ref("size")]},
                "minItems": 1,
                "maxItems": MAX_AXES,
            },
        ],
    },
    "ends": {
        "description": "A size or 0 for both ends of every axis, or a list: of one axis before and after it, or of "
        "each axis one size, or before and after.",
        "anyOf": [
            {
                "allOf": [
                    ref("size_or_0"),
                    {"not": {"type": "string", "pattern": any_case(("valid", "same", "causal"))}},
                ]
            },
            ENDS,
        ],
    },
    "cells": {
        "anyOf": [
            ref("cell"),
            {"type": "array", "items": ref("cell"), "minItems": 1, "maxItems": MAX_OUTPUTS},
        ]
    },
    "padding": padding("valid", "same"),
    "causal_padding": padding("valid", "same", "causal"),
    "number_from_0": {"type": "number", "minimum": 0},
    "optional_limit": {"type": ["number", "null"], "minimum": 0},
    "activation": choice([*NAMES, *ALIASES]),
    "text": {"type": "string", "minLength": 1, "maxLength": MAX_WORD},
    "names": _NAMES,
    "states": {"type": "object", "additionalProperties": ref("shape")},
    "layers": {"type": "array", "items": ref("entry"), "minItems": 1},
    "expect": closed_object(
        {
            key: ref({"output": "shape_or_shapes", "states": "states"}.get(key, "count"), f"The {key} must be this.")
            for key in EXPECTED_KEYS
        },
        description="What must hold: shapes and figures.",
    ),
    "budget": closed_object(
        {
            key: ref("count" if key == "bytes" else "rounded_count", f"The {key} must be at most this.")
            for key in BUDGET_KEYS
        },
        description="Upper bounds.",
    ),
}
"""What the layer types refer to; the kind of a field is the name of its definition."""

TOP: dict[str, Schema] = {
    "name": {"type": "string", "maxLength": MAX_NAME, "description": "The model's name."},
    "framework": {
        **choice([*FRAMEWORKS, *FRAMEWORK_WORDS]),
        "description": "The framework whose conventions apply.",
        "default": "keras",
    },
    "batch": ref("open_size", "The batch size.", default="B"),
    "timesteps": ref("open_size", "The length of the sequence.", default="T"),
    "lengths": {
        "type": "array",
        "minItems": 1,
        "items": {"type": "integer", "minimum": 1},
        "description": "The timesteps of each example, the others being padding: the batch is as large as the list.",
    },
    "input_dim": ref("size", "The features per timestep."),
    "input_size": ref("size", "PyTorch's name for input_dim."),
    "inputs": {
        "anyOf": [
            {"type": "object", "additionalProperties": ref("open_shape_or_number"), "minProperties": 1},
            {"const": "unknown"},
        ],
        "description": "The inputs with their shapes, the batch first: {tokens: [B, T]}; unknown: nothing is known.",
    },
    "dims": {
        "type": "object",
        "propertyNames": {"pattern": _SYMBOL},
        "additionalProperties": ref("size"),
        "description": "Values of symbols: {H: 64}.",
    },
    "dtype": {**choice(DTYPES), "description": "The type of the numbers.", "default": "float32"},
    "layers": ref("layers", "The layers; each reads the one above unless its inputs name others."),
    "outputs": ref("names", "The layers whose outputs are the model's; default: the last."),
    "expect": ref("expect"),
    "budget": ref("budget"),
    "trainable": {"type": "boolean"},
}
NODE: dict[str, Schema] = {
    "name": {"anyOf": [_NAME, {"type": "null"}], "description": "The layer's name; default: its type, numbered."},
    "inputs": ref("names", "What the layer reads; default: the layer above; unknown: nothing is known of it."),
    "initial_state": ref("names", "The states it begins with: [encoder.h, encoder.c]."),
    "input_dim": ref(
        "size", "The features per timestep: the model's on the first layer, an assertion on a later layer."
    ),
    "input_size": ref("size", "PyTorch's name for input_dim."),
    "input_shape": ref("open_shape", "Keras' name for the shape of an example, on the first layer: [T, 8]."),
    "expect": ref("expect"),
    "budget": ref("budget"),
    "repeat": ref("size", "How many copies of the layer follow each other.", default=1),
    "tied_to": {
        "type": "object",
        "additionalProperties": {"type": "string", "pattern": "[.]"},
        "minProperties": 1,
        "description": "Weights that are another layer's, counted once: {kernel: embedding.embeddings}.",
    },
    "trainable": {"type": "boolean", "default": True, "description": "Whether training changes its weights."},
}
RECURRENT: dict[str, Schema] = {
    "batch_first": {
        "type": "boolean",
        "default": True,
        "description": "False: the module reads and passes on (T, B, ...), as PyTorch does unless it is set.",
    },
    "bidirectional": {"type": "boolean", "default": False, "description": "Read the sequence from both ends."},
    "directions": ref("size", "1, or 2 for bidirectional; a symbol in PyTorch.", default=1),
    "num_layers": ref("size", "How many layers the module has (PyTorch).", default=1),
    "direction": {**choice(("forward", "reverse", "bidirectional")), "description": "How an ONNX node reads."},
    "layout": {
        "enum": [0, 1],
        "default": 1,
        "description": "0: an ONNX node reads (T, B, ...), as it does unless it is set.",
    },
}
BLOCK: dict[str, Schema] = {
    "layers": ref("layers", "The layers inside."),
    "outputs": ref("names", "The layers whose outputs are the block's; default: the last."),
    "branch": ref("text", "The branch of a condition, or the loop, whose body the block is."),
}

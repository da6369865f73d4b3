"""The JSON Schema of the spec file, made of the layers' own fields and the words that the reader knows.

Draft 7, which yaml-language-server reads best. A layer is judged by its ``type`` first: an error in an editor is about
that type's fields. What no schema can see (names, shapes, brackets that do not close) is left to ``check``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, fields
from typing import Any

from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.layers import FAMILIES, family
from lstm_shapes.layers.activation_names import ALIASES, NAMES
from lstm_shapes.spec.keys import (
    BLOCK_KEYS,
    BUDGET_KEYS,
    DTYPES,
    EXPECTED_KEYS,
    NODE_KEYS,
    PASSTHROUGH_KEYS,
    RECURRENT_KEYS,
    SHARED_KEYS,
    TOP_KEYS,
    TYPE_ALIASES,
    required,
    spellings,
)
from lstm_shapes.spec.layer_names import MAX_NAME
from lstm_shapes.spec.values import MAX_AXES
from lstm_shapes.symbolic.size import MAX_INT, MAX_TEXT

Schema = dict[str, Any]

_ATOM = r"(?:[0-9]+|[A-Za-z_][A-Za-z0-9_]*)"
_EXPRESSION = rf"[\s(-]*{_ATOM}[\s)]*(?:(?:\*|\+|-|//)[\s(-]*{_ATOM}[\s)]*)*$"
"""Numbers, symbols, operators and brackets in an order that can be right."""
_NO_NUMBER = r"^(?!\s*[0-9][0-9_, ]*$)"
"""A number is not quoted."""
_POSITIVE = r"(?!\s*-\s*[0-9]+\s*$)"
_SYMBOL = "^[A-Za-z_][A-Za-z0-9_]*$"


def schema() -> Schema:
    """The schema of a spec file.

    >>> schema()["required"]
    ['layers']
    """
    types = [*FAMILIES, "model"]
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "lstm-shapes",
        "description": "A recurrent network as a stack or graph of layers.",
        **_object({key: _TOP[key] for key in TOP_KEYS}, required=["layers"]),
        "allOf": _inputs(),
        "definitions": {
            **_DEFINITIONS,
            "kept": {"description": "Kept as it is: changes neither shape nor count."},
            "entry": {"if": {"required": ["use"]}, "then": _ref("again"), "else": _ref("layer")},
            "again": _again(),
            "layer": _layer(types),
            "recurrent_layer": {"allOf": [_of_type(filter(_is_recurrent, FAMILIES)), _ref("layer")]},
            "first_is_embedding": _first({"properties": {"type": {"pattern": _spelled("embedding")}}}, ["type"]),
            "first_has_input_dim": {
                "anyOf": [_first({"properties": {key: True}}, [key]) for key in ("input_dim", "input_size")]
            },
            **{f"type_{type_}": _branch(type_) for type_ in types},
        },
    }


def _ref(name: str, doc: str = "", **more: Any) -> Schema:
    """A reference; beside ``$ref`` draft 7 ignores everything, so what is said of it stands around it."""
    whole = {"$ref": f"#/definitions/{name}"}
    return {"description": doc, **more, "allOf": [whole]} if doc or more else whole


def _object(properties: Mapping[str, Any], **more: Any) -> Schema:
    return {"type": "object", "properties": dict(properties), "additionalProperties": False, **more}


def _any_case(words: Iterable[str], between: str = "") -> str:
    """A pattern of the words in capitals or not: JSON Schema has no flag for that."""
    return f"^{between}(?:{'|'.join(between.join(map(_letter, word)) for word in words)}){between}$"


def _letter(letter: str) -> str:
    return f"[{letter}{letter.upper()}]" if letter.isalpha() else letter


def _words(words: Iterable[str]) -> Schema:
    """One of a few words, offered as they stand, accepted in capitals; null is none where there is one."""
    listed: list[str | None] = list(words)
    pattern = {"type": "string", "pattern": _any_case(word for word in listed if word)}
    return {"anyOf": [{"enum": [*listed, None] if "none" in listed else listed}, pattern]}


_SPELLINGS: dict[str, list[str]] = {
    type_: [type_, *(alias for alias, (ours, _) in TYPE_ALIASES.items() if ours == type_)]
    for type_ in (*FAMILIES, "model")
}


def _spelled(*types: str) -> str:
    """The pattern of all that the reader takes for these types: hyphens, underscores and capitals as people like."""
    return _any_case((name.replace("_", "") for type_ in types for name in _SPELLINGS[type_]), between="[-_]*")


def _of_type(types: Iterable[str]) -> Schema:
    return {"properties": {"type": {"pattern": _spelled(*types)}}}


def _is_recurrent(type_: str) -> bool:
    return family(type_).recurrent


_NAME: Schema = {"type": "string", "minLength": 1, "maxLength": MAX_NAME}
_NAMES: Schema = {
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}],
    "description": "A name or a list of names.",
}
_COUNT_TEXT: Schema = {"type": "string", "pattern": _NO_NUMBER + _EXPRESSION, "maxLength": MAX_TEXT}
_SIZE_TEXT: Schema = {**_COUNT_TEXT, "pattern": _NO_NUMBER + _POSITIVE + _EXPRESSION}
_SIZE: Schema = {
    "description": "A size: a positive integer, a symbol (H), or an expression (2*H, T//2).",
    "anyOf": [{"type": "integer", "minimum": 1, "maximum": MAX_INT}, _SIZE_TEXT],
}
_DEFINITIONS: dict[str, Schema] = {
    "size": _SIZE,
    "size_or_0": {**_SIZE, "anyOf": [{"const": 0}, *_SIZE["anyOf"]]},
    "shape": {"type": "array", "items": _ref("size"), "minItems": 1, "maxItems": MAX_AXES},
    "target": {
        "type": "array",
        "items": {"anyOf": [{"const": -1}, _ref("size")]},
        "minItems": 1,
        "maxItems": MAX_AXES,
    },
    "count": {
        "description": "A number of at least 0, or an expression in the model's symbols.",
        "anyOf": [{"type": "integer", "minimum": 0}, _COUNT_TEXT],
    },
    "flag": {"type": "boolean"},
    "number": {"type": "number"},
    "rate": {"type": "number", "minimum": 0, "maximum": 1},
    "integer": {"type": "integer", "minimum": -MAX_INT, "maximum": MAX_INT},
    "integers": {"type": "array", "items": _ref("integer"), "minItems": 1},
    "integers_or_one": {
        "anyOf": [
            {"type": "integer", "minimum": 1, "maximum": MAX_INT},
            {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": MAX_INT}, "minItems": 1},
        ]
    },
    "activation": _words([*NAMES, *ALIASES]),
    "names": _NAMES,
    "states": {"type": "object", "additionalProperties": _ref("shape")},
    "layers": {"type": "array", "items": _ref("entry"), "minItems": 1},
    "expect": _object(
        {
            key: _ref({"output": "shape", "states": "states"}.get(key, "count"), f"The {key} must be this.")
            for key in EXPECTED_KEYS
        },
        description="What must hold: shapes and figures.",
    ),
    "budget": _object(
        {key: _ref("count", f"The {key} must be at most this.") for key in BUDGET_KEYS},
        description="Upper bounds.",
    ),
}
"""What the branches refer to; a field's kind is the name of one of them."""

_TOP: dict[str, Schema] = {
    "name": {"type": "string", "maxLength": MAX_NAME, "description": "The model's name."},
    "framework": {**_words(FRAMEWORKS), "description": "Whose rules count.", "default": "keras"},
    "batch": _ref("size", "The batch size.", default="B"),
    "timesteps": _ref("size", "The length of the sequence.", default="T"),
    "input_dim": _ref("size", "The features per timestep."),
    "inputs": {
        "type": "object",
        "additionalProperties": _ref("shape"),
        "minProperties": 1,
        "description": "The inputs with their shapes, the batch first: {tokens: [B, T]}.",
    },
    "dims": {
        "type": "object",
        "propertyNames": {"pattern": _SYMBOL},
        "additionalProperties": _ref("size"),
        "description": "Values of symbols: {H: 64}.",
    },
    "dtype": {**_words(DTYPES), "description": "What a number is kept as.", "default": "float32"},
    "layers": _ref("layers", "The layers; each reads the one above unless its inputs name others."),
    "outputs": _ref("names", "The layers whose outputs are the model's; default: the last."),
    "expect": _ref("expect"),
    "budget": _ref("budget"),
    "trainable": {"type": "boolean"},
}
_NODE: dict[str, Schema] = {
    "name": {"anyOf": [_NAME, {"type": "null"}], "description": "The layer's name; default: its type, numbered."},
    "inputs": _ref("names", "What the layer reads; default: the layer above."),
    "initial_state": _ref("names", "The states it begins with: [encoder.h, encoder.c]."),
    "input_dim": _ref("size", "The features that arrive: on the first layer the model's, later an assertion."),
    "input_size": _ref("size", "PyTorch's name for input_dim."),
    "expect": _ref("expect"),
    "budget": _ref("budget"),
    "repeat": _ref("size", "How many such layers follow one another.", default=1),
    "trainable": {"type": "boolean", "default": True, "description": "Whether training changes its weights."},
}
_RECURRENT: dict[str, Schema] = {
    "bidirectional": {"type": "boolean", "default": False, "description": "Read the sequence from both ends."},
    "num_layers": _ref("size", "How many layers the module has (PyTorch).", default=1),
}
_BLOCK: dict[str, Schema] = {
    "layers": _ref("layers", "The layers inside."),
    "outputs": _ref("names", "The layers whose outputs are the block's; default: the last."),
}


def _inputs() -> list[Schema]:
    """What enters a model is said once: as named inputs, by input_dim, or by the first layer."""
    embedding, beside = _ref("first_is_embedding"), ["batch", "timesteps", "input_dim"]
    brought = [_ref("first_has_input_dim"), embedding]
    ways = [
        {"required": ["inputs"]},
        {"required": ["input_dim"]},
        *({"properties": {"layers": one}} for one in brought),
    ]
    named = {"not": {"anyOf": [{"required": [key]} for key in beside]}}
    tokens = {"required": ["layers"], "properties": {"layers": embedding}, "not": {"required": ["inputs"]}}
    return [
        {"anyOf": ways},
        {"if": {"required": ["inputs"]}, "then": named},
        {"if": tokens, "then": {"not": {"required": ["input_dim"]}}},
    ]


def _first(entry: Schema, needs: list[str]) -> Schema:
    """A list of layers whose first, or the first inside that, is such an entry."""
    name = "first_is_embedding" if "type" in needs else "first_has_input_dim"
    inner = {"required": ["layers"], "properties": {"layers": _ref(name)}}
    filled = {"required": ["layers"], "properties": {"layers": {"type": "array", "minItems": 1}}}
    leaf = {"type": "object", "required": needs, **entry}
    return {"type": "array", "minItems": 1, "items": [{"if": filled, "then": inner, "else": leaf}]}


def _again() -> Schema:
    shared = {key: _NODE[key] for key in SHARED_KEYS if key in _NODE}
    use = {"use": {"type": "string", "description": "The layer above that is called again, with its weights."}}
    return _object({**use, **shared}, required=["use"])


def _layer(types: list[str]) -> Schema:
    """A layer: its type first, then the branch of that type."""
    offered = [*types, *(family(type_).__name__ for type_ in FAMILIES), *TYPE_ALIASES]
    known = {"anyOf": [{"enum": list(dict.fromkeys(offered))}, {"type": "string", "pattern": _spelled(*types)}]}
    branches = [{"if": {"required": ["type"], **_of_type([one])}, "then": _ref(f"type_{one}")} for one in types]
    return {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"description": "What kind of layer it is.", **known}},
        "allOf": branches,
    }


def _branch(type_: str) -> Schema:
    """All that a layer of this type may say."""
    node = {"type": True, **{key: _NODE[key] for key in NODE_KEYS if key != "type"}}
    kept = {"patternProperties": {f"^(?:{'|'.join(sorted(PASSTHROUGH_KEYS))})$": _ref("kept")}}
    if type_ == "model":
        doc = "A model inside the model, used as one layer."
        keys = {**node, **{key: _BLOCK[key] for key in BLOCK_KEYS}}
        return _object(keys, required=["layers"], description=doc, **kept)
    own = {one.name: one for one in fields(family(type_))}
    known = spellings(type_)
    said = {key: _field(type_, own[one.field], key) for key, one in known.items()}
    more: Schema = {}
    if _is_recurrent(type_):
        merges = _own_field("bidirectional", "merge")
        node |= {key: _RECURRENT.get(key) or _field("bidirectional", merges, "merge") for key in RECURRENT_KEYS}
        merged = {"required": ["bidirectional"], "properties": {"bidirectional": {"const": True}}}
        more["dependencies"] = {key: merged for key in RECURRENT_KEYS if key not in _RECURRENT}
    clauses = _together(type_)
    whole = _object({**node, **said}, description=_summary(type_), **kept, **more)
    return {**whole, "allOf": clauses} if clauses else whole


def _own_field(type_: str, name: str) -> Field[Any]:
    return next(one for one in fields(family(type_)) if one.name == name)


def _summary(type_: str) -> str:
    return (family(type_).__doc__ or type_).split("\n")[0]


def _field(type_: str, one: Field[Any], key: str) -> Schema:
    """A field under one of its names."""
    kind, doc = one.metadata["kind"], one.metadata["doc"]
    doc = f"{doc[:1].upper()}{doc[1:]}."
    others = [(f.title, f.defaults[type_]) for f in FRAMEWORKS.values() if one.name in f.defaults.get(type_, {})]
    doc += "".join(f" Default in {title}: {str(values[one.name]).lower()}." for title, values in others)
    doc += f" Another name of {one.name}." if key != one.name else ""
    more = {"default": one.default} if one.default is not MISSING and one.default is not None else {}
    if kind == "choice":
        return {"description": doc, **more, **_words(one.metadata["choices"])}
    if kind == "layer":
        kind = "recurrent_layer" if type_ == "bidirectional" else "layer"
    return _ref("size_or_0" if kind == "size" and one.default == 0 else kind, doc, **more)


def _together(type_: str) -> list[Schema]:
    """Fields that must be there, under one of their names, and names of which one alone may be."""
    names: dict[str, list[str]] = {}
    for key, one in spellings(type_).items():
        names.setdefault(one.field, []).append(key)
    needed = required(type_)
    clauses: list[Schema] = []
    for name, keys in names.items():
        must = [{"required": [key]} for key in keys]
        implied = [alias for alias, (ours, given) in TYPE_ALIASES.items() if ours == type_ and name in given]
        if name in needed and implied:
            exempt = {"properties": {"type": {"pattern": _any_case(implied, between="[-_]*")}}}
            clauses.append({"if": exempt, "else": {"required": keys}})
        elif name in needed:
            clauses.append({"required": keys} if len(keys) == 1 else {"oneOf": must})
        elif len(keys) > 1:
            pairs = [{"required": [a, b]} for number, a in enumerate(keys) for b in keys[:number]]
            clauses.append({"not": {"anyOf": pairs}})
    return clauses

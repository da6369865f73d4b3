"""The JSON Schema of the spec file, generated from the fields of the layers and the keys that the reader accepts.

Draft 7, which yaml-language-server supports best. A layer is matched by its ``type`` first, so that an error in an
editor is about the fields of that type. What a schema cannot express (names, shapes, unclosed brackets) is left to
``check``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import MISSING, Field, fields
from typing import Any

from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.layers import FAMILIES, family
from lstm_shapes.spec.keys import (
    BLOCK_KEYS,
    CELL_KEYS,
    NODE_KEYS,
    OWN_WIDTH_KEYS,
    PASSTHROUGH_KEYS,
    RECURRENT_KEYS,
    SHARED_KEYS,
    TOP_KEYS,
    TYPE_ALIASES,
    WIDTH_KEYS,
    either,
    required,
    spellings,
)
from lstm_shapes.spec.schema_parts import (
    BLOCK,
    DEFINITIONS,
    NODE,
    RECURRENT,
    TOP,
    Schema,
    any_case,
    choice,
    closed_object,
    of_any_module,
    ref,
)


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
        **closed_object({key: TOP[key] for key in TOP_KEYS}, required=["layers"]),
        "allOf": _inputs(),
        "definitions": {
            **DEFINITIONS,
            "passthrough": {"description": "Passed through: changes neither shape nor count."},
            "entry": {"if": {"required": ["use"]}, "then": ref("again"), "else": ref("layer")},
            "again": _again(),
            "layer": _layer(types),
            "cell": {"allOf": [_of_type(filter(_is_cell, FAMILIES)), ref("layer")]},
            "recurrent_layer": {"allOf": [_of_type(filter(_is_recurrent, FAMILIES)), ref("layer")]},
            "first_is_embedding": _first(
                {"properties": {"type": {"pattern": _spelled(*filter(_reads_tokens, FAMILIES))}}}, ["type"]
            ),
            "first_has_input_dim": {
                "anyOf": [_first({"properties": {key: True}}, [key]) for key in (*WIDTH_KEYS, "input_shape")]
            },
            **{f"type_{type_}": _branch(type_) for type_ in types},
        },
    }


_SPELLINGS: dict[str, list[str]] = {
    type_: [type_, *(alias for alias, (ours, _) in TYPE_ALIASES.items() if ours == type_)]
    for type_ in (*FAMILIES, "model")
}


def _spelled(*types: str) -> str:
    """A pattern of all spellings that the reader accepts for these types: any case, hyphens and underscores."""
    spelled = (name.replace("_", "") for type_ in types for name in _SPELLINGS[type_])
    return of_any_module(any_case(spelled, between="[-_]*"))


def _of_type(types: Iterable[str]) -> Schema:
    return {"properties": {"type": {"pattern": _spelled(*types)}}}


def _reads_tokens(type_: str) -> bool:
    return family(type_).reads_tokens


def _is_cell(type_: str) -> bool:
    return family(type_).one_timestep


def _is_recurrent(type_: str) -> bool:
    return family(type_).recurrent


def _inputs() -> list[Schema]:
    """The input of a model is given in one way: as named inputs, as input_dim, or by the first layer."""
    embedding, axes = ref("first_is_embedding"), ["batch", "timesteps", "input_dim", "input_size"]
    first_layers = [ref("first_has_input_dim"), embedding]
    ways = [
        {"required": ["inputs"]},
        {"required": ["input_dim"]},
        {"required": ["input_size"]},
        *({"properties": {"layers": layers}} for layers in first_layers),
    ]
    named = {"not": {"anyOf": [{"required": [key]} for key in axes]}}
    tokens = {"required": ["layers"], "properties": {"layers": embedding}, "not": {"required": ["inputs"]}}
    return [
        {"anyOf": ways},
        {"if": {"required": ["inputs"]}, "then": named},
        {"if": tokens, "then": {"not": {"anyOf": [{"required": ["input_dim"]}, {"required": ["input_size"]}]}}},
        {"not": {"required": ["input_dim", "input_size"]}},
    ]


def _first(entry: Schema, needs: list[str]) -> Schema:
    """A list of layers whose first layer, or the first layer inside it, is such an entry."""
    name = "first_is_embedding" if "type" in needs else "first_has_input_dim"
    inner = {"required": ["layers"], "properties": {"layers": ref(name)}}
    filled = {"required": ["layers"], "properties": {"layers": {"type": "array", "minItems": 1}}}
    leaf = {"type": "object", "required": needs, **entry}
    return {"type": "array", "minItems": 1, "items": [{"if": filled, "then": inner, "else": leaf}]}


def _again() -> Schema:
    shared = {key: NODE[key] for key in SHARED_KEYS if key in NODE}
    use = {"use": {"type": "string", "description": "The layer above that is called again, with its weights."}}
    return closed_object({**use, **shared}, required=["use"])


def _layer(types: list[str]) -> Schema:
    """A layer: its type, and the definition of that type."""
    offered = [*types, *(family(type_).__name__ for type_ in FAMILIES), *TYPE_ALIASES]
    names = {"anyOf": [{"enum": list(dict.fromkeys(offered))}, {"type": "string", "pattern": _spelled(*types)}]}
    branches = [{"if": {"required": ["type"], **_of_type([type_])}, "then": _definition(type_)} for type_ in types]
    return {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"description": "What kind of layer it is.", **names}},
        "allOf": branches,
    }


def _definition(type_: str) -> Schema:
    """The definition of a type; Keras' RNN of cells is one of stacked_cells."""
    if type_ != "rnn":
        return ref(f"type_{type_}")
    of_cells = {"anyOf": [{"required": [key]} for key in sorted(CELL_KEYS)]}
    return {"if": of_cells, "then": ref("type_stacked_cells"), "else": ref("type_rnn")}


def _branch(type_: str) -> Schema:
    """The keys that a layer of this type can have."""
    node = {"type": True, **{key: NODE[key] for key in NODE_KEYS if key != "type"}}
    passthrough = {"patternProperties": {f"^(?:{'|'.join(sorted(PASSTHROUGH_KEYS))})$": ref("passthrough")}}
    if type_ == "model":
        doc = "A model inside the model, used as a layer."
        keys = {**node, **{key: BLOCK[key] for key in BLOCK_KEYS}}
        return closed_object(keys, required=["layers"], description=doc, **passthrough)
    for key in OWN_WIDTH_KEYS.get(type_, ()):
        node[key] = ref("size", "PyTorch's name for input_dim.")
    own = {field.name: field for field in fields(family(type_))}
    settings = {key: _field(type_, own[spelling.field], key) for key, spelling in spellings(type_).items()}
    more: Schema = {}
    if _is_recurrent(type_):
        merges = _own_field("bidirectional", "merge")
        node |= {key: RECURRENT.get(key) or _field("bidirectional", merges, "merge") for key in RECURRENT_KEYS}
        read_both = {"required": ["bidirectional"], "properties": {"bidirectional": {"const": True}}}
        two = {"required": ["directions"], "properties": {"directions": {"not": {"const": 1}}}}
        merged = {"anyOf": [read_both, two]}
        more["dependencies"] = {key: merged for key in RECURRENT_KEYS if key not in RECURRENT}
    clauses = _together(type_)
    both = [alias for alias, (ours, given) in TYPE_ALIASES.items() if ours == type_ and "bidirectional" in given]
    if both:  # a BiLSTM can have a merge without saying bidirectional
        named = {"properties": {"type": {"pattern": of_any_module(any_case(both, between="[-_]*"))}}}
        clauses.append({"if": named, "else": {"dependencies": more.pop("dependencies")}})
    layer = closed_object({**node, **settings}, description=_summary(type_), **passthrough, **more)
    return {**layer, "allOf": clauses} if clauses else layer


def _own_field(type_: str, name: str) -> Field[Any]:
    return next(field for field in fields(family(type_)) if field.name == name)


def _summary(type_: str) -> str:
    return (family(type_).__doc__ or type_).split("\n")[0]


def _field(type_: str, field: Field[Any], key: str) -> Schema:
    """A field under ``key``, its name or an alias."""
    kind, doc = field.metadata["kind"], field.metadata["doc"]
    doc = f"{doc[:1].upper()}{doc[1:]}."
    others = [(f.title, f.defaults[type_]) for f in FRAMEWORKS.values() if field.name in f.defaults.get(type_, {})]
    doc += "".join(f" Default in {title}: {str(values[field.name]).lower()}." for title, values in others)
    doc += f" Another name of {field.name}." if key != field.name else ""
    more = {"default": field.default} if field.default is not MISSING and field.default is not None else {}
    if kind == "choice":
        return {"description": doc, **more, **choice(field.metadata["choices"])}
    if kind == "layer":
        kind = "recurrent_layer" if type_ == "bidirectional" else "layer"
    return ref("size_or_0" if kind == "size" and field.default == 0 else kind, doc, **more)


def _together(type_: str) -> list[Schema]:
    """The fields that must be set, and the aliases that exclude each other."""
    names: dict[str, list[str]] = {}
    for key, spelling in spellings(type_).items():
        names.setdefault(spelling.field, []).append(key)
    needed = required(type_)
    clauses: list[Schema] = []
    if either(type_):
        clauses.append({"oneOf": [{"required": [key]} for name in either(type_) for key in names[name]]})
    for name, keys in names.items():
        must = [{"required": [key]} for key in keys]
        implied = [alias for alias, (ours, given) in TYPE_ALIASES.items() if ours == type_ and name in given]
        if name in needed and implied:
            exempt = {"properties": {"type": {"pattern": of_any_module(any_case(implied, between="[-_]*"))}}}
            clauses.append({"if": exempt, "else": {"required": keys}})
        elif name in needed:
            clauses.append({"required": keys} if len(keys) == 1 else {"oneOf": must})
        elif len(keys) > 1:
            pairs = [{"required": [a, b]} for number, a in enumerate(keys) for b in keys[:number]]
            clauses.append({"not": {"anyOf": pairs}})
    return clauses

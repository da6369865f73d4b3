"""The kinds of field that a layer can declare; the spec reader, the schema and the pages are derived from them.

A field is a dataclass field whose metadata name its ``kind``, what it means (``doc``), the other names it is known by
(``aliases``) and, for a choice, the ``choices``.
"""

from __future__ import annotations

from dataclasses import MISSING, field
from typing import Any


def option(kind: str, doc: str, default: Any = MISSING, *, off: str = "", aliases: str = "", choices: str = "") -> Any:
    """A field of this ``kind``; without a ``default`` it must be given."""
    metadata = {"kind": kind, "doc": doc, "off": off, "aliases": tuple(aliases.split())}
    return field(default=default, metadata={**metadata, "choices": tuple(choices.split())})


def size(doc: str, default: Any = MISSING, *, aliases: str = "") -> Any:
    """A positive integer, a symbol or an expression."""
    return option("size", doc, default, aliases=aliases)


def flag(doc: str, default: bool, *, off: str = "", aliases: str = "") -> Any:
    """True or false; ``off`` says what false means, for a flag that a layer or a framework has on by default."""
    return option("flag", doc, default, off=off, aliases=aliases)


def rate(doc: str, *, aliases: str = "") -> Any:
    """A fraction from 0 to 1."""
    return option("rate", doc, 0.0, aliases=aliases)


def activation_name(doc: str, default: Any = MISSING, *, aliases: str = "") -> Any:
    """The name of an activation function."""
    return option("activation", doc, default, aliases=aliases)


def choice(doc: str, choices: str, default: Any = MISSING, *, aliases: str = "") -> Any:
    """One of a few words."""
    return option("choice", doc, default, aliases=aliases, choices=choices)

"""The catalog of the rules: every kind of finding with its page, and how to find a rule by id or name."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from lstm_shapes.findings.kinds import KINDS, Kind, Severity
from lstm_shapes.rules import lint


class Page(NamedTuple):
    """A rule as people read it: ``example`` breaks it, ``instead`` does not.

    ``language`` is that of the example: yaml, json, or python for the bytes of a file that is not text.
    """

    id: str
    name: str
    severity: Severity
    title: str
    text: str
    example: str
    instead: str
    language: str = "yaml"

    @property
    def only_in_check(self) -> bool:
        """Whether only the command ``check`` reports it."""
        return self.name == "unused-ignore" or self.name not in KINDS

    @property
    def instead_language(self) -> str:
        """The language of what to write instead, always text."""
        return "json" if self.language == "json" else "yaml"

    @property
    def raw(self) -> bytes:
        """The example as the bytes of a file."""
        if self.language != "python":
            return self.example.encode()
        from ast import literal_eval

        content: bytes = literal_eval(self.example)
        return content


@lru_cache(maxsize=1)
def kinds() -> dict[str, Kind]:
    """Every kind of finding by name, in the order of the ids."""
    every = (*KINDS.values(), *(rule.kind for rule in lint.rules()))
    return {kind.name: kind for kind in sorted(every)}


def find(word: str) -> str | None:
    """The name of the rule that an id or a name means, in any case.

    >>> find("ls202"), find("last_step_only"), find("LS999")
    ('last-step-only', 'last-step-only', None)
    """
    plain = word.strip().lower().replace("_", "-")
    return next((kind.name for kind in kinds().values() if plain in (kind.name, kind.id.lower())), None)


def pages() -> tuple[Page, ...]:
    """Every rule's page, in the order of the ids."""
    return tuple(map(page, kinds()))


def page(name: str) -> Page:
    """The page of a rule.

    >>> page("last-step-only").id
    'LS202'
    """
    kind = kinds()[name]
    content, _, rest = _content(name).partition("\nExample:\n")
    example, _, instead = rest.partition("\nInstead:\n")
    title, _, text = content.strip().removeprefix("# ").partition("\n")
    language, example = _block(example)
    return Page(*kind, title, text.strip(), example, _block(instead)[1], language)


def _content(name: str) -> str:
    """A page in Markdown: of a lint rule, the one in its file; else the file in ``pages/``."""
    from importlib import resources  # takes 3 ms, and ``check`` reads no page

    own = next((rule.page for rule in lint.rules() if rule.kind.name == name), None)
    return own or resources.files("lstm_shapes.rules").joinpath("pages", f"{name}.md").read_text("utf-8")


def _block(text: str) -> tuple[str, str]:
    """The language of a fenced block, and its inside."""
    language, _, inside = text.strip().removeprefix("```").partition("\n")
    return language, inside.removesuffix("```")

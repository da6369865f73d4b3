"""The rules: one file for each kind of finding, whose docstring is its page.

A page has a first line, why it matters, an *Example* that fires and an *Instead* that does not; both are run by a test.
A kind that is found while a file is read, or while shapes are carried through it, has a page alone. The others have a
``check(trace)``. Ids and severities stand in ``finding.KINDS``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

from lstm_shapes.findings.finding import Finding
from lstm_shapes.findings.kinds import KINDS, Severity

if TYPE_CHECKING:
    from lstm_shapes.rules.trace import Trace

ADVICE = (
    "stateful_batch",
    "unroll_timesteps",
    "unused_output",
    "needless_return_state",
    "dropout_one_layer",
    "cudnn_path",
    "target_onnxruntime",
    "target_tflite",
)
"""The modules with a ``check``, run by ``check`` alone; mistakes that make figures wrong are found everywhere."""
CHECK_ALONE = frozenset((*ADVICE, "unused_ignore"))
"""What the command ``check`` reports and no other."""


class Page(NamedTuple):
    """A rule as people read it: ``example`` fires, ``instead`` does not.

    ``language`` is what the example is written in: yaml, or python for the bytes of a file that is not text.
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
    def check_alone(self) -> bool:
        """Whether the command ``check`` alone reports it."""
        return self.name.replace("-", "_") in CHECK_ALONE

    @property
    def raw(self) -> bytes:
        """The example as the bytes of a file."""
        if self.language == "yaml":
            return self.example.encode()
        from ast import literal_eval

        found: bytes = literal_eval(self.example)
        return found


def module(kind: str) -> ModuleType:
    """The module of a kind of finding."""
    return import_module(f"lstm_shapes.rules.{kind.replace('-', '_')}")


def advise(trace: Trace) -> Iterator[Finding]:
    """The findings of all rules with a check."""
    for check in _checks():
        yield from check(trace)


@lru_cache(maxsize=1)
def _checks() -> tuple[Callable[[Trace], Iterator[Finding]], ...]:
    return tuple(module(name).check for name in ADVICE)


@lru_cache(maxsize=1)
def pages() -> tuple[Page, ...]:
    """Every rule's page, in the order of the ids."""
    return tuple(page(kind) for kind in sorted(KINDS, key=lambda kind: KINDS[kind][0]))


def find(word: str) -> str | None:
    """The kind that an id or a name means, capitals or not.

    >>> find("ls202"), find("last_step_only"), find("LS999")
    ('last-step-only', 'last-step-only', None)
    """
    plain = word.strip().lower().replace("_", "-")
    return next((kind for kind, (id_, _) in KINDS.items() if plain in (kind, id_.lower())), None)


def page(kind: str) -> Page:
    """The page of a kind, from the docstring of its module.

    >>> page("last-step-only").id
    'LS202'
    """
    text, _, rest = (module(kind).__doc__ or "").partition("\nExample:\n")
    example, _, instead = rest.partition("\nInstead:\n")
    title, _, body = text.strip().partition("\n")
    language, example = _block(example)
    return Page(KINDS[kind][0], kind, KINDS[kind][1], title, body.strip(), example, _block(instead)[1], language)


def _block(text: str) -> tuple[str, str]:
    """The language of a fenced block, and its inside."""
    language, _, inside = text.strip().removeprefix("```").partition("\n")
    return language, inside.removesuffix("```")

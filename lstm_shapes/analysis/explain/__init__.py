"""Explanations: what units, return_sequences and the rest configure, one topic a file, each with its experiments.

A module of ``topics`` has ``page()``, which computes its figures when it is called, and ``CLAIMS``, each shown by a
NumPy run on random data. NumPy is loaded when a claim is run, not for a page.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from lstm_shapes.analysis.explain.topic import Claim, Topic

TOPICS = (
    "units",
    "return_sequences",
    "return_state",
    "stateful",
    "bidirectional",
    "gates",
    "bias",
    "reset_after",
    "timesteps",
    "masking",
    "params",
    "macs",
    "frameworks",
)
"""The topics in the order of reading; the module of the same name has the page and the claims."""


def page(topic: str) -> Topic:
    """The page of a topic, its figures computed now.

    >>> page("units").question
    'What is units in LSTM(units=32)?'
    """
    made: Topic = _module(topic).page()
    return made


def claims(topic: str) -> tuple[Claim, ...]:
    """What the experiments of a topic show.

    >>> len(claims("units")) > 1
    True
    """
    made: tuple[Claim, ...] = _module(topic).CLAIMS
    return made


def _module(topic: str) -> ModuleType:
    return import_module(f"lstm_shapes.analysis.explain.topics.{topic}")

"""Whatever a file holds, it ends in a report and findings: no exception, places in the text, sums that agree.

``LSTM_SHAPES_FUZZ=100000`` runs more, ``LSTM_SHAPES_SEED`` others; ``benchmarks/fuzz.py`` prints the shortest failures.
"""

from __future__ import annotations

import os

from .hostile.mutants import mutants, seeds, survive
from .profiles import rounds

COUNT = int(os.environ.get("LSTM_SHAPES_FUZZ") or rounds(6_000, dev=60))
SEED = int(os.environ.get("LSTM_SHAPES_SEED", "0"))


def test_every_seed_is_free_of_findings_but_for_what_is_meant_to_be_there():
    for name, raw in seeds().items():
        assert survive(name, raw, run=True) <= 3, name


def test_no_mutant_of_a_spec_ends_in_an_exception():
    clean = faulty = 0
    for number, name, raw in mutants(COUNT, SEED):
        try:
            found = survive(name, raw, run=not number % 10)
        except Exception as error:
            raise AssertionError(f"seed {SEED}, mutant {number}, {name}: {raw!r}") from error
        clean, faulty = clean + (not found), faulty + bool(found)
    assert clean > COUNT // 50
    assert faulty > COUNT // 3

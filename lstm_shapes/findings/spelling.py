"""The nearest name to a misspelled name."""

from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches


def nearest(word: str, names: list[str]) -> str:
    """The name that a misspelled word most likely means, or ''.

    >>> nearest("unit", ["units", "bias"])
    'units'
    """
    exact = [name for name in names if name.lower().replace("-", "_") == word[:80].lower().replace("-", "_")]
    close = exact or get_close_matches(word[:80], names, n=1, cutoff=0.6)
    return close[0] if close else ""


def certain(word: str, close: str, names: Iterable[str]) -> bool:
    """Whether a misspelled word means its nearest name for certain: a slip of the hand explains it, no other is near.

    Letters may be swapped, missing or doubled inside the word. Another first letter or another number is another name.

    >>> certain("activtion", "activation", ["activation", "recurrent_activation"])
    True
    >>> certain("xlstm", "lstm", ["lstm"]), certain("conv_lstm", "conv_lstm1d", ["conv_lstm1d", "conv_lstm2d"])
    (False, False)
    """
    here, there = _letters(word[:80]), _letters(close)
    if here == there:
        return True
    digits = [[character for character in text if character.isdigit()] for text in (here, there)]
    if here[:1] != there[:1] or digits[0] != digits[1]:
        return False
    like = SequenceMatcher(None, there, here).ratio()
    slip = sorted(here) == sorted(there) or (like >= 0.85 and len(there) >= 4)
    return slip and not any(_is_alike(here, _letters(name), like - 0.1) for name in names if name != close)


def _letters(word: str) -> str:
    return word.lower().replace("-", "").replace("_", "")


def _is_alike(here: str, there: str, least: float) -> bool:
    """Whether the likeness of two words is at least this; the first two questions are quick."""
    pair = SequenceMatcher(None, there, here)
    return pair.real_quick_ratio() >= least and pair.quick_ratio() >= least and pair.ratio() >= least

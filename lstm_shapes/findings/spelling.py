"""The nearest name to a misspelled name."""

from difflib import get_close_matches


def nearest(word: str, names: list[str]) -> str:
    """The name that a misspelled word most likely means, or ''.

    >>> nearest("unit", ["units", "bias"])
    'units'
    """
    exact = [name for name in names if name.lower().replace("-", "_") == word[:80].lower().replace("-", "_")]
    close = exact or get_close_matches(word[:80], names, n=1, cutoff=0.6)
    return close[0] if close else ""

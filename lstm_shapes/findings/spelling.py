"""The word that a typo most likely means."""

from difflib import get_close_matches


def nearest(word: str, known: list[str]) -> str:
    """The known word that a typo most likely means, or ''.

    >>> nearest("unit", ["units", "bias"])
    'units'
    """
    exact = [name for name in known if name.lower().replace("-", "_") == word[:80].lower().replace("-", "_")]
    close = exact or get_close_matches(word[:80], known, n=1, cutoff=0.6)
    return close[0] if close else ""

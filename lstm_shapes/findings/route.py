"""Routes: the keys and indices that lead from a document's root to a value, as data and as text."""

Route = tuple[str | int, ...]
"""The keys and indices from a document's root to a value: ``("layers", 2, "units")``."""


def as_path(route: Route) -> str:
    """A route as text.

    >>> as_path(("layers", 0, "layer"))
    'layers[0].layer'
    """
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in route)
    return text.removeprefix(".")

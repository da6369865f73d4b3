"""Routes: the way from a document's root to a value, as data and as text."""

Route = tuple[str | int, ...]
"""The way from a document's root to a value: ``("layers", 2, "units")``."""


def written(route: Route) -> str:
    """A route as a path: ``layers[0].layer``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in route)
    return text.removeprefix(".")

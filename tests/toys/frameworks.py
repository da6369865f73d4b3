"""The command ``frameworks``."""

from lstm_shapes.frameworks import FRAMEWORKS


def frameworks() -> None:
    """List the frameworks whose conventions there are."""
    for name, framework in FRAMEWORKS.items():
        print(f"{name}: {framework.title}")

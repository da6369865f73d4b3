"""Write the documents that the command prints again: rules.md, explain/ and the schema."""

from __future__ import annotations

from pathlib import Path

from lstm_shapes.analysis.explain import TOPICS
from lstm_shapes.cli.app import app

DOCS = Path(__file__).parent
COMMANDS = {
    "rules.md": ["rules", "--output-format", "markdown"],
    "lstm-shapes.schema.json": ["schema"],
    **{f"explain/{topic}.md": ["explain", topic, "--output-format", "markdown"] for topic in TOPICS},
}
"""A document -> the command that prints it."""


def main() -> None:
    """Run each command with its document as the output file."""
    for document, command in COMMANDS.items():
        app([*command, "-o", str(DOCS / document)], standalone_mode=False)


if __name__ == "__main__":
    main()

"""The command ``schema``."""

from __future__ import annotations

import json

from lstm_shapes.cli import options, output
from lstm_shapes.spec.schema import schema as made


def schema(output_file: options.OutputFile = "") -> None:
    """Print the JSON Schema (draft 7) of the spec file, for an editor or another checker.

    With `-o FILE` and a first line `# yaml-language-server: $schema=FILE` an editor completes and checks specs.
    """
    output.write(text(), output_file, [])


def text() -> str:
    """The schema as it is printed and committed: keys sorted, so that it changes only with the spec."""
    return json.dumps(made(), indent=1, sort_keys=True) + "\n"

"""The command ``convert``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from lstm_shapes.analysis.report import report
from lstm_shapes.cli import models, options, output
from lstm_shapes.cli.bind import bindings
from lstm_shapes.spec.reader import is_model
from lstm_shapes.views.convert import FORMATS, view

To = StrEnum("To", FORMATS)  # type: ignore[misc]  # mypy wants a literal


def convert(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A model file; - is standard input.", show_default=False)],
    to: Annotated[To, typer.Option("--to", case_sensitive=False, help="What to write.", show_default=False)],
    output_file: options.OutputFile = "",
    framework: options.Framework = None,
    set_: options.Set = None,
    bind: options.Bind = None,
    assume: options.Assume = None,
    model: options.Model = "",
    stdin_filename: options.StdinFilename = "",
) -> None:
    """Write a model of any kind as a spec, of which inspect reports the same, or as a diagram for Mermaid or Graphviz.

    Types and keys get their canonical names; what the version of a file decides is written out; comments of a spec are
    left out. --framework and --set are written into the spec. Findings go to standard error. Exit code: 0 success,
    1 findings, or a file of which nothing could be read, 2 wrong usage.
    """
    bound = bindings(bind)
    imported = models.single(file, stdin_filename, model, set_, assume, bound)
    (reading,) = models.read([imported], framework, set_, bound=bound)
    findings = report(reading, weights=False).findings
    if is_model(reading.document.data):
        forms = view(reading, framework=str(framework or ""), dims=models.sizes(set_))
        output.write(str(forms[str(to)]()), output_file, [file, *(bind or ())])
    models.tell(findings)
    models.leave(models.code(findings))

"""The command ``explain``."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from lstm_shapes.analysis.explain import TOPICS
from lstm_shapes.cli import models, options, output, usage
from lstm_shapes.cli.bind import bindings
from lstm_shapes.cli.options import Color
from lstm_shapes.findings.spelling import nearest

if TYPE_CHECKING:
    from lstm_shapes.analysis.explain.model import Explanation
    from lstm_shapes.render.drawing import Grid
    from lstm_shapes.spec.reading import Reading

ExplainFormat = StrEnum("ExplainFormat", ["text", "json", "markdown", "svg"])
Subject = Annotated[
    Optional[str],
    typer.Argument(
        metavar="FILE|TOPIC",
        help=f"A model file, - for standard input, or one of the topics: {', '.join(TOPICS)}.",
        show_default=False,
    ),
]
Layer = Annotated[
    str,
    typer.Option(
        "--layer", metavar="NAME", help="Explain only this layer, with the inside of its cell.", show_default=False
    ),
]
Show = Annotated[bool, typer.Option("--show", help="Run the topic's experiments and print what they measured.")]
Form = Annotated[ExplainFormat, typer.Option("--output-format", help="The format of the output; svg is the picture.")]


def explain(
    ctx: typer.Context,
    subject: Subject = None,
    layer: Layer = "",
    show: Show = False,
    output_format: Form = ExplainFormat.text,
    output_file: options.OutputFile = "",
    framework: options.Framework = None,
    set_: options.Set = None,
    bind: options.Bind = None,
    seed: options.Seed = 0,
    assume: options.Assume = None,
    model: options.Model = "",
    stdin_filename: options.StdinFilename = "",
    color: options.ColorWhen = Color.auto,
) -> None:
    """Explain a model layer by layer with its own numbers, or a topic: units, return_sequences, stateful ...

    Findings go to standard error. Exit code: 0 success, 1 findings or a claim of --show that is false, 2 wrong
    usage.
    """
    if subject is None:
        usage.print_help(ctx)
    if subject in TOPICS:
        _refuse(
            "a topic",
            "a file",
            {
                "--layer": layer,
                "--framework": framework,
                "--set": set_,
                "--bind": bind,
                "--assume": assume,
                "--model": model,
            },
        )
        if output_format == ExplainFormat.svg:
            raise output.fail("--output-format svg: a topic has no picture; give it a file")
        from lstm_shapes.cli import explain_topic

        explain_topic.show(
            subject,
            experiment=show,
            output_format=str(output_format),
            output_file=output_file,
            color=color,
            seed=seed,
        )
        return
    if subject != "-" and not os.path.lexists(subject):
        raise output.fail(_neither(subject))
    _refuse("a file", "a topic", {"--show": show})
    bound = bindings(bind)
    imported = models.single(subject, stdin_filename, model, set_, assume, bound)
    (reading,) = models.read([imported], framework, set_, bound=bound)
    _file(reading, [subject, *(bind or ())], layer, output_format, output_file)


def _refuse(given: str, wanted: str, asked: dict[str, object]) -> None:
    for name, value in asked.items():
        if value:
            raise output.fail(f"{name} goes with {wanted}, not with {given}")


def _neither(subject: str) -> str:
    close = nearest(subject, list(TOPICS))
    hint = f"did you mean {close}?" if close else f"the topics are {', '.join(TOPICS)}"
    return f"{subject[:80]}: no topic and no file of this name; {hint}"


def _file(reading: Reading, read: list[str], layer: str, output_format: ExplainFormat, output_file: str) -> None:
    from lstm_shapes.analysis.explain.model import explain as explained
    from lstm_shapes.analysis.report import report
    from lstm_shapes.views.explain_model import view

    explanation = explained(reading)
    if layer:
        explanation = _only(explanation, layer)
    pictures = partial(_pictures, reading, layer) if explanation.layers else _no_pictures
    form = view(explanation, pictures, ascii_only=not output_file and not _writes_boxes())
    output.show(form, output_format, output_file, inputs=read)
    findings = report(reading, weights=False).findings
    models.tell(findings)
    models.leave(models.code(findings))


def _only(explanation: Explanation, layer: str) -> Explanation:
    """The explanation of one layer. Exits with 2 when there is none of this name, naming the nearest."""
    kept = tuple(explained for explained in explanation.layers if explained.name == layer)
    if not kept and explanation.layers:
        names = [layer.name for layer in explanation.layers]
        close = nearest(layer, names)
        listed = ", ".join(names[:12]) + (" ..." if len(names) > 12 else "")
        hint = f"did you mean {close}?" if close else f"its layers are {listed}"
        raise output.fail(f"--layer {layer[:80]}: no layer of {explanation.source} has this name; {hint}")
    return explanation._replace(layers=kept)


def _no_pictures(width: int) -> list[Grid]:
    return []


def _pictures(reading: Reading, layer: str, width: int) -> list[Grid]:
    """The chain, and the inside of the cell of the layer called ``layer``, within ``width`` columns."""
    from lstm_shapes.analysis.explain import picture
    from lstm_shapes.symbolic.size import SizeError
    from lstm_shapes.views import picture as picture_grid

    if reading.model is None:
        return []
    grids = []
    with suppress(SizeError):
        inferred = reading.inferred
        assert inferred is not None
        chain = picture.chain(inferred)
        if chain.rows:
            grids.append(picture_grid.chain(chain, width))
        inside = picture.inside(inferred, layer) if layer else None
        if inside:
            grids.append(picture_grid.inside(inside, width))
    return grids


def _writes_boxes() -> bool:
    """Whether standard output's encoding has box-drawing characters."""
    try:
        "─│┌▶…".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True

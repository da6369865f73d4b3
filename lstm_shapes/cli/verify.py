"""The command ``verify``."""

from __future__ import annotations

from lstm_shapes.analysis.report import report
from lstm_shapes.analysis.verify.verify import MAX_ELEMENTS, MAX_MACS
from lstm_shapes.analysis.verify.verify import verify as run
from lstm_shapes.cli import models, options, output
from lstm_shapes.cli.options import Color, Format
from lstm_shapes.cli.progress import watched


def verify(
    files: options.Files,
    seed: options.Seed = 0,
    max_macs: options.MaxMacs = None,
    max_elements: options.MaxElements = None,
    output_format: options.OutputFormat = Format.text,
    output_file: options.OutputFile = "",
    framework: options.Framework = None,
    set_: options.Set = None,
    stdin_filename: options.StdinFilename = "",
    color: options.ColorWhen = Color.auto,
    quiet: options.Quiet = False,
) -> None:
    """Run the model in NumPy on random data and hold what was predicted against what is observed, layer by layer.

    Compared are output shapes and states, the number of weights and that each reaches the output, the
    multiply-accumulates that were executed, and laws that every recurrent cell keeps. Symbols are bound to distinct
    small primes, twice. Exit code: 0 confirmed, 1 a difference, a finding, or a model that could not be run, 2 wrong
    usage.
    """
    found = models.readings(files, framework, set_, stdin_filename)
    everything = [finding for one in found for finding in report(one, weights=False).findings]
    caps = {
        "max_macs": MAX_MACS if max_macs is None else max_macs,
        "max_elements": MAX_ELEMENTS if max_elements is None else max_elements,
    }
    outcomes = [watched(lambda progress, one=one: run(one, seed=seed, progress=progress, **caps)) for one in found]  # type: ignore[misc]
    if not quiet:
        from lstm_shapes.views.verify import view

        output.show(view(outcomes), output_format, output_file, color, files)
    models.tell(everything)
    unconfirmed = any(one.verdict in ("disagrees", "not confirmed") for one in outcomes)
    models.leave(1 if unconfirmed else models.code(everything))

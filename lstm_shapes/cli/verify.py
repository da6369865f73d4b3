"""The command ``verify``."""

from __future__ import annotations

from functools import partial

from lstm_shapes.analysis.report import report
from lstm_shapes.analysis.verify.against import MissingFramework
from lstm_shapes.analysis.verify.model_run import Progress
from lstm_shapes.analysis.verify.verification import Verification
from lstm_shapes.analysis.verify.verify import MAX_ELEMENTS, MAX_MACS, MAX_STEPS
from lstm_shapes.analysis.verify.verify import verify as run
from lstm_shapes.cli import models, options, output
from lstm_shapes.cli.bind import bindings
from lstm_shapes.cli.options import Color, Format
from lstm_shapes.cli.progress import watched
from lstm_shapes.spec.reading import Reading
from lstm_shapes.spec.values import InvalidValue


def verify(
    files: options.Files,
    against: options.Against = None,
    seed: options.Seed = 0,
    max_macs: options.MaxMacs = None,
    max_elements: options.MaxElements = None,
    max_steps: options.MaxSteps = None,
    output_format: options.OutputFormat = Format.text,
    output_file: options.OutputFile = "",
    framework: options.Framework = None,
    set_: options.Set = None,
    bind: options.Bind = None,
    assume: options.Assume = None,
    model: options.Model = "",
    stdin_filename: options.StdinFilename = "",
    color: options.ColorWhen = Color.auto,
    quiet: options.Quiet = False,
) -> None:
    """Run the model in NumPy on random data and compare each layer with the predictions.

    Compares output shapes and states, the number of weights, whether each weight affects the output, the
    multiply-accumulates executed, and the laws of recurrent cells. Symbols are replaced by distinct small primes,
    twice. With --against the real framework runs the same weights, and counts, shapes, states and outputs are compared.
    Exit code: 0 confirmed, 1 a difference, a finding, or a model that could not be run, 2 wrong usage, or a framework
    that is not installed.
    """
    readings = models.readings(files, framework, set_, stdin_filename, model, assume, bindings(bind))
    everything = [finding for reading in readings for finding in report(reading, weights=False).findings]
    caps = {
        "max_macs": MAX_MACS if max_macs is None else max_macs,
        "max_elements": MAX_ELEMENTS if max_elements is None else max_elements,
        "max_steps": MAX_STEPS if max_steps is None else max_steps,
    }

    def compare(reading: Reading, progress: Progress | None) -> Verification:
        return run(reading, seed=seed, against=tuple(against or ()), progress=progress, **caps)

    try:
        outcomes = [watched(partial(compare, reading)) for reading in readings]
    except (MissingFramework, InvalidValue) as error:
        hint = f"; {error.hint}" if isinstance(error, InvalidValue) and error.hint else ""
        raise output.fail(f"--against: {error}{hint}") from None
    if not quiet:
        from lstm_shapes.views.verify import view

        output.show(view(outcomes), output_format, output_file, color, [*files, *(bind or ())])
    models.tell(everything)
    failed = 1 if any(outcome.failed for outcome in outcomes) else models.code(everything)
    models.leave(failed or (2 if any(outcome.nothing_compared for outcome in outcomes) else 0))

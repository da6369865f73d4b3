"""The command ``check``."""

from __future__ import annotations

import os
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any, Optional, cast

import typer

from lstm_shapes.checking import baseline as baselines
from lstm_shapes.checking import settings as project
from lstm_shapes.checking.discover import NothingFound
from lstm_shapes.checking.nearest import NearestSettings, SettingsSource
from lstm_shapes.checking.outcome import FORMATS, Outcome
from lstm_shapes.checking.run import BadCheckpoint, More
from lstm_shapes.checking.run import check as checked
from lstm_shapes.checking.settings import Settings
from lstm_shapes.cli import models, options, output
from lstm_shapes.cli.bind import Bindings, bindings, tell_idle
from lstm_shapes.cli.options import Color
from lstm_shapes.findings.finding import Purpose
from lstm_shapes.findings.kinds import SEVERITIES, Severity
from lstm_shapes.spec.values import InvalidValue
from lstm_shapes.views.check.formats import lines_of_changes, view

CheckFormat = StrEnum("CheckFormat", FORMATS)  # type: ignore[misc]  # mypy wants a literal
FailOn = StrEnum("FailOn", SEVERITIES)  # type: ignore[misc]
WARNING = FailOn("warning")

Paths = Annotated[
    Optional[list[str]],
    typer.Argument(
        metavar="PATH...", help="Files and folders; - is standard input; default: this folder.", show_default=False
    ),
]
Rules = Optional[list[str]]
Select = Annotated[
    Rules,
    typer.Option(
        "--select", metavar="RULES", help="Apply only these rules: LS202, last-step-only, LS2.", show_default=False
    ),
]
Ignore = Annotated[
    Rules, typer.Option("--ignore", metavar="RULES", help="Apply all rules except these.", show_default=False)
]
Exclude = Annotated[
    Rules,
    typer.Option("--exclude", metavar="PATTERN", help="Skip files and folders whose names match.", show_default=False),
]
ForceExclude = Annotated[
    bool,
    typer.Option("--force-exclude", help="Skip a file that a search would skip even if it is named, as a hook does."),
]
RespectGitignore = Annotated[
    Optional[bool],
    typer.Option(
        "--respect-gitignore/--no-respect-gitignore",
        help="Whether a search skips what .gitignore files match; default: it does.",
        show_default=False,
    ),
]
Target = Annotated[
    Rules,
    typer.Option(
        "--target",
        metavar="NAME",
        help="Also report what an exporter does not support: onnxruntime, tflite.",
        show_default=False,
    ),
]
Diff = Annotated[
    Optional[str],
    typer.Option(
        "--diff",
        metavar="REV|FILE",
        callback=options.not_empty,
        help="Also show what changed against a git revision or another file.",
        show_default=False,
    ),
]
Checkpoint = Annotated[
    str,
    typer.Option(
        "--checkpoint",
        metavar="FILE",
        callback=options.not_empty,
        help="Also compare the model with the weights stored in this file, tensor by tensor.",
        show_default=False,
    ),
]
Config = Annotated[
    str,
    typer.Option(
        "--config",
        metavar="FILE",
        callback=options.not_empty,
        help="Use the settings of this file, a pyproject.toml or lstm-shapes.toml, for all models.",
        show_default=False,
    ),
]
Isolated = Annotated[bool, typer.Option("--isolated", help="Ignore settings files.")]
ShowFiles = Annotated[
    bool, typer.Option("--show-files", help="List the models that would be checked, one a line, and check nothing.")
]
ShowSettings = Annotated[
    bool,
    typer.Option("--show-settings", help="Show the settings of PATH and where each comes from, and check nothing."),
]
Baseline = Annotated[
    str,
    typer.Option(
        "--baseline",
        metavar="FILE",
        callback=options.not_empty,
        help="Allow the findings that are counted in this file.",
        show_default=False,
    ),
]
WriteBaseline = Annotated[
    str,
    typer.Option(
        "--write-baseline",
        metavar="FILE",
        callback=options.not_empty,
        help="Write the current findings to a baseline and exit with 0.",
        show_default=False,
    ),
]
FIX = "Fix"
"""The group of these options in the help."""
Fix = Annotated[
    bool, typer.Option("--fix", help="Write what hints say, where it is certainly meant.", rich_help_panel=FIX)
]
UnsafeFixes = Annotated[
    bool,
    typer.Option(
        "--unsafe-fixes",
        help="With --fix: also `return_sequences: true` where the next layer needs a sequence.",
        rich_help_panel=FIX,
    ),
]
UpdateExpect = Annotated[
    bool,
    typer.Option(
        "--update-expect",
        help="Rewrite `expect:` to the present figures, after an intended change.",
        rich_help_panel=FIX,
    ),
]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        help="With --fix or --update-expect: print the difference and write nothing.",
        rich_help_panel=FIX,
    ),
]
ExitZero = Annotated[bool, typer.Option("--exit-zero", help="Exit with 0 even if there are findings.")]
Fail = Annotated[FailOn, typer.Option("--fail-on", help="The lowest severity that fails.")]
Form = Annotated[
    Optional[CheckFormat],
    typer.Option("--output-format", help="The format of the output; default: text.", show_default=False),
]


def check(
    paths: Paths = None,
    select: Select = None,
    ignore: Ignore = None,
    exclude: Exclude = None,
    force_exclude: ForceExclude = False,
    respect_gitignore: RespectGitignore = None,
    target: Target = None,
    diff: Diff = None,
    checkpoint: Checkpoint = "",
    baseline: Baseline = "",
    write_baseline: WriteBaseline = "",
    fix: Fix = False,
    unsafe_fixes: UnsafeFixes = False,
    update_expect: UpdateExpect = False,
    dry_run: DryRun = False,
    exit_zero: ExitZero = False,
    fail_on: Fail = WARNING,
    output_format: Form = None,
    output_file: options.OutputFile = "",
    show_files: ShowFiles = False,
    show_settings: ShowSettings = False,
    config: Config = "",
    isolated: Isolated = False,
    framework: options.Framework = None,
    set_: options.Set = None,
    bind: options.Bind = None,
    assume: options.Assume = None,
    stdin_filename: options.StdinFilename = "",
    color: options.ColorWhen = Color.auto,
    quiet: options.Quiet = False,
) -> None:
    """Check model files: what breaks, why, and what to write instead.

    Folders are searched, without what .gitignore files match; files that are not models are skipped and counted. Each
    file has the settings of the nearest folder above it that has [tool.lstm-shapes] in pyproject.toml, or
    lstm-shapes.toml; those of folders further up do not count. `# lstm-shapes: ignore[LS202] reason` on a line or above
    it silences a rule.

    --fix changes nothing but the key or value at fault, and withdraws an edit after which its finding is still there or
    another is new. Silenced findings and those of the baseline are not fixed.

    Exit code: 0 success, 1 findings of at least the severity of --fail-on, 2 wrong usage or no model. With --fix the
    findings that remain count; with --dry-run also those that would be fixed.
    """
    named = paths or ["."]
    given = {"select": select, "ignore": ignore, "exclude": exclude, "targets": target}
    dims, bound = models.sizes(set_), bindings(bind)
    values = models.given(set_, bound)
    fixed = {
        "override_framework": str(framework or ""),
        "override_dims": dims,
        "override_values": values if len(values) > len(dims) else {},
        "override_assume": dict(models.assumptions(assume)),
        "force_exclude": force_exclude,
        **({} if respect_gitignore is None else {"respect_gitignore": respect_gitignore}),
    }
    source, settings = _settings(config, isolated, _override(given, fixed))
    if show_files or show_settings:
        from lstm_shapes.cli import check_show

        others = (
            show_files and show_settings,
            diff is not None,
            checkpoint,
            baseline,
            write_baseline,
            fix,
            update_expect,
        )
        if any(others):
            raise output.fail(
                "--show-files, --show-settings: nothing is checked; leave out the other, and --diff, "
                "--checkpoint, --baseline, --write-baseline, --fix and --update-expect"
            )
        run_show = check_show.files if show_files else check_show.settings
        run_show(named, source, stdin_filename, (str(output_format or "text"), output_file, color))
        return
    options_of: dict[Purpose, bool] = {"fix": fix, "unsafe": unsafe_fixes, "expect": update_expect}
    wanted = [purpose for purpose, requested in options_of.items() if requested]
    if (unsafe_fixes and not fix) or (dry_run and not wanted):
        raise output.fail("--unsafe-fixes needs --fix, --dry-run needs --fix or --update-expect")
    if wanted and ("-" in named or diff is not None or write_baseline):
        raise output.fail("--fix, --update-expect: change files; leave out -, --diff and --write-baseline")
    if update_expect and (set_ or bind or framework):
        raise output.fail("--update-expect: writes the file's own figures; leave out --set, --bind and --framework")
    form = str(output_format or settings.output_format or "text")
    if diff is not None and write_baseline:
        raise output.fail("--write-baseline counts findings; leave out --diff")
    if checkpoint and (wanted or diff is not None or len(named) != 1 or os.path.isdir(named[0])):
        raise output.fail(
            "--checkpoint: is compared with one file; leave out others, --diff, --fix and --update-expect"
        )
    allowed = _allowed(baseline, settings)
    try:
        if diff is None:
            more = _compared_with(checkpoint) if checkpoint else None
            outcome = checked(named, source, stdin_filename=stdin_filename, more=more)
        else:
            from lstm_shapes.cli.diff import run

            outcome = run(diff, named, source, stdin_filename=stdin_filename)
        _tell_idle(bound, outcome)
        read = [
            *named,
            *(bind or ()),
            diff or "",
            checkpoint,
            config,
            *_settings_at(output_file or write_baseline),
            *_sources(outcome),
        ]
        if write_baseline:
            output.write(baselines.dump(outcome, settings.root), write_baseline, read)
            return
        outcome = allowed(outcome)
        if wanted:
            from lstm_shapes.cli.fix import fixed_files, show_difference, write

            files = fixed_files(outcome, source, wanted)
            if dry_run:
                changes = show_difference(files, len(outcome.findings), output_file, [*read, baseline])
                models.leave(int((changes or outcome.fails(cast(Severity, fail_on.value))) and not exit_zero))
                return
            removed = write(files)
            outcome = allowed(checked(named, source))._replace(fixed=removed)
    except NothingFound as error:
        raise output.fail(str(error)) from None
    except BadCheckpoint as error:
        raise output.fail(f"--checkpoint {checkpoint}: {error}") from None
    _show(outcome, form, output_file, color, [*read, baseline], quiet=quiet)
    if outcome.unread:
        raise output.fail("; ".join(outcome.unread))
    models.leave(int(outcome.fails(cast(Severity, fail_on.value)) and not exit_zero))


def _tell_idle(bound: Bindings, outcome: Outcome) -> None:
    """Say which files of ``--bind`` had no effect. Exits with 2 where no model is built by code."""
    if bound.files and outcome.replaced is None:
        raise output.fail("--bind: gives values to names in a script or notebook, and none was checked; use --set")
    tell_idle(bound, outcome.replaced or ())


def _compared_with(checkpoint: str) -> More:
    """A function that compares a model with the weights of this file. Exits with 2 when it cannot be read."""
    from lstm_shapes.checking.checkpoints import against

    return against(models.every(checkpoint, ""))


def _allowed(baseline: str, settings: Settings) -> Callable[[Outcome], Outcome]:
    """A function that leaves out the findings that a baseline allows. Exits with 2 when it cannot be read."""
    if not baseline:
        return lambda outcome: outcome
    try:
        counts = baselines.read(baseline)
    except baselines.BadBaseline as error:
        raise output.fail(str(error)) from None
    return lambda outcome: baselines.apply(outcome, counts, settings.root)


def _show(outcome: Outcome, form: str, output_file: str, color: Color, read: list[str], *, quiet: bool) -> None:
    """Write the outcome; a report for machines has no place for what changed, which goes to standard error."""
    if quiet:
        outcome = outcome._replace(changes=None)
    if outcome.findings or not quiet or form not in ("text", "concise"):
        output.show(view(outcome), form, output_file, color, read)
    if form in ("gitlab", "sarif", "junit"):
        for line in lines_of_changes(outcome):
            output.tell(line)
    for name in () if quiet else outcome.unmet:
        output.tell(f"note: no unknown layer of the models is a {name[:80]}, which assume declares")


def _sources(outcome: Outcome) -> list[str]:
    """The models that were read, on both sides of a comparison."""
    diffs = outcome.changes.diffs if outcome.changes else ()
    return [*(file.source for file in outcome.files), *(diff.after for diff in diffs)]


def _settings_at(output_file: str) -> list[str]:
    """The output itself where it has the name of a file that decides what is checked, which is never written to."""
    names = {os.path.basename(output_file), os.path.basename(os.path.realpath(output_file))}
    return [output_file] * (not names.isdisjoint((project.FILE, "pyproject.toml", ".gitignore")))


def _override(given: dict[str, list[str] | None], fixed: dict[str, Any]) -> Callable[[Settings], Settings]:
    """A function that puts the options of the command line over a project's settings. Exits with 2 on a wrong value."""
    words = {
        key: tuple(part.strip() for text in texts or () for part in text.split(",") if part.strip())
        for key, texts in given.items()
    }
    try:
        chosen: dict[str, Any] = {key: project.rules(list(words[key])) for key in ("select", "ignore") if words[key]}
        chosen |= {"targets": project.targets(list(words["targets"]))} if words["targets"] else {}
    except InvalidValue as error:
        raise output.fail(f"{error}{error.hint and f'; {error.hint}'}") from None
    origins = dict.fromkeys((*chosen, *fixed), project.COMMAND_LINE)
    return lambda settings: settings._replace(
        **chosen, **fixed, override_exclude=words["exclude"], origins={**settings.origins, **origins}
    )


def _settings(config: str, isolated: bool, override: Callable[[Settings], Settings]) -> tuple[SettingsSource, Settings]:
    """The settings of each file, and of this folder, which decide the format. Exits with 2 when these are broken."""
    try:
        if config or isolated:
            same = override(project.load(config) if config else Settings())
            return same, same
        path = project.find(os.curdir)
        nearest = NearestSettings(project.load(path) if path else Settings(), override)
        return nearest, nearest.inside(os.curdir)
    except project.BadSettings as error:
        raise output.fail(str(error)) from None

"""What the commands print, where it goes and how they end."""

from __future__ import annotations

import csv
import fcntl
import io
import json
import os
import re
import select
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from ..hostile.child import ROOT, Outcome, run, run_process
from ..profiles import some

SPEC = """name: sentiment
dims: {H: 4}
input_dim: 8
layers:
  - {type: lstm, name: a_rather_long_name_for_an_encoder_of_long_sequences, units: H, return_sequences: true}
  - {type: lstm, units: W, name: second}
  - {type: dense, units: 1}
"""
WRONG = "input_dim: 8\nlayers: [{type: lstm, unit: 4}]\n"
FORMS = ["text", "json", "csv", "markdown"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.yaml").write_text(SPEC)
    (tmp_path / "plain.json").write_text('{"input_dim": 8, "layers": [{"type": "lstm", "units": 32}]}')
    (tmp_path / "wrong.yaml").write_text(WRONG)
    return tmp_path


def table(text: str) -> list[list[str]]:
    """The rows of the first table of plain text."""
    return [re.split(r" {2,}", line.strip()) for line in text.split("\n\n")[1].splitlines()[1:]]


def failed(outcome: Outcome, *words: str) -> None:
    """Wrong usage: exit 2, nothing printed, the words in what is said."""
    assert outcome.code == 2, outcome.said
    assert not outcome.out
    assert b"Traceback" not in outcome.err
    for word in words:
        assert word in outcome.said


def test_piped_text_is_complete_and_has_the_rows_of_the_csv(folder: Path):
    text = run("inspect", "model.yaml", cwd=folder, env={"COLUMNS": "40"}).text
    rows = list(csv.DictReader(io.StringIO(run("inspect", "model.yaml", "--output-format", "csv", cwd=folder).text)))
    assert len(rows) == 3
    for shown, row in zip(table(text), rows, strict=True):
        assert shown[:2] == [row["layer"], row["type"]]
        assert shown[2] == row["output"]
        assert shown[3].replace(",", "") == row["params"]
        assert shown[4] == row["formula"]
    assert "\x1b" not in text
    assert "…" not in text


@pytest.mark.parametrize("form", FORMS)
def test_output_file_gets_what_would_have_been_printed(form: str, folder: Path):
    for command in (
        ["inspect", "model.yaml"],
        ["verify", "plain.json"],
        ["params", "--units", "3", "--input-dim", "2"],
    ):
        printed = run(*command, "--output-format", form, cwd=folder)
        written = run(*command, "--output-format", form, "-o", "out", cwd=folder)
        assert (printed.code, written.code) == (0, 0)
        assert not written.out
        assert (folder / "out").read_bytes() == printed.out


def test_colour_is_as_no_color_and_force_color_say_and_the_option_above_all(folder: Path):
    for env, more, colored in (
        ({}, (), False),
        ({"FORCE_COLOR": "1"}, (), True),
        ({"FORCE_COLOR": ""}, (), False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, (), False),
        ({"NO_COLOR": "1"}, ("--color", "always"), True),
        ({"FORCE_COLOR": "1"}, ("--color", "never"), False),
        ({"FORCE_COLOR": "1"}, ("--output-format", "json"), False),
        ({"FORCE_COLOR": "1"}, ("-o", "/dev/stdout"), False),
    ):
        run_it = run_process if "/dev/stdout" in more else run
        outcome = run_it("inspect", "model.yaml", *more, cwd=folder, env=env)
        assert outcome.code == 0
        assert (b"\x1b[" in outcome.out) == colored, (env, more)


def test_quiet_prints_findings_alone(folder: Path):
    for verb in ("inspect", "verify"):
        good, bad = (run(verb, name, "-q", cwd=folder) for name in ("model.yaml", "wrong.yaml"))
        assert (good.code, good.out, good.err) == (0, b"", b"")
        assert (bad.code, bad.out, bad.ids()) == (1, b"", ["LS101"])


def test_one_file_is_an_object_and_several_are_a_list(folder: Path):
    data = json.loads(run("inspect", "plain.json", "--output-format", "json", cwd=folder).text)
    two = json.loads(run("inspect", "plain.json", "model.yaml", "--output-format", "json", cwd=folder).text)
    assert data["totals"]["params"] == 5248
    assert [row["source"] for row in two] == ["plain.json", "model.yaml"]
    assert two[0] == data
    text = run("inspect", "plain.json", "model.yaml", cwd=folder).text
    assert text.index("plain.json") < text.index("5,248") < text.index("model.yaml")


def test_a_wrong_file_among_several_takes_nothing_from_the_others(folder: Path):
    outcome = run("inspect", "wrong.yaml", "plain.json", cwd=folder)
    assert outcome.code == 1
    assert "5,248" in outcome.text
    assert "wrong.yaml:2:23: LS101" in outcome.said


def test_standard_input_goes_by_the_name_it_is_given(folder: Path):
    for more, name in (((), "<stdin>"), (("--stdin-filename", "net.yaml"), "net.yaml")):
        outcome = run("inspect", "-", *more, cwd=folder, stdin=WRONG.encode())
        assert outcome.code == 1
        assert f"{name}:2:23: LS101" in outcome.said
    assert "5,248" in run("inspect", "-", "model.yaml", cwd=folder, stdin=(folder / "plain.json").read_bytes()).text
    failed(run("inspect", "-", "-", cwd=folder, stdin=b"{}"), "read once")


def test_set_gives_symbols_values(folder: Path):
    outcome = run("inspect", "model.yaml", "--set", "H=8", "--set", "W = 2*H", "--output-format", "json", cwd=folder)
    assert outcome.code == 0
    params = [row["params"] for row in json.loads(outcome.text)["layers"]]
    assert params[0] == 4 * 8 * (8 + 8 + 1)
    assert run("inspect", "model.yaml", "--set", "W=5", "--set", "W=6", cwd=folder).code == 0


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("h=8", ["did you mean H"]),
        ("Q9=8", ["its symbols are", "W"]),
        ("H", ["NAME=SIZE", "H=128"]),
        ("H=", ["expected a size"]),
        ("H=0", ["write 1 or more"]),
        ("H=-3", ["write 1 or more"]),
        ("H=4.5", ["expected"]),
        ("H=64,128", ["expected one value", "lstm-shapes sweep"]),
        ("2=3", ["NAME=SIZE"]),
        ("=3", ["NAME=SIZE"]),
        ("H=" + "9" * 5000, ["expected a size"]),
        ("\x1b[31m=3", [r"\x1b[31m"]),
    ],
)
def test_set_says_what_is_wrong_with_a_setting(setting: str, words: list[str], folder: Path):
    failed(run("inspect", "model.yaml", "--set", setting, cwd=folder), *words)


def test_framework_overrides_the_file(folder: Path):
    for framework, params in (("keras", 5248), ("torch", 5376)):
        outcome = run("inspect", "plain.json", "--framework", framework, "--output-format", "json", cwd=folder)
        assert json.loads(outcome.text)["totals"]["params"] == params
    failed(run("inspect", "plain.json", "--framework", "caffe", cwd=folder), "caffe", "torch")


@pytest.mark.parametrize("verb", ["inspect", "verify"])
def test_exit_codes_are_equal_in_every_form(verb: str, folder: Path):
    for name, code in (("plain.json", 0), ("wrong.yaml", 1), ("nowhere.yaml", 2)):
        for form in FORMS:
            outcome = run(verb, name, "--output-format", form, cwd=folder)
            assert outcome.code == code, (name, form)
            if form == "json" and code < 2:
                json.loads(outcome.text)


def test_wrong_usage_is_exit_2(folder: Path):
    for arguments in (
        ["--nonsense"],
        ["nonsense"],
        ["inspect"],
        ["inspect", "--nonsense", "model.yaml"],
        ["inspect", "model.yaml", "--color", "red"],
        ["verify", "model.yaml", "--seed", "-1"],
        ["params"],
        ["params", "--units", "0", "--input-dim", "3"],
        ["params", "--units", "x" * 5000, "--input-dim", "3"],
    ):
        failed(run(*arguments, cwd=folder))


def test_no_arguments_say_how_it_is_used(folder: Path):
    outcome = run(cwd=folder)
    assert outcome.code == 2
    assert "Usage: lstm-shapes" in outcome.said
    for verb in ("inspect", "params", "verify"):
        assert verb in run("--help", cwd=folder).text
        assert run(verb, "--help", cwd=folder).code == 0
    assert run("--version", cwd=folder).text.startswith("lstm-shapes ")


def test_a_character_that_the_encoding_lacks_is_escaped(folder: Path):
    model = folder / "model.yaml"
    model.write_text(SPEC.replace("second", "dekódoló"), encoding="utf-8")
    for encoding, name in {"utf-8": "dekódoló", "latin-1": "dekódoló", "ascii": "dek\\xf3dol\\xf3"}.items():
        outcome = run("inspect", "model.yaml", cwd=folder, env={"PYTHONIOENCODING": encoding})
        assert (outcome.code, outcome.err) == (0, b"")
        assert f"\n{name} ".encode(encoding) in outcome.out


def interruptible() -> None:
    """In the child: take SIGINT as a terminal's job does, also where pytest was started with it ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(*arguments: str, folder: Path, stdout: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
    """The command in a process that goes on."""
    return subprocess.Popen(
        [sys.executable, "-m", "lstm_shapes", *arguments],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, preexec_fn=interruptible,
        stdin=subprocess.PIPE, stdout=stdout, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_interrupted_while_it_reads_is_130(folder: Path):
    child = start("inspect", "-", "-o", "out.txt", folder=folder)
    child.stdin.write(b"#" * 2**20)  # more than a pipe holds: what is written was in part read
    child.stdin.flush()
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert (child.returncode, out) == (130, b""), err
    assert b"Traceback" not in err
    assert not [path for path in folder.iterdir() if "out" in path.name or path.name.startswith(".")]


def waiting(pipe: int) -> int:
    """How many bytes of a pipe wait to be read."""
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)


@pytest.mark.skipif(sys.platform != "linux", reason="a pipe fills page by page on Linux")
def test_interrupted_while_its_output_waits_for_a_reader_is_130(folder: Path):
    command = ("inspect", "wide.yaml", "--output-format", "json")
    (folder / "wide.yaml").write_text("input_dim: 8\nlayers:\n" + "  - {type: dense, units: 8}\n" * 8)
    assert len(run(*command, cwd=folder).out) > select.PIPE_BUF  # or it would be written at once or not at all
    read, write = os.pipe()
    full = fcntl.fcntl(write, fcntl.F_GETPIPE_SZ)
    os.write(write, b" " * (full - select.PIPE_BUF))
    child = start(*command, folder=folder, stdout=write)
    os.close(write)
    while waiting(read) < full and child.poll() is None:
        time.sleep(0.01)
    assert waiting(read) == full
    child.send_signal(signal.SIGINT)
    with open(read, "rb") as pipe:
        pipe.read()
    _, err = child.communicate(timeout=60)
    assert child.returncode == 130, err
    assert b"Traceback" not in err


@pytest.mark.parametrize("unbuffered", some(["", "1"], "1"))
@pytest.mark.parametrize(
    "arguments",
    ["--version", "--version --help", "inspect model.yaml", "inspect model.yaml --output-format json", "rules"],
)
def test_a_pipe_that_nobody_reads_is_quiet_and_not_taken_for_findings(arguments: str, unbuffered: str, folder: Path):
    """Exit code 141, as a shell has it for SIGPIPE: 1 would mean that something is wrong with the model."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "lstm_shapes", *arguments.split()], cwd=folder, stdout=write, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": unbuffered},
    )  # fmt: skip
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")

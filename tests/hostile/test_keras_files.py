"""Keras files of strangers: code in Lambda layers, classes that are programs, archives and HDF5 that lie or explode.

Each case stands next to a harmless twin that is read.
"""

from __future__ import annotations

import base64
import json
import marshal
import os
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ..formats.hdf5_writer import NOWHERE, Writer, array, attribute, external, h5, hard, message, soft
from ..formats.test_archives import patched, zipped
from ..profiles import few
from .child import REFUSAL, ROOT, Outcome, accepted, decent, run, slack

WEIGHTS = {"lstm": {"cell": {"vars": {"0": (8, 16), "1": (4, 16), "2": (16,)}}}}


def layer(class_name: str, module: str = "keras.layers", **config: Any) -> dict[str, Any]:
    return {"module": module, "class_name": class_name, "config": config, "registered_name": None}


START = layer("InputLayer", name="start", batch_shape=[None, 10, 8], dtype="float32")
LSTM = layer("LSTM", name="lstm", units=4, return_sequences=True)


def config(*layers: dict[str, Any]) -> str:
    model = {"module": "keras", "class_name": "Sequential", "config": {"name": "m", "layers": [START, LSTM, *layers]}}
    return json.dumps(model)


def keras(*layers: dict[str, Any], **members: Any) -> bytes:
    return zipped({"metadata.json": '{"keras_version": "3.3.3"}', "config.json": config(*layers), **members})


TWIN = keras(**{"model.weights.h5": h5({"layers": WEIGHTS})})


def refused(outcome: Outcome, id_: str, word: str = "") -> None:
    """A file at fault: exit 1, in time, one finding in one line, which has no place because the file is no text."""
    decent(outcome, codes=(1,))
    assert outcome.seconds < REFUSAL or outcome.seconds < REFUSAL * slack(), f"{outcome.seconds:.1f} s"
    lines = [line for line in outcome.said.splitlines() if not line.startswith("  hint: ")]
    assert len(lines) == 1 and f": {id_} " in lines[0] and word in lines[0], outcome.said[:2000]


def marshalled() -> str:
    code = compile("__import__('os').system('touch canary')", "<lambda>", "eval")
    return base64.b64encode(marshal.dumps(code)).decode()


CODE = {"class_name": "__lambda__", "config": {"code": marshalled(), "defaults": None, "closure": None}}
LAMBDA = layer("Lambda", name="code", function=CODE)
NEVER_BUILT = {
    "a Lambda with code": LAMBDA,
    "a Lambda inside a model inside a wrapper": layer(
        "TimeDistributed", name="td", layer=layer("Sequential", "keras", name="s", layers=[LAMBDA])
    ),
    "a class that is a program": layer("Popen", "subprocess", name="p", args=["touch", "canary"]),
    "a function of the os": layer("system", "os", name="p", command="touch canary"),
    "a config that turns safety off": layer("enable_unsafe_deserialization", "keras.config", name="p"),
    "a pickled module of PyTorch": layer(
        "TorchModuleWrapper",
        name="t",
        module={"value": base64.b64encode(b"cos\nsystem\n(S'touch canary'\ntR.").decode()},
    ),
    "a vocabulary in another file": layer("StringLookup", name="v", vocabulary="/etc/passwd"),
    "a layer registered under another name": {**layer("Mine", "canary", name="m"), "registered_name": "os>system"},
}


@pytest.mark.parametrize("name", NEVER_BUILT)
def test_what_a_config_names_is_never_built(name: str, tmp_path: Path) -> None:
    raw = zipped({"metadata.json": '{"keras_version": "3.3.3"}', "config.json": config(NEVER_BUILT[name])})
    (tmp_path / "model.keras").write_bytes(raw)
    outcome = run("inspect", "model.keras", cwd=tmp_path)
    decent(outcome, codes=(0,))
    assert "208" in outcome.text  # the LSTM is counted all the same
    assert [path.name for path in tmp_path.iterdir()] == ["model.keras"]


def patched_size(raw: bytes) -> bytes:
    """The archive whose config declares one byte."""
    changed = bytearray(raw)
    at = changed.find(b"PK\x01\x02")
    struct.pack_into("<I", changed, at + 24, 1)
    return bytes(changed)


ARCHIVES: dict[str, Callable[[], tuple[bytes, str, str]]] = {
    "a bomb": lambda: (zipped({"config.json": b"[" + b" " * 2**27}, zipfile.ZIP_DEFLATED), "LS004", "16 MiB"),
    "nested lists": lambda: (zipped({"config.json": "[" * 200_000}), "LS004", "config.json"),
    "a bomb of weights": lambda: (
        zipped({"config.json": config(), "model.weights.h5": bytes(2**27)}, zipfile.ZIP_DEFLATED), "LS004", "64 MiB"
    ),
    "70,000 members": lambda: (
        zipped({"config.json": config(), **{f"assets/{number}": "" for number in range(70_000)}}), "LS004", "members"
    ),
    "an encrypted member": lambda: (patched(zipped({"config.json": config()}), 8, 1), "LS001", "encrypted"),
    "a checksum that lies": lambda: (zipped({"config.json": config()}).replace(b"LSTM", b"lstm"), "LS001", "checksum"),
    "a size that lies": lambda: (patched_size(zipped({"config.json": config()})), "LS001", "config.json"),
    "no config": lambda: (zipped({"metadata.json": "{}"}), "LS006", "without config.json"),
    "a model in an archive": lambda: (zipped({"model.keras": TWIN}), "LS006", "without config.json"),
    "an end without members": lambda: (b"PK\x05\x06" + bytes(18), "LS006", "without config.json"),
    "a list of members that is not there": lambda: (TWIN[: len(TWIN) // 2], "LS001", "damaged"),
    "weights that are cut off": lambda: (keras(**{"model.weights.h5": h5({})[:40]}), "LS001", "model.weights.h5"),
}  # fmt: skip


@pytest.mark.parametrize("name", few(list(ARCHIVES), dev=6))
def test_an_archive_that_lies_is_refused(name: str, tmp_path: Path) -> None:
    raw, id_, word = ARCHIVES[name]()
    (tmp_path / "model.keras").write_bytes(raw)
    refused(run("inspect", "model.keras", cwd=tmp_path), id_, word)
    assert len([*tmp_path.iterdir()]) == 1


def test_the_twins_of_archives_are_read(tmp_path: Path) -> None:
    slip = keras(**{"../../canary": "x", "model.weights.h5": h5({"layers": WEIGHTS}), "assets/a.txt": "x"})
    for raw in (TWIN, slip):
        (tmp_path / "model.keras").write_bytes(raw)
        accepted(run("inspect", "model.keras", cwd=tmp_path))
    assert len([*tmp_path.iterdir()]) == 1


def test_a_folder_and_a_pipe_are_no_files(tmp_path: Path) -> None:
    (tmp_path / "folder.keras").mkdir()
    os.mkfifo(tmp_path / "pipe.keras")
    for name in ("folder.keras", "pipe.keras"):
        decent(run("inspect", name, cwd=tmp_path), codes=(2,))


MODEL = attribute("model_config", config())


def deep(levels: int) -> bytes:
    writer = Writer()
    address = writer.group()
    for _ in range(levels):
        address = writer.group(hard("g", address))
    return writer.file(hard("g", address), MODEL)


def cycle() -> bytes:
    writer = Writer()
    inner = writer.next
    writer.group(hard("self", inner))
    return writer.file(hard("a", inner), hard("b", inner), MODEL)


def tree_of_nodes(levels: int, width: int) -> bytes:
    """A group whose B-tree has levels of nodes with many children that are all the same: width**levels of them."""
    writer = Writer()
    heap = writer.next
    writer.raw += b"HEAP" + bytes(4) + struct.pack("<QQQ", 8, 1, heap + 32) + bytes(8)
    child = writer.next
    writer.raw += b"SNOD" + bytes((1, 0)) + struct.pack("<H", 0)
    for level in range(levels):
        node = writer.next
        head = b"TREE" + bytes((0, level)) + struct.pack("<HQQ", width, NOWHERE, NOWHERE)
        writer.raw += head + struct.pack("<QQ", 0, child) * width + bytes(8)
        child = node
    group = writer.add(message(17, struct.pack("<QQ", child, heap)))
    return writer.file(hard("g", group), MODEL)


def large_attribute() -> bytes:
    """An attribute of 60 MB in a heap of its own."""
    writer = Writer()
    heap = writer.next
    text = b"x" * 60_000_000
    head = b"GCOL" + bytes((1, 0, 0, 0)) + struct.pack("<Q", 32 + len(text))
    writer.raw += head + struct.pack("<HHIQ", 1, 1, 0, len(text)) + text
    name, datatype = (
        b"model_config\0",
        bytes((0x19, 1, 0, 0)) + struct.pack("<I", 16) + bytes((0x13, 0, 0, 0, 1, 0, 0, 0)),
    )
    value = struct.pack("<IQI", len(text), heap, 1)
    sizes = struct.pack("<BBHHHB", 3, 0, len(name), len(datatype), 4, 0)
    return writer.file(message(12, sizes + name + datatype + bytes((2, 0, 0, 0)) + value))


H5 = h5({"kernel": (8, 16)}, MODEL)
HARMLESS: dict[str, Callable[[], bytes]] = {
    "an external link": lambda: Writer().file(external("out", "/etc/passwd", "/"), MODEL),
    "a loop of soft links": lambda: Writer().file(soft("a", "/b"), soft("b", "/a"), MODEL),
    "a cycle of hard links": cycle,
    "8 PiB": lambda: h5({"huge": (2**50, 2)}, MODEL),
    "20 deep": lambda: deep(20),
    "a user block": lambda: (lambda writer: writer.file(MODEL))(Writer(before=b"#!/bin/sh\n".ljust(512, b"\0"))),
    "a tree": lambda: tree_of_nodes(1, 3),
}
"""What is read, since nothing of it is followed: the twins too."""
LIES: dict[str, tuple[Callable[[], bytes], str]] = {
    "1,500 deep": (lambda: deep(1_500), "LS004"),
    "an attribute of 60 MB": (large_attribute, "LS004"),
    "an attribute of 2**61 texts": (lambda: h5({}, attribute("names", "a", "b", count=2**61)), "LS00[14]"),
    "a tree of 100**30 nodes": (lambda: tree_of_nodes(30, 100), "LS004"),
    "a tree of 60,000**2 nodes": (lambda: tree_of_nodes(2, 60_000), "LS004"),
    "30,000 names of an array": (
        lambda: (lambda writer: writer.with_root(_many(writer, 30_000)))(Writer()), "LS004"
    ),
    "cut off": (lambda: H5[:-20], "LS001"),
    "a signature and nothing": (lambda: H5[:8], "LS001"),
}  # fmt: skip


def _many(writer: Writer, count: int) -> int:
    """A group of groups that each hold links to one array."""
    kernel = writer.add(array(2))
    inner = [writer.group(*(hard(f"{number}", kernel) for number in range(500))) for _ in range(count // 500)]
    return writer.group(*(hard(f"g{number}", address) for number, address in enumerate(inner)), MODEL)


@pytest.mark.parametrize("name", HARMLESS)
def test_links_and_shapes_are_names_and_numbers(name: str, tmp_path: Path) -> None:
    (tmp_path / "model.h5").write_bytes(HARMLESS[name]())
    outcome = run("inspect", "model.h5", cwd=tmp_path)
    decent(outcome, codes=(0, 1))
    assert "208" in outcome.text
    assert "passwd" not in outcome.text + outcome.said


@pytest.mark.parametrize("name", few(list(LIES), dev=5))
def test_hdf5_that_lies_is_refused(name: str, tmp_path: Path) -> None:
    make, id_ = LIES[name]
    (tmp_path / "model.h5").write_bytes(make())
    outcome = run("inspect", "model.h5", cwd=tmp_path)
    refused(outcome, "LS001" if id_ == "LS00[14]" and "LS001" in outcome.said else id_.replace("[14]", "4"))


WATCHED = """
import sys
import lstm_shapes
twins, files = sys.argv[1:3], sys.argv[3:]
for path in twins:
    lstm_shapes.inspect(path)
events = []
sys.addaudithook(lambda event, args: events.append((event, str(args[0]) if args else "")))
for path in files:
    lstm_shapes.inspect(path)
quiet = ("object.", "sys._getframe", "os.stat", "os.listdir", "gc.", "builtins.id", "code.__new__")
print(sorted({event for event in events if not event[0].startswith(quiet)}))
"""


def test_nothing_but_the_named_file_is_opened_and_no_name_in_it_is_imported(tmp_path: Path) -> None:
    files = {f"{number}.h5": make() for number, make in enumerate(HARMLESS.values())}
    for number, never in enumerate(NEVER_BUILT.values()):
        files[f"{number}.keras"] = keras(never, **{"model.weights.h5": h5({"layers": WEIGHTS})})
    for name, raw in {**files, "twin.keras": TWIN, "twin.h5": H5}.items():
        (tmp_path / name).write_bytes(raw)
    command = [sys.executable, "-W", "ignore", "-c", WATCHED, "twin.keras", "twin.h5", *files]
    ended = subprocess.run(
        command,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    events = eval(ended.stdout)
    here = (str(ROOT), sys.prefix, sys.base_prefix)  # our own modules, which are imported when they are needed
    assert {name for event, name in events if event == "open" and not name.startswith(here)} == set(files)
    imported = {name.partition(".")[0] for event, name in events if event == "import"}
    assert not imported & {"canary", "keras", "os", "subprocess", "torch"}
    assert not [event for event, _ in events if event.startswith(("socket", "subprocess", "os.", "ctypes"))], events


NAMES = ["\x1b[31mred", "::error::no", "<script>alert(1)</script>", "=1+1", "[bold]x[/bold]", "a\nb", "\u202etxt"]


@pytest.mark.parametrize("output", ["text", "json", "csv", "markdown"])
@pytest.mark.parametrize("name", few(NAMES, dev=2))
def test_names_of_the_file_are_escaped(name: str, output: str, tmp_path: Path) -> None:
    odd = layer("LSTM", name=name, units=4)
    groups = {**WEIGHTS, "lstm_1": {"cell": {"vars": {"0": (5, 16), "1": (4, 16), "2": (16,)}}}}
    (tmp_path / "model.keras").write_bytes(keras(odd, **{"model.weights.h5": h5({"layers": groups})}))
    outcome = run("inspect", "model.keras", "--output-format", output, cwd=tmp_path)
    decent(outcome, codes=(1,))
    for text in (outcome.text, outcome.said):
        assert "\x1b[31m" not in text and "\u202e" not in text
        assert not any(line.startswith("::error::no") for line in text.splitlines())

"""Checkpoints of strangers: pickles that would run code, exhaust memory or lie; safetensors whose headers lie.

Each case stands next to a harmless twin that is read: refusing everything is no way to pass.
"""

from __future__ import annotations

import io
import json
import re
import struct
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from ..profiles import few, in_ci
from .child import REFUSAL, ROOT, Outcome, accepted, decent, run, slack

MAGIC = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
HEAD = MAGIC + b"\x80\x02M\xe9\x03." + b"\x80\x02}."
"""The three pickles before the object, as PyTorch before 1.6 writes them."""


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value.encode())) + value.encode()


def tensor(*shape: int, stored: int = 10**6) -> bytes:
    """The opcodes of a tensor, those of torch.save."""
    sizes, strides, step = b"", [], 1
    for size in reversed(shape):
        strides.insert(0, step)
        step *= size
    sizes = b"(" + b"".join(b"J" + struct.pack("<i", size) for size in shape) + b"t"
    steps = b"(" + b"".join(b"J" + struct.pack("<i", size) for size in strides) + b"t"
    storage = text("storage") + b"ctorch\nFloatStorage\n" + text("0") + text("cpu") + b"J" + struct.pack("<i", stored)
    hooks = b"\x89ccollections\nOrderedDict\n)R"
    return b"ctorch._utils\n_rebuild_tensor_v2\n((" + storage + b"tQK\x00" + sizes + steps + hooks + b"tR"


def mapping(entries: Mapping[str, bytes]) -> bytes:
    return b"}(" + b"".join(text(key) + value for key, value in entries.items()) + b"u"


WEIGHTS = {"fc.weight": tensor(4, 3), "fc.bias": tensor(4)}


def state(more: Mapping[str, bytes] = {}, protocol: int = 2) -> bytes:
    """A pickle of weights, with more next to them."""
    return b"\x80" + bytes([protocol]) + mapping({"state_dict": mapping(WEIGHTS), **more}) + b"."


def archive(raw: bytes, compression: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as opened:
        opened.writestr("archive/data.pkl", raw)
        opened.writestr("archive/data/0", bytes(4))
        opened.writestr("archive/version", "3\n")
    return file.getvalue()


def legacy(raw: bytes) -> bytes:
    return HEAD + raw + b"\x80\x02]X\x01\x00\x00\x000a."


FORMS = {"zip": archive, "legacy": legacy}
SYSTEM = b"cos\nsystem\n"
TOUCH = text("touch canary")
CALLS = {
    "REDUCE": SYSTEM + b"(" + TOUCH + b"tR",
    "BUILD": b"cos\nsystem\n)R}" + text("a") + TOUCH + b"sb",
    "INST": b"(" + TOUCH + b"ios\nsystem\n",
    "OBJ": b"(" + SYSTEM + TOUCH + b"o",
    "NEWOBJ": SYSTEM + b"(" + TOUCH + b"t\x81",
    "NEWOBJ_EX": SYSTEM + b"(" + TOUCH + b"t}\x92",
    "STACK_GLOBAL": text("os") + text("system") + b"\x93(" + TOUCH + b"tR",
    "STACK_GLOBAL of memo": text("os") + b"q\x070h\x07" + text("system") + b"\x93(" + TOUCH + b"tR",
    "EXT": b"\x82\x01(" + TOUCH + b"tR",
    "getattr": b"cbuiltins\ngetattr\n(" + SYSTEM + text("__call__") + b"tR(" + TOUCH + b"tR",
    "eval": b"cbuiltins\neval\n(" + text("__import__('os').system('touch canary')") + b"tR",
    "nested in a tensor": b"ctorch._utils\n_rebuild_tensor_v2\n(" + SYSTEM + b"(" + TOUCH + b"tRK\x00))\x89NtR",
    "as a persistent id": SYSTEM + b"(" + TOUCH + b"tRQ",
    "as a dtype": b"ctorch._utils\n_rebuild_tensor_v3\n(NK\x00))\x89N" + SYSTEM + b"(" + TOUCH + b"tRtR",
}
"""Opcodes that would leave a file called canary, were they run."""
HARMLESS = b"ccollections\nOrderedDict\n)R"


def in_time(outcome: Outcome) -> None:
    assert outcome.seconds < REFUSAL or outcome.seconds < REFUSAL * slack(), f"{outcome.seconds:.1f} s"


def refused(outcome: Outcome, id_: str, words: str) -> None:
    """A file that is at fault: exit 1, in time, one finding that says why."""
    decent(outcome, codes=(1,))
    in_time(outcome)
    assert re.search(rf": {id_} .*{re.escape(words)}", outcome.said), outcome.said[:2000]


@pytest.mark.parametrize(("name", "form"), few(list(product(CALLS, FORMS)), dev=4))
def test_nothing_that_a_checkpoint_names_is_called(name: str, form: str, tmp_path: Path) -> None:
    for call, path in ((CALLS[name], "model.pt"), (HARMLESS, "twin.pt")):
        (tmp_path / path).write_bytes(FORMS[form](state({"other": call})))
        accepted(run("inspect", path, cwd=tmp_path))
    (tmp_path / "whole.pt").write_bytes(FORMS[form](b"\x80\x02" + CALLS[name] + b"."))
    refused(run("inspect", "whole.pt", cwd=tmp_path), "LS006", "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.pt", "twin.pt", "whole.pt"]


@pytest.mark.parametrize(("protocol", "form"), few(list(product(range(6), FORMS)), dev=3))
def test_every_protocol_is_read_and_no_later(protocol: int, form: str, tmp_path: Path) -> None:
    (tmp_path / "model.pt").write_bytes(FORMS[form](state(protocol=protocol)))
    accepted(run("inspect", "model.pt", cwd=tmp_path))
    (tmp_path / "later.pt").write_bytes(FORMS[form](state(protocol=6 + protocol)))
    refused(run("inspect", "later.pt", cwd=tmp_path), "LS002", f"protocol {6 + protocol}")


def doubled(times: int) -> bytes:
    """A list in a list twice, again and again: 2**times paths, few objects."""
    return b"]q\x00" + b"".join(b"](h%ch%ceq%c" % (n, n, n + 1) for n in range(times))


LARGE = {
    "a million opcodes": (b"](" + b"K\x00" * 10**6 + b"e", b"](" + b"K\x00" * 10_000 + b"e"),
    "a million memos": (b"](" + b"Nr\x01\x00\x00\x00" * 10**6 + b"e", b"](" + b"Nr\x01\x00\x00\x00" * 1_000 + b"e"),
    "a set of one list, again and again": (
        b"](" + b"K\x00" * 10_000 + b"eq\x07" + b"cbuiltins\nset\nh\x07\x85R0" * 50_000,
        b"](" + b"K\x00" * 100 + b"eq\x07" + b"cbuiltins\nset\nh\x07\x85R0" * 50,
    ),
}
"""What asks for too much, and its twin that does not."""


@in_ci
@pytest.mark.parametrize(("name", "form"), list(product(LARGE, FORMS)))
def test_what_asks_for_too_much_is_refused_in_time(name: str, form: str, tmp_path: Path) -> None:
    for part, path in zip(LARGE[name], ("model.pt", "twin.pt"), strict=True):
        (tmp_path / path).write_bytes(FORMS[form](state({"other": part})))
    refused(run("inspect", "model.pt", cwd=tmp_path), "LS004", "opcodes")
    accepted(run("inspect", "twin.pt", cwd=tmp_path))


DEEP = {
    "two to the sixty paths": doubled(60),
    "100,000 lists in each other": b"]" * 100_000 + b"a" * 99_999,
    "a tuple in a tuple": b")" + b"\x85" * 100_000,
    "a dict that contains itself": b"}q\x00" + text("a") + b"h\x00s",
    "a list that contains itself": b"]q\x00h\x00a",
    "a marks' tower": b"(" * 50_000 + b"1" * 50_000 + b"N",
    "a number of 5,000 digits": b"\x8b" + struct.pack("<i", 2_000) + b"\x7f" * 2_000,
    "keys with one hash": b"}("
    + b"".join(b"\x8a\x08" + struct.pack("<q", n * (2**48)) + b"N" for n in range(30_000))
    + b"u",
    "a text of a megabyte": text("a" * 2**20),
    "keys that are lists": b"}(]Nu",
}


@pytest.mark.parametrize(("name", "form"), few(list(product(DEEP, FORMS)), dev=6))
def test_what_is_deep_or_odd_next_to_weights_is_passed_over(name: str, form: str, tmp_path: Path) -> None:
    (tmp_path / "model.pt").write_bytes(FORMS[form](state({"other": DEEP[name]})))
    outcome = run("inspect", "model.pt", cwd=tmp_path)
    accepted(outcome)
    in_time(outcome)
    assert "total params: 16" in outcome.text


DAMAGED = {
    "cut off": state()[:-40],
    "a frame that lies": b"\x80\x04\x95" + struct.pack("<Q", 2**40) + b"N.",
    "a frame into an opcode": b"\x80\x04\x95" + struct.pack("<Q", 3) + b"K\x01K\x02\x86.",
    "a length beyond the file": b"\x80\x02X\xff\xff\xff\x7f.",
    "a negative length": b"\x80\x02T\xff\xff\xff\xffa.",
    "nothing to work on": b"\x80\x02R.",
    "no such memo": b"\x80\x02h\x09.",
    "no end": b"\x80\x02N",
    "empty": b"",
    "a tensor larger than its storage": state({"other.weight": tensor(4, 3, stored=11)}),
    "a tensor of a negative size": state({"other.weight": tensor(-4, 3)}),
}


@pytest.mark.parametrize(("name", "form"), few(list(product(DAMAGED, FORMS)), dev=4))
def test_what_is_damaged_is_refused(name: str, form: str, tmp_path: Path) -> None:
    (tmp_path / "model.pt").write_bytes(FORMS[form](DAMAGED[name]))
    refused(run("inspect", "model.pt", cwd=tmp_path), "LS[0-9]{3}", "")
    (tmp_path / "twin.pt").write_bytes(FORMS[form](state()))
    accepted(run("inspect", "twin.pt", cwd=tmp_path))


def test_a_bomb_in_a_zip_is_refused_and_a_compressed_archive_is_read(tmp_path: Path) -> None:
    (tmp_path / "bomb.pt").write_bytes(archive(b"\x80\x02" + bytes(80 * 2**20), zipfile.ZIP_DEFLATED))
    refused(run("inspect", "bomb.pt", cwd=tmp_path), "LS004", "larger than 64 MiB")
    (tmp_path / "twin.pt").write_bytes(archive(state(), zipfile.ZIP_DEFLATED))
    accepted(run("inspect", "twin.pt", cwd=tmp_path))


def test_other_pickles_are_refused_in_words_and_whatever_they_are_called(tmp_path: Path) -> None:
    for name in ("m.pkl", "m.pth", "m.yaml", "m"):
        (tmp_path / name).write_bytes(b"\x80\x04" + CALLS["REDUCE"] + b".")
        refused(run("inspect", name, cwd=tmp_path), "LS006", "a Python pickle, which is never loaded")
        (tmp_path / name).write_bytes(legacy(state()))
        accepted(run("inspect", name, cwd=tmp_path))
    assert not (tmp_path / "canary").exists()


NAMES = ["\x1b[31m", "::error::x", "a\nb", "\u202eevil", "[bold]x[/]", "=cmd|'/C'!A0", "x" * 9_000]


@pytest.mark.parametrize("name", few(NAMES, dev=3))
def test_hostile_names_of_tensors_are_escaped(name: str, tmp_path: Path) -> None:
    (tmp_path / "model.pt").write_bytes(archive(b"\x80\x02" + mapping({f"{name}.weight": tensor(4, 3)}) + b"."))
    outcome = run("inspect", "model.pt", cwd=tmp_path)
    accepted(outcome)
    assert not re.search("[\x1b\u202e]|^::", outcome.text, re.MULTILINE)
    assert (
        json.loads(run("inspect", "--output-format", "json", "model.pt", cwd=tmp_path).text)["totals"]["params"] == 12
    )


def header(tensors: Any, size: int = 0) -> bytes:
    content = json.dumps(tensors).encode()
    return struct.pack("<Q", len(content)) + content + bytes(size)


def described(begin: int, end: int, *shape: int) -> dict[str, Any]:
    return {"dtype": "F32", "shape": list(shape), "data_offsets": [begin, end]}


TWIN = header({"fc.weight": described(0, 48, 4, 3), "fc.bias": described(48, 64, 4)}, 64)
LIES = {
    "a length beyond the file": struct.pack("<Q", 2**60) + b'{"a": 1}',
    "overlapping": header({"a": described(0, 48, 4, 3), "b": described(40, 56, 4)}, 56),
    "a hole": header({"a": described(0, 48, 4, 3), "b": described(52, 68, 4)}, 68),
    "a negative size": header({"a": described(0, 48, -4, -3)}, 48),
    "twice": struct.pack("<Q", 24) + b'{"a": {}, "a": {}}      ',
    "a leading space": struct.pack("<Q", 4) + b" {} ",
    "100,000 tensors": header({f"layer{n}.weight": described(4 * n, 4 * n + 4, 1) for n in range(100_000)}, 400_000),
}


@pytest.mark.parametrize("name", few(list(LIES), dev=4))
def test_a_header_that_lies_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(LIES[name])
    refused(run("inspect", "model.safetensors", cwd=tmp_path), "LS[0-9]{3}", "")
    (tmp_path / "twin.safetensors").write_bytes(TWIN)
    accepted(run("inspect", "twin.safetensors", cwd=tmp_path))


WATCHED = """
import sys
import lstm_shapes
twin, *files = sys.argv[1:]
for path in (twin, *files):
    lstm_shapes.inspect(path)
events = []
sys.addaudithook(lambda event, args: events.append((event, str(args[0]) if args else "")))
for path in files:
    lstm_shapes.inspect(path)
quiet = ("object.", "sys._getframe", "os.stat", "gc.", "builtins.id", "marshal", "compile", "code.__new__")
seen = {event for event in events if not event[0].startswith(quiet)}
print(sorted(seen))
"""


def test_nothing_but_the_named_file_is_opened_and_nothing_is_imported(tmp_path: Path) -> None:
    files = {f"{form} {name}.pt": FORMS[form](state({"other": CALLS[name]})) for form in FORMS for name in CALLS}
    files |= {"twin.pt": archive(state()), "twin.safetensors": TWIN}
    for name, raw in files.items():
        (tmp_path / name).write_bytes(raw)
    command = [sys.executable, "-c", WATCHED, "twin.pt", *files]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True, env={"PYTHONPATH": str(ROOT)})
    assert sorted({event for event, _ in eval(ended.stdout)}) == ["open"]
    assert sorted({path for _, path in eval(ended.stdout)}) == sorted(files)

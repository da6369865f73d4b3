"""Zip archives: a Keras model by its members; what is damaged, encrypted, ambiguous or too large is one finding."""

from __future__ import annotations

import io
import struct
import sys
import warnings
import zipfile
from typing import Any

import pytest

from lstm_shapes.findings.finding import Finding
from lstm_shapes.formats import zip as archives
from lstm_shapes.formats.limits import MAX_BYTES

from .hdf5_writer import h5

CONFIG = '{"class_name": "Sequential", "config": {"layers": []}}'
WEIGHTS = h5({"layers": {"lstm": {"cell": {"vars": {"0": (8, 128)}}}}})
MODEL = {"metadata.json": '{"keras_version": "3.3.3"}', "config.json": CONFIG, "model.weights.h5": WEIGHTS}


def zipped(members: dict[str, Any], compression: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def read(raw: bytes) -> tuple[Any, tuple[Finding, ...]]:
    document = archives.read("model.keras", io.BytesIO(raw))
    return document.data, document.findings


def refused(raw: bytes) -> tuple[str, str]:
    """The id and the message of the only finding in a file of which nothing could be read."""
    data, findings = read(raw)
    assert data is None
    (finding,) = findings
    assert "\n" not in finding.message
    return finding.id, finding.message


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("before", [b"", b"#!/bin/sh\n"])
def test_a_keras_model_is_its_config_its_metadata_and_its_arrays(compression: int, before: bytes) -> None:
    data, findings = read(before + zipped(MODEL, compression))
    assert findings == ()
    assert data["config"]["class_name"] == "Sequential"
    assert data["metadata"] == {"keras_version": "3.3.3"}
    assert data["arrays"] == [{"path": "layers/lstm/cell/vars/0", "shape": [8, 128], "dtype": "float32"}]
    assert archives.read("model.keras", io.BytesIO(zipped(MODEL))).format == "keras"


def test_weights_in_several_files_are_read_together() -> None:
    parts = {f"model_0000{n}.weights.h5": h5({f"lstm_{n}": (n, 4)}) for n in (1, 2)}
    data, findings = read(zipped({"config.json": CONFIG, **parts}))
    assert ([array["path"] for array in data["arrays"]], findings) == (["lstm_1", "lstm_2"], ())


def test_without_weights_or_without_pyfive_the_config_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(zipped({"config.json": CONFIG}))[0]["arrays"] is None
    monkeypatch.delitem(sys.modules, "lstm_shapes.formats.hdf5.objects", raising=False)
    monkeypatch.setitem(sys.modules, "pyfive", None)
    data, findings = read(zipped(MODEL))
    assert (data["config"]["class_name"], data["arrays"], findings) == ("Sequential", None, ())


def test_damaged_weights_are_a_finding_beside_the_config() -> None:
    data, (finding,) = read(zipped({**MODEL, "model.weights.h5": WEIGHTS[:60]}))
    assert (data["arrays"], finding.id) == (None, "LS001")
    assert finding.message.startswith("model.weights.h5: not HDF5 that can be read")


def test_a_mistake_in_the_config_names_the_member_and_no_line() -> None:
    data, (finding,) = read(zipped({"config.json": '{"a": 1, "a": 2}'}))
    assert (data["config"], finding.id, finding.place) == ({"a": 1}, "LS003", None)
    assert refused(zipped({"config.json": "{"}))[1].startswith("config.json: not JSON")
    assert refused(zipped({"config.json": b"\xff\xfe"})) == ("LS001", "config.json: not UTF-8: byte 0xff")


def test_a_name_that_occurs_twice_is_an_error() -> None:
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w") as archive:
        warnings.simplefilter("ignore")
        for _ in range(2):
            archive.writestr("config.json", CONFIG)
    assert refused(file.getvalue()) == ("LS001", "the member 'config.json' appears twice")


def patched(raw: bytes, field: int, value: int) -> bytes:
    """The archive with a 16-bit field of every entry of its list of members changed."""
    changed = bytearray(raw)
    at = changed.find(b"PK\x01\x02")
    while at >= 0:
        struct.pack_into("<H", changed, at + field, value)
        at = changed.find(b"PK\x01\x02", at + 4)
    return bytes(changed)


def test_an_encrypted_member_and_one_packed_otherwise_are_refused() -> None:
    one = zipped({"config.json": CONFIG})
    assert refused(patched(one, 8, 1)) == ("LS001", "config.json: encrypted")
    assert refused(patched(one, 10, 12)) == ("LS001", "config.json: packed in another way than by deflate")
    assert refused(zipped({"config.json": CONFIG}, zipfile.ZIP_LZMA))[1].endswith("by deflate")


def test_content_that_is_not_that_of_the_checksum_is_refused() -> None:
    raw = zipped({"config.json": CONFIG}).replace(b"Sequential", b"sequential")
    assert refused(raw) == ("LS001", "config.json: its checksum is not that of its content")


def test_a_bomb_is_refused_by_the_size_that_it_declares() -> None:
    bomb = zipped({"config.json": b" " * (MAX_BYTES + 1)}, zipfile.ZIP_DEFLATED)
    assert len(bomb) < 100_000
    assert refused(bomb) == ("LS004", "config.json: larger than 16 MiB")
    weights = zipped({"config.json": CONFIG, "model.weights.h5": bytes(65 * 2**20)}, zipfile.ZIP_DEFLATED)
    assert refused(weights) == ("LS004", "model.weights.h5: larger than 64 MiB")
    assert read(zipped({"config.json": CONFIG + " " * 2**20}, zipfile.ZIP_DEFLATED))[1] == ()


def test_seventy_thousand_members_are_too_many_and_three_hundred_are_not() -> None:
    def many(count: int) -> bytes:
        return zipped({"config.json": CONFIG, **{f"assets/{n}.txt": b"" for n in range(count)}})

    assert refused(many(70_000)) == ("LS004", "a list of members larger than 2 MiB")
    assert read(many(300))[1] == ()


def test_a_name_that_leads_out_of_the_folder_is_a_name_and_nothing_else() -> None:
    assert read(zipped({**MODEL, "../../../tmp/made": b"x"}))[1] == ()


def test_an_archive_that_is_no_model_says_what_to_do() -> None:
    _, (finding,) = read(zipped({"sub/classifier.keras": zipped(MODEL)}))
    assert (finding.id, finding.hint) == ("LS006", "unzip it, and name sub/classifier.keras that is in it")
    _, (finding,) = read(zipped({f"model/{name}": content for name, content in MODEL.items()}))
    assert finding.hint == "zip what is in the folder model, not the folder"
    _, (finding,) = read(zipped({"notes.txt": "x"}))
    assert (finding.id, finding.hint) == ("LS006", "")


@pytest.mark.parametrize("size", range(0, 700, 61))
def test_an_archive_that_is_cut_off_is_one_finding(size: int) -> None:
    assert refused(zipped(MODEL)[:size])[0] == "LS001"

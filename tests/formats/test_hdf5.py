"""HDF5: names, shapes and attributes are read, links lead nowhere else, and a damaged file is one finding."""

from __future__ import annotations

import io
import sys
from struct import pack
from typing import Any

import pytest

from lstm_shapes.findings.finding import Finding
from lstm_shapes.formats import MissingExtra, hdf5
from lstm_shapes.formats.bounded import BoundedFile, TooLarge
from lstm_shapes.formats.limits import MAX_BYTES, MAX_DEPTH

from .hdf5_writer import Writer, array, attribute, external, h5, hard, message, soft


def read(raw: bytes) -> tuple[Any, tuple[Finding, ...]]:
    document = hdf5.read("model.h5", io.BytesIO(raw))
    return document.data, document.findings


def paths(raw: bytes) -> list[str]:
    return [array["path"] for array in read(raw)[0]["arrays"]]


MODEL = h5(
    {"lstm_1": {"lstm_1": {"kernel:0": (8, 128), "bias:0": (128,)}, "at": attribute("weight_names", "kernel:0", "b")}},
    attribute("keras_version", "2.2.4"),
    attribute("layer_names", "lstm_1"),
)


def test_arrays_have_their_path_shape_and_type_and_groups_their_attributes() -> None:
    data, findings = read(MODEL)
    assert findings == ()
    assert data["arrays"] == [
        {"path": "lstm_1/lstm_1/bias:0", "shape": [128], "dtype": "float32"},
        {"path": "lstm_1/lstm_1/kernel:0", "shape": [8, 128], "dtype": "float32"},
    ]
    assert data["attributes"] == {
        "": {"keras_version": "2.2.4", "layer_names": "lstm_1"},
        "lstm_1": {"weight_names": ["kernel:0", "b"]},
        "lstm_1/lstm_1": {},
    }


@pytest.mark.parametrize("size", [512, 1024, 4096])
def test_a_user_block_stands_before(size: int) -> None:
    writer = Writer(before=b"#!/bin/sh\n".ljust(size, b"\0"))
    raw = writer.with_root(writer.tree({"kernel": (2, 3)}))
    assert paths(raw) == ["kernel"]
    assert b"#!/bin/sh" in raw


def test_an_external_link_a_soft_link_and_a_loop_of_them_are_not_followed() -> None:
    links = (external("out", "/etc/passwd", "/"), soft("self", "/self"), soft("to", "/kernel"))
    writer = Writer()
    kernel = writer.add(array(2, 3))
    assert paths(writer.file(*links, hard("kernel", kernel))) == ["kernel"]


def test_a_group_that_holds_itself_is_visited_once() -> None:
    writer = Writer()
    kernel = writer.add(array(2))
    inner = writer.next
    writer.group(hard("kernel", kernel), hard("again", inner))
    assert paths(writer.file(hard("a", inner), hard("b", inner))) == ["a/kernel"]


def test_two_names_of_an_array_are_two_arrays() -> None:
    writer = Writer()
    kernel = writer.add(array(2))
    assert paths(writer.file(hard("a", kernel), hard("b", kernel))) == ["a", "b"]


def test_a_shape_is_only_a_number_however_large() -> None:
    data, findings = read(h5({"huge": (2**50, 2**3)}))
    assert (data["arrays"][0]["shape"], findings) == ([2**50, 2**3], ())


def test_storage_in_other_files_is_not_looked_at() -> None:
    elsewhere = message(7, pack("<BBHHHQ", 1, 0, 0, 1, 1, 64)) + message(8, pack("<BBQQ", 3, 1, 2**64 - 1, 0))
    writer = Writer()
    assert paths(writer.file(hard("kernel", writer.add(array(2, storage=elsewhere))))) == ["kernel"]


def test_an_empty_group_and_an_empty_file_have_no_arrays() -> None:
    assert read(h5({"a": {}}))[0] == {"attributes": {"": {}, "a": {}}, "arrays": []}


def test_groups_may_be_nested_as_deep_as_values_and_no_deeper() -> None:
    def nested(levels: int) -> bytes:
        writer = Writer()
        address = writer.group()
        for _ in range(levels):
            address = writer.group(hard("g", address))
        return writer.with_root(address)

    assert read(nested(MAX_DEPTH))[1] == ()
    (finding,) = read(nested(1_500))[1]
    assert (finding.id, finding.message) == ("LS004", "HDF5: groups nested more than 100 levels deep")


def test_an_attribute_that_declares_more_than_there_is_allocates_nothing() -> None:
    for count in (3, 2**31, 2**61):
        (finding,) = read(h5({}, attribute("names", "a", "b", count=count)))[1]
        assert finding.id in ("LS001", "LS004")


@pytest.mark.parametrize("raw", [MODEL[:size] for size in range(8, len(MODEL), 97)])
def test_a_file_that_is_cut_off_is_one_finding(raw: bytes) -> None:
    data, findings = read(raw)
    assert (data, [finding.id for finding in findings]) == (None, ["LS001"])
    assert "\n" not in findings[0].message


def test_flipped_bytes_are_one_finding_or_none() -> None:
    for at in range(0, len(MODEL), 5):
        raw = MODEL[:at] + bytes((MODEL[at] ^ 0xFF,)) + MODEL[at + 1 :]
        data, findings = read(raw)
        assert len(findings) == (data is None), at


def test_what_is_no_hdf5_is_said() -> None:
    (finding,) = read(b"input_dim: 8")[1]
    assert finding.message == "not HDF5 that can be read: no signature of HDF5 in it"


def test_without_pyfive_the_command_that_installs_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "lstm_shapes.formats.hdf5.objects", raising=False)
    monkeypatch.setitem(sys.modules, "pyfive", None)
    with pytest.raises(MissingExtra, match=r"model\.h5: .*needs pyfive: pip install 'lstm-shapes\[hdf5\]'"):
        hdf5.read("model.h5", io.BytesIO(MODEL))


class Endless(io.RawIOBase):
    """A file that says that it has 2**50 bytes."""

    def seek(self, offset: int, whence: int = 0) -> int:
        return 2**50 if whence == 2 else offset

    def read(self, count: int = -1) -> bytes:
        return bytes(count)


def test_a_bounded_file_gives_no_more_than_its_limits() -> None:
    file = BoundedFile(Endless())  # type: ignore[arg-type]
    with pytest.raises(TooLarge, match="16 MiB"):
        file.read(MAX_BYTES + 1)
    with pytest.raises(TooLarge, match="in all, or"):
        for _ in range(9):
            file.read(MAX_BYTES)
    assert BoundedFile(io.BytesIO(b"abc")).read(MAX_BYTES * 9) == b"abc"

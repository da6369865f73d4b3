"""Files that are no text are named for what they are."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from lstm_shapes.formats import parse, read
from lstm_shapes.formats.limits import MAX_BYTES
from lstm_shapes.formats.magic import describe


def npy() -> bytes:
    file = io.BytesIO()
    np.save(file, np.zeros((2, 3)))
    return file.getvalue()


def archive(prefix: bytes = b"") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as opened:
        opened.writestr("kernel.npy", "")
    return prefix + file.getvalue()


HDF5 = b"\x89HDF\r\n\x1a\n" + bytes(40)
FILES = {
    "weights.npy": (npy(), "a NumPy array"),
    "weights.npz": (archive(), "a zip archive"),
    "prefixed.keras": (archive(b"\x00\x01 a self-extractor"), "a zip archive"),
    "model.pkl": (b"\x80\x04N.", "a Python pickle, which is never loaded"),
    "model.json.gz": (b"\x1f\x8b\x08", "a gzip archive"),
}


@pytest.mark.parametrize("raw", [HDF5, b"a user block".ljust(1024, b"\0") + HDF5, HDF5 + bytes(MAX_BYTES)])
def test_hdf5_is_told_by_its_signature_whatever_it_is_called_and_however_large(raw: bytes) -> None:
    assert describe(raw) == "an HDF5 file"
    (finding,) = parse("model.yaml", raw).findings
    assert finding.message.startswith("not HDF5 that can be read")


@pytest.mark.parametrize(
    "raw", [b"\x08\x07\x12\x07pytorch\x1a\x051.8.0:\x02\n\x00", b"\x08\x0aB\x04\n\x00\x10\x11:\x02\n\x00"]
)
def test_onnx_is_told_by_its_first_fields_whatever_it_is_called(raw: bytes) -> None:
    assert describe(raw) == "an ONNX model"
    document = parse("model.yaml", raw)
    assert (document.format, len(document.data["graph"]["nodes"])) == ("onnx", 1)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("called", ["", ".yaml", ".json"])
def test_what_is_no_text_is_named_whatever_it_is_called(name: str, called: str, tmp_path: Path) -> None:
    raw, what = FILES[name]
    (tmp_path / f"{name}{called}").write_bytes(raw)
    (finding,) = read(str(tmp_path / f"{name}{called}")).findings
    assert finding.id == "LS006"
    assert finding.message.startswith(what)


@pytest.mark.parametrize(
    "text",
    ["layers: []", '{"layers": []}', "", "PK: 1", "# \x89HDF", " " * 600 + "a: 1", 'abcdefgh{"a": 1}', "x: PK\x05\x06"],
)
def test_text_is_none_of_them(text: str) -> None:
    assert describe(text.encode()) == ""


def test_a_text_that_is_too_large_is_said_to_be_and_its_beginning_is_kept() -> None:
    document = parse("m.yaml", b"layers:\n" + b"- {type: lstm}\n" * 2**21)
    assert [finding.id for finding in document.findings] == ["LS004"]
    assert document.text.startswith("layers:\n")
    assert len(document.text) <= 2**16

"""What a file that is no text is, by its first bytes: messages name it, since its characters say nothing."""

from __future__ import annotations

import re

_PICKLE = "a Python pickle, which is never loaded"
_MAGIC = {
    b"PK\x03\x04": "a zip archive",
    b"PK\x05\x06": "a zip archive without members",
    b"\x89HDF": "an HDF5 file",
    b"\x93NUMPY": "a NumPy array (.npy)",
    b"\x80\x02": _PICKLE,
    b"\x80\x03": _PICKLE,
    b"\x80\x04": _PICKLE,
    b"\x80\x05": _PICKLE,
    b"\x1f\x8b": "a gzip archive",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}
_FORMATS = {
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"\x89HDF": "hdf5",
    b"\x80\x02": "pickle",
    b"\x80\x03": "pickle",
    b"\x80\x04": "pickle",
    b"\x80\x05": "pickle",
    b"L119547037146038801333356L\n": "pickle",
}
_PICKLES = (".pt", ".pth", ".pkl", ".pickle")
"""Suffixes of pickles, whose first byte says nothing before protocol 2."""
_ONNX = re.compile(rb"\x08[\x01-\x7f](?:[\x12\x1a\x22\x32\x3a\x42\x72]|\x28)")
"""ir_version, field 1 of a ModelProto, then any of its other fields."""
_SAFETENSORS = re.compile(rb'.{8} *\{\s*"', re.DOTALL)
_ZIP_END, _ZIP_TAIL = b"PK\x05\x06", 22 + 2**16


def binary_format(beginning: bytes, suffix: str = "") -> str:
    """The binary format of a file by its beginning: zip, hdf5, pickle, safetensors, onnx; '' when it may be text.

    The suffix decides where the bytes do not: an ONNX model may begin with any of its fields.

    >>> binary_format(b"\\x89HDF\\r\\n..."), binary_format(b"input_dim: 8")
    ('hdf5', '')
    """
    for magic, name in _FORMATS.items():
        if beginning.startswith(magic):
            return name
    if _is_hdf5_with_user_block(beginning):
        return "hdf5"
    if suffix == ".safetensors" or (_SAFETENSORS.match(beginning) and b"\0" in beginning[:8]):
        return "safetensors"
    if suffix == ".onnx" or _ONNX.match(beginning):
        return "onnx"
    return "pickle" if suffix in _PICKLES else ""


def describe(raw: bytes) -> str:
    """What these bytes are; '' when they may be text.

    >>> describe(b"PK\\x03\\x04..."), describe(b"input_dim: 8")
    ('a zip archive', '')
    """
    known = next((what for magic, what in _MAGIC.items() if raw.startswith(magic)), "")
    if known:
        return known
    if _is_hdf5_with_user_block(raw):
        return "an HDF5 file"
    if _SAFETENSORS.match(raw) and 2 <= int.from_bytes(raw[:8], "little") < 2**40 and b"\0" in raw[:8]:
        return "a safetensors file"
    if _ONNX.match(raw):
        return "an ONNX model"
    if raw[257:262] == b"ustar":
        return "a tar archive"
    if b"\0" in raw and _ZIP_END in raw[-_ZIP_TAIL:]:
        return "a zip archive"
    return ""


def _is_hdf5_with_user_block(raw: bytes) -> bool:
    """HDF5's signature may stand at 512, 1024, 2048 ... bytes, after text of the user's."""
    start = 512
    while start < len(raw):
        if raw.startswith(b"\x89HDF\r\n\x1a\n", start):
            return True
        start *= 2
    return False

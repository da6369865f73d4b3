"""Pickles walked without building anything: plain values come through, everything else is a name."""

from __future__ import annotations

import argparse
import pickle
from collections import OrderedDict
from io import BytesIO

import pytest

from lstm_shapes.formats import pickle_opcodes
from lstm_shapes.formats.pickle_opcodes import MAX_TEXT, Walk
from lstm_shapes.formats.pickled import Opaque, RefusedPickle, StorageInfo, TensorInfo


def walk(raw: bytes) -> object:
    return Walk(BytesIO(raw)).value


class Canary:
    """Leaves a mark when it is built."""

    built = False

    def __reduce__(self) -> tuple[object, ...]:
        return _sing, ("now",)


def _sing(*args: object) -> None:
    Canary.built = True


@pytest.mark.parametrize("protocol", range(6))
def test_plain_values_come_through(protocol: int) -> None:
    plain = {"a": [1, -2.5, None, True, False], "b": ((), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)), "c": {"d": 2**80}}
    assert walk(pickle.dumps(plain, protocol)) == plain
    assert walk(pickle.dumps(OrderedDict(a=1, b=[2]), protocol)) == {"a": 1, "b": [2]}
    assert sorted(walk(pickle.dumps({3, 4}, protocol))) == [3, 4]  # type: ignore[call-overload]


@pytest.mark.parametrize("protocol", range(6))
def test_an_object_is_its_name_and_is_not_built(protocol: int) -> None:
    raw = pickle.dumps({"one": Canary(), "options": argparse.Namespace(lr=1)}, protocol)
    assert walk(raw) == {"one": Opaque(f"{__name__}._sing"), "options": Opaque("argparse.Namespace")}
    assert not Canary.built
    pickle.loads(raw)
    assert Canary.built
    Canary.built = False


def tensor(size: bytes = b"K\x04K\x03\x86", strides: bytes = b"K\x03K\x01\x86", stored: bytes = b"K\x0c") -> bytes:
    """The opcodes of a tensor, as torch.save writes them."""
    storage = b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpu" + stored + b"tQ"
    hooks = b"\x89ccollections\nOrderedDict\n)R"
    return b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"K\x00" + size + strides + hooks + b"tR."


def test_a_tensor_is_its_shape() -> None:
    assert walk(tensor()) == TensorInfo((4, 3), "float32", StorageInfo("0", "float32", 12), 0, (3, 1))


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (tensor(size=b"K\x05K\x03\x86"), "which is too small for it"),
        (tensor(size=b"J\xff\xff\xff\xffK\x03\x86"), "whose sizes are no sizes"),
        (tensor(size=b"\x88K\x03\x86"), "whose sizes are no sizes"),
        (tensor(strides=b"K\x01\x85"), "whose sizes are no sizes"),
        (b"\x80\x09N.", "protocol 9"),
        (b"\x80\x04\x97.", "outside the file"),
        (b"\x80\x04K\x01K\x02\x93.", "STACK_GLOBAL without two names"),
        (b"\x80\x020.", "nothing to work on"),
        (b"\x80\x02h\x05.", "nothing to work on"),
        (b"\x80\x02NN.", "leaves no single value"),
        (b"\x80\x02}", "ends in the middle"),
        (b"\x80\x02X\xff\xff\xff\x7fab.", "ends in the middle"),
        (b"\x80\x04\x95\xff\x00\x00\x00\x00\x00\x00\x00N.", "ends in the middle"),
        (b"\x80\x04\x95\x03\x00\x00\x00\x00\x00\x00\x00K\x01K\x02\x86.", "a frame that ends inside an opcode"),
        (b"\xff\xff", "not a pickle"),
        (b"\x80\x02" + b"]0" * 10_000 + b"N.", "more than 10,000 opcodes"),
        (b"\x80\x02](" + b"K\x00" * 1_000 + b"eq\x00" + b"cbuiltins\nset\nh\x00\x85R0" * 100 + b"N.", "opcodes"),
    ],
)
def test_what_is_wrong_is_said(raw: bytes, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pickle_opcodes, "MAX_STEPS", 10_000)
    with pytest.raises(RefusedPickle, match=message):
        walk(raw)


def test_a_frame_that_is_as_long_as_it_says_is_read() -> None:
    assert walk(pickle.dumps(list(range(300)), 5)) == list(range(300))
    assert walk(b"\x80\x04\x95\x06\x00\x00\x00\x00\x00\x00\x00K\x01K\x02\x86.") == (1, 2)


def test_a_very_long_text_is_not_kept() -> None:
    assert walk(pickle.dumps(["a" * MAX_TEXT, "a" * (MAX_TEXT + 1)])) == ["a" * MAX_TEXT, Opaque("text")]


def test_a_value_that_contains_itself_is_walked_once() -> None:
    assert isinstance(walk(b"\x80\x02]q\x00h\x00a."), list)


@pytest.mark.parametrize(
    "raw",
    [
        b"(S'now'\ni" + __name__.encode() + b"\n_sing\n.",
        b"(c" + __name__.encode() + b"\n_sing\nS'now'\no.",
        b"\x80\x02c" + __name__.encode() + b"\n_sing\n(S'now'\nt\x81.",
        b"\x80\x04c" + __name__.encode() + b"\n_sing\n)}\x92.",
        b"\x80\x02\x82\x01.",
        b"\x80\x02c" + __name__.encode() + b"\n_sing\n)R}b.",
    ],
)
def test_no_opcode_builds_anything(raw: bytes) -> None:
    assert isinstance(walk(raw), Opaque)
    assert not Canary.built

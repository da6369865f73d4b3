"""JSON against the standard library's reader, places against the text itself; then bytes and paths of any format."""

import json
import math
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

import lstm_shapes
from lstm_shapes.findings.finding import Place
from lstm_shapes.findings.kinds import KINDS
from lstm_shapes.formats import NoSuchFile, parse, read
from lstm_shapes.formats import json as reader
from lstm_shapes.formats.document import Document
from lstm_shapes.formats.limits import MAX_BYTES, MAX_DEPTH, MAX_DIGITS

from ..hypothesis_profiles import given, st
from ..profiles import rounds


def clean(text: str | bytes, source: str = "model.json") -> Document:
    document = parse(source, text.encode() if isinstance(text, str) else text)
    assert document.findings == ()
    return document


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**38), 10**38)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
TREES = st.recursive(
    LEAVES, lambda values: st.lists(values, max_size=5) | st.dictionaries(st.text(), values, max_size=5), max_leaves=25
)


@given(TREES, st.sampled_from((None, 0, 2, "\t")), st.booleans(), st.sampled_from(("", " ", "\r\n")))
def test_json_is_read_as_the_standard_library_reads_it(tree, indent, ascii, around):
    text = around + json.dumps(tree, indent=indent, ensure_ascii=ascii) + around
    assert repr(clean(text).data) == repr(json.loads(text))


@pytest.mark.parametrize(
    "text",
    ["-0", "-0.0", "1E5", "1e-7", "1e+2", "0.5e0", "1e400", "-1e400", '"\\ud83d\\ude00\\/\\u0000"', "[ ]", "{\r}"],
)
def test_so_are_the_rarer_spellings(text):
    assert repr(clean(text).data) == repr(json.loads(text))


class Writer:
    """Writes random JSON and notes where each value and key begins and ends."""

    def __init__(self, seed: int) -> None:
        self.random, self.text = random.Random(seed), ""
        self.spans: dict[tuple, tuple[int, int]] = {}
        self.keys: dict[tuple, tuple[int, int]] = {}

    def blank(self) -> None:
        self.text += self.random.choice(["", "", " ", "\n", "\r\n", "\r", "\t", " \n  "])

    def value(self, route: tuple = (), depth: int = 4) -> None:
        self.blank()
        start = len(self.text)
        kind = self.random.choice("[{s") if depth else "s"
        if kind == "s":
            self.text += self.random.choice(["12", "-1.5e3", "true", "null", '"x"', '"é😀\\n\\u00e9"', '""'])
        else:
            self.items(kind, route, depth)
        self.spans[route] = start, len(self.text)
        self.blank()

    def items(self, kind: str, route: tuple, depth: int) -> None:
        self.text += kind
        self.blank()
        for index in range(self.random.randint(0, 4)):
            self.text += "," if index else ""
            step: str | int = index
            if kind == "{":
                step = f"é{index}"
                self.blank()
                self.keys[(*route, step)] = len(self.text), len(self.text) + 4
                self.text += f'"{step}"'
                self.blank()
                self.text += ":"
            self.value((*route, step), depth - 1)
        self.text += "]" if kind == "[" else "}"


def counted(text: str, start: int, end: int) -> Place:
    """The place between two offsets, counted in the text before them."""
    (line, column), (end_line, end_column) = (
        (len(lines), len(lines[-1]) + 1) for lines in (re.split("\r\n|\n|\r", text[:at]) for at in (start, end))
    )
    return Place(line=line, column=column, end_line=end_line, end_column=end_column)


@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_values_and_keys_stand_where_they_were_written(bom):
    places, texts = 0, rounds(400, dev=100)
    for seed in range(texts):
        writer = Writer(seed)
        writer.value()
        document = clean(bom + writer.text)
        assert document.data == json.loads(writer.text)
        for spans, key in ((writer.spans, False), (writer.keys, True)):
            for route, span in spans.items():
                assert document.place(route, key=key) == counted(writer.text, *span), (writer.text, route)
                places += 1
    assert places > 7 * texts


HOSTILE = {
    "nesting": ("[" * 5_000 + "]" * 5_000, "too-large", MAX_DEPTH, "nested", "[" * MAX_DEPTH + "]" * MAX_DEPTH),
    "open brackets": ('{"a":[' * 200_000, "too-large", 6 * MAX_DEPTH // 2, "nested", '{"a":[]}'),
    "NaN": ("[1, NaN]", "syntax", 4, "expected a value, got 'NaN'", '[1, "NaN"]'),
    "Infinity": ("[-Infinity]", "syntax", 1, "got '-'", "[-1]"),
    "text behind": ("{} {}", "syntax", 3, "text after the end", "{} \n"),
    "comma before a brace": ('{"a": 1,}', "syntax", 8, "a key in double quotes, got '}'", '{"a": 1}'),
    "comma before a bracket": ("[1,]", "syntax", 3, "a value, got ']'", "[1]"),
    "no comma": ("[1 2]", "syntax", 3, "a comma or ], got '2'", "[1,2]"),
    "no colon": ('{"a" 1}', "syntax", 5, "a colon, got '1'", '{"a":1}'),
    "single quotes": ("{'a': 1}", "syntax", 1, "a key in double quotes", '{"a": 1}'),
    "a comment": ("[] // x", "syntax", 3, "text after", "[] "),
    "leading zero": ("[010]", "syntax", 2, "got '10'", "[10]"),
    "nothing": ("", "syntax", 0, "got the end", "0"),
    "unclosed": ('{"a": [1', "syntax", 8, "got the end", '{"a": [1]}'),
    "unclosed text": ('["abc', "syntax", 1, "unterminated string", '["abc"]'),
    "NUL in a text": ('["\0"]', "syntax", 2, "control character", '["\\u0000"]'),
    "no-break space": ("[\u00a01]", "syntax", 1, "a value", '["\u00a01"]'),
    "lone surrogate": ('["\\ud800"]', "syntax", 1, "lone surrogate", '["\\ud83d\\ude00"]'),
    "lone surrogate in a key": ('{"\\udc00": 1}', "syntax", 1, "lone surrogate", '{"\\u00dc": 1}'),
    "key twice": ('{"a": 1, "\\u0061": 2}', "duplicate-key", 9, "'a' appears twice", '{"a": 1, "A": 2}'),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_texts_are_refused_quickly_and_where_they_stand(case):
    text, kind, at, message, twin = HOSTILE[case]
    start = time.process_time()
    finding = parse("model.json", text.encode()).findings[0]
    assert time.process_time() - start < 2
    assert (finding.kind, finding.place.line, finding.place.column) == (kind, 1, at + 1)
    assert message in finding.message
    assert repr(clean(twin).data) == repr(json.loads(twin))


@pytest.mark.parametrize("innermost", ["[]", "{}", "1", "[1]", '{"a": []}'])
def test_both_readers_stop_at_the_same_depth(innermost):
    for depth in range(MAX_DEPTH - 3, MAX_DEPTH + 3):
        text = "[" * depth + innermost + "]" * depth
        document, again = parse("model.json", text.encode()), reader._read_with_marks("model.json", text)
        assert (document.data, document.findings) == (again.data, again.findings)


def test_a_text_is_read_again_for_its_places_only_when_one_is_asked_for(monkeypatch):
    read_again = []
    real = reader._Reader.document
    monkeypatch.setattr(reader._Reader, "document", lambda self: read_again.append(self.text) or real(self))
    document = clean('{"a": [1,\n 2]}')
    assert read_again == []
    assert [document.place(("a", index)).line for index in (0, 1)] == [1, 2]
    assert len(read_again) == 1


def test_long_integers_are_infinite_and_shorter_ones_exact():
    for digits in (MAX_DIGITS + 1, 5_000, 100_000):
        assert clean("9" * digits).data == math.inf
        assert clean("-" + "9" * digits).data == -math.inf
    assert clean("9" * MAX_DIGITS).data == 10**MAX_DIGITS - 1


def test_a_key_that_stands_twice_keeps_its_first_value_and_names_its_line():
    document = parse("model.json", b'{"a": 1,\n "a": [2, {"b": 1, "b": 2}],\n "a": 3}')
    assert document.data == {"a": 1}
    assert [finding.place.line for finding in document.findings] == [2, 2, 3]
    assert document.findings[-1].hint == "keep one of the two; the first is on line 1"


def test_more_values_than_the_limit_are_refused(monkeypatch):
    monkeypatch.setattr(reader, "MAX_NODES", 1_000)  # the real one takes a gigabyte to reach
    assert len(clean("[" + "1," * 998 + "1]").data) == 999
    assert parse("m.json", b"[" + b"1," * 999 + b"1]").findings[0].kind == "too-large"


def seconds(layers: int) -> float:
    text = json.dumps({"layers": [{"type": "lstm", "name": f"l{i}", "units": i} for i in range(layers)]}, indent=1)
    start = time.process_time()
    document = clean(text)
    spent = time.process_time() - start
    assert document.place(("layers", layers - 1, "units")).line == 5 * layers + 1
    return spent


def test_ten_times_as_many_layers_take_some_ten_times_as_long():
    layers = rounds(5_000, dev=600)
    few = min(seconds(layers) for _ in range(3))
    assert seconds(10 * layers) < 35 * few  # what is quadratic takes a hundred times as long


def strict(raw: bytes):
    """What the standard library reads when what is ambiguous is refused."""

    def once(pairs):
        if len(dict(pairs)) < len(pairs):
            raise ValueError("a key twice")
        return dict(pairs)

    def never(word):
        raise ValueError(word)

    data = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=once, parse_constant=never)
    json.dumps(data, ensure_ascii=False).encode()  # lone surrogates end here
    return data


def test_mutated_texts_are_read_or_refused_as_the_standard_library_does_and_nothing_is_raised():
    chance = random.Random(1)
    seed = '{"a": [1, -2.5e3, "é\\n\\ud83d\\ude00"],\r\n "b": {"c": null, "a": true}, "d": []}'.encode()
    pieces = [
        b"[",
        b"]",
        b"{",
        b"}",
        b",",
        b":",
        b'"',
        b"\\",
        b"1",
        b"-",
        b"e",
        b"NaN",
        b"\n",
        b"\0",
        b"\xff",
        b'"a":',
        b"\\ud800",
    ]
    accepted = 0
    for turn in range(rounds(8_000)):
        raw = seed
        for _ in range(chance.randint(1, 3)):
            at, to = sorted(chance.choices(range(len(raw) + 1), k=2))
            raw = chance.choice(
                [raw[:at] + raw[at + 1 :], raw[:at] + chance.choice(pieces) + raw[at:], raw[:at] + raw[to:]]
            )
        raw = chance.randbytes(chance.randint(0, 20)) if turn % 8 == 0 else raw
        try:
            expected = repr(strict(raw))
        except ValueError:
            expected = None
        document = parse("model.json", raw)
        assert (repr(document.data) if not document.findings else None) == expected, raw
        assert all(f.kind in KINDS and f.place.line >= 1 and f.place.column >= 1 for f in document.findings)
        accepted += expected is not None
    assert rounds(300) < accepted < rounds(7_000)


@pytest.mark.parametrize("source", ["m.json", "m.yaml", "model", "m.txt"])
def test_bytes_that_are_no_text_are_refused_whatever_the_name(source):
    assert clean('\ufeff{"a": "é"}', source).data == {"a": "é"}
    for raw in (b"PK\x03\x04", b"\x89HDF\r\n"):
        assert [finding.kind for finding in parse(source, raw).findings] == ["unreadable"]
    for raw in (
        '{"a": "é"}'.encode("utf-16"),
        b"\x80\x04\x95",
        b"\x80\x02}",
        b"\xfe\xff\0a",
    ):
        assert [finding.kind for finding in parse(source, raw).findings] == ["not-a-model"]
    assert parse(source, '{"a": 1}'.encode("utf-16-le")).findings[0].kind == "syntax"


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r", "\x85", "\u2028"])
@pytest.mark.parametrize("wrong", [b"\xff", b"\xc3(", b"\xed\xa0\x80", b"\xc3"])
def test_a_byte_that_is_not_utf_8_is_named_with_its_place(bom, line_break, wrong):
    (finding,) = parse("m.yaml", bom + f"a: é{line_break}bc: é😀".encode() + wrong).findings
    assert (finding.kind, finding.message) == ("unreadable", f"not UTF-8: byte 0x{wrong[0]:02x}")
    assert (finding.place.line, finding.place.column) == (2, 7)


def test_a_name_without_a_known_suffix_is_read_by_its_first_characters():
    assert clean('{"a": 010}', "model.yaml").data == {"a": 10}
    assert parse("model.txt", b'{"a": 010}').findings[0].message.startswith("not JSON")
    assert clean("{a: 010}", "model.txt").data == {"a": 10}
    assert clean(" {}", "model").data == {}
    assert parse("MODEL.JSON", b"a: 1").findings[0].message.startswith("not JSON")


def waited(*_):
    raise TimeoutError("the reader waits")


@pytest.fixture
def paths(tmp_path, monkeypatch):
    """Things that are no files, and a file beside them; a reader that waits is woken after twenty seconds."""
    monkeypatch.chdir(tmp_path)
    before = signal.signal(signal.SIGALRM, waited)
    signal.alarm(20)
    (tmp_path / "model.json").write_text('{"a": 1}')
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "loop.json").symlink_to("loop.json")
    (tmp_path / "link.json").symlink_to("model.json")
    os.mkfifo(tmp_path / "pipe.json")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.json")
        yield tmp_path
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def test_what_is_no_file_is_refused_at_once(paths):
    for name, reason in {
        "folder.json": "a directory, not a file",
        "pipe.json": "a named pipe, not a file",
        "socket.json": "a socket, not a file",
        "/dev/zero": "a device, not a file",
        "loop.json": "too many levels of symbolic links",
        "none.json": "no such file or directory",
        "model.json/x": "not a directory",
        "x" * 300: "file name too long",
        "a\0b": "a path cannot contain a NUL character",
        "": "no such file or directory",
    }.items():
        with pytest.raises(NoSuchFile) as caught:
            read(name)
        assert str(caught.value) == f"{name}: {reason}"


def test_files_and_links_to_them_are_read_whatever_bytes_their_name_has(paths):
    odd = os.fsdecode(b"\xff model.json")
    os.rename("model.json", odd)
    assert read(odd).data == {"a": 1}
    os.rename(odd, "model.json")
    assert read("link.json").data == read(str(paths / "model.json")).data == {"a": 1}
    assert sorted(os.listdir()) == sorted(
        ["model.json", "folder.json", "loop.json", "link.json", "pipe.json", "socket.json"]
    )


def test_a_file_larger_than_the_limit_is_not_read(paths):
    with open("large.yaml", "wb") as file:
        file.truncate(2**40)  # a hole, which takes no room
    (finding,) = read("large.yaml").findings
    assert (finding.kind, finding.message) == ("too-large", f"larger than {MAX_BYTES // 2**20} MiB")
    with open("large.yaml", "wb") as file:
        file.write(b"a: 1 #" + b"x" * (MAX_BYTES - 6))
    assert read("large.yaml").data == {"a": 1}


def test_a_dash_is_standard_input_under_the_name_it_is_given():
    code = (
        "from lstm_shapes.formats import read; d = read('-', name='m.yaml'); print(d.source, d.data, read('-').source)"
    )
    root = str(Path(lstm_shapes.__file__).parents[1])
    done = subprocess.run([sys.executable, "-c", code], input=b"a: 010", capture_output=True, check=True, cwd=root)
    assert done.stdout.split() == b"m.yaml {'a': 10} <stdin>".split()

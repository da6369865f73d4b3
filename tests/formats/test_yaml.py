"""YAML: the scalars of 1.2, the places PyYAML's composer gives, and what strangers may send."""

import math
import random
import re
import time

import pytest
import yaml

from lstm_shapes.findings.finding import Place
from lstm_shapes.findings.kinds import KINDS
from lstm_shapes.formats import parse
from lstm_shapes.formats.document import Document
from lstm_shapes.formats.limits import MAX_DEPTH

from ..hypothesis_profiles import given, st
from ..profiles import rounds


def read(text: str | bytes) -> Document:
    return parse("model.yaml", text.encode() if isinstance(text, str) else text)


def clean(text: str | bytes) -> Document:
    document = read(text)
    assert document.findings == ()
    return document


def kinds(document: Document) -> list[str]:
    return [finding.kind for finding in document.findings]


SCALARS = {  # the table of chapter 10.3.2 of YAML 1.2.2, and the spellings that 1.1 read otherwise
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **{"0": 0, "010": 10, "-19": -19, "+12": 12, "0o17": 15, "0x1F": 31, "0x1f": 31, str(2**64): 2**64},
    **{"1e3": 1000.0, "0.": 0.0, "-0.0": -0.0, ".5": 0.5, "+12e03": 12000.0, "-2E+05": -200000.0, "1.5e-3": 0.0015},
    **{".inf": math.inf, "-.Inf": -math.inf, "+.INF": math.inf, "1e400": math.inf},
    **{word: word for word in ("no", "yes", "on", "off", "y", "N", "nULL", "tRUE", "inf", "nan", "NaN")},
    **{
        word: word
        for word in ("1_000", "1:30", "0b11", "0o8", "+0x1F", "-0o7", "1e", ".", "+", "0x", "2001-01-01", "=", "1 2")
    },
    **{"'5'": "5", '"null"': "null", "'true'": "true", '""': "", "'<<'": "<<"},
}


@pytest.mark.parametrize("written", SCALARS)
def test_scalars_are_those_of_the_core_schema_of_yaml_1_2(written):
    for text in (f"key: {written}", f"[{written or '~'}]", f"- {written}"):
        (value,) = clean(text).data.values() if text[0] == "k" else clean(text).data
        assert repr(value) == repr(SCALARS[written])


def test_not_a_number_is_one_and_keys_are_texts_whatever_they_look_like():
    assert math.isnan(clean("a: .nan").data["a"])
    assert clean("{1: a, true: b, null: c, 0x1F: d, no: e}").data == {
        "1": "a",
        "true": "b",
        "null": "c",
        "0x1F": "d",
        "no": "e",
    }


LETTERS = st.text(
    alphabet=st.sampled_from("abcxyzAN~ :#-?!&*|>%@`'\"\\,[]{}<=.\n\t_é\u0085\u2028\U0001f600\x07"), max_size=12
)
WORDS = LETTERS.filter(lambda text: not re.fullmatch(r"[-+.=]*", text) or text == "")
LEAVES = st.none() | st.booleans() | st.integers(-(10**38), 10**38) | st.floats(allow_nan=False) | WORDS
TREES = st.recursive(
    LEAVES, lambda values: st.lists(values, max_size=4) | st.dictionaries(WORDS, values, max_size=4), max_leaves=25
)


class Plain(yaml.SafeDumper):
    def ignore_aliases(self, data):
        return True


def dumped(tree, **style) -> str:
    return yaml.dump(tree, Dumper=Plain, sort_keys=False, **style)


@given(TREES, st.sampled_from((True, False, None)), st.booleans(), st.sampled_from((None, '"', "'")))
def test_what_pyyaml_writes_is_read_as_pyyaml_reads_it(tree, flow, wide, quotes):
    style = {"default_style": quotes} if quotes and not re.search(r"None|True|False|[0-9]", repr(tree)) else {}
    text = dumped(tree, default_flow_style=flow, allow_unicode=wide, **style)
    if "!!" in text:  # a quoted number needs its tag
        return
    assert repr(clean(text).data) == repr(yaml.load(text, yaml.CSafeLoader))


def composed(node, route=()):
    """Every value's route and node, and every key's, as the pure Python composer sees them."""
    yield route, node, False
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from composed(item, (*route, index))
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*route, key.value), key, True
            yield from composed(value, (*route, key.value))


@given(
    TREES, st.sampled_from((True, False, None)), st.sampled_from(("\n", "\r\n", "\r", "\x85", "\u2028")), st.booleans()
)
def test_values_and_keys_stand_where_pyyamls_composer_sees_them(tree, flow, line_break, bom):
    text = "# first\n" + dumped(tree, default_flow_style=flow, allow_unicode=False).replace("\n", line_break)
    document = clean(("\ufeff" if bom else "") + text)
    for route, node, key in composed(yaml.compose(text, yaml.SafeLoader)):
        start, end = node.start_mark, node.end_mark
        found = document.place(route, key=key)
        assert (found.line, found.column) == (start.line + 1, start.column + 1), route
        if isinstance(node, yaml.ScalarNode) or node.flow_style:
            assert (found.end_line, found.end_column) == (end.line + 1, end.column + 1), route


@pytest.mark.parametrize(
    "text", ["a: 1", "a:", "- a\n-", "a: |\n  x", "- - a", "a: b\nc: &x", "a: 1\n\n# end", "a: 1\rb: 2"]
)
def test_a_text_without_a_last_line_break_ends_on_its_last_line(text):
    end = yaml.compose(text, yaml.SafeLoader).end_mark
    found = clean(text).place(())
    assert (found.end_line, found.end_column) == (end.line + 1, end.column + 1)


def test_a_place_that_is_not_there_is_its_nearest_ancestors():
    document = clean("layers:\n  - type: lstm\n    units: 4\n")
    assert document.place(("layers", 0, "units", "x", 3)) == document.place(("layers", 0, "units"))
    assert document.place(("layers", 7)) == document.place(("layers",))
    assert document.place(("nothing",)) == document.place(()) == Place(line=1, column=1, end_line=4, end_column=1)
    assert document.place(("layers", 0, "units"), key=True) == Place(line=3, column=5, end_line=3, end_column=10)


LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 10)
)
TOWER = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 1200))


def deep(levels: int) -> str:
    """An alias of a deep value, the deepest not being its last, inside as many brackets."""
    opened, closed = "[" * levels, "]" * levels
    return f"a: &a [{opened}{closed}, []]\nb: {opened}*a{closed}"


HOSTILE = [
    # name, text, kind, line, column, what the message holds, a harmless twin
    ("brackets", "[" * 200_000, "too-large", 1, MAX_DEPTH + 1, "nested", "[" * MAX_DEPTH + "]" * MAX_DEPTH),
    ("brackets in a mapping", "a: é\nb: " + "[" * 2_000, "too-large", 2, 3 + MAX_DEPTH, "nested", "b: [[]]"),
    ("braces", "{a: " * 100_000, "too-large", 1, 4 * MAX_DEPTH + 1, "nested", "{a: " * MAX_DEPTH + "}" * MAX_DEPTH),
    ("dashes", "- " * 100_000, "too-large", 1, 2 * MAX_DEPTH + 1, "nested", "- " * MAX_DEPTH),
    ("keys in keys", "? " * 100_000, "unsupported-yaml", 1, 3, "not plain text", "? a\n: b"),
    ("billion laughs", LAUGHS, "too-large", 6, 40, "500,000 values", LAUGHS[: LAUGHS.index("a3:")]),
    ("a tower of aliases", TOWER, "too-large", MAX_DEPTH, 12, "nested", TOWER[: TOWER.index("a90:")]),
    ("an alias deep inside", deep(60), "too-large", 2, 64, "nested", deep(30)),
    ("recursive alias", "a: &a\n  - *a", "unsupported-yaml", 2, 5, "*a contains itself", "a: &a\n  - b\nc: *a"),
    ("unknown alias", "a: *b\nb: &b 1", "syntax", 1, 4, "*b refers to no anchor above", "b: &b 1\na: *b"),
    ("merge key", "a: &a {x: 1}\nb:\n  <<: *a", "unsupported-yaml", 3, 3, "merge key", 'b:\n  "<<": a'),
    (
        "merge bomb",
        f"a: &a {{x: 1}}\nb: {{<<: [{'*a, ' * 9000}*a]}}",
        "unsupported-yaml",
        2,
        5,
        "merge key",
        "b: {<: 1}",
    ),
    ("python object", "a: !!python/object/apply:os.system [ls]", "unsupported-yaml", 1, 4, "os.system", "a: [ls]"),
    ("tag on a key", "a: 1\n!!python/name:os.system b: 2", "unsupported-yaml", 2, 1, "os.system", "a: 1\nb: 2"),
    ("local tag", "a: !x 1", "unsupported-yaml", 1, 4, "'!x'", "a: '!x 1'"),
    ("second document", "a: 1\n---\nb: 2", "unsupported-yaml", 2, 1, "second document", "---\na: 1\n...\n"),
    ("text after the end", "a: 1\n...\n}", "syntax", 3, 1, "document start", "a: 1\n...\n# end"),
    ("key twice", "a: 1\nb: 2\na: 3", "duplicate-key", 3, 1, "'a' appears twice", "a: 1\nb: 2\nA: 3"),
    ("key twice in other spelling", "{a: 1, 'a': 2}", "duplicate-key", 1, 8, "'a' appears twice", "{a: 1, 'a ': 2}"),
    ("tab", "a:\n\tb: 1", "syntax", 2, 1, "", "a:\n  b: 1"),
    ("tab after text", "a:\n  b: 1\n\tc: 2", "syntax", 3, 1, "", "a:\n  b: 1\n  c: \t2"),
    ("NUL", "a: 1\nb: é\0", "syntax", 2, 5, "control characters", 'a: 1\nb: "é\\0"'),
    ("bell after CR", "a: 1\rb: é\a", "syntax", 2, 5, "control characters", "a: 1\rb: é"),
    ("lone surrogate", 'a: "\\uD800"', "syntax", 1, 7, "Unicode", 'a: "\\U0001F600"'),
    ("unclosed", "a: [1, 2", "syntax", 1, 9, "", "a: [1, 2]"),
    ("long name as a key", "x" * 100_000 + ": 1", "syntax", 1, 100_001, "", "? " + "x" * 100_000 + "\n: 1"),
    ("version", "%YAML 3.0\n---\na: 1", "syntax", 1, 1, "incompatible", "%YAML 1.2\n---\na: 1"),
    ("sequence as a key", "[a, b]: 1", "unsupported-yaml", 1, 1, "not plain text", "'[a, b]': 1"),
]


@pytest.mark.parametrize(
    ("text", "kind", "line", "column", "message"), [case[1:6] for case in HOSTILE], ids=[c[0] for c in HOSTILE]
)
def test_hostile_texts_are_refused_quickly_and_where_they_stand(text, kind, line, column, message):
    start = time.process_time()
    finding = read(text).findings[0]
    assert time.process_time() - start < 2
    assert (finding.kind, finding.place.line, finding.place.column) == (kind, line, column)
    assert message in finding.message
    assert finding.excerpt == re.split("\r\n|[\r\n]", text)[line - 1]


@pytest.mark.parametrize("twin", [case[6] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
def test_their_harmless_twins_are_read(twin):
    assert clean(twin).data is not None


def test_a_tab_gets_a_hint_and_other_mistakes_do_not():
    assert read("a:\n\tb: 1").findings[0].hint == "indent with spaces, not tabs"
    assert read("a: [1").findings[0].hint == ""


def test_all_slips_of_a_file_are_found_and_the_first_value_is_kept():
    document = read("a: 1\na: 2\nb: !x 3\n<<: {c: 4}\nd: {e: 5, e: 6}")
    assert kinds(document) == ["duplicate-key", "unsupported-yaml", "unsupported-yaml", "duplicate-key"]
    assert [finding.place.line for finding in document.findings] == [2, 3, 4, 5]
    assert document.data == {"a": 1, "b": "3", "d": {"e": 5}}
    assert "line 1" in document.findings[0].hint


def test_an_alias_shares_the_value_and_stands_where_it_is_written():
    document = clean("base: &b {units: 4}\nlayers: [*b, *b]\nname: &n x\nagain: *n")
    first, second = document.data["layers"]
    assert first is second is document.data["base"]
    assert document.data["again"] == "x"
    assert document.place(("layers", 1)) == Place(line=2, column=14, end_line=2, end_column=16)
    assert document.place(("layers", 1, "units")) == document.place(("base", "units"))


def test_nothing_but_comments_is_no_value_and_no_mistake():
    for text in ("", "# a comment\n", "---\n", "\ufeff", "   \n\n"):
        assert clean(text).data is None


def test_long_numbers_are_too_large_for_a_size_and_keep_their_sign():
    assert clean("9" * 5000).data == math.inf
    assert clean("-" + "9" * 5000).data == -math.inf
    assert clean("9" * 30).data == int("9" * 30)


def seconds(layers: int) -> float:
    text = "layers:\n" + "".join(f"  - {{type: lstm, name: l{i}, units: {i}}}\n" for i in range(layers))
    start = time.process_time()
    document = clean(text)
    spent = time.process_time() - start
    assert len(document.data["layers"]) == layers
    assert document.place(("layers", layers - 1, "units")).line == layers + 1
    return spent


def test_ten_times_as_many_layers_take_some_ten_times_as_long():
    layers = rounds(5_000, dev=600)
    few = min(seconds(layers) for _ in range(3))
    assert seconds(10 * layers) < 35 * few  # what is quadratic takes a hundred times as long


def test_a_long_name_is_read_whole():
    name = "x" * 100_000
    assert clean(f"layers: [{{name: {name}}}]").data == {"layers": [{"name": name}]}


SEED = (
    LAUGHS[:60]
    + "layers:\r\n  - {type: lstm, units: 0x1F, name: 'é'}\n  - &a\n    type: \"gru\\u00e9\"\n    <<: *a0\n...\n"
)


def mutated(chance: random.Random, raw: bytes) -> bytes:
    pieces = [
        b"[",
        b"- ",
        b"&a ",
        b"*a",
        b"!!x ",
        b"? ",
        b": ",
        b"\n",
        b"\t",
        b"\0",
        b"\xff",
        b"'",
        b'"',
        b"|\n",
        b"---\n",
        b"%",
        b"\r",
    ]
    for _ in range(chance.randint(1, 4)):
        at, to = sorted(chance.choices(range(len(raw) + 1), k=2))
        raw = chance.choice([raw[:at] + raw[to:], raw[:at] + chance.choice(pieces) + raw[at:], raw[:to] + raw[at:]])
    return raw


def test_no_bytes_make_the_reader_raise():
    chance = random.Random(1)
    read_cleanly = 0
    for turn in range(rounds(6_000)):
        raw = chance.randbytes(chance.randint(0, 40)) if turn % 3 == 0 else mutated(chance, SEED.encode())
        document = read(raw)
        lines = len(re.split(b"\r\n|[\r\n]|\xc2\x85|\xe2\x80[\xa8\xa9]", raw))
        for finding in document.findings:
            assert finding.kind in KINDS
            assert document.format != "yaml" or finding.place is not None
            assert finding.place is None or (1 <= finding.place.line <= lines and finding.place.column >= 1)
        read_cleanly += not document.findings
        repr(document)
    assert rounds(50) < read_cleanly < rounds(5_000)

"""The JSON writer against the standard library's."""

import json
from enum import StrEnum
from typing import NamedTuple

import pytest

from lstm_shapes.render.json import written

from ..hypothesis_profiles import given, st

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=("Cs",)))
TREES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(st.characters(exclude_categories=("Cs",))), inner, max_size=4)
    ),
    max_leaves=20,
)
Word = StrEnum("Word", ["first", "second"])


class Pair(NamedTuple):
    left: object
    right: object


@given(TREES)
def test_json_is_written_as_the_standard_library_indents_it(tree):
    assert written(tree).replace(r"#\u0023[", "##[") == json.dumps(tree, indent=1) + "\n"


@pytest.mark.parametrize("value", [Word.first, Pair(1, []), [Pair("a", {})], {"a": Word.second}, 10**50, -0.0])
def test_subclasses_of_plain_types_are_written_as_these(value):
    assert written(value) == json.dumps(value, indent=1) + "\n"


def test_a_lone_surrogate_is_written_as_an_escape_that_every_reader_takes():
    assert json.loads(written({"\udc80": ["a\ud800"]})) == {r"\udc80": [r"a\ud800"]}

"""``dims``: values that need each other, in any order."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from lstm_shapes import api
from lstm_shapes.analysis.report import Report
from lstm_shapes.checking.run import check_document
from lstm_shapes.checking.settings import Settings
from lstm_shapes.formats.document import Document


def inspect(dims: dict[str, Any], given: dict[str, int | str] | None = None) -> Report:
    layer = {"type": "lstm", "units": "H"}
    return api.inspect({"dims": dims, "input_dim": 8, "layers": [layer], "budget": {"params": 5_000}}, dims=given)


def test_the_order_of_dims_does_not_matter() -> None:
    """LSTM(600) on 8 features: 4*600*(8 + 600 + 1)."""
    for lines in permutations({"H": "2*K", "K": "M", "M": 300}.items()):
        report = inspect(dict(lines))
        assert report.totals.params == 4 * 600 * 609
        assert [finding.kind for finding in report.findings] == ["budget"]


def test_a_size_given_from_outside_is_put_into_the_dims_of_the_file() -> None:
    for dims in ({"H": "2*K", "K": 300}, {"K": 300, "H": "2*K"}):
        assert inspect(dims, {"K": 5}).totals.params == 4 * 10 * 19
        assert "K" in api.read({"dims": dims, "input_dim": 8, "layers": [{"type": "lstm", "units": "H"}]}).symbols
    assert inspect({"K": 5}, {"H": "2*K"}).totals.params == 4 * 10 * 19


@pytest.mark.parametrize(
    "dims", [{"H": "H + 1"}, {"H": "K", "K": "H"}, {"H": "2*K", "K": "M", "M": "K"}, {"H": 4, "K": "K"}]
)
def test_a_symbol_that_needs_itself_is_refused(dims: dict[str, Any]) -> None:
    (finding,) = (finding for finding in inspect(dims).findings if finding.severity == "error")
    assert finding.kind == "cycle"
    assert "needs" in finding.message


def test_a_chain_of_ten_thousand_symbols_is_resolved() -> None:
    chain: dict[str, Any] = {f"K{number}": f"K{number + 1}" for number in range(10_000)}
    assert inspect({"H": "K0", **chain, "K10000": 10}).totals.params == 4 * 10 * 19


def unused(dims: dict[str, Any], *layers: dict[str, Any]) -> list[str]:
    document = Document(source="-", data={"dims": dims, "input_dim": 8, "layers": list(layers)})
    return [finding.hint for finding in check_document(document, Settings()) if finding.kind == "unused-dim"]


def test_a_symbol_that_no_size_uses_is_reported_with_the_name_that_it_may_stand_for() -> None:
    layer = {"type": "lstm", "units": "Hidden"}
    assert unused({"Hiden": 64}, layer) == ["write Hidden"]
    assert unused({"Hidden": "2*K", "K": 3, "B": 2, "Q": 1}, layer) == ["remove Q"]

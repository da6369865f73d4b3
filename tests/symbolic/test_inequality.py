"""Where a condition on sizes holds: against trying every value."""

from __future__ import annotations

import random
import re
from itertools import product

import pytest

from lstm_shapes.api import inspect
from lstm_shapes.formats import parse as parse_document
from lstm_shapes.symbolic.inequality import Where, where
from lstm_shapes.symbolic.linear import Range, between
from lstm_shapes.symbolic.size import Size, evaluate, names, parse

from ..profiles import rounds

LAST = 60
"""Values that are tried: enough, as limits are chosen among what the size is below them."""


def solved(size: str, limit: str | int, *, exactly: bool = False) -> str | None:
    found = where(parse(size), parse(str(limit)), exactly=exactly)
    return found and ("never" if found.never else found.text)


@pytest.mark.parametrize(
    ("size", "limit", "expected"),
    [
        ("4*H*(H + 9)", 20_000, "H <= 66"),
        ("4*H*(H + 9)", 5_248, "H <= 32"),
        ("4*H*(H + 9)", 5_247, "H <= 31"),
        ("4*H*(H + 9)", 40, "H <= 1"),
        ("4*H*(H + 9)", 39, "never"),
        ("5120*B*T", 1_000_000, "B*T <= 195"),
        ("B*T*(B*T + 1)", 50, "B*T <= 6"),
        ("3*B*T*T + 1", 50, "B*T*T <= 16"),
        ("B*(T//2)", 9, "B*(T//2) <= 9"),
        ("T + T//2", 9, "T <= 6"),
        ("(T*T + T)//5", 9, "T <= 6"),
        ("8", "3*H", "H >= 3"),
        ("8 + H", "3*H", "H >= 4"),
        ("5 + B*T", "3*B*T", "B*T >= 3"),
        ("9000000000000000000*9000000000*H", "9000000000000000000*9000000000000*7", "H <= 7,000"),
        # no proof that it grows with one thing, so no answer
        ("4*H*(D + H + 1)", 20_000, None),
        ("B*T + B", 20, None),
        ("H*H - 9*H + 30", 20, None),
        ("(H*H - 9*H + 30)//2", 20, None),
        ("7 + 100//H", 12, "100//H <= 5"),
        ("7", 8, None),
    ],
)
def test_bounds(size: str, limit: str | int, expected: str | None) -> None:
    assert solved(size, limit) == expected


@pytest.mark.parametrize(
    ("size", "value", "expected"),
    [
        ("4*H*(H + 9)", 5_248, "H = 32"),
        ("4*H*(H + 9)", 5_249, "never"),
        ("4*H*(H + 9)", 3, "never"),
        ("5120*B*T", 5_120_000, "B*T = 1,000"),
        ("5120*B*T", 5_121_000, "never"),
        ("B*B*T*T", 36, "B*T = 6"),
        ("T//3", 2, "T from 6 to 8"),
        ("B", "8", "B = 8"),
        ("8", "B", "B = 8"),
        ("3*H", "H + 8", "H = 4"),
        ("B", "N", None),
    ],
)
def test_equalities(size: str, value: str | int, expected: str | None) -> None:
    assert solved(size, value, exactly=True) == expected


def test_thousands_are_separated_for_people_and_nothing_is_named_that_is_not_there() -> None:
    assert where(parse("H"), 12_345) == Where("H <= 12,345", values=Range("H", None, 12_345))
    assert where(parse("B*T"), 0) == Where("no B, T", never=True)


def meant(text: str, values: dict[str, int]) -> bool:
    """What an answer says of these values, read from its text alone."""
    what, relation, numbers = re.fullmatch(r"(.+?) (<=|>=|=|from) ([\d,]+(?: to [\d,]+)?)", text).groups()  # type: ignore[union-attr]
    actual = evaluate(parse(what), values)
    first, *rest = [int(number.replace(",", "")) for number in numbers.split(" to ")]
    if relation == "from":
        return bool(first <= actual <= rest[0])
    return bool({"<=": actual <= first, ">=": actual >= first, "=": actual == first}[relation])


def wrong(size: Size, limit: int, found: Where, *, exactly: bool) -> list[dict[str, int]]:
    """The values of which the answer says what is not so."""
    symbols = sorted(names(size - limit))
    steps = range(1, LAST + 1) if len(symbols) == 1 else range(1, 9)
    every = [dict(zip(symbols, values, strict=True)) for values in product(steps, repeat=len(symbols))]
    holds = [evaluate(size, values) == limit if exactly else evaluate(size, values) <= limit for values in every]
    says = [not found.never and meant(found.text, values) for values in every]
    return [values for values, is_, said in zip(every, holds, says, strict=True) if is_ != said]


def random_size(rng: random.Random) -> str:
    """A polynomial in H, in H with floors, or in the product B*T; some with negative terms."""
    low = -4 if rng.random() < 0.3 else 0
    numbers = [rng.randint(low, 9) for _ in range(4)]
    kind = rng.choice(("H", "floors", "B*T"))
    if kind == "floors":
        divisor, step = rng.randint(2, 5), rng.randint(1, 4)
        atoms = [f"H*((H + {step})//{divisor})", f"((H*H + {step}*H)//{divisor})", "H"]
    else:
        atoms = ["*".join((kind,) * power) for power in (3, 2, 1)]
    terms = [f"{number}*{atom}" for number, atom in zip(numbers, atoms, strict=False)]
    return " + ".join([*terms, str(abs(numbers[3]))]).replace("+ -", "- ")


def test_random_sizes_against_trying_every_value() -> None:
    rng = random.Random(20)
    answered = {False: 0, True: 0}
    for _ in range(rounds(2_000)):
        size, exactly = parse(random_size(rng)), rng.random() < 0.5
        if isinstance(size, int):
            continue
        some = {name: rng.randint(1, 8) for name in names(size)}
        limit = evaluate(size, some) + rng.choice((0, 0, 1, -1, 7))
        found = where(size, limit, exactly=exactly)
        if found:
            answered[exactly] += 1
            assert wrong(size, limit, found, exactly=exactly) == [], (size, limit, found)
    assert min(answered.values()) > rounds(500)


def test_linear_sizes_and_their_floors_are_solved_without_a_search_as_trying_every_value_does() -> None:
    rng = random.Random(22)
    for _ in range(rounds(1_000)):
        size = parse("T")
        for _ in range(rng.randint(1, 4)):
            size = (size * rng.choice((1, 1, 2, -3)) + rng.randint(-5, 9)) // rng.choice((1, 2, 3, 7))
        first, last = rng.choice(((None, 0), (rng.randint(-9, 9), rng.randint(-9, 9)), (rng.randint(-9, 9), None)))
        values = between(size, first, last) if not isinstance(size, int) else None
        for value in range(1, LAST) if values else ():
            actual, name = evaluate(size, {"T": value}), Range("T", value, value)
            fits = (first is None or first <= actual) and (last is None or actual <= last)
            assert name.within(values or name) == fits, (size, first, last, value)


def test_a_linear_condition_on_a_size_beyond_every_search_is_solved() -> None:
    assert solved("0", "(T - 5)//1099511627776//1099511627776 - 3") == "T >= 3,626,777,458,843,887,524,118,533"


def test_a_wrong_answer_would_be_noticed() -> None:
    size = parse("4*H*(H + 9)")
    assert wrong(size, 5_248, Where("H <= 32"), exactly=False) == []
    assert wrong(size, 5_248, Where("H <= 31"), exactly=False) == [{"H": 32}]
    assert wrong(size, 5_248, Where("H <= 33"), exactly=False)
    assert wrong(size, 5_248, Where("no H", never=True), exactly=False)
    assert wrong(size, 5_248, Where("H = 33"), exactly=True)
    assert wrong(parse("B*T"), 6, Where("B*T <= 5"), exactly=False)


@pytest.mark.parametrize(
    ("layer", "kind", "message"),
    [
        ("units: H, budget: {params: 20000}", "undecided", "params <= 20,000 holds for H <= 66 (params = 4*H*(H + 9))"),
        (
            "units: H, budget: {params: 39}",
            "budget",
            "expected at most 39 params, got 4*H*(H + 9) (4*H*H + 36*H - 39 over)",
        ),
        ("units: H, expect: {params: 5248}", "undecided", "params = 5,248 holds for H = 32 (params = 4*H*(H + 9))"),
        ("units: H, expect: {params: 5252}", "expectation", "expected 5,252 params, got 4*H*(H + 9), which no H gives"),
        ("units: 2*H, expect: {output: [8, 8]}", "undecided", "the shape (B, 2*H) is (8, 8) for B = 8, H = 4"),
        ("units: H*H, expect: {output: [B, 8]}", "expectation", "expected shape (B, 8), got (B, H*H)"),
        ("units: H*D, budget: {params: 9}", "budget", "expected at most 9 params, got"),
        ("units: H, budget: {params: 4*D}", "undecided", "params <= 4*D holds where 4*H*(H + 9) <= 4*D"),
    ],
)
def test_what_the_reader_is_told(layer: str, kind: str, message: str) -> None:
    found = inspect({"input_dim": 8, **_parsed(f"layers: [{{type: lstm, name: a, {layer}}}]")}).findings
    assert [finding.kind for finding in found] == [kind]
    assert found[0].message.startswith(f"a: {message}")


def _parsed(text: str) -> dict[str, object]:
    data: dict[str, object] = parse_document("model.yaml", text.encode()).data
    return data

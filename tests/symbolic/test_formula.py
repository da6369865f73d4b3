"""A formula's three faces, its text, the text with the numbers put in and its result, say the same."""

import random

import pytest

from lstm_shapes.symbolic.formula import Formula, Term
from lstm_shapes.symbolic.size import Poly, Size, bind, names, parse, symbol

from ..profiles import rounds

WORDS = ("units", "in", "kernel_size", "filters")
SIZES = (
    "T",
    "T + 1",
    "T//2",
    "(T + 1)//2",
    "(T + 1)//2 + 1",
    "5120*T",
    "2*(B + T)",
    "-T",
    "-(B + T)",
    "(B//2)*(T + 1)",
    "B*T",
)
AT = {"B": 11, "T": 7}


def lstm(units: Size, width: Size) -> Formula:
    products = [(4, "units", "in"), (4, "units", "units"), (4, "units")]
    return Formula.of(products, shared=2, values={"units": units, "in": width})


def drawn(chance: random.Random, symbolic: bool = False) -> Formula:
    """A formula of random products, its words standing for random numbers or sizes."""

    def factor():
        return chance.choice([*WORDS, chance.randint(1, 9)])

    products = [tuple(factor() for _ in range(chance.randint(1, 4))) for _ in range(chance.randint(1, 5))]
    values = {word: chance.randint(1, 5000) for word in WORDS}
    if symbolic:
        values |= {word: parse(chance.choice(SIZES)) for word in WORDS if chance.random() < 0.6}
    return Formula.of(products, shared=chance.randint(0, 2), values=values)


def worked(text: str, values: dict[str, Size] | None = None) -> Size:
    """What Python makes of a printed formula."""
    plain = text.replace(",", "").replace("in", "width")
    return eval(plain, {}, {word.replace("in", "width"): value for word, value in (values or {}).items()})


def test_the_text_worked_through_in_python_is_the_result():
    chance = random.Random(1)
    for _ in range(rounds(1_000)):
        formula = drawn(chance)
        assert worked(str(formula), dict(formula.values)) == formula.result(), str(formula)
        assert worked(formula.put()) == formula.result(), formula.put()


def test_sizes_are_put_in_so_that_the_text_keeps_its_value():
    chance = random.Random(2)
    symbolic = 0
    for _ in range(rounds(1_500)):
        formula = drawn(chance, symbolic=True)
        result = formula.result()
        symbolic += isinstance(result, Poly)
        assert worked(formula.put(), dict(AT)) == bind(result, AT), (formula.put(), str(formula))
        assert names(result) <= {"B", "T"}
    assert symbolic > rounds(500)


@pytest.mark.parametrize("text", SIZES)
def test_a_size_put_behind_a_factor_is_multiplied_as_a_whole(text):
    formula = Formula((Term((3, "units"), ((),)),), {"units": parse(text)})
    assert worked(formula.put(), dict(AT)) == 3 * eval(text, {}, dict(AT))


def test_the_lstm_is_written_as_in_the_literature():
    formula = lstm(32, 8)
    assert str(formula) == "4*units*(in + units + 1)"
    assert formula.put() == "4*32*(8 + 32 + 1)"
    assert formula.result() == 4 * (32 * 8 + 32 * 32 + 32)


def test_numbers_for_people_are_separated_and_symbols_stay():
    assert lstm(1024, 50_000).put() == "4*1,024*(50,000 + 1,024 + 1)"
    assert lstm(symbol("H"), symbol("D") + 1).put() == "4*H*((D + 1) + H + 1)"


def test_two_biases_are_written_as_a_number():
    formula = Formula.of([("units", "in"), ("units",), ("units",)], shared=1, values={"units": 3, "in": 5})
    assert str(formula) == "units*(in + 2)"
    assert formula.result() == 3 * 5 + 3 + 3


def test_an_empty_formula_is_nothing():
    formula = Formula.of([], shared=1, values={})
    assert (str(formula), formula.put(), formula.result()) == ("0", "0", 0)


def test_gathering_keeps_the_value_and_writes_no_term_twice():
    chance = random.Random(3)
    for _ in range(rounds(500)):
        formula = drawn(chance)
        twice = formula.plus(formula).plus(drawn(chance).rename({}, formula.values))
        gathered = twice.gathered()
        assert gathered.result() == twice.result()
        assert worked(gathered.put()) == twice.result()
        assert len(gathered.terms) == len(set(twice.terms))
        assert gathered.gathered() == gathered


def test_gathering_distinct_terms_changes_nothing():
    assert lstm(3, 5).gathered() == lstm(3, 5)
    assert str(lstm(3, 5).plus(lstm(3, 5)).gathered()) == "2*4*units*(in + units + 1)"


def test_the_sum_and_the_multiple_of_formulas_are_those_of_their_results():
    chance = random.Random(4)
    for _ in range(rounds(500)):
        addend = drawn(chance)
        other = drawn(chance).rename({}, addend.values)
        count = chance.randint(0, 9)
        assert addend.plus(other).result() == addend.result() + other.result() == other.plus(addend).result()
        assert addend.times(count).result() == count * addend.result()
        assert worked(addend.times(count).put()) == count * worked(addend.put())


def test_renaming_and_putting_the_same_numbers_behind_the_new_words_changes_no_result():
    chance = random.Random(5)
    for _ in range(rounds(500)):
        formula = drawn(chance)
        words = {"units": ("hidden",), "filters": ("rows", 3)}
        rows = chance.randint(1, 9)
        before = {**formula.values, "filters": 3 * rows}
        after = {
            **{word: value for word, value in before.items() if word not in words},
            "hidden": before["units"],
            "rows": rows,
        }
        renamed = formula.rename(words, after)
        assert renamed.result() == formula.rename({}, before).result()
        assert "units" not in str(renamed) and "filters" not in str(renamed)
        assert worked(str(renamed), after) == renamed.result()

"""Sizes against sympy, Python's own arithmetic, and the laws of integers."""

import copy
import itertools
import pickle
import random
import time

import numpy as np
import pytest
import sympy

from lstm_shapes.symbolic.size import (
    MAX_DEPTH,
    MAX_INT,
    MAX_TEXT,
    Poly,
    Size,
    SizeError,
    Unbound,
    at_most,
    bind,
    divide_exactly,
    evaluate,
    fixed,
    is_symbol,
    names,
    parse,
    product,
    readable,
    same,
    shown,
    symbol,
    total,
)

from ..profiles import rounds

LETTERS = "abcd"
SYMPY = {name: sympy.Symbol(name, integer=True, positive=True) for name in LETTERS}


def divisor(random: random.Random) -> str:
    """A text that is >= 1 whatever the symbols are."""
    a, b = random.choice(LETTERS), random.choice(LETTERS)
    n = random.randint(1, 9)
    return random.choice([a, a, str(n), str(n), f"({a} + {n})", f"({n}*{a})", f"({a}*{b})", f"({a} + {n}*{b})"])


def expression(random: random.Random, depth: int, operators: str = "+-*/+*") -> str:
    if depth == 0 or random.random() < 0.15:
        return random.choice([random.choice(LETTERS), random.choice(LETTERS), str(random.randint(0, 12))])
    operator = random.choice(operators)
    left = expression(random, depth - 1, operators)
    if operator == "/":
        return f"({left})//{divisor(random)}"
    return f"({left}) {operator} ({expression(random, depth - 1, operators)})"


def values(random: random.Random, largest: int = 30) -> dict[str, int]:
    return {name: random.randint(1, largest) for name in LETTERS}


@pytest.mark.parametrize("seed", range(4))  # 4,000 in all, in parts that can run side by side
def test_random_expressions_have_the_values_that_sympy_and_python_give_and_survive_their_own_text(seed):
    chance = random.Random(seed)
    for _ in range(rounds(1_000, dev=60)):
        text = expression(chance, 3)
        size = parse(text)
        assert parse(str(size)) == size, text
        oracle = sympy.sympify(eval(text, {}, SYMPY))
        for _ in range(2):
            put = values(chance)
            expected = oracle.xreplace({SYMPY[name]: sympy.Integer(value) for name, value in put.items()})
            number = fixed(size, put)
            assert type(number) is int
            assert number == int(expected) == eval(text, {}, put), (text, put)
            assert fixed(parse(str(size)), put) == number, (text, put)


def test_polynomials_are_what_sympy_expands_and_their_text_loses_nothing():
    chance = random.Random(2)
    for _ in range(rounds(400)):
        text = expression(chance, 3, "+-*")
        size = parse(text)
        difference = sympy.expand(eval(str(size), {}, SYMPY) - eval(text, {}, SYMPY))
        assert difference == 0, (text, str(size))


def test_floors_of_sums_that_may_be_negative_round_down_as_in_python():
    chance = random.Random(3)
    for _ in range(rounds(1_500)):
        text = f"({expression(chance, 2)} - 40)//{chance.choice(['-3', '-7', '(0-a)', '(a-b)', '(b-9)', '4', '(a+b)'])}"
        put = values(chance, 9)
        try:
            expected = eval(text, {}, put)
        except ZeroDivisionError:
            with pytest.raises(ZeroDivisionError):
                bind(parse(text), put)
            continue
        assert fixed(parse(text), put) == expected, (text, put)
        assert parse(str(parse(text))) == parse(text), text


def test_binding_commutes_with_arithmetic_and_with_its_own_order():
    chance = random.Random(4)
    for _ in range(rounds(1_500)):
        a, b, by = (parse(text) for text in (expression(chance, 2), expression(chance, 2), divisor(chance)))
        put = values(chance)
        some = dict(itertools.islice(put.items(), 2))
        assert bind(a + b, put) == bind(a, put) + bind(b, put)
        assert bind(a - b, put) == bind(a, put) - bind(b, put)
        assert bind(a * b, put) == bind(a, put) * bind(b, put)
        assert bind(a // by, put) == bind(a, put) // bind(by, put)
        assert bind(bind(a // by, some), put) == bind(a // by, put)


@pytest.mark.parametrize(
    "text",
    [
        "(T - 3)//2 + 1",
        "B*((T - 3)//2 + 1)",
        "(T - 7)//4 + 1",
        "(T - K - 3)//2 + 1",
        "(T + 1)//2",
        "(T + 1)//2 + 1",
        "T//2 - 1",
        "T//2 - 3",
    ],
)
def test_the_length_of_a_convolution_stays_as_it_is_written(text):
    assert str(parse(text)) == text


def test_another_way_to_write_a_length_is_the_same_length():
    a, b = parse("(T - 3)//2 + 1"), parse("(T + 1)//2 - 1")
    assert a == b
    assert str(b) == "(T - 3)//2 + 1"
    assert same(a, b) is True
    assert same(a, parse("(T - 3)//2")) is False
    assert at_most(b, a) is True
    assert [fixed(a, {"T": length}) for length in (3, 4, 5, 6)] == [1, 1, 2, 2]


def test_binding_is_simultaneous_and_takes_sizes_and_zero():
    assert bind(parse("a - 2*b"), {"a": symbol("b"), "b": symbol("a")}) == parse("b - 2*a")
    assert bind(parse("a//b"), {"a": parse("b*c")}) == symbol("c")
    assert bind(parse("a + 1"), {"a": 0}) == 1
    with pytest.raises(ZeroDivisionError):
        bind(parse("a//b"), {"b": 0})


def test_same_and_at_most_are_never_contradicted_by_trying():
    chance = random.Random(5)
    points = [dict(zip("abcd", point, strict=True)) for point in itertools.product((1, 2, 3, 7), repeat=4)]
    arrays = {name: np.array([point[name] for point in points]) for name in LETTERS}
    answers = []
    for _ in range(rounds(3_000)):
        a, b = (parse(expression(chance, 2)) for _ in range(2))
        b = chance.choice([b, a + b, a - b, a])
        left, right = (np.broadcast_to(evaluate(size, arrays), len(points)) for size in (a, b))
        for answer, holds in ((same(a, b), left == right), (at_most(a, b), left <= right)):
            assert answer is None or (holds.all() if answer else not holds.any()), (a, b, answer)
            answers.append(answer)
    assert all(answers.count(answer) > rounds(300) for answer in (True, False, None))


def test_same_decides_what_parity_and_least_values_decide():
    assert same(parse("2*a"), parse("2*b + 1")) is False
    assert same(parse("a*b"), parse("b*a")) is True
    assert same(parse("a"), parse("b")) is None
    assert at_most(1, parse("a*b")) is True
    assert at_most(parse("a//2"), parse("a//2 + b//3")) is True
    assert at_most(parse("a + b"), 1) is False
    assert at_most(parse("a"), parse("b")) is None


def test_an_exact_quotient_times_the_divisor_is_the_dividend():
    chance = random.Random(6)
    for _ in range(rounds(1_500)):
        q, b = (parse(expression(chance, 2)) for _ in range(2))
        if b == 0:
            assert divide_exactly(q, b) is None
            continue
        found = divide_exactly(q * b, b)
        assert found is not None, (q, b)
        assert found * b == q * b
        uneven = divide_exactly(q * b + 1, b)
        assert uneven is None or uneven * b == q * b + 1


def test_the_order_of_building_leaves_no_trace():
    chance = random.Random(7)
    for _ in range(rounds(500)):
        parts = [parse(expression(chance, 2)) for _ in range(5)]
        forward, backward = total(parts), total(reversed(parts))
        one_by_one = parts[4] + parts[2] + (parts[0] + (parts[3] + parts[1]))
        assert forward == backward == one_by_one
        assert hash(forward) == hash(backward) == hash(one_by_one)
        assert str(forward) == str(backward)
        assert product(parts[:3]) == product(reversed(parts[:3])) == parts[1] * (parts[2] * parts[0])
        assert parse(f"({forward})*({parts[0]})") == total(part * parts[0] for part in parts)


def test_sums_and_products_of_nothing_are_zero_and_one():
    assert (total([]), product([])) == (0, 1)


@pytest.mark.parametrize(
    "text",
    [
        "4*units*(input_dim + units + 1)",  # LSTM: Hochreiter & Schmidhuber with forget gate and biases
        "3*units*(input_dim + units + 2)",  # GRU with reset_after: two biases
        "units*(input_dim + units + 1)",  # simple RNN
        "8*H*(D + H + 2)",  # PyTorch's bidirectional LSTM
        "T//2",
        "B*(T//2)",
        "(T + 1)//2",  # pooling with padding "same"
        "(T - 3)//2 + 1",  # torch.nn.Conv1d: stride 2, kernel 3
        "128*B*(54*((T - 3)//2 + 1) + 1)",  # such a convolution, then a layer of the last step
        "27*(55*((T - 7)//4 + 1) + 2)",
        "16*B*(H - 2)*(W - 2)",  # torch.nn.Conv2d with a kernel of 3
        "9*B*((H - 3)//2 + 1)*((W - 3)//2 + 1)",
        "B*(D - K + 1)*(H - K + 1)*(W - K + 1)",
        "(2*H - 3)*(3*W + 5)",
        "(T + 1)//2 + 9*((T + 1)//4) - 26",  # two lengths: which of them had the constants cannot be told
        "-H",
        "-(B + H)",
        "H*H",
        "7",
    ],
)
def test_a_formula_as_the_literature_writes_it_is_printed_so(text):
    assert str(parse(text)) == text


@pytest.mark.parametrize("seed", range(2))
def test_lengths_of_windows_times_and_products_of_them_are_read_as_they_are_printed(seed):
    chance = random.Random(30 + seed)
    for _ in range(rounds(1_500, dev=100)):
        text = chance.choice(LETTERS)
        for _ in range(chance.randint(1, 3)):
            kernel, stride = chance.choice(("2", "3", "5", "a", "2*b")), chance.randint(1, 4)
            text = f"(({text} + {chance.randint(0, 4)} - {kernel})//{stride} + 1)"
        other = f"({chance.choice(LETTERS)} - {chance.randint(0, 5)})//{chance.randint(1, 3)} + 1"
        first, second, third = chance.randint(1, 60), chance.randint(1, 60), chance.randint(-9, 9)
        text = f"{first}*{chance.choice(LETTERS)}*({second}*{text} + {third})"
        text = chance.choice((text, f"{text}*({other})", f"{text} + {other}", f"({other})*({other} + a)*{text}"))
        size = parse(text)
        assert parse(str(size)) == size, text
        assert parse(readable(size).replace(",", "")) == size, text
        put = values(chance)
        assert eval(str(size), {}, put) == eval(text, {}, put) == fixed(size, put), text


def test_integers_may_stand_on_the_left():
    a = symbol("a")
    for value, number in itertools.product(range(1, 6), range(-4, 5)):
        sizes = (number + a, number - a, number * a, number // a)
        assert [bind(size, {"a": value}) for size in sizes] == [
            number + value,
            number - value,
            number * value,
            number // value,
        ]


def test_a_result_without_symbols_is_an_int():
    a, b = symbol("a"), symbol("b")
    constants = (
        a - a,
        a * 0,
        a // a,
        (a + b) // (b + a),
        (2 * a + 3) - 2 * a,
        parse("(a*b)//(b*a) + 4"),
        total([a, -a]),
    )
    for constant in (*constants, bind(a * b, {"a": 2, "b": 3}), divide_exactly(6 * a, a)):
        assert type(constant) is int
    assert type(a * 1) is Poly


def test_huge_numbers_stay_exact():
    big = 10**400 + 7
    assert fixed(parse("a*a*a - a"), {"a": big}) == big**3 - big
    assert fixed((symbol("a") * big) // 11, {"a": 13}) == big * 13 // 11
    assert parse(str(MAX_INT)) == 2**63 - 1


def test_arrays_are_evaluated_as_their_points_are():
    chance = random.Random(8)
    for _ in range(300):
        size = parse(expression(chance, 3))
        arrays = {name: np.array([chance.randint(1, 50) for _ in range(20)], dtype=np.int64) for name in LETTERS}
        at_once = np.broadcast_to(evaluate(size, arrays), 20)
        one_by_one = [fixed(size, {name: int(arrays[name][i]) for name in LETTERS}) for i in range(20)]
        assert at_once.tolist() == one_by_one


def test_a_copy_and_a_pickle_are_the_same_size():
    chance = random.Random(9)
    for size in (*(parse(expression(chance, 3)) for _ in range(100)), parse("(a + b//2)//c")):
        for twin in (copy.deepcopy(size), pickle.loads(pickle.dumps(size))):
            assert twin == size
            assert bind(twin, {"a": 3, "c": 5}) == bind(size, {"a": 3, "c": 5})


def test_names_are_the_symbols_in_the_text_and_missing_ones_are_named():
    size = parse("(x*T + H)//(B + 1)")
    assert names(size) == {"x", "T", "H", "B"}
    with pytest.raises(Unbound, match=r"^no value for B, T$") as caught:
        fixed(size, {"x": 1, "H": 2})
    assert caught.value.names == ("B", "T")
    assert names(7) == frozenset()


def test_symbols_are_identifiers():
    assert all(is_symbol(name) for name in ("a", "_", "input_dim", "H2"))
    for name in ("", "2H", "a b", "a\n", "é", "a-b", "(a//b)"):
        assert not is_symbol(name)
        with pytest.raises(SizeError, match="a symbol is letters"):
            symbol(name)


def test_people_read_thousands_separated_and_shapes_as_tuples():
    assert readable(5248) == "5,248"
    assert readable(parse("5120*T + 1024")).replace(",", "") == str(parse("5120*T + 1024"))
    assert shown((symbol("B"), 32)) == str(("B", 32)).replace("'", "")
    assert [shown(shape) for shape in ((), (7,))] == [str(()), str((7,))]


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("", 0, "expected a number, a name or a bracket, got the end"),
        ("a +", 3, "expected a number, a name or a bracket, got the end"),
        ("2H", 1, "expected an operator (+ - * //) or the end, got 'H'"),
        ("a  b", 3, "expected an operator (+ - * //) or the end, got 'b'"),
        ("a / b", 2, "expected an operator (+ - * //) or the end, got '/'"),
        ("a ** b", 3, "expected a number, a name or a bracket, got '*'"),
        ("(a + b", 6, "expected a closing bracket, got the end"),
        ("a)", 1, "expected an operator (+ - * //) or the end, got ')'"),
        ("+a", 0, "expected a number, a name or a bracket, got '+'"),
        ("a + é", 4, "expected a number, a name or a bracket, got 'é'"),
        ("1.5", 1, "expected an operator (+ - * //) or the end, got '.'"),
        ("a // 0", 2, "a division by zero"),
        ("a // (b - b)", 2, "a division by zero"),
        ("b + 9223372036854775808", 4, "a number of 19 digits; the largest size is 9,223,372,036,854,775,807"),
        ("b*" + "9" * 900, 2, "a number of 900 digits; the largest size is 9,223,372,036,854,775,807"),
    ],
)
def test_a_text_that_is_no_size_is_refused_where_it_goes_wrong(text, at, message):
    with pytest.raises(SizeError) as caught:
        parse(text)
    assert (caught.value.at, str(caught.value)) == (at, message)


SUMS = "*".join(f"(a{i} + b{i})" for i in range(60))
HOSTILE = {
    "brackets too deep": ("(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1), "more than 50 nested brackets"),
    "signs too deep": ("-" * 900 + "a", "more than 50 nested brackets"),
    "too long": ("a" * (MAX_TEXT + 1), "at most 1,000 are read"),
    "a product of sums": (SUMS, "more than 2,000 terms"),
    "powers of a sum": ("*".join(["(a+b+c+d+e)"] * 80), "more than 2,000 terms"),
    "divisions in a row": ("a" + "//b" * 320, "50 nested divisions"),
    "doubling floors": ("a" + "//d*(c+1)" * 100, "more than 2,000 terms"),
    "doubling floors in brackets": ("(" * 45 + "a" + "//d+1)*(c+1)" * 45, "more than 2,000 terms"),
    "a long division": ("a*" * 300 + "a//(a+b+c+d+1)", "a division of more than 20,000 terms"),
}
HARMLESS = ["(" * (MAX_DEPTH - 1) + "a" + ")" * (MAX_DEPTH - 1), "-" * (MAX_DEPTH - 1) + "a", "a" * MAX_TEXT]
HARMLESS += ["*".join(f"(a{i} + b{i})" for i in range(10)), "(a+b+c+d+e)*(a+b+c+d+e)*(a+b+c+d+e)", "a//b//b//b//b//b"]
HARMLESS += ["a//d*(c+1)//d*(c+1)", "(((a//d+1)*(c+1)//d+1)*(c+1)//d+1)", "a*a*a*a//(a+b+c+d+1)"]


@pytest.mark.parametrize("case", HOSTILE)
def test_an_expression_that_nobody_means_is_refused_quickly(case):
    text, message = HOSTILE[case]
    start = time.process_time()
    with pytest.raises(SizeError, match=message):
        parse(text)
    assert time.process_time() - start < 2


@pytest.mark.parametrize("text", HARMLESS)
def test_its_harmless_twin_is_read(text):
    size: Size = parse(text)
    put = {name: 3 + len(name) for name in names(size)}
    assert fixed(size, put) == eval(text, {}, put)
    assert len(str(size)) > MAX_TEXT or parse(str(size)) == size


def test_no_random_text_ends_in_anything_but_a_size_or_a_size_error():
    chance = random.Random(10)
    pieces = [
        "a",
        "b",
        "c",
        "7",
        "(",
        ")",
        "(",
        ")",
        "+",
        "-",
        "*",
        "//",
        "*",
        "//",
        " ",
        "/",
        "%",
        "²",
        "\0",
        "\u2028",
    ]
    read = 0
    for _ in range(rounds(20_000)):
        text = "".join(chance.choice(pieces) for _ in range(chance.randint(1, 12)))
        try:
            size = parse(text)
        except SizeError as error:
            assert 0 <= error.at <= len(text)
        else:
            read += 1
            assert parse(str(size)) == size
    assert read > rounds(200)


def test_a_product_of_long_sums_is_refused_before_it_is_worked_out():
    longest = total(symbol(f"s{i}") for i in range(2_000))
    start = time.process_time()
    with pytest.raises(SizeError, match="more than 2,000 terms"):
        longest * longest
    assert time.process_time() - start < 1
    assert longest * 3 == longest + longest + longest

"""A size as people write it -> Size: integers, symbols, ``+ - * //`` and brackets."""

import re
from collections.abc import Iterator
from functools import lru_cache

from lstm_shapes.symbolic.poly import MAX_DEPTH, Size, SizeError, symbol

MAX_TEXT = 1_000
MAX_INT = 2**63 - 1
"""The largest size that may be written down: no framework's array has a longer axis. Results may be larger."""


def parse(text: str) -> Size:
    """The size that ``text`` writes: integers, symbols, ``+ - * //`` and brackets.

    Raises ``SizeError`` with what was found, what was expected and where.

    >>> parse("2*H + T*H")
    Poly(H*(T + 2))
    """
    if len(text) > MAX_TEXT:
        raise SizeError(f"a size of {len(text):,} characters; at most {MAX_TEXT:,} are read")
    return _Parser(text).size()


@lru_cache(maxsize=1)
def _tokens() -> re.Pattern[str]:
    """Made when the first expression is read: most files have none."""
    return re.compile(r"\s*(?:(?P<int>[0-9]+)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<op>//|[-+*()])|(?P<other>\S))")


class _Parser:
    """Recursive descent over the tokens; ``+ -`` below ``* //`` below a sign below brackets."""

    def __init__(self, text: str) -> None:
        self.tokens: Iterator[re.Match[str]] = _tokens().finditer(text)
        self.end = len(text)
        self.depth = 0
        self.advance()

    def size(self) -> Size:
        size = self.sum()
        if self.kind:
            raise self.unexpected("an operator (+ - * //) or the end")
        return size

    def advance(self) -> None:
        match = next(self.tokens, None)
        self.kind = match.lastgroup or "" if match else ""
        self.token = match[self.kind] if match else ""
        self.at = match.start(self.kind) if match else self.end

    def unexpected(self, expected: str) -> SizeError:
        return SizeError(f"expected {expected}, got {repr(self.token) if self.kind else 'the end'}", self.at)

    def sum(self) -> Size:
        size = self.product()
        while self.token in ("+", "-"):
            sign = 1 if self.token == "+" else -1
            self.advance()
            size = size + sign * self.product()
        return size

    def product(self) -> Size:
        size = self.factor()
        while self.token in ("*", "//"):
            operator, at = self.token, self.at
            self.advance()
            other = self.factor()
            if operator == "//" and other == 0:
                raise SizeError("a division by zero", at)
            size = size * other if operator == "*" else size // other
        return size

    def factor(self) -> Size:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise SizeError(f"more than {MAX_DEPTH} nested brackets or signs", self.at)
        size = self.atom()
        self.depth -= 1
        return size

    def atom(self) -> Size:
        kind, token, at = self.kind, self.token, self.at
        if kind == "int":
            return self.number(token, at)
        if kind == "name":
            self.advance()
            return symbol(token)
        if token == "-":
            self.advance()
            return -self.factor()
        if token != "(":
            raise self.unexpected("a number, a name or a bracket")
        self.advance()
        size = self.sum()
        if self.token != ")":
            raise self.unexpected("a closing bracket")
        self.advance()
        return size

    def number(self, token: str, at: int) -> int:
        if len(token.lstrip("0")) > len(str(MAX_INT)) or int(token) > MAX_INT:
            raise SizeError(f"a number of {len(token)} digits; the largest size is {MAX_INT:,}", at)
        self.advance()
        return int(token)

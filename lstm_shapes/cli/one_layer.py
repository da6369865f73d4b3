"""What commands on one layer share: sizes as they are typed, and findings in the words of the options."""

from __future__ import annotations


def sized(text: str) -> int | str:
    """A number as a number, so that only a file's quoted numbers are taken for text."""
    plain = text.strip()
    digits = plain.removeprefix("-")
    return int(plain) if digits.isascii() and digits.isdecimal() and len(plain) <= 40 else plain


def said(message: str, hint: str) -> str:
    """A finding about a field, as one about the option of that name."""
    field, colon, rest = message.partition(": ")
    option = f"--{field.replace('_', '-')}: {rest}" if colon and field.isidentifier() else message
    return f"{option}; {hint}" if hint else option

"""What commands on a single layer share: typed sizes, and findings about fields as messages about options."""

from __future__ import annotations

from lstm_shapes.findings.finding import Finding


def sized(text: str) -> int | str:
    """A number typed as an option is a number; only in a file is a quoted number text."""
    plain = text.strip()
    digits = plain.removeprefix("-")
    return int(plain) if digits.isascii() and digits.isdecimal() and len(plain) <= 40 else plain


def said(finding: Finding) -> str:
    """A finding about a field, as a message about the option of that name: ``units: ...`` becomes ``--units: ...``."""
    rest = finding.message.removeprefix(f"{finding.field}: ")
    named = rest != finding.message
    message = f"--{finding.field.replace('_', '-')}: {rest}" if named else finding.message
    return f"{message}; {finding.hint}" if finding.hint else message

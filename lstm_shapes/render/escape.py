"""Every string from a file is escaped for where it goes."""

from __future__ import annotations

import re

UNSAFE = "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
"""C0, C1, DEL, zero-width and bidi controls, line separators, lone surrogates: what can hide or move text."""
_COMMAND = r"\A\s*::|##\["
"""What GitHub's runner takes for a command: ``::`` at the start of a line stripped, ``##[`` anywhere."""


def terminal(text: str) -> str:
    """Text that cannot move a cursor, change a color, reverse a line or command a runner: written with escapes.

    >>> terminal("a\\x1b[31mb")
    'a\\\\x1b[31mb'
    """
    if not (text.isascii() and text.isprintable()):
        text = re.sub(UNSAFE, lambda match: match[0].encode("unicode_escape").decode("ascii"), text)
    if "::" in text or "##[" in text:
        text = re.sub(_COMMAND, lambda match: match[0].replace("::", r"\x3a:").replace("##", r"#\x23"), text)
    return text


def markdown(text: str) -> str:
    """Text for a cell of a Markdown table: nothing in it is markup, a link, HTML or the end of the cell.

    >>> markdown("a|b <c> *d*")
    'a\\\\|b &lt;c&gt; \\\\*d\\\\*'
    """
    safe = terminal(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    safe = re.sub(r"([\\`*_\[\]|~#!])", r"\\\1", safe)
    return re.sub(r"(?i)(@|(?:https?|ftp):|www\.)", lambda match: match[0][:-1] + f"&#{ord(match[0][-1])};", safe)


def command_data(text: str) -> str:
    """The text after a GitHub workflow command, as @actions/core escapes it.

    >>> command_data("100%\\n::error::x")
    '100%25\\\\n::error::x'
    """
    return terminal(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def command_property(text: str) -> str:
    """A property of a GitHub workflow command, as @actions/core escapes it.

    >>> command_property("a,b:c")
    'a%2Cb%3Ac'
    """
    return command_data(text).replace(":", "%3A").replace(",", "%2C")


def xml(text: str) -> str:
    """Text of characters that XML 1.0 has; the markup is left to the writer.

    >>> xml("a\\x00b\\uffffc")
    'a\\\\x00bc'
    """
    return re.sub("[\ufffe\uffff]", "", terminal(text))


def csv(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: a leading = + - @ or tab gets a ' before it.

    >>> csv("=1+1"), csv("kernel")
    ("'=1+1", 'kernel')
    """
    return f"'{terminal(text)}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else terminal(text)

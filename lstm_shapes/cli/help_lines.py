"""Help in lines: no word torn, and explanations below their option where the terminal is narrow."""

from __future__ import annotations

import re
from collections.abc import Sequence

from typer._click.formatting import HelpFormatter

from lstm_shapes.render.wrapping import wrapped

NARROW = 70
"""The columns below which an explanation stands under its option."""
COLUMN = 30
"""The widest option next to which an explanation stands."""


class Lines(HelpFormatter):
    """Writes help with our way of breaking lines."""

    def write_text(self, text: str) -> None:
        """Write paragraphs, as far to the right as the section is."""
        room = self.width - self.current_indent
        for number, paragraph in enumerate(re.split(r"\n\s*\n", text.strip())):
            self.write("\n" * bool(number))
            self._write_lines(wrapped(" ".join(paragraph.split()), room), self.current_indent)

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = COLUMN, col_spacing: int = 2) -> None:
        """Write terms and their explanations."""
        room = self.width - self.current_indent
        fitted = [_short(term, text, room) for term, text in rows]
        column = min(max(len(term) for term, _ in fitted), col_max) + col_spacing
        narrow = self.width < NARROW and max(len(term) for term, _ in fitted) > 12
        for term, text in fitted:
            left = 4 if narrow else column
            first, *others = wrapped(text, room - left) or [""]
            if narrow or len(term) > col_max:
                self._write_lines([term], self.current_indent)
                self._write_lines([first, *others], self.current_indent + left)
            else:
                self._write_lines([f"{term:<{column}}{first}".rstrip()], self.current_indent)
                self._write_lines(others, self.current_indent + left)

    def write_command(self, command: str) -> None:
        """Write a command that goes on after a backslash where it is too long, as a shell takes it."""
        lines = wrapped(command, self.width - self.current_indent - 2, hanging=2)
        self._write_lines([*(f"{line} \\" for line in lines[:-1]), lines[-1]], self.current_indent)

    def _write_lines(self, lines: Sequence[str], indent: int) -> None:
        self.write("".join(f"{' ' * indent}{line}\n" for line in lines))


def _short(term: str, text: str, room: int) -> tuple[str, str]:
    """An option whose choices are too long for a line, with the choices in the explanation.

    >>> _short("--color <auto|always|never>", "When to color.", 20)
    ('--color NAME', 'When to color. One of auto, always, never.')
    """
    match = re.fullmatch(r"(.*) [<\[]([^<>\[\] ]*\|[^<>\[\] ]*)[>\]]", term)
    if len(term) <= room or not match:
        return term, text
    choices = f" One of {match[2].replace('|', ', ')}."
    sentence, default, more = text.partition("  [")
    return f"{match[1]} NAME", f"{sentence}{choices}{default}{more}"

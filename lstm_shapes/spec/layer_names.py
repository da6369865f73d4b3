"""Names for the layers of a spec."""

from __future__ import annotations

from typing import Any

from lstm_shapes.findings.route import Route
from lstm_shapes.spec.errors import Notes
from lstm_shapes.spec.keys import canonical
from lstm_shapes.spec.values import found

MAX_NAME = 200


class Names:
    """A name for every entry: its own, or its type's with a number, as Keras counts."""

    def __init__(self, notes: Notes, inputs: tuple[str, ...], entries: list[Any], route: Route) -> None:
        self.taken = set(inputs)
        self.given: dict[int, str] = {}
        self.counts: dict[str, int] = {}
        for number, entry in enumerate(entries):
            name = entry.get("name") if isinstance(entry, dict) else None
            if name is None:
                continue
            if not isinstance(name, str) or not name or len(name) > MAX_NAME:
                got = f"one of {len(name):,}" if isinstance(name, str) else found(name)
                hint = f'write "{name}" in quotes' if isinstance(name, int | float) else ""
                notes.wrong(
                    "wrong-value",
                    f"name: expected a text of 1 to {MAX_NAME} characters, got {got}",
                    (*route, number, "name"),
                    hint,
                )
            elif name in self.taken:
                notes.wrong(
                    "duplicate-name",
                    f"the name {name!r} is taken",
                    (*route, number, "name"),
                    "give each layer and input its own name",
                )
            else:
                self.taken.add(name)
                self.given[number] = name

    def of(self, entry: Any, number: int) -> str:
        """The name of an entry."""
        if number in self.given:
            return self.given[number]
        written = entry.get("use", entry.get("type")) if isinstance(entry, dict) else None
        known = canonical(written) if isinstance(written, str) else None
        return self.free(known[0] if known else str(written)[:MAX_NAME] if isinstance(written, str) else "layer")

    def free(self, name: str) -> str:
        """The name, with the first number that makes it unique."""
        own, count = name, self.counts.get(name, 0)
        while own in self.taken:
            count += 1
            own = f"{name}_{count}"
        self.counts[name] = count
        self.taken.add(own)
        return own

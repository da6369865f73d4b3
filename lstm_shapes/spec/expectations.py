"""``expect`` and ``budget`` as they are written, on the model or on a layer."""

from __future__ import annotations

from typing import Any

from lstm_shapes.findings.route import Route
from lstm_shapes.spec.bound import Bound
from lstm_shapes.spec.errors import WRONG, Notes
from lstm_shapes.spec.keys import BUDGET_KEYS, EXPECTED_KEYS
from lstm_shapes.spec.reading import Expectation
from lstm_shapes.spec.values import InvalidValue, count, found, shape


class Expected:
    """Gathers what must hold."""

    def __init__(self, notes: Notes, bound: Bound) -> None:
        self.notes, self.bound = notes, bound
        self.expectations: list[Expectation] = []

    def read(self, name: str, data: dict[Any, Any], route: Route) -> None:
        """The ``expect`` and ``budget`` of a layer or the model."""
        for key, known in (("expect", EXPECTED_KEYS), ("budget", BUDGET_KEYS)):
            if key not in data:
                continue
            written = (
                self.notes.mapping(data[key], f"{key} as a mapping, such as {{params: 5248}}", (*route, key)) or {}
            )
            for what, value in written.items():
                here = (*route, key, what)
                if what not in known:
                    self.notes.unknown_key(what, known, key, (*route, key))
                    continue
                wanted = self.value(what, value, here)
                if wanted is not WRONG:
                    self.expectations.append(Expectation(name, what, wanted, here, key == "budget"))

    def value(self, what: str, value: Any, route: Route) -> Any:
        if what == "states" and isinstance(value, dict):
            states = tuple((name, self.bound.read(shape, one, (*route, name))) for name, one in value.items())
            return WRONG if any(one is WRONG for _, one in states) else states
        if what == "states":
            return self.notes.value(_no_states, value, route)
        return self.bound.read(shape if what == "output" else count, value, route)


def _no_states(value: Any) -> Any:
    raise InvalidValue(f"expected states with their shapes, got {found(value)}", "write it as {h: [B, 32], c: [B, 32]}")

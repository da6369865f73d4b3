"""The exception for weights that cannot become those of another framework."""

from __future__ import annotations

from lstm_shapes.findings.errors import LstmShapesError


class NoConversion(LstmShapesError, ValueError):
    """Weights that cannot become those of the other framework; ``field`` is the setting that they depend on."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.field = field

    def with_reason(self, reason: str) -> NoConversion:
        """The same, and why the setting has this value."""
        return NoConversion(f"{str(self).removeprefix(f'{self.field}: ')}; {reason}", self.field)

"""A layer's report that its inputs or settings do not fit, before the file and the line are known."""

from lstm_shapes.findings.errors import LstmShapesError


class Mismatch(LstmShapesError):
    """The inputs or the settings of a layer do not fit; the layer knows its fields, not the file that sets them.

    ``kind`` is a name in KINDS, ``field`` the layer's field at fault, ``hint`` an imperative with the literal to type.
    """

    def __init__(self, message: str, *, kind: str = "size-mismatch", field: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message, self.kind, self.field, self.hint = message, kind, field, hint

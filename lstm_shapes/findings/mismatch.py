"""What a layer reports of inputs or settings that it cannot take, before a file and a line are known."""

from lstm_shapes.findings.errors import LstmShapesError


class Mismatch(LstmShapesError):
    """What a layer says of shapes or settings it cannot take: it knows its fields, not the file they stand in.

    ``kind`` is a name in KINDS, ``field`` the layer's own field at fault, ``hint`` an imperative with the literal to
    type.
    """

    def __init__(self, message: str, *, kind: str = "size-mismatch", field: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message, self.kind, self.field, self.hint = message, kind, field, hint

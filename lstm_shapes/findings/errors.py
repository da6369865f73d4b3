"""The exceptions of lstm-shapes: one tree, so that ``except LstmShapesError`` catches all of them.

    LstmShapesError
    ├── NoSuchFile            a path cannot be opened
    ├── MissingExtra          a file cannot be read without a library that is not installed
    ├── NoSuchModel           a file has several models, or none of the chosen name        (a ValueError too)
    ├── NothingFound          a path to check is not a model, or a folder contains none
    ├── InvalidValue          a framework, rule, target or size that does not exist        (a ValueError too)
    ├── LayerSettingsError    settings that do not make a layer; has ``findings``          (a ValueError too)
    ├── SolveError            a search that cannot be answered; has ``findings``           (a ValueError too)
    ├── NoConversion          weights that have no form in the other framework             (a ValueError too)
    ├── SweepError            a sweep that cannot be run; has ``findings``                 (a ValueError too)
    ├── NotAModel             a file of which no formula can be made; has ``findings``     (a ValueError too)
    ├── SizeError             a text that is no size, or an expression that grew too large (a ValueError too)
    ├── Unbound               a number was needed, but symbols have no value               (a ValueError too)
    ├── MissingFramework      a framework to compare with is not installed
    ├── NotCompared           a framework has no such layer; becomes a reason in the comparison
    ├── Differs               a framework has other weights than predicted; becomes a reason in the comparison
    ├── BadSettings           a settings file of ``check`` is wrong
    ├── BadBaseline           a baseline file of ``check`` is wrong
    ├── BadCheckpoint         a file with whose weights nothing can be compared
    ├── NoRevision            git cannot read the requested revision
    ├── BadArchive            an archive, or a member of it, that cannot be read; becomes a finding
    ├── TooLarge              a file that asks for more than is read; becomes a finding
    ├── Malformed             bytes that are no message of Protocol Buffers; becomes a finding
    ├── RefusedPickle         a damaged pickle, or one that asks for too much; becomes a finding
    ├── Truncated             a pickle whose bytes end before it does; becomes a finding
    ├── TooManyNodes          a graph of ONNX has more nodes than are read; becomes a finding
    ├── TooMuch               a script takes more steps than are followed; becomes a note
    ├── Raised                a script raises an exception; what follows is not reached
    ├── Mismatch              a layer cannot take its inputs or settings; becomes a finding
    ├── NotRunnable           a layer has no computation to run; ``verify`` reports it
    ├── NotKnown              nothing says what a layer passes on; its shape stays unknown
    └── TooManyLayers         a model has more layers than are read; becomes a finding

A mistake in a model is a finding, not an exception. Each class is defined next to the code that raises it. Those
that public functions raise can be imported from ``lstm_shapes``: LstmShapesError, NoSuchFile, NothingFound,
InvalidValue, LayerSettingsError, MissingExtra, MissingFramework, NoConversion, NoSuchModel, NotAModel and Unbound.
"""


class LstmShapesError(Exception):
    """The base of every exception that lstm-shapes raises."""

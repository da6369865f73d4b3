"""The library's functions. Every command and every function here follows the same steps:

>>> from lstm_shapes import formats, importers, rules, spec
>>> from lstm_shapes.analysis.report import report
>>> from lstm_shapes.analysis.verify.verify import verify as run
>>> from lstm_shapes.render import plain
>>> from lstm_shapes.views.inspect import page
>>> document = formats.read("examples/keras_imdb_bilstm.yaml")   # bytes -> data, with the place of every value
>>> (imported,) = importers.translate(document)   # a Keras config, an ONNX graph, a script -> the same as a spec
>>> reading = spec.reader.read_imported(imported)   # data -> a graph of layers, and what is wrong with the file
>>> inferred = reading.inferred              # shapes, weights, parameters, MACs of every layer: inferred once, here
>>> inferred.params, inferred.nodes[1].outputs
(2757761, ((Poly(B), Poly(T), 128),))
>>> rules.shapes.diagnose(reading)           # what is wrong with the shapes, and how to fix it
()
>>> answer = report(reading)                 # or cost, diff, explain, params, solve, sweep: one question, one answer
>>> run(reading).verdict                     # the same model run in NumPy on random data
'confirmed'
>>> print(plain.render(page(answer)).splitlines()[-1])   # one view an answer: a page, JSON data, CSV rows
macs (matmul, whole batch, all timesteps): 128*B*(1,536*T + 1)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

from lstm_shapes import formats, importers
from lstm_shapes.analysis.report import Report, report
from lstm_shapes.findings.errors import LstmShapesError
from lstm_shapes.findings.finding import Finding
from lstm_shapes.formats.document import Document
from lstm_shapes.formats.without_gc import without_gc
from lstm_shapes.spec import assumptions
from lstm_shapes.spec import reader as spec
from lstm_shapes.spec.imported import Imported
from lstm_shapes.spec.reading import Reading
from lstm_shapes.spec.values import InvalidValue, choice, size
from lstm_shapes.spec.words import framework_name

if TYPE_CHECKING:
    from lstm_shapes.analysis.formulas import Formulas
    from lstm_shapes.analysis.verify.verification import Verification

Model = str | PathLike[str] | Mapping[str, Any] | Any
"""A path, the mapping that a file would hold, a ``keras.Model`` or a ``torch.nn.Module``."""
Dims = Mapping[str, int | str]
Assume = Mapping[str, Mapping[str, Any]]
"""What is declared of unknown classes: ``{"MyAttention": {"output": ["B", 16], "params": 528}}``."""


class NoSuchModel(LstmShapesError, ValueError):
    """A file has several models and none was chosen, or none of the name, or none at all."""


def read(
    model: Model, *, framework: str = "", dims: Dims | None = None, name: str = "", assume: Assume | None = None
) -> Reading:
    """The only model of a file read, or the one called ``name``, with everything that is wrong with it."""
    sizes = {key: size(value) for key, value in (dims or {}).items()}
    translated = _translated(model, sizes)
    models = [imported for imported in translated if name in ("", imported.name)]
    if len(models) != 1:
        source = translated[0].document.source if translated else str(model)
        names = ", ".join(imported.name for imported in models)
        raise NoSuchModel(f"{source}: {f'has the models {names}; choose one' if models else 'no such model'}")
    wanted = framework_name(framework) if framework else ""
    imported = _assumed(models[0], assume) if assume else models[0]
    return spec.read_imported(imported, framework=wanted, dims=sizes)


def _translated(model: Model, given: Mapping[str, Any] | None = None) -> tuple[Imported, ...]:
    """The models of a path, of a mapping, or of a live object. Raises ``TypeError`` on another object."""
    if isinstance(model, Mapping):
        return importers.translate(Document(source="<dict>", data=dict(model)))
    if isinstance(model, str | PathLike):
        return importers.translate(formats.read(fspath(model)), given)
    from lstm_shapes.importers import live

    imported = live.translate(model)
    if imported is None:
        raise TypeError(f"expected a path, a mapping, a keras.Model or a torch.nn.Module, got {type(model).__name__}")
    return (imported,)


def _assumed(imported: Imported, assume: Assume) -> Imported:
    """The model with its unknown layers of these classes declared. Raises ``InvalidValue``, on others too."""
    answer, met = assumptions.assume([assumptions.declared(*item) for item in assume.items()], imported)
    for class_name in assume:
        if class_name not in met:
            raise InvalidValue(f"assume: {imported.document.source} has no unknown layer of class {class_name}")
    return answer


def inspect(
    model: Model, *, framework: str = "", dims: Dims | None = None, name: str = "", assume: Assume | None = None
) -> Report:
    """Every layer's output shapes, weights, parameters and multiply-accumulates, and the findings.

    ``model`` is a path, the mapping that a file would hold, or a live ``keras.Model`` or ``torch.nn.Module``, whose
    framework is not imported; ``framework`` (keras, torch, onnx, flax, flax-linen) and ``dims`` (values of symbols)
    override what it says. Shapes have the batch first; sizes are integers, or expressions in the model's symbols.
    ``name`` chooses a model where a file has several; ``assume`` declares layers of unknown classes,
    ``{"MyAttention": {"output": ["B", 16], "params": 528}}``. Raises ``NoSuchFile`` when the path cannot be opened,
    ``MissingExtra`` where a library is needed to read it, ``NoSuchModel`` (a ``ValueError``) where none of the models
    is chosen, ``InvalidValue`` (a ``ValueError``) on an unknown framework, a value that is no size or a class that no
    unknown layer has; a mistake in the model is a finding, not an exception. A notebook shows the report as a table.

    >>> found = inspect({"input_dim": 8, "layers": [{"type": "lstm", "name": "encoder", "units": 32}]})
    >>> found.totals.params, found["encoder"].outputs[0].shape
    (5248, (Poly(B), 32))
    """
    from lstm_shapes.views.notebook import shown

    with without_gc():
        return shown(report(read(model, framework=framework, dims=dims, name=name, assume=assume)))


def convert(
    model: Model,
    to: str = "yaml",
    *,
    framework: str = "",
    dims: Dims | None = None,
    name: str = "",
    assume: Assume | None = None,
) -> str:
    """A model of any kind as the text of a spec, of which ``inspect`` reports the same, or of a diagram.

    ``to`` is yaml, json, mermaid or dot; the other arguments are those of ``inspect``, and what they say is written
    into the spec. Raises as ``inspect`` does, ``InvalidValue`` (a ``ValueError``) on another format, and ``NotAModel``
    (a ``ValueError``) where nothing could be read.

    >>> print(convert({"input_dim": 8, "layers": [{"type": "LSTM", "hidden_size": 32}]}), end="")
    input_dim: 8
    layers:
      - {type: lstm, units: 32}
    """
    from lstm_shapes.analysis.formulas import NotAModel
    from lstm_shapes.views.convert import FORMATS, view

    choice(to, FORMATS)
    wanted = framework_name(framework) if framework else ""
    with without_gc():
        reading = read(model, framework=wanted, dims=dims, name=name, assume=assume)
        if not spec.is_model(reading.document.data):
            message = reading.findings[0].message if reading.findings else "no model"
            raise NotAModel(f"{reading.document.source}: {message}", reading.findings)
        sizes = {key: size(value) for key, value in (dims or {}).items()}
        return str(view(reading, framework=wanted, dims=sizes)[to]())


def formulas(model: Model, *, framework: str = "", dims: Dims | None = None) -> Formulas:
    """Each figure of a model as an expression in its symbols, to be evaluated on integers or arrays of any library.

    ``model``, ``framework`` and ``dims`` as for ``inspect``. Figures: params, trainable_params, macs, bytes, and those
    of a layer as ``encoder.params``; ``fits`` says where the sizes make a model. Raises as ``inspect`` does, and
    ``NotAModel`` (a ``ValueError``) on a model with errors.

    >>> import numpy as np
    >>> figures = formulas({"input_dim": 8, "layers": [{"type": "lstm", "units": "H", "proj_size": 16}]})
    >>> str(figures["params"]), figures["params"](H=np.array([16, 32])).tolist()
    ('116*H', [1856, 3712])
    >>> figures.fits(H=np.array([16, 32])).tolist()
    [False, True]
    """
    from lstm_shapes.analysis.formulas import NotAModel
    from lstm_shapes.analysis.formulas import formulas as expressions
    from lstm_shapes.rules.conditions import conditions

    with without_gc():
        reading = read(model, framework=framework, dims=dims)
        answer = report(reading)
        wrong = tuple(
            finding
            for finding in answer.findings
            if finding.severity == "error" and finding.kind not in ("expectation", "budget")
        )
        if wrong or reading.inferred is None:
            raise NotAModel(f"{answer.source}: {wrong[0].message if wrong else 'no layers'}", wrong)
        needed = conditions(reading, reading.inferred)
        return expressions(answer, reading.inferred, tuple(dict.fromkeys(one.condition for one in needed)))


def check(
    paths: Iterable[str | PathLike[str]],
    *,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    targets: Iterable[str] = (),
    framework: str = "",
    dims: Dims | None = None,
    assume: Assume | None = None,
) -> tuple[Finding, ...]:
    """The findings in files and folders, as ``lstm-shapes check --isolated`` has them.

    ``select`` and ``ignore`` name rules by id, name or the beginning of an id; ``targets`` (onnxruntime, tflite) add
    what their exporters refuse; ``assume`` declares layers of unknown classes. Raises ``NothingFound`` when a path does
    not exist or a folder has no model, ``InvalidValue`` (a ``ValueError``) on a rule, target, framework or size that
    there is not.

    >>> [finding.id for finding in check(["examples"], select=["LS2"])]
    []
    """
    from lstm_shapes.checking import settings
    from lstm_shapes.checking.discover import NothingFound
    from lstm_shapes.checking.run import check as run

    asked = settings.Settings(
        select=settings.rules(list(select)),
        ignore=settings.rules(list(ignore)),
        targets=settings.targets(list(targets)),
        override_framework=framework_name(framework) if framework else "",
        override_dims={name: size(value) for name, value in (dims or {}).items()},
        override_assume=dict(assumptions.declared(*item) for item in (assume or {}).items()),
    )
    with without_gc():
        outcome = run([fspath(path) for path in paths], asked)
    if outcome.unread:
        raise NothingFound("; ".join(outcome.unread))
    return outcome.findings


def verify(
    model: Model,
    *,
    framework: str = "",
    dims: Dims | None = None,
    seed: int = 0,
    against: str | Iterable[str] = (),
    name: str = "",
    assume: Assume | None = None,
) -> Verification:
    """The predictions confirmed by running the model in NumPy on random data; says what it compared.

    ``seed`` makes it repeatable. ``against`` names frameworks (keras, torch, onnx, flax, flax-linen, all), one or
    several, in which the same weights are run as well: ``.against`` has a comparison for each, layer by layer, with
    weights, shapes, states and outputs. Raises as ``inspect`` does, and ``MissingFramework`` where one of them is not
    installed; a model that cannot be run is ``not confirmed``, with the reason.

    >>> verify({"input_dim": 8, "layers": [{"type": "lstm", "units": 32}]}).verdict
    'confirmed'
    """
    from lstm_shapes.analysis.verify.verify import verify as run

    with without_gc():
        names = (against,) if isinstance(against, str) else tuple(against)
        reading = read(model, framework=framework, dims=dims, name=name, assume=assume)
        return run(reading, seed=seed, against=names)

"""lstm-shapes: the shapes, weights, parameter counts and cost of recurrent networks, without a framework.

>>> import lstm_shapes as ls
>>> ls.params(units=32, input_dim=8).total
5248

Names are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as type checkers know it; importing typing costs --version a third of a bare start
if TYPE_CHECKING:
    from typing import Any

    from lstm_shapes.analysis.formulas import Expression as Expression
    from lstm_shapes.analysis.formulas import Formulas as Formulas
    from lstm_shapes.analysis.formulas import NotAModel as NotAModel
    from lstm_shapes.analysis.layout.answer import Layout as Layout
    from lstm_shapes.analysis.layout.layout import layout as layout
    from lstm_shapes.analysis.layout.no_conversion import NoConversion as NoConversion
    from lstm_shapes.analysis.params import LayerSettingsError as LayerSettingsError
    from lstm_shapes.analysis.params import Params as Params
    from lstm_shapes.analysis.params import params as params
    from lstm_shapes.analysis.report import Report as Report
    from lstm_shapes.analysis.verify.against import MissingFramework as MissingFramework
    from lstm_shapes.analysis.verify.verification import Verification as Verification
    from lstm_shapes.api import NoSuchModel as NoSuchModel
    from lstm_shapes.api import check as check
    from lstm_shapes.api import convert as convert
    from lstm_shapes.api import formulas as formulas
    from lstm_shapes.api import inspect as inspect
    from lstm_shapes.api import verify as verify
    from lstm_shapes.checking.discover import NothingFound as NothingFound
    from lstm_shapes.findings.errors import LstmShapesError as LstmShapesError
    from lstm_shapes.findings.finding import Finding as Finding
    from lstm_shapes.formats import MissingExtra as MissingExtra
    from lstm_shapes.formats import NoSuchFile as NoSuchFile
    from lstm_shapes.spec.values import InvalidValue as InvalidValue
    from lstm_shapes.symbolic.size import Unbound as Unbound

__version__ = "0.1.0"

_HOME = {
    "check": "api",
    "convert": "api",
    "formulas": "api",
    "inspect": "api",
    "verify": "api",
    "layout": "analysis.layout.layout",
    "params": "analysis.params",
    "Expression": "analysis.formulas",
    "Finding": "findings.finding",
    "Formulas": "analysis.formulas",
    "LayerSettingsError": "analysis.params",
    "Layout": "analysis.layout.answer",
    "LstmShapesError": "findings.errors",
    "MissingExtra": "formats",
    "MissingFramework": "analysis.verify.against",
    "NoConversion": "analysis.layout.no_conversion",
    "NoSuchFile": "formats",
    "NoSuchModel": "api",
    "NotAModel": "analysis.formulas",
    "NothingFound": "checking.discover",
    "Params": "analysis.params",
    "Report": "analysis.report",
    "Verification": "analysis.verify.verification",
    "InvalidValue": "spec.values",
    "Unbound": "symbolic.size",
}
"""A public name -> the module it lives in."""

__all__ = ["__version__", *_HOME]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)

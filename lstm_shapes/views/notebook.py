"""What a notebook shows of a report: the table of ``inspect``, then the findings."""

from __future__ import annotations

from dataclasses import dataclass

from lstm_shapes.analysis.report import Report


@dataclass(frozen=True, kw_only=True)
class ShownReport(Report):
    """A report that is a table where it is the last value of a notebook's cell."""

    def _repr_html_(self) -> str:
        """The page of ``inspect`` as HTML, everything in it escaped."""
        from lstm_shapes.render import html
        from lstm_shapes.views.findings import headline
        from lstm_shapes.views.inspect import page

        answer = page(self)
        hints = (f"{headline(one)}\nhint: {one.hint}" if one.hint else headline(one) for one in self.findings)
        return html.render(answer._replace(parts=(*answer.parts, *hints)))


def shown(report: Report) -> ShownReport:
    """A report that shows itself.

    >>> from lstm_shapes.api import inspect
    >>> inspect({"input_dim": 8, "layers": [{"type": "lstm", "units": 32}]})._repr_html_()[:47]
    '<div><p><strong>&lt;dict&gt; (Keras 3)</strong>'
    """
    return ShownReport(**vars(report))

"""The formats of ``check``: a name on the command line -> the module here whose ``render`` makes text of an Outcome."""

from __future__ import annotations

CHECK_FORMATS = {
    "text": "text",
    "concise": "concise",
    "json": "json",
    "github": "github",
    "gitlab": "gitlab",
    "sarif": "sarif",
    "junit": "junit",
    "markdown": "markdown",
}

"""How a service that shows a repository names a file: from the repository's root, with forward slashes."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import PurePath
from urllib.parse import quote

ROOTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")
"""Where GitHub's and GitLab's runners say that the repository is checked out."""


def in_repository(source: str) -> str:
    """The path from the root that a runner names, else from the working directory; outside both it stays as it is.

    >>> in_repository("./models/../model.yaml"), in_repository("<stdin>")
    ('model.yaml', '<stdin>')
    """
    if source == "<stdin>":
        return source
    with suppress(OSError, ValueError):
        path = os.path.abspath(source)
        for root in [os.environ.get(name, "") for name in ROOTS] + [os.getcwd()]:
            if root and path.startswith(os.path.join(os.path.abspath(root), "")):
                return PurePath(os.path.relpath(path, root)).as_posix()
    return PurePath(os.path.normpath(source)).as_posix()


def uri(path: str) -> str:
    """A path as a URI reference (RFC 3986): the bytes of the name, percent-encoded unless unreserved or ``/``.

    >>> uri("a b/c%:é.yaml"), uri("/tmp/x.yaml")
    ('a%20b/c%25%3A%C3%A9.yaml', 'file:///tmp/x.yaml')
    """
    try:
        raw = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raw = path.encode("utf-8", "surrogatepass")
    prefix = "file://" if path.startswith("/") else "file:///" if PurePath(path).is_absolute() else ""
    return prefix + quote(raw, safe="/")

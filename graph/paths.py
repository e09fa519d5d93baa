"""Addresses below the Graph root: what is sent, and the template that may be logged in its place."""

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from urllib.parse import quote


@dataclass(frozen=True)
class Path:
    """A path below the root. Its ``template`` names no user and may be logged; ``sent`` may not."""

    template: str
    sent: str

    def __repr__(self) -> str:
        return f"Path({self.template!r})"

    __str__ = __repr__


def path(template: str, **values: str) -> Path:
    """Fill ``/users/{user}/…``. A value is always one segment, whatever stands in it."""
    sent = ""
    for between, name, _, _ in Formatter().parse(template):
        sent += between
        if name is not None:
            sent = _with(sent, values[name])
    return Path(template, sent)


def _with(before: str, value: str) -> str:
    if value in ("", ".", ".."):
        raise ValueError("not the id of anything")
    # A user principal name that begins with $ is an operator to Graph unless it stands as a quoted key.
    # https://learn.microsoft.com/graph/api/user-get
    if before.endswith("/users/") and value.startswith("$"):
        return f"{before.removesuffix('/')}('{quote(literal(value), safe='')}')"
    return before + quote(value, safe="")


def literal(value: str) -> str:
    """The inside of a quoted OData literal: an apostrophe is written twice."""
    return value.replace("'", "''")


def equals(name: str, value: str) -> str:
    """The filter ``name eq 'value'``."""
    return f"{name} eq '{literal(value)}'"


def query_text(query: Mapping[str, str]) -> str:
    """The query string. ``+`` and ``#`` in addresses survive; ``$`` stays readable in the names."""
    return "&".join(f"{quote(name, safe='$')}={quote(value, safe='')}" for name, value in query.items())

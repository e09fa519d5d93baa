"""Turns what a database driver says into one of our errors, with a sentence that tells what to do."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from handlers.store.errors import DatabaseUnavailable, RuleBroken, SchemaOutdated, StoreError

_BUSY: Final = "The database is busy: another program holds it. Try again."
_FULL: Final = "The disk of the database is full: make room."
_UNREACHABLE: Final = (
    "The database cannot be reached: check storage.url, and that the server runs and has it."
)
_UNWRITABLE: Final = "The database file cannot be opened or written: check its folder and permissions."
_DAMAGED: Final = "The database is damaged: restore it from a backup."

# sqlite.org/rescode.html, the low byte of the extended code
_SQLITE: Final = {
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_IOERR: _UNWRITABLE,
    sqlite3.SQLITE_CANTOPEN: _UNWRITABLE,
    sqlite3.SQLITE_READONLY: _UNWRITABLE,
    sqlite3.SQLITE_PERM: _UNWRITABLE,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
}

# postgresql.org/docs/current/errcodes-appendix.html, whole codes or their class
_POSTGRESQL: Final = {
    "08": _UNREACHABLE,
    "40": _BUSY,
    "55P03": _BUSY,
    "53100": _FULL,
    "53": "The database has no connection or memory to spare. Try again.",
    "57": _UNREACHABLE,
    "58": _UNREACHABLE,
    "XX": _DAMAGED,
}
_MISSING: Final = frozenset({"42P01", "42703"})
"""No such table, no such column."""


@contextmanager
def translated() -> Iterator[None]:
    """Raise a ``StoreError`` for whatever the database refuses to do."""
    try:
        yield
    except PoolTimeout:
        raise DatabaseUnavailable(_BUSY) from None
    except DBAPIError as error:
        # Not chained: the driver's words may hold values of the row, or the address of the database.
        raise _translate(error) from None


def _translate(error: DBAPIError) -> StoreError:
    if isinstance(error.orig, sqlite3.Error):
        return _of_sqlite(error.orig)
    state = getattr(error.orig, "sqlstate", None)
    if isinstance(state, str):
        return _of_postgresql(state, getattr(error.orig, "diag", None))
    if error.connection_invalidated or isinstance(error, OperationalError | InterfaceError):
        return DatabaseUnavailable(_UNREACHABLE)
    return RuleBroken(type(error.orig).__name__)


def _of_sqlite(error: sqlite3.Error) -> StoreError:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    if code == sqlite3.SQLITE_ERROR and str(error).startswith(("no such table", "no such column")):
        return SchemaOutdated()
    words = _SQLITE.get(code & 0xFF)
    # SQLite names the columns, never their values.
    return DatabaseUnavailable(words) if words else RuleBroken(str(error))


def _of_postgresql(state: str, said: object) -> StoreError:
    if state in _MISSING:
        return SchemaOutdated()
    words = _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:2])
    rule = getattr(said, "constraint_name", None) or state
    return DatabaseUnavailable(words) if words else RuleBroken(str(rule))

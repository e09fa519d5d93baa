"""The database: one way to open it, one kind of transaction, one way to bring its tables up to date."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Self

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.pool import ConnectionPoolEntry

from handlers.store.bells import Bells
from handlers.store.errors import DatabaseUnavailable, RuleBroken, SchemaOutdated, SchemaTooNew, StoreError
from handlers.store.faults import translated

__all__ = [
    "Database",
    "DatabaseUnavailable",
    "RuleBroken",
    "SchemaOutdated",
    "SchemaTooNew",
    "StoreError",
]

_BUSY_MS = 10_000
_UPGRADE_LOCK = 771_001
"""Names the advisory lock under which one replica upgrades while the others wait."""
_UPGRADE_MS = 600_000
"""How long they wait: a migration of a large table takes minutes."""


class Database:
    """SQLite or PostgreSQL. Handed to those who need it; closed by whoever opened it."""

    def __init__(self, writing: AsyncEngine, reading: AsyncEngine) -> None:
        self.bells = Bells()
        self._writing = writing
        self._reading = reading
        self._write_sessions = async_sessionmaker(writing, expire_on_commit=False)
        self._read_sessions = async_sessionmaker(reading, expire_on_commit=False)

    @classmethod
    def open(cls, url: str) -> Self:
        """A database by its address, ``sqlite:///FILE`` or ``postgresql://…``. Nothing is connected yet."""
        try:
            address = make_url(url)
        except ArgumentError:
            raise StoreError("storage.url is not a database address.") from None
        match address.get_backend_name():
            case "sqlite" if address.database and address.database != ":memory:":
                return cls(*_sqlite(address.set(drivername="sqlite+aiosqlite")))
            case "postgresql":
                return cls(*_postgresql(address.set(drivername="postgresql+psycopg")))
            case _:
                raise StoreError("storage.url must begin with sqlite:/// and a file name, or postgresql://.")

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._writing.dialect.name

    async def close(self) -> None:
        """Close every connection."""
        await self._writing.dispose()
        await self._reading.dispose()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """All or nothing: committed at the end, rolled back on any error. Never one within another."""
        with translated():
            async with self._write_sessions.begin() as session:
                yield session
        self.bells.ring(session)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """One unchanging view for long reads, which holds up no writer. Writing in it fails."""
        with translated():
            async with self._read_sessions.begin() as session:
                yield session

    async def check_schema(self) -> None:
        """``SchemaOutdated`` or ``SchemaTooNew`` unless the tables are those this program was written for."""
        with translated():
            async with self._writing.connect() as connection:
                current = await connection.run_sync(_revision)
        if current != _head():
            raise SchemaOutdated if _known(current) else SchemaTooNew

    async def upgrade(self) -> None:
        """Bring the tables up to date. Any number of replicas may try at once: one works, the others wait."""
        if self.dialect == "sqlite":
            await asyncio.to_thread(_make_private, self._writing.url.database or "")
        with translated():
            async with self._writing.connect() as connection:
                await self._wait_for(connection, _UPGRADE_MS)
                async with connection.begin():
                    # Taken inside the transaction that the migrations run in, so that it ends with the commit.
                    # SQLite holds its one write lock from BEGIN IMMEDIATE on.
                    if self.dialect == "postgresql":
                        await connection.execute(text(f"SET LOCAL lock_timeout = {_UPGRADE_MS}"))
                        await connection.execute(
                            text("SELECT pg_advisory_xact_lock(:id)"), {"id": _UPGRADE_LOCK}
                        )
                    await connection.run_sync(_upgrade)
                await self._wait_for(connection, _BUSY_MS)

    async def _wait_for(self, connection: AsyncConnection, milliseconds: int) -> None:
        """How long SQLite waits for another process to finish writing; before the transaction begins."""
        if self.dialect == "sqlite":
            held = await connection.get_raw_connection()
            if held.driver_connection is not None:
                await held.driver_connection.execute(f"PRAGMA busy_timeout={milliseconds}")


def migrations() -> Config:
    """The settings of Alembic: there is no ``alembic.ini``."""
    config = Config()
    config.set_main_option("script_location", str(files("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "v%%(rev)s_%%(slug)s")
    return config


def _sqlite(url: URL) -> tuple[AsyncEngine, AsyncEngine]:
    # Every transaction that may write says BEGIN IMMEDIATE, so they run one after the other anyway: with one
    # connection they queue in order within this process, and the busy time-out is for other processes alone.
    writing = create_async_engine(url, hide_parameters=True, pool_size=1, max_overflow=0, pool_timeout=30)
    reading = create_async_engine(url, hide_parameters=True, pool_size=4, max_overflow=4)
    for engine in (writing, reading):
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(writing.sync_engine, "begin", _begin_immediate)
    event.listen(reading.sync_engine, "begin", _begin_reading)
    return writing, reading


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # The driver must not begin transactions by itself: it does so only at the first write, and two tasks that
    # read, add and write would lose updates. See sqlite.org/lang_transaction.html.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={_BUSY_MS}",
        "journal_mode=WAL",
        # FULL, not NORMAL: an event that was acknowledged must outlive the process and also the power. In WAL
        # mode NORMAL syncs only at checkpoints, so a power cut may undo commits:
        # sqlite.org/pragma.html#pragma_synchronous
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_reading(connection: Connection) -> None:
    connection.exec_driver_sql("PRAGMA query_only=ON")
    connection.exec_driver_sql("BEGIN")


def _postgresql(url: URL) -> tuple[AsyncEngine, AsyncEngine]:
    engine = create_async_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=5,
        max_overflow=5,
        connect_args={"connect_timeout": 5, "options": "-c timezone=UTC -c lock_timeout=10s"},
    )
    reading = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return engine, reading


def _make_private(path: str) -> None:
    if (file := Path(path)).parent.is_dir():
        file.touch(mode=0o600)


def _upgrade(connection: Connection) -> None:
    if not _known(_revision(connection)):
        raise SchemaTooNew
    config = migrations()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _head() -> str | None:
    return ScriptDirectory.from_config(migrations()).get_current_head()


def _known(revision: str | None) -> bool:
    scripts = ScriptDirectory.from_config(migrations())
    return revision is None or revision in {script.revision for script in scripts.walk_revisions()}

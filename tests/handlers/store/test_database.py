"""Opening, transactions, migrations, and what is said when the database does not do its part."""

import asyncio
import sqlite3
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, create_engine, inspect, text

from handlers.records import Attempt, Case
from handlers.store.database import (
    Database,
    DatabaseUnavailable,
    RuleBroken,
    SchemaOutdated,
    SchemaTooNew,
    StoreError,
    migrations,
)

_UPGRADE = """
import asyncio, sys
from handlers.store.database import Database

async def main():
    database = Database.open(sys.argv[1])
    await database.upgrade()
    await database.check_schema()
    await database.close()

asyncio.run(main())
"""


def _sync(url: str) -> str:
    return url.replace("postgresql:", "postgresql+psycopg:")


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "sqlite://", "sqlite:///:memory:", "mysql://h/d", "sqlite+pysqlite://"],
)
def test_an_address_that_cannot_work_is_refused_at_once(url: str) -> None:
    with pytest.raises(StoreError, match=r"storage\.url"):
        Database.open(url)


async def test_a_transaction_is_kept_whole_or_not_at_all(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(text("INSERT INTO pseudonym VALUES ('p', 's')"))
    with pytest.raises(RuleBroken):
        await _run(
            database, "INSERT INTO pseudonym VALUES ('q', 't')", "INSERT INTO pseudonym VALUES ('p', 'u')"
        )
    async with database.transaction() as session:
        assert (await session.scalars(text("SELECT pseudonym FROM pseudonym"))).all() == ["p"]


async def test_no_update_is_lost(database: Database) -> None:
    """Read, add, write, by many at once: needs BEGIN IMMEDIATE on SQLite and a row lock on PostgreSQL."""
    async with database.transaction() as session:
        await session.execute(text("INSERT INTO audit_head VALUES (1, 0, '', '', NULL, '', '')"))
    lock = " FOR UPDATE" if database.dialect == "postgresql" else ""

    async def add() -> None:
        async with database.transaction() as session:
            seen = await session.scalar(text(f"SELECT seq FROM audit_head{lock}"))
            await asyncio.sleep(0)
            await session.execute(text("UPDATE audit_head SET seq = :n"), {"n": (seen or 0) + 1})

    await asyncio.gather(*(add() for _ in range(50)))
    async with database.transaction() as session:
        assert await session.scalar(text("SELECT seq FROM audit_head")) == 50


async def test_sqlite_survives_a_power_cut(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    async with database.transaction() as session:
        assert await session.scalar(text("PRAGMA synchronous")) == 2
        assert await session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert await session.scalar(text("PRAGMA foreign_keys")) == 1
    await database.close()


async def test_a_cancelled_transaction_leaves_nothing_behind(database: Database) -> None:
    inside = asyncio.Event()

    async def hang() -> None:
        async with database.transaction() as session:
            await session.execute(text("INSERT INTO pseudonym VALUES ('p', 's')"))
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(hang())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with database.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM pseudonym")) == 0


async def test_reading_sees_one_moment_and_writes_nothing(database: Database) -> None:
    async with database.reading() as reader:
        before = await reader.scalar(text("SELECT count(*) FROM pseudonym"))
        async with database.transaction() as session:
            await session.execute(text("INSERT INTO pseudonym VALUES ('p', 's')"))
        assert await reader.scalar(text("SELECT count(*) FROM pseudonym")) == before
    with pytest.raises((RuleBroken, DatabaseUnavailable)):
        async with database.reading() as reader:
            await reader.execute(text("DELETE FROM pseudonym"))
    async with database.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM pseudonym")) == 1


async def test_a_database_without_tables_says_what_to_do(empty_url: str) -> None:
    database = Database.open(empty_url)
    with pytest.raises(SchemaOutdated, match="tofaktor db upgrade"):
        await database.check_schema()
    with pytest.raises(SchemaOutdated):
        async with database.transaction() as session:
            await session.execute(text("SELECT * FROM inbox"))
    await database.upgrade()
    await database.check_schema()
    await database.upgrade()
    await database.close()


async def test_a_database_of_a_newer_program_is_left_alone(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaTooNew, match="newer"):
        await database.check_schema()
    with pytest.raises(SchemaTooNew, match="newer"):
        await database.upgrade()


def test_the_records_and_the_migrations_agree(database_url: str) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "render_as_batch": True, "target_metadata": Case.metadata}
        )
        return list(compare_metadata(context, Case.metadata))

    engine = create_engine(_sync(database_url))
    with engine.begin() as connection:
        assert differences(connection) == []
        connection.execute(text("ALTER TABLE pseudonym ADD COLUMN strange TEXT"))
        assert differences(connection) != []
        connection.rollback()
    engine.dispose()


def test_the_constraints_are_those_of_the_records(database_url: str) -> None:
    """What Alembic does not compare: every CHECK, and the condition of the index of live cases."""
    engine = create_engine(_sync(database_url))
    with engine.connect() as connection:
        made = {
            str(check["name"]): set(check["sqltext"].split("'")[1::2])
            for table in Case.metadata.tables
            for check in inspect(connection).get_check_constraints(table)
        }
    engine.dispose()
    wanted = {
        str(check.name): set(str(check.sqltext).split("'")[1::2])
        for table in Case.metadata.tables.values()
        for check in table.constraints
        if isinstance(check, CheckConstraint)
    }
    assert made == wanted


def test_a_downgrade_leaves_nothing(database_url: str) -> None:
    engine = create_engine(_sync(database_url))
    with engine.begin() as connection:
        config = migrations()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        command.upgrade(config, "head")
    engine.dispose()


@pytest.mark.slow
async def test_replicas_may_upgrade_at_the_same_time(empty_url: str) -> None:
    replicas = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", _UPGRADE, empty_url, stderr=asyncio.subprocess.PIPE
        )
        for _ in range(6)
    ]
    said = [(await replica.communicate())[1].decode() for replica in replicas]
    assert [replica.returncode for replica in replicas] == [0] * 6, said
    database = Database.open(empty_url)
    async with database.transaction() as session:
        stands = (await session.scalars(text("SELECT version_num FROM alembic_version"))).all()
    assert stands == [ScriptDirectory.from_config(migrations()).get_current_head()]
    await database.close()


async def test_a_new_sqlite_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path / 'new.db'}")
    await database.upgrade()
    await database.close()
    assert stat.S_IMODE((tmp_path / "new.db").stat().st_mode) == 0o600


async def test_a_locked_database_is_called_busy(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    async with database.transaction() as session:
        await session.execute(text("PRAGMA busy_timeout=50"))
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseUnavailable, match="busy"):
        async with database.transaction() as session:
            await session.execute(text("SELECT 1"))
    other.execute("ROLLBACK")
    other.close()
    async with database.transaction() as session:
        await session.execute(text("SELECT 1"))
    await database.close()


async def test_a_full_disk_is_called_so_and_keeps_nothing_by_halves(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    async with database.transaction() as session:
        pages = await session.scalar(text("PRAGMA page_count"))
        await session.execute(text(f"PRAGMA max_page_count={pages + 2}"))
    with pytest.raises(DatabaseUnavailable, match="disk"):
        await _run(database, *(f"INSERT INTO pseudonym VALUES ('p{n}', '{n * 'x'}')" for n in range(300)))
    async with database.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM pseudonym")) == 0
    await database.close()


async def test_a_file_that_is_no_database_is_called_damaged(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"not a database at all, but long enough to be looked at " * 200)
    database = Database.open(f"sqlite:///{tmp_path / 'x.db'}")
    with pytest.raises(DatabaseUnavailable, match="damaged"):
        await database.check_schema()
    await database.close()


async def test_a_missing_folder_is_named_a_matter_of_the_path(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path / 'nowhere' / 'x.db'}")
    with pytest.raises(DatabaseUnavailable, match="folder"):
        await database.upgrade()
    await database.close()


async def test_an_unreachable_server_is_called_so_without_its_address(tmp_path: Path) -> None:
    database = Database.open(f"postgresql://me:hemmelig@/d?host={tmp_path}")
    with pytest.raises(DatabaseUnavailable, match="cannot be reached") as caught:
        await database.check_schema()
    assert "hemmelig" not in "".join(map(str, (caught.value, caught.value.__cause__, database)))
    await database.close()


@pytest.mark.postgres
async def test_a_missing_database_is_called_so(postgres_url: str) -> None:
    database = Database.open(f"{postgres_url.partition('?')[0]}_not?{postgres_url.partition('?')[2]}")
    with pytest.raises(DatabaseUnavailable, match="has it"):
        await database.check_schema()
    await database.close()


@pytest.mark.postgres
async def test_a_connection_that_the_server_ends_is_replaced(postgres_url: str) -> None:
    database = Database.open(postgres_url)
    with pytest.raises(DatabaseUnavailable, match="reached"):
        await _run(database, "SELECT pg_terminate_backend(pg_backend_pid())")
    async with database.transaction() as session:
        assert await session.scalar(text("SELECT 1")) == 1
    await database.close()


async def test_no_value_of_a_row_stands_in_an_error(database: Database) -> None:
    async with database.transaction() as session:
        session.add(Attempt(subject="hemmelig", window=_window(), count=1))
    with pytest.raises(RuleBroken, match="attempt") as caught:
        async with database.transaction() as session:
            session.add(Attempt(subject="hemmelig", window=_window(), count=2))
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert "hemmelig" not in str(caught.value)


async def _run(database: Database, *statements: str) -> None:
    async with database.transaction() as session:
        for statement in statements:
            await session.execute(text(statement))


def _window() -> datetime:
    return datetime(2026, 11, 24, tzinfo=UTC)

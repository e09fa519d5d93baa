"""The database cannot be written: Slack gets no 200 for what was not written, and delivers it again."""

import resource
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.sandbox.stage import Stage
from tests.faults.given import answered, ask, played, rows, settled, until

_ASKER = "Siobhán O'Brien"


@contextmanager
def _locked(playing: Stage) -> Iterator[None]:
    """Another process holds the write lock, as a backup or somebody's shell may."""
    other = sqlite3.connect(playing.folder / "tofaktor.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@contextmanager
def _full_disk(playing: Stage) -> Iterator[None]:
    """No file of the bot may grow beyond what the database's log has now: what a full disk does to SQLite."""
    size = (playing.folder / "tofaktor.db-wal").stat().st_size
    assert playing.log.stat().st_size < size / 2
    soft, hard = resource.prlimit(playing.bot_pid, resource.RLIMIT_FSIZE)
    resource.prlimit(playing.bot_pid, resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.prlimit(playing.bot_pid, resource.RLIMIT_FSIZE, (soft, hard))


async def test_while_another_program_holds_the_database_nothing_is_acknowledged(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        with _locked(story.stage):
            said = await ask(story, _ASKER)
            assert not any(delivery.acknowledged for delivery in said.deliveries)
        assert all(delivery.acknowledged for delivery in await story.stage.slack.retry_unacknowledged())
        await answered(story, _ASKER)


@pytest.mark.slow
async def test_a_lock_that_outlasts_all_patience_does_not_end_the_bot(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        with _locked(story.stage):
            await ask(story, _ASKER)
            await until(story, lambda: "slack.not_received" in story.stage.said() or None)
        pid = story.stage.bot_pid
        await story.stage.slack.retry_unacknowledged()
        await answered(story, _ASKER)
        assert story.stage.bot_pid == pid


@pytest.mark.skipif(sys.platform != "linux", reason="limits of another process can only be set on Linux")
async def test_on_a_full_disk_nothing_is_acknowledged_that_is_not_written(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        for _ in range(3):
            await ask(story, "Priya Nair")
        await answered(story, "Priya Nair", 3)
        await settled(story)
        before = rows(story.stage, "SELECT count(*) FROM inbox")
        with _full_disk(story.stage):
            said = await ask(story, _ASKER)
            assert [delivery.status for delivery in said.deliveries] == [503]
        assert rows(story.stage, "SELECT count(*) FROM inbox") == before
        assert all(delivery.acknowledged for delivery in await story.stage.slack.retry_unacknowledged())
        await answered(story, _ASKER)

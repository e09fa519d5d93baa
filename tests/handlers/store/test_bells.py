"""A bell rings after the commit, and only for what was written."""

from functools import partial

import pytest

from handlers.store import notices
from handlers.store.bells import Queue
from handlers.store.database import Database
from handlers.store.errors import RuleBroken
from tests.handlers.store.given import NOW

_CHANNELS = {notices.Channel.WORK_MAIL}


@pytest.fixture
def rung(database: Database) -> list[Queue]:
    """What rang, in turn."""
    heard: list[Queue] = []
    for queue in Queue:
        database.bells.on_commit(queue, partial(heard.append, queue))
    return heard


async def test_it_rings_once_what_was_written_is_committed(database: Database, rung: list[Queue]) -> None:
    async with database.transaction() as session:
        await notices.add(session, "a", "issued", _CHANNELS, NOW)
        await notices.add(session, "b", "issued", _CHANNELS, NOW)
        assert rung == []
    assert rung == [Queue.NOTICES]


async def test_it_is_silent_when_nothing_was_written(database: Database, rung: list[Queue]) -> None:
    async with database.transaction() as session:
        await notices.add(session, "a", "issued", set(), NOW)
        await notices.purge(session, NOW)
    assert rung == []


async def test_it_is_silent_after_a_roll_back(database: Database, rung: list[Queue]) -> None:
    async def breaks() -> None:
        async with database.transaction() as session:
            await notices.add(session, "a", "issued", _CHANNELS, NOW)
            raise RuleBroken("a rule")

    with pytest.raises(RuleBroken):
        await breaks()
    assert rung == []

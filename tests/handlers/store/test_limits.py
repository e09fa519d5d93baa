"""Limits hold across workers, slide with time, and do not count what they refuse."""

import asyncio
import secrets
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from handlers.store import limits
from handlers.store.database import Database
from tests.handlers.store.given import MINUTE, NOW

_HOUR = timedelta(hours=1)


async def _hit(
    database: Database, after: timedelta = timedelta(), allowed: int = 3, subject: str = "s"
) -> bool:
    async with database.transaction() as session:
        return await limits.hit(session, subject, NOW + after, _HOUR, allowed)


async def test_no_more_than_allowed(database: Database) -> None:
    assert [await _hit(database) for _ in range(5)] == [True] * 3 + [False] * 2
    assert await _hit(database, subject="other")
    assert not await _hit(database, subject="none", allowed=0)


async def test_of_many_at_once_the_allowed_number_pass(database: Database) -> None:
    assert sum(await asyncio.gather(*(_hit(database, allowed=7) for _ in range(40)))) == 7


async def test_what_was_refused_does_not_count(database: Database) -> None:
    for minute in range(60):
        await _hit(database, minute * MINUTE, allowed=3)
    assert await _hit(database, _HOUR + 10 * MINUTE)


def test_no_window_ever_holds_more(sqlite_url: str) -> None:
    """Wherever the window is laid: a fixed one would let twice as many through at its edge."""

    async def play(moments: list[int], allowed: int) -> list[int]:
        database = Database.open(sqlite_url)
        subject = secrets.token_hex(8)
        passed = [
            moment for moment in sorted(moments) if await _hit(database, moment * MINUTE, allowed, subject)
        ]
        await database.close()
        return passed

    @settings(max_examples=40, deadline=None)
    @given(moments=st.lists(st.integers(0, 200), min_size=1, max_size=30), allowed=st.integers(1, 5))
    def check(moments: list[int], allowed: int) -> None:
        passed = asyncio.run(play(moments, allowed))
        assert passed
        for start in range(201):
            assert sum(start <= moment < start + 60 for moment in passed) <= allowed

    check()


@pytest.mark.parametrize("replicas", [1, 4])
async def test_several_are_counted_at_once_and_never_more_than_are_left(
    database: Database, replicas: int
) -> None:
    async def take(wanted: int, at: datetime) -> int:
        async with database.transaction() as session:
            return await limits.take(session, "many", at, MINUTE, 5, wanted)

    given = await asyncio.gather(*(take(3, NOW) for _ in range(replicas)))
    assert sum(given) == min(5, 3 * replicas)
    assert await take(20, NOW + MINUTE / 2) == 5 - sum(given)
    assert await take(20, NOW + MINUTE / 2) == 0
    async with database.transaction() as session:
        await limits.forget(session, "many", NOW + MINUTE)
    assert await take(2, NOW + MINUTE) == 2


async def test_old_attempts_are_forgotten(database: Database) -> None:
    await _hit(database)
    async with database.transaction() as session:
        await limits.purge(session, NOW + timedelta(days=62))
        assert await session.scalar(text("SELECT count(*) FROM attempt")) == 1
        await limits.purge(session, NOW + timedelta(days=63))
        assert await session.scalar(text("SELECT count(*) FROM attempt")) == 0

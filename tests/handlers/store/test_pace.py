"""What nobody waits for goes at the platform's pace: found out by steps, shared by all, and never in others' way."""

import asyncio
from collections import deque
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.events import Place
from handlers.messages import Greeting, Language
from handlers.records import SendingPace
from handlers.store import outbox, pace
from handlers.store.database import Database
from handlers.store.pace import SLACK, Bounds, bounds_of
from tests.handlers.store.given import NOW

SECOND = timedelta(seconds=1)
LEASE = timedelta(seconds=60)
TEN = {"slack": Bounds(10, 1, 10), "teams": Bounds(10, 1, 10)}


def _post(key: str, *, platform: str = "slack", priority: int = 9) -> outbox.Post:
    place = Place(platform, "C0")
    return outbox.Post(key, place, Greeting(), Language.EN, NOW, priority=priority)


async def _claim(database: Database, at: datetime, limit: int = 16) -> list[str]:
    async with database.transaction() as session:
        claimed = await outbox.claim(session, "bot", at, LEASE, limit, ["slack", "teams"], TEN)
    return [one.post.key for one in claimed]


async def _add(database: Database, *posts: outbox.Post) -> None:
    async with database.transaction() as session:
        await outbox.add_many(session, posts)


async def test_no_more_go_than_the_pace_allows_however_many_ask(database: Database) -> None:
    await _add(database, *(_post(f"r{number:03}") for number in range(100)))
    first = await asyncio.gather(*(_claim(database, NOW) for _ in range(5)))
    assert sum(map(len, first)) == 1
    later = await asyncio.gather(*(_claim(database, NOW + SECOND) for _ in range(5)))
    assert sum(map(len, later)) == 10
    after_a_silence = [await _claim(database, NOW + 60 * SECOND) for _ in range(3)]
    assert sum(map(len, after_a_silence)) == 20


async def test_whoever_waits_does_not_wait_for_the_pace(database: Database) -> None:
    await _add(database, *(_post(f"r{number:03}") for number in range(50)))
    await _claim(database, NOW)
    await _add(database, *(_post(f"now{number}", priority=1) for number in range(16)))
    assert await _claim(database, NOW) == [f"now{number}" for number in range(16)]


async def test_a_platform_takes_no_room_from_the_other(database: Database) -> None:
    await _add(database, *(_post(f"s{number:03}") for number in range(50)))
    await _add(database, *(_post(f"t{number:03}", platform="teams") for number in range(50)))
    await _claim(database, NOW)
    keys = await _claim(database, NOW + 2 * SECOND)
    assert (sum(key[0] == "s" for key in keys), sum(key[0] == "t" for key in keys)) == (8, 8)


async def _rate(session: AsyncSession) -> float:
    row = await session.get(SendingPace, "slack", populate_existing=True)
    assert row is not None
    return row.rate


async def test_the_rate_grows_while_it_is_used_up_and_not_in_an_idle_night(database: Database) -> None:
    async with database.transaction() as session:
        for second in range(61):
            allowed = await pace.allowed(session, "slack", SLACK, NOW + second * SECOND)
            await pace.spend(session, "slack", allowed)
        used = await _rate(session)
        assert used > 3 * SLACK.start
        night = NOW + timedelta(hours=9)
        await pace.allowed(session, "slack", SLACK, night)
        await pace.allowed(session, "slack", SLACK, night + 20 * SECOND)
        assert await _rate(session) <= used * 1.26


async def test_a_pause_slows_down_once_and_from_then_on_it_grows_with_care(database: Database) -> None:
    async with database.transaction() as session:
        await pace.allowed(session, "slack", SLACK, NOW)
        await pace.spend(session, "slack", 1)
        for _ in range(16):
            await pace.slower(session, "slack", SLACK, NOW + SECOND)
        after = await _rate(session)
        assert SLACK.start * 0.75 < after < SLACK.start
        assert await pace.allowed(session, "slack", SLACK, NOW) == 0
        for second in range(2, 62):
            allowed = await pace.allowed(session, "slack", SLACK, NOW + second * SECOND)
            await pace.spend(session, "slack", allowed)
        assert after < await _rate(session) < SLACK.start


async def test_it_settles_close_below_a_limit_that_nobody_told(database: Database) -> None:
    """A minute takes 300, as the emulator of Slack has it; whoever is too fast waits until there is room again."""
    window: deque[datetime] = deque()
    sent, pauses, wait_until = 0, 0, NOW
    async with database.transaction() as session:
        for second in range(12 * 60):
            now = NOW + second * SECOND
            if now < wait_until:
                continue
            allowed = await pace.allowed(session, "slack", SLACK, now)
            await pace.spend(session, "slack", allowed)
            for _ in range(allowed):
                while window and window[0] <= now - timedelta(minutes=1):
                    window.popleft()
                if len(window) >= 300:
                    wait_until = window[0] + timedelta(minutes=1)
                    await pace.slower(session, "slack", SLACK, now)
                    pauses += second >= 9 * 60
                    break
                window.append(now)
                sent += second >= 9 * 60
    assert sent >= 0.95 * 3 * 300
    assert pauses <= 20


@given(st.sampled_from(["slack", "teams", "mail", "pigeon"]))
def test_every_platform_has_bounds(platform: str) -> None:
    bounds = bounds_of(platform)
    assert 0 < bounds.least <= bounds.start <= bounds.most

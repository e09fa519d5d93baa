"""How the waves came along: a row for each day, whoever writes it down and however often."""

import asyncio
from datetime import date, timedelta
from typing import Final

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlmodel import col

from handlers.records import Due, PlanEntry, Reached, ReachState, WaveDay
from handlers.rollout.history import Course, History, Point, courses
from handlers.rollout.share import bar, percent
from handlers.rollout.standing import counts
from handlers.store.database import Database
from tests.handlers.rollout.given import CALENDAR, DAY, LEIF, NOW, PAL, PRIYA, account, entry, put

SLACK: Final = frozenset({"slack"})
LATER: Final = DAY + timedelta(days=7)
TODAY: Final = CALENDAR.today(NOW)
_ONE: Final = timedelta(days=1)


def _history(database: Database) -> History:
    return History(database, CALENDAR, SLACK)


async def _days(database: Database) -> list[tuple[date, str, int, int]]:
    async with database.reading() as session:
        rows = await session.scalars(select(WaveDay).order_by(col(WaveDay.day), col(WaveDay.wave)))
        return [(row.day, row.wave, row.accounts, row.ready) for row in rows]


async def _courses(database: Database, today: date) -> tuple[Course, ...]:
    async with database.reading() as session:
        return await courses(session, SLACK, today)


async def test_what_was_seen_last_on_a_day_stays_whichever_replica_wrote_it(database: Database) -> None:
    await put(database, entry(PAL, wave="First"), entry(LEIF, wave="First", ready_at=NOW), entry(PRIYA))
    await asyncio.gather(*(_history(database).tick(NOW) for _ in range(3)))
    assert await _days(database) == [(TODAY, "", 1, 0), (TODAY, "First", 2, 1)]
    async with database.transaction() as session:
        await session.execute(update(PlanEntry).where(col(PlanEntry.upn) != "").values(ready_at=NOW))
        await session.execute(delete(PlanEntry).where(col(PlanEntry.wave).is_(None)))
    await _history(database).tick(NOW + timedelta(hours=3))
    assert await _days(database) == [(TODAY, "First", 2, 2)]
    await _history(database).tick(NOW + _ONE)
    assert await _days(database) == [(TODAY, "First", 2, 2), (TODAY + _ONE, "First", 2, 2)]


async def test_a_day_is_the_organisations_own(database: Database) -> None:
    await put(database, entry(PAL, wave="First"))
    late = NOW.replace(hour=23, minute=30)
    await _history(database).tick(late)
    assert [day for day, *_ in await _days(database)] == [TODAY + _ONE]


async def test_a_plan_without_anybody_leaves_no_rows(database: Database) -> None:
    await put(database, entry(PAL))
    await _history(database).tick(NOW)
    async with database.transaction() as session:
        await session.execute(delete(PlanEntry))
    await _history(database).tick(NOW)
    assert await _days(database) == []
    assert await _courses(database, TODAY) == ()


async def test_a_wave_keeps_its_course_when_its_day_moves_and_today_is_as_it_is_now(
    database: Database,
) -> None:
    await put(database, entry(PAL, wave="First"), entry(LEIF, wave="First"), entry(PRIYA, LATER))
    await _history(database).tick(NOW - 2 * _ONE)
    await _history(database).tick(NOW)
    async with database.transaction() as session:
        moved = col(PlanEntry.account) == account(LEIF)
        await session.execute(update(PlanEntry).where(moved).values(activation_day=LATER, ready_at=NOW))
    first, alone = await _courses(database, TODAY)
    assert first == Course("First", DAY, 1, (Point(TODAY - 2 * _ONE, 2, 0), Point(TODAY, 2, 1)))
    assert (alone.wave, alone.activation_day, alone.elsewhen, alone.now) == (
        None,
        LATER,
        0,
        Point(TODAY, 1, 0),
    )


async def test_how_accounts_stand(database: Database) -> None:
    names = (PAL, LEIF, PRIYA, "Yuki Tanaka", "Nora Lindqvist", "Emil Aasen")
    await put(database, *(entry(name, ready_at=NOW if name == LEIF else None) for name in names))
    async with database.transaction() as session:
        for name, offset, outcome in (
            (PAL, -14, "unreachable"),
            (PAL, -7, "queued"),
            (LEIF, -14, "unreachable"),
            (PRIYA, -14, "queued"),
            (PRIYA, -7, "disabled"),
            (PRIYA, -3, "stale"),
        ):
            session.add(
                Due(account=account(name), activation_day=DAY, offset=offset, outcome=outcome, at=NOW)
            )
        gone = Reached(platform="slack", account=account("Yuki Tanaka"), state=ReachState.NO_ACCOUNT, at=NOW)
        session.add(gone)
        excluded = col(PlanEntry.account) == account("Emil Aasen")
        await session.execute(update(PlanEntry).where(excluded).values(excluded=True))
    async with database.reading() as session:
        [found] = await counts(session, SLACK)
        [elsewhere] = await counts(session, {"slack", "teams"})
    assert {how: number for how, number in found.by.items() if number} == {
        "ready": 1,
        "reminded": 1,
        "waiting": 1,
        "unreachable": 1,
        "disabled": 1,
        "excluded": 1,
    }
    assert (elsewhere.by["unreachable"], elsewhere.by["waiting"]) == (0, 2)


@given(st.integers(0, 60_000), st.integers(1, 60_000), st.integers(1, 40))
def test_a_bar_is_full_only_when_nobody_is_missing(ready: int, accounts: int, length: int) -> None:
    ready = min(ready, accounts)
    drawn = bar(ready, accounts, length)
    assert len(drawn) == length
    assert ("░" not in drawn) == (ready == accounts or (length == 1 and ready > 0))
    assert ("█" not in drawn) == (ready == 0)
    assert (percent(ready, accounts) == 100) == (ready == accounts)

"""Who had heard of one day and has another now is told so, once, and nobody else."""

import asyncio
from datetime import date

from sqlalchemy import select, update
from sqlmodel import col

from handlers.messages import DayMoved
from handlers.records import MovedDay, OutboxState, Outgoing
from handlers.rollout.changes import Change, Held
from handlers.rollout.remind import Remind
from handlers.rollout.writing import Author, held_by, write
from handlers.store.database import Database
from handlers.store.messages import loaded
from tests.handlers.rollout.given import (
    BJORN,
    DAY,
    FEBRUARY,
    LEIF,
    PAL,
    PRIYA,
    account,
    at,
    entry,
    outcomes,
    put,
    waiting,
)

MARCH = date(2027, 3, 1)


async def move(database: Database, day: date | None, *names: str, clock: str = "10:00") -> None:
    """As an import does it."""
    author = Author("kari", "", at("2027-01-11", clock))
    async with database.transaction() as session:
        held = await held_by(session, [account(name) for name in names], lock=True)
        await write(session, [Change(it, _on(it, day)) for it in held.values()], author)


def _on(held: Held, day: date | None) -> Held | None:
    return None if day is None else Held(held.account, held.upn, held.mail, day, held.wave, held.language)


async def send(database: Database) -> None:
    """Everything that waits goes out."""
    async with database.transaction() as session:
        pending = col(Outgoing.state) == OutboxState.PENDING
        await session.execute(update(Outgoing).where(pending).values(state=OutboxState.SENT))


async def news(database: Database) -> list[tuple[str, DayMoved]]:
    """What stands in the outbox of it, and in what state."""
    told = [row for row in await waiting(database) if row.key.startswith("moved-day:")]
    found = []
    for row in told:
        data = loaded(row.name, row.data) if row.data else None
        if isinstance(data, DayMoved):
            found.append((row.state, data))
    return found


async def moved(database: Database) -> list[tuple[date, date, str]]:
    async with database.reading() as session:
        rows = await session.scalars(select(MovedDay).order_by(col(MovedDay.id)))
        return [(row.before, row.after, row.outcome) for row in rows]


async def test_who_had_been_reminded_is_told_once_and_who_had_not_is_not(
    database: Database, remind: Remind
) -> None:
    await put(database, entry(PAL), entry(LEIF))
    await remind.tick(at("2027-01-11"))
    await send(database)
    await put(database, entry(PRIYA))
    await move(database, FEBRUARY, PAL, PRIYA, LEIF)
    await asyncio.gather(*(remind.tick(at("2027-01-11", "11:00")) for _ in range(2)))
    await remind.tick(at("2027-01-12"))
    assert await news(database) == [("pending", DayMoved(DAY, FEBRUARY, "everything"))]
    assert await moved(database) == [(DAY, FEBRUARY, "queued")]
    await remind.tick(at("2027-02-08"))
    assert (account(PAL), -14) in await outcomes(database)


async def test_moved_again_before_it_is_said_only_the_last_day_is_told(
    database: Database, remind: Remind
) -> None:
    await put(database, entry(PAL), entry(BJORN))
    await remind.tick(at("2027-01-11"))
    await send(database)
    await move(database, FEBRUARY, PAL, BJORN)
    await remind.tick(at("2027-01-11", "11:00"))
    await move(database, MARCH, PAL, BJORN, clock="11:30")
    await move(database, DAY, BJORN, clock="11:40")
    await remind.tick(at("2027-01-11", "12:00"))
    assert [it for it in await news(database) if it[0] == "pending"] == [
        ("pending", DayMoved(DAY, MARCH, "everything"))
    ]
    await send(database)
    await move(database, FEBRUARY, PAL, clock="13:00")
    await remind.tick(at("2027-01-11", "14:00"))
    assert (await news(database))[-1] == ("pending", DayMoved(MARCH, FEBRUARY, "everything"))


async def test_a_reminder_that_had_not_gone_out_was_not_heard(database: Database, remind: Remind) -> None:
    await put(database, entry(PAL))
    await remind.tick(at("2027-01-11"))
    await move(database, FEBRUARY, PAL)
    await remind.tick(at("2027-01-11", "11:00"))
    assert await moved(database) == []


async def test_news_that_did_not_get_out_in_time_waits_for_the_next_day(
    database: Database, remind: Remind
) -> None:
    await put(database, entry(PAL))
    await remind.tick(at("2027-01-11"))
    await send(database)
    await move(database, FEBRUARY, PAL)
    await remind.tick(at("2027-01-11", "15:00"))
    await remind.tick(at("2027-01-11", "16:30"))
    assert (await news(database), await moved(database)) == ([], [(DAY, FEBRUARY, "waiting")])
    await remind.tick(at("2027-01-12"))
    assert len(await news(database)) == 1


async def test_a_new_day_that_has_come_needs_no_news(database: Database, remind: Remind) -> None:
    await put(database, entry(PAL))
    await remind.tick(at("2027-01-11"))
    await send(database)
    await move(database, date(2027, 1, 11), PAL)
    await remind.tick(at("2027-01-11", "11:00"))
    assert (await news(database), (await moved(database))[0][2]) == ([], "stale")
    assert (account(PAL), 0) in await outcomes(database)

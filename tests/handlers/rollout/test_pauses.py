"""While the rollout pauses nothing goes out; what has become stale is dropped, and the next one goes."""

import asyncio

from sqlalchemy import select
from sqlmodel import col

from bot.sandbox.entra.emulator import EntraEmulator
from handlers.records import Pause
from handlers.rollout import pauses
from handlers.rollout.remind import Remind
from handlers.store.database import Database
from tests.handlers.rollout.given import BJORN, PAL, PRIYA, account, at, entry, held, outcomes, put, waiting

MORNING = at("2027-01-11")


async def test_what_waits_is_taken_back_and_goes_on_after_the_pause(
    database: Database, remind: Remind
) -> None:
    await put(database, entry(PAL, wave="First"), entry(PRIYA, wave="Second"), entry(BJORN))
    await remind.tick(MORNING)
    assert len(await waiting(database)) == 3 - 1
    assert await pauses.pause(database, "First", "kari", MORNING)
    assert not await pauses.pause(database, "First", "amir", MORNING)
    assert account(PAL) not in {who for who, _ in await outcomes(database)}
    assert {row.state for row in await waiting(database)} == {"pending"}
    await remind.tick(at("2027-01-11", "11:00"))
    assert len(await waiting(database)) == 1
    assert await pauses.resume(database, "First", "amir", at("2027-01-11", "12:00"))
    assert not await pauses.resume(database, "First", "amir", at("2027-01-11", "12:00"))
    await remind.tick(at("2027-01-11", "12:05"))
    assert len(await waiting(database)) == 2
    async with database.reading() as session:
        kept = (await session.scalars(select(Pause).order_by(col(Pause.id)))).one()
    assert (kept.wave, kept.paused_by, kept.paused_at) == ("First", "kari", MORNING)
    assert (kept.resumed_by, kept.resumed_at) == ("amir", at("2027-01-11", "12:00"))


async def test_a_day_that_went_by_in_a_pause_is_stale_and_the_next_one_goes(
    database: Database, remind: Remind
) -> None:
    await put(database, entry(PAL))
    await pauses.pause(database, None, "kari", MORNING)
    await remind.tick(at("2027-01-11", "10:00"))
    await remind.tick(at("2027-01-12"))
    await pauses.resume(database, None, "kari", at("2027-01-13"))
    await remind.tick(at("2027-01-13", "10:00"))
    assert await waiting(database) == []
    await remind.tick(at("2027-01-15"))
    assert {offset: it for (_, offset), it in (await outcomes(database)).items()} == {
        -7: "stale",
        -3: "merged",
        -1: "queued",
    }


async def test_who_is_looked_at_when_the_pause_begins_gets_nothing(
    database: Database, remind: Remind, entra: EntraEmulator
) -> None:
    await put(database, entry(PAL))
    gate = entra.faults.hold(f"GET /users/{account(PAL)}")
    tick = asyncio.create_task(remind.tick(MORNING))
    await held(entra)
    await pauses.pause(database, None, "kari", MORNING)
    gate.set()
    await tick
    assert await waiting(database) == []
    assert await outcomes(database) == {}

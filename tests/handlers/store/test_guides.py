"""Runs of guides: one for each person, moved only by whoever has read them last."""

import asyncio
from datetime import datetime, timedelta

from handlers.events import Person
from handlers.records import GuideRun
from handlers.store import guides
from handlers.store.database import Database
from tests.handlers.store.given import MINUTE, NOW

NORA = Person("slack", "T0", "U0NORA")
OLE = Person("slack", "T0", "U0OLE")


async def _begun(database: Database, person: Person = NORA, now: datetime = NOW) -> GuideRun:
    async with database.transaction() as session:
        before = await guides.of_person(session, person)
        run = await guides.begin(
            session, person, before, now, guide="setup", step="device", view="step", card=f"guide:{now}"
        )
    assert run is not None
    return run


async def _now(database: Database, person: Person = NORA) -> GuideRun | None:
    async with database.transaction() as session:
        return await guides.of_person(session, person)


async def test_a_person_has_one_run(database: Database) -> None:
    await _begun(database)
    async with database.transaction() as session:
        second = await guides.begin(
            session, NORA, None, NOW, guide="new-phone", step="device", view="step", card="other"
        )
    assert second is None
    run = await _now(database)
    assert run is not None
    assert (run.guide, run.moves, run.card) == ("setup", 0, f"guide:{NOW}")
    assert await _now(database, OLE) is None


async def test_of_many_moves_at_once_one_is_made(database: Database) -> None:
    run = await _begun(database)

    async def move(number: int) -> GuideRun | None:
        async with database.transaction() as session:
            return await guides.move(session, run, NOW + number * MINUTE, step=f"step-{number}")

    moved = [it for it in await asyncio.gather(*map(move, range(8))) if it is not None]
    assert len(moved) == 1
    stands = await _now(database)
    assert stands is not None
    assert (stands.step, stands.moves) == (moved[0].step, 1)


async def test_beginning_anew_forgets_the_old_one_but_counts_on(database: Database) -> None:
    run = await _begun(database)
    async with database.transaction() as session:
        await guides.note_before(session, run, "a,b")
        moved = await guides.move(session, run, NOW + MINUTE, device="iphone", step="done", done_at=NOW)
    assert moved is not None
    again = await _begun(database, now=NOW + 2 * MINUTE)
    assert (again.device, again.methods_before, again.done_at) == (None, None, None)
    assert again.moves == 2, "no button of the old run fits the new one"
    async with database.transaction() as session:
        assert (
            await guides.begin(
                session, NORA, moved, NOW, guide="setup", step="device", view="step", card="late"
            )
            is None
        )


async def test_what_was_there_before_is_noted_once_for_each_start(database: Database) -> None:
    run = await _begun(database)
    for methods in ("a,b", "c"):
        async with database.transaction() as session:
            await guides.note_before(session, run, methods)
    stands = await _now(database)
    assert stands is not None
    assert (stands.methods_before, stands.moves) == ("a,b", 0)
    await _begun(database, now=NOW + MINUTE)
    async with database.transaction() as session:
        await guides.note_before(session, run, "too late")
    again = await _now(database)
    assert again is not None
    assert again.methods_before is None


async def test_a_run_waits_for_sixty_days(database: Database) -> None:
    await _begun(database)
    await _begun(database, OLE, NOW + timedelta(days=1))
    for days, left in ((60, 2), (61, 1), (62, 0)):
        async with database.transaction() as session:
            await guides.purge(session, NOW + timedelta(days=days, seconds=-1))
        found = [it for it in (await _now(database), await _now(database, OLE)) if it is not None]
        assert len(found) == left

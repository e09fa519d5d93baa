"""How far the rollout has come, and what would go out."""

from dataclasses import replace
from datetime import date, timedelta

from handlers.records import Due
from handlers.rollout.demand import Pace
from handlers.rollout.difference import OffDay
from handlers.rollout.overview import WaveStatus, status
from handlers.rollout.preview import Preview, PreviewSlot, preview
from handlers.rollout.remind import Remind
from handlers.rollout.when import Quiet
from handlers.store.database import Database
from tests.handlers.rollout.given import CALENDAR, DAY, LEIF, NOW, OFFSETS, PAL, account, at, entry, put


async def see(database: Database, day: date) -> Preview:
    async with database.reading() as session:
        found = await preview(
            session, day, offsets=OFFSETS, calendar=CALENDAR, pace=Pace({"slack": 100}), now=NOW
        )
    return replace(found, chats=())


async def test_an_empty_plan(database: Database) -> None:
    async with database.reading() as session:
        found = await status(session)
    assert (found.accounts, found.ready, found.waves, found.stale) == (0, 0, (), 0)
    assert set(found.cannot_be_reminded.values()) == {0}


async def test_the_plan_by_wave_and_day_and_what_became_of_its_reminders(
    database: Database, remind: Remind
) -> None:
    later = DAY + timedelta(days=7)
    await put(
        database,
        entry(PAL, wave="First"),
        entry(LEIF, wave="First"),
        entry("Priya Nair", later, wave="Second"),
        entry("Yuki Tanaka"),
        entry("Oddvar Nes"),
        entry("Torunn Bø", since=NOW),
    )
    await remind.tick(at("2027-01-11"))
    async with database.reading() as session:
        found = await status(session)
    assert (found.accounts, found.ready, found.stale) == (6, 1, 1)
    assert set(found.waves) == {
        WaveStatus("First", DAY, 2, 1),
        WaveStatus(None, DAY, 3, 0),
        WaveStatus("Second", later, 1, 0),
    }
    assert [it.activation_day for it in found.waves] == [DAY, DAY, later]
    assert found.cannot_be_reminded == {"unreachable": 1, "disabled": 1, "gone": 0, "guest": 0, "excluded": 0}
    assert {state: count for state, count in found.reminders.items() if count} == {"pending": 3}


async def test_who_got_through_later_is_not_counted_as_unreachable(database: Database) -> None:
    await put(database, entry(PAL), entry(LEIF))
    async with database.transaction() as session:
        for name, offset, outcome in (
            (PAL, -14, "unreachable"),
            (PAL, -7, "queued"),
            (LEIF, -14, "queued"),
            (LEIF, -7, "unreachable"),
            (LEIF, -3, "unreachable"),
        ):
            session.add(
                Due(account=account(name), activation_day=DAY, offset=offset, outcome=outcome, at=NOW)
            )
    async with database.reading() as session:
        assert (await status(session)).cannot_be_reminded["unreachable"] == 1


async def test_what_would_go_on_a_day(database: Database, remind: Remind) -> None:
    await put(
        database,
        entry(PAL),
        entry(LEIF, ready_at=NOW),
        entry("Priya Nair", date(2027, 1, 29)),
        entry("Nora Lindqvist", date(2027, 1, 31)),
    )
    assert await see(database, date(2027, 1, 15)) == Preview(
        date(2027, 1, 15),
        False,
        (
            PreviewSlot(DAY, None, -1, -3, (-3,), 2, 1),
            PreviewSlot(date(2027, 1, 29), None, -14, -14, (), 1, 0),
            PreviewSlot(date(2027, 1, 31), None, -14, -16, (), 1, 0),
        ),
        off_days=(OffDay(date(2027, 1, 31), Quiet.WEEKEND, 1),),
    )
    assert await see(database, date(2027, 1, 16)) == Preview(date(2027, 1, 16), True, ())
    assert (await see(database, date(2027, 1, 13))).slots == ()
    await remind.tick(at("2027-01-15"))
    assert (await see(database, date(2027, 1, 15))).slots == ()

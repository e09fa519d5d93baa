"""Before anybody is reminded they are looked at, as far as Microsoft Graph allows; what was seen before is said so."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlmodel import col

from bot.sandbox.entra.emulator import EntraEmulator
from bot.sandbox.world import FJORDHEIM
from graph.methods import Kind
from handlers.messages import ReadyNote
from handlers.records import LearnedBy, Outgoing, Registration, ReportReading, Trouble
from handlers.rollout import registered
from handlers.rollout.budget import Budget
from handlers.rollout.due import DueSlot
from handlers.rollout.lookups import by_need
from handlers.rollout.remind import Remind
from handlers.rollout.when import Slot
from handlers.store.database import Database
from handlers.store.messages import loaded
from handlers.store.registrations import Facts
from tests.handlers.rollout.given import (
    DAY,
    FEBRUARY,
    LEIF,
    NAMES,
    OFFSETS,
    PAL,
    PRIYA,
    account,
    at,
    entry,
    outcomes,
    planned,
    put,
    reminder,
    waiting,
)

MORNING = at("2027-01-11", "08:30")
"""Seven days before ``DAY``; nobody has waited an hour yet."""
LATER = at("2027-01-11", "10:00")
AFTERNOON = at("2027-01-11", "14:30")
METHODS = "/authentication/methods"


async def learn(
    database: Database, name: str, as_of: datetime, *kinds: Kind, by: LearnedBy = LearnedBy.REPORT
) -> None:
    """What somebody has, seen at some time."""
    async with database.transaction() as session:
        facts = Facts(account(name), frozenset(kinds), as_of, by)
        await registered.keep(session, [facts], as_of, own_telecom=False)


async def known(database: Database) -> dict[str, Registration]:
    async with database.reading() as session:
        return {row.account: row for row in await session.scalars(select(Registration))}


def limited(remind: Remind, rate: int = 5) -> Remind:
    """Within what Microsoft allows."""
    return replace(remind, budget=Budget(remind.database, rate))


def asked(entra: EntraEmulator) -> list[str]:
    """The accounts that were looked at."""
    return [request.path.split("/")[2] for request in entra.sent("GET", METHODS)]


async def test_who_was_seen_lately_is_not_looked_at(
    database: Database, remind: Remind, entra: EntraEmulator
) -> None:
    await put(database, entry(PAL), entry(LEIF))
    await learn(database, PAL, MORNING - timedelta(hours=5, minutes=59), Kind.EMAIL)
    await learn(database, LEIF, MORNING - timedelta(hours=6), Kind.AUTHENTICATOR)
    await remind.tick(MORNING)
    assert asked(entra) == [account(LEIF)]
    (row,) = await waiting(database)
    assert (reminder(row).missing, reminder(row).as_of) == ("only-email", None)


async def test_many_are_looked_at_in_one_request(
    database: Database, remind: Remind, entra: EntraEmulator
) -> None:
    await put(database, *(entry(name) for name in NAMES[:20]))
    await remind.tick(MORNING)
    assert sorted(asked(entra)) == sorted(account(name) for name in NAMES[:20])
    batch = {request.client for request in entra.sent("GET", METHODS)}
    assert len(batch) == 1
    assert {row.learned_by for row in (await known(database)).values()} == {"methods"}


async def test_what_the_limit_does_not_reach_waits_an_hour_and_is_then_told_as_it_was(
    database: Database, remind: Remind, entra: EntraEmulator
) -> None:
    some = NAMES[:9]
    await put(database, *(entry(name) for name in some))
    seen = MORNING - timedelta(hours=20)
    for name in some:
        await learn(database, name, seen)
    entra.limit_methods()
    for second in range(3):
        await limited(remind).tick(MORNING + timedelta(seconds=second))
    assert len(asked(entra)) == 4, "it took what people who wait may need"
    assert {request.status for request in entra.sent("GET", METHODS)} == {200}
    assert len(await outcomes(database)) == 4
    remind.budget = Budget(database, 5)
    await remind.budget.take(5, LATER)
    await remind.tick(LATER)
    assert len(await outcomes(database)) == len(some)
    told = {row.user: reminder(row).as_of for row in await waiting(database)}
    assert list(told.values()).count(seen) >= 1
    assert set(told.values()) <= {seen, None}


async def test_who_was_just_put_into_the_plan_waits_as_long(database: Database, remind: Remind) -> None:
    await put(database, entry(PAL, since=LATER - timedelta(minutes=30)))
    await learn(database, PAL, LATER - timedelta(days=1), Kind.EMAIL)
    replica = limited(remind)
    assert replica.budget is not None
    await replica.budget.take(5, LATER)
    await replica.tick(LATER)
    assert await outcomes(database) == {}


async def test_whom_nobody_could_look_at_is_reminded_at_last_without_a_guess(
    database: Database, remind: Remind
) -> None:
    await put(database, entry(PAL))
    replica = limited(remind)
    assert replica.budget is not None
    for moment in (MORNING, LATER, AFTERNOON):
        assert await outcomes(database) == {}
        await replica.budget.take(5, moment)
        await replica.tick(moment)
    (row,) = await waiting(database)
    assert reminder(row).missing == "unknown"
    assert (await planned(database))[account(PAL)].ready_at is None


async def test_who_was_put_into_the_plan_this_moment_is_not_guessed_at_though_the_day_is_nearly_over(
    database: Database, remind: Remind
) -> None:
    await put(database, entry(PAL, since=AFTERNOON - timedelta(seconds=30)))
    replica = limited(remind)
    assert replica.budget is not None
    await replica.budget.take(5, AFTERNOON)
    await replica.tick(AFTERNOON)
    assert await outcomes(database) == {}
    later = AFTERNOON + timedelta(minutes=11)
    await replica.budget.take(5, later)
    await replica.tick(later)
    (row,) = await waiting(database)
    assert reminder(row).missing == "unknown"


async def test_when_graph_does_not_tell_nobody_is_guessed_at_and_who_is_known_is_reminded(
    database: Database, remind: Remind, entra: EntraEmulator
) -> None:
    await put(database, entry(PAL), entry(PRIYA), entry(LEIF))
    await learn(database, PAL, AFTERNOON - timedelta(hours=1))
    await learn(database, LEIF, AFTERNOON - timedelta(hours=9), Kind.EMAIL)
    entra.faults.answer(f"GET *{METHODS}", 503, times=None)
    await remind.tick(AFTERNOON)
    assert set(await outcomes(database)) == {(account(PAL), -7), (account(LEIF), -7)}
    assert {reminder(row).as_of for row in await waiting(database)} == {
        None,
        AFTERNOON - timedelta(hours=9),
    }


async def test_the_day_itself_and_the_last_reminder_are_looked_at_first(
    database: Database, remind: Remind, entra: EntraEmulator
) -> None:
    today = date(2027, 1, 11)
    days = {PAL: today + timedelta(days=7), PRIYA: today, LEIF: today - timedelta(days=3)}
    # The last reminder falls three days after a Friday's day on that Friday: take one that goes on a Monday.
    days[LEIF] = date(2027, 1, 8)
    await put(database, *(entry(name, day) for name, day in days.items()))
    replica = limited(remind, 3)
    await replica.tick(MORNING)
    assert set(asked(entra)) == {account(PRIYA), account(LEIF)}


@given(st.sets(st.sampled_from(OFFSETS)), st.integers(0, 5))
def test_the_order_of_need(offsets: set[int], shift: int) -> None:
    day = date(2027, 1, 11)
    slots = [DueSlot(day - timedelta(days=offset + shift), Slot(day, offset)) for offset in offsets]
    ordered = [due.slot.offset for due in by_need(slots, OFFSETS)]
    first = [offset for offset in (0, 3) if offset in offsets]
    assert ordered[: len(first)] == first
    assert sorted(ordered) == sorted(offsets)


async def test_without_the_report_all_others_are_looked_at_too_day_and_night(
    database: Database, remind: Remind, entra: EntraEmulator
) -> None:
    await put(database, entry(PAL, FEBRUARY), entry(LEIF, FEBRUARY), entry(PRIYA, date(2026, 11, 2)))
    night = at("2027-01-10", "02:00")
    await remind.tick(night)
    assert asked(entra) == []
    async with database.transaction() as session:
        reading = await session.get(ReportReading, 1)
        assert reading is not None
        reading.trouble = Trouble.NO_LICENCE
        session.add(reading)
    await remind.tick(night)
    await remind.tick(night + timedelta(hours=20))
    assert sorted(asked(entra)) == sorted([account(PAL), account(LEIF)]), "oftener than once a day"
    ready = {name: row.ready_at for name, row in (await planned(database)).items()}
    assert (ready[account(PAL)], ready[account(LEIF)]) == (None, night)


async def test_who_is_ready_hears_so_once_if_the_settings_say_so(database: Database, remind: Remind) -> None:
    await put(database, entry(LEIF))
    await remind.tick(MORNING)
    assert await waiting(database) == []
    await put(database, entry("Aisha Rahman"))
    replica = replace(remind, ready_note=True)
    notes = {}
    for day in ("2027-01-11", "2027-01-15", "2027-01-18", "2027-01-19"):
        await replica.tick(at(day, "11:00"))
        async with database.transaction() as session:
            for row in await session.scalars(select(Outgoing).where(col(Outgoing.state) == "pending")):
                notes[row.user, day] = loaded(row.name, row.data)
                row.state = "sent"
    leif, aisha = (FJORDHEIM.named(name).slack_id for name in (LEIF, "Aisha Rahman"))
    assert notes == {
        (aisha, "2027-01-11"): ReadyNote(DAY, spare=True),
        (leif, "2027-01-15"): ReadyNote(DAY, spare=False),
    }


async def test_nobody_hears_after_the_day_that_they_are_ready(database: Database, remind: Remind) -> None:
    await put(database, entry(LEIF))
    await replace(remind, ready_note=True).tick(at("2027-01-19"))
    assert await waiting(database) == []
    assert (await outcomes(database))[account(LEIF), 1] == "ready"


@pytest.mark.parametrize(("day", "expected"), [(DAY, "ready"), (FEBRUARY, "queued")])
async def test_text_messages_alone_count_until_they_stop(
    database: Database, remind: Remind, day: date, expected: str
) -> None:
    now = at(str(day - timedelta(days=7)))
    await put(database, entry(PAL, day))
    await learn(database, PAL, now, Kind.PHONE)
    await remind.tick(now)
    assert (await outcomes(database))[account(PAL), -7] == expected

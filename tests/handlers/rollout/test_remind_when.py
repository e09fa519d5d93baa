"""When reminders go, and what becomes of those that come too late."""

from datetime import datetime

import pytest
from sqlalchemy import update

from bot.sandbox.world import FJORDHEIM
from handlers.records import OutboxState, Outgoing
from handlers.rollout.remind import Remind
from handlers.store.database import Database
from tests.handlers.rollout.conftest import profile_of
from tests.handlers.rollout.given import (
    NOW,
    PAL,
    PRIYA,
    account,
    at,
    entry,
    outcomes,
    put,
    reminder,
    waiting,
)
from tests.memory_chat import MemoryChat


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(at("2027-01-11", "07:59"), id="before working hours"),
        pytest.param(at("2027-01-11", "16:00"), id="after working hours"),
        pytest.param(at("2027-01-12"), id="on a day without a reminder"),
        pytest.param(at("2027-01-10", "12:00"), id="on a Sunday"),
    ],
)
async def test_nothing_goes_at_other_times(database: Database, remind: Remind, now: datetime) -> None:
    await put(database, entry(PAL, since=now))
    await remind.tick(now)
    assert await waiting(database) == []
    assert await outcomes(database) == {}


async def test_a_missed_run_is_caught_up_within_the_day(database: Database, remind: Remind) -> None:
    await put(database, entry(PAL))
    await remind.tick(at("2027-01-11", "15:59"))
    assert len(await waiting(database)) == 1


async def test_what_was_missed_is_dropped_with_a_record_and_the_next_one_comes(
    database: Database, remind: Remind
) -> None:
    await put(database, entry(PAL, since=NOW))
    await remind.tick(at("2027-01-18"))
    assert await outcomes(database) == {
        (account(PAL), -14): "stale",
        (account(PAL), -7): "stale",
        (account(PAL), -3): "merged",
        (account(PAL), -1): "stale",
        (account(PAL), 0): "queued",
    }
    (row,) = await waiting(database)
    assert reminder(row).offset == 0


async def test_who_is_added_late_gets_the_next_one_and_no_record_of_earlier_ones(
    database: Database, remind: Remind
) -> None:
    await put(database, entry(PAL, since=at("2027-01-15", "18:00")))
    await remind.tick(at("2027-01-15", "18:05"))
    await remind.tick(at("2027-01-18"))
    assert await outcomes(database) == {(account(PAL), 0): "queued"}


async def test_two_on_one_day_are_one(database: Database, remind: Remind) -> None:
    await put(database, entry(PAL))
    await remind.tick(at("2027-01-15"))
    (row,) = await waiting(database)
    assert row.key == f"reminder:{account(PAL)}:2027-01-18:-1"
    assert reminder(row).offset == -3
    found = await outcomes(database)
    assert (found[account(PAL), -1], found[account(PAL), -3]) == ("queued", "merged")


async def test_in_another_zone_it_waits_for_the_morning_there(
    database: Database, remind: Remind, chat: MemoryChat
) -> None:
    chat.put(profile_of(FJORDHEIM.named(PAL), zone="America/New_York"))
    chat.put(profile_of(FJORDHEIM.named(PRIYA), zone="Asia/Tokyo"))
    chat.put(profile_of(FJORDHEIM.named("Nora Lindqvist"), zone="Mars/Olympus"))
    await put(database, entry(PAL), entry(PRIYA), entry("Nora Lindqvist"))
    await remind.tick(at("2027-01-11"))
    due = {row.user: row.due_at for row in await waiting(database)}
    assert due == {
        FJORDHEIM.named(PAL).slack_id: at("2027-01-11", "14:00"),
        FJORDHEIM.named(PRIYA).slack_id: at("2027-01-11"),
        FJORDHEIM.named("Nora Lindqvist").slack_id: at("2027-01-11"),
    }


@pytest.mark.parametrize(
    ("due", "now", "dropped"),
    [
        pytest.param(at("2027-01-11"), at("2027-01-11", "15:59"), False, id="within the hours"),
        pytest.param(at("2027-01-11"), at("2027-01-11", "16:00"), True, id="at the end of the hours"),
        pytest.param(at("2027-01-11"), at("2027-01-12", "08:00"), True, id="the next morning"),
        pytest.param(at("2027-01-11", "17:00"), at("2027-01-11", "20:00"), False, id="afternoon in the west"),
        pytest.param(at("2027-01-11", "17:00"), at("2027-01-12", "01:00"), True, id="evening in the west"),
    ],
)
async def test_what_waits_in_the_outbox_too_long_is_dropped_with_a_record(
    database: Database, remind: Remind, due: datetime, now: datetime, dropped: bool
) -> None:
    await put(database, entry(PAL))
    await remind.tick(at("2027-01-11"))
    async with database.transaction() as session:
        await session.execute(update(Outgoing).values(due_at=due))
    await remind.tick(now)
    (row,) = await waiting(database)
    assert row.state == (OutboxState.DROPPED if dropped else OutboxState.PENDING)
    assert (await outcomes(database))[account(PAL), -7] == ("stale" if dropped else "queued")


async def test_what_is_being_sent_is_not_dropped(database: Database, remind: Remind) -> None:
    await put(database, entry(PAL))
    await remind.tick(at("2027-01-11"))
    async with database.transaction() as session:
        await session.execute(update(Outgoing).values(state=OutboxState.SENDING))
    await remind.tick(at("2027-01-12"))
    assert [row.state for row in await waiting(database)] == [OutboxState.SENDING]

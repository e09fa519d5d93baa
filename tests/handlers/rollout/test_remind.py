"""Planning reminders: whom, when, in which language, and each once."""

import asyncio
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col

from bot.sandbox.entra.emulator import EntraEmulator
from bot.sandbox.world import FJORDHEIM, RESIDENTS
from graph.methods import Kind
from handlers.accounts import Directory
from handlers.messages import Language
from handlers.ports import Chats, OutcomeUnknown, Rejected, TryLater
from handlers.records import OutboxState, Outgoing, PlanEntry
from handlers.rollout.remind import Remind
from handlers.store import people
from handlers.store.database import Database
from tests.handlers.rollout.conftest import profile_of
from tests.handlers.rollout.given import (
    CALENDAR,
    DAY,
    NOW,
    OFFSETS,
    RECENTLY,
    account,
    at,
    entry,
    outcomes,
    planned,
    put,
    reminder,
    waiting,
)
from tests.memory_chat import MemoryChat

PAL = "Pål Grønvold"
"""Has nothing but a password."""
PRIYA = "Priya Nair"
LEIF = "Leif Åsen"
"""Has the Authenticator."""
BJORN = "Bjørn Sætre"
"""Has a phone number only."""
FEBRUARY = date(2027, 2, 22)


async def test_who_is_not_ready_is_reminded_of_what_is_missing(database: Database, remind: Remind) -> None:
    await put(database, entry(PAL), entry("Torunn Bø"), entry(LEIF))
    await remind.tick(at("2027-01-11"))
    rows = {row.key: row for row in await waiting(database)}
    pal = rows[f"reminder:{account(PAL)}:2027-01-18:-7"]
    assert (pal.user, pal.priority, pal.due_at) == (FJORDHEIM.named(PAL).slack_id, 9, at("2027-01-11"))
    assert (reminder(pal).offset, reminder(pal).missing) == (-7, "everything")
    torunn = rows[f"reminder:{account('Torunn Bø')}:2027-01-18:-7"]
    assert (reminder(torunn).missing, torunn.language) == ("only-email", "nn")
    assert await outcomes(database) == {
        (account(PAL), -7): "queued",
        (account("Torunn Bø"), -7): "queued",
        (account(LEIF), -7): "ready",
    }
    held = await planned(database)
    assert [held[account(name)].ready_at for name in (PAL, LEIF)] == [None, at("2027-01-11")]


@pytest.mark.parametrize(
    ("day", "own_telecom", "expected"),
    [(DAY, False, None), (FEBRUARY, False, "only-telecom"), (FEBRUARY, True, None)],
)
async def test_sms_counts_while_it_works(
    database: Database,
    directory: Directory,
    chat: MemoryChat,
    day: date,
    own_telecom: bool,
    expected: str | None,
) -> None:
    await put(database, entry(BJORN, day))
    await Remind(database, directory, Chats([chat]), CALENDAR, OFFSETS, own_telecom).tick(
        at((day - timedelta(days=7)).isoformat())
    )
    assert [reminder(row).missing for row in await waiting(database)] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        pytest.param("Oddvar Nes", "disabled", id="disabled"),
        pytest.param("Yuki Tanaka", "unreachable", id="not in Slack"),
        pytest.param(next(r.name for r in RESIDENTS if r.external), "guest", id="guest"),
    ],
)
async def test_who_cannot_be_reminded_is_recorded_with_the_reason(
    database: Database, remind: Remind, name: str, outcome: str
) -> None:
    await put(database, entry(name))
    await remind.tick(at("2027-01-11"))
    assert await outcomes(database) == {(account(name), -7): outcome}
    assert await waiting(database) == []


async def test_who_has_left_is_recorded(database: Database, remind: Remind) -> None:
    gone = entry(PAL)
    gone.account = "99999999-0000-4000-8000-000000000000"
    await put(database, gone)
    await remind.tick(at("2027-01-11"))
    assert list((await outcomes(database)).values()) == ["gone"]


async def test_a_guest_of_the_chat_is_not_reached(
    database: Database, remind: Remind, chat: MemoryChat
) -> None:
    chat.put(profile_of(FJORDHEIM.named(PAL), refusal="guest"))
    await put(database, entry(PAL))
    await remind.tick(at("2027-01-11"))
    assert list((await outcomes(database)).values()) == ["unreachable"]


async def test_a_linked_person_is_reached_whatever_their_address(
    database: Database, remind: Remind, chat: MemoryChat
) -> None:
    pal, priya = FJORDHEIM.named(PAL), FJORDHEIM.named(PRIYA)
    async with database.transaction() as session:
        await people.pin(session, profile_of(priya).person, pal.object_id, "old@x.no", NOW)
    await put(database, entry(PAL))
    await remind.tick(at("2027-01-11"))
    assert [row.user for row in await waiting(database)] == [priya.slack_id]


async def test_nothing_is_pinned_by_a_reminder(database: Database, remind: Remind) -> None:
    await put(database, entry(PAL))
    await remind.tick(at("2027-01-11"))
    async with database.reading() as session:
        assert await people.people_of(session, account(PAL)) == []


async def test_the_second_chat_reaches_whom_the_first_does_not(
    database: Database, directory: Directory, chat: MemoryChat
) -> None:
    empty = MemoryChat([], platform="teams")
    await put(database, entry(PAL))
    await Remind(database, directory, Chats([empty, chat]), CALENDAR, OFFSETS, False).tick(at("2027-01-11"))
    assert [row.platform for row in await waiting(database)] == ["slack"]


@pytest.mark.parametrize(
    ("plan", "chosen", "name", "expected"),
    [
        pytest.param("nn", Language.EN, PAL, "nn", id="the plan says"),
        pytest.param(None, Language.NN, PAL, "nn", id="the person has chosen"),
        pytest.param(None, None, PRIYA, "en", id="the profile tells"),
        pytest.param(None, None, "Dmytro Shevchuk", "nb", id="nobody knows"),
    ],
)
async def test_the_language(
    database: Database,
    remind: Remind,
    plan: str | None,
    chosen: Language | None,
    name: str,
    expected: str,
) -> None:
    if chosen:
        async with database.transaction() as session:
            await people.choose_language(session, profile_of(FJORDHEIM.named(name)).person, chosen)
    await put(database, entry(name, language=plan))
    await remind.tick(at("2027-01-11"))
    assert [row.language for row in await waiting(database)] == [expected]


# When.


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


# Once.


async def test_a_second_tick_adds_nothing(database: Database, remind: Remind, entra: EntraEmulator) -> None:
    await put(database, entry(PAL), entry(LEIF))
    await remind.tick(at("2027-01-11"))
    asked = len(entra.requests)
    await remind.tick(at("2027-01-11", "09:05"))
    assert len(await waiting(database)) == 1
    assert len(entra.requests) == asked


async def test_replicas_at_once_make_one_reminder(
    database: Database, directory: Directory, chat: MemoryChat
) -> None:
    names = [r.name for r in RESIDENTS if r.slack_id and not r.external and r.name != "Anne Hansen"]
    await put(database, *(entry(name) for name in names))
    replicas = [Remind(database, directory, Chats([chat]), CALENDAR, OFFSETS, False) for _ in range(3)]
    await asyncio.gather(*(replica.tick(at("2027-01-11")) for replica in replicas))
    keys = [row.key for row in await waiting(database)]
    assert len(keys) == len(set(keys)) > 10
    found = await outcomes(database)
    assert set(found) == {(account(name), -7) for name in names}
    assert sorted(keys) == sorted(
        f"reminder:{a}:2027-01-18:-7" for (a, _), it in found.items() if it == "queued"
    )


async def test_who_is_moved_while_looked_at_is_not_reminded_of_the_old_day(
    database: Database, remind: Remind, entra: EntraEmulator
) -> None:
    await put(database, entry(PAL))
    gate = entra.faults.hold("GET /users/*/authentication/methods")
    tick = asyncio.create_task(remind.tick(at("2027-01-11")))
    await entra.wait_for(lambda: entra.sent("GET", account(PAL)))
    async with database.transaction() as session:
        await session.execute(
            update(PlanEntry).where(col(PlanEntry.account) == account(PAL)).values(activation_day=FEBRUARY)
        )
    gate.set()
    await tick
    assert await waiting(database) == []
    assert await outcomes(database) == {}


async def test_it_stops_by_itself_and_starts_again_with_a_lost_phone(
    database: Database, remind: Remind, entra: EntraEmulator
) -> None:
    await put(database, entry(PAL, since=NOW))
    await remind.tick(at("2027-01-04"))
    method = entra.devices.register(FJORDHEIM.named(PAL), Kind.AUTHENTICATOR, "Phone")
    await remind.tick(at("2027-01-11"))
    assert (await planned(database))[account(PAL)].ready_at == at("2027-01-11")
    entra.devices.remove_method(FJORDHEIM.named(PAL), method)
    await remind.tick(at("2027-01-15"))
    assert (await planned(database))[account(PAL)].ready_at is None
    assert [row.key.rpartition(":")[2] for row in await waiting(database)] == ["-14", "-1"]
    assert (await outcomes(database))[account(PAL), -7] == "ready"


# When others do not work.


@pytest.mark.parametrize("path", ["GET /users/*/authentication/methods", "GET /users/*"])
@pytest.mark.parametrize("status", [429, 500, 503, 403, 401])
async def test_what_graph_does_not_tell_is_left_for_later(
    database: Database, remind: Remind, entra: EntraEmulator, path: str, status: int
) -> None:
    await put(database, *(entry(r.name) for r in RESIDENTS if r.name != "Anne Hansen"))
    entra.faults.answer(path, status, times=None, retry_after="200")
    await remind.tick(at("2027-01-11"))
    assert set((await outcomes(database)).values()) <= {"disabled", "guest"}
    asked = len(entra.requests)
    assert asked <= 60, "it went on asking"
    await remind.tick(at("2027-01-11", "09:00:30"))
    await remind.tick(at("2027-01-11", "09:00:59"))
    assert len(entra.requests) == asked, "it did not wait"
    entra.faults.clear()
    for minute in range(10, 20):
        await remind.tick(at("2027-01-11", f"09:{minute}"))
    assert len(await outcomes(database)) == len({r.name for r in RESIDENTS} - {"Anne Hansen"})


async def test_one_account_that_graph_refuses_does_not_hold_up_the_others(
    database: Database, remind: Remind, entra: EntraEmulator
) -> None:
    await put(database, entry(PAL), entry(PRIYA))
    entra.faults.answer(f"GET /users/{account(PAL)}", 400, times=None)
    await remind.tick(at("2027-01-11"))
    assert await outcomes(database) == {(account(PRIYA), -7): "queued"}


@pytest.mark.parametrize("method", ["find", "profile"])
@pytest.mark.parametrize("error", [TryLater(30), OutcomeUnknown(), Rejected("invalid_auth")])
async def test_a_chat_that_cannot_be_asked_makes_nobody_unreachable(
    database: Database, remind: Remind, chat: MemoryChat, method: str, error: Exception
) -> None:
    await put(database, entry(PAL))
    assert isinstance(error, TryLater | OutcomeUnknown | Rejected)
    chat.fail(method, error)
    await remind.tick(at("2027-01-11"))
    assert await outcomes(database) == {}
    await remind.tick(at("2027-01-11", "09:00:05"))
    assert await outcomes(database) == {}
    await remind.tick(at("2027-01-11", "09:02"))
    assert await outcomes(database) == {(account(PAL), -7): "queued"}


async def test_another_chat_still_reaches_while_one_is_down(
    database: Database, directory: Directory, chat: MemoryChat
) -> None:
    broken = MemoryChat([], platform="teams")
    broken.fail("find", *[Rejected("down")] * 20)
    await put(database, entry(PAL), entry("Yuki Tanaka"))
    await Remind(database, directory, Chats([broken, chat]), CALENDAR, OFFSETS, False).tick(at("2027-01-11"))
    assert await outcomes(database) == {(account(PAL), -7): "queued"}


# Many.


async def test_a_tick_is_short_and_the_outbox_is_never_filled_ahead(
    database: Database, directory: Directory, chat: MemoryChat, entra: EntraEmulator
) -> None:
    pal = FJORDHEIM.named(PAL)
    crowd = [
        PlanEntry(
            account=f"00000000-0000-4000-8000-{n:012}",
            upn=f"user{n}@x.no",
            activation_day=DAY,
            changed_at=RECENTLY,
        )
        for n in range(400)
    ]
    await put(database, *crowd)
    remind = Remind(database, directory, Chats([chat]), CALENDAR, OFFSETS, False)
    await remind.tick(at("2027-01-11"))
    assert 0 < len(await outcomes(database)) <= 110
    async with database.transaction() as session:
        for n in range(200):
            session.add(
                Outgoing(
                    key=f"reminder:x{n}:2027-01-18:-7",
                    platform="slack",
                    tenant="T",
                    user=pal.slack_id,
                    name="reminder",
                    language="nb",
                    priority=9,
                    due_at=at("2027-01-11"),
                )
            )
    before = len(await outcomes(database))
    await remind.tick(at("2027-01-11", "09:01"))
    assert len(await outcomes(database)) == before
    async with database.transaction() as session:
        await session.execute(update(Outgoing).values(state=OutboxState.SENT))
    for minute in range(2, 8):
        await remind.tick(at("2027-01-11", f"09:{minute:02}"))
    assert set(await outcomes(database)) == {(it.account, -7) for it in crowd}

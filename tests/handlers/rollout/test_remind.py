"""Who is reminded, of what, where and in which language."""

from datetime import date, timedelta

import pytest

from bot.sandbox.world import FJORDHEIM, RESIDENTS
from handlers.accounts import Directory
from handlers.messages import Language
from handlers.ports import Chats
from handlers.rollout.remind import Remind
from handlers.store import people
from handlers.store.database import Database
from tests.handlers.rollout.conftest import profile_of
from tests.handlers.rollout.given import (
    BJORN,
    CALENDAR,
    DAY,
    FEBRUARY,
    LEIF,
    NOW,
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
from tests.memory_chat import MemoryChat


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

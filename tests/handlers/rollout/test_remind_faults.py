"""What does not answer is asked again later, nobody is guessed at, and nobody is flooded."""

import pytest
from sqlalchemy import update

from bot.sandbox.entra.emulator import EntraEmulator
from bot.sandbox.world import FJORDHEIM, RESIDENTS
from handlers.accounts import Directory
from handlers.ports import Chats, OutcomeUnknown, Rejected, TryLater
from handlers.records import OutboxState, Outgoing, PlanEntry
from handlers.rollout.remind import Remind
from handlers.store.database import Database
from tests.handlers.rollout.given import (
    CALENDAR,
    DAY,
    OFFSETS,
    PAL,
    PRIYA,
    RECENTLY,
    account,
    at,
    entry,
    outcomes,
    put,
)
from tests.memory_chat import MemoryChat


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

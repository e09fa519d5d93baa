"""Each reminder once, whoever else is at work at the same time."""

import asyncio

from sqlalchemy import update
from sqlmodel import col

from bot.sandbox.entra.emulator import EntraEmulator
from bot.sandbox.world import FJORDHEIM, RESIDENTS
from graph.methods import Kind
from handlers.accounts import Directory
from handlers.ports import Chats
from handlers.records import OutboxState, PlanEntry
from handlers.rollout.plan import import_plan
from handlers.rollout.remind import Remind
from handlers.rollout.resolver import ResolvedUser
from handlers.rollout.writing import Author
from handlers.store.database import Database
from tests.handlers.rollout.given import (
    CALENDAR,
    FEBRUARY,
    LEIF,
    NAMES,
    NOW,
    OFFSETS,
    PAL,
    ListedAccounts,
    account,
    at,
    entry,
    held,
    outcomes,
    planned,
    put,
    waiting,
)
from tests.memory_chat import MemoryChat


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
    await put(database, *(entry(name, since=NOW) for name in NAMES))
    replicas = [Remind(database, directory, Chats([chat]), CALENDAR, OFFSETS, False) for _ in range(3)]
    await asyncio.gather(*(replica.tick(at("2027-01-11")) for replica in replicas))
    keys = [row.key for row in await waiting(database)]
    assert len(keys) == len(set(keys)) > 10
    found = await outcomes(database)
    assert {it for it, outcome in found.items() if outcome == "stale"} == {(account(n), -14) for n in NAMES}
    assert set(found) == {(account(name), offset) for name in NAMES for offset in (-14, -7)}
    queued = {f"reminder:{a}:2027-01-18:{o}" for (a, o), outcome in found.items() if outcome == "queued"}
    assert set(keys) == queued


async def test_replicas_drop_what_is_late_once(
    database: Database, directory: Directory, chat: MemoryChat
) -> None:
    await put(database, *(entry(name) for name in NAMES))
    replicas = [Remind(database, directory, Chats([chat]), CALENDAR, OFFSETS, False) for _ in range(3)]
    await replicas[0].tick(at("2027-01-11"))
    assert set((await outcomes(database)).values()) == {"queued", "ready"}
    await asyncio.gather(*(replica.tick(at("2027-01-11", "16:01")) for replica in replicas))
    assert set((await outcomes(database)).values()) == {"stale", "ready"}
    assert {row.state for row in await waiting(database)} == {OutboxState.DROPPED}


async def test_an_import_while_replicas_tick_holds_up_nobody(
    database: Database, directory: Directory, chat: MemoryChat
) -> None:
    await put(database, *(entry(name) for name in NAMES))
    everybody = ListedAccounts({r.upn: ResolvedUser(r.object_id, r.upn, r.mail) for r in RESIDENTS})
    lines = [f"{FJORDHEIM.named(name).upn},2027-02-22" for name in reversed(NAMES)]
    data = "\n".join(["account,activation_day", *lines]).encode()
    replicas = [Remind(database, directory, Chats([chat]), CALENDAR, OFFSETS, False) for _ in range(2)]
    ticks = asyncio.gather(*(replica.tick(at("2027-01-11")) for replica in replicas))
    report = await import_plan(
        database, everybody, data, author=Author("kari", "", at("2027-01-11")), calendar=CALENDAR
    )
    await ticks
    assert report.moved == len(NAMES)
    assert {row.state for row in await waiting(database)} <= {OutboxState.DROPPED}


async def test_who_is_moved_while_looked_at_is_not_reminded_of_the_old_day(
    database: Database, remind: Remind, entra: EntraEmulator
) -> None:
    await put(database, entry(PAL))
    gate = entra.faults.hold(f"GET /users/{account(PAL)}")
    tick = asyncio.create_task(remind.tick(at("2027-01-11")))
    await held(entra)
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

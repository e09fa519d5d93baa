"""Entra's own audit is read: a pass that no case accounts for wakes security, and each month's end goes to it."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import pytest
from structlog.testing import capture_logs

from graph.errors import GraphError
from handlers.notices.segments import hand_over
from handlers.passes import Refused, Shown
from handlers.passes.reconcile import Reconcile
from handlers.store import trail
from handlers.store.audit import SYSTEM
from handlers.store.database import Database
from tests.handlers.notices.conftest import Told
from tests.handlers.rig import EMIL, HAKON, MINUTE, NORA, Rig
from tests.handlers.store.given import run

QUARTER: Final = 15 * MINUTE


def reconcile_of(rig: Rig) -> Reconcile:
    """One replica's."""
    return Reconcile(rig.database, rig.directory.audits, rig.cases, rig.entra.client_id)


async def _found(told: Told) -> Sequence[object]:
    """The accounts of the passes that security was woken for."""
    await told.out()
    alarms = [each for each in told.gateway.alarms if each["kind"] == "pass-without-case"]
    assert len({str(each["id"]) for each in alarms}) == len(alarms)
    return [each["facts"]["account"] for each in alarms]  # type: ignore[index]


async def _show(rig: Rig, name: str = NORA) -> None:
    approved = await rig.approved(name)
    assert isinstance(await rig.issue.show(approved.browser), Shown)


async def test_what_a_case_made_and_what_is_no_pass_wakes_nobody(told: Told) -> None:
    rig, reconcile = told.rig, reconcile_of(told.rig)
    await reconcile.tick(rig.clock.now())
    await _show(rig)
    rig.entra.devices.register_authenticator(rig.id(NORA), "Phone")
    await rig.directory.passes.delete(rig.id(NORA), rig.entra.passes_created[0].pass_id)
    rig.clock.move(QUARTER)
    await reconcile.tick(rig.clock.now())
    assert await _found(told) == []


async def test_a_pass_of_a_case_whose_answer_was_lost_wakes_nobody(told: Told) -> None:
    rig, reconcile = told.rig, reconcile_of(told.rig)
    await reconcile.tick(rig.clock.now())
    approved = await rig.approved()
    rig.entra.faults.lose_answer("POST */temporaryAccessPassMethods")
    assert await rig.issue.show(approved.browser) == Refused("unknown")
    assert isinstance(await rig.issue.show(approved.browser), Shown)
    rig.clock.move(QUARTER)
    await reconcile.tick(rig.clock.now())
    assert (len(rig.entra.passes_created), await _found(told)) == (2, [])


async def test_a_pass_by_an_administrator_wakes_security_also_while_there_is_a_case(told: Told) -> None:
    rig, reconcile = told.rig, reconcile_of(told.rig)
    rig.entra.devices.make_pass(rig.id(HAKON), rig.id(EMIL))
    rig.clock.move(MINUTE)
    await reconcile.tick(rig.clock.now())
    await _show(rig)
    rig.entra.devices.make_pass(rig.id(HAKON), rig.id(NORA))
    rig.clock.move(QUARTER)
    await reconcile.tick(rig.clock.now())
    assert await _found(told) == [rig.id(NORA)], "what was before the first look is left alone"
    [alarm] = [each for each in told.gateway.alarms if each["kind"] == "pass-without-case"]
    facts = alarm["facts"]
    assert isinstance(facts, dict)
    assert (facts["maker"], facts["maker_id"]) == ("person", rig.id(HAKON))
    async with rig.database.reading() as session:
        rows = [row async for row in trail.rows(session, trail.Span())]
    assert rows[-1].action == "directory.pass-found"
    assert rig.id(NORA) not in rows[-1].data


async def test_a_pass_made_with_our_key_past_the_bot_wakes_security(told: Told) -> None:
    """Also for somebody who is given one by a case at that very moment: one act accounts for one pass."""
    rig, reconcile = told.rig, reconcile_of(told.rig)
    await reconcile.tick(rig.clock.now())
    await _show(rig)
    for name in (NORA, EMIL):
        await rig.directory.passes.create(rig.id(name), timedelta(hours=1))
    rig.clock.move(QUARTER)
    await reconcile.tick(rig.clock.now())
    assert sorted(map(str, await _found(told))) == sorted((rig.id(NORA), rig.id(EMIL)))


async def test_late_entries_are_found_and_each_is_told_once_by_whichever_replica(told: Told) -> None:
    rig = told.rig
    replicas = [reconcile_of(rig), reconcile_of(rig)]
    rig.entra.audits.delay = timedelta(hours=1)
    rig.entra.paging.size = 1
    await replicas[0].tick(rig.clock.now())
    for name in (NORA, EMIL):
        rig.entra.devices.make_pass(rig.id(HAKON), rig.id(name))
    for _ in range(12):
        rig.clock.move(QUARTER)
        await asyncio.gather(*(each.tick(rig.clock.now()) for each in replicas))
    assert sorted(map(str, await _found(told))) == sorted((rig.id(NORA), rig.id(EMIL)))


async def test_it_is_read_every_quarter_of_an_hour_by_one_replica(told: Told) -> None:
    rig = told.rig
    replicas = [reconcile_of(rig), reconcile_of(rig)]
    for _ in range(31):
        await asyncio.gather(*(each.tick(rig.clock.now()) for each in replicas))
        rig.clock.move(MINUTE)
    assert len(rig.entra.sent("GET", "/auditLogs/directoryAudits")) == 3


async def test_trouble_is_caught_up_with_and_a_missing_permission_is_said_once(told: Told) -> None:
    rig, reconcile = told.rig, reconcile_of(told.rig)
    await reconcile.tick(rig.clock.now())
    rig.entra.devices.make_pass(rig.id(HAKON), rig.id(NORA))
    rig.clock.move(QUARTER)
    rig.entra.faults.answer("GET /auditLogs/*", 503, times=None)
    with pytest.raises(GraphError):
        await reconcile.tick(rig.clock.now())
    rig.entra.faults.clear()
    rig.entra.faults.missing.add("AuditLog.Read.All")
    with capture_logs() as logs:
        for _ in range(2):
            rig.clock.move(QUARTER)
            await reconcile.tick(rig.clock.now())
    said = [each for each in logs if each["event"] == "directory-audit-unreadable"]
    assert [each["permission"] for each in said] == ["AuditLog.Read.All"]
    rig.entra.faults.clear()
    rig.clock.move(timedelta(days=2))
    await reconcile.tick(rig.clock.now())
    assert await _found(told) == [rig.id(NORA)]


async def test_each_month_that_is_closed_goes_to_security_once_and_finds_an_older_copy(told: Told) -> None:
    rig = told.rig

    async def act() -> None:
        async with rig.database.transaction() as session:
            await rig.cases.audit.append(session, at=rig.clock.now(), actor=SYSTEM, action="a", data={})

    for _ in range(3):
        await act()
    copy = await _copy(rig.database)
    await act()
    rig.clock.move(timedelta(days=10))
    await act()
    for _ in range(2):
        await hand_over(rig.database, rig.cases, rig.clock.now())
    await told.out()
    [sent] = told.gateway.alarms
    assert sent["kind"] == "audit-segment"
    facts = sent["facts"]
    assert isinstance(facts, dict)
    assert (facts["segment"], facts["rows"]) == ("2026-11", 4)
    assert f"head: {facts['head']}" in told.mails()[0].text
    async with rig.database.reading() as session:
        assert await trail.holds(session, 4, str(facts["head"]))
    await _put_back(rig.database, copy)
    async with rig.database.reading() as session:
        assert (await rig.cases.audit.verify(session)).ok, "an older copy fits together"
        assert not await trail.holds(session, 4, str(facts["head"]))


async def _copy(database: Database) -> str:
    """The head as it is sealed now."""
    async with database.transaction() as session:
        connection = await session.connection()
        found = await connection.exec_driver_sql("SELECT seq, mac, segment, key_id, seal FROM audit_head")
        head = found.mappings().one()
    return "UPDATE audit_head SET " + ", ".join(f"{name} = '{value}'" for name, value in head.items())


async def _put_back(database: Database, head: str) -> None:
    await run(
        database,
        "DROP TRIGGER audit_no_delete",
        "DELETE FROM audit WHERE seq > 3",
        "DELETE FROM audit_segment",
        head,
    )

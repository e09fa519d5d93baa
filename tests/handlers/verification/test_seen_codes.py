"""What a claim code stands for when it is typed: who gave it, what they saw, and how many people did."""

import pytest
from sqlalchemy import select
from sqlmodel import col

from bot.sandbox.world import AGENTS, FJORDHEIM
from handlers.records import AuditRow
from handlers.states import CaseState
from handlers.store import evidence
from handlers.verification.browsers import Claimed
from handlers.verification.opening import Refused
from handlers.verification.seen import Code
from tests.handlers.rig import CHECKS, EMIL, HAKON, JONAS, MINUTE, NORA, NOW, PASSPORT, Rig


async def test_whoever_is_no_agent_any_more_has_given_nothing(rig: Rig) -> None:
    case = await rig.opened()
    code = await rig.code(case)
    agents = FJORDHEIM.group(AGENTS).object_id
    groups = rig.entra.tenant.account(rig.id(JONAS)).groups
    groups.remove(agents)
    assert await rig.claiming.claim(code, address="a", browser=None) == Refused("wrong-code")
    assert await rig.desk.sit(rig.id(JONAS), case.id) == Refused("not-agent")
    assert await rig.desk.waiting(rig.id(JONAS)) == Refused("not-agent")
    groups.add(agents)
    assert isinstance(await rig.claiming.claim(code, address="a", browser=None), Claimed)


async def test_without_graph_a_code_waits(rig: Rig) -> None:
    code = await rig.code(await rig.opened())
    rig.entra.faults.down = True
    assert await rig.claiming.claim(code, address="a", browser=None) == Refused("directory-down")
    assert await rig.claiming.claim("0000-0000", address="a", browser=None) == Refused("wrong-code")
    rig.entra.faults.down = False
    await rig.claimed(code)


@pytest.mark.parametrize("change", ["route = 'video'", "attester = 'x'", "detail = 'y'", "mac = NULL"])
async def test_a_row_that_was_changed_outside_gives_no_evidence(rig: Rig, change: str) -> None:
    code = await rig.code(await rig.opened())
    async with rig.database.transaction() as session:
        await (await session.connection()).exec_driver_sql(f"UPDATE claim SET {change}")
    assert await rig.claiming.claim(code, address="a", browser=None) == Refused("wrong-code")


async def test_the_kind_of_document_is_told_and_a_photo_that_was_compared(rig: Rig) -> None:
    case = await rig.opened()
    jonas = rig.id(JONAS)
    for extra in ([], ["passport", "national-id"], ["library card"]):
        assert await rig.desk.seen(jonas, case.id, "desk", CHECKS, extra) == Refused("unchecked")
    code = await rig.desk.seen(jonas, case.id, "desk", CHECKS, ["driving-licence", "photo-on-file", "mood"])
    assert isinstance(code, Code)
    await rig.claimed(code.code)
    async with rig.database.transaction() as session:
        [proof] = await evidence.of_case(session, rig.keys, case.id)
    assert proof.detail == "photo-id,face,name,photo-on-file,driving-licence"


async def test_two_agents_are_the_highest_level(rig: Rig) -> None:
    """Each gives a code, both are typed in one browser: enough for an account that needs more."""
    rig.entra.tenant.account(rig.id(NORA)).password_changed = NOW - MINUTE
    case = await rig.opened()
    codes = [await rig.code(case), await rig.code(case, agent=HAKON)]
    first = await rig.claimed(codes[0])
    assert first.case.state == CaseState.VERIFYING
    assert await rig.claiming.claim(codes[1], address="a", browser=None) == Refused("wrong-code")
    second = await rig.claimed(codes[1], first.browser)
    assert second.case.state == CaseState.VERIFIED
    async with rig.database.transaction() as session:
        proofs = await evidence.of_case(session, rig.keys, case.id)
    assert [(proof.route, proof.actor) for proof in proofs] == [
        ("desk", rig.id(JONAS)),
        ("desk", rig.id(HAKON)),
    ]


async def test_one_agent_twice_is_one_agent(rig: Rig) -> None:
    rig.entra.tenant.account(rig.id(NORA)).password_changed = NOW - MINUTE
    case = await rig.opened()
    first = await rig.claimed(await rig.code(case))
    again = await rig.claimed(await rig.code(case), first.browser)
    assert again.case.state == CaseState.VERIFYING


async def test_a_case_of_a_colleague_ends_when_its_owner_stands_at_the_desk(rig: Rig) -> None:
    owner, colleague = FJORDHEIM.named(NORA), rig.id(EMIL)
    async with rig.database.transaction() as session:
        theirs = await rig.cases.open_case(
            session,
            now=NOW,
            actor=colleague,
            target=owner.object_id,
            target_name=owner.name,
            target_upn=owner.upn,
            starter=colleague,
            opened_by="colleague",
        )
    assert theirs is not None
    assert await rig.desk.waiting(rig.id(JONAS)) == []
    assert await rig.desk.sit(rig.id(JONAS), theirs.id) == Refused("too-late")
    assert await rig.desk.seen(rig.id(JONAS), theirs.id, "desk", CHECKS, [PASSPORT]) == Refused("too-late")
    case = await rig.opened()
    assert (case.previous, case.starter, case.opened_by) == (theirs.id, rig.id(JONAS), "agent")
    assert await rig.state(theirs) == CaseState.CANCELLED
    async with rig.database.transaction() as session:
        rows = await session.scalars(select(col(AuditRow.data)).where(col(AuditRow.case) == theirs.id))
        assert any("owner-came" in str(data) for data in rows)

"""Support decides: who may, how often it counts, and what happens when nobody can tell."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.sandbox.world import APPROVERS, FJORDHEIM
from handlers.events import Person, Place
from handlers.ports import Unreachable
from handlers.records import Approval
from handlers.states import CaseState
from handlers.store import evidence
from tests.handlers.rig import HAKON, INGRID, JONAS, MARET, MINUTE, NORA, NOW, TOMASZ, Rig
from tests.handlers.store.given import run

APPROVE, DENY = "approvals.approve", "approvals.deny"


async def _decide(rig: Rig, name: str, action: str, case_id: str) -> None:
    if action == APPROVE:
        await rig.approvals.approve(rig.press(name, action, case_id))
    else:
        await rig.deny(name, case_id)


async def _votes(rig: Rig) -> list[Approval]:
    async with rig.database.transaction() as session:
        return list(await session.scalars(select(Approval)))


@pytest.mark.parametrize("approver", [INGRID, TOMASZ, MARET])
async def test_an_approver_approves(rig: Rig, approver: str) -> None:
    case = (await rig.approved(approver=approver)).case
    assert (case.approved_at, case.show_until) == (NOW, NOW + 24 * 60 * MINUTE)
    assert [(vote.approver, vote.approver_name) for vote in await _votes(rig)] == [
        (rig.id(approver), approver)
    ]
    assert rig.refusals(approver) == []
    assert (await rig.acts(case))[-1] == "case.approved"
    assert rig.creates == []


async def test_a_double_press_counts_once(rig: Rig) -> None:
    case = (await rig.verified()).case
    press = rig.press(INGRID, APPROVE, case.id)
    await rig.approvals.approve(press)
    await rig.approvals.approve(press)
    assert await rig.state(case) == CaseState.APPROVED
    assert len(await _votes(rig)) == 1
    assert (await rig.acts(case)).count("case.approved") == 1
    assert rig.refusals(INGRID) == ["too-late"]


async def test_fifty_presses_at_once_are_one_approval(each_rig: Rig) -> None:
    rig = each_rig
    case = (await rig.verified()).case
    presses = [rig.press((INGRID, TOMASZ, MARET)[n % 3], APPROVE, case.id) for n in range(50)]
    await asyncio.gather(*(rig.approvals.approve(press) for press in presses))
    assert await rig.state(case) == CaseState.APPROVED
    assert len(await _votes(rig)) == 1
    assert (await rig.acts(case)).count("case.approved") == 1
    refusals = [reason for name in (INGRID, TOMASZ, MARET) for reason in rig.refusals(name)]
    assert refusals == ["too-late"] * 49


async def test_of_approve_and_deny_at_once_one_wins(each_rig: Rig) -> None:
    rig = each_rig
    case = (await rig.verified()).case
    await asyncio.gather(_decide(rig, INGRID, APPROVE, case.id), _decide(rig, TOMASZ, DENY, case.id))
    acts = await rig.acts(case)
    assert ("case.approved" in acts) is not ("case.denied" in acts)
    assert [*rig.refusals(INGRID), *rig.refusals(TOMASZ)] == ["too-late"]


@pytest.mark.parametrize("action", [APPROVE, DENY])
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (NORA, "not-approver"),
        (JONAS, "not-approver"),
        (HAKON, "not-approver"),
        ("Astrid Kvamme", "not-approver"),
    ],
)
async def test_who_is_no_approver_decides_nothing(rig: Rig, action: str, name: str, reason: str) -> None:
    case = (await rig.verified()).case
    await _decide(rig, name, action, case.id)
    assert await rig.state(case) == CaseState.VERIFIED
    assert rig.refusals(name) == [reason]
    assert await _votes(rig) == []


@pytest.mark.parametrize("action", [APPROVE, DENY])
async def test_an_agent_does_not_decide_on_their_own_case(rig: Rig, action: str) -> None:
    case = (await rig.verified(agent=MARET)).case
    await _decide(rig, MARET, action, case.id)
    assert await rig.state(case) == CaseState.VERIFIED
    assert rig.refusals(MARET) == ["agent-of-case"]


@pytest.mark.parametrize(("starter", "agent"), [(MARET, JONAS), (JONAS, MARET)])
async def test_neither_starter_nor_agent_decides(rig: Rig, starter: str, agent: str) -> None:
    case = await rig.opened(agent=starter)
    await rig.claimed(await rig.code(case, agent=agent))
    await _decide(rig, MARET, APPROVE, case.id)
    assert await rig.state(case) == CaseState.VERIFIED
    assert rig.refusals(MARET) == ["agent-of-case"]


async def test_an_agent_of_earlier_evidence_does_not_decide(rig: Rig) -> None:
    case = await rig.opened()
    await rig.claimed(await rig.code(case, agent=MARET))
    rig.clock.move(61 * MINUTE)
    await rig.follow.sweep(rig.clock.now())
    await rig.claimed(await rig.code(case, agent=JONAS))
    await _decide(rig, MARET, APPROVE, case.id)
    assert rig.refusals(MARET) == ["agent-of-case"]
    assert await rig.state(case) == CaseState.VERIFIED


async def test_nobody_decides_on_their_own_account(rig: Rig) -> None:
    """Who becomes an approver after the case was opened is the target of it all the same."""
    case = (await rig.verified()).case
    rig.entra.tenant.account(rig.id(NORA)).groups.add(FJORDHEIM.group(APPROVERS).object_id)
    for action in (APPROVE, DENY):
        await _decide(rig, NORA, action, case.id)
    assert rig.refusals(NORA) == ["own-case", "own-case"]
    assert await rig.state(case) == CaseState.VERIFIED


async def test_who_left_the_group_after_the_card_was_posted_decides_nothing(rig: Rig) -> None:
    case = (await rig.verified()).case
    await rig.delivered()
    rig.entra.tenant.account(rig.id(INGRID)).groups.clear()
    await _decide(rig, INGRID, APPROVE, case.id)
    assert rig.refusals(INGRID) == ["not-approver"]
    assert await rig.state(case) == CaseState.VERIFIED


async def test_a_disabled_approver_decides_nothing(rig: Rig) -> None:
    case = (await rig.verified()).case
    rig.entra.tenant.account(rig.id(INGRID)).enabled = False
    await _decide(rig, INGRID, APPROVE, case.id)
    assert rig.refusals(INGRID) == ["not-approver"]
    assert await rig.state(case) == CaseState.VERIFIED


async def test_being_in_the_channel_proves_nothing(rig: Rig) -> None:
    case = (await rig.verified()).case
    rig.identity.unproved.add(rig.person(INGRID))
    await _decide(rig, INGRID, APPROVE, case.id)
    nobody = replace(rig.approvals, identity=None)
    await nobody.approve(rig.press(TOMASZ, APPROVE, case.id))
    assert [*rig.refusals(INGRID), *rig.refusals(TOMASZ)] == ["not-approver", "not-approver"]
    assert await rig.state(case) == CaseState.VERIFIED


@pytest.mark.parametrize("action", [APPROVE, DENY])
async def test_without_an_answer_about_the_approver_nothing_moves(rig: Rig, action: str) -> None:
    case = (await rig.verified()).case
    await rig.people.known(rig.person(INGRID))
    rig.entra.faults.answer("POST /users/*/checkMemberGroups", 500, times=None)
    await _decide(rig, INGRID, action, case.id)
    assert rig.refusals(INGRID) == ["directory-down"]
    assert await rig.state(case) == CaseState.VERIFIED
    assert await _votes(rig) == []


async def test_without_an_answer_about_the_target_nothing_moves(rig: Rig) -> None:
    case = (await rig.verified()).case
    await rig.people.known(rig.person(INGRID))
    rig.entra.faults.answer(f"GET /users/{rig.id(NORA)}", 500, times=None)
    await _decide(rig, INGRID, APPROVE, case.id)
    assert rig.refusals(INGRID) == ["directory-down"]
    assert await rig.state(case) == CaseState.VERIFIED
    rig.entra.faults.clear()
    await _decide(rig, INGRID, APPROVE, case.id)
    assert await rig.state(case) == CaseState.APPROVED


async def test_without_an_answer_about_the_targets_privileges_nothing_moves(rig: Rig) -> None:
    case = (await rig.verified()).case
    await rig.people.known(rig.person(INGRID))
    rig.entra.faults.answer("GET /roleManagement/directory/roleAssignments", 500, times=None)
    await _decide(rig, INGRID, APPROVE, case.id)
    assert rig.refusals(INGRID) == ["directory-down"]
    assert await _votes(rig) == []


async def test_a_target_that_became_privileged_is_not_approved(rig: Rig) -> None:
    case = (await rig.verified()).case
    rig.entra.tenant.roles[rig.id(NORA)].add("62e90394-69f5-4237-9190-012177145e10")
    await _decide(rig, INGRID, APPROVE, case.id)
    assert rig.refusals(INGRID) == ["class"]
    assert await _votes(rig) == []


async def test_a_no_ends_the_case(rig: Rig) -> None:
    claimed = await rig.verified()
    await _decide(rig, INGRID, DENY, claimed.case.id)
    case = await rig.case(claimed.case.id)
    assert (case.state, case.denied_by, case.ended_at) == (CaseState.DENIED, INGRID, NOW)
    await _decide(rig, TOMASZ, APPROVE, case.id)
    await _decide(rig, TOMASZ, DENY, case.id)
    assert rig.refusals(TOMASZ) == ["too-late", "too-late"]
    assert await rig.state(case) == CaseState.DENIED


async def test_old_evidence_is_not_enough(rig: Rig) -> None:
    case = (await rig.verified()).case
    rig.clock.move(60 * MINUTE)
    rig.clock.move(MINUTE)
    await _decide(rig, INGRID, APPROVE, case.id)
    assert rig.refusals(INGRID) == ["not-enough"]
    assert await rig.state(case) == CaseState.VERIFIED
    rig.clock.move(-MINUTE)
    await _decide(rig, INGRID, APPROVE, case.id)
    assert await rig.state(case) == CaseState.APPROVED


async def test_evidence_of_the_future_is_not_enough(rig: Rig) -> None:
    case = (await rig.verified()).case
    rig.clock.move(-MINUTE)
    await _decide(rig, INGRID, APPROVE, case.id)
    assert rig.refusals(INGRID) == ["not-enough"]


@pytest.mark.parametrize(
    "change",
    ["level = 4", "at = '2026-11-24 09:14:00.000000'", "actor = NULL", '"case" = "case", mac = \'x\''],
)
async def test_forged_evidence_is_refused(rig: Rig, change: str) -> None:
    case = (await rig.verified()).case
    await run(rig.database, f"UPDATE evidence SET {change}")
    await _decide(rig, INGRID, APPROVE, case.id)
    assert rig.refusals(INGRID) == ["not-enough"]
    assert await rig.state(case) == CaseState.VERIFIED
    assert await _votes(rig) == []


async def test_forged_evidence_can_be_turned_down(rig: Rig) -> None:
    case = (await rig.verified()).case
    await rig.delivered()
    await run(rig.database, "UPDATE evidence SET level = 4")
    await _decide(rig, INGRID, DENY, case.id)
    assert await rig.state(case) == CaseState.DENIED
    await rig.delivered()
    assert (rig.card().state, rig.card().verdict) == (CaseState.DENIED, "forged")


async def test_evidence_of_another_case_does_not_count(rig: Rig) -> None:
    case = await rig.opened()
    other = (await rig.verified("Priya Nair")).case
    await run(
        rig.database,
        f"UPDATE evidence SET \"case\" = '{case.id}', target = '{case.target}' WHERE \"case\" = '{other.id}'",
        f"UPDATE \"case\" SET state = 'verified' WHERE id = '{case.id}'",
    )
    await _decide(rig, INGRID, APPROVE, case.id)
    assert rig.refusals(INGRID) == ["not-enough"]
    async with rig.database.transaction() as session:
        with pytest.raises(evidence.EvidenceForged):
            await evidence.of_case(session, rig.keys, case.id)


@pytest.mark.parametrize("record", ["K7QF-2X", "", "' OR 1=1 --"])
async def test_a_case_that_is_not_there(rig: Rig, record: str) -> None:
    await _decide(rig, INGRID, APPROVE, record)
    assert rig.refusals(INGRID) == ["too-late"]


async def test_a_lost_whisper_changes_nothing(rig: Rig) -> None:
    case = (await rig.verified()).case
    rig.chat.fail("whisper", Unreachable("channel_not_found"))
    await _decide(rig, JONAS, APPROVE, case.id)
    assert await rig.state(case) == CaseState.VERIFIED


async def test_two_are_wanted_where_the_case_says_so(rig: Rig) -> None:
    case = (await rig.verified()).case
    await run(rig.database, 'UPDATE "case" SET approvals_wanted = 2')
    await _decide(rig, INGRID, APPROVE, case.id)
    await _decide(rig, INGRID, APPROVE, case.id)
    assert await rig.state(case) == CaseState.VERIFIED
    await rig.delivered()
    assert [vote.name for vote in rig.card().approvals] == [INGRID]
    assert rig.card().approvals_wanted == 2
    await _decide(rig, TOMASZ, APPROVE, case.id)
    assert await rig.state(case) == CaseState.APPROVED
    assert (await rig.acts(case))[-3:] == ["case.approval", "case.approval", "case.approved"]


async def test_a_stranger_in_chat_is_nobodys_business(rig: Rig) -> None:
    case = (await rig.verified()).case
    press = replace(rig.press(INGRID, APPROVE, case.id), person=Person("slack", "T0", "U0NOBODY"))
    with pytest.raises(Unreachable):
        await rig.approvals.approve(replace(press, place=Place("slack", "C0SUPPORT")))
    assert await rig.state(case) == CaseState.VERIFIED

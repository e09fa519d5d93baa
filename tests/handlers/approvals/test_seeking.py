"""Approvers are asked in rounds, not all at once; and nobody waits for somebody who is not there."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.sandbox.world import AGENTS, APPROVERS, FJORDHEIM
from bot.sandbox.world.groups import LIBRARY
from handlers.approvals import Approvals
from handlers.approvals.rounds import ROUNDS
from handlers.approvals.seeking import Seeking
from handlers.messages import ApprovalCard, NoApprover, OnCallApproved
from handlers.passes.issue import Shown
from handlers.rollout.when import Calendar
from handlers.states import CaseState
from handlers.verification.approvers import Deputies
from tests.handlers.rig import HAKON, INGRID, JONAS, MARET, MINUTE, NORA, SUPPORT, TOMASZ, Rig, person_of

HOLD, APPROVE = "approvals.hold", "approvals.approve"
EVENING = datetime(2026, 11, 24, 20, 15, tzinfo=UTC)
EARLY = datetime(2026, 11, 25, 6, 45, tzinfo=UTC)
"""A quarter of an hour before support opens."""
CALENDAR = Calendar.norwegian()


@dataclass
class Seen:
    """The rig, with deputies: whoever is in the library falls in, and the agents are on call."""

    rig: Rig
    seeking: Seeking
    approvals: Approvals

    async def after(self, minutes: int) -> None:
        """So long after now, everything due is done."""
        self.rig.clock.move(minutes * MINUTE)
        for _ in range(3):
            await self.seeking.tick(self.rig.clock.now())
        await self.rig.delivered()

    def asked(self) -> set[str]:
        """Who has the card in private."""
        rig = self.rig
        people = {person_of(each): each.name for each in FJORDHEIM.residents if each.slack_id}
        return {
            name
            for person, name in people.items()
            if any(isinstance(data, ApprovalCard) for data in rig.chat.seen_by(person))
        }


async def _seen(rig: Rig, *known: str) -> Seen:
    deputies = Deputies(CALENDAR, FJORDHEIM.group(LIBRARY).object_id, FJORDHEIM.group(AGENTS).object_id)
    accounts = replace(rig.accounts, deputies=deputies)
    rig.accounts = accounts
    rig.standings = replace(rig.standings, accounts=accounts)
    rig.deciding = replace(rig.deciding, accounts=accounts, standings=rig.standings)
    rig.approvals = Approvals(rig.people, rig.chats, rig.deciding, rig.identity)
    rig.issue = replace(rig.issue, accounts=accounts, standings=rig.standings)
    for name in known:
        await rig.people.known(rig.person(name))
    return Seen(rig, Seeking(rig.deciding, rig.people, rig.identity, deputies), rig.approvals)


def _told(rig: Rig, kind: type) -> list[object]:
    return [shown.data for shown in rig.chat.standing(SUPPORT) if isinstance(shown.data, kind)]


async def test_two_are_asked_after_five_minutes_and_the_others_later(rig: Rig) -> None:
    seen = await _seen(rig, INGRID, TOMASZ, MARET)
    await rig.verified()
    await seen.after(0)
    assert seen.asked() == set()
    await seen.after(4)
    assert seen.asked() == set()
    await seen.after(1)
    first = seen.asked()
    assert len(first) == 2
    await seen.after(10)
    assert first < seen.asked() == {INGRID, TOMASZ, MARET}


async def test_nobody_is_asked_while_somebody_is_on_it(rig: Rig) -> None:
    seen = await _seen(rig, INGRID, TOMASZ, MARET)
    case = (await rig.verified()).case
    await seen.after(4)
    await rig.approvals.hold(rig.press(INGRID, HOLD, case.id))
    await seen.after(9)
    assert (seen.asked(), rig.card().held_by) == (set(), INGRID)
    await seen.after(1)
    assert rig.card().held_by is None
    assert len(seen.asked()) == 2


async def test_every_copy_follows_and_nobody_is_asked_twice(rig: Rig) -> None:
    seen = await _seen(rig, INGRID, TOMASZ, MARET)
    case = (await rig.verified()).case
    await seen.after(5)
    await seen.after(10)
    again = replace(seen.seeking)
    await again.tick(rig.clock.now())
    await rig.approvals.approve(rig.press(INGRID, APPROVE, case.id))
    assert rig.refusals(INGRID) == []
    await rig.delivered()
    for name in (INGRID, TOMASZ, MARET):
        cards = [d for d in rig.chat.seen_by(rig.person(name)) if isinstance(d, ApprovalCard)]
        assert [(card.state, [vote.name for vote in card.approvals]) for card in cards] == [
            (CaseState.APPROVED, [INGRID])
        ]


async def test_whoever_has_a_part_in_it_is_not_asked(rig: Rig) -> None:
    seen = await _seen(rig, INGRID, TOMASZ, MARET)
    await rig.verified(agent=MARET)
    await seen.after(5)
    await seen.after(10)
    assert seen.asked() == {INGRID, TOMASZ}


async def test_the_fallback_group_is_asked_last_and_may_decide_only_then(rig: Rig) -> None:
    names = [each.name for each in FJORDHEIM.residents]
    librarian = next(
        each.name
        for each in FJORDHEIM.residents
        if LIBRARY in each.groups and each.slack_id and names.count(each.name) == 1
    )
    seen = await _seen(rig, librarian)
    case = (await rig.verified()).case
    await rig.approvals.approve(rig.press(librarian, APPROVE, case.id))
    assert rig.refusals(librarian) == ["not-approver"]
    for _ in range(7):
        await seen.after(5)
    assert seen.asked() == {librarian}
    await rig.approvals.approve(rig.press(librarian, APPROVE, case.id))
    assert await rig.state(case) == CaseState.APPROVED


async def test_without_approvers_the_case_says_so_at_once(rig: Rig) -> None:
    seen = await _seen(rig, NORA)
    seen.seeking = replace(seen.seeking, deputies=Deputies(CALENDAR))
    group = FJORDHEIM.group(APPROVERS).object_id
    for account in rig.entra.tenant.members(group):
        account.enabled = False
    await rig.verified()
    await seen.after(0)
    assert rig.card().nobody == "empty"
    assert len(_told(rig, NoApprover)) == 1
    owner = [data for data in rig.chat.seen_by(rig.person(NORA)) if isinstance(data, NoApprover)]
    assert [(data.side, data.reason) for data in owner] == [("person", "empty")]
    rig.entra.tenant.account(rig.id(INGRID)).enabled = True
    await seen.after(5)
    assert rig.card().nobody == ""


async def test_an_unreadable_group_is_told_and_looked_at_again(rig: Rig) -> None:
    seen = await _seen(rig, INGRID)
    seen.seeking = replace(seen.seeking, deputies=Deputies(CALENDAR))
    await rig.verified()
    group = FJORDHEIM.group(APPROVERS).object_id
    rig.entra.faults.answer(f"GET /groups/{group}/transitiveMembers/*", 403, times=None)
    await seen.after(0)
    assert rig.card().nobody == "unreadable"
    rig.entra.faults.clear()
    await seen.after(5)
    assert rig.card().nobody == ""
    assert seen.asked() == {INGRID}


async def test_too_few_are_too_few(rig: Rig) -> None:
    seen = await _seen(rig)
    seen.seeking = replace(seen.seeking, deputies=Deputies(CALENDAR))
    for name in (INGRID, TOMASZ):
        rig.entra.tenant.account(rig.id(name)).enabled = False
    await rig.verified(agent=MARET)
    await seen.after(0)
    assert rig.card().nobody == "too-few"


async def test_out_of_hours_whoever_is_on_call_is_asked_and_may_approve(rig: Rig) -> None:
    seen = await _seen(rig, HAKON, INGRID)
    case = (await rig.verified()).case
    await rig.approvals.approve(rig.press(HAKON, APPROVE, case.id))
    assert rig.refusals(HAKON) == ["not-approver"]
    rig.clock.at = EARLY
    claimed = await rig.verified("Priya Nair")
    await seen.after(0)
    await seen.after(5)
    assert seen.asked() == {HAKON}
    await rig.approvals.approve(rig.press(HAKON, APPROVE, claimed.case.id))
    assert await rig.state(claimed.case) == CaseState.APPROVED
    await rig.delivered()
    assert [data.name for data in _told(rig, OnCallApproved)] == [HAKON]  # type: ignore[attr-defined]
    rig.clock.move(15 * MINUTE)
    assert CALENDAR.window(CALENDAR.today(rig.clock.now())).opens <= rig.clock.now()
    assert isinstance(await rig.issue.show(claimed.browser), Shown)


async def test_on_call_or_not_the_agent_does_not_approve(rig: Rig) -> None:
    await _seen(rig)
    rig.clock.at = EVENING
    case = (await rig.verified("Priya Nair")).case
    await rig.approvals.approve(rig.press(JONAS, APPROVE, case.id))
    assert rig.refusals(JONAS) == ["agent-of-case"]


async def test_at_night_nobody_is_woken_where_nobody_is_on_call(rig: Rig) -> None:
    seen = await _seen(rig, INGRID, TOMASZ, MARET)
    seen.seeking = replace(seen.seeking, deputies=Deputies(CALENDAR))
    rig.clock.at = EVENING
    await rig.verified()
    for _ in range(5):
        await seen.after(10)
    assert seen.asked() == set()


async def test_replicas_share_the_rounds(each_rig: Rig) -> None:
    rig = each_rig
    seen = await _seen(rig, INGRID, TOMASZ, MARET)
    await rig.verified()
    rig.clock.move(5 * MINUTE)
    for _ in range(2):
        await seen.seeking.tick(rig.clock.now())
        await replace(seen.seeking).tick(rig.clock.now())
    await rig.delivered()
    assert len(seen.asked()) == 2


def test_the_rounds_grow() -> None:
    afters = [each.after for each in ROUNDS]
    assert afters == sorted(afters)
    assert afters[-1] < timedelta(minutes=60)
    assert [each.asks for each in ROUNDS if not each.fallback] == [0, 2, 4, 8]

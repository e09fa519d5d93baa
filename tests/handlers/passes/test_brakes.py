"""Stopping passes for everybody: by a person, or by the breaker."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from bot.sandbox.world import FJORDHEIM, SECURITY
from handlers.events import Asked, Place, Pressed
from handlers.messages import PassesNotice, PassesReply
from handlers.passes import Refused, Shown
from handlers.passes.switching import START, STOP, Switching
from handlers.records import AuditRow, Brake
from handlers.states import CaseState
from tests.handlers.rig import EMIL, HAKON, INGRID, JONAS, NORA, SUPPORT, TOMASZ, Rig


def _switching(rig: Rig, security: str | None = None) -> Switching:
    group = security or FJORDHEIM.group(SECURITY).object_id
    return Switching(
        rig.database,
        rig.people,
        rig.accounts,
        rig.issue.brakes,
        rig.clock,
        group,
        rig.identity,
        "https://bot.fjordheim.example",
    )


async def _stop(rig: Rig) -> None:
    async with rig.database.transaction() as session:
        assert await rig.issue.brakes.stop(session, by="Ingrid", actor=None, now=rig.clock.now())


async def _start(rig: Rig) -> None:
    async with rig.database.transaction() as session:
        assert await rig.issue.brakes.start(session, by="Ingrid", actor=None, now=rig.clock.now())


async def _acts(rig: Rig) -> list[str]:
    async with rig.database.transaction() as session:
        rows = select(col(AuditRow.action)).where(col(AuditRow.action).startswith("passes."))
        return list(await session.scalars(rows.order_by(col(AuditRow.seq))))


async def _notices(rig: Rig) -> list[str]:
    await rig.delivered()
    return [s.data.kind for s in rig.chat.standing(SUPPORT) if isinstance(s.data, PassesNotice)]


async def test_a_stop_holds_up_shows_and_approvals_until_the_start(rig: Rig) -> None:
    approved, other = await rig.approved(), await rig.verified(EMIL)
    await _stop(rig)
    assert await rig.issue.show(approved.browser) == Refused("stopped-all")
    await rig.approvals.approve(rig.press(INGRID, "approvals.approve", other.case.id))
    assert rig.refusals(INGRID) == ["stopped"]
    assert await rig.state(other.case) == CaseState.VERIFIED
    assert await rig.state(approved.case) == CaseState.APPROVED
    assert rig.creates == []
    await _start(rig)
    assert isinstance(await rig.issue.show(approved.browser), Shown)
    assert await _acts(rig) == ["passes.stopped", "passes.started"]
    assert await _notices(rig) == ["stopped", "started"]


async def test_no_pass_is_begun_after_a_stop_was_committed(each_rig: Rig) -> None:
    rig = each_rig
    approved = await rig.approved()
    after: list[int] = []

    async def stop() -> None:
        await _stop(rig)
        after.append((await rig.case(approved.case.id)).issue_attempt)

    outcomes = await asyncio.gather(stop(), *(rig.issue.show(approved.browser) for _ in range(20)))
    begun = (await rig.case(approved.case.id)).issue_attempt
    assert begun == after[0] == len(rig.creates)
    assert sum(isinstance(each, Shown) for each in outcomes) == begun
    assert await rig.issue.show(approved.browser) in (Refused("stopped-all"), Refused("not-yet"))


async def _capped(rig: Rig) -> None:
    """One pass a day is usual, and its bar asks for no more than the ordinary one does."""
    rules = replace(rig.standings.rules, daily_cap=1, member_share=0.0)
    rig.standings = replace(rig.standings, rules=rules)
    rig.issue = replace(rig.issue, standings=rig.standings)


async def _ready(rig: Rig, name: str) -> str:
    """Two agents saw the requester and two approvers said yes: enough also when the bar is raised."""
    claimed = await rig.verified(name)
    claimed = await rig.claimed(await rig.code(claimed.case, HAKON), claimed.browser)
    for approver in (INGRID, TOMASZ):
        await rig.approvals.approve(rig.press(approver, "approvals.approve", claimed.case.id))
    return claimed.browser


async def test_the_breaker_opens_at_twice_the_cap_and_counts_anew_after_the_start(rig: Rig) -> None:
    await _capped(rig)
    assert isinstance(await rig.issue.show((await rig.approved(NORA)).browser), Shown)
    assert await _notices(rig) == ["near"]
    rig.deciding = replace(rig.deciding, standings=rig.standings)
    rig.approvals = replace(rig.approvals, deciding=rig.deciding)
    rig.proving = replace(rig.proving, standings=rig.standings)
    rig.claiming = replace(rig.claiming, proving=rig.proving)
    second, third = await _ready(rig, EMIL), await _ready(rig, "Priya Nair")
    assert isinstance(await rig.issue.show(second), Shown)
    assert await _notices(rig) == ["near", "breaker"]
    assert await rig.issue.show(third) == Refused("stopped-all")
    assert len(rig.creates) == 2
    rig.clock.move(timedelta(minutes=1))
    await _start(rig)
    assert isinstance(await rig.issue.show(third), Shown)
    assert await _acts(rig) == ["passes.breaker", "passes.started"]


async def test_approvers_stop_and_only_the_security_team_starts(rig: Rig) -> None:
    switching = _switching(rig)
    guard = next(r for r in FJORDHEIM.residents if SECURITY in r.groups)
    assert await switching.switch(rig.id(JONAS), STOP) == "not-approver"
    assert await switching.switch(rig.id(INGRID), STOP) == "stopped"
    assert await switching.switch(rig.id(INGRID), STOP) == "already"
    assert await switching.switch(rig.id(INGRID), START) == "not-security"
    assert await replace(switching, security=None).switch(guard.object_id, START) == "not-security"
    assert await switching.stands() == (True, False)
    assert await switching.switch(guard.object_id, START) == "started"
    rig.entra.faults.down = True
    assert await switching.switch(rig.id(INGRID), STOP) == "directory-down"
    assert await switching.stands() == (False, False)


@pytest.mark.parametrize("text", ["passes stop", "Pass stopp!", "pass stop"])
async def test_a_word_in_private_stops_where_the_sign_in_is_fresh(rig: Rig, text: str) -> None:
    switching, person = _switching(rig), rig.person(INGRID)
    private = Place("slack", "D1", private=True)
    assert await switching.handle(Asked("a1", person, private, text))
    await rig.delivered()
    replies = [each for each in rig.chat.seen_by(person) if isinstance(each, PassesReply)]
    assert replies == [PassesReply("stopped")]
    async with rig.database.transaction() as session:
        row = (await session.scalars(select(Brake))).one()
        assert row.stopped_by == INGRID


async def test_who_has_not_signed_in_lately_is_led_to_the_page(rig: Rig) -> None:
    switching, person = _switching(rig), rig.person(INGRID)
    rig.identity.unproved.add(person)
    assert await switching.handle(Pressed("p1", person, SUPPORT, "passes.stop", ""))
    await rig.delivered()
    told = [each for each in rig.chat.seen_by(person) if isinstance(each, PassesReply)]
    assert told == [PassesReply("sign-in", "https://bot.fjordheim.example/passes")]
    assert await switching.stands() == (False, False)
    overheard = Asked("a2", person, SUPPORT, "passes stop")
    assert not await switching.handle(overheard)
    assert not await switching.handle(
        Asked("a3", person, Place("slack", "D1", private=True), "what is a pass")
    )


async def test_a_trial_runs_to_its_end_without_a_create(rig: Rig) -> None:
    rig.cards = replace(rig.cards, evaluation=True)
    rig.issue = replace(rig.issue, evaluation=True, cards=rig.cards)
    rig.deciding = replace(rig.deciding, cards=rig.cards)
    rig.approvals = replace(rig.approvals, deciding=rig.deciding)
    approved = await rig.approved()
    await rig.delivered()
    assert rig.card().evaluation
    assert await rig.issue.show(approved.browser) == Refused("evaluation")
    assert await rig.issue.show(approved.browser) == Refused("not-yet")
    assert await rig.state(approved.case) == CaseState.CANCELLED
    assert rig.creates == []
    assert not rig.has_pass()

"""Weak proof: two methods, two approvers and a wait; and what the card says all the way."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox.world import AGENTS, APPROVERS, FJORDHEIM, RECTORATE
from handlers.messages import CaseNews
from handlers.passes import Refused, Shown
from handlers.states import CaseState
from handlers.store import evidence
from handlers.verification import policy
from handlers.verification.browsers import Claimed
from handlers.verification.proving import Given
from tests.handlers.rig import HAKON, INGRID, JONAS, MARET, MINUTE, NORA, NOW, TOMASZ, Rig
from tests.handlers.store.given import run

HOUR = timedelta(hours=1)
SMS = Given("sms", 1, detail="··42, 2026-04-24")
MAIL = Given("mail", 1, detail="n··@g··.com, 2026-04-24")


def _video(rig: Rig, agent: str = JONAS) -> Given:
    return Given("video", 1, rig.id(agent), "challenge,photo-on-file")


async def _given(
    rig: Rig, claimed: Claimed | None, proofs: Sequence[Given], name: str = NORA
) -> Claimed | None:
    """Proofs, one after the other, from one browser."""
    if claimed is None:
        case = await rig.opened(name)
        await rig.code(case)
    else:
        case = claimed.case
    for given in proofs:
        standing = await rig.proving.standing(case.target)
        async with rig.database.transaction() as session:
            browser = claimed.browser if claimed else None
            claimed = await rig.proving.take(session, case.id, given, browser, rig.clock.now(), standing)
        if claimed is None:
            return None
    return claimed


async def _proved(rig: Rig, *proofs: Given, name: str = NORA) -> Claimed:
    claimed = await _given(rig, None, proofs, name)
    assert claimed is not None
    return claimed


async def _approve(rig: Rig, *names: str, case: str) -> Sequence[str | None]:
    return [await rig.deciding.approve(rig.id(name), case) for name in names]


async def test_from_two_weak_proofs_to_the_pass(rig: Rig) -> None:
    await rig.people.known(rig.person(NORA))
    first = await _proved(rig, _video(rig))
    assert await rig.state(first.case) == CaseState.VERIFYING
    await rig.delivered()
    assert (rig.card().verdict, rig.card().actions) == ("second-method", ())
    assert await _approve(rig, INGRID, case=first.case.id) == ["too-late"]

    claimed = await _given(rig, first, [SMS])
    assert claimed is not None
    assert await rig.state(claimed.case) == CaseState.VERIFIED
    await rig.delivered()
    card = rig.card()
    assert (card.verdict, card.approvals_wanted, card.wait_minutes, card.staffed) == ("enough", 2, 240, True)
    assert [(line.way, line.who, line.counts) for line in card.proofs] == [
        ("video", JONAS, True),
        ("phone", "", True),
    ]

    assert await _approve(rig, INGRID, case=claimed.case.id) == [None]
    assert await rig.state(claimed.case) == CaseState.VERIFIED
    assert await rig.issue.show(claimed.browser) == Refused("not-yet")
    # The evidence was fresh when the first approver decided; the second may take their time.
    rig.clock.move(2 * HOUR)
    assert await _approve(rig, INGRID, TOMASZ, case=claimed.case.id) == [None, None]
    approved = await rig.case(claimed.case.id)
    until = NOW + 6 * HOUR
    assert until == datetime(2026, 11, 24, 15, 15, tzinfo=UTC)
    # Support goes home at 16:00 in Oslo: a quarter of an hour of the four is left for the next day.
    until = datetime(2026, 11, 25, 7, 15, tzinfo=UTC)
    assert (approved.state, approved.not_before) == (CaseState.APPROVED, until)
    await rig.delivered()
    assert rig.card().not_before == until
    [*_, told] = (data for data in rig.chat.seen_by(rig.person(NORA)) if isinstance(data, CaseNews))
    assert (told.state, told.not_before) == (CaseState.APPROVED, until)

    assert await rig.issue.show(claimed.browser) == Refused("not-yet-delay", until)
    rig.clock.at = until - timedelta(seconds=1)
    assert await rig.issue.show(claimed.browser) == Refused("not-yet-delay", until)
    rig.clock.at = until
    assert await rig.issue.show(claimed.browser) == Refused("evidence-old")
    assert await _given(rig, Claimed(approved, "another browser"), [SMS]) is None
    assert await rig.issue.show(claimed.browser) == Refused("evidence-old")
    again = await _given(rig, claimed, [MAIL])
    assert again == Claimed(again.case if again else approved, claimed.browser)
    assert await rig.issue.show(claimed.browser) == Refused("evidence-old")
    assert await _given(rig, claimed, [SMS]) is not None
    assert rig.creates == []
    assert isinstance(await rig.issue.show(claimed.browser), Shown)
    assert rig.has_pass()


async def test_the_second_approver_has_a_day_and_then_it_is_proved_anew(rig: Rig) -> None:
    claimed = await _proved(rig, _video(rig), SMS)
    await _approve(rig, INGRID, case=claimed.case.id)
    rig.clock.move(24 * HOUR)
    await rig.follow.sweep(rig.clock.now())
    assert await rig.state(claimed.case) == CaseState.VERIFIED
    rig.clock.move(MINUTE)
    await rig.follow.sweep(rig.clock.now())
    assert await rig.state(claimed.case) == CaseState.VERIFYING
    again = await _given(rig, claimed, [_video(rig), SMS])
    assert again is not None
    # What was said of the old proof does not count for the new.
    assert await _approve(rig, TOMASZ, case=claimed.case.id) == [None]
    assert await rig.state(claimed.case) == CaseState.VERIFIED
    assert await _approve(rig, INGRID, case=claimed.case.id) == [None]
    assert await rig.state(claimed.case) == CaseState.APPROVED


async def test_a_wait_taken_out_of_the_row_is_waited_all_the_same(rig: Rig) -> None:
    claimed = await _proved(rig, _video(rig), SMS)
    await _approve(rig, INGRID, TOMASZ, case=claimed.case.id)
    await run(rig.database, 'UPDATE "case" SET not_before = NULL, approvals_wanted = 1')
    refused = await rig.issue.show(claimed.browser)
    assert isinstance(refused, Refused)
    assert refused.reason == "not-yet-delay"
    assert rig.creates == []


@pytest.mark.parametrize("proofs", [[SMS, MAIL], [SMS, SMS]])
async def test_codes_alone_are_not_enough(rig: Rig, proofs: list[Given]) -> None:
    claimed = await _proved(rig, *proofs)
    assert await rig.state(claimed.case) == CaseState.VERIFYING


async def test_video_is_not_enough_however_often(rig: Rig) -> None:
    claimed = await _proved(rig, _video(rig), _video(rig, HAKON), _video(rig))
    assert await rig.state(claimed.case) == CaseState.VERIFYING
    await run(rig.database, "UPDATE \"case\" SET state = 'verified'")
    assert await _approve(rig, INGRID, case=claimed.case.id) == ["not-enough"]
    await run(
        rig.database,
        f"UPDATE \"case\" SET state = 'approved', approved_at = state_at, show_until = '{NOW + HOUR}'",
    )
    assert await rig.issue.show(claimed.browser) == Refused("not-enough")
    assert rig.creates == []


async def test_whoever_saw_the_requester_approves_nothing(rig: Rig) -> None:
    claimed = await _proved(rig, _video(rig, MARET), SMS)
    assert await _approve(rig, MARET, INGRID, case=claimed.case.id) == ["agent-of-case", None]
    assert await rig.state(claimed.case) == CaseState.VERIFIED


async def test_nobody_is_proof_of_themselves(rig: Rig) -> None:
    claimed = await _proved(rig, SMS)
    assert await _given(rig, claimed, [Given("manager", 1, rig.id(NORA), "voice")]) is None
    async with rig.database.transaction() as session:
        assert len(await evidence.of_case(session, rig.keys, claimed.case.id)) == 1


async def test_an_account_that_needs_more_proof(rig: Rig) -> None:
    rig.entra.tenant.account(rig.id(NORA)).groups.add(FJORDHEIM.group(RECTORATE).object_id)
    desk = Given("desk", 3, rig.id(JONAS), "photo-id,face,name,passport")
    first = await _proved(rig, desk)
    await rig.delivered()
    assert (rig.card().verdict, rig.card().sensitive) == ("second-agent", True)
    claimed = await _given(rig, first, [replace(desk, actor=rig.id(HAKON))])
    assert claimed is not None
    assert await _approve(rig, INGRID, TOMASZ, case=claimed.case.id) == [None, None]
    assert isinstance(await rig.issue.show(claimed.browser), Shown)


async def test_a_bar_that_rises_before_the_approval_is_told_on_the_card(rig: Rig) -> None:
    claimed = await rig.verified()
    await rig.delivered()
    rig.entra.tenant.account(rig.id(NORA)).password_changed = NOW - HOUR
    assert await _approve(rig, INGRID, case=claimed.case.id) == ["not-enough"]
    await rig.delivered()
    assert (rig.card().verdict, rig.card().raised) == ("second-agent", ("password",))
    assert "approvals.approve" not in [action.name for action in rig.card().actions]


async def test_a_bar_that_rises_after_the_approval_counts_when_the_pass_is_shown(rig: Rig) -> None:
    claimed = await rig.approved()
    rig.entra.tenant.account(rig.id(NORA)).password_changed = NOW - MINUTE
    assert await rig.issue.show(claimed.browser) == Refused("not-enough")
    rig.entra.tenant.account(rig.id(NORA)).password_changed = NOW - 100 * 24 * HOUR
    assert isinstance(await rig.issue.show(claimed.browser), Shown)


async def test_a_sign_that_cannot_be_read_is_on_the_card(rig: Rig) -> None:
    rig.entra.tenant.account(rig.id(NORA)).password_changed = None
    await rig.verified()
    await rig.delivered()
    assert (rig.card().verdict, rig.card().unknown) == ("enough", ("password",))


@pytest.mark.parametrize("group", [APPROVERS, AGENTS])
async def test_whoever_joins_support_after_the_approval_gets_no_pass(rig: Rig, group: str) -> None:
    claimed = await rig.approved()
    rig.entra.tenant.account(rig.id(NORA)).groups.add(FJORDHEIM.group(group).object_id)
    assert await rig.issue.show(claimed.browser) == Refused("class")
    assert rig.creates == []


async def test_an_approver_who_approves_very_much_has_to_rest(rig: Rig) -> None:
    rules = replace(rig.standings.rules, approvals_per_hour=1)
    deciding = replace(rig.deciding, standings=replace(rig.standings, rules=rules))
    first, second = (await rig.verified()).case, (await rig.verified("Priya Nair")).case
    assert await deciding.approve(rig.id(INGRID), first.id) is None
    assert await deciding.approve(rig.id(INGRID), second.id) == "too-many-approvals"
    assert await rig.state(second) == CaseState.VERIFIED
    rig.clock.move(10 * MINUTE)
    assert await deciding.approve(rig.id(INGRID), second.id) is None


def test_twenty_in_an_hour_and_then_a_rest() -> None:
    minutes = [NOW - number * MINUTE for number in range(1, 21)]
    assert policy.must_pause(minutes, NOW, policy.DEFAULT_RULES)
    assert not policy.must_pause(minutes[:19], NOW, policy.DEFAULT_RULES)
    assert not policy.must_pause(minutes, NOW + 9 * MINUTE, policy.DEFAULT_RULES)
    assert policy.must_pause(minutes, NOW + 8 * MINUTE, policy.DEFAULT_RULES)

"""A create without an answer: look, delete what nobody saw, one more try, and never a pass left over."""

import asyncio

import pytest

from handlers.passes import Refused, Shown
from handlers.states import CaseState
from tests.handlers.rig import MINUTE, NORA, Rig
from tests.handlers.store.given import run

CREATE = "POST /users/*/authentication/temporaryAccessPassMethods"
LIST = "GET /users/*/authentication/temporaryAccessPassMethods"
UNKNOWN = Refused("unknown")


async def test_after_a_lost_answer_the_unseen_pass_is_deleted_and_the_next_press_shows_one(rig: Rig) -> None:
    approved = await rig.approved()
    rig.entra.faults.lose_answer(CREATE)
    assert await rig.issue.show(approved.browser) == UNKNOWN
    assert await rig.state(approved.case) == CaseState.ISSUE_UNKNOWN
    assert len(rig.entra.passes_created) == 1
    assert not rig.has_pass()
    assert len(rig.entra.sent("DELETE", rig.entra.passes_created[0].pass_id)) == 1
    shown = await rig.issue.show(approved.browser)
    assert isinstance(shown, Shown)
    assert shown.code.reveal() == rig.entra.passes_created[1].code
    assert rig.has_pass()
    assert len(rig.creates) == 2


async def test_a_second_lost_answer_ends_the_case_without_a_pass(rig: Rig) -> None:
    approved = await rig.approved()
    rig.entra.faults.lose_answer(CREATE, times=2)
    assert await rig.issue.show(approved.browser) == UNKNOWN
    assert await rig.issue.show(approved.browser) == Refused("failed")
    assert await rig.state(approved.case) == CaseState.FAILED
    assert not rig.has_pass()
    assert await rig.issue.show(approved.browser) == Refused("not-yet")
    assert len(rig.creates) == 2


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
async def test_an_answer_that_may_hide_a_pass_is_an_unknown_outcome(rig: Rig, status: int) -> None:
    approved = await rig.approved()
    rig.entra.faults.answer(CREATE, status)
    assert await rig.issue.show(approved.browser) == UNKNOWN
    assert isinstance(await rig.issue.show(approved.browser), Shown)


async def test_while_nobody_can_look_there_is_no_second_try(rig: Rig) -> None:
    approved = await rig.approved()
    rig.entra.faults.lose_answer(CREATE)
    rig.entra.faults.answer(LIST, 500, times=None)
    assert await rig.issue.show(approved.browser) == UNKNOWN
    assert rig.has_pass()
    assert await rig.issue.show(approved.browser) == Refused("directory-down")
    assert await rig.state(approved.case) == CaseState.ISSUE_UNKNOWN
    assert len(rig.creates) == 1
    rig.entra.faults.clear()
    assert isinstance(await rig.issue.show(approved.browser), Shown)


async def test_following_deletes_what_the_press_could_not(rig: Rig) -> None:
    approved = await rig.approved()
    rig.entra.faults.lose_answer(CREATE)
    rig.entra.faults.answer(LIST, 500, times=None)
    await rig.issue.show(approved.browser)
    await rig.follow.tick(rig.clock.now())
    assert rig.has_pass()
    rig.entra.faults.clear()
    await rig.follow.tick(rig.clock.now())
    assert rig.has_pass()
    rig.clock.move(5 * MINUTE)
    await rig.follow.tick(rig.clock.now())
    assert not rig.has_pass()
    assert (await rig.case(approved.case.id)).follow_at is None


async def test_two_presses_after_a_lost_answer_make_one_more_pass(each_rig: Rig) -> None:
    rig = each_rig
    approved = await rig.approved()
    rig.entra.faults.lose_answer(CREATE)
    await rig.issue.show(approved.browser)
    outcomes = await asyncio.gather(*(rig.issue.show(approved.browser) for _ in range(10)))
    assert sum(isinstance(outcome, Shown) for outcome in outcomes) == 1
    assert len(rig.creates) == 2
    assert rig.has_pass()


async def test_cleaning_up_spares_a_pass_that_was_shown(rig: Rig) -> None:
    """The look of an older attempt comes late: the pass of the newer one stays."""
    approved = await rig.approved()
    rig.entra.faults.lose_answer(CREATE)
    await rig.issue.show(approved.browser)
    unknown = await rig.case(approved.case.id)
    assert isinstance(await rig.issue.show(approved.browser), Shown)
    assert await rig.issue.unseen.clear(unknown) is True
    assert rig.has_pass()


async def test_cleaning_up_waits_for_a_create_under_way(rig: Rig) -> None:
    approved = await rig.approved()
    rig.entra.faults.lose_answer(CREATE)
    await rig.issue.show(approved.browser)
    unknown = await rig.case(approved.case.id)
    rig.entra.tenant.new_pass(
        rig.entra.tenant.account(rig.id(NORA)), lifetime=60, usable_once=True, start=None
    )
    gate = rig.entra.faults.hold(CREATE)
    await run(rig.database, "UPDATE \"case\" SET state = 'issuing'")
    assert await rig.issue.unseen.clear(unknown) is False
    assert rig.has_pass()
    gate.set()


async def test_a_pass_from_before_is_not_ours_to_delete(rig: Rig) -> None:
    account = rig.entra.tenant.account(rig.id(NORA))
    rig.entra.tenant.new_pass(account, lifetime=600, usable_once=False, start=None)
    rig.clock.move(2 * MINUTE)
    approved = await rig.approved()
    rig.entra.faults.answer(CREATE, 500)
    assert await rig.issue.show(approved.browser) == UNKNOWN
    assert rig.has_pass()

""" "It wasn't me": whenever it comes, no pass is left."""

import asyncio

from handlers.notices.disowning import CHAT
from handlers.passes import Refused, Shown
from handlers.states import CaseState
from tests.handlers.rig import MINUTE, Rig
from tests.handlers.store.given import run

CREATE = "POST /users/*/authentication/temporaryAccessPassMethods"
DELETE = "DELETE /users/*/authentication/temporaryAccessPassMethods/*"


async def test_stopping_takes_the_pass_back(rig: Rig) -> None:
    approved = await rig.approved()
    await rig.issue.show(approved.browser)
    assert await rig.disowning.disown(approved.case, CHAT) is True
    assert await rig.state(approved.case) == CaseState.STOPPED
    assert not rig.has_pass()
    assert await rig.disowning.disown(approved.case, CHAT) is False


async def test_stopping_before_the_press_leaves_nothing_to_show(rig: Rig) -> None:
    approved = await rig.approved()
    await rig.disowning.disown(approved.case, CHAT)
    assert await rig.issue.show(approved.browser) == Refused("not-yet")
    assert rig.creates == []


async def test_stopping_while_the_pass_is_made_deletes_it_unseen(rig: Rig) -> None:
    approved = await rig.approved()
    gate = rig.entra.faults.hold(CREATE)
    press = asyncio.create_task(rig.issue.show(approved.browser))
    await rig.until(approved.case, CaseState.ISSUING)
    assert await rig.disowning.disown(approved.case, CHAT) is True
    gate.set()
    assert await press == Refused("not-yet")
    assert len(rig.entra.passes_created) == 1
    assert not rig.has_pass()
    assert await rig.state(approved.case) == CaseState.STOPPED


async def test_a_pass_that_cannot_be_taken_back_now_is_taken_back_later(rig: Rig) -> None:
    approved = await rig.approved()
    await rig.issue.show(approved.browser)
    rig.entra.faults.answer(DELETE, 500, times=None)
    assert await rig.disowning.disown(approved.case, CHAT) is True
    assert rig.has_pass()
    await rig.follow.tick(rig.clock.now())
    rig.entra.faults.clear()
    rig.clock.move(5 * MINUTE)
    await rig.follow.tick(rig.clock.now())
    assert not rig.has_pass()
    assert (await rig.case(approved.case.id)).follow_at is None


async def test_a_stop_and_a_press_at_once_leave_no_pass(each_rig: Rig) -> None:
    rig = each_rig
    approved = await rig.approved()
    outcome, _ = await asyncio.gather(
        rig.issue.show(approved.browser), rig.disowning.disown(approved.case, CHAT)
    )
    assert await rig.state(approved.case) == CaseState.STOPPED
    assert not rig.has_pass()
    assert isinstance(outcome, Shown | Refused)


async def test_forged_evidence_does_not_keep_a_case_from_being_stopped(rig: Rig) -> None:
    approved = await rig.approved()
    await run(rig.database, "UPDATE evidence SET level = 4")
    assert await rig.disowning.disown(approved.case, CHAT) is True

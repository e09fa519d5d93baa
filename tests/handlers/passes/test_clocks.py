"""A clock that is wrong makes no pass."""

from datetime import timedelta

import pytest

from handlers.messages import PassesNotice
from handlers.passes import Refused, Shown
from handlers.passes.clocks import Clocks
from handlers.states import CaseState
from tests.handlers.rig import SUPPORT, Rig


@pytest.mark.parametrize("minutes", [-10, 2])
async def test_no_pass_is_made_while_the_clock_is_wrong_and_support_hears_of_it_once(
    rig: Rig, minutes: int
) -> None:
    approved = await rig.approved()
    clocks = Clocks(rig.database, rig.directory, rig.cards.channels)
    await clocks.tick(rig.clock.now())
    rig.entra.faults.ahead = timedelta(minutes=minutes)
    assert await rig.issue.show(approved.browser) == Refused("stopped-all")
    assert (rig.creates, await rig.state(approved.case)) == ([], CaseState.APPROVED)
    for _ in range(2):
        await clocks.tick(rig.clock.now())
    await rig.delivered()
    told = [each.data.kind for each in rig.chat.standing(SUPPORT) if isinstance(each.data, PassesNotice)]
    assert told == ["clock"]
    rig.entra.faults.clear()
    assert isinstance(await rig.issue.show(approved.browser), Shown)

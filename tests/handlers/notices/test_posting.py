"""The organisation's ticket system follows each case, and learns about nobody."""

import json

from handlers.passes import Shown
from handlers.store.notices import Channel
from tests.handlers.notices.conftest import Told
from tests.handlers.rig import INGRID, JONAS, MINUTE, NORA


async def test_each_move_is_posted_in_order_without_anybody_in_it(told: Told) -> None:
    rig = told.rig
    approved = await rig.approved()
    rig.clock.move(MINUTE)
    assert isinstance(await rig.issue.show(approved.browser), Shown)
    await told.out(Channel.TICKETS)
    moves = told.gateway.moves
    assert [(each["before"], each["state"]) for each in moves] == [
        (None, "open"),
        ("open", "verifying"),
        ("verifying", "verified"),
        ("verified", "approved"),
        ("approved", "issuing"),
        ("issuing", "issued"),
    ]
    assert {each["case"] for each in moves} == {approved.case.id}
    assert len({each["id"] for each in moves}) == len(moves)
    numbers = [int(str(each["number"])) for each in moves]
    assert numbers == sorted(numbers)
    last = moves[-1]
    assert (last["at"], last["opened_at"]) == ("2026-11-24T09:16:00+00:00", "2026-11-24T09:15:00+00:00")
    assert (last["routes"], last["ticket"]) == (["desk"], None)
    said = json.dumps(moves)
    for name in (NORA, JONAS, INGRID):
        assert name not in said
        assert rig.id(name) not in said


async def test_what_was_not_taken_comes_again(told: Told) -> None:
    rig = told.rig
    case = await rig.opened()
    told.gateway.tickets_status = 503
    await told.out(Channel.TICKETS)
    assert told.gateway.moves == []
    told.gateway.tickets_status = None
    await rig.code(case)
    rig.clock.move(MINUTE)
    await told.out(Channel.TICKETS)
    moves = sorted(told.gateway.moves, key=lambda each: int(str(each["number"])))
    assert [each["state"] for each in moves] == ["open", "verifying"]

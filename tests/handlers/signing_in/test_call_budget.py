"""What approve-to-shown costs at Graph: at most four requests, and every re-check is among them."""

from collections.abc import Sequence
from typing import Final

import pytest

from bot.sandbox.entra.journal import Recorded
from handlers.messages import NotAllowed
from handlers.passes import Refused, Shown
from tests.handlers.rig import INGRID, NORA, Rig
from tests.handlers.signing_in.desk import APPROVE, desk_of

BUDGET: Final = 4
CREATE: Final = "POST /users/{target}/authentication/temporaryAccessPassMethods"
APPROVER: Final = frozenset({"GET /users/{approver}", "POST /users/{approver}/checkMemberGroups"})
TARGET: Final = frozenset(
    {
        "GET /users/{target}",
        "GET /users/{target}/transitiveMemberOf",
        "GET /users/{target}/ownedObjects",
        "GET /users/{target}/authentication/methods",
        "POST /users/{target}/checkMemberGroups",
        "GET /roleManagement/directory/roleAssignments",
        "GET /roleManagement/directory/roleEligibilityScheduleInstances",
    }
)
AT_THE_PASS: Final = TARGET | {
    "POST /users/{approver}/checkMemberGroups",
    "GET /policies/authenticationMethodsPolicy/authenticationMethodConfigurations/temporaryAccessPass",
}


def asked(rig: Rig, requests: Sequence[Recorded]) -> frozenset[str]:
    """What was read or made, whether alone or within a batch."""
    names = {rig.id(NORA): "{target}", rig.id(INGRID): "{approver}"}
    return frozenset(
        "/".join(names.get(part, part) for part in f"{each.method} {each.path}".split("/"))
        for each in requests
        if not each.path.endswith("/$batch")
    )


def sent(requests: Sequence[Recorded]) -> int:
    """How many of them were requests, and not parts of one."""
    return sum(each.batch is None for each in requests)


async def test_from_the_press_to_the_pass_by_a_sign_in_there_are_four_requests(rig: Rig) -> None:
    async with desk_of(rig) as desk:
        claimed = await rig.verified()
        await rig.people.known(rig.person(INGRID))
        begin = len(rig.entra.requests)
        token = await desk.press(INGRID, claimed.case.id)
        assert token is not None
        pressed = len(rig.entra.requests)
        await desk.decide(token, INGRID)
        decided = len(rig.entra.requests)
        assert isinstance(await rig.issue.show(claimed.browser), Shown)
        requests = rig.entra.requests
        print([f"{r.method} {r.path}" for r in requests[begin:] if r.batch is None])
        assert asked(rig, requests[pressed:decided]) == APPROVER | TARGET
        assert asked(rig, requests[decided:]) == AT_THE_PASS | {CREATE}
        assert sent(requests[begin:]) <= BUDGET


async def test_who_has_signed_in_just_now_decides_by_one_request(rig: Rig) -> None:
    claimed = await rig.verified()
    begin = len(rig.entra.requests)
    await rig.approvals.approve(rig.press(INGRID, APPROVE, claimed.case.id))
    decided = len(rig.entra.requests)
    assert isinstance(await rig.issue.show(claimed.browser), Shown)
    requests = rig.entra.requests
    print([f"{r.method} {r.path}" for r in requests[begin:] if r.batch is None])
    assert asked(rig, requests[begin:decided]) >= APPROVER | TARGET
    assert asked(rig, requests[decided:]) == AT_THE_PASS | {CREATE}
    assert sent(requests[begin:]) <= BUDGET

"""What approve-to-shown costs at Graph: at most four requests, every re-check is among them, and none may fail."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pytest

from bot.sandbox.entra.journal import Recorded
from handlers.passes import Refused, Shown
from handlers.states import CaseState
from tests.handlers.rig import INGRID, NORA, Rig
from tests.handlers.signing_in.desk import APPROVE, desk_of

BUDGET: Final = 4
CREATE: Final = "POST /users/{target}/authentication/temporaryAccessPassMethods"
APPROVER: Final = frozenset({"GET /users/{approver}", "POST /users/{approver}/checkMemberGroups"})
REVOKE: Final = "POST /users/{target}/revokeSignInSessions"
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
AT_THE_DECISION: Final = APPROVER | TARGET - {"GET /users/{target}/authentication/methods"}
"""What a decision cannot do without: methods that nobody can read are a sign on the card."""


def _names(rig: Rig) -> dict[str, str]:
    return {rig.id(NORA): "{target}", rig.id(INGRID): "{approver}"}


def asked(rig: Rig, requests: Sequence[Recorded]) -> frozenset[str]:
    """What was read or made, whether alone or within a batch."""
    names = _names(rig)
    return frozenset(
        "/".join(names.get(part, part) for part in f"{each.method} {each.path}".split("/"))
        for each in requests
        if not each.path.endswith("/$batch")
    )


def sent(requests: Sequence[Recorded]) -> int:
    """How many of them were requests, and not parts of one."""
    return sum(each.batch is None for each in requests)


def fails(rig: Rig, what: str, status: int) -> None:
    """This one thing cannot be read, however often one asks."""
    for account, name in _names(rig).items():
        what = what.replace(name, account)
    rig.entra.faults.answer(what, status, times=None)


@pytest.mark.parametrize("seen", [True, False], ids=["seen before", "never seen"])
async def test_from_the_press_to_the_pass_by_a_sign_in_there_are_at_most_four(rig: Rig, seen: bool) -> None:
    async with desk_of(rig) as desk:
        claimed = await rig.verified()
        if seen:
            await rig.people.known(rig.person(INGRID))
        requests = rig.entra.requests
        begin = len(requests)
        token = await desk.press(INGRID, claimed.case.id)
        assert token is not None
        pressed = len(requests)
        await desk.decide(token, INGRID)
        decided = len(requests)
        issue = replace(rig.issue, ending_sessions=True)
        assert isinstance(await issue.show(claimed.browser), Shown)
        assert asked(rig, requests[pressed:decided]) == APPROVER | TARGET
        assert asked(rig, requests[decided:]) == AT_THE_PASS | {REVOKE, CREATE}
        assert sent(requests[begin:]) <= BUDGET


async def test_from_the_press_of_who_has_just_signed_in_there_are_at_most_four(rig: Rig) -> None:
    claimed = await rig.verified()
    requests = rig.entra.requests
    begin = len(requests)
    await rig.approvals.approve(rig.press(INGRID, APPROVE, claimed.case.id))
    decided = len(requests)
    assert isinstance(await rig.issue.show(claimed.browser), Shown)
    assert asked(rig, requests[begin:decided]) == APPROVER | TARGET
    assert asked(rig, requests[decided:]) == AT_THE_PASS | {CREATE}
    assert sent(requests[begin:]) <= BUDGET


@pytest.mark.parametrize("what", sorted(AT_THE_DECISION))
async def test_a_decision_for_which_one_thing_cannot_be_read_is_none(rig: Rig, what: str) -> None:
    claimed = await rig.verified()
    fails(rig, what, 403)
    assert await rig.deciding.approve(rig.id(INGRID), claimed.case.id) == "directory-down"
    assert await rig.state(claimed.case) == CaseState.VERIFIED


@pytest.mark.parametrize("what", sorted(AT_THE_PASS))
async def test_a_pass_for_which_one_thing_cannot_be_read_is_not_made(rig: Rig, what: str) -> None:
    approved = await rig.approved()
    fails(rig, what, 503)
    assert await rig.issue.show(approved.browser) == Refused("directory-down")
    assert rig.creates == []


async def test_when_the_answer_to_all_of_it_is_lost_it_is_asked_again(rig: Rig) -> None:
    approved = await rig.approved()
    rig.entra.faults.lose_answer("POST /$batch")
    assert isinstance(await rig.issue.show(approved.browser), Shown)
    again = await rig.verified("Priya Nair")
    rig.entra.faults.lose_answer("POST /$batch", times=None)
    assert await rig.deciding.approve(rig.id(INGRID), again.case.id) == "directory-down"

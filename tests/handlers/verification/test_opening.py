"""How often a case can be opened, and against whom a case that came to nothing is held."""

from datetime import timedelta

import pytest

from handlers.records import Case
from handlers.states import CaseState
from handlers.verification.opening import Opening, Refused
from tests.handlers.rig import EMIL, INGRID, JONAS, NORA, Rig

HOUR = timedelta(hours=1)


async def _open(rig: Rig, name: str, starter: str, opened_by: str) -> Case | Refused:
    target = await rig.directory.users.get(rig.id(name))
    async with rig.database.transaction() as session:
        return await Opening(rig.cases, rig.standings.rules).open(
            session, target, starter=rig.id(starter), now=rig.clock.now(), opened_by=opened_by
        )


async def _end(rig: Rig, case: Case | Refused, *states: CaseState) -> None:
    assert isinstance(case, Case)
    before = CaseState(case.state)
    for state in states:
        async with rig.database.transaction() as session:
            assert await rig.cases.move(
                session, case.id, before, state, now=rig.clock.now(), actor=rig.id(INGRID)
            )
        before = state


_DENIED = (CaseState.VERIFYING, CaseState.VERIFIED, CaseState.DENIED)


@pytest.mark.parametrize("ends", [_DENIED, (CaseState.STOPPED,)])
async def test_a_colleagues_case_is_held_against_the_colleague(rig: Rig, ends: tuple[CaseState, ...]) -> None:
    await _end(rig, await _open(rig, NORA, EMIL, "colleague"), *ends)
    assert await _open(rig, JONAS, EMIL, "colleague") == Refused("cool-down")
    own = await _open(rig, NORA, NORA, "owner")
    assert isinstance(own, Case)
    await _end(rig, own, CaseState.CANCELLED)
    assert isinstance(await _open(rig, EMIL, EMIL, "owner"), Case)
    rig.clock.move(24 * HOUR)
    assert isinstance(await _open(rig, JONAS, EMIL, "colleague"), Case)


@pytest.mark.parametrize("ends", [_DENIED, (CaseState.STOPPED,)])
async def test_an_owners_case_is_held_against_the_account(rig: Rig, ends: tuple[CaseState, ...]) -> None:
    await _end(rig, await _open(rig, NORA, NORA, "owner"), *ends)
    assert await _open(rig, NORA, JONAS, "agent") == Refused("cool-down")
    assert await _open(rig, NORA, EMIL, "colleague") == Refused("cool-down")
    rig.clock.move(24 * HOUR)
    assert isinstance(await _open(rig, NORA, JONAS, "agent"), Case)

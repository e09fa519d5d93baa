"""Fifty presses at once on three replicas, of *Approve* and of *Show*: one approval, one create, one pass."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import pytest

from handlers.passes import Refused, Shown
from handlers.states import CaseState
from handlers.store import approvals
from tests.handlers.rig import INGRID, TOMASZ, Rig, opened_rig, rig_at

_AT_ONCE: Final = 50


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=(pytest.mark.postgres, pytest.mark.slow))])
def url(request: pytest.FixtureRequest) -> str:
    """A fresh database of each kind."""
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture
async def replicas(url: str, tmp_path: Path) -> AsyncIterator[list[Rig]]:
    """Three on one database."""
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(opened_rig(url, tmp_path))
        more = [await rig_at(stack, url, tmp_path, first.clock, first.entra) for _ in range(2)]
        yield [first, *more]


async def test_fifty_approves_and_fifty_shows_make_one_pass(replicas: list[Rig]) -> None:
    first = replicas[0]
    claimed = await first.verified()
    case = claimed.case.id
    pressed = [(replicas[n % 3], first.id((INGRID, TOMASZ)[n % 2])) for n in range(_AT_ONCE)]
    said = await asyncio.gather(*(rig.deciding.approve(who, case) for rig, who in pressed))
    assert said.count(None) == 1
    assert set(said) == {None, "too-late"}
    async with first.database.transaction() as session:
        assert len(await approvals.of_case(session, case)) == 1

    shows = (replicas[n % 3].issue.show(claimed.browser) for n in range(_AT_ONCE))
    outcomes = await asyncio.gather(*shows)
    (shown,) = [each for each in outcomes if isinstance(each, Shown)]
    assert {each.reason for each in outcomes if isinstance(each, Refused)} == {"not-yet"}
    (made,) = first.entra.passes_created
    assert shown.code.reveal() == made.code
    assert len(first.creates) == 1
    assert await first.state(claimed.case) == CaseState.ISSUED
    acts = await first.acts(claimed.case)
    assert [acts.count(f"case.{act}") for act in ("approved", "issuing", "issued")] == [1, 1, 1]

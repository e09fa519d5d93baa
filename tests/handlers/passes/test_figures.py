"""The figures of the week."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from handlers.messages import CaseFigures, Counted
from handlers.passes import Shown
from handlers.passes.figures import WeeklyFigures, at_most
from handlers.rollout.when import Calendar
from tests.handlers.rig import EMIL, INGRID, MINUTE, NORA, SUPPORT, Rig

MONDAY: Final = datetime(2026, 11, 30, 7, 0, tzinfo=UTC)
"""Support opens: eight o'clock in Norway."""


def _weekly(rig: Rig) -> WeeklyFigures:
    return WeeklyFigures(rig.database, Calendar.norwegian(), rig.cards.channels, rig.standings.rules)


async def _sent(rig: Rig) -> list[CaseFigures]:
    await rig.delivered()
    return [it.data for it in rig.chat.standing(SUPPORT) if isinstance(it.data, CaseFigures)]


@given(st.lists(st.integers(0, 10_000), min_size=1))
def test_of_a_share_at_least_so_many_were_as_fast(minutes: list[int]) -> None:
    times = [each * MINUTE for each in minutes]
    for share in (0.5, 0.9):
        found = at_most(times, share)
        assert found in minutes
        assert sum(each <= found for each in minutes) >= share * len(minutes)
        assert sum(each < found for each in minutes) < share * len(minutes)


async def test_a_week_is_told_once_without_anybody_in_it(each_rig: Rig) -> None:
    rig = each_rig
    approved = await rig.approved(NORA)
    rig.clock.move(12 * MINUTE)
    assert isinstance(await rig.issue.show(approved.browser), Shown)
    denied = await rig.verified(EMIL)
    assert await rig.deciding.deny(rig.id(INGRID), denied.case.id) is None
    await rig.opened("Priya Nair")
    rig.clock.at = MONDAY
    replicas = [_weekly(rig), _weekly(rig)]
    for after in (-1, 0, 60, 24 * 60):
        await asyncio.gather(*(each.tick(MONDAY + after * MINUTE) for each in replicas))
    await _weekly(rig).tick(MONDAY + timedelta(days=2))
    rig.clock.at = MONDAY + timedelta(days=3)
    [found] = await _sent(rig)
    assert found == CaseFigures(
        since=date(2026, 11, 23),
        until=date(2026, 11, 30),
        opened=3,
        passes=1,
        median_minutes=12,
        most_minutes=12,
        ends=(Counted("denied", 1),),
        denials=(Counted("other", 1),),
        ways=(Counted("desk", 2),),
    )


async def test_nothing_is_said_of_a_week_without_cases(rig: Rig) -> None:
    await rig.opened()
    rig.clock.at = MONDAY + timedelta(days=7)
    await _weekly(rig).tick(rig.clock.at)
    assert await _sent(rig) == []

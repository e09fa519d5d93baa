"""The summary that support reads on working days."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, update
from sqlmodel import col

from handlers.events import Place
from handlers.messages import DayWave, RolloutDay
from handlers.records import PlanEntry
from handlers.rollout import pauses
from handlers.rollout.daily import Daily, still_on
from handlers.rollout.history import Course, Point
from tests.handlers.rig import SUPPORT, TEAMS_SUPPORT, Rig
from tests.handlers.rollout.given import CALENDAR, DAY, LEIF, NOW, PAL, PRIYA, at, entry, put

LATER: Final = DAY + timedelta(days=7)
PAGE: Final = "https://bot.fjordheim.example/rollout"


def _daily(rig: Rig) -> Daily:
    return Daily(rig.database, CALENDAR, rig.channels, ("slack",), 3, PAGE)


def _sent(rig: Rig, place: Place = SUPPORT) -> Sequence[RolloutDay]:
    shown = rig.chat_on(place.platform).standing(place)
    return [it.data for it in shown if isinstance(it.data, RolloutDay)]


async def _tick(rig: Rig, when: str, clock: str = "08:05") -> None:
    """One replica that has just started."""
    rig.clock.at = at(when, clock)
    await _daily(rig).tick(rig.clock.at)
    await rig.delivered()


async def test_it_stands_once_a_day_whatever_the_replicas_do(each_rig: Rig) -> None:
    rig = each_rig
    await put(rig.database, entry(PAL, wave="First"), entry(LEIF, wave="First", ready_at=NOW))
    await put(rig.database, entry(PRIYA, LATER))
    await pauses.pause(rig.database, "First", "Ingrid", NOW)
    rig.clock.at = at("2027-01-15", "08:00")
    replicas = [_daily(rig) for _ in range(3)]
    for _ in range(2):
        await asyncio.gather(*(each.tick(rig.clock.at) for each in replicas))
    await _tick(rig, "2027-01-15", "15:30")
    assert _sent(rig) == [
        RolloutDay(
            on=date(2027, 1, 15),
            accounts=3,
            ready=1,
            percent=33,
            unreached=0,
            waves=(
                DayWave("First", DAY, 3, 2, 1, 50, "█" * 10 + "░" * 10, is_paused=True),
                DayWave(None, LATER, 10, 1, 0, 0, "░" * 20),
            ),
            url=PAGE,
        )
    ]


async def test_it_stands_in_every_support_channel(both: Rig) -> None:
    await put(both.database, entry(PAL))
    await _tick(both, "2027-01-15")
    assert len(_sent(both)) == len(_sent(both, TEAMS_SUPPORT)) == 1


async def test_it_comes_on_working_days_and_in_their_hours_only(rig: Rig) -> None:
    await put(rig.database, entry(PAL))
    for when, clock in (
        ("2027-01-15", "07:59"),
        ("2027-01-15", "16:00"),
        ("2027-01-16", "09:00"),
        ("2027-01-17", "09:00"),
        ("2027-01-01", "09:00"),
    ):
        await _tick(rig, when, clock)
    assert _sent(rig) == []


async def test_it_ends_with_the_last_wave_and_its_last_reminder(rig: Rig) -> None:
    await _tick(rig, "2027-01-14")
    await put(rig.database, entry(PAL, date(2027, 1, 12)), entry(LEIF, date(2027, 1, 11)))
    for when in ("2027-01-15", "2027-01-18"):
        await _tick(rig, when)
    [found] = _sent(rig)
    assert [(it.activation_day, it.days) for it in found.waves] == [(date(2027, 1, 12), -3)]
    async with rig.database.transaction() as session:
        await session.execute(delete(PlanEntry))
    await _tick(rig, "2027-01-19")
    assert len(_sent(rig)) == 1


async def test_of_many_waves_the_next_ones_are_shown(rig: Rig) -> None:
    await put(rig.database, entry(PAL))
    async with rig.database.transaction() as session:
        for number in range(14):
            session.add(
                PlanEntry(
                    account=f"00000000-0000-4000-8000-{number:012}",
                    upn=f"user{number}@x.no",
                    activation_day=DAY + timedelta(days=number),
                    wave=f"Wave {number}",
                    changed_at=NOW,
                )
            )
        await session.execute(update(PlanEntry).where(col(PlanEntry.wave).is_(None)).values(wave="Wave 0"))
    await _tick(rig, "2027-01-15")
    [found] = _sent(rig)
    assert [it.wave for it in found.waves] == [f"Wave {number}" for number in range(12)]
    assert (found.waves[0].accounts, found.more) == (2, 2)


@given(st.lists(st.dates(date(2026, 1, 1), date(2028, 1, 1))), st.integers(-14, 30))
def test_a_wave_is_on_until_its_last_reminder_and_its_day(days: list[date], last_offset: int) -> None:
    waves = [Course(None, day, 0, (Point(DAY, 1, 0),)) for day in days]
    found = {it.activation_day for it in still_on(waves, DAY, last_offset)}
    assert found == {day for day in days if day >= DAY or (DAY - day).days <= last_offset}

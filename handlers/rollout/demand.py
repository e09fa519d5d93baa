"""How many are still to be reminded on which day, by the chat that will probably reach them. Reads only."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, String, and_, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.records import Due, Link, PlanEntry
from handlers.rollout.pauses import is_paused
from handlers.rollout.room import Spread, room, spread, working_days
from handlers.rollout.when import Calendar, Slot, slots

_TO_REMIND: Final = (col(PlanEntry.ready_at).is_(None), ~col(PlanEntry.excluded), ~is_paused())


@dataclass(frozen=True)
class Pace:
    """How many messages a minute each chat takes, in the order in which the chats are tried."""

    a_minute: Mapping[str, int]

    def platform(self) -> ColumnElement[str]:
        """The chat of an entry of the plan: where the account is linked, else the first."""
        linked = (
            select(func.min(col(Link.platform)))
            .where(col(Link.account) == PlanEntry.account, col(Link.platform).in_(list(self.a_minute)))
            .scalar_subquery()
        )
        return func.coalesce(linked, literal(next(iter(self.a_minute)), String))


@dataclass(frozen=True)
class Demand:
    """What is to be said from a day on, by chat."""

    days: list[date]
    by_platform: dict[str, Spread]
    meant: dict[str, Counter[tuple[date, date]]]

    def early(self, day: date) -> dict[tuple[str, date], int]:
        """By chat and activation day: how many begin on this day already."""
        return {
            (platform, activation_day): accounts
            for platform, it in self.by_platform.items()
            for (on, activation_day), accounts in it.early.items()
            if on == day
        }


async def is_plenty(
    session: AsyncSession, today: date, offsets: tuple[int, ...], calendar: Calendar, pace: Pace
) -> bool:
    """Whether some day to come might have too many: a quick look that counts those reminded already too."""
    counted = await session.execute(
        select(col(PlanEntry.activation_day), func.count()).group_by(col(PlanEntry.activation_day))
    )
    days: Counter[date] = Counter()
    for activation_day, accounts in counted:
        for slot in slots(activation_day, offsets, calendar):
            if slot.day > today:
                days[slot.day] += accounts
    return max(days.values(), default=0) > room(calendar, min(pace.a_minute.values()))


async def demand(
    session: AsyncSession, today: date, offsets: tuple[int, ...], calendar: Calendar, pace: Pace
) -> Demand:
    """Who is not ready and has no record of a reminder yet, spread over the days from today on."""
    meant: dict[str, Counter[tuple[date, date]]] = {platform: Counter() for platform in pace.a_minute}
    for (platform, slot_day, activation_day), accounts in (
        await _meant(session, today, offsets, calendar, pace)
    ).items():
        if accounts > 0:
            meant[platform][slot_day, activation_day] = accounts
    last = max((day for cells in meant.values() for day, _ in cells), default=today)
    days = working_days(calendar, today, last)
    by_platform = {
        platform: spread(days, cells, room(calendar, pace.a_minute[platform]))
        for platform, cells in meant.items()
    }
    return Demand(days, by_platform, meant)


async def _meant(
    session: AsyncSession, today: date, offsets: tuple[int, ...], calendar: Calendar, pace: Pace
) -> Counter[tuple[str, date, date]]:
    activation_day, platform = col(PlanEntry.activation_day), pace.platform().label("platform")
    everybody = await session.execute(
        select(platform, activation_day, func.count()).where(*_TO_REMIND).group_by(platform, activation_day)
    )
    found: Counter[tuple[str, date, date]] = Counter()
    by_offset: dict[tuple[date, int], Slot] = {}
    for where, day, accounts in everybody:
        for slot in slots(day, offsets, calendar):
            if slot.day >= today:
                found[where, slot.day, day] += accounts
                by_offset[day, slot.offset] = slot
    recorded = await session.execute(
        select(platform, activation_day, col(Due.offset), func.count())
        .join(
            Due,
            and_(col(Due.account) == PlanEntry.account, col(Due.activation_day) == PlanEntry.activation_day),
        )
        .where(*_TO_REMIND)
        .group_by(platform, activation_day, col(Due.offset))
    )
    for where, day, offset, accounts in recorded:
        if (there := by_offset.get((day, offset))) is not None:
            found[where, there.day, day] -= accounts
    return found

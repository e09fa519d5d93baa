"""How far the rollout has come, and what would go out on a day. Reads only."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import and_, distinct, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from handlers.records import Due, OutboxState, Outgoing, PlanEntry
from handlers.rollout.keys import PREFIX, Outcome
from handlers.rollout.reached import PlanReach, reach

_CANNOT: Final = (Outcome.UNREACHABLE, Outcome.DISABLED, Outcome.GONE, Outcome.GUEST, Outcome.EXCLUDED)


@dataclass(frozen=True)
class WaveStatus:
    """The accounts of one wave that share an activation day."""

    wave: str | None
    activation_day: date
    accounts: int
    ready: int
    """Seen ready when last looked at."""


@dataclass(frozen=True)
class Status:
    """The plan as it is, and what became of its reminders."""

    accounts: int
    ready: int
    waves: tuple[WaveStatus, ...]
    cannot_be_reminded: dict[str, int]
    """Accounts by the reason why a reminder of their present activation day reached nobody."""
    reminders: dict[str, int]
    """Messages by what became of them: ``pending``, ``sending``, ``sent``, ``failed``, ``dropped``."""
    stale: int
    """Reminders whose day went by before they could go."""
    reach: PlanReach
    """Who can be written to, and where."""


async def status(session: AsyncSession, platforms: Collection[str] = ()) -> Status:
    """Where the rollout stands, by counting in the database; ``platforms`` are the chats that are switched on."""
    day, wave = col(PlanEntry.activation_day), col(PlanEntry.wave)
    rows = await session.execute(
        select(wave, day, func.count(), func.count(col(PlanEntry.ready_at)))
        .group_by(wave, day)
        .order_by(day, wave)
    )
    waves = tuple(WaveStatus(*row) for row in rows)
    return Status(
        accounts=sum(it.accounts for it in waves),
        ready=sum(it.ready for it in waves),
        waves=waves,
        cannot_be_reminded=await _cannot(session),
        reminders=await _reminders(session),
        stale=await session.scalar(
            select(func.count()).select_from(Due).where(col(Due.outcome) == Outcome.STALE)
        )
        or 0,
        reach=await reach(session, platforms),
    )


async def _cannot(session: AsyncSession) -> dict[str, int]:
    """By reason; an account that got through at a later offset is not among them."""
    later = aliased(Due)
    got_through = exists().where(
        col(later.account) == Due.account,
        col(later.activation_day) == Due.activation_day,
        col(later.offset) > Due.offset,
        col(later.outcome).in_((Outcome.QUEUED, Outcome.READY)),
    )
    rows = await session.execute(
        select(col(Due.outcome), func.count(distinct(col(Due.account))))
        .join(
            PlanEntry,
            and_(
                col(PlanEntry.account) == Due.account,
                col(PlanEntry.activation_day) == Due.activation_day,
            ),
        )
        .where(col(Due.outcome).in_(_CANNOT), ~got_through)
        .group_by(col(Due.outcome))
    )
    counted = {row[0]: row[1] for row in rows}
    return {outcome: counted.get(outcome, 0) for outcome in _CANNOT}


async def _reminders(session: AsyncSession) -> dict[str, int]:
    rows = await session.execute(
        select(col(Outgoing.state), func.count())
        .where(col(Outgoing.key).startswith(PREFIX, autoescape=True))
        .group_by(col(Outgoing.state))
    )
    counted = {row[0]: row[1] for row in rows}
    return {state: counted.get(state, 0) for state in OutboxState}

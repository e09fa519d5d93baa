"""How far the rollout has come. Reads only."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.records import Due, OutboxState, Outgoing
from handlers.rollout import pauses
from handlers.rollout.keys import PREFIX, Outcome
from handlers.rollout.reached import PlanReach, reach
from handlers.rollout.standing import CANNOT, READY, counts


@dataclass(frozen=True)
class WaveStatus:
    """The accounts of one wave that share an activation day."""

    wave: str | None
    activation_day: date
    accounts: int
    ready: int
    """Seen ready when last looked at."""


@dataclass(frozen=True)
class Paused:
    """Nobody of a wave is reminded, or nobody at all."""

    wave: str | None
    """Nothing: the whole rollout."""
    since: datetime
    by: str


@dataclass(frozen=True)
class Status:
    """The plan as it is, and what became of its reminders."""

    accounts: int
    ready: int
    waves: tuple[WaveStatus, ...]
    cannot_be_reminded: dict[str, int]
    """Accounts that are not ready, by the reason why nobody reminds them."""
    reminders: dict[str, int]
    """Messages by what became of them: ``pending``, ``sending``, ``sent``, ``failed``, ``dropped``."""
    stale: int
    """Reminders whose day went by before they could go."""
    reach: PlanReach
    """Who can be written to, and where."""
    paused: tuple[Paused, ...]


async def status(session: AsyncSession, platforms: Collection[str] = ()) -> Status:
    """Where the rollout stands, by counting in the database; ``platforms`` are the chats that are switched on."""
    counted = await counts(session, platforms)
    waves = tuple(
        WaveStatus(each.wave, each.activation_day, each.accounts, each.by[READY]) for each in counted
    )
    return Status(
        accounts=sum(it.accounts for it in waves),
        ready=sum(it.ready for it in waves),
        waves=waves,
        cannot_be_reminded={why: sum(each.by[why] for each in counted) for why in CANNOT},
        reminders=await _reminders(session),
        stale=await session.scalar(
            select(func.count()).select_from(Due).where(col(Due.outcome) == Outcome.STALE)
        )
        or 0,
        reach=await reach(session, platforms),
        paused=tuple(
            Paused(each.wave, each.paused_at, each.paused_by) for each in await pauses.active(session)
        ),
    )


async def _reminders(session: AsyncSession) -> dict[str, int]:
    rows = await session.execute(
        select(col(Outgoing.state), func.count())
        .where(col(Outgoing.key).startswith(PREFIX, autoescape=True))
        .group_by(col(Outgoing.state))
    )
    counted = {row[0]: row[1] for row in rows}
    return {state: counted.get(state, 0) for state in OutboxState}

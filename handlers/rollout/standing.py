"""How each account of the plan stands: ready, reminded, out of reach and why, or nothing said yet."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, case, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.records import Due, PlanEntry
from handlers.rollout.keys import Outcome
from handlers.rollout.reached import is_unreachable

READY: Final = "ready"
REMINDED: Final = "reminded"
WAITING: Final = "waiting"
"""Nothing was said yet, and nothing keeps a reminder from coming."""
CANNOT: Final = (Outcome.UNREACHABLE, Outcome.DISABLED, Outcome.GONE, Outcome.GUEST, Outcome.EXCLUDED)
"""Why nobody reminds an account."""
_NOBODY: Final = (Outcome.DISABLED, Outcome.GONE, Outcome.GUEST)


@dataclass(frozen=True)
class WaveCount:
    """The accounts of one wave that share an activation day, by how they stand."""

    wave: str | None
    activation_day: date
    by: Mapping[str, int]
    """``READY``, ``REMINDED``, ``WAITING`` and each of ``CANNOT``."""

    @property
    def accounts(self) -> int:
        """All of them."""
        return sum(self.by.values())


async def counts(session: AsyncSession, platforms: Collection[str]) -> tuple[WaveCount, ...]:
    """The whole plan in order of its days; ``platforms`` are the chats that are switched on."""
    wave, day, how = col(PlanEntry.wave), col(PlanEntry.activation_day), standing(platforms).label("standing")
    rows = await session.execute(select(wave, day, how, func.count()).group_by(wave, day, how))
    found: dict[tuple[str | None, date], dict[str, int]] = {}
    for name, activation_day, stands, accounts in rows:
        by = found.setdefault((name, activation_day), dict.fromkeys((READY, REMINDED, WAITING, *CANNOT), 0))
        by[stands] += accounts
    keys = sorted(found, key=lambda key: (key[1], key[0] or ""))
    return tuple(WaveCount(*key, found[key]) for key in keys)


def standing(platforms: Collection[str]) -> ColumnElement[str]:
    """How an account of the plan stands. What the latest reminder of its present day met counts; who is ready, is.

    Whose account is blocked or gone is not ready, whatever is set up on it.
    """
    latest = (
        select(col(Due.outcome))
        .where(
            col(Due.account) == PlanEntry.account,
            col(Due.activation_day) == PlanEntry.activation_day,
            col(Due.outcome).in_((Outcome.QUEUED, Outcome.READY, Outcome.TOLD_READY, *CANNOT)),
        )
        .order_by(col(Due.offset).desc())
        .limit(1)
        .scalar_subquery()
    )
    return case(
        (latest.in_(_NOBODY), latest),
        (col(PlanEntry.ready_at).is_not(None), literal(READY)),
        (col(PlanEntry.excluded), literal(str(Outcome.EXCLUDED))),
        (latest.in_(CANNOT), latest),
        (latest.is_not(None), literal(REMINDED)),
        (is_unreachable(platforms), literal(str(Outcome.UNREACHABLE))),
        else_=literal(WAITING),
    )

"""How fast what nobody waits for may go out: one rate for each platform, shared by all replicas.

A platform that names no limit is found out about as TCP finds out about a line: faster by steps until it asks for a
pause, then a little slower, and on with small steps. Slack asks for that: "several hundred per minute", with no number
(https://docs.slack.dev/reference/methods/chat.postMessage).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.records import SendingPace
from handlers.store.inserting import insert_into

STEP: Final = timedelta(seconds=10)
"""At most once in so long the rate grows."""
TOGETHER: Final = timedelta(seconds=3)
"""Pauses asked for within so long are one: all that was under way hears of it."""
CAREFULLY: Final = timedelta(minutes=1)
"""The same close to where the platform asked for a pause."""
_SEARCHING, _RETURNING, _PROBING = 1.25, 1.02, 1.005
"""Growth while the limit is not known, below where it was met, and close to it."""
_CLOSE: Final = 0.96
_SLOWER: Final = 0.97
_BURST: Final = 2.0
"""Seconds of the rate that may go at once: whoever sends looks about once a second, and must not lose any by it."""


@dataclass(frozen=True)
class Bounds:
    """Between what a platform's rate stays, in messages a second."""

    start: float
    least: float
    most: float


SLACK: Final = Bounds(start=100 / 60, least=20 / 60, most=20.0)
TEAMS: Final = Bounds(start=15.0, least=1.0, most=15.0)
"""A quarter of what Teams lets an app do in a tenant: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit."""
PLATFORMS: Final[Mapping[str, Bounds]] = {"slack": SLACK, "teams": TEAMS}
_CAREFUL: Final = Bounds(start=1.0, least=0.2, most=1.0)


def bounds_of(platform: str, known: Mapping[str, Bounds] = PLATFORMS) -> Bounds:
    """Those of a platform; careful ones for a platform that nobody has thought about."""
    return known.get(platform, _CAREFUL)


async def allowed(session: AsyncSession, platform: str, bounds: Bounds, now: datetime) -> int:
    """How many may go now. Whoever asks holds the row until the transaction ends, and then spends."""
    pace = await _locked(session, platform, bounds, now)
    since = (now - pace.at).total_seconds()
    if since < 0:
        # The clock was set back.
        pace.changed_at, since = now, 0.0
    growth, every = _growth(pace)
    if now - pace.changed_at >= every and pace.allowance < 1:
        # Only a rate that is used up may grow: an idle night says nothing about what the platform takes.
        pace.rate, pace.changed_at = min(pace.rate * growth, bounds.most), now
    most = max(1.0, pace.rate * _BURST)
    pace.allowance, pace.at = min(most, pace.allowance + since * pace.rate), now
    return int(pace.allowance)


async def spend(session: AsyncSession, platform: str, count: int) -> None:
    """So many go."""
    pace = await session.get(SendingPace, platform)
    if pace is not None:
        pace.allowance -= count


async def slower(session: AsyncSession, platform: str, bounds: Bounds, now: datetime) -> None:
    """The platform asked for a pause."""
    pace = await _locked(session, platform, bounds, now)
    pace.allowance = min(pace.allowance, 0.0)
    if pace.ceiling and timedelta(0) <= now - pace.changed_at < TOGETHER:
        return
    factor = _SLOWER if pace.ceiling else 1 / _SEARCHING
    pace.ceiling, pace.rate, pace.changed_at = pace.rate, max(pace.rate * factor, bounds.least), now


def _growth(pace: SendingPace) -> tuple[float, timedelta]:
    """By how much, and how often."""
    if not pace.ceiling:
        return _SEARCHING, STEP
    return (_PROBING, CAREFULLY) if pace.rate >= _CLOSE * pace.ceiling else (_RETURNING, STEP)


async def _locked(session: AsyncSession, platform: str, bounds: Bounds, now: datetime) -> SendingPace:
    await session.execute(
        insert_into(session, SendingPace)
        .values(platform=platform, rate=bounds.start, allowance=1.0, at=now, changed_at=now, ceiling=0.0)
        .on_conflict_do_nothing(index_elements=["platform"])
    )
    found = await session.scalars(
        select(SendingPace)
        .where(col(SendingPace.platform) == platform)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    pace = found.one()
    pace.rate = min(max(pace.rate, bounds.least), bounds.most)
    return pace

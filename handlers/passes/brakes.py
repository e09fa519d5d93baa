"""What stops passes for everybody: a person who says so, or the breaker when there are far too many in a day."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.alarms import Alarm
from handlers.messages import PassesNotice
from handlers.records import BrakeReason
from handlers.store import brakes as store
from handlers.store import history
from handlers.store.alarms import SILENT, Alarms
from handlers.store.audit import SYSTEM, Audit
from handlers.support import SupportChannels
from handlers.verification.standing import Standings

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Limit:
    """How many passes are usual today."""

    cap: int
    since: datetime
    """The beginning of the day."""
    day: str

    def is_near(self, count: int) -> bool:
        """Whether support is to hear of it: four fifths of the cap."""
        return count * 5 >= self.cap * 4

    def is_over(self, count: int) -> bool:
        """Whether the breaker opens: twice the cap."""
        return count >= self.cap * 2


@dataclass(frozen=True)
class Asked:
    """Whether one more pass may be made; and what is to be told once it is under way."""

    may: bool
    limit: Limit
    count: int
    """With this one."""


async def limit_of(standings: Standings, now: datetime) -> Limit:
    """The limit of today. Accounts are counted only when it matters; raises ``GraphError`` when they cannot be."""
    rules, since = standings.rules, standings.midnight(now)
    day = standings.calendar.today(now).isoformat()
    async with standings.database.reading() as session:
        issued = await history.issued_since(session, since)
    limit = Limit(rules.daily_cap, since, day)
    if not limit.is_near(issued + 1):
        return limit
    members = await standings.accounts.directory.users.count_members()
    return Limit(rules.cap(members), since, day)


@dataclass(frozen=True)
class Brakes:
    """Stops, starts and counts. Each act is one transaction with its audit row and what support is told."""

    audit: Audit
    channels: SupportChannels
    alarms: Alarms = SILENT

    async def ask(self, session: AsyncSession, limit: Limit) -> Asked:
        """Ask in the transaction that begins a pass, before anything else: no stop that was committed is overtaken."""
        row = await store.held(session)
        since = max(limit.since, row.started_at) if row.started_at else limit.since
        count = await store.counted(session, since)
        return Asked(row.stopped_at is None and not limit.is_over(count), limit, count + 1)

    async def tell(self, session: AsyncSession, asked: Asked, now: datetime) -> None:
        """After the case has moved, or was refused: open the breaker, or tell that the day's cap is near.

        The pass that makes it twice the cap is the last one.
        """
        limit = asked.limit
        if limit.is_over(asked.count):
            if not await store.is_stopped(session):
                await self._open(session, limit, now)
        elif limit.is_near(asked.count):
            notice = PassesNotice("near", count=asked.count, cap=limit.cap)
            await self.channels.tell(session, f"passes-near:{limit.day}", notice, now, priority=1)

    async def stop(
        self, session: AsyncSession, *, by: str, actor: str | None, now: datetime, why: str = ""
    ) -> bool:
        """Nobody gets a pass from the commit on. False when that was so already."""
        if (await store.held(session)).stopped_at is not None:
            return False
        await store.stop(session, by, BrakeReason.STOP, now)
        data = {"by": by, "why": why} if why else {"by": by}
        seq = await self.audit.append(session, at=now, actor=actor, action="passes.stopped", data=data)
        await self.channels.tell(
            session, f"passes:{seq}", PassesNotice("stopped", by=by, why=why), now, priority=1
        )
        log.warning("passes-stopped")
        return True

    async def start(self, session: AsyncSession, *, by: str, actor: str | None, now: datetime) -> bool:
        """People get passes again. False when they did already."""
        row = await store.held(session)
        if row.stopped_at is None:
            return False
        await store.start(session, by, now)
        data = {"by": by, "after": row.reason or ""}
        seq = await self.audit.append(session, at=now, actor=actor, action="passes.started", data=data)
        await self.channels.tell(session, f"passes:{seq}", PassesNotice("started", by=by), now, priority=1)
        log.warning("passes-started")
        return True

    async def _open(self, session: AsyncSession, limit: Limit, now: datetime) -> None:
        """The breaker opens by itself, and wakes security."""
        await store.stop(session, SYSTEM, BrakeReason.BREAKER, now)
        facts: dict[str, str | int] = {"day": limit.day, "cap": limit.cap, "passes": limit.cap * 2}
        await self.alarms.raise_(
            session, Alarm.BREAKER_OPEN, now=now, facts=facts, once=f"{now:%Y%m%d%H%M%S%f}"
        )
        data: dict[str, str | int] = {"cap": limit.cap}
        seq = await self.audit.append(session, at=now, actor=SYSTEM, action="passes.breaker", data=data)
        notice = PassesNotice("breaker", count=limit.cap * 2, cap=limit.cap)
        await self.channels.tell(session, f"passes:{seq}", notice, now, priority=1)
        log.critical("breaker-open", cap=limit.cap)

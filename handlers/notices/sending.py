"""Sends notices. Each channel has a ``Sending`` and a loop of its own: one that is slow or down holds up no other."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from graph.errors import GraphError
from handlers.alarms import Alarm, Alarmed
from handlers.ports import Clock, ContactsUnavailable, NotSent, Security
from handlers.records import Notice, OutboxState
from handlers.store import notices
from handlers.store.cases import Cases
from handlers.store.database import Database
from handlers.store.notices import Channel

log = structlog.get_logger(__name__)

LEASE: Final = timedelta(minutes=3)
"""Longer than the slowest look-up and send together."""
_AT_ONCE: Final = 8
_FIRST_PAUSE: Final = timedelta(seconds=15)
_LONGEST_PAUSE: Final = timedelta(minutes=15)
_GIVE_UP: Final = timedelta(hours=24)


def again(notice: Notice, now: datetime) -> datetime | None:
    """When to try once more what did not go out, or may not have: after longer and longer, for a day."""
    pause = min(_FIRST_PAUSE * 2 ** min(notice.attempts - 1, 10), _LONGEST_PAUSE)
    return now + pause if now + pause < notice.at + _GIVE_UP else None


@dataclass(frozen=True)
class Sending:
    """One step claims a few of its channel's notices and sends them at the same time."""

    channel: Channel
    database: Database
    cases: Cases
    security: Security
    clock: Clock
    owner: str

    async def step(self) -> int:
        """Send what is due; how many were claimed."""
        now = self.clock.now()
        async with self.database.reading() as session:
            if not await notices.is_waiting(session, self.channel, now, LEASE):
                return 0
        async with self.database.transaction() as session:
            claimed = await notices.claim(session, self.channel, self.owner, now, LEASE, _AT_ONCE)
        await asyncio.gather(*(self._one(notice) for notice in claimed))
        return len(claimed)

    async def _one(self, notice: Notice) -> None:
        try:
            await self._send(notice)
        except NotSent as error:
            await self._failed(notice, error.reason, unknown=error.unknown)
        except (GraphError, ContactsUnavailable) as error:
            await self._failed(notice, type(error).__name__, unknown=False)
        else:
            await self._settle(notice, state=OutboxState.SENT, sent_at=self.clock.now(), failure=None)

    async def _failed(self, notice: Notice, reason: str, *, unknown: bool) -> None:
        due_at = again(notice, self.clock.now())
        log.warning("notice-not-sent", id=notice.id, case=notice.case, channel=notice.channel, reason=reason)
        if due_at is not None:
            lost = notice.lost + unknown
            await self._settle(notice, state=OutboxState.PENDING, due_at=due_at, lost=lost, failure=reason)
            return
        log.critical("notice-given-up", id=notice.id, case=notice.case, channel=notice.channel)
        await self._settle(notice, state=OutboxState.FAILED, failure=reason)

    async def _settle(self, notice: Notice, **values: object) -> None:
        async with self.database.transaction() as session:
            await notices.settle(session, notice, self.owner, **values)

    async def _send(self, notice: Notice) -> None:
        alarmed = await self._alarmed(notice)
        if self.channel is Channel.SECURITY_MAIL:
            await self.security.mail(alarmed)
        else:
            await self.security.post(alarmed)

    async def _alarmed(self, notice: Notice) -> Alarmed:
        case = None
        if notice.case is not None:
            async with self.database.reading() as session:
                case = await self.cases.get(session, notice.case)
        return Alarmed(
            notice.key.removesuffix(f":{notice.channel}"),
            Alarm(notice.kind),
            notice.at,
            notice.case,
            case.target if case else None,
            case.target_upn if case else None,
            {name: each for name, each in (notice.facts or {}).items() if isinstance(each, str | int)},
        )

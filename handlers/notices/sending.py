"""Sends notices. Each channel has a ``Sending`` and a loop of its own: one that is slow or down holds up no other."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from graph.errors import GraphError
from handlers.ports import Clock, ContactsUnavailable, NotSent
from handlers.records import Notice, OutboxState
from handlers.store import notices
from handlers.store.database import Database
from handlers.store.notices import Channel

log = structlog.get_logger(__name__)

LEASE: Final = timedelta(minutes=3)
"""Longer than the slowest look-up and send together."""
_AT_ONCE: Final = 8
_FIRST_PAUSE: Final = timedelta(seconds=15)
_LONGEST_PAUSE: Final = timedelta(minutes=15)
_GIVE_UP: Final = timedelta(hours=24)
_REPEATS: Final = {Channel.WORK_MAIL: 1, Channel.PRIVATE_MAIL: 1, Channel.PHONE: 0}
"""How often a channel is used once more for what may have gone out already. To the others once more does no harm."""


class Nobody(Exception):
    """There is no address of this kind, or nothing to be done any more."""


def again(notice: Notice, now: datetime) -> datetime | None:
    """When to try once more what did not go out, or may not have: after longer and longer, for a day."""
    if notice.lost > _REPEATS.get(Channel(notice.channel), notice.lost):
        return None
    pause = min(_FIRST_PAUSE * 2 ** min(notice.attempts - 1, 10), _LONGEST_PAUSE)
    return now + pause if now + pause < notice.at + _GIVE_UP else None


@dataclass(frozen=True)
class Sending:
    """One step claims a few of its channel's notices and sends those of different cases at the same time."""

    channel: Channel
    database: Database
    send: Callable[[Notice], Awaitable[None]]
    """Raises ``NotSent``, ``Nobody``, ``GraphError`` or ``ContactsUnavailable``."""
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
        by_case: dict[str | None, list[Notice]] = {}
        for notice in claimed:
            by_case.setdefault(notice.case, []).append(notice)
        await asyncio.gather(*(self._in_order(those) for those in by_case.values()))
        return len(claimed)

    async def _in_order(self, those: Sequence[Notice]) -> None:
        """What one case has come to is told in the order in which it did."""
        for notice in those:
            await self._one(notice)

    async def _one(self, notice: Notice) -> None:
        if notice.lost and again(notice, self.clock.now()) is None:
            await self._given_up(notice, "outcome unknown")
            return
        try:
            await self.send(notice)
        except Nobody:
            await self._settle(notice, state=OutboxState.DROPPED, failure=None)
        except NotSent as error:
            await self._failed(notice, error.reason, unknown=error.unknown)
        except (GraphError, ContactsUnavailable) as error:
            await self._failed(notice, type(error).__name__, unknown=False)
        else:
            await self._settle(notice, state=OutboxState.SENT, sent_at=self.clock.now(), failure=None)

    async def _failed(self, notice: Notice, reason: str, *, unknown: bool) -> None:
        log.warning("notice-not-sent", id=notice.id, case=notice.case, channel=notice.channel, reason=reason)
        notice.lost += unknown
        due_at = again(notice, self.clock.now())
        if due_at is None:
            await self._given_up(notice, reason)
            return
        await self._settle(notice, state=OutboxState.PENDING, due_at=due_at, lost=notice.lost, failure=reason)

    async def _given_up(self, notice: Notice, reason: str) -> None:
        log.error("notice-given-up", id=notice.id, case=notice.case, channel=notice.channel, reason=reason)
        await self._settle(notice, state=OutboxState.FAILED, lost=notice.lost, failure=reason)

    async def _settle(self, notice: Notice, **values: object) -> None:
        async with self.database.transaction() as session:
            await notices.settle(session, notice, self.owner, **values)

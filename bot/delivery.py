"""Sends what the outbox holds: claimed with a lease, sent by the platform's port, marked one by one."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog

from handlers.events import Person
from handlers.ports import (
    ChatError,
    Chats,
    Clock,
    NotYet,
    OutcomeUnknown,
    Reference,
    TryLater,
)
from handlers.store import outbox, pace
from handlers.store.database import Database
from handlers.store.errors import StoreError
from handlers.store.outbox import Claimed
from handlers.store.pace import PLATFORMS, Bounds, bounds_of

log = structlog.get_logger(__name__)

LEASE: Final = timedelta(seconds=60)
"""Longer than the slowest send: a time-out of 30 s and its marking."""
_AT_ONCE: Final = 16
_NOT_YET: Final = timedelta(milliseconds=300)
_LONGEST_PAUSE: Final = timedelta(hours=1)


@dataclass
class Delivery:
    """One step claims a few messages and sends them at the same time.

    A platform that asks for a pause is left alone for as long: nothing of it is claimed meanwhile.
    """

    database: Database
    chats: Chats
    clock: Clock
    owner: str
    bounds: Mapping[str, Bounds] = field(default_factory=lambda: PLATFORMS)
    _paused: dict[str, datetime] = field(default_factory=dict)

    async def step(self) -> int:
        """Send what is due; how many were claimed."""
        now = self.clock.now()
        open_ = [chat.platform for chat in self.chats.chats if not self._is_paused(chat.platform, now)]
        if not open_:
            return 0
        async with self.database.transaction() as session:
            claimed = await outbox.claim(session, self.owner, now, LEASE, _AT_ONCE, open_, self.bounds)
        if claimed:
            await asyncio.gather(*(self._deliver(one) for one in claimed))
        return len(claimed)

    def _is_paused(self, platform: str, now: datetime) -> bool:
        """A pause longer than any platform asks for was noted by a clock that has been set back since."""
        return now < self._paused.get(platform, now) <= now + _LONGEST_PAUSE

    def _until(self, pause: TryLater) -> datetime:
        return self.clock.now() + timedelta(seconds=pause.seconds)

    async def _deliver(self, claimed: Claimed) -> None:
        """Send one and mark it by what became of it."""
        try:
            reference = await self._send(claimed)
        except NotYet as pause:
            async with self.database.transaction() as session:
                await outbox.later(session, claimed.id, self.owner, self._until(pause))
        except TryLater as pause:
            platform, until = claimed.post.target.platform, self._until(pause)
            self._paused[platform] = max(until, self._paused.get(platform, until))
            async with self.database.transaction() as session:
                await outbox.later(session, claimed.id, self.owner, until)
                await pace.slower(session, platform, bounds_of(platform, self.bounds), self.clock.now())
        except OutcomeUnknown:
            log.warning("delivery-unknown", id=claimed.id, name=type(claimed.post.data).__name__)
            async with self.database.transaction() as session:
                await outbox.unknown(session, claimed.id, self.owner, self.clock.now())
        except ChatError as error:
            reason = type(error).__name__.lower()
            log.warning(
                "delivery-failed", id=claimed.id, name=type(claimed.post.data).__name__, reason=reason
            )
            async with self.database.transaction() as session:
                await outbox.failed(session, claimed.id, self.owner, reason)
        except StoreError:
            raise
        except Exception:
            # One message that cannot be put into words must not keep every other one from going out.
            log.exception("delivery-broken", id=claimed.id, name=type(claimed.post.data).__name__)
            async with self.database.transaction() as session:
                await outbox.failed(session, claimed.id, self.owner, "broken")
        else:
            if reference is not None:
                async with self.database.transaction() as session:
                    await outbox.sent(session, claimed.id, self.owner, self.clock.now(), reference)

    async def _send(self, claimed: Claimed) -> Reference | None:
        """Where the message stands now; nothing when it was put off or need not be sent any more."""
        post, chat = claimed.post, self.chats.of(claimed.post.target.platform)
        if post.replaces is None:
            target = post.target
            place = await chat.private(target) if isinstance(target, Person) else target
            return await chat.send(place, post.data, post.language)
        async with self.database.transaction() as session:
            if await outbox.is_superseded(session, claimed):
                await outbox.dropped(session, claimed.id, self.owner)
                return None
            stands = await outbox.reference(session, post.replaces)
            if stands is None:
                await outbox.later(session, claimed.id, self.owner, self.clock.now() + _NOT_YET)
                return None
        await chat.update(stands, post.data, post.language)
        return stands

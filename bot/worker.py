"""Works on what came in, and sends what is to go out. Replicas do the same beside each other, by leases."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import structlog

from graph.errors import GraphError
from handlers.events import Asked, Event, Pressed, Submitted
from handlers.messages import Language, Problem
from handlers.ports import ChatError, Clock, TryLater, Unreachable
from handlers.store import inbox, outbox, people
from handlers.store.database import Database
from handlers.store.errors import StoreError

log = structlog.get_logger(__name__)

_LEASE: Final = timedelta(seconds=60)
_AT_ONCE: Final = 8
_OFTEN: Final = 1.0
_SELDOM: Final = 30.0
_ROOM_WITHIN: Final = 30.0
"""Seconds that an event waits for its turn; then it is left to whoever finds it when its lease runs out."""
_BACK_OFF: Final = (2.0, 10.0, 60.0, 300.0)
"""Seconds to wait after the first, second … attempt at an event."""


@dataclass
class Bell:
    """Wakes a loop at once when there is something to do; it would look by itself a little later."""

    _rung: asyncio.Event = field(default_factory=asyncio.Event)

    def ring(self) -> None:
        """There is something to do."""
        self._rung.set()

    async def wait(self, at_most: float) -> None:
        """Until the next ring, or so many seconds."""
        try:
            async with asyncio.timeout(at_most):
                await self._rung.wait()
        except TimeoutError:
            return
        finally:
            self._rung.clear()


@dataclass
class Loop:
    """Calls ``step`` again and again: at once while it finds work, else when the bell rings or time has passed."""

    name: str
    step: Callable[[], Awaitable[int]]
    bell: Bell
    every: float
    _task: asyncio.Task[None] | None = None
    _ends_at: float | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name=self.name)

    async def stop(self, patience: float) -> bool:
        """Work off what is there, for half of the patience at most; False when a step had to be cut short."""
        if self._task is None:
            return True
        self._ends_at = asyncio.get_running_loop().time() + patience / 2
        self.bell.ring()
        _, late = await asyncio.wait({self._task}, timeout=patience)
        for task in late:
            task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        return not late

    async def _run(self) -> None:
        while True:
            try:
                found = await self.step()
            except StoreError as error:
                log.error("loop-failed", loop=self.name, error=str(error))
                found = 0
            if self._ends_at is not None and (not found or asyncio.get_running_loop().time() > self._ends_at):
                return
            if not found:
                await self.bell.wait(self.every)


@dataclass(frozen=True)
class Inbox:
    """Takes typed events from an edge, durably, and hands them to the router."""

    database: Database
    clock: Clock
    owner: str
    bell: Bell
    handle: Callable[[Event], Awaitable[None]]
    _begun: set[asyncio.Task[None]] = field(default_factory=set)
    _room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    async def receive(self, event: Event) -> None:
        """Write the event down; the edge acknowledges only after this. Raises ``StoreError``."""
        async with self.database.transaction() as session:
            new = await inbox.receive(session, event, self.clock.now())
        if new:
            self.bell.ring()

    async def begin(self, event: Event) -> asyncio.Task[None] | None:
        """Write the event down as ours, and work on it at once: for a platform that shows what comes of it.

        Nothing when it was seen before. Should this process die, another takes it over. Raises ``StoreError``.
        """
        async with self.database.transaction() as session:
            new = await inbox.receive(session, event, self.clock.now(), owner=self.owner, lease=_LEASE)
        if not new:
            return None
        work = asyncio.create_task(self._begin(inbox.cleaned(event)))
        self._begun.add(work)
        work.add_done_callback(self._begun.discard)
        return work

    async def idle(self, patience: float) -> bool:
        """Wait for what was begun; False when it took longer than so many seconds."""
        if self._begun:
            await asyncio.wait(self._begun, timeout=patience)
        return not self._begun

    async def _begin(self, event: Event) -> None:
        try:
            async with asyncio.timeout(_ROOM_WITHIN):
                await self._room.acquire()
        except TimeoutError:
            log.warning("event-left", id=event.id)
            return
        try:
            await self._work(event)
        except StoreError as error:
            # It stays ours until its lease runs out; then somebody works on it again.
            log.error("event-left", id=event.id, error=str(error))
        finally:
            self._room.release()

    def loops(self) -> tuple[Loop, ...]:
        """As many as may work at the same time: a slow event holds up none but its own.

        All of them wake by the bell. One looks often by itself, for what is to be tried again; the others seldom.
        """
        return tuple(
            Loop(f"inbox-{number}", self.step, self.bell, every=_SELDOM if number else _OFTEN)
            for number in range(_AT_ONCE)
        )

    async def step(self) -> int:
        """Work on the event that has waited longest; 0 when there is none."""
        async with self.database.transaction() as session:
            events = await inbox.claim(session, self.owner, self.clock.now(), _LEASE, 1)
        for event in events:
            await self._work(event)
        return len(events)

    async def _work(self, event: Event) -> None:
        """The edge of the product: what no feature could act on becomes a sentence with a reference number."""
        try:
            await self.handle(event)
        except Unreachable as error:
            # Whoever it was is in no directory, or not to be written to: nobody would read an apology either.
            log.warning("event-for-nobody", id=event.id, reason=str(error))
            async with self.database.transaction() as session:
                await inbox.failed(session, event.id, self.clock.now(), None)
        except (ChatError, GraphError, StoreError) as error:
            log.warning("event-retried", id=event.id, error=type(error).__name__)
            await self._failed(
                event, retry=True, at_least=error.seconds if isinstance(error, TryLater) else 0
            )
        except Exception:
            log.exception("event-broken", id=event.id)
            await self._failed(event, retry=False)
        else:
            async with self.database.transaction() as session:
                await inbox.done(session, event.id, self.clock.now())

    async def _failed(self, event: Event, *, retry: bool, at_least: float = 0) -> None:
        now = self.clock.now()
        async with self.database.transaction() as session:
            tried = await inbox.attempts(session, event.id)
            pause = max(_BACK_OFF[min(tried, len(_BACK_OFF)) - 1], at_least)
            again = now + timedelta(seconds=pause) if retry else None
            if await inbox.failed(session, event.id, now, again):
                return
            if not isinstance(event, Asked | Pressed | Submitted):
                return
            reference = secrets.token_hex(3)
            log.error("event-given-up", id=event.id, reference=reference)
            await outbox.add(
                session,
                outbox.Post(
                    key=f"sorry:{event.id}",
                    target=event.person,
                    data=Problem("failure", reference),
                    language=await people.language_of(session, event.person) or Language.NB,
                    due_at=now,
                    priority=1,
                ),
                tenant=event.person.tenant,
            )

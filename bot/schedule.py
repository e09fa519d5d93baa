"""The ticks: APScheduler says when, the database says what. Every replica ticks; nothing is kept in memory.

Weekdays are never given as numbers (APScheduler counts them from Monday = 0), and no tick lies between two and
three at night, an hour that daylight saving repeats or leaves out.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from graph.errors import GraphError
from handlers.ports import ChatError
from handlers.store.errors import StoreError

log = structlog.get_logger(__name__)

Tick = Callable[[], Awaitable[None]]


class Schedule:
    """Runs ticks at intervals, each at most once at a time; a stop lets the ones under way end."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 300}
        )
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def every(self, seconds: float, name: str, tick: Tick) -> None:
        """Call ``tick`` every so many seconds, the first time right after the start."""

        async def run() -> None:
            self._running += 1
            self._idle.clear()
            try:
                await tick()
            except (StoreError, GraphError, ChatError) as error:
                log.error("tick-failed", tick=name, error=type(error).__name__)
            finally:
                self._running -= 1
                if not self._running:
                    self._idle.set()

        first = datetime.now(UTC)
        self._scheduler.add_job(run, "interval", seconds=seconds, id=name, next_run_time=first)

    def start(self) -> None:
        """Begin ticking."""
        self._scheduler.start()

    def pause(self) -> None:
        """Begin no further tick."""
        if self._scheduler.running:
            self._scheduler.pause()

    async def idle(self, patience: float) -> bool:
        """Wait until no tick is under way; False when one still is after so many seconds."""
        try:
            async with asyncio.timeout(patience):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True

    def stop(self) -> None:
        """End. Coroutines under way would be cancelled: pause and wait for ``idle`` first."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

"""Work that a reply does not wait for, so that the time a reply takes tells nothing about what there was to do."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger(__name__)


@dataclass
class Aside:
    """Does things on the side. Not kept over a restart: whoever waits for the outcome asks once more."""

    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def do(self, work: Coroutine[object, object, None]) -> None:
        """Begin it, and go on at once."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def idle(self, within: float = 30.0) -> bool:
        """Wait until nothing is under way; False when something still is. For a stop of the process."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=within)
        return not self._tasks

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # The kind alone: what an error says may hold what it was about.
            log.error("aside-failed", error=type(error).__name__)

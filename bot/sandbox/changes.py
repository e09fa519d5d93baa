"""Waiting for something emulated to change."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

T = TypeVar("T")
_AGAIN: Final = 0.1
"""Seconds after which a predicate is asked anew: it may look at more than this emulator."""


@dataclass
class Changes:
    """Wakes those who wait for the state to change."""

    _next: asyncio.Event = field(default_factory=asyncio.Event)

    def happened(self) -> None:
        """Wake everybody who waits."""
        self._next.set()
        self._next = asyncio.Event()

    async def next(self, seconds: float) -> None:
        """Wait for the next change, or for so many seconds."""
        waiting = self._next
        try:
            async with asyncio.timeout(seconds):
                await waiting.wait()
        except TimeoutError:
            return

    async def until(self, predicate: Callable[[], T | None], seconds: float) -> T:
        """Wait until the predicate holds and return its value. ``TimeoutError`` when it never does."""
        async with asyncio.timeout(seconds):
            while not (found := predicate()):
                await self.next(_AGAIN)
        return found

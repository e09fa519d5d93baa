"""What was asked of the emulator, in order, and a way to wait for it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Recorded:
    """One request. ``status`` is nothing when no answer went out."""

    method: str
    path: str
    query: str
    client: str
    """The ``client-request-id``."""
    status: int | None
    executed: bool
    body: object = None
    """Only of requests that make a pass."""
    batch: str | None = None
    """Of a part of a batch, the ``client`` of the batch: no request of its own."""


class Journal:
    """Keeps the requests and wakes those who wait for something to happen."""

    def __init__(self) -> None:
        self.requests: list[Recorded] = []
        self._changed = asyncio.Event()

    def add(self, recorded: Recorded) -> None:
        """One more request is done."""
        self.requests.append(recorded)
        self.changed()

    def changed(self) -> None:
        """Something in the tenant changed."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def wait_for(self, condition: Callable[[], T], seconds: float) -> T:
        """The first true value of the condition. ``TimeoutError`` when there is none in time."""
        async with asyncio.timeout(seconds):
            while not (value := condition()):
                await self._changed.wait()
        return value

"""Lets work in until it is closed, and waits for what is inside."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Gate:
    """What is inside when the gate closes may finish; what comes later is turned away."""

    def __init__(self) -> None:
        self._inside = 0
        self._closed = False
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    def closed(self) -> bool:
        """Whether what comes now is turned away."""
        return self._closed

    @contextmanager
    def passing(self) -> Iterator[bool]:
        """True inside; False for those turned away, who must do nothing."""
        if self._closed:
            yield False
            return
        self._inside += 1
        self._empty.clear()
        try:
            yield True
        finally:
            self._inside -= 1
            if not self._inside:
                self._empty.set()

    async def close(self, patience: float) -> bool:
        """Turn away from now on, and wait for those inside. False when ``patience`` seconds were not enough."""
        self._closed = True
        try:
            async with asyncio.timeout(patience):
                await self._empty.wait()
        except TimeoutError:
            return False
        return True

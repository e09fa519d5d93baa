"""Ends a process at the n-th step that its tasks take, as a power cut would: between any two of them, at any await."""

import asyncio
import os
import signal
from collections.abc import Coroutine, Generator
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass
class Steps:
    """Counts from now on. The product has no hook for it: it is the event loop that is told how to make tasks."""

    last: int
    """The step that is not taken any more; 0 for none."""
    taken: int = 0

    def count_in(self, loop: asyncio.AbstractEventLoop) -> None:
        """Count the steps of every task that is made in this loop from now on."""
        loop.set_task_factory(self._task)

    def _task(
        self,
        loop: asyncio.AbstractEventLoop,
        work: Coroutine[Any, Any, T] | Generator[Any, None, T],
        **named: Any,
    ) -> "asyncio.Task[T]":
        return asyncio.Task(_Counted(work, self), loop=loop, **named)

    def step(self) -> None:
        """One more; the last one never returns."""
        self.taken += 1
        if self.taken == self.last:
            os.kill(os.getpid(), signal.SIGKILL)


class _Counted(Coroutine[Any, Any, T]):
    """A coroutine that says so before each of its steps."""

    def __init__(self, work: Coroutine[Any, Any, T] | Generator[Any, None, T], steps: Steps) -> None:
        self._work = work
        self._steps = steps

    def send(self, value: Any, /) -> Any:
        self._steps.step()
        return self._work.send(value)

    def throw(self, *error: Any) -> Any:
        self._steps.step()
        return self._work.throw(*error)

    def close(self) -> None:
        self._work.close()

    def __await__(self) -> Generator[Any, Any, T]:
        raise TypeError("it is a task's own, and nobody else waits for it")

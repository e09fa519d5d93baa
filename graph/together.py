"""Reads that leave together: what the tasks of one group ask of Graph side by side goes out as one ``$batch``.

Who asks need not know of it: every read gets its own answer, or its own error. Only the number of requests depends on
when the tasks come to their questions, never what is asked.
https://learn.microsoft.com/graph/json-batching
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from graph.calls import Answer, Call
from graph.errors import GraphError
from graph.side_by_side import side_by_side

Send = Callable[[Sequence[Call]], Awaitable[Sequence[Answer]]]
"""Gets an answer for each of these reads, in their order."""

_QUIET_TURNS: Final = 4
"""So many turns of the event loop without a further question, and those that wait are sent: who starts a task that
starts a task needs one turn for each."""


@dataclass(frozen=True)
class _Asked:
    call: Call
    answer: "asyncio.Future[Answer]"


class Gathering:
    """The questions that wait to leave."""

    def __init__(self, group: asyncio.TaskGroup) -> None:
        self._group = group
        self._waiting: list[_Asked] = []
        self.is_over = False

    async def ask(self, call: Call, send: Send) -> Answer:
        """The answer to one of them."""
        asked = _Asked(call, asyncio.get_running_loop().create_future())
        self._waiting.append(asked)
        if len(self._waiting) == 1:
            self._group.create_task(self._leave(send))
        return await asked.answer

    async def _leave(self, send: Send) -> None:
        seen, quiet = 0, 0
        while quiet < _QUIET_TURNS:
            await asyncio.sleep(0)
            quiet = quiet + 1 if len(self._waiting) == seen else 0
            seen = len(self._waiting)
        leaving, self._waiting = self._waiting, []
        try:
            answers = await send([asked.call for asked in leaving])
        except GraphError as error:
            for asked in leaving:
                if not asked.answer.done():
                    asked.answer.set_exception(error)
            return
        for asked, answer in zip(leaving, answers, strict=True):
            if not asked.answer.done():
                asked.answer.set_result(answer)


_HERE: ContextVar[Gathering | None] = ContextVar("gathering", default=None)


def gathering() -> Gathering | None:
    """Where the task that asks belongs to, if its reads are to leave with others."""
    here = _HERE.get()
    return None if here is None or here.is_over else here


@asynccontextmanager
async def together() -> AsyncIterator[asyncio.TaskGroup]:
    """Like ``side_by_side``, and the reads of its tasks leave in as few requests as can be.

    Within another one they leave with those of the outer one.
    """
    if gathering() is not None:
        async with side_by_side() as group:
            yield group
        return
    async with side_by_side() as group:
        here = Gathering(group)
        before = _HERE.set(here)
        try:
            yield group
        finally:
            _HERE.reset(before)
    here.is_over = True

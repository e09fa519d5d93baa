"""Who waits for rows of a queue hears of them once they are committed, and needs to look seldom by themselves."""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

_WRITTEN: Final = "queues that were written to"


class Queue(StrEnum):
    """What somebody waits for."""

    OUTBOX = "outbox"
    NOTICES = "notices"


class Bells:
    """What is called after a commit, by queue. Other replicas hear nothing: they look by themselves."""

    def __init__(self) -> None:
        self._rings: dict[Queue, list[Callable[[], None]]] = {queue: [] for queue in Queue}

    def on_commit(self, queue: Queue, ring: Callable[[], None]) -> None:
        """Call ``ring`` after each transaction that put something into the queue. It must not raise."""
        self._rings[queue].append(ring)

    def ring(self, session: AsyncSession) -> None:
        """Tell those who wait for what this session, now committed, has put into queues."""
        for queue in session.info.get(_WRITTEN, ()):
            for ring in self._rings[queue]:
                ring()


def written(session: AsyncSession, queue: Queue) -> None:
    """Something was put into the queue; those who wait are told when it is committed."""
    session.info.setdefault(_WRITTEN, set()).add(queue)

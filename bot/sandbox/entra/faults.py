"""What can be made to go wrong, request by request."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase


@dataclass
class Planned:
    pattern: str
    left: int | None
    """How many more requests; nothing for all of them."""
    status: int = 0
    code: str = "UnknownError"
    message: str = ""
    retry_after: str | None = None
    gate: asyncio.Event | None = None


@dataclass
class Faults:
    """Faults that are asked for. A pattern is a method and a path below the root: ``GET /users/*``.

    A pattern reaches over slashes; ``*`` alone means everything.
    """

    down: bool = False
    """Connections break before anything is read or done."""
    ahead: timedelta = timedelta(0)
    """How far the time that answers tell is from the tenant's clock."""
    missing: set[str] = field(default_factory=set)
    """Permissions that count as not granted, whatever the token says."""
    waiting: int = 0
    """How many requests are held just now: each has arrived whole."""
    lost_in_turn: int = 0
    """How many answers were lost by ``lose_in_turn``."""
    _turns: range = range(0)
    _turn: int = 0
    _statuses: list[Planned] = field(default_factory=list)
    _lost: list[Planned] = field(default_factory=list)
    _held: list[Planned] = field(default_factory=list)

    def answer(
        self,
        pattern: str,
        status: int,
        *,
        times: int | None = 1,
        retry_after: str | None = None,
        code: str = "UnknownError",
        message: str = "",
    ) -> None:
        """Answer the next requests with this status; they are not executed."""
        self._statuses.append(Planned(pattern, times, status, code, message, retry_after=retry_after))

    def throttle(
        self, pattern: str = "*", *, retry_after: str | None = "1", times: int | None = None
    ) -> None:
        """Answer 429, until ``clear``, or so many times."""
        self.answer(pattern, 429, times=times, retry_after=retry_after)

    def lose_answer(self, pattern: str, *, times: int | None = 1) -> None:
        """Execute the next requests and break the connection in place of an answer."""
        self._lost.append(Planned(pattern, times))

    def lose_in_turn(self, after: int, times: int = 1) -> None:
        """Lose the answers to so many requests, once so many have got theirs; a batch is one request."""
        self._turns, self._turn, self.lost_in_turn = range(after, after + times), 0, 0

    def take_turn(self) -> bool:
        """Whether the answer to this whole request is to be lost, counted on."""
        lost = self._turn in self._turns
        self._turn += 1
        self.lost_in_turn += lost
        return lost

    def hold(self, pattern: str, *, times: int | None = None) -> asyncio.Event:
        """Let requests wait, unexecuted, until the event is set."""
        gate = asyncio.Event()
        self._held.append(Planned(pattern, times, gate=gate))
        return gate

    def clear(self) -> None:
        """All well again; who waits goes on."""
        for planned in self._held:
            if planned.gate is not None:
                planned.gate.set()
        self.down = False
        self.ahead = timedelta(0)
        self.missing.clear()
        self._turns = range(0)
        self._statuses.clear()
        self._lost.clear()
        self._held.clear()

    def take_status(self, subject: str) -> Planned | None:
        """The status planned for this request, counted down."""
        return _take(self._statuses, subject)

    def take_loss(self, subject: str) -> bool:
        """Whether the answer to this request is to be lost, counted down."""
        return _take(self._lost, subject) is not None

    async def wait(self, subject: str) -> None:
        """Wait as long as this request is held."""
        planned = _take(self._held, subject)
        if planned is not None and planned.gate is not None:
            self.waiting += 1
            await planned.gate.wait()
            self.waiting -= 1


def _take(plans: list[Planned], subject: str) -> Planned | None:
    for planned in plans:
        if planned.left != 0 and fnmatchcase(subject, planned.pattern):
            if planned.left is not None:
                planned.left -= 1
            return planned
    return None

"""What goes wrong on demand with the connector: refusals, limits, lost and late answers, an API that is down."""

import asyncio
import math
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

ANY: Final = "*"
"""Every operation."""

_SENDING: Final = ((1, 7), (2, 8), (30, 60), (3600, 1800))
_READING: Final = ((1, 14), (2, 16), (30, 120), (3600, 3600))
"""Seconds and requests, for one bot in one conversation."""


class Fate(StrEnum):
    """What happens to a request instead of the usual."""

    REFUSED = "refused"
    ANSWER_LOST = "answer lost"
    DROPPED = "dropped"


@dataclass
class Fault:
    """Something that will happen to the next requests of one operation."""

    fate: Fate | None
    times: int
    status: int = 503
    code: str = "ServiceError"
    message: str = ""
    retry_after: int | None = None
    seconds: float = 0.0
    gate: asyncio.Event | None = None


class Faults:
    """A queue of faults per operation (``send``, ``update`` …, or ``ANY``); each is used up as requests come."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._queues: dict[str, deque[Fault]] = defaultdict(deque)
        self._monotonic = monotonic
        self._busy_until = 0.0
        self.is_down = False

    def rate_limit(self, operation: str = ANY, *, times: int = 1, retry_after: int | None = 1) -> None:
        """Answer the next requests with 429, with or without saying how long to wait; nothing is executed."""
        self.fail(operation, 429, "Throttled", times=times, retry_after=retry_after)

    def fail(
        self,
        operation: str,
        status: int,
        code: str = "ServiceError",
        message: str = "",
        *,
        times: int = 1,
        retry_after: int | None = None,
    ) -> None:
        """Answer the next requests with this status and error code; nothing is executed."""
        self._queues[operation].append(Fault(Fate.REFUSED, times, status, code, message, retry_after))

    def server_error(self, operation: str = ANY, *, times: int = 1, status: int = 502) -> None:
        """Answer the next requests with a server error; nothing is executed."""
        self.fail(operation, status, times=times)

    def lose_answer(self, operation: str = ANY, *, times: int = 1) -> None:
        """Execute the next requests, then drop the connection without a word."""
        self._queues[operation].append(Fault(Fate.ANSWER_LOST, times))

    def drop(self, operation: str = ANY, *, times: int = 1) -> None:
        """Drop the connection of the next requests before anything is executed."""
        self._queues[operation].append(Fault(Fate.DROPPED, times))

    def slow(self, operation: str, seconds: float, *, times: int = 1) -> None:
        """Execute the next requests at once and answer them late."""
        self._queues[operation].append(Fault(None, times, seconds=seconds))

    def hold(self, operation: str = ANY, *, times: int = 1) -> asyncio.Event:
        """Execute the next requests at once and answer only when the returned event is set."""
        gate = asyncio.Event()
        self._queues[operation].append(Fault(None, times, gate=gate))
        return gate

    def busy(self, seconds: float) -> None:
        """Answer everything with 429 for so many seconds, and say how many are left."""
        self._busy_until = self._monotonic() + seconds

    def down(self) -> None:
        """Answer everything with 503 until ``up``."""
        self.is_down = True

    def up(self) -> None:
        """End what ``down`` and ``busy`` began."""
        self.is_down = False
        self._busy_until = 0.0

    def take(self, operation: str) -> Fault | None:
        """What is to happen to this request, if anything."""
        if self.is_down:
            return Fault(Fate.REFUSED, 1)
        if (left := self._busy_until - self._monotonic()) > 0:
            return Fault(Fate.REFUSED, 1, 429, "Throttled", retry_after=math.ceil(left))
        for queue in (self._queues[operation], self._queues[ANY]):
            if queue:
                fault = queue[0]
                fault.times -= 1
                if fault.times <= 0:
                    queue.popleft()
                return fault
        return None


@dataclass
class Limiter:
    """The platform's rate limits; time is real. Each conversation has its own, and the tenant one for all.

    https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit
    """

    monotonic: Callable[[], float]
    per_tenant: int = 50
    """Requests a second."""
    says_how_long: bool = True
    """Whether a refusal has ``Retry-After``; Microsoft promises none."""
    _windows: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def wait_to_send(self, conversation: str) -> int:
        """Seconds until this conversation may be written to; 0 is now, and counts."""
        return self._wait(f"send {conversation}", _SENDING)

    def wait_to_read(self, conversation: str) -> int:
        """Seconds until this conversation may be read; 0 is now, and counts."""
        return self._wait(f"read {conversation}", _READING)

    def forgive(self, conversation: str) -> None:
        """Let this conversation have its whole allowance again."""
        self._windows.pop(f"send {conversation}", None)
        self._windows.pop(f"read {conversation}", None)

    def _wait(self, name: str, limits: Sequence[tuple[int, int]]) -> int:
        now = self.monotonic()
        asked = ((name, limits), ("tenant", ((1, self.per_tenant),)))
        waits = [self._left(self._windows[each], rules, now) for each, rules in asked]
        if not any(waits):
            for each, _ in asked:
                self._windows[each].append(now)
        return max(waits)

    @staticmethod
    def _left(window: deque[float], limits: Sequence[tuple[int, int]], now: float) -> int:
        longest = limits[-1][0]
        while window and window[0] <= now - longest:
            window.popleft()
        wait = 0.0
        for seconds, most in limits:
            if len(window) >= most and (since := window[-most]) > now - seconds:
                wait = max(wait, since + seconds - now)
        return math.ceil(wait)

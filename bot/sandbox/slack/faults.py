"""What goes wrong on demand: refusals, rate limits, lost answers, slow answers, an API that is down."""

import asyncio
import math
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

ANY = "*"
"""Every method."""

_TIERS = {1: 1, 2: 20, 3: 50, 4: 100}
"""Requests a minute: https://docs.slack.dev/apis/web-api/rate-limits."""


class Fate(StrEnum):
    """What happens to a request instead of the usual."""

    RATE_LIMITED = "rate limited"
    REFUSED = "refused"
    ANSWER_LOST = "answer lost"
    DROPPED = "dropped"
    BROKEN = "broken"


@dataclass
class Fault:
    """Something that will happen to the next requests of a method."""

    fate: Fate | None
    times: int
    retry_after: int = 1
    error: str = ""
    status: int = 503
    seconds: float = 0.0
    gate: asyncio.Event | None = None


class Faults:
    """A queue of faults per method; each is used up as requests come."""

    def __init__(self) -> None:
        self._queues: dict[str, deque[Fault]] = defaultdict(deque)
        self.is_down = False

    def rate_limit(self, method: str, *, times: int = 1, retry_after: int = 1) -> None:
        """Answer the next requests with 429; nothing is executed."""
        self._queues[method].append(Fault(Fate.RATE_LIMITED, times, retry_after=retry_after))

    def fail(self, method: str, error: str, *, times: int = 1) -> None:
        """Refuse the next requests with this error code; nothing is executed."""
        self._queues[method].append(Fault(Fate.REFUSED, times, error=error))

    def lose_answer(self, method: str, *, times: int = 1) -> None:
        """Execute the next requests, then drop the connection without a word."""
        self._queues[method].append(Fault(Fate.ANSWER_LOST, times))

    def drop(self, method: str, *, times: int = 1) -> None:
        """Drop the connection of the next requests before anything is executed."""
        self._queues[method].append(Fault(Fate.DROPPED, times))

    def server_error(self, method: str, *, times: int = 1, status: int = 503) -> None:
        """Answer the next requests with a server error; nothing is executed."""
        self._queues[method].append(Fault(Fate.BROKEN, times, status=status))

    def slow(self, method: str, seconds: float, *, times: int = 1) -> None:
        """Execute the next requests at once and answer them late."""
        self._queues[method].append(Fault(None, times, seconds=seconds))

    def hold(self, method: str, *, times: int = 1) -> asyncio.Event:
        """Execute the next requests at once and answer only when the returned event is set."""
        gate = asyncio.Event()
        self._queues[method].append(Fault(None, times, gate=gate))
        return gate

    def down(self) -> None:
        """Answer everything with 503 until ``up``."""
        self.is_down = True

    def up(self) -> None:
        """End what ``down`` began."""
        self.is_down = False

    def take(self, method: str) -> Fault | None:
        """What is to happen to this request, if anything."""
        if self.is_down:
            return Fault(Fate.BROKEN, 1)
        for queue in (self._queues[method], self._queues[ANY]):
            if queue:
                fault = queue[0]
                fault.times -= 1
                if fault.times <= 0:
                    queue.popleft()
                return fault
        return None


@dataclass
class Limiter:
    """Slack's rate limits as far as they are known; time is real.

    ``chat.postMessage``: one a second per channel with some burst, and several hundred a minute for the workspace.
    """

    monotonic: Callable[[], float]
    per_channel: float = 1.0
    burst: int = 5
    workspace_per_minute: int = 300
    _windows: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict)

    def wait_for_post(self, channel: str) -> int:
        """Seconds until this channel may be written to; 0 is now, and counts."""
        now = self.monotonic()
        tokens, since = self._buckets.get(channel, (float(self.burst), now))
        tokens = min(float(self.burst), tokens + (now - since) * self.per_channel)
        if tokens < 1:
            self._buckets[channel] = (tokens, now)
            return math.ceil((1 - tokens) / self.per_channel)
        wait = self._wait("chat.postMessage", self.workspace_per_minute, now)
        self._buckets[channel] = (tokens if wait else tokens - 1, now)
        return wait

    def forgive(self, channel: str) -> None:
        """Let this channel have its whole burst again."""
        self._buckets.pop(channel, None)

    def wait_for(self, method: str, tier: int) -> int:
        """Seconds until this method may be called; 0 is now, and counts."""
        return self._wait(method, _TIERS[tier], self.monotonic())

    def _wait(self, name: str, most: int, now: float) -> int:
        window = self._windows[name]
        while window and window[0] <= now - 60:
            window.popleft()
        if len(window) >= most:
            return max(1, math.ceil(window[0] + 60 - now))
        window.append(now)
        return 0

"""The machine's clock."""

from datetime import UTC, datetime, timedelta

from bot.clock import SystemClock
from handlers.ports import Clock


def test_the_clock_is_aware_and_in_utc() -> None:
    clock: Clock = SystemClock()
    now = clock.now()

    assert now.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - now) < timedelta(seconds=10)

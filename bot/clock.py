"""The clock of the machine."""

from datetime import UTC, datetime


class SystemClock:
    """``handlers.ports.Clock`` as the operating system tells it."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)

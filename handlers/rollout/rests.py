"""Leaves alone for a while what asked for it or does not work."""

from datetime import datetime, timedelta


class Rests:
    """Kept in this process only: a restart asks again, which does no harm.

    A rest begins with the tick after the one that asked for it, since a tick takes longer than it knows.
    """

    def __init__(self) -> None:
        self._asked: dict[str, timedelta] = {}
        self._until: dict[str, datetime] = {}

    def begin(self, now: datetime) -> None:
        """A tick begins."""
        self._until = {name: until for name, until in self._until.items() if until > now}
        self._until |= {name: now + length for name, length in self._asked.items()}
        self._asked.clear()

    def ask(self, name: str, length: timedelta) -> None:
        """Leave it alone for so long."""
        self._asked[name] = max(length, self._asked.get(name, length))

    def __contains__(self, name: str) -> bool:
        return name in self._asked or name in self._until

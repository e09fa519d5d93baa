"""What is told outside chat."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from handlers.alarms import Alarm
from handlers.messages.base import Data

_AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
_CASE = ("K7QF-2M", "0b0a3c6e-1d52-4c80-9a61-5d2f0f1c7e11", "solveig.braten@fjordheim.example")


@dataclass(frozen=True)
class SecurityMail(Data):
    """The mail that wakes security. Written when it is sent, and kept nowhere."""

    kind: Alarm
    at: datetime
    case: str = ""
    account: str = ""
    """Object id of the account that the case is about."""
    upn: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    """Further ids and counts, by the names that the webhook uses."""

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """One per kind, and what comes without a case."""
        kinds = tuple(cls(kind, _AT, *_CASE, facts=(("attempts", "2"),)) for kind in Alarm)
        return (*kinds, cls(Alarm.BREAKER_OPEN, _AT, facts=(("cap", "50"), ("passes", "100"))))

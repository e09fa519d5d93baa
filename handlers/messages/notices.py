"""What is told outside chat, and the page that says "it wasn't me"."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self

from handlers.alarms import Alarm
from handlers.messages.base import Action, Data, Look
from handlers.states import CaseState

_AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
_LINK = f"https://bot.fjordheim.example/not-me/{'Zq3_' * 10}abc"
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


@dataclass(frozen=True)
class NoticeMail(Data):
    """The mail to the owner of the account. Written when it is sent, and kept nowhere."""

    case: str
    state: CaseState
    at: datetime
    where: str = field(repr=False)
    """The link that says "it wasn't me"."""

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """One per state."""
        return tuple(cls("K7QF-2M", state, _AT, _LINK) for state in CaseState)


@dataclass(frozen=True)
class NoticeText(Data):
    """The same as a text message."""

    case: str
    state: CaseState
    where: str = field(repr=False)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """One per state."""
        return tuple(cls("K7QF-2M", state, _LINK) for state in CaseState)


@dataclass(frozen=True)
class NotMePage(Data):
    """``/not-me/…``: what it is about, and one button."""

    case: str
    upn: str
    opened_at: datetime

    @property
    def actions(self) -> tuple[Action, ...]:
        """Say it."""
        return (Action("stop", self.case, Look.DANGER),)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """There is only one kind."""
        return (cls("K7QF-2M", "solveig.braten@fjordheim.example", _AT),)


@dataclass(frozen=True)
class NotMeDone(Data):
    """It is said."""

    case: str

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """There is only one kind."""
        return (cls("K7QF-2M"),)

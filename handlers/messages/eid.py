"""Proving by eID who one is: the way in, told in chat, and the page before the login."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from handlers.messages.base import Action, Data, Field, Look

NO_CASE = (
    "class",
    "unknown-account",
    "no-route",
    "case-open",
    "too-many-cases",
    "cool-down",
    "frozen",
    "directory-down",
)
"""Why no case is opened from chat: the account may not have a pass from the bot, nobody knows which account it is,
no eID is for it, a case is under way elsewhere, there were too many, one was just turned down, somebody said of one
that it was not them, or Microsoft does not answer."""


@dataclass(frozen=True)
class Provider:
    """One eID to choose: its name in our addresses, and what people call it."""

    name: str
    label: str


@dataclass(frozen=True)
class CaseLink(Data):
    """The link to one's own case and the code that goes with it. Sent at once, and never written down."""

    case: str
    code: str
    url: str
    until: datetime

    @property
    def actions(self) -> tuple[Action, ...]:
        """To the page; and the way to end it all."""
        return (
            Action("links.case", "", Look.PRIMARY, self.url),
            Action("cases.stop", self.case, Look.DANGER),
        )

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """There is only one kind."""
        at = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
        return (cls("K7QF-2M", "204816", "https://hjelp.fjordheim.example/case/start/x", at),)


@dataclass(frozen=True)
class NoCase(Data):
    """No case was opened, and why: one of ``NO_CASE``."""

    reason: str

    @property
    def actions(self) -> tuple[Action, ...]:
        """The way to a person."""
        return (Action("questions.person", ""),)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """One per reason."""
        return tuple(cls(reason) for reason in NO_CASE)


@dataclass(frozen=True)
class IntentPage(Data):
    """What the link leads to: whose case it is, who asked and when; nothing happens before the code is typed."""

    case: str
    upn: str
    asked_at: datetime
    providers: tuple[Provider, ...]
    problem: str | None = None
    codes: bool = False
    """Whether it can be proved by a code from elsewhere as well."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """The code from the chat."""
        return (Field("code", problem=self.problem),)

    @property
    def actions(self) -> tuple[Action, ...]:
        """One button per eID, and one for those who prove it by a code."""
        logins = (Action("login", provider.name, Look.PRIMARY) for provider in self.providers)
        return (*logins, *((Action("codes", ""),) if self.codes else ()))

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """With one eID, with two, and after a wrong code."""
        at = datetime(2026, 11, 24, 9, 15, tzinfo=UTC)
        facts = ("K7QF-2M", "solveig.braten@fjordheim.example", at)
        one, two = Provider("idporten", "ID-porten"), Provider("bankid", "BankID")
        return (
            cls(*facts, (one,)),
            cls(*facts, (one, two)),
            cls(*facts, (one,), "wrong-code"),
            cls(*facts, (one,), codes=True),
        )

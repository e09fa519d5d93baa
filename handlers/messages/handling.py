"""What approvers are shown and asked beside the card of a case: who is on it, more facts, and why it is turned down."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, Self

from handlers.messages.base import Action, Data, Field, FieldKind, Look
from handlers.messages.cases import DENIALS, NOBODY

NETWORKS: Final = ("own", "other", "unknown")
EMAILS: Final = ("same", "differs", "unknown")
TICKET_PROBLEM: Final = "form"
COLLEAGUE_PROBLEMS: Final = ("not-approver", "own-case", "agent-of-case", "directory-down")


@dataclass(frozen=True)
class CaseHeld(Data):
    """Tells whoever pressed that a colleague is on it, and lets them take over."""

    case: str
    name: str
    since: datetime

    @property
    def actions(self) -> tuple[Action, ...]:
        """It is no lock."""
        return (Action("approvals.take", self.case, Look.PRIMARY),)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """The one shape."""
        return (cls("K7QF-2M", "Kari Nordmo", datetime(2026, 11, 24, 9, 15, tzinfo=UTC)),)


@dataclass(frozen=True)
class DenyForm(Data):
    """Asks why it is turned down: there is a list, and nothing to write."""

    case: str
    name: str
    """Of the target, from the directory."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """One of the reasons."""
        return (Field("reason", FieldKind.CHOICE, DENIALS),)

    @property
    def record(self) -> str:
        """The case."""
        return self.case

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """The one shape."""
        return (cls("K7QF-2M", "Solveig Bråten"),)


@dataclass(frozen=True)
class CaseMore(Data):
    """All there is to know, as of the last proof; the organisation's own number; and a colleague to hand it to."""

    case: str
    name: str
    sensitive: bool = False
    created: date | None = None
    last_sign_in: date | None = None
    platform: str = ""
    """The chat it was begun in; empty when it was begun elsewhere."""
    email: str = ""
    """One of ``EMAILS``, where it was begun in chat."""
    linked: date | None = None
    earlier: int | None = None
    network: str = "unknown"
    """One of ``NETWORKS``."""
    mine: int = 0
    """How many the reader approved in the last day."""
    open: bool = True
    """Whether there is something to decide still, and so something to hand over."""
    ticket: str = ""
    ticket_problem: str | None = None
    """``TICKET_PROBLEM``, if so."""
    colleague_problem: str | None = None
    """One of ``COLLEAGUE_PROBLEMS``, if so."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """A number, and somebody."""
        ticket = Field("ticket", required=False, value=self.ticket, problem=self.ticket_problem)
        hand = Field("colleague", FieldKind.PERSON, required=False, problem=self.colleague_problem)
        return (ticket, hand) if self.open else (ticket,)

    @property
    def record(self) -> str:
        """The case."""
        return self.case

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """With all there is to know, with nothing, and one per thing that is wrong."""
        who = ("K7QF-2M", "Solveig Bråten")
        day = date(2019, 8, 1)
        known = (
            cls(*who, True, day, date(2026, 11, 22), "slack", email, day, 1, network, 3, ticket="INC0012345")
            for email, network in zip(EMAILS, NETWORKS, strict=True)
        )
        wrong = (cls(*who, colleague_problem=problem) for problem in COLLEAGUE_PROBLEMS)
        return (*known, cls(*who), cls(*who, open=False), cls(*who, ticket_problem=TICKET_PROBLEM), *wrong)


@dataclass(frozen=True)
class CaseSaved(Data):
    """Takes the place of a form about a case."""

    outcome: str
    """``denied``, ``saved`` or ``handed``."""
    name: str = ""
    """Who it was handed to."""

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """One per outcome."""
        return (cls("denied"), cls("saved"), cls("handed", "Kari Nordmo"))


@dataclass(frozen=True)
class NoApprover(Data):
    """Tells the support channel and the requester, at once, that a case waits for somebody who is not there."""

    side: str
    """Who is told: ``support`` or ``person``."""
    case: str
    reason: str
    """One of ``NOBODY``."""

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """One per reason, on each side."""
        return tuple(cls(side, "K7QF-2M", reason) for side in ("support", "person") for reason in NOBODY)


@dataclass(frozen=True)
class OnCallApproved(Data):
    """Tells every approver, in their channel, what was approved while they were not at work."""

    case: str
    name: str
    """Of the approver."""
    target: str
    at: datetime

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """The one shape."""
        return (cls("K7QF-2M", "Kari Nordmo", "Solveig Bråten", datetime(2026, 11, 24, 22, 15, tzinfo=UTC)),)

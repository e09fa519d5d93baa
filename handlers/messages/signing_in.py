"""Signing in at Entra: the way there, what becomes of it, and the link by which somebody at support decides."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from handlers.messages.base import Action, Data, Look
from handlers.signing_in.purposes import Purpose

SIGN_IN_PROBLEMS = (
    "link-over",
    "other-browser",
    "denied",
    "not-believed",
    "not-stepped-up",
    "other-account",
    "down",
    "too-many",
)
"""Why a sign-in comes to nothing: the link was used, it began in another browser or long ago, the person broke it off,
what came back is not to be believed or lacks the authentication context, the account is not that of the person in chat,
somebody does not answer, or there were too many."""
OUTCOMES = (
    "done",
    "not-approver",
    "own-case",
    "agent-of-case",
    "too-late",
    "not-enough",
    "class",
    "directory-down",
    "too-many-approvals",
    "stopped",
    "other",
)
"""What becomes of a decision: ``done``, or why not."""


@dataclass(frozen=True)
class SignInPage(Data):
    """A page is only for whoever is signed in: the way there."""

    purpose: str
    """One of ``handlers.signing_in.purposes.Purpose``."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """To Entra."""
        return (Action("begin", "", Look.PRIMARY),)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """One per purpose."""
        return tuple(cls(purpose.value) for purpose in Purpose)


@dataclass(frozen=True)
class OnwardPage(Data):
    """What stands there while a browser is on its way to a login that is not ours."""

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """There is only one kind."""
        return (cls(),)


@dataclass(frozen=True)
class SignInProblem(Data):
    """A sign-in came to nothing: one plain sentence and what to do."""

    reason: str
    """One of ``SIGN_IN_PROBLEMS``."""

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """One per reason."""
        return tuple(cls(reason) for reason in SIGN_IN_PROBLEMS)


@dataclass(frozen=True)
class SignInTest(Data):
    """``/signin/test``: what Entra tells of somebody's own sign-in, and how to add what is missing."""

    tenant: str
    account: str
    name: str
    auth_time: datetime
    timed: bool
    """Whether ``auth_time`` was told."""
    told: bool
    """Whether ``acrs`` was told."""
    contexts: tuple[str, ...]
    wanted: str
    """``signin.auth_context``."""
    stepped_up: bool

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """As it should be, without the context, without the optional claims, and where no context is set."""
        at = datetime(2026, 11, 24, 9, 15, tzinfo=UTC)
        who = (
            "8f2c0f5e-1f4b-4a52-9a7d-0f6a3c1d2e3f",
            "5d1f8a52-7b1c-4c0e-8a0a-1c2d3e4f5a6b",
            "Ingrid Solbakken",
        )
        return (
            cls(*who, at, True, True, ("c1", "c7"), "c1", True),
            cls(*who, at, True, True, ("c7",), "c1", False),
            cls(*who, at, False, False, (), "c1", False),
            cls(*who, at, True, False, (), "", False),
        )


@dataclass(frozen=True)
class SignOutPage(Data):
    """The way out of our pages, and what is left to say afterwards."""

    name: str | None
    """Who is signed in, if anybody is."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """For whoever is signed in."""
        return (Action("out", "", Look.PRIMARY),) if self.name else ()

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Signed in, and out."""
        return (cls("Ingrid Solbakken"), cls(None))


@dataclass(frozen=True)
class DecideLink(Data):
    """Whispered to whoever pressed: the one-time link to decide with a sign-in. Never written down."""

    case: str
    decision: str
    """``approve`` or ``deny``."""
    url: str
    until: datetime

    @property
    def actions(self) -> tuple[Action, ...]:
        """To the page."""
        return (Action("links.decide", "", Look.PRIMARY, self.url),)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """One per decision."""
        at = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
        url = "https://hjelp.fjordheim.example/case/decide/x"
        return (cls("K7QF-2M", "approve", url, at), cls("K7QF-2M", "deny", url, at))


@dataclass(frozen=True)
class DecidePage(Data):
    """What the link leads to: the case, whose account, what will be done, and who pressed."""

    case: str
    name: str
    upn: str
    decision: str
    pressed_by: str
    """What the chat calls them."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """To Entra, and the decision with it."""
        look = Look.PRIMARY if self.decision == "approve" else Look.DANGER
        return (Action("begin", "", look),)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """One per decision."""
        who = ("K7QF-2M", "Solveig Bråten", "solveig.braten@fjordheim.example")
        return (cls(*who, "approve", "Kari Nordmo"), cls(*who, "deny", "Kari Nordmo"))


@dataclass(frozen=True)
class DecidedPage(Data):
    """What became of a decision."""

    case: str
    decision: str
    outcome: str
    """One of ``OUTCOMES``."""

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Every outcome of a yes; and a no that was done."""
        return (*(cls("K7QF-2M", "approve", outcome) for outcome in OUTCOMES), cls("K7QF-2M", "deny", "done"))

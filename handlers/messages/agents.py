"""The agents' pages: open a case, look at the account, tick what was checked, read the claim code out."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Self

from handlers.messages.base import Action, Data, Field, FieldKind, Look

COMPARED: Final = "photo-on-file"
"""The face was held against the photo in the directory."""
CHECKS: Final = ("photo-id", "face", "name", "challenge", "id-beside-face", COMPARED, "called-user")
"""What an agent can have checked: the words of a route's ``checks``."""
DOCUMENTS: Final = ("passport", "national-id", "driving-licence", "residence-card")
"""Kinds of photo ID. Its number is never asked for."""
CHALLENGES: Final = (
    "left-hand",
    "right-fingers",
    "up-wave",
    "ear-left",
    "chin-right",
    "nod-forehead",
)
"""What a requester does in front of the camera, on the spot."""
OPENING_PROBLEMS: Final = (
    "unknown-account",
    "class",
    "directory-down",
    "self",
    "case-open",
    "cool-down",
    "frozen",
    "too-many-cases",
)
STOPS: Final = (
    "not-agent",
    "too-late",
    "directory-down",
    "class",
    "self",
    "closed",
    "no-route",
    "no-photo",
    "same-person",
    "no-manager",
    "too-many",
    "not-asked",
)
"""Why a page for agents or managers goes no further."""


@dataclass(frozen=True)
class Waiting:
    """A case that waits for its requester to be seen."""

    case: str
    name: str
    opened_at: datetime


@dataclass(frozen=True)
class AgentPage(Data):
    """``/case/agent``: open a case for …, or take up one that waits."""

    agent: str
    """The name of whoever is signed in."""
    waiting: tuple[Waiting, ...] = ()
    account: str = ""
    problem: str | None = None
    """One of ``OPENING_PROBLEMS``."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """The account: UPN, mail address or object id."""
        return (Field("account", value=self.account, problem=self.problem),)

    @property
    def actions(self) -> tuple[Action, ...]:
        """Open one; take up one that waits."""
        take = (Action("take", each.case) for each in self.waiting)
        return (Action("open", "", Look.PRIMARY), *take)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Empty, with cases that wait, and with something wrong."""
        at = datetime(2026, 11, 24, 9, 15, tzinfo=UTC)
        waiting = (Waiting("K7QF-2M", "Solveig Bråten", at), Waiting("9XW2-TB", "Ola Nordmo", at))
        problems = (cls("Amir Haddad", (), "solveig@fjordheim.example", each) for each in OPENING_PROBLEMS)
        return (cls("Amir Haddad"), cls("Amir Haddad", waiting), *problems)


@dataclass(frozen=True)
class AccountPage(Data):
    """What the directory says of the account of a case, and the routes there are."""

    case: str
    name: str
    upn: str
    account_class: str
    """``A`` or ``B``."""
    has_photo: bool
    department: str | None = None
    routes: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    """Routes on which somebody else is asked."""
    closed: tuple[str, ...] = ()
    """Routes that are open only while support is at work."""
    manager: str | None = None
    asked_at: datetime | None = None
    answer: str = ""
    """``reached``, ``unreached``, ``vouched`` or ``declined``, once the manager was asked."""
    manager_page: str = ""
    """The address of the page on which a manager answers."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """One button per route."""
        first = next(iter(self.routes), None)
        looks = (Action("route", name, Look.PRIMARY if name == first else Look.PLAIN) for name in self.routes)
        return (*looks, *(Action("ask", name) for name in self.asks))

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """With everything, with nothing, and after the manager was asked."""
        facts = ("K7QF-2M", "Solveig Bråten", "solveig.braten@fjordheim.example")
        at = datetime(2026, 11, 24, 9, 15, tzinfo=UTC)
        routes, unit, manager = ("desk", "video"), "Institutt for historie", "Kari Nordmo"
        page = "https://hjelp.fjordheim.example/case/manager"
        asked = (
            cls(*facts, "A", True, unit, routes, ("manager",), (), manager, at, answer, page)
            for answer in ("reached", "unreached", "vouched", "declined")
        )
        return (
            cls(*facts, "A", True, unit, routes, ("manager",), (), manager),
            cls(*facts, "B", False, None, ("desk", "desk-two"), (), ("video", "manager", "kiosk")),
            cls(*facts, "B", False),
            *asked,
        )


@dataclass(frozen=True)
class CheckPage(Data):
    """The checklist of one route: ticked by whoever saw it with their own eyes."""

    case: str
    route: str
    name: str
    upn: str
    has_photo: bool
    checks: tuple[str, ...]
    department: str | None = None
    challenge: str = ""
    """One of ``CHALLENGES``, on routes that want one."""
    wants_document: bool = False
    problem: str | None = None
    """``unchecked`` when something is left out."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """Each check is ticked by itself."""
        checks = Field("checks", FieldKind.CHECKS, self.checks, problem=self.problem)
        document = Field("document", FieldKind.CHOICE, DOCUMENTS)
        compared = Field("compared", FieldKind.CHECKS, (COMPARED,), required=False)
        may_compare = self.has_photo and COMPARED not in self.checks
        return (
            checks,
            *((document,) if self.wants_document else ()),
            *((compared,) if may_compare else ()),
        )

    @property
    def actions(self) -> tuple[Action, ...]:
        """Get the code."""
        return (Action("give", "", Look.PRIMARY),)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """At the desk with and without a photo, on video, and with a check left out."""
        facts = ("Solveig Bråten", "solveig.braten@fjordheim.example")
        desk, video, unit = CHECKS[:3], CHECKS[3:], "Institutt for historie"
        return (
            cls("K7QF-2M", "desk", *facts, True, desk, unit, wants_document=True),
            cls("K7QF-2M", "desk", *facts, False, desk, None, wants_document=True, problem="unchecked"),
            *(cls("K7QF-2M", "video", *facts, True, video, unit, each) for each in CHALLENGES),
            cls("K7QF-2M", "kiosk", *facts, True, CHECKS[:1]),
        )


@dataclass(frozen=True)
class ClaimCode(Data):
    """The claim code, to be read out in words to the requester. It proves nothing without the case page."""

    case: str
    code: str
    expires_at: datetime
    page: str
    """The address of the case page."""
    remote: bool = False
    """Whether the requester is on video or on the phone, rather than beside whoever reads it out."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """Back to the first page."""
        return (Action("home", ""),)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """A code as it looks."""
        at = datetime(2026, 11, 24, 9, 25, tzinfo=UTC)
        facts = ("K7QF-2M", "4F7K-9QXM", at, "https://hjelp.fjordheim.example/case")
        return (cls(*facts), cls(*facts, remote=True))


@dataclass(frozen=True)
class AgentStop(Data):
    """This goes no further: why, and what to do."""

    reason: str
    """One of ``STOPS``."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """Back to the first page."""
        return (Action("home", ""),)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """One per reason."""
        return tuple(cls(reason) for reason in STOPS)

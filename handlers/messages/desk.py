"""The forms of an agent who has the requester in front of them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from handlers.messages.base import Action, Data, Field, FieldKind, Look

CHECKS = ("photo-id", "face", "name")
"""What the agent checks: a valid photo ID, the face against it, the name on it against the directory's."""


@dataclass(frozen=True)
class AgentForm(Data):
    """Asks the agent for whom a case is to be opened."""

    account: str = ""
    problem: str | None = None
    """``unknown-account``, ``class``, ``directory-down``, ``self``, ``case-open``, ``cool-down``,
    ``too-many-cases``."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """The account: UPN or mail address."""
        return (Field("account", value=self.account, problem=self.problem),)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Empty, and with something wrong."""
        problems = (
            "unknown-account",
            "class",
            "directory-down",
            "self",
            "case-open",
            "cool-down",
            "too-many-cases",
        )
        return (cls(), *(cls("solveig@fjordheim.example", problem) for problem in problems))


@dataclass(frozen=True)
class CheckForm(Data):
    """Shows the directory's facts of the account, and asks the agent to tick what was checked."""

    case: str
    name: str
    upn: str
    department: str | None = None
    problem: str | None = None
    """``unchecked`` when not everything is ticked."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """Each check is ticked by itself."""
        return (Field("checks", FieldKind.CHECKS, CHECKS, problem=self.problem),)

    @property
    def record(self) -> str:
        """The case."""
        return self.case

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Fresh, and with a check left out."""
        facts = (
            "K7QF-2M",
            "Solveig Bråten",
            "solveig.braten@fjordheim.example",
            "Institutt for historie",
        )
        return (cls(*facts), cls(*facts, "unchecked"))


@dataclass(frozen=True)
class ClaimCode(Data):
    """The claim code, to be read out to the requester in person. It proves nothing without the case page."""

    case: str
    code: str
    expires_at: datetime

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """A code as it looks."""
        return (cls("K7QF-2M", "4F7K-9QXM", datetime(2026, 11, 24, 9, 25, tzinfo=UTC)),)


@dataclass(frozen=True)
class AgentFormClosed(Data):
    """The form cannot go on: why, and what to do."""

    reason: str
    """As in ``NotAllowed``."""

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """The reasons that end a form."""
        return tuple(
            cls(reason) for reason in ("not-agent", "too-late", "directory-down", "class", "stopped")
        )


@dataclass(frozen=True)
class AgentStart(Data):
    """Offers an agent to open a case for somebody who stands before them."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """Opens the form."""
        return (Action("desk.open", "", Look.PRIMARY),)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """There is only one."""
        return (cls(),)

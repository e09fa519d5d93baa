"""What approvers and requesters see of a case in chat. Never a pass, a code or a link to a page."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from handlers.messages.base import Action, Data, Look
from handlers.states import CaseState


@dataclass(frozen=True)
class Vote:
    """Who decided what, and when."""

    name: str
    at: datetime


@dataclass(frozen=True)
class ApprovalCard(Data):
    """The card of one case in the support channel, kept up to date: the policy's verdict, then facts."""

    case: str
    state: CaseState
    name: str
    """Of the target, from the directory."""
    upn: str
    department: str | None
    evidence: str
    """The route by which the requester was seen, by its name in app.yaml, as ``desk``."""
    level: int
    agent: str
    seen_at: datetime
    provider: str = ""
    """The eID, as people call it, where it was one."""
    approvals: tuple[Vote, ...] = ()
    approvals_wanted: int = 1
    denied_by: str | None = None
    enough: bool = True
    """What the policy engine says of the evidence."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """Buttons only while there is something to decide."""
        if self.state is not CaseState.VERIFIED:
            return ()
        deny = Action("approvals.deny", self.case, Look.DANGER)
        return (Action("approvals.approve", self.case, Look.PRIMARY), deny) if self.enough else (deny,)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """One per state that a card is shown in."""
        at = datetime(2026, 11, 24, 9, 15, tzinfo=UTC)
        return tuple(
            cls(
                case="K7QF-2M",
                state=state,
                name="Solveig Bråten",
                upn="solveig.braten@fjordheim.example",
                department="Institutt for historie",
                evidence="desk",
                level=3,
                agent="Amir Haddad",
                seen_at=at,
                approvals=() if state is CaseState.VERIFIED else (Vote("Kari Nordmo", at),),
                denied_by="Kari Nordmo" if state is CaseState.DENIED else None,
            )
            for state in CaseState
            if state not in (CaseState.OPEN, CaseState.VERIFYING)
        ) + tuple(
            cls(
                case="K7QF-2M",
                state=CaseState.VERIFIED,
                name="Solveig Bråten",
                upn="solveig.braten@fjordheim.example",
                department=None,
                evidence="eid",
                level=level,
                agent="",
                seen_at=at,
                provider="ID-porten",
            )
            for level in (3, 4)
        )


@dataclass(frozen=True)
class CaseNews(Data):
    """Tells the owner of the account, in the private chat, how a case about it stands."""

    case: str
    state: CaseState

    @property
    def actions(self) -> tuple[Action, ...]:
        """ "It wasn't me", for as long as it can change anything."""
        return () if self.state.ended else (Action("cases.stop", self.case, Look.DANGER),)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """One per state that is told."""
        return tuple(cls("K7QF-2M", state) for state in CaseState)


@dataclass(frozen=True)
class CaseOpened(Data):
    """Tells an agent that the case stands, or that one stood already."""

    case: str
    name: str
    existed: bool = False

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """New and old."""
        return (cls("K7QF-2M", "Solveig Bråten"), cls("K7QF-2M", "Solveig Bråten", existed=True))


@dataclass(frozen=True)
class NotAllowed(Data):
    """A short private reply to somebody who may not do what they pressed, with the reason."""

    reason: str
    """``not-approver``, ``own-case``, ``agent-of-case``, ``not-agent``, ``too-late``, ``expired-press``,
    ``not-enough``, ``no-route``, ``unknown-account``, ``class``, ``directory-down``, ``stopped``."""

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """One per reason."""
        return tuple(
            cls(reason)
            for reason in (
                "not-approver",
                "own-case",
                "agent-of-case",
                "not-agent",
                "too-late",
                "expired-press",
                "not-enough",
                "no-route",
                "unknown-account",
                "class",
                "directory-down",
                "stopped",
            )
        )

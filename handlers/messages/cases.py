"""What approvers and requesters see of a case in chat. Never a pass, a code or a link to a page."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Self

from handlers.messages.base import Action, Data, Look
from handlers.states import CaseState, Finding


@dataclass(frozen=True)
class Vote:
    """Who decided what, and when."""

    name: str
    at: datetime
    lately: int = 0
    """How many passes they approved in the day before it, where that is unusually many."""


DENIALS = ("unsure", "desk", "wrong-account", "not-needed", "other")
"""Why an approver turns a case down: there is no other way to say it."""
NOBODY = ("empty", "unreadable", "too-few")
"""Why nobody can approve: the group is empty, nobody can tell who is in it, or too few take no part in the case."""
VERDICTS = (
    "enough",
    "class",
    "no-evidence",
    "evidence-old",
    "level",
    "second-method",
    "none-seen",
    "same-person",
    "second-agent",
    "phone-code",
    "highest",
    "forged",
)
"""What the policy engine can say, by its own names."""
ENDINGS = (Finding.UNUSED, Finding.GONE, Finding.UNREGISTERED, Finding.UNANSWERED)
"""What may have been found of a pass whose case ran out of time."""
SIGNS = ("password", "methods", "young-link", "contact", "chat-email", "often", "daily-cap")
"""What raises the bar, by the policy's own names."""


@dataclass(frozen=True)
class ProofLine:
    """One piece of evidence, as an approver may see it. Never a number, an address or a code."""

    way: str
    """``eid``, ``desk``, ``video``, ``manager``, ``phone``, ``mail`` or ``saved``; else the name of a route that is
    no more."""
    level: int
    at: datetime
    who: str = ""
    """Whoever saw or recognised the requester."""
    detail: str = ""
    """The eID as people call it; a little of the address, and since when; the day on which a code was saved."""
    told: tuple[str, ...] = ()
    """What was checked, or how the requester was recognised."""
    counts: bool = True
    """Whether it is part of what makes it enough, or fresh enough to become so."""
    renews: bool = False
    """Whether it was given after the decision, to prove the same again before the pass is shown."""


@dataclass(frozen=True)
class ApprovalCard(Data):
    """The card of one case in the support channel, kept up to date: the policy's verdict, then facts."""

    case: str
    state: CaseState
    name: str
    """Of the target, from the directory."""
    upn: str
    department: str | None
    proofs: tuple[ProofLine, ...] = ()
    """Those that count stand first."""
    proved_at: datetime | None = None
    """When the newest proof was given."""
    verdict: str = "enough"
    """One of ``VERDICTS``."""
    minutes: int = 0
    """How old the newest proof was when this was written."""
    wait_minutes: int = 0
    """How long the pass waits after the last approval."""
    staffed: bool = False
    """Whether the wait runs only while support is at work."""
    not_before: datetime | None = None
    sensitive: bool = False
    """Whether the account is in a group that needs more proof."""
    raised: tuple[str, ...] = ()
    """Some of ``SIGNS``."""
    unknown: tuple[str, ...] = ()
    """Some of ``SIGNS``: those that could not be read."""
    approvals: tuple[Vote, ...] = ()
    approvals_wanted: int = 1
    denied_by: str | None = None
    denied_at: datetime | None = None
    denied_reason: str = ""
    """One of ``DENIALS``."""
    held_by: str | None = None
    """Who is on it."""
    held_at: datetime | None = None
    handed_by: str = ""
    """Who handed it to the one in whose private chat this stands."""
    nobody: str = ""
    """One of ``NOBODY``, if so."""
    ticket: str = ""
    """The organisation's own number for it."""
    evaluation: bool = False
    """Whether it is a trial, at whose end no pass is made."""

    @property
    def enough(self) -> bool:
        """What the policy engine says of the evidence."""
        return self.verdict == "enough"

    @property
    def actions(self) -> tuple[Action, ...]:
        """To decide while there is something to decide; more to read, and a number to note, until the end."""
        if self.state is CaseState.VERIFYING or self.state.ended:
            return ()
        more = Action("approvals.more", self.case, opens_form=True)
        if self.state is not CaseState.VERIFIED:
            return (more,)
        approve = (Action("approvals.approve", self.case, Look.PRIMARY),) if self.enough else ()
        deny, hold = (
            Action("approvals.deny", self.case, Look.DANGER, opens_form=True),
            Action("approvals.hold", self.case),
        )
        return (*approve, deny, hold, more)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """One per state that a card is shown in, one per verdict, and one per way of proving it."""
        at = datetime(2026, 11, 24, 9, 15, tzinfo=UTC)
        who = ("Solveig Bråten", "solveig.braten@fjordheim.example", "Institutt for historie")
        desk = ProofLine("desk", 3, at, "Amir Haddad", told=("photo-id", "face", "name", "passport"))
        states = tuple(
            cls(
                "K7QF-2M",
                state,
                *who,
                proofs=(desk,),
                proved_at=at,
                approvals=() if state is CaseState.VERIFIED else (Vote("Kari Nordmo", at),),
                denied_by="Kari Nordmo" if state is CaseState.DENIED else None,
            )
            for state in CaseState
            if state not in (CaseState.OPEN, CaseState.VERIFYING)
        )
        seen = ProofLine("video", 1, at, "Amir Haddad", told=("challenge", "photo-on-file"))
        weak = (seen, ProofLine("phone", 1, at, detail="··42, 2026-04-24"))
        waiting = cls(
            "K7QF-2M",
            CaseState.APPROVED,
            *who,
            proofs=weak,
            proved_at=at,
            not_before=at,
            wait_minutes=240,
            staffed=True,
        )
        asked = cls(
            "K7QF-2M",
            CaseState.VERIFIED,
            *who,
            proofs=weak,
            proved_at=at,
            minutes=4,
            wait_minutes=240,
            staffed=True,
            sensitive=True,
            raised=SIGNS,
            unknown=SIGNS,
            approvals_wanted=2,
        )
        verdicts = tuple(
            cls(
                "K7QF-2M", CaseState.VERIFYING, *who, proofs=(desk,), proved_at=at, verdict=verdict, minutes=1
            )
            for verdict in VERDICTS
            if verdict != "enough"
        )
        old = replace(desk, counts=False)
        again = cls("K7QF-2M", CaseState.VERIFIED, *who, proofs=(desk, old), proved_at=at)
        eids = tuple(
            cls(
                "K7QF-2M",
                CaseState.VERIFIED,
                *who,
                proofs=(ProofLine("eid", level, at, detail="ID-porten"),),
                proved_at=at,
            )
            for level in (3, 4)
        )
        others = tuple(
            cls("K7QF-2M", CaseState.VERIFIED, *who, proofs=(line,), proved_at=at)
            for line in (
                ProofLine("manager", 1, at, "Kari Nordmo", told=("in-person",)),
                ProofLine("mail", 1, at, detail="s··@g··.com, 2026-04-24"),
                ProofLine("saved", 1, at, detail="2026-04-24"),
                ProofLine("old-route", 1, at),
            )
        )
        held = replace(
            states[0], held_by="Kari Nordmo", held_at=at, ticket="INC0012345", handed_by="Amir Haddad"
        )
        busy = replace(states[0], approvals_wanted=2, approvals=(Vote("Kari Nordmo", at, 12),))
        denied = tuple(
            replace(
                states[0],
                state=CaseState.DENIED,
                denied_by="Kari Nordmo",
                denied_at=at,
                denied_reason=reason,
            )
            for reason in DENIALS[:-1]
        )
        alone = tuple(replace(states[0], nobody=reason) for reason in NOBODY)
        trials = tuple(
            replace(states[0], state=state, evaluation=True)
            for state in (CaseState.VERIFIED, CaseState.APPROVED, CaseState.CANCELLED)
        )
        return (
            *states,
            waiting,
            asked,
            *verdicts,
            again,
            *eids,
            *others,
            *trials,
            held,
            busy,
            *denied,
            *alone,
        )


@dataclass(frozen=True)
class CaseNews(Data):
    """Tells the owner of the account, in the private chat, how a case about it stands."""

    case: str
    state: CaseState
    not_before: datetime | None = None
    """From when on an approved pass can be shown, where it has to wait."""
    reason: str = ""
    """Why it was turned down, one of ``DENIALS``."""
    evaluation: bool = False
    """Whether it is a trial, at whose end no pass is made."""
    found: Finding = Finding.NOTHING
    """What the last look has shown."""
    minutes: int = 0
    """How long the sign-in by the pass still lasts for whoever sets up a phone."""
    kind: str = ""
    """Of the new method, once there is one, as ``graph.methods.Kind`` names it."""
    method: str = ""
    """What its owner calls it."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """The next step, where it is the owner's; and "it wasn't me", also of what is over: it frees the account of
        whoever got in, and wakes security."""
        stop = () if self.state is CaseState.STOPPED else (Action("cases.stop", self.case, Look.DANGER),)
        return (*self._next, *stop)

    @property
    def _next(self) -> tuple[Action, ...]:
        match self.state:
            case CaseState.USED:
                return (Action("setup.start", "new-phone", Look.PRIMARY),)
            case CaseState.CLOSED if self.found is not Finding.SPARE:
                return (Action("questions.topic", "backup-method", Look.PRIMARY),)
            case CaseState.EXPIRED if self.found in (Finding.UNUSED, Finding.GONE, Finding.UNREGISTERED):
                return (Action("questions.topic", "lost-phone", Look.PRIMARY),)
            case _:
                return ()

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """One per state that is told, one that has to wait, and what the looks can show."""
        at = datetime(2026, 11, 24, 14, 15, tzinfo=UTC)
        waiting = cls("K7QF-2M", CaseState.APPROVED, at)
        trial = cls("K7QF-2M", CaseState.APPROVED, evaluation=True)
        done = cls("K7QF-2M", CaseState.CLOSED, found=Finding.REGISTERED)
        denied = (cls("K7QF-2M", CaseState.DENIED, reason=reason) for reason in DENIALS[:-1])
        return (
            *(cls("K7QF-2M", state) for state in CaseState),
            waiting,
            trial,
            *denied,
            cls("K7QF-2M", CaseState.ISSUED, found=Finding.POLICY),
            cls("K7QF-2M", CaseState.USED, found=Finding.USED, minutes=9),
            replace(done, kind="authenticator", method="Pixel 9"),
            replace(done, found=Finding.SPARE, kind="fido2"),
            *(cls("K7QF-2M", CaseState.EXPIRED, found=found) for found in ENDINGS),
        )


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
    ``not-enough``, ``no-route``, ``unknown-account``, ``class``, ``directory-down``, ``stopped``,
    ``too-many-approvals``."""
    in_form: bool = False
    """Whether it takes the place of a form, which has a title."""
    case: str = ""
    """The case it is about, if it is about one: the reply need not stand beside its card."""

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """One per reason, one about a case, and one in a form."""
        reasons = tuple(
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
                "too-many-approvals",
            )
        )
        about = cls("own-case", case="K7QF-2M")
        return (*reasons, about, cls("too-late", in_form=True, case="K7QF-2M"))

"""The pages of a case on the web: messages like any other, shown as HTML."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Self

from handlers.messages.base import Action, Data, Field, Look
from handlers.messages.cases import ENDINGS
from handlers.messages.eid import Provider
from handlers.messages.finishing import OldPhone, example_olds, removing
from handlers.states import CaseState, Finding, OldState

REFUSALS = (
    "not-yet",
    "not-yet-delay",
    "too-late",
    "evidence-old",
    "not-enough",
    "approver-gone",
    "class",
    "directory-down",
    "policy",
    "unknown",
    "stopped-all",
)
"""Why *Show* gives nothing: it is not approved, it has to wait for a while after that, the time for it is over, the
proof is too old (a new code from the desk helps), it is not enough, the approver may not approve any more, the account
may not have a pass, Microsoft does not answer, the tenant's policy forbids it, or nobody knows what became of the last
try (press again), or passes are stopped for everybody."""


PROBLEMS = (
    "not-found",
    "bad-request",
    "other-browser",
    "too-many",
    "failure",
    "not-ready",
    "link-over",
    "not-proved",
    "eid-down",
    "too-many-logins",
    "directory-down",
    "no-route",
    "door-over",
    "case-open",
    "too-many-cases",
    "cool-down",
    "frozen",
)
"""What may be wrong with a request. ``not-proved`` is said of every login that is no proof, whatever the cause."""

LEAVE = "leave"
"""The button that logs out of the eID."""


@dataclass(frozen=True)
class ClaimPage(Data):
    """``/case``: type the claim code that the service desk gave you."""

    problem: str | None = None
    """``wrong-code`` (said of every code that does not work, whatever the cause), ``too-many`` or
    ``directory-down``."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """The code."""
        return (Field("code", problem=self.problem),)

    @property
    def actions(self) -> tuple[Action, ...]:
        """Send it in."""
        return (Action("claim", "", Look.PRIMARY),)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Fresh, and after a wrong code."""
        return (cls(), cls("wrong-code"), cls("too-many"), cls("directory-down"))


@dataclass(frozen=True)
class CasePage(Data):
    """How the case stands, for the requester in the bound browser."""

    case: str
    state: CaseState
    upn: str
    refusal: str | None = None
    """Why *Show* gave nothing just now: one of ``REFUSALS``."""
    show_until: datetime | None = None
    not_before: datetime | None = None
    """From when on it can be shown, while that is ahead."""
    providers: tuple[Provider, ...] = ()
    """The eIDs by which this browser can prove once more who sits at it."""
    leave: str = ""
    """The eID that this browser may still be logged in to, as people call it."""
    codes: bool = False
    """Whether a code can be sent to an address on file, or a saved one be typed."""
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
    olds: tuple[OldPhone, ...] = ()
    """What a phone from before can still be used for, once there is a new method."""
    kept: bool = False
    """Whether that is to stay."""

    @property
    def takes_code(self) -> bool:
        """Whether the next step is a code from the desk: the proof is missing or too old, or this case is over."""
        return (
            self.state.ended
            or self.state in (CaseState.OPEN, CaseState.VERIFYING)
            or self.refusal == "evidence-old"
        )

    @property
    def fields(self) -> tuple[Field, ...]:
        """The code, where one is taken."""
        return (Field("code"),) if self.takes_code else ()

    @property
    def actions(self) -> tuple[Action, ...]:
        """A new code where one helps; *Show* once approved; then the old phone; always the way to stop it."""
        return (*self._steps, *_leaving(self.leave))

    @property
    def _steps(self) -> tuple[Action, ...]:
        claim = Action("claim", "", Look.PRIMARY)
        if self.state.ended:
            return (claim,)
        stop = Action("stop", self.case, Look.DANGER)
        if self.takes_code:
            logins = (Action("login", provider.name) for provider in self.providers)
            codes = (Action("codes", ""),) if self.codes else ()
            return (claim, *logins, *codes, stop)
        if self.state in (CaseState.APPROVED, CaseState.ISSUE_UNKNOWN):
            return (Action("show", self.case, Look.PRIMARY), stop)
        if self.state is CaseState.USED and not self.kept:
            return (*removing(self.olds, self.case), stop)
        return (stop,)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """One per state, and one per refusal."""
        until = datetime(2026, 11, 25, 9, 15, tzinfo=UTC)
        who = ("K7QF-2M", "solveig.braten@fjordheim.example")
        states = tuple(cls(who[0], state, who[1], show_until=until) for state in CaseState)
        again = cls(
            who[0], CaseState.APPROVED, who[1], "evidence-old", providers=(Provider("id", "ID-porten"),)
        )
        return (
            *states,
            *(cls(who[0], CaseState.APPROVED, who[1], refusal, not_before=until) for refusal in REFUSALS),
            again,
            cls(who[0], CaseState.APPROVED, who[1], not_before=until),
            cls(who[0], CaseState.ISSUED, who[1], leave="ID-porten"),
            cls(who[0], CaseState.VERIFYING, who[1], codes=True),
            cls(who[0], CaseState.APPROVED, who[1], evaluation=True),
            cls(who[0], CaseState.CANCELLED, who[1], evaluation=True),
            *cls._followed(*who),
        )

    @classmethod
    def _followed(cls, case: str, upn: str) -> tuple[Self, ...]:
        """From the pass to the end, as looks show it."""
        used = CaseState.USED
        shown = (Finding.WORKS, Finding.WAITS, Finding.POLICY)
        new = cls(case, used, upn, found=Finding.REGISTERED, kind="authenticator", method="Pixel 9")
        asked = replace(new, olds=example_olds())
        one_each = (
            replace(asked, olds=(replace(asked.olds[0], state=state), *asked.olds[1:])) for state in OldState
        )
        return (
            *(cls(case, CaseState.ISSUED, upn, found=found) for found in shown),
            cls(case, used, upn, found=Finding.USED, minutes=9),
            cls(case, used, upn, found=Finding.USED, minutes=1),
            *one_each,
            replace(asked, kept=True),
            new,
            replace(new, state=CaseState.CLOSED),
            cls(case, CaseState.CLOSED, upn, found=Finding.SPARE),
            *(cls(case, CaseState.EXPIRED, upn, found=found) for found in ENDINGS),
        )


@dataclass(frozen=True)
class PassPage(Data):
    """The *Show* page. The pass itself is not in its data: the page takes it as the one other value."""

    case: str
    upn: str
    expires_at: datetime
    usable: bool = True
    """False while Graph does not say yet that it works."""
    leave: str = ""
    """As in ``CasePage``."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """Out of the eID: it has done its work."""
        return _leaving(self.leave)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Usable now, and in a moment."""
        at = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
        facts = ("K7QF-2M", "solveig.braten@fjordheim.example", at)
        return (cls(*facts), cls(*facts, usable=False), cls(*facts, leave="ID-porten"))


@dataclass(frozen=True)
class Problem(Data):
    """Something is not possible here: one plain sentence and what to do."""

    kind: str
    """One of ``PROBLEMS``."""
    reference: str | None = None

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """One per kind."""
        return tuple(cls(kind, "8f2c01" if kind == "failure" else None) for kind in PROBLEMS)


def _leaving(eid: str) -> tuple[Action, ...]:
    """A form of its own, which leads to the provider."""
    return (Action(LEAVE, ""),) if eid else ()

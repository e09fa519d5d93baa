"""The rules of verification, as pure functions: facts in, a named verdict out.

There is no way past them for anybody: whatever issues a pass asks here first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

EVIDENCE_AGE = timedelta(minutes=60)
"""How old evidence may be when somebody decides on it, and when the pass is shown."""

CLAIM_LIFE = timedelta(minutes=10)
"""How long a claim code lives (NIST SP 800-63B-4, 4.1.2: a binding code lives 10 minutes at most)."""

CLAIM_TRIES = 5
"""How many claim codes may be made for one case in all."""

CASES_PER_TARGET = 3
CASES_WINDOW = timedelta(days=30)
COOL_DOWN = timedelta(hours=24)
"""How long nobody can open a new case for a target after one was denied or stopped."""


_UNKNOWN = "unknown"


class AccountClass(StrEnum):
    """How much proof an account needs. C and D never get a pass from the bot."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


@dataclass(frozen=True)
class AccountFacts:
    """What the directory says of an account, read now. ``None`` is "could not be read"."""

    enabled: bool | None
    guest: bool | None
    privileged: bool | None
    support: bool | None
    """Whether the account belongs to the bot's own approvers."""
    sensitive: bool | None = False
    """Whether the account is in a group that needs more proof."""


@dataclass(frozen=True)
class Classified:
    """The class of an account, and why."""

    account_class: AccountClass
    reason: str

    @property
    def may_have_pass(self) -> bool:
        """C and D never may."""
        return self.account_class in (AccountClass.A, AccountClass.B)

    @property
    def is_unknown(self) -> bool:
        """Class C only because something could not be read: nothing is issued, and a later look may tell."""
        return self.reason == _UNKNOWN


def classify(facts: AccountFacts) -> Classified:
    """The strictest class that any fact asks for; a fact that could not be read counts as class C."""
    if facts.enabled is False:
        return Classified(AccountClass.D, "disabled")
    if facts.guest is True:
        return Classified(AccountClass.D, "guest")
    if facts.privileged is True:
        return Classified(AccountClass.C, "privileged")
    if facts.support is True:
        return Classified(AccountClass.C, "approver")
    if None in (facts.enabled, facts.guest, facts.privileged, facts.support, facts.sensitive):
        return Classified(AccountClass.C, _UNKNOWN)
    if facts.sensitive:
        return Classified(AccountClass.B, "sensitive")
    return Classified(AccountClass.A, "ordinary")


@dataclass(frozen=True)
class Proof:
    """One piece of evidence, as the policy sees it."""

    route: str
    level: int
    at: datetime
    actor: str | None


@dataclass(frozen=True)
class Verdict:
    """Whether the evidence is enough, how many approvers it then takes, and why."""

    enough: bool
    approvals: int
    reason: str
    level: int = 0


def judge(account_class: AccountClass, proofs: Sequence[Proof], now: datetime) -> Verdict:
    """What is enough: class A one fresh proof of level 3, class B one of level 4 and two approvers.

    Evidence from the future (a clock that went backwards) counts as none.
    """
    if account_class in (AccountClass.C, AccountClass.D):
        return Verdict(enough=False, approvals=0, reason="class")
    fresh = [proof for proof in proofs if timedelta(0) <= now - proof.at <= EVIDENCE_AGE]
    if not fresh:
        return Verdict(enough=False, approvals=0, reason="evidence-old" if proofs else "no-evidence")
    level = max(proof.level for proof in fresh)
    wanted, approvals = (3, 1) if account_class is AccountClass.A else (4, 2)
    if level < wanted:
        return Verdict(enough=False, approvals=approvals, reason="level", level=level)
    return Verdict(enough=True, approvals=approvals, reason="enough", level=level)


@dataclass(frozen=True)
class Roles:
    """Who has taken which part in a case, by object id."""

    target: str
    starter: str | None
    agents: frozenset[str]


def may_approve(roles: Roles, approver: str) -> str | None:
    """Nothing, or the reason why this approver may not decide on this case."""
    if approver == roles.target:
        return "own-case"
    if approver in roles.agents or approver == roles.starter:
        return "agent-of-case"
    return None


def pass_lifetime(wanted: timedelta, minimum: timedelta, maximum: timedelta) -> timedelta | None:
    """As set, raised to the tenant's minimum; nothing if the tenant's maximum is lower still."""
    lifetime = max(wanted, minimum)
    return lifetime if lifetime <= maximum else None

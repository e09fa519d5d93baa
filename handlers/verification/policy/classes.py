"""Into which class an account falls: how much proof it needs, and whether it may have a pass at all."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_UNKNOWN: Final = "unknown"


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
    """Whether the account belongs to the bot's own approvers or agents."""
    sensitive: bool | None = False
    """Whether the account is in a group that needs more proof."""
    reserved: bool | None = False
    """Whether the account is in a group that never gets a pass from the bot."""


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


MISSING = Classified(AccountClass.D, "missing")
"""No account of this id is in the directory."""


def classify(facts: AccountFacts) -> Classified:
    """The strictest class that any fact asks for; a fact that could not be read counts as class C."""
    if facts.enabled is False:
        return Classified(AccountClass.D, "disabled")
    if facts.guest is True:
        return Classified(AccountClass.D, "guest")
    if facts.privileged is True:
        return Classified(AccountClass.C, "privileged")
    if facts.support is True:
        return Classified(AccountClass.C, "support")
    if facts.reserved is True:
        return Classified(AccountClass.C, "reserved")
    every = (facts.enabled, facts.guest, facts.privileged, facts.support, facts.sensitive, facts.reserved)
    if None in every:
        return Classified(AccountClass.C, _UNKNOWN)
    if facts.sensitive:
        return Classified(AccountClass.B, "sensitive")
    return Classified(AccountClass.A, "ordinary")

"""Who may take which part in a case, and how long a pass may live."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from handlers.verification.policy.rules import Rules

LONGEST_PASS: Final = timedelta(minutes=60)
"""A pass lives no longer, unless the tenant makes none that is shorter."""


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


def must_pause(latest: Sequence[datetime], now: datetime, rules: Rules) -> bool:
    """Whether an approver, whose approvals of the last hour these are, has to rest before the next one."""
    return len(latest) >= rules.approvals_per_hour and now - max(latest) < rules.pause


def pass_lifetime(wanted: timedelta, minimum: timedelta, maximum: timedelta) -> timedelta | None:
    """As set but an hour at most, raised to the tenant's minimum; nothing if the tenant's maximum is lower still."""
    lifetime = max(min(wanted, LONGEST_PASS), minimum)
    return lifetime if lifetime <= maximum else None

"""What security is woken for. Never told in chat: whoever is inside would read it there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Alarm(StrEnum):
    """The event, by the name that the mail and the webhook use."""

    NOT_ME = "not-me"
    """The owner of an account says that a case was not theirs."""
    BREAKER_OPEN = "breaker-open"
    """Twice as many passes in a day as are usual: nobody gets one any more."""
    EVIDENCE_FORGED = "evidence-forged"
    """Evidence in the database was changed past this program."""
    AUDIT_BROKEN = "audit-broken"
    """The audit was changed past this program."""
    ISSUE_UNKNOWN_TWICE = "issue-unknown-twice"
    """Microsoft did not answer twice: a pass that nobody saw may have been made."""
    WITHOUT_CASE = "pass-without-case"
    """Entra knows of a pass that no case of ours accounts for."""
    AUDIT_SEGMENT = "audit-segment"
    """Nothing is wrong: a month of the audit is closed, and this is its end, to be kept elsewhere."""


@dataclass(frozen=True)
class Alarmed:
    """What security is woken for: ids, counts and times, and nothing that anybody wrote."""

    id: str
    """The same each time that this alarm is sent."""
    kind: Alarm
    at: datetime
    case: str | None = None
    account: str | None = None
    """Object id of the account that the case is about."""
    upn: str | None = None
    facts: Mapping[str, str | int] = field(default_factory=dict)

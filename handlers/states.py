"""The states of a case and the legal moves between them. The rule is data; the store enforces it."""

from enum import StrEnum


class CaseState(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    VERIFYING = "verifying"
    VERIFIED = "verified"
    APPROVED = "approved"
    ISSUING = "issuing"
    ISSUE_UNKNOWN = "issue_unknown"
    ISSUED = "issued"
    USED = "used"
    CLOSED = "closed"
    DENIED = "denied"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    FAILED = "failed"
    STOPPED = "stopped"

    @property
    def ended(self) -> bool:
        """Nothing leaves an end; "reopen" is a new case that names the old one."""
        return self in ENDS


ENDS = frozenset(
    {
        CaseState.CLOSED,
        CaseState.DENIED,
        CaseState.CANCELLED,
        CaseState.EXPIRED,
        CaseState.FAILED,
        CaseState.STOPPED,
    }
)

BEFORE_ISSUING = frozenset({CaseState.OPEN, CaseState.VERIFYING, CaseState.VERIFIED, CaseState.APPROVED})

_FORWARD: dict[CaseState, frozenset[CaseState]] = {
    CaseState.OPEN: frozenset({CaseState.VERIFYING}),
    CaseState.VERIFYING: frozenset({CaseState.VERIFIED, CaseState.DENIED}),
    CaseState.VERIFIED: frozenset({CaseState.VERIFYING, CaseState.APPROVED, CaseState.DENIED}),
    CaseState.APPROVED: frozenset({CaseState.ISSUING}),
    CaseState.ISSUING: frozenset(
        {CaseState.ISSUED, CaseState.APPROVED, CaseState.FAILED, CaseState.ISSUE_UNKNOWN}
    ),
    CaseState.ISSUE_UNKNOWN: frozenset({CaseState.ISSUING, CaseState.FAILED}),
    CaseState.ISSUED: frozenset({CaseState.USED, CaseState.EXPIRED}),
    CaseState.USED: frozenset({CaseState.CLOSED, CaseState.EXPIRED}),
}


def may_move(before: CaseState, after: CaseState) -> bool:
    """Whether the rules of a case allow this move."""
    if before.ended:
        return False
    if after is CaseState.STOPPED:
        return True
    if before in BEFORE_ISSUING and after in (CaseState.CANCELLED, CaseState.EXPIRED):
        return True
    return after in _FORWARD.get(before, frozenset())

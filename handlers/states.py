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


class Finding(StrEnum):
    """What a look after a case has found last: of the pass until it is used, of the account from then on."""

    NOTHING = ""
    WORKS = "works"
    """Graph says that the pass is usable."""
    WAITS = "waits"
    """It is not yet."""
    POLICY = "policy"
    """The tenant's rules do not let it be used."""
    USED = "used"
    UNUSED = "unused"
    """It ran out, and nobody had used it."""
    GONE = "gone"
    """It was taken away, or another one took its place."""
    UNREGISTERED = "unregistered"
    """It was used and ran out, and no new method is there."""
    REGISTERED = "registered"
    """A new method is there."""
    SPARE = "spare"
    """The same, and one more besides."""
    UNANSWERED = "unanswered"
    """A new method is there, and nobody has said what is to become of the old one."""


class OldState(StrEnum):
    """How it stands with one method from before the pass."""

    THERE = "there"
    """Nobody has said yet what is to become of it."""
    REMOVING = "removing"
    """The request to delete it is on its way."""
    REMOVED = "removed"
    """We have deleted it."""
    GONE = "gone"
    """Somebody else has, or it was registered anew."""
    DEFAULT = "default"
    """Microsoft deletes no default method while there are others: the owner has to choose another default first."""
    OTHER_FIRST = "other-first"
    """The second number has to go before the first."""
    LAST = "last"
    """No new method is there beside it, so it stays."""
    FORBIDDEN = "forbidden"
    """We may not."""
    NO_ANSWER = "no-answer"
    """Microsoft has not answered, and it is still there."""

    @property
    def answered(self) -> bool:
        """Whether it is gone for good."""
        return self in (OldState.REMOVED, OldState.GONE)


def may_move(before: CaseState, after: CaseState) -> bool:
    """Whether the rules of a case allow this move."""
    if before.ended:
        return False
    if after is CaseState.STOPPED:
        return True
    if before in BEFORE_ISSUING and after in (CaseState.CANCELLED, CaseState.EXPIRED):
        return True
    return after in _FORWARD.get(before, frozenset())

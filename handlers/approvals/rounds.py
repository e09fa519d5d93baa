"""Who is asked to decide on a case, and when: few at first, more later, and never everybody at once. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Final

_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class Round:
    """So many are asked in private, so long after the case was verified."""

    after: timedelta
    asks: int
    fallback: bool = False
    """Whether it is the fallback group's turn."""


ROUNDS: Final = (
    Round(0 * _MINUTE, 0),
    Round(5 * _MINUTE, 2),
    Round(15 * _MINUTE, 4),
    Round(25 * _MINUTE, 8),
    Round(35 * _MINUTE, 4, fallback=True),
    Round(45 * _MINUTE, 8, fallback=True),
)
"""The first asks nobody: the card in the channel has just been posted, and it is seen whether anybody can decide."""
FALLBACK: Final = next(number for number, each in enumerate(ROUNDS) if each.fallback)


def order(case: str, accounts: Collection[str]) -> Sequence[str]:
    """In whose turn they are: another order for every case, and the same one for every replica."""
    return sorted(accounts, key=lambda account: sha256(f"{case}:{account}".encode()).digest())


def nobody(
    missing: int, approvers: Collection[str] | None, free: Collection[str], others: Collection[str]
) -> str:
    """Why nobody can approve, one of ``NOBODY``; empty when somebody can.

    ``approvers`` are all in the group, if anybody can tell; ``free`` those of them that have no part in the case;
    ``others`` those of other groups who may decide too.
    """
    if len(set(free) | set(others)) >= missing:
        return ""
    if approvers is None:
        return "unreadable"
    return "too-few" if approvers else "empty"

"""The figures of the week for support."""

from dataclasses import dataclass
from datetime import date
from typing import Self

from handlers.messages.base import Data

WAYS = ("eid", "desk", "video", "manager", "phone", "mail", "saved")
"""How people proved who they are, as words are made of it; anything else is one that is no longer used."""


@dataclass(frozen=True)
class Counted:
    """How often there was something."""

    name: str
    count: int


@dataclass(frozen=True)
class CaseFigures(Data):
    """How the cases of a week went, without anybody in them."""

    since: date
    until: date
    """The last day that counts."""
    opened: int
    passes: int
    """How many got a pass."""
    median_minutes: int = 0
    """From the opening to the pass."""
    most_minutes: int = 0
    """Nine of ten were as fast as this, or faster."""
    ends: tuple[Counted, ...] = ()
    """The cases that ended, by how."""
    denials: tuple[Counted, ...] = ()
    """Why approvers turned cases down."""
    ways: tuple[Counted, ...] = ()
    """How people proved who they are: one of ``WAYS``, once for each case."""

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """A lively week with everything in it, one of each, and one in which nothing has ended yet."""
        first, last = date(2027, 1, 11), date(2027, 1, 17)
        ends = ("closed", "expired", "denied", "cancelled", "stopped", "failed")
        reasons = ("unsure", "desk", "wrong-account", "not-needed", "other")
        ways = (*WAYS, "abroad")
        return (
            cls(
                first,
                last,
                41,
                33,
                12,
                95,
                tuple(Counted(name, 30 - 4 * at) for at, name in enumerate(ends)),
                tuple(Counted(name, 7 - at) for at, name in enumerate(reasons)),
                tuple(Counted(name, 20 - at) for at, name in enumerate(ways)),
            ),
            cls(first, last, 1, 1, 1, 1, (Counted("closed", 1),), (), (Counted("eid", 1),)),
            cls(first, last, 2, 0),
        )

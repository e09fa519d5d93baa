"""The old phone: which one is to go, and how that stands."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Self

from handlers.messages.base import Action, Data, Look
from handlers.states import OldState

_ASKED = frozenset(OldState) - {OldState.REMOVING, OldState.REMOVED, OldState.GONE}
"""In these states there is something to press."""


@dataclass(frozen=True)
class OldPhone:
    """One thing that a phone from before can still be used for."""

    record: str
    """The case and its number there."""
    kind: str
    """``authenticator``, ``software_oath`` or ``phone``."""
    name: str
    """What its owner calls it; never a number."""
    state: OldState
    since: datetime | None = None


@dataclass(frozen=True)
class OldPhones(Data):
    """Asks the owner in private which old phone is to go; changes in place with every answer."""

    case: str
    kind: str
    """Of the new method, as ``graph.methods.Kind`` names it."""
    method: str
    """What its owner calls the new one."""
    olds: tuple[OldPhone, ...]
    kept: bool = False
    """Whether whatever is left is to stay."""
    over: bool = False
    """Whether the case is at its end."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """One to remove each, and one for what is to stay."""
        return () if self.kept or self.over else removing(self.olds, self.case, "cases.")

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """One per state, two at once, and what stands there at the end."""
        first = cls("K7QF-2M", "authenticator", "Pixel 9", example_olds())
        one = example_olds()[:1]
        states = tuple(
            replace(first, olds=tuple(replace(old, state=state) for old in one)) for state in OldState
        )
        gone = tuple(replace(old, state=OldState.REMOVED) for old in one)
        nameless = replace(first, kind="fido2", method="", olds=example_olds()[1:])
        return (
            first,
            nameless,
            *states,
            replace(first, kept=True),
            replace(first, olds=gone, over=True),
            replace(first, over=True),
        )


def example_olds() -> tuple[OldPhone, ...]:
    """An app, a code of another app, and a number."""
    since = datetime(2026, 1, 28, 9, 15, tzinfo=UTC)
    return (
        OldPhone("K7QF-2M:1", "authenticator", "iPhone 13", OldState.THERE, since),
        OldPhone("K7QF-2M:2", "software_oath", "", OldState.THERE),
        OldPhone("K7QF-2M:3", "phone", "", OldState.THERE, since),
    )


def removing(olds: tuple[OldPhone, ...], case: str, prefix: str = "") -> tuple[Action, ...]:
    """The buttons for what is left; none when nothing is."""
    left = [old for old in olds if old.state in _ASKED]
    if not left:
        return ()
    removes = (Action(f"{prefix}remove-old", old.record, Look.DANGER) for old in left)
    return (*removes, Action(f"{prefix}keep-old", case))

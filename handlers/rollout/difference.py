"""What an import changes, in few lines however many accounts it is about. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from handlers.rollout.changes import Change, Held, Kind
from handlers.rollout.when import Calendar, Quiet

_EXAMPLES: Final = 3


@dataclass(frozen=True, order=True)
class Group:
    """Accounts that the same happens to."""

    kind: Kind
    before: date | None
    after: date | None
    wave: str | None
    """The one they are in afterwards; of those who leave, the one they were in."""


@dataclass(frozen=True)
class Difference:
    """How many accounts the same happens to, and who some of them are."""

    group: Group
    accounts: int
    examples: tuple[str, ...]
    """User principal names of the first few."""


@dataclass(frozen=True)
class OffDay:
    """An activation day on which nobody is at work. It is accepted; that it was meant is for people to say."""

    day: date
    why: Quiet
    accounts: int


@dataclass
class Tally:
    """Counts changes as they pass by."""

    kinds: Counter[Kind] = field(default_factory=Counter)
    _groups: Counter[Group] = field(default_factory=Counter)
    _examples: dict[Group, list[str]] = field(default_factory=dict)

    def add(self, changes: Iterable[Change]) -> None:
        """Count these too."""
        for change in changes:
            kind = change.kind
            self.kinds[kind] += 1
            if kind is Kind.UNCHANGED:
                continue
            named = change.after or change.before
            group = Group(kind, change.day_before, change.day_after, _wave(named))
            self._groups[group] += 1
            examples = self._examples.setdefault(group, [])
            if named is not None and len(examples) < _EXAMPLES:
                examples.append(named.upn)

    def differences(self) -> tuple[Difference, ...]:
        """What happens, in order of kind, day and wave."""
        return tuple(
            Difference(group, self._groups[group], tuple(self._examples[group]))
            for group in sorted(self._groups, key=_order)
        )

    def off_days(self, calendar: Calendar) -> tuple[OffDay, ...]:
        """The new activation days on which nobody is at work."""
        days: Counter[date] = Counter()
        for group, accounts in self._groups.items():
            if group.after is not None and group.before != group.after:
                days[group.after] += accounts
        return tuple(
            OffDay(day, why, accounts)
            for day, accounts in sorted(days.items())
            if (why := calendar.quiet_because(day)) is not None
        )


def _wave(held: Held | None) -> str | None:
    return held.wave if held else None


def _order(group: Group) -> tuple[int, date, date, str]:
    kinds = list(Kind)
    return kinds.index(group.kind), group.after or date.min, group.before or date.min, group.wave or ""

"""What a wave's group makes of an account in the plan. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from handlers.records import Source
from handlers.rollout.changes import Change, Held, Kind


@dataclass(frozen=True)
class Wave:
    """The members of a group, activated on one day."""

    name: str
    group: str
    activation_day: date
    latest_day: date | None = None
    """Up to when its people may move their own day."""


@dataclass(frozen=True, slots=True)
class Joined:
    """An account that is in the group of a wave, or of several."""

    account: str
    upn: str
    mail: str | None
    waves: tuple[Wave, ...]

    @property
    def wave(self) -> Wave:
        """The one that counts: what comes first is what they have to be ready for."""
        return min(self.waves, key=lambda wave: wave.activation_day)


@dataclass
class Membership:
    """Who is in which wave, as the groups were read just now."""

    joined: dict[str, Joined] = field(default_factory=dict)
    excluded: set[str] = field(default_factory=set)

    def by_group(self, account: str, held: Held | None, *, is_left_out: bool) -> Change:
        """What becomes of an account. What a file says of it stands, save whether it is excluded."""
        excluded = account in self.excluded
        if held is not None and held.source == Source.FILE:
            return Change(held, replace(held, excluded=excluded))
        joined = self.joined.get(account)
        if joined is None or is_left_out:
            return Change(held, None)
        wave = joined.wave
        language = held.language if held else None
        after = Held(
            account=account,
            upn=joined.upn,
            mail=joined.mail,
            activation_day=wave.activation_day,
            wave=wave.name,
            language=language,
            source=Source.GROUP,
            excluded=excluded,
        )
        return Change(held, after)

    def why(self, change: Change) -> str:
        """The reason for the record."""
        joined = self.joined.get(change.account)
        if joined is None:
            return "in no wave's group" if change.kind is Kind.REMOVED else "excluded groups were read"
        if change.kind is Kind.REMOVED:
            return "left out by a file"
        return f"in the group of {_listed(joined.waves)}"


def _listed(waves: Sequence[Wave]) -> str:
    names = [wave.name for wave in waves]
    return f"{', '.join(names)}: the earliest counts" if len(names) > 1 else names[0]

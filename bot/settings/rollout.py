"""The settings of the rollout: who is activated when, and when people are reminded of it."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

from bot.settings.section import Section
from bot.settings.values import Guid, Hours, Listed, Offsets, WorkingHours

_LONGEST_NAME = 80


def _name(value: str) -> str:
    value = value.strip()
    if not value or len(value) > _LONGEST_NAME or not value.isprintable():
        raise ValueError(f"must be a name of at most {_LONGEST_NAME} ordinary characters")
    return value


class Wave(Section):
    """The members of a group, activated on one day."""

    name: Annotated[str, AfterValidator(_name)]
    group: Guid
    activation_day: date
    latest_day: date | None = None
    """Up to when its people may move their own day; nothing: not at all."""


class Rollout(Section):
    """Who is activated when, and when people are reminded of it."""

    offsets: Offsets = (-14, -7, -3, -1, 0, 1, 3)
    time_zone: ZoneInfo = ZoneInfo("Europe/Oslo")
    hours: WorkingHours = Hours.parse("08:00-16:00")
    quiet_days: Annotated[tuple[date, ...], Listed] = ()
    waves: tuple[Wave, ...] = ()
    exclude_groups: Annotated[tuple[Guid, ...], Listed] = ()
    ready_note: bool = False
    """Whether who is ready is told so, once."""


def contradictions(rollout: Rollout) -> Iterator[tuple[tuple[str, str], str]]:
    """Waves that cannot be meant so."""
    key = ("rollout", "waves")
    for name, times in Counter(wave.name for wave in rollout.waves).items():
        if times > 1:
            yield key, f"has two entries with the name {name}"
    for group, times in Counter(wave.group for wave in rollout.waves).items():
        if times > 1:
            yield key, f"has two entries with the group {group}: its members have one activation day"
    for wave in rollout.waves:
        if wave.latest_day is not None and wave.latest_day < wave.activation_day:
            yield key, f"entry {wave.name}: latest_day must not come before activation_day"
        if wave.group in rollout.exclude_groups:
            yield key, f"entry {wave.name}: its group is in rollout.exclude_groups too"

"""What the settings say of the plan: working days and hours, and the groups that are waves."""

from typing import Final

from bot.settings import Settings
from graph.groups import Groups
from handlers.rollout.demand import Pace
from handlers.rollout.membership import Wave
from handlers.rollout.waves import Waves
from handlers.rollout.when import Calendar, Hours
from handlers.store.database import Database
from handlers.store.pace import PLATFORMS

_A_MINUTE: Final = {name: round(bounds.start * 60) for name, bounds in PLATFORMS.items()}
"""Messages that each chat may be expected to take."""


def calendar_of(settings: Settings) -> Calendar:
    """Norway's holidays, the quiet days of the settings, and the hours in which people are written to."""
    rollout = settings.rollout
    hours = Hours(rollout.hours.start, rollout.hours.end)
    return Calendar.norwegian(rollout.time_zone, hours, rollout.quiet_days)


def waves_of(settings: Settings, database: Database, groups: Groups) -> Waves:
    """The groups that the settings name, and what keeps the plan as they say."""
    rollout = settings.rollout
    waves = (Wave(it.name, it.group, it.activation_day, it.latest_day) for it in rollout.waves)
    return Waves(database, groups, calendar_of(settings), tuple(waves), rollout.exclude_groups)


def pace_of(settings: Settings) -> Pace:
    """The chats that are on, in the order in which they are tried, and what each may be expected to take."""
    on = {"slack": settings.slack.on, "teams": settings.teams.on}
    return Pace({name: _A_MINUTE[name] for name, is_on in on.items() if is_on} or _A_MINUTE)


def support_calendar_of(settings: Settings) -> Calendar:
    """The days and hours in which support answers: the same days, and hours of its own if the settings say so."""
    hours = settings.support.hours or settings.rollout.hours
    return Calendar.norwegian(
        settings.rollout.time_zone, Hours(hours.start, hours.end), settings.rollout.quiet_days
    )

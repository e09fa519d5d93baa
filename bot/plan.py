"""The organisation's working days and hours, as the settings describe them."""

from bot.settings import Settings
from handlers.rollout.when import Calendar, Hours


def calendar_of(settings: Settings) -> Calendar:
    """Norway's holidays, the quiet days of the settings, and the hours in which people are written to."""
    rollout = settings.rollout
    hours = Hours(rollout.hours.start, rollout.hours.end)
    return Calendar.norwegian(rollout.time_zone, hours, rollout.quiet_days)


def support_calendar_of(settings: Settings) -> Calendar:
    """The days and hours in which support answers: the same days, and hours of its own if the settings say so."""
    hours = settings.support.hours or settings.rollout.hours
    return Calendar.norwegian(
        settings.rollout.time_zone, Hours(hours.start, hours.end), settings.rollout.quiet_days
    )

"""The organisation's working days and hours, as the settings describe them."""

from bot.settings import Settings
from handlers.rollout.when import Calendar, Hours


def calendar_of(settings: Settings) -> Calendar:
    """Norway's holidays, the quiet days of the settings, and the hours in which people are written to."""
    rollout = settings.rollout
    hours = Hours(rollout.hours.start, rollout.hours.end)
    return Calendar.norwegian(rollout.time_zone, hours, rollout.quiet_days)

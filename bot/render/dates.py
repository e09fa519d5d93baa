"""Dates and times in words, in the language of a template and in the organisation's time zone."""

import datetime as dt
from dataclasses import dataclass

from babel import Locale
from babel.dates import format_date, format_datetime
from pydantic import BaseModel


class Patterns(BaseModel, extra="forbid", frozen=True, strict=True):
    """How a language writes them: patterns of Unicode CLDR (UTS 35), from ``labels.yaml``."""

    day: str
    date: str
    short: str
    time: str
    datetime: str


@dataclass(frozen=True)
class Dates:
    """The filters of the same names."""

    locale: Locale
    patterns: Patterns
    zone: dt.tzinfo

    def day(self, value: dt.date) -> str:
        """The date with its weekday."""
        return format_date(self._local(value), self.patterns.day, self.locale)

    def date(self, value: dt.date) -> str:
        """The date."""
        return format_date(self._local(value), self.patterns.date, self.locale)

    def short(self, value: dt.date) -> str:
        """The date, where there is little room."""
        return format_date(self._local(value), self.patterns.short, self.locale)

    def time(self, value: dt.datetime) -> str:
        """Hours and minutes."""
        return format_datetime(value, self.patterns.time, self.zone, self.locale)

    def datetime(self, value: dt.datetime) -> str:
        """Date, hours and minutes."""
        return format_datetime(value, self.patterns.datetime, self.zone, self.locale)

    def _local(self, value: dt.date) -> dt.date:
        return value.astimezone(self.zone).date() if isinstance(value, dt.datetime) else value

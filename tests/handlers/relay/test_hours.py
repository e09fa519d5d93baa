"""When support answers: over nights, weekends, holidays, quiet days and changes of the clocks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.relay.hours import Opening, Opens, opening
from handlers.rollout.when import Calendar, Hours

OSLO = ZoneInfo("Europe/Oslo")
QUIET = (date(2026, 12, 24), date(2026, 12, 31))
CALENDAR = Calendar.norwegian(OSLO, Hours(time(8), time(15, 30)), QUIET)


def _at(*local: int) -> datetime:
    year, month, day, hour, minute = local
    return datetime(year, month, day, hour, minute, tzinfo=OSLO).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ((2026, 11, 24, 8, 0), Opening(Opens.NOW)),
        ((2026, 11, 24, 15, 29), Opening(Opens.NOW)),
        ((2026, 11, 24, 7, 59), Opening(Opens.TODAY, _at(2026, 11, 24, 8, 0))),
        ((2026, 11, 24, 0, 1), Opening(Opens.TODAY, _at(2026, 11, 24, 8, 0))),
        ((2026, 11, 24, 15, 30), Opening(Opens.TOMORROW, _at(2026, 11, 25, 8, 0))),
        ((2026, 11, 24, 23, 59), Opening(Opens.TOMORROW, _at(2026, 11, 25, 8, 0))),
        # Friday after work, Saturday, and Sunday, when Monday is tomorrow.
        ((2026, 11, 27, 16, 0), Opening(Opens.DAY, _at(2026, 11, 30, 8, 0))),
        ((2026, 11, 28, 10, 0), Opening(Opens.DAY, _at(2026, 11, 30, 8, 0))),
        ((2026, 11, 29, 10, 0), Opening(Opens.TOMORROW, _at(2026, 11, 30, 8, 0))),
        # Christmas Eve is a quiet day, the two after it are holidays, then comes a Sunday.
        ((2026, 12, 23, 16, 0), Opening(Opens.DAY, _at(2026, 12, 28, 8, 0))),
        ((2026, 12, 24, 10, 0), Opening(Opens.DAY, _at(2026, 12, 28, 8, 0))),
        ((2026, 12, 30, 16, 0), Opening(Opens.DAY, _at(2027, 1, 4, 8, 0))),
        # Constitution Day, and the long Easter.
        ((2027, 5, 16, 12, 0), Opening(Opens.DAY, _at(2027, 5, 18, 8, 0))),
        ((2027, 3, 24, 16, 0), Opening(Opens.DAY, _at(2027, 3, 30, 8, 0))),
    ],
)
def test_when_somebody_answers(now: tuple[int, ...], expected: Opening) -> None:
    assert opening(CALENDAR, _at(*now)) == expected


def test_the_hour_is_local_also_over_a_change_of_the_clocks() -> None:
    before_spring = opening(CALENDAR, _at(2026, 3, 27, 18, 0))
    assert before_spring == Opening(Opens.DAY, datetime(2026, 3, 30, 6, tzinfo=UTC))
    before_autumn = opening(CALENDAR, _at(2026, 10, 23, 18, 0))
    assert before_autumn == Opening(Opens.DAY, datetime(2026, 10, 26, 7, tzinfo=UTC))


@given(st.integers(0, 3 * 365 * 24 * 60))
def test_they_come_when_they_are_at_work(minutes: int) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    found = opening(CALENDAR, now)
    today = CALENDAR.today(now)
    if found.at is None:
        assert now in CALENDAR.window(today)
        assert not CALENDAR.is_quiet(today)
        return
    day = CALENDAR.today(found.at)
    assert found.at > now
    assert found.at in CALENDAR.window(day)
    assert not CALENDAR.is_quiet(day)
    assert (day - today).days == {Opens.TODAY: 0, Opens.TOMORROW: 1}.get(found.opens, (day - today).days)
    assert found.opens is not Opens.DAY or (day - today).days > 1

"""The calendar of the rollout: which day, which hour, never later than meant."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.rollout.when import (
    Calendar,
    Hours,
    Slot,
    activation_days,
    due_day,
    next_reminder,
    slots,
)

OFFSETS = (-14, -7, -3, -1, 0, 1, 3)
EVES = frozenset({date(2026, 12, 24), date(2026, 12, 31), date(2027, 12, 24), date(2027, 12, 31)})
CALENDAR = Calendar.norwegian(quiet_days=EVES)


@pytest.mark.parametrize(
    ("activation_day", "offset", "expected"),
    [
        pytest.param("2027-01-18", -14, "2027-01-04", id="an ordinary Monday"),
        pytest.param("2027-01-18", 0, "2027-01-18", id="the day itself"),
        pytest.param("2027-01-18", -1, "2027-01-15", id="Sunday goes on Friday"),
        pytest.param("2027-01-18", -3, "2027-01-15", id="and so does the Friday before"),
        pytest.param("2027-01-22", 1, "2027-01-22", id="Saturday after goes on the day"),
        pytest.param("2027-01-22", 3, "2027-01-25", id="three days after a Friday is a Monday"),
        pytest.param("2026-12-28", -3, "2026-12-23", id="Christmas Day moves before a quiet Christmas Eve"),
        pytest.param("2026-12-28", -1, "2026-12-23", id="the Sunday after Christmas too"),
        pytest.param("2027-01-04", -3, "2026-12-30", id="New Year's Day moves before a quiet eve"),
        pytest.param("2027-01-08", -7, "2026-12-30", id="across the year"),
        pytest.param("2027-03-30", -1, "2027-03-24", id="Easter Monday goes before Maundy Thursday"),
        pytest.param("2027-03-30", -3, "2027-03-24", id="Holy Saturday as well"),
        pytest.param("2027-03-30", 0, "2027-03-30", id="the Tuesday after Easter"),
        pytest.param("2027-03-23", 3, "2027-03-24", id="Good Friday after the day"),
        pytest.param("2027-05-18", -1, "2027-05-14", id="17 May and Whit Monday on one day"),
        pytest.param("2027-05-07", -1, "2027-05-05", id="Ascension Day"),
        pytest.param("2027-05-17", 0, "2027-05-14", id="an activation day that is a holiday"),
        pytest.param("2028-03-01", -1, "2028-02-29", id="a leap day"),
    ],
)
def test_the_day_of_a_reminder(activation_day: str, offset: int, expected: str) -> None:
    assert due_day(date.fromisoformat(activation_day), offset, CALENDAR) == date.fromisoformat(expected)


def test_christmas_eve_is_a_working_day_until_it_is_named_quiet() -> None:
    assert due_day(date(2026, 12, 28), -1, Calendar.norwegian()) == date(2026, 12, 24)


def test_two_reminders_on_one_day_are_one_and_the_later_offset_names_it() -> None:
    assert slots(date(2027, 1, 18), OFFSETS, CALENDAR) == (
        Slot(date(2027, 1, 4), -14),
        Slot(date(2027, 1, 11), -7),
        Slot(date(2027, 1, 15), -1, merged=(-3,)),
        Slot(date(2027, 1, 18), 0),
        Slot(date(2027, 1, 19), 1),
        Slot(date(2027, 1, 21), 3),
    )


def test_easter_leaves_one_of_three() -> None:
    assert slots(date(2027, 3, 28), (-3, -1, 0), CALENDAR) == (Slot(date(2027, 3, 24), 0, (-3, -1)),)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param("2026-12-01T12:00+01:00", -14, id="in good time"),
        pytest.param("2027-01-11T09:00+01:00", -7, id="on the day of one"),
        pytest.param("2027-01-11T16:00+01:00", -1, id="after working hours"),
        pytest.param("2027-01-17T09:00+01:00", 0, id="on the Sunday before"),
        pytest.param("2027-01-21T15:59+01:00", 3, id="the last one"),
        pytest.param("2027-01-21T16:00+01:00", None, id="too late for all"),
    ],
)
def test_who_is_added_late_gets_the_next_one(now: str, expected: int | None) -> None:
    slot = next_reminder(date(2027, 1, 18), OFFSETS, CALENDAR, datetime.fromisoformat(now))
    assert (slot.offset if slot else None) == expected


@pytest.mark.parametrize(
    ("day", "opens"),
    [
        pytest.param("2027-03-26", "2027-03-26T07:00+00:00", id="winter"),
        pytest.param("2027-03-29", "2027-03-29T06:00+00:00", id="after the spring change"),
        pytest.param("2027-10-29", "2027-10-29T06:00+00:00", id="summer"),
        pytest.param("2027-11-01", "2027-11-01T07:00+00:00", id="after the autumn change"),
    ],
)
def test_the_clock_changes_and_the_hour_stays(day: str, opens: str) -> None:
    window = CALENDAR.window(date.fromisoformat(day))
    assert window.opens == datetime.fromisoformat(opens)
    assert window.closes - window.opens == timedelta(hours=8)


def test_an_hour_that_the_clocks_skip_or_repeat_is_one_moment() -> None:
    nightly = Calendar.norwegian(hours=Hours(time(2, 30), time(4)))
    assert nightly.window(date(2027, 3, 28)).opens == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert nightly.window(date(2027, 10, 31)).opens == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_the_same_hours_in_another_zone() -> None:
    window = CALENDAR.window(date(2027, 1, 18), ZoneInfo("America/New_York"))
    assert window.opens == datetime(2027, 1, 18, 13, tzinfo=UTC)


def test_today_is_the_local_date() -> None:
    assert CALENDAR.today(datetime(2027, 1, 17, 23, 30, tzinfo=UTC)) == date(2027, 1, 18)


def test_hours_that_close_before_they_open_are_refused() -> None:
    with pytest.raises(ValueError, match="open before they close"):
        Hours(time(16), time(8))


days = st.dates(date(2026, 1, 1), date(2032, 12, 31))
offsets = st.integers(-60, 30)
calendars = st.builds(
    lambda zone, opens, quiet: Calendar.norwegian(ZoneInfo(zone), Hours(time(opens), time(opens + 4)), quiet),
    st.sampled_from(["Europe/Oslo", "Atlantic/Reykjavik", "America/New_York", "Asia/Kathmandu"]),
    st.integers(0, 19),
    st.frozensets(days, max_size=6),
)


@given(days, offsets, calendars)
def test_never_later_than_meant_and_never_on_a_quiet_day(day: date, offset: int, calendar: Calendar) -> None:
    due = due_day(day, offset, calendar)
    assert due <= day + timedelta(days=offset)
    assert not calendar.is_quiet(due)
    skipped = due + timedelta(days=1)
    while skipped <= day + timedelta(days=offset):
        assert calendar.is_quiet(skipped)
        skipped += timedelta(days=1)


@given(days, st.sets(offsets), calendars)
def test_every_offset_is_in_one_slot_and_every_day_has_at_most_one(
    day: date, meant: set[int], calendar: Calendar
) -> None:
    found = slots(day, meant, calendar)
    assert [slot.day for slot in found] == sorted({slot.day for slot in found})
    assert [offset for slot in found for offset in (*slot.merged, slot.offset)] == sorted(meant)
    assert all(slot.day == due_day(day, offset, calendar) for slot in found for offset in slot.merged)


@given(days, st.sets(offsets), calendars, st.datetimes(timezones=st.just(UTC)))
def test_the_next_reminder_is_the_first_that_has_not_passed(
    day: date, meant: set[int], calendar: Calendar, now: datetime
) -> None:
    chosen = next_reminder(day, meant, calendar, now)
    for slot in slots(day, meant, calendar):
        passed = calendar.window(slot.day).closes <= now
        if slot == chosen:
            assert not passed
            break
        assert passed


@given(days, st.sets(offsets, min_size=1), calendars)
def test_an_activation_day_is_found_from_the_day_of_its_reminder(
    day: date, meant: set[int], calendar: Calendar
) -> None:
    for slot in slots(day, meant, calendar):
        first, last = activation_days(slot.day, meant, calendar)
        assert first <= day <= last

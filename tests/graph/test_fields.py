"""Reading JSON: what is missing or of another type is an error, never a guess."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph import fields
from graph.errors import Unreadable

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(JSON)
def test_each_reader_gives_its_type_or_says_that_it_cannot(value: object) -> None:
    readers = [
        (fields.text, str),
        (fields.flag, bool),
        (fields.number, int),
        (fields.moment, datetime),
        (fields.minutes, timedelta),
    ]
    for reader, kind in readers:
        try:
            found = reader({"name": value}, "name")
        except Unreadable:
            continue
        assert isinstance(found, kind)


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_come_back(moment: datetime) -> None:
    told = moment.isoformat().replace("+00:00", "Z")

    assert fields.moment({"at": told}, "at") == moment


def test_times_of_every_form_that_graph_sends_are_in_utc() -> None:
    expected = datetime(2026, 11, 24, 9, 15, 41, 619583, UTC)
    for told in (
        "2026-11-24T09:15:41.6195833Z",
        "2026-11-24T10:15:41.619583+01:00",
        "2026-11-24T09:15:41.619583",
    ):
        found = fields.moment({"at": told}, "at")
        assert found == expected
        assert found.tzinfo is UTC


def test_a_field_that_was_not_asked_for_is_not_the_same_as_null() -> None:
    assert fields.maybe_flag({"isManagementRestricted": None}, "isManagementRestricted") is None
    with pytest.raises(Unreadable):
        fields.maybe_flag({}, "isManagementRestricted")


def test_a_number_is_no_yes() -> None:
    with pytest.raises(Unreadable):
        fields.flag({"x": 1}, "x")
    with pytest.raises(Unreadable):
        fields.number({"x": True}, "x")


def test_what_no_calendar_holds_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        fields.moment({"at": "0001-01-01T00:00:00+10:00"}, "at")
    with pytest.raises(Unreadable):
        fields.minutes({"m": 10**20}, "m")

"""Our clock, by what Graph's answers tell."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.skew import MOST, ClockWatch, skew_of
from tests.graph.rig import Rig

_NOW = datetime(2028, 2, 29, 23, 59, 30, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_YEAR = 365 * 24 * 3600


@given(st.integers(-_YEAR, _YEAR), st.integers(0, 600))
def test_the_skew_is_what_no_wait_for_the_answer_explains(ahead: int, waited: int) -> None:
    """Also over a leap day and the end of a month: nothing here knows calendars."""
    theirs = _NOW - ahead * _SECOND
    found = skew_of(format_datetime(theirs, usegmt=True), _NOW, _NOW + waited * _SECOND)
    assert found == max(ahead, 0) * _SECOND + min(ahead + waited, 0) * _SECOND


@given(st.text())
def test_whatever_is_told_is_a_time_or_is_not(told: str) -> None:
    assert skew_of(told, _NOW, _NOW) is None


@pytest.mark.parametrize("minutes", [-10, 10])
async def test_every_answer_is_heard_and_the_latest_counts(rig: Rig, minutes: int) -> None:
    watch = ClockWatch(rig.clock.now)
    rig.client = rig.make_client(watch=watch)
    heard = []
    for ahead in (0, minutes, 0):
        rig.entra.faults.ahead = timedelta(minutes=ahead)
        await rig.passes.policy()
        heard.append((watch.is_off, abs(watch.skew + timedelta(minutes=ahead)) <= MOST))
    assert heard == [(False, True), (True, True), (False, True)]

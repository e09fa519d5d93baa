"""The window in which a press is enough."""

from datetime import UTC, datetime, timedelta
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from handlers.signing_in.stepping import Stepping, StepUp

NOW: Final = datetime(2027, 1, 18, 8, 0, tzinfo=UTC)
_SECONDS = st.integers(-100_000, 100_000)
_MINUTES = st.integers(1, 60)


@given(ago=_SECONDS, minutes=_MINUTES)
def test_in_the_window_one_click_is_enough_and_nowhere_else(ago: int, minutes: int) -> None:
    stepping = Stepping(StepUp.WINDOW, timedelta(minutes=minutes))
    inside = -10 <= ago <= minutes * 60
    assert stepping.one_click(NOW - timedelta(seconds=ago), NOW) is inside
    assert stepping.enough(NOW - timedelta(seconds=ago), NOW) is inside


@given(ago=_SECONDS, minutes=_MINUTES)
def test_always_asks_every_time(ago: int, minutes: int) -> None:
    stepping = Stepping(StepUp.ALWAYS, timedelta(minutes=minutes))
    assert not stepping.one_click(NOW - timedelta(seconds=ago), NOW)
    assert stepping.enough(NOW - timedelta(seconds=ago), NOW) is (-10 <= ago <= minutes * 60)


@given(step_up=st.sampled_from(StepUp), minutes=_MINUTES)
def test_who_never_stepped_up_decides_only_where_that_is_off(step_up: StepUp, minutes: int) -> None:
    stepping = Stepping(step_up, timedelta(minutes=minutes))
    off = step_up is StepUp.OFF_WEAKENS_APPROVAL
    assert stepping.one_click(None, NOW) is off
    assert stepping.enough(None, NOW) is off

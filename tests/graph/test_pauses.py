"""How long we wait."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.pauses import LONGEST_PAUSE, asked_pause, own_pause

NOW = datetime(2026, 11, 24, 9, 15, tzinfo=UTC)


@given(st.integers(min_value=0, max_value=999_999_999))
def test_seconds_are_seconds(seconds: int) -> None:
    assert asked_pause(f" {seconds} ", NOW) == seconds


@given(st.integers(min_value=0, max_value=400_000_000))
def test_a_date_is_the_time_until_it(seconds: int) -> None:
    date = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)

    assert asked_pause(date, NOW) == seconds


@given(st.text())
def test_whatever_stands_there_is_no_error_and_never_negative(told: str) -> None:
    pause = asked_pause(told, NOW)

    assert pause is None or pause >= 0


@pytest.mark.parametrize("told", [None, "", "soon", "-5", "1.5", "1e9", "٣", "9" * 40, "Tue, 99 Nov 2026"])
def test_nonsense_asks_for_nothing(told: str | None) -> None:
    assert asked_pause(told, NOW) is None


def test_a_date_in_the_past_is_no_pause() -> None:
    assert asked_pause("Tue, 24 Nov 2026 09:14:00 GMT", NOW) == 0
    assert asked_pause("Tue, 24 Nov 2026 09:15:30 -0000", NOW) == 30


@given(st.integers(min_value=1, max_value=5_000), st.floats(min_value=0, max_value=1))
def test_our_own_pause_doubles_with_jitter_up_to_a_minute(tries: int, jitter: float) -> None:
    pause = own_pause(tries, jitter)

    least = min(LONGEST_PAUSE, 2.0 ** min(tries - 1, 10))
    assert least <= pause <= min(LONGEST_PAUSE, least * 1.5)

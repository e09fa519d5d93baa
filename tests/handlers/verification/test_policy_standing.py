"""Signs that raise the bar, what is not known of them, and from when on a pass can be shown."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.rollout.when import Calendar
from handlers.verification.policy import (
    DEFAULT_RULES,
    AccountClass,
    Bar,
    Classified,
    Sign,
    Signs,
    Standing,
    not_before,
    standing,
)

NOW = datetime(2026, 11, 24, 9, 15, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ORDINARY = Classified(AccountClass.A, "ordinary")
QUIET = Signs(
    password_changed=NOW - 400 * DAY,
    methods_added=(NOW - 300 * DAY,),
    links_seen=(NOW - 90 * DAY,),
    contacts_changed=(NOW - 90 * DAY,),
    chat_email_differs=False,
    earlier_cases=0,
    issued_today=0,
    daily_cap=50,
)
OSLO = Calendar.norwegian()


def test_nothing_unusual() -> None:
    assert standing(ORDINARY, QUIET, NOW, DEFAULT_RULES) == Standing(ORDINARY)


@pytest.mark.parametrize(
    ("signs", "sign"),
    [
        (replace(QUIET, password_changed=NOW - 7 * DAY + HOUR), Sign.PASSWORD),
        (replace(QUIET, methods_added=(NOW - 300 * DAY, NOW - 6 * DAY)), Sign.METHODS),
        (replace(QUIET, methods_added=(None, NOW - 6 * DAY)), Sign.METHODS),
        (replace(QUIET, links_seen=(NOW - 90 * DAY, NOW - 29 * DAY)), Sign.YOUNG_LINK),
        (replace(QUIET, contacts_changed=(None, NOW - 29 * DAY)), Sign.CONTACT),
        (replace(QUIET, chat_email_differs=True), Sign.CHAT_EMAIL),
        (replace(QUIET, earlier_cases=2), Sign.OFTEN),
        (replace(QUIET, issued_today=50), Sign.DAILY_CAP),
    ],
)
def test_each_sign_raises_the_bar(signs: Signs, sign: Sign) -> None:
    assert standing(ORDINARY, signs, NOW, DEFAULT_RULES) == Standing(ORDINARY, raised=(sign.value,))


@pytest.mark.parametrize(
    "signs",
    [
        replace(QUIET, password_changed=NOW - 7 * DAY),
        replace(QUIET, methods_added=(NOW - 7 * DAY,)),
        replace(QUIET, methods_added=()),
        replace(QUIET, links_seen=(NOW - 30 * DAY,)),
        replace(QUIET, links_seen=()),
        replace(QUIET, contacts_changed=(NOW - 30 * DAY,)),
        replace(QUIET, contacts_changed=()),
        replace(QUIET, earlier_cases=1),
        replace(QUIET, issued_today=49),
    ],
)
def test_just_outside_it_does_not(signs: Signs) -> None:
    assert standing(ORDINARY, signs, NOW, DEFAULT_RULES) == Standing(ORDINARY)


@pytest.mark.parametrize(
    ("signs", "sign"),
    [
        (replace(QUIET, password_changed=None), Sign.PASSWORD),
        (replace(QUIET, methods_added=None), Sign.METHODS),
        (replace(QUIET, methods_added=(NOW - 300 * DAY, None)), Sign.METHODS),
        (replace(QUIET, links_seen=None), Sign.YOUNG_LINK),
        (replace(QUIET, contacts_changed=None), Sign.CONTACT),
        (replace(QUIET, contacts_changed=(NOW - 90 * DAY, None)), Sign.CONTACT),
        (replace(QUIET, chat_email_differs=None), Sign.CHAT_EMAIL),
        (replace(QUIET, daily_cap=None), Sign.DAILY_CAP),
    ],
)
def test_what_cannot_be_read_is_said_to_be_unknown(signs: Signs, sign: Sign) -> None:
    assert standing(ORDINARY, signs, NOW, DEFAULT_RULES) == Standing(ORDINARY, unknown=(sign.value,))


_some = st.lists(st.sampled_from([sign.value for sign in Sign]), unique=True).map(tuple)
_classified = st.builds(Classified, st.sampled_from(AccountClass), st.sampled_from(["ordinary", "unknown"]))


@given(st.builds(Standing, _classified, _some, _some))
def test_how_an_account_stands_can_be_stored_and_read_again(stands: Standing) -> None:
    assert Standing.read(stands.stored()) == stands
    assert len(stands.stored()) <= 300


@pytest.mark.parametrize("text", ["", "A", "E:x;;", "A;;", "A:ordinary;"])
def test_what_is_no_standing_is_none(text: str) -> None:
    assert Standing.read(text) is None


@pytest.mark.parametrize(
    ("approved", "bar", "until"),
    [
        (NOW, Bar(1), None),
        (NOW, Bar(2, HOUR), NOW + HOUR),
        # Tuesday 10:15 to 14:15 in Oslo, and Tuesday 14:15 to Wednesday 10:15.
        (NOW, Bar(2, 4 * HOUR, staffed=True), NOW + 4 * HOUR),
        (NOW + 4 * HOUR, Bar(2, 4 * HOUR, staffed=True), NOW + DAY),
        # In the evening, at night, and on a Friday afternoon.
        (NOW + 9 * HOUR, Bar(2, 4 * HOUR, staffed=True), datetime(2026, 11, 25, 11, tzinfo=UTC)),
        (
            datetime(2026, 11, 27, 14, tzinfo=UTC),
            Bar(2, 4 * HOUR, staffed=True),
            datetime(2026, 11, 30, 10, tzinfo=UTC),
        ),
        # Over Easter, and over the night on which the clocks go forward.
        (
            datetime(2027, 3, 24, 14, tzinfo=UTC),
            Bar(2, 4 * HOUR, staffed=True),
            datetime(2027, 3, 30, 9, tzinfo=UTC),
        ),
    ],
)
def test_from_when_on_a_pass_can_be_shown(approved: datetime, bar: Bar, until: datetime | None) -> None:
    assert not_before(approved, bar, OSLO) == until


@given(
    st.integers(0, 700 * 24 * 60).map(lambda minutes: NOW + minutes * timedelta(minutes=1)),
    st.integers(1, 24).map(lambda hours: hours * HOUR),
    st.booleans(),
)
def test_a_wait_is_never_shorter_than_it_says(approved: datetime, delay: timedelta, staffed: bool) -> None:
    until = not_before(approved, Bar(2, delay, staffed=staffed), OSLO)
    assert until is not None
    assert until - approved >= delay

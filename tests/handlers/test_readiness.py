"""Who is ready for the activation day, and what the others lack."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.methods import Kind, Method
from handlers.messages import Progress, Reminder
from handlers.readiness import TELECOM_ENDS, Missing, has_spare_of, missing, missing_of
from handlers.records import Strength
from handlers.store.registrations import strength_of

BEFORE = TELECOM_ENDS - timedelta(days=1)
NO_PROOF = {Kind.PASSWORD, Kind.PASS}


def lacks(kinds: set[Kind], day: date, *, own: bool) -> Missing:
    return missing([Method(f"id-{kind}", kind) for kind in kinds], day, own_telecom=own)


@pytest.mark.parametrize(
    ("kinds", "day", "own", "expected"),
    [
        (set(), BEFORE, False, "everything"),
        (NO_PROOF, BEFORE, False, "everything"),
        (NO_PROOF | {Kind.EMAIL}, BEFORE, True, "only-email"),
        ({Kind.PHONE}, BEFORE, False, "nothing"),
        ({Kind.PHONE}, TELECOM_ENDS, False, "only-telecom"),
        ({Kind.PHONE, Kind.EMAIL}, TELECOM_ENDS, False, "only-telecom"),
        ({Kind.PHONE}, TELECOM_ENDS, True, "nothing"),
        ({Kind.PHONE, Kind.AUTHENTICATOR}, TELECOM_ENDS, False, "nothing"),
        ({Kind.AUTHENTICATOR}, TELECOM_ENDS, False, "nothing"),
        ({Kind.SOFTWARE_OATH}, TELECOM_ENDS, False, "nothing"),
        ({Kind.FIDO2, Kind.PASSWORD}, TELECOM_ENDS, False, "nothing"),
        ({Kind.UNKNOWN}, TELECOM_ENDS, False, "nothing"),
    ],
)
def test_what_is_missing(kinds: set[Kind], day: date, own: bool, expected: str) -> None:
    assert lacks(kinds, day, own=own) == expected


sets = st.sets(st.sampled_from(Kind))
days = st.dates(date(2026, 1, 1), date(2028, 1, 1))


@given(sets, st.sampled_from(Kind), days, st.booleans())
def test_another_method_never_takes_readiness_away(
    kinds: set[Kind], more: Kind, day: date, own: bool
) -> None:
    if lacks(kinds, day, own=own) is Missing.NOTHING:
        assert lacks(kinds | {more}, day, own=own) is Missing.NOTHING


@given(sets, days)
def test_own_telecom_and_an_earlier_day_are_never_stricter(kinds: set[Kind], day: date) -> None:
    if lacks(kinds, day, own=False) is Missing.NOTHING:
        assert lacks(kinds, day, own=True) is Missing.NOTHING
        assert lacks(kinds, day - timedelta(days=40), own=False) is Missing.NOTHING


def test_the_messages_know_every_word_for_what_is_missing() -> None:
    assert {example.missing for example in Reminder.examples()} <= set(Missing) - {Missing.NOTHING}
    assert {example.missing for example in Progress.examples()} == set(Missing)


@given(sets, days, st.booleans())
def test_the_one_word_for_what_is_there_says_as_much_as_the_kinds(
    kinds: set[Kind], day: date, own: bool
) -> None:
    of_strength = {
        Strength.STRONG: {Kind.AUTHENTICATOR},
        Strength.TELECOM: {Kind.PHONE},
        Strength.EMAIL: {Kind.EMAIL},
        Strength.NOTHING: set(),
    }
    same = of_strength[strength_of(kinds)]
    assert missing_of(kinds, day, own_telecom=own) is missing_of(same, day, own_telecom=own)


@given(sets, days, st.booleans())
def test_a_spare_is_another_thing_to_sign_in_with(kinds: set[Kind], day: date, own: bool) -> None:
    spare = has_spare_of(kinds, day, own_telecom=own)
    assert not spare or missing_of(kinds, day, own_telecom=own) is Missing.NOTHING
    assert not has_spare_of({Kind.AUTHENTICATOR, Kind.SOFTWARE_OATH}, day, own_telecom=own)
    assert has_spare_of({Kind.AUTHENTICATOR, Kind.FIDO2}, day, own_telecom=own)
    assert has_spare_of({Kind.AUTHENTICATOR, Kind.PHONE}, day, own_telecom=own) is (own or day < TELECOM_ENDS)

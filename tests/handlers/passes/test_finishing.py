"""What the methods tell, what may be deleted, and when to look next: rules, for every order of things."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.methods import Kind, Method
from graph.passes import Reason, TemporaryAccessPass
from handlers.passes import finishing
from handlers.passes.finishing import compare, hindrance, is_old, is_too_late, next_look, of_pass
from handlers.records import Case
from handlers.states import CaseState, Finding, OldState
from tests.handlers.rig import MINUTE, NOW

LATER = NOW + 5 * MINUTE


def _case(before: str = "", state: CaseState = CaseState.USED) -> Case:
    return Case(
        id="K7QF-2M",
        target="t",
        target_name="n",
        target_upn="u",
        state=state,
        state_at=NOW,
        opened_at=NOW,
        issued_at=NOW,
        pass_expires_at=NOW + 60 * MINUTE,
        methods_before=before,
    )


def _methods(listed: Sequence[tuple[str, Kind]]) -> list[Method]:
    return [Method(*each) for each in listed]


@pytest.mark.parametrize(
    ("methods", "before", "new", "old"),
    [
        ([], "", None, ""),
        ([("p", Kind.PASSWORD), ("t", Kind.PASS)], "p", None, ""),
        ([("p", Kind.PASSWORD), ("a", Kind.AUTHENTICATOR)], "p", "a", ""),
        ([("a", Kind.AUTHENTICATOR)], "p,a", None, "a"),
        ([("a", Kind.AUTHENTICATOR), ("b", Kind.FIDO2)], "p,a", "b", "a"),
        ([("b", Kind.FIDO2), ("c", Kind.AUTHENTICATOR)], "", "c", ""),
        ([("a", Kind.SOFTWARE_OATH), ("n", Kind.PHONE)], "a,n", None, "an"),
        ([("k", Kind.FIDO2)], "k", None, ""),
        ([("e", Kind.EMAIL)], "", None, ""),
        ([("u", Kind.UNKNOWN)], "", "u", ""),
    ],
)
def test_what_the_methods_tell(
    methods: list[tuple[str, Kind]], before: str, new: str | None, old: str
) -> None:
    seen = compare(_methods(methods), _case(before))
    assert (seen.new.id if seen.new else None, "".join(each.id for each in seen.old)) == (new, old)


def test_the_telephone_in_the_office_was_not_lost() -> None:
    office = Method("o", Kind.PHONE, phone_type="office")
    assert compare([office], _case("o")).old == ()


def test_a_number_that_was_registered_anew_is_new_though_its_id_is_the_same() -> None:
    number = Method("n", Kind.PHONE, created=LATER, phone_type="mobile")
    assert compare([number], _case("n")).new == number
    assert hindrance("n", [number], _case("n")) is OldState.GONE


def test_the_second_number_goes_before_the_first() -> None:
    first = Method("m", Kind.PHONE, phone_type="mobile")
    second = Method("s", Kind.PHONE, phone_type="alternateMobile")
    new, case = Method("a", Kind.AUTHENTICATOR), _case("m,s")
    assert hindrance("m", [first, second, new], case) is OldState.OTHER_FIRST
    assert hindrance("s", [first, second, new], case) is None
    assert hindrance("m", [first, new], case) is None


_ids = st.sampled_from("abcdefgh")
_listed = st.lists(st.builds(Method, _ids, st.sampled_from(Kind)), max_size=6, unique_by=lambda each: each.id)


@given(_listed, st.sets(_ids), _ids)
def test_what_goes_was_there_before_and_something_new_stays(
    methods: list[Method], before: set[str], picked: str
) -> None:
    case = _case(",".join(sorted(before)))
    if hindrance(picked, methods, case) is not None:
        return
    [gone] = [each for each in methods if each.id == picked]
    rest = [each for each in methods if each is not gone]
    assert is_old(gone, case)
    assert gone.is_removable
    assert any(each.is_strong and each.id not in before for each in rest)


@given(_listed, st.sets(_ids))
def test_what_is_offered_can_be_deleted_one_after_the_other(methods: list[Method], before: set[str]) -> None:
    """Whatever is asked about: never the new one, and never a last one."""
    case, left = _case(",".join(sorted(before))), list(methods)
    seen = compare(methods, case)
    if seen.new is None:
        return
    for each in seen.old:
        assert hindrance(each.id, left, case) is None
        left.remove(each)
    assert seen.new in left


@given(st.timedeltas(timedelta(0), timedelta(days=15)), st.sampled_from([CaseState.ISSUED, CaseState.USED]))
def test_the_next_look_is_ahead_and_at_the_end_of_the_pass(stood: timedelta, state: CaseState) -> None:
    case, now = _case(state=state), NOW + stood
    at = next_look(case, now)
    assert now < at <= now + timedelta(hours=6)
    if state is CaseState.ISSUED and case.pass_expires_at is not None and now < case.pass_expires_at:
        assert at <= case.pass_expires_at


@pytest.mark.parametrize(
    ("state", "until", "most"),
    [(CaseState.ISSUED, timedelta(hours=1), 80), (CaseState.USED, timedelta(days=14), 200)],
)
def test_few_looks_where_nothing_happens(state: CaseState, until: timedelta, most: int) -> None:
    case, now, looks = _case(state=state), NOW, 0
    while now < NOW + until:
        now, looks = next_look(case, now), looks + 1
    assert looks < most


@given(st.timedeltas(timedelta(0), timedelta(hours=1)))
def test_more_time_is_never_told_than_there_is(used_after: timedelta) -> None:
    """The pass was used at any moment since the last look."""
    case = _case(state=CaseState.ISSUED)
    seen_at = next_look(case, NOW + used_after)
    until = finishing.register_until(case, seen_at)
    assert until <= NOW + used_after + finishing.TO_REGISTER + timedelta(seconds=30)
    assert case.pass_expires_at is not None
    assert until <= case.pass_expires_at


def test_it_is_too_late_once_neither_the_sign_in_nor_the_pass_lasts() -> None:
    case = _case()
    case.register_until = NOW + 10 * MINUTE
    assert not is_too_late(case, NOW + 69 * MINUTE)
    assert is_too_late(case, NOW + 70 * MINUTE)


@pytest.mark.parametrize(
    ("reason", "usable", "finding"),
    [
        (Reason.ENABLED, True, Finding.WORKS),
        (Reason.ENABLED, False, Finding.WAITS),
        (Reason.NOT_YET, False, Finding.WAITS),
        (Reason.UNKNOWN, False, Finding.WAITS),
        (Reason.DISABLED, False, Finding.POLICY),
        (Reason.EXPIRED, False, Finding.UNUSED),
        (Reason.USED, False, Finding.USED),
    ],
)
def test_only_what_graph_calls_usable_works(reason: Reason, usable: bool, finding: Finding) -> None:
    found = TemporaryAccessPass("x", NOW, NOW, 30 * MINUTE, usable, reason, usable_once=True)
    assert of_pass(found, NOW + MINUTE) is finding


def test_a_pass_that_is_not_there_is_gone() -> None:
    assert of_pass(None, NOW) is Finding.GONE

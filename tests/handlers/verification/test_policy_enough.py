"""What is enough: a table with a case for each row and edge, and what holds for every case."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.verification.policy import (
    DEFAULT_ROUTES,
    DEFAULT_RULES,
    EVIDENCE_AGE,
    AccountClass,
    Bar,
    Proof,
    Route,
    RouteKind,
    judge,
    renewed,
)

NOW = datetime(2026, 11, 24, 9, 15, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
A, B, C, D = AccountClass.A, AccountClass.B, AccountClass.C, AccountClass.D
_LEVELS = {route.name: route.level for route in DEFAULT_ROUTES}
_MOST_STRICT = timedelta(days=999)


def proof(route: str, actor: str | None = None, level: int | None = None, age: timedelta = MINUTE) -> Proof:
    return Proof(route, _LEVELS[route] if level is None else level, NOW - age, actor)


E4, E3 = proof("eid"), proof("eid", level=3)
O3, O3_OTHER = proof("desk", "amir"), proof("desk", "jonas")
V1, V1_OTHER, R1 = proof("video", "amir"), proof("video", "jonas"), proof("manager", "berit")
P1, M1, S1 = proof("sms"), proof("mail"), proof("recovery")


@pytest.mark.parametrize(
    ("proofs", "approvals", "delay"),
    [
        ([E4], 1, 0 * HOUR),
        ([E3], 1, 0 * HOUR),
        ([O3], 1, 0 * HOUR),
        ([O3, O3_OTHER], 1, 0 * HOUR),
        ([V1, P1], 2, 4 * HOUR),
        ([V1, M1], 2, 4 * HOUR),
        ([V1, S1], 2, 4 * HOUR),
        ([R1, P1], 2, 4 * HOUR),
        ([V1, R1], 2, 4 * HOUR),
        ([V1, P1, E3], 1, 0 * HOUR),
    ],
)
def test_enough_for_an_ordinary_account(proofs: list[Proof], approvals: int, delay: timedelta) -> None:
    verdict = judge(A, proofs, NOW)
    assert (verdict.enough, verdict.approvals, verdict.delay) == (True, approvals, delay)


@pytest.mark.parametrize(("account_class", "raised"), [(A, True), (B, False)], ids=["raised", "sensitive"])
@pytest.mark.parametrize(
    ("proofs", "delay"),
    [([E4], 0 * HOUR), ([O3, O3_OTHER], 0 * HOUR), ([E3, P1], HOUR), ([E4, P1], 0 * HOUR)],
)
def test_enough_where_the_bar_is_higher(
    account_class: AccountClass, raised: bool, proofs: list[Proof], delay: timedelta
) -> None:
    verdict = judge(account_class, proofs, NOW, raised=raised)
    assert (verdict.enough, verdict.approvals, verdict.delay) == (True, 2, delay)


@pytest.mark.parametrize("proofs", [[E4], [O3, O3_OTHER]])
def test_enough_where_the_bar_is_highest(proofs: list[Proof]) -> None:
    verdict = judge(B, proofs, NOW, raised=True)
    assert (verdict.enough, verdict.approvals, verdict.delay) == (True, 2, HOUR)


@pytest.mark.parametrize(
    ("account_class", "raised", "proofs", "reason"),
    [
        (A, False, [], "no-evidence"),
        (A, False, [V1], "second-method"),
        (A, False, [V1, V1], "second-method"),
        (A, False, [V1, V1_OTHER], "second-method"),
        (A, False, [P1], "second-method"),
        (A, False, [P1, M1, S1], "none-seen"),
        (A, False, [V1, proof("manager", "amir")], "same-person"),
        (A, False, [proof("eid", level=2)], "level"),
        (A, False, [proof("desk", "amir", level=0)], "level"),
        (A, True, [E3], "phone-code"),
        (A, True, [O3], "second-agent"),
        (A, True, [V1, P1], "highest"),
        (B, False, [E3], "phone-code"),
        (B, False, [E3, M1], "phone-code"),
        (B, False, [E3, S1], "phone-code"),
        (B, False, [E3, V1], "phone-code"),
        (B, False, [O3], "second-agent"),
        (B, False, [O3, O3], "second-agent"),
        (B, False, [O3, P1], "second-agent"),
        (B, False, [V1, P1, R1], "highest"),
        (B, False, [proof("desk", None), proof("desk", None)], "second-agent"),
        (B, True, [E3, P1], "highest"),
        (B, True, [E3, O3], "second-agent"),
        (C, False, [E4], "class"),
        (D, False, [E4, O3, O3_OTHER], "class"),
    ],
)
def test_not_enough(account_class: AccountClass, raised: bool, proofs: list[Proof], reason: str) -> None:
    verdict = judge(account_class, proofs, NOW, raised=raised)
    assert (verdict.enough, verdict.reason) == (False, reason)


@pytest.mark.parametrize(
    ("age", "reason"),
    [
        (timedelta(0), "enough"),
        (EVIDENCE_AGE, "enough"),
        (EVIDENCE_AGE + timedelta(microseconds=1), "evidence-old"),
        (timedelta(microseconds=-1), "evidence-old"),
    ],
)
def test_the_age_of_evidence(age: timedelta, reason: str) -> None:
    assert judge(A, [proof("desk", "amir", age=age)], NOW).reason == reason


def test_once_an_approver_has_decided_the_age_counts_from_then() -> None:
    old = proof("eid", age=90 * MINUTE)
    assert not judge(B, [old], NOW).enough
    assert judge(B, [old], NOW, decided_at=NOW - 45 * MINUTE).enough
    assert not judge(B, [old], NOW, decided_at=NOW - 20 * MINUTE).enough
    assert judge(B, [E4], NOW, decided_at=NOW - 45 * MINUTE).enough


@pytest.mark.parametrize(
    ("basis", "again", "is_renewed"),
    [
        ([E4], [E4], True),
        ([E4], [E3], False),
        ([E3, P1], [P1], False),
        ([E3, P1], [E3], True),
        ([V1, P1], [P1], True),
        ([V1, P1], [V1_OTHER], True),
        ([V1, P1], [M1], False),
        ([O3], [O3_OTHER], True),
        ([O3], [V1], False),
        ([O3], [], False),
    ],
)
def test_what_proves_it_again_before_the_pass_is_shown(
    basis: list[Proof], again: list[Proof], is_renewed: bool
) -> None:
    old = [replace(each, at=NOW - 5 * HOUR) for each in basis]
    assert renewed(old, [*old, *again], NOW, DEFAULT_RULES) is is_renewed


def test_a_route_that_is_no_more_counts_for_nothing() -> None:
    rules = replace(DEFAULT_RULES, routes=(Route("eid", RouteKind.EID, 4),))
    assert judge(A, [O3], NOW, rules=rules).reason == "level"


def test_evidence_counts_no_more_than_its_route_is_worth_today() -> None:
    high = Route("video", RouteKind.SEEN, 3, checks=("challenge", "photo-id", "face"))
    rules = replace(DEFAULT_RULES, routes=(high,))
    assert not judge(A, [Proof("video", 3, NOW, "amir")], NOW, rules=rules).enough


def test_two_routes_of_one_method_are_no_two_methods() -> None:
    zoom = Route("zoom", RouteKind.SEEN, 1, checks=("challenge",))
    rules = replace(DEFAULT_RULES, routes=(*DEFAULT_ROUTES, zoom))
    assert judge(A, [V1, Proof("zoom", 1, NOW, "jonas")], NOW, rules=rules).reason == "second-method"


_proofs = st.lists(
    st.builds(
        Proof,
        st.sampled_from([*_LEVELS, "gone"]),
        st.integers(0, 4),
        st.timedeltas(timedelta(minutes=-5), timedelta(minutes=90)).map(lambda age: NOW - age),
        st.sampled_from([None, "amir", "jonas", "berit"]),
    ),
    max_size=6,
)
_classes = st.sampled_from([A, B])


def _hardness(account_class: AccountClass, proofs: Sequence[Proof], *, raised: bool) -> tuple[int, timedelta]:
    """How much it takes; nothing at all is the hardest."""
    verdict = judge(account_class, proofs, NOW, raised=raised)
    return (verdict.approvals, verdict.delay) if verdict.enough else (999, _MOST_STRICT)


@given(st.sampled_from([C, D]), _proofs, st.booleans())
def test_the_highest_classes_are_never_enough(
    account_class: AccountClass, proofs: list[Proof], raised: bool
) -> None:
    assert not judge(account_class, proofs, NOW, raised=raised).enough


@given(_classes, _proofs, _proofs, st.booleans())
def test_more_evidence_never_makes_it_less(
    account_class: AccountClass, proofs: list[Proof], more: list[Proof], raised: bool
) -> None:
    with_more = _hardness(account_class, [*proofs, *more], raised=raised)
    assert with_more <= _hardness(account_class, proofs, raised=raised)


@given(_classes, _proofs)
def test_raising_the_bar_never_makes_it_easier(account_class: AccountClass, proofs: list[Proof]) -> None:
    mild = _hardness(account_class, proofs, raised=False)
    strict = _hardness(account_class, proofs, raised=True)
    assert strict[0] >= mild[0]
    assert (
        judge(account_class, proofs, NOW).enough or not judge(account_class, proofs, NOW, raised=True).enough
    )


@given(_proofs, st.booleans())
def test_the_stricter_class_is_never_easier(proofs: list[Proof], raised: bool) -> None:
    assert _hardness(B, proofs, raised=raised)[0] >= _hardness(A, proofs, raised=raised)[0]


@given(_classes, _proofs, st.booleans())
def test_whatever_is_enough_rests_on_fresh_evidence_and_takes_an_approver(
    account_class: AccountClass, proofs: list[Proof], raised: bool
) -> None:
    verdict = judge(account_class, proofs, NOW, raised=raised)
    fresh = [each for each in proofs if timedelta(0) <= NOW - each.at <= EVIDENCE_AGE]
    assert verdict.enough is judge(account_class, fresh, NOW, raised=raised).enough
    if verdict.enough:
        assert verdict.approvals >= 1
        assert verdict.basis
        assert set(verdict.basis) <= set(fresh)
        assert len(verdict.basis) > 1 or verdict.basis[0].level >= 3


@given(_proofs)
def test_video_is_never_enough_by_itself(proofs: list[Proof]) -> None:
    seen = [each for each in proofs if each.route == "video"]
    assert not judge(A, seen, NOW).enough


def test_the_defaults_are_those_of_the_policy() -> None:
    rules = DEFAULT_RULES
    assert (rules.strong, rules.weak) == (Bar(1), Bar(2, 4 * HOUR, staffed=True))
    assert (rules.strict, rules.strict_eid, rules.strictest) == (Bar(2), Bar(2, HOUR), Bar(2, HOUR))
    assert rules.evidence_age == HOUR
    assert (rules.cap(100), rules.cap(10_000), rules.cap(20_000)) == (50, 50, 100)

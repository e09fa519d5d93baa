"""The rules of verification: a table of cases, and what holds for every case."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.verification.policy import (
    EVIDENCE_AGE,
    AccountClass,
    AccountFacts,
    Proof,
    Roles,
    classify,
    judge,
    may_approve,
    pass_lifetime,
)

NOW = datetime(2026, 11, 24, 9, 15, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
A, B, C, D = AccountClass.A, AccountClass.B, AccountClass.C, AccountClass.D

_maybe = st.sampled_from([None, False, True])
_facts = st.builds(
    AccountFacts, enabled=_maybe, guest=_maybe, privileged=_maybe, support=_maybe, sensitive=_maybe
)
_moments = st.timedeltas(timedelta(days=-400), timedelta(days=400)).map(lambda by: NOW + by)
_proofs = st.lists(st.builds(Proof, st.just("desk"), st.integers(0, 4), _moments, st.none()), max_size=6)


def _fact(
    enabled: bool | None = True,
    guest: bool | None = False,
    privileged: bool | None = False,
    support: bool | None = False,
    sensitive: bool | None = False,
) -> AccountFacts:
    return AccountFacts(enabled, guest, privileged, support, sensitive)


def _proof(level: int = 3, age: timedelta = MINUTE) -> Proof:
    return Proof("desk", level, NOW - age, "agent")


@pytest.mark.parametrize(
    ("facts", "account_class", "reason"),
    [
        (_fact(), A, "ordinary"),
        (_fact(sensitive=True), B, "sensitive"),
        (_fact(support=True), C, "approver"),
        (_fact(privileged=True), C, "privileged"),
        (_fact(privileged=True, sensitive=True), C, "privileged"),
        (_fact(guest=True), D, "guest"),
        (_fact(enabled=False), D, "disabled"),
        (_fact(enabled=False, guest=None, privileged=None), D, "disabled"),
        (_fact(enabled=None), C, "unknown"),
        (_fact(guest=None), C, "unknown"),
        (_fact(privileged=None), C, "unknown"),
        (_fact(support=None), C, "unknown"),
        (_fact(sensitive=None), C, "unknown"),
        (_fact(privileged=True, support=None), C, "privileged"),
    ],
)
def test_classes(facts: AccountFacts, account_class: AccountClass, reason: str) -> None:
    found = classify(facts)
    assert (found.account_class, found.reason) == (account_class, reason)
    assert found.may_have_pass is (account_class in (A, B))


@given(_facts)
def test_an_unknown_fact_never_gets_a_pass(facts: AccountFacts) -> None:
    everything = (facts.enabled, facts.guest, facts.privileged, facts.support, facts.sensitive)
    if None in everything:
        assert not classify(facts).may_have_pass


@given(_facts)
def test_only_an_enabled_ordinary_member_may_have_a_pass(facts: AccountFacts) -> None:
    wanted = facts.enabled is True and (facts.guest, facts.privileged, facts.support) == (False, False, False)
    assert classify(facts).may_have_pass is (wanted and facts.sensitive is not None)


@pytest.mark.parametrize(
    ("account_class", "proofs", "enough", "approvals", "reason"),
    [
        (A, [], False, 0, "no-evidence"),
        (A, [_proof(3)], True, 1, "enough"),
        (A, [_proof(4)], True, 1, "enough"),
        (A, [_proof(2)], False, 1, "level"),
        (A, [_proof(3, EVIDENCE_AGE)], True, 1, "enough"),
        (A, [_proof(3, EVIDENCE_AGE + timedelta(microseconds=1))], False, 0, "evidence-old"),
        (A, [_proof(3, timedelta(microseconds=-1))], False, 0, "evidence-old"),
        (A, [_proof(3, timedelta(0))], True, 1, "enough"),
        (A, [_proof(4, 61 * MINUTE), _proof(2)], False, 1, "level"),
        (A, [_proof(4, 61 * MINUTE), _proof(3)], True, 1, "enough"),
        (B, [_proof(3)], False, 2, "level"),
        (B, [_proof(3), _proof(3)], False, 2, "level"),
        (B, [_proof(4)], True, 2, "enough"),
        (C, [_proof(4)], False, 0, "class"),
        (D, [_proof(4)], False, 0, "class"),
    ],
)
def test_verdicts(
    account_class: AccountClass, proofs: list[Proof], enough: bool, approvals: int, reason: str
) -> None:
    verdict = judge(account_class, proofs, NOW)
    assert (verdict.enough, verdict.approvals, verdict.reason) == (enough, approvals, reason)


@given(st.sampled_from([C, D]), _proofs)
def test_the_highest_classes_are_never_enough(account_class: AccountClass, proofs: list[Proof]) -> None:
    assert not judge(account_class, proofs, NOW).enough


@given(st.sampled_from([A, B]), _proofs, st.lists(_moments.filter(lambda at: at > NOW), max_size=3))
def test_evidence_of_the_future_or_too_old_counts_for_nothing(
    account_class: AccountClass, proofs: list[Proof], ahead: list[datetime]
) -> None:
    future = [Proof("eid", 4, at, None) for at in ahead]
    fresh = [proof for proof in proofs if NOW - EVIDENCE_AGE <= proof.at <= NOW]
    verdict = judge(account_class, [*future, *proofs], NOW)
    assert verdict.enough is judge(account_class, fresh, NOW).enough
    if verdict.enough:
        assert any(proof.level >= (3 if account_class is A else 4) for proof in fresh)
        assert verdict.approvals >= 1


@pytest.mark.parametrize(
    ("approver", "refusal"),
    [
        ("somebody", None),
        ("target", "own-case"),
        ("starter", "agent-of-case"),
        ("first-agent", "agent-of-case"),
        ("second-agent", "agent-of-case"),
    ],
)
def test_who_may_approve(approver: str, refusal: str | None) -> None:
    roles = Roles("target", "starter", frozenset({"first-agent", "second-agent"}))
    assert may_approve(roles, approver) == refusal


def test_who_opened_nothing_may_be_nobody() -> None:
    assert may_approve(Roles("target", None, frozenset()), "somebody") is None


@pytest.mark.parametrize(
    ("wanted", "minimum", "maximum", "lifetime"),
    [(30, 10, 480, 30), (30, 60, 480, 60), (30, 30, 30, 30), (30, 10, 20, None), (30, 60, 60, 60)],
)
def test_lifetimes(wanted: int, minimum: int, maximum: int, lifetime: int | None) -> None:
    found = pass_lifetime(wanted * MINUTE, minimum * MINUTE, maximum * MINUTE)
    assert found == (None if lifetime is None else lifetime * MINUTE)


_lengths = st.integers(1, 100_000).map(lambda minutes: minutes * MINUTE)


@given(_lengths, _lengths, _lengths)
def test_a_lifetime_is_within_the_tenants_limits(
    wanted: timedelta, minimum: timedelta, maximum: timedelta
) -> None:
    lifetime = pass_lifetime(wanted, minimum, maximum)
    assert lifetime is None or max(minimum, wanted) == lifetime <= maximum

"""Classes, parts and lifetimes: a table of cases, and what holds for every case."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.verification.policy import (
    AccountClass,
    AccountFacts,
    Roles,
    classify,
    may_approve,
    pass_lifetime,
)

MINUTE = timedelta(minutes=1)
A, B, C, D = AccountClass.A, AccountClass.B, AccountClass.C, AccountClass.D

_maybe = st.sampled_from([None, False, True])
_facts = st.builds(
    AccountFacts,
    enabled=_maybe,
    guest=_maybe,
    privileged=_maybe,
    support=_maybe,
    sensitive=_maybe,
    reserved=_maybe,
)


def _fact(
    enabled: bool | None = True,
    guest: bool | None = False,
    privileged: bool | None = False,
    support: bool | None = False,
    sensitive: bool | None = False,
    reserved: bool | None = False,
) -> AccountFacts:
    return AccountFacts(enabled, guest, privileged, support, sensitive, reserved)


@pytest.mark.parametrize(
    ("facts", "account_class", "reason"),
    [
        (_fact(), A, "ordinary"),
        (_fact(sensitive=True), B, "sensitive"),
        (_fact(support=True), C, "support"),
        (_fact(reserved=True), C, "reserved"),
        (_fact(reserved=True, sensitive=True), C, "reserved"),
        (_fact(reserved=None), C, "unknown"),
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
    everything = (
        facts.enabled,
        facts.guest,
        facts.privileged,
        facts.support,
        facts.sensitive,
        facts.reserved,
    )
    if None in everything:
        assert not classify(facts).may_have_pass


@given(_facts)
def test_only_an_enabled_ordinary_member_may_have_a_pass(facts: AccountFacts) -> None:
    against = (facts.guest, facts.privileged, facts.support, facts.reserved)
    wanted = facts.enabled is True and against == (False, False, False, False)
    assert classify(facts).may_have_pass is (wanted and facts.sensitive is not None)


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


_people = st.sampled_from(["target", "amir", "jonas", "berit"])


@given(_people, st.none() | _people, st.frozensets(_people))
def test_whoever_has_another_part_never_approves(
    target: str, starter: str | None, agents: frozenset[str]
) -> None:
    roles = Roles(target, starter, agents)
    for person in {target, *agents, *([starter] if starter else [])}:
        assert may_approve(roles, person) is not None


def test_who_opened_nothing_may_be_nobody() -> None:
    assert may_approve(Roles("target", None, frozenset()), "somebody") is None


@pytest.mark.parametrize(
    ("wanted", "minimum", "maximum", "lifetime"),
    [
        (30, 10, 480, 30),
        (30, 60, 480, 60),
        (30, 30, 30, 30),
        (30, 10, 20, None),
        (30, 60, 60, 60),
        (90, 10, 480, 60),
        (90, 75, 480, 75),
    ],
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
    assert lifetime is None or max(minimum, min(wanted, 60 * MINUTE)) == lifetime <= maximum

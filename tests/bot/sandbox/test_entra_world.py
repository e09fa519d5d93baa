"""The people of Fjordheim: all different, all of the kinds that stories need, none of them real."""

import re
from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.world import AGENTS, APPROVERS, DOMAIN, FJORDHEIM, Kind, guid, slack_id, synthetic_number

PEOPLE = FJORDHEIM.residents


def test_everybody_has_ids_of_their_own() -> None:
    for ids in (
        [r.object_id for r in PEOPLE],
        [r.upn for r in PEOPLE],
        [r.mail for r in PEOPLE],
        [r.slack_id for r in PEOPLE if r.slack_id],
        [r.person_number for r in PEOPLE if r.person_number],
        [g.object_id for g in FJORDHEIM.groups],
    ):
        assert len(set(ids)) == len(ids)


def test_ids_have_the_form_of_their_platform() -> None:
    assert all(r.slack_id is None or re.fullmatch(r"U0[0-9A-Z]{9}", r.slack_id) for r in PEOPLE)
    assert re.fullmatch(r"T0[0-9A-Z]{9}", FJORDHEIM.slack_workspace)
    assert all(r.upn.endswith(f"@{DOMAIN}") for r in PEOPLE)
    assert guid("user", "kari.braten") == FJORDHEIM.named("Kari Bråten").object_id


def test_every_role_in_a_story_is_cast() -> None:
    approvers, agents = set(FJORDHEIM.members(APPROVERS)), set(FJORDHEIM.members(AGENTS))
    assert approvers - agents
    assert agents - approvers
    assert approvers & agents
    assert {r.kind for r in PEOPLE} == set(Kind)
    assert any(r.roles for r in PEOPLE)
    assert any(r.eligible for r in PEOPLE)
    assert any(r.external for r in PEOPLE)
    assert any(not r.enabled for r in PEOPLE)
    assert any(r.methods == ("phone",) for r in PEOPLE)
    assert any(set(r.methods) == {"authenticator", "fido2"} for r in PEOPLE)
    assert sum(not r.methods for r in PEOPLE) >= 5
    assert {r.language.value for r in PEOPLE} == {"en", "nb", "nn"}
    assert any(r.upn != r.mail for r in PEOPLE)


def test_nested_groups_are_followed() -> None:
    assert FJORDHEIM.named("Torunn Bø") in FJORDHEIM.members("Wave 1 staff")
    assert FJORDHEIM.named("Nora Lindqvist") not in FJORDHEIM.members("Wave 1 staff")


def test_every_name_of_a_group_or_manager_is_somebody() -> None:
    for resident in PEOPLE:
        for name in resident.groups:
            FJORDHEIM.group(name)
        if resident.manager:
            FJORDHEIM.named(resident.manager)


def test_looking_somebody_up() -> None:
    kari = FJORDHEIM.named("Kari Bråten")

    assert FJORDHEIM.by_id(kari.object_id) == kari
    assert FJORDHEIM.by_upn(kari.upn.upper()) == kari
    assert FJORDHEIM.by_slack_id(str(kari.slack_id)) == kari
    with pytest.raises(LookupError, match="nobody"):
        FJORDHEIM.named("Kari")
    with pytest.raises(LookupError, match="2 people"):
        FJORDHEIM.named("Anne Hansen")
    assert Counter(r.name for r in PEOPLE)["Anne Hansen"] == 2


@given(st.dates(min_value=date(1940, 1, 1), max_value=date(2039, 12, 31)), st.text())
def test_a_synthetic_number_is_right_in_form_and_wrong_in_month(born: date, seed: str) -> None:
    digits = [int(digit) for digit in synthetic_number(born, seed)]

    assert len(digits) == 11
    assert 81 <= digits[2] * 10 + digits[3] <= 92
    first, second = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
    assert sum(w * d for w, d in zip(first, digits[:10], strict=True)) % 11 == 0
    assert sum(w * d for w, d in zip(second, digits, strict=True)) % 11 == 0


@given(st.text(), st.text())
def test_ids_depend_on_nothing_but_their_seed(one: str, other: str) -> None:
    assert slack_id("U", one) == slack_id("U", one)
    assert (guid(one) == guid(other)) is (one == other)

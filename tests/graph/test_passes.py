"""Passes from their making to their end."""

import pickle
from copy import deepcopy
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import BadRequest, NotFound, OutcomeUnknown
from graph.passes import EVERYBODY, PassPolicy, Reason, Target
from graph.paths import path
from graph.secret import Secret
from tests.graph.rig import Rig

HOUR = timedelta(hours=1)


async def test_the_code_comes_once_and_opens_the_account(rig: Rig) -> None:
    kari = rig.who("Kari Bråten")

    made = await rig.passes.create(kari.object_id, HOUR)

    assert made.pass_.usable
    assert made.pass_.reason is Reason.ENABLED
    assert made.pass_.usable_once
    assert made.pass_.expires - made.pass_.start == HOUR
    assert rig.entra.devices.sign_in_with_pass(kari, made.code.reveal()).account_id == kari.object_id
    assert rig.entra.requests[-1].body == {"lifetimeInMinutes": 60, "isUsableOnce": True}


async def test_its_use_is_seen(rig: Rig) -> None:
    kari = rig.who("Kari Bråten")
    made = await rig.passes.create(kari.object_id, HOUR)
    rig.entra.devices.sign_in_with_pass(kari, made.code.reveal())

    (seen,) = await rig.passes.list(kari.object_id)

    assert seen.id == made.pass_.id
    assert (seen.usable, seen.reason) == (False, Reason.USED)
    assert (await rig.passes.get(kari.object_id, seen.id)) == seen


async def test_its_end_is_seen(rig: Rig) -> None:
    kari = rig.who("Kari Bråten").object_id
    made = await rig.passes.create(kari, HOUR)
    rig.clock.move_to(made.pass_.expires + timedelta(seconds=1))

    assert [found.reason for found in await rig.passes.list(kari)] == [Reason.EXPIRED]


async def test_one_for_later(rig: Rig) -> None:
    kari = rig.who("Kari Bråten").object_id

    made = await rig.passes.create(kari, HOUR, start=rig.clock.now() + HOUR, usable_once=False)
    assert (made.pass_.usable, made.pass_.reason) == (False, Reason.NOT_YET)

    rig.clock.move(HOUR + timedelta(seconds=1))
    (seen,) = await rig.passes.list(kari)
    assert (seen.usable, seen.reason, seen.usable_once) == (True, Reason.ENABLED, False)


async def test_a_second_one_replaces_the_first(rig: Rig) -> None:
    kari = rig.who("Kari Bråten").object_id
    first = await rig.passes.create(kari, HOUR)
    second = await rig.passes.create(kari, HOUR)

    assert [found.id for found in await rig.passes.list(kari)] == [second.pass_.id]
    with pytest.raises(NotFound):
        await rig.passes.get(kari, first.pass_.id)


async def test_a_deleted_one_is_gone(rig: Rig) -> None:
    kari = rig.who("Kari Bråten").object_id
    made = await rig.passes.create(kari, HOUR)

    await rig.passes.delete(kari, made.pass_.id)

    assert await rig.passes.list(kari) == ()
    with pytest.raises(NotFound):
        await rig.passes.delete(kari, made.pass_.id)


@pytest.mark.parametrize("minutes", [5, 59, 481, 43_201])
async def test_a_lifetime_outside_the_policy_is_refused(rig: Rig, minutes: int) -> None:
    with pytest.raises(BadRequest, match="between 60 and 480"):
        await rig.passes.create(rig.who("Kari Bråten").object_id, timedelta(minutes=minutes))


@pytest.mark.parametrize("name", ["Kofi Mensah", "Lucia Ferrari"])
async def test_who_signs_in_elsewhere_gets_none(rig: Rig, name: str) -> None:
    with pytest.raises(BadRequest, match="external guest"):
        await rig.passes.create(rig.who(name).object_id, HOUR)


async def test_an_internal_guest_gets_one(rig: Rig) -> None:
    assert (await rig.passes.create(rig.who("Peder Moen").object_id, HOUR)).pass_.usable


async def test_nobody_gets_one_that_does_not_exist(rig: Rig) -> None:
    with pytest.raises(NotFound):
        await rig.passes.create("b2c0f5a8-0000-4000-8000-000000000000", HOUR)


async def test_a_success_without_a_code_is_an_unknown_outcome(rig: Rig) -> None:
    where = "POST */temporaryAccessPassMethods"
    rig.entra.faults.answer(where, 201)

    with pytest.raises(OutcomeUnknown, match="code did not come"):
        await rig.passes.create(rig.who("Kari Bråten").object_id, HOUR)

    assert len(rig.entra.requests) == 1


async def test_the_policy_as_it_is(rig: Rig) -> None:
    library = rig.entra.world.group("Library").object_id
    rig.entra.policy.minimum, rig.entra.policy.usable_once = 30, True
    rig.entra.policy.excluded.append(("group", library))

    policy = await rig.passes.policy()

    assert policy.enabled
    assert policy.minimum_lifetime == timedelta(minutes=30)
    assert policy.maximum_lifetime == timedelta(hours=8)
    assert policy.default_lifetime == HOUR
    assert policy.default_length == 8
    assert policy.usable_once
    assert policy.groups == {library}
    assert policy.included == (Target("group", EVERYBODY),)
    rig.entra.policy.enabled = False
    assert not (await rig.passes.policy()).enabled


@pytest.mark.parametrize("name", ["Torunn Bø", "Kari Bråten"])
async def test_graph_and_our_reading_of_the_policy_agree(rig: Rig, name: str) -> None:
    user = rig.who(name).object_id
    rig.entra.policy.excluded.append(("group", rig.entra.world.group("Library").object_id))
    policy = await rig.passes.policy()

    covered = policy.covers(user, await rig.groups.is_member(user, policy.groups))

    assert covered is (name == "Kari Bråten")
    if covered:
        await rig.passes.create(user, HOUR)
    else:
        with pytest.raises(BadRequest, match=r"^Converged UserCredentialPolicy"):
            await rig.passes.create(user, HOUR)


NAMES = st.sampled_from(["a", "b", "c", "user", EVERYBODY])


@given(st.lists(NAMES), st.lists(NAMES), st.sets(st.sampled_from(["a", "b", "c"])), st.booleans())
def test_exclusion_wins(included: list[str], excluded: list[str], member_of: set[str], enabled: bool) -> None:
    policy = PassPolicy(
        enabled=enabled,
        minimum_lifetime=HOUR,
        maximum_lifetime=HOUR,
        default_lifetime=HOUR,
        default_length=8,
        usable_once=True,
        included=tuple(Target("group", name) for name in included),
        excluded=tuple(Target("group", name) for name in excluded),
    )
    mine = {*member_of, "user", EVERYBODY}

    expected = enabled and bool(mine & set(included)) and not mine & set(excluded)
    assert policy.covers("user", member_of) is expected


class TestSecret:
    """A code that is printed, kept or passed on by accident."""

    def test_it_is_masked_in_every_form(self) -> None:
        secret = Secret("6tL0QA!R")

        assert "6tL0QA!R" not in f"{secret} {secret!r} {secret!s} {secret:>20} {[secret]} {(secret,)}"
        assert secret.reveal() == "6tL0QA!R"

    def test_it_cannot_be_copied(self) -> None:
        for copying in (pickle.dumps, deepcopy):
            with pytest.raises(TypeError):
                copying(Secret("6tL0QA!R"))

    def test_equal_is_only_the_same(self) -> None:
        assert Secret("a") == Secret("a")
        assert Secret("a") != Secret("b")
        assert Secret("a") != "a"
        assert len({Secret("a"), Secret("a"), Secret("b")}) == 2
        assert not Secret("")


async def test_multi_use_under_a_one_time_policy_is_refused(rig: Rig) -> None:
    rig.entra.policy.usable_once = True

    with pytest.raises(BadRequest):
        await rig.passes.create(rig.who("Kari Bråten").object_id, HOUR, usable_once=False)


async def test_the_list_takes_no_options(rig: Rig) -> None:
    where = path("/users/{user}/authentication/temporaryAccessPassMethods", user=rig.who("Kari Bråten").upn)

    with pytest.raises(BadRequest):
        await rig.client.get(where, {"$select": "id"})

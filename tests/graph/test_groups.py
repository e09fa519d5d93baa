"""Memberships, nested ones included."""

import pytest

from bot.sandbox.world import AGENTS, APPROVERS, ON_CALL, guid
from graph.errors import BadRequest, Forbidden, NotFound
from graph.paths import path
from tests.graph.rig import Rig


async def test_a_member_of_a_nested_group_is_a_member(rig: Rig) -> None:
    world = rig.entra.world
    ids = {name: world.group(name).object_id for name in (APPROVERS, AGENTS, ON_CALL)}

    found = await rig.groups.is_member(rig.who("Tomasz Nowak").object_id, ids.values())

    assert found == {ids[APPROVERS], ids[ON_CALL]}


async def test_many_groups_are_asked_for_twenty_at_a_time(rig: Rig) -> None:
    library = rig.entra.world.group("Library").object_id
    strangers = [guid("stranger", str(number)) for number in range(44)]

    found = await rig.groups.is_member(rig.who("Torunn Bø").object_id, [*strangers, library, library])

    assert found == {library}
    assert len(rig.entra.sent("POST", "/checkMemberGroups")) == 3


async def test_no_groups_no_question(rig: Rig) -> None:
    assert await rig.groups.is_member(rig.who("Torunn Bø").object_id, []) == set()
    assert rig.entra.requests == []


async def test_asking_is_no_creating_and_is_repeated(rig: Rig) -> None:
    library = rig.entra.world.group("Library").object_id
    rig.entra.faults.lose_answer("POST *")

    assert await rig.groups.is_member(rig.who("Torunn Bø").object_id, [library]) == {library}


async def test_without_one_of_both_permissions_nobody_can_tell(rig: Rig) -> None:
    rig.entra.faults.missing.add("GroupMember.Read.All")

    with pytest.raises(Forbidden):
        await rig.groups.is_member(rig.who("Torunn Bø").object_id, ["x"])


async def test_members_of_all_pages(rig: Rig) -> None:
    rig.entra.paging.size = 4
    rig.entra.paging.empty_first = True
    employees = rig.entra.world.group("Employees")

    members = [member async for member in rig.groups.members(employees.object_id)]

    assert {m.id for m in members} == {r.object_id for r in rig.entra.world.members("Employees")}
    assert {m.upn for m in members} >= {rig.who("Torunn Bø").upn, rig.who("Unni Bergersen").upn}
    assert [m.account_enabled for m in members].count(False) == 1


async def test_a_group_that_is_none(rig: Rig) -> None:
    with pytest.raises(NotFound):
        [member async for member in rig.groups.members("b2c0f5a8-0000-4000-8000-000000000000")]


async def test_more_than_twenty_are_refused_by_graph(rig: Rig) -> None:
    where = path("/users/{user}/checkMemberGroups", user=rig.who("Torunn Bø").object_id)
    with pytest.raises(BadRequest):
        await rig.client.ask(where, {"groupIds": ["x"] * 21})

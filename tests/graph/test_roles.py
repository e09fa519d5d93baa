"""Who is privileged, by every way there is, and what an unanswered question means."""

import pytest

from bot.sandbox.world import GLOBAL_ADMINISTRATOR, USER_ADMINISTRATOR
from graph.errors import Forbidden, GraphError, NotFound, Unavailable, Unreadable
from tests.graph.rig import Rig


async def test_an_ordinary_employee_is_not(rig: Rig) -> None:
    facts = await rig.roles.privileged(rig.who("Kari Bråten").object_id)

    assert not facts.privileged


async def test_an_active_role_of_ones_own(rig: Rig) -> None:
    facts = await rig.roles.privileged(rig.who("Astrid Kvamme").object_id)

    assert facts.privileged
    assert facts.assigned == facts.held == {GLOBAL_ADMINISTRATOR.template_id}


async def test_a_role_that_can_be_activated(rig: Rig) -> None:
    facts = await rig.roles.privileged(rig.who("Rune Tveit").object_id)

    assert facts.privileged
    assert facts.eligible == {GLOBAL_ADMINISTRATOR.template_id}
    assert not facts.assigned | facts.held


async def test_a_role_through_a_group(rig: Rig) -> None:
    facts = await rig.roles.privileged(rig.who("Siri Haugland").object_id)

    assert facts.privileged
    assert facts.assigned == {USER_ADMINISTRATOR.template_id}
    assert facts.member_of == {rig.entra.world.group("Directory operators").object_id}


async def test_an_eligible_role_through_a_group(rig: Rig) -> None:
    group = rig.entra.world.group("Directory operators").object_id
    rig.entra.tenant.roles[group].clear()
    rig.entra.tenant.eligible[group].add(USER_ADMINISTRATOR.template_id)

    facts = await rig.roles.privileged(rig.who("Siri Haugland").object_id)

    assert facts.eligible == {USER_ADMINISTRATOR.template_id}
    assert not facts.assigned


async def test_a_role_assignable_group_counts_without_any_role(rig: Rig) -> None:
    rig.entra.tenant.roles[rig.entra.world.group("Directory operators").object_id].clear()

    facts = await rig.roles.privileged(rig.who("Siri Haugland").object_id)

    assert facts.privileged
    assert facts.member_of
    assert not facts.assigned | facts.held | facts.eligible


async def test_the_owner_of_a_role_assignable_group(rig: Rig) -> None:
    group = rig.entra.world.group("Directory operators").object_id
    rig.entra.tenant.groups[group].owners.add(rig.who("Kari Bråten").object_id)

    facts = await rig.roles.privileged(rig.who("Kari Bråten").object_id)

    assert facts.privileged
    assert facts.owner_of == {group}


async def test_the_owner_of_any_other_group_is_not(rig: Rig) -> None:
    group = rig.entra.world.group("Library").object_id
    rig.entra.tenant.groups[group].owners.add(rig.who("Kari Bråten").object_id)

    assert not (await rig.roles.privileged(rig.who("Kari Bråten").object_id)).privileged


async def test_whose_management_is_restricted(rig: Rig) -> None:
    facts = await rig.roles.privileged(rig.who("Randi Moe").object_id)

    assert facts.privileged
    assert facts.management_restricted


async def test_all_pages_are_read(rig: Rig) -> None:
    rig.entra.paging.size = 1
    rig.entra.paging.empty_first = True

    for name in ("Astrid Kvamme", "Rune Tveit", "Siri Haugland"):
        assert (await rig.roles.privileged(rig.who(name).object_id)).privileged


@pytest.mark.parametrize(
    "pattern",
    [
        "GET /users/????????-????-????-????-????????????",
        "GET */transitiveMemberOf",
        "GET */ownedObjects",
        "GET */roleAssignments",
        "GET */roleEligibilityScheduleInstances",
    ],
)
@pytest.mark.parametrize(("status", "error"), [(403, Forbidden), (404, NotFound), (503, Unavailable)])
async def test_one_failed_look_up_fails_the_whole(
    rig: Rig, pattern: str, status: int, error: type[GraphError]
) -> None:
    rig.entra.faults.answer(pattern, status, times=None)

    with pytest.raises(error):
        await rig.roles.privileged(rig.who("Kari Bråten").object_id)


@pytest.mark.parametrize(
    "permission", ["User.Read.All", "GroupMember.Read.All", "RoleManagement.Read.Directory"]
)
async def test_without_a_permission_nobody_can_tell(rig: Rig, permission: str) -> None:
    rig.entra.faults.missing.add(permission)

    with pytest.raises(Forbidden, match=permission):
        await rig.roles.privileged(rig.who("Kari Bråten").object_id)


async def test_a_link_to_elsewhere_hides_no_role(rig: Rig) -> None:
    rig.entra.paging.size = 1
    rig.entra.paging.astray = "https://graph.evil.example/v1.0/empty"

    with pytest.raises(Unreadable):
        await rig.roles.privileged(rig.who("Astrid Kvamme").object_id)

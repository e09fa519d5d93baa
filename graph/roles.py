"""Whether an account is privileged. Graph lets us make a pass for anybody, so the caller has to refuse."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graph.client import GraphClient
from graph.fields import TYPE, Row, maybe_flag, maybe_text, text
from graph.groups import MEMBERS
from graph.paths import Path, equals, path
from graph.together import together
from graph.users import USERS

ROLES = "RoleManagement.Read.Directory"

_ROLE = "#microsoft.graph.directoryRole"
_GROUP = "#microsoft.graph.group"
_ASSIGNED = path("/roleManagement/directory/roleAssignments")
_ELIGIBLE = path("/roleManagement/directory/roleEligibilityScheduleInstances")
_HELD = (_ASSIGNED, _ELIGIBLE)


@dataclass(frozen=True)
class PrivilegeFacts:
    """What makes an account privileged. Roles are template ids; groups are object ids.

    The protected accounts are those of
    https://learn.microsoft.com/entra/identity/role-based-access-control/privileged-roles-permissions
    """

    assigned: frozenset[str]
    """Roles assigned to the account or to a role-assignable group it is in."""
    held: frozenset[str]
    """Directory roles that the account is a member of, in whatever way."""
    eligible: frozenset[str]
    """Roles that the account, or a group it is in, may activate in PIM."""
    groups: frozenset[str]
    """Every group that the account is in, directly or through others; no reason in itself."""
    member_of: frozenset[str]
    """Role-assignable groups that the account is in."""
    owner_of: frozenset[str]
    """Role-assignable groups that the account owns."""
    management_restricted: bool

    @property
    def privileged(self) -> bool:
        """Whether there is any reason at all."""
        return self.management_restricted or any(
            (self.assigned, self.held, self.eligible, self.member_of, self.owner_of)
        )


class Roles:
    """Looks privileges up, live."""

    def __init__(self, client: GraphClient) -> None:
        self._client = client

    async def privileged(self, user_id: str, *, restricted: bool | None = None) -> PrivilegeFacts:
        """Everything that makes this account privileged. ``restricted``, where the caller looks at that itself.

        Complete or an error: when one look-up fails the whole fails, and its caller must take the account
        for privileged.
        """
        async with together() as group:
            looked = group.create_task(self._restricted(user_id)) if restricted is None else None
            listed = group.create_task(self._memberships(user_id))
            owned = group.create_task(self._owned(user_id))
            own = [group.create_task(self._role_ids(where, [user_id])) for where in _HELD]
        memberships = listed.result()
        member_of = _role_assignable(memberships)
        async with together() as group:
            through = [group.create_task(self._role_ids(where, member_of)) for where in _HELD]
        assigned, eligible = (mine.result() | its.result() for mine, its in zip(own, through, strict=True))
        return PrivilegeFacts(
            assigned=assigned,
            held=frozenset(_role_id(entry) for entry in memberships if entry.get(TYPE) == _ROLE),
            eligible=eligible,
            groups=frozenset(text(entry, "id") for entry in memberships if entry.get(TYPE) == _GROUP),
            member_of=member_of,
            owner_of=_role_assignable(owned.result()),
            management_restricted=looked.result() if looked is not None else bool(restricted),
        )

    async def holders(self) -> frozenset[str]:
        """Every principal that holds a directory role or may activate one: accounts, groups and applications."""
        found: set[str] = set()
        for where in _HELD:
            async for entry in self._client.rows(where, permission=ROLES):
                found.add(text(entry, "principalId"))
        return frozenset(found)

    async def _restricted(self, user_id: str) -> bool:
        where = path("/users/{user}", user=user_id)
        found = await self._client.get(where, {"$select": "id,isManagementRestricted"}, permission=USERS)
        return maybe_flag(found, "isManagementRestricted") is True

    async def _memberships(self, user_id: str) -> Sequence[Row]:
        # Without a cast to one type: those are answered from an index that lags behind.
        where = path("/users/{user}/transitiveMemberOf", user=user_id)
        return [entry async for entry in self._client.rows(where, _MEMBER_QUERY, permission=MEMBERS)]

    async def _owned(self, user_id: str) -> Sequence[Row]:
        where = path("/users/{user}/ownedObjects", user=user_id)
        return [entry async for entry in self._client.rows(where, _MEMBER_QUERY, permission=MEMBERS)]

    async def _role_ids(self, where: Path, principals: Iterable[str]) -> frozenset[str]:
        async with together() as group:
            asked = [group.create_task(self._role_ids_of(where, each)) for each in principals]
        return frozenset[str]().union(*(task.result() for task in asked))

    async def _role_ids_of(self, where: Path, principal: str) -> frozenset[str]:
        query = {"$filter": equals("principalId", principal)}
        found = self._client.rows(where, query, permission=ROLES)
        return frozenset([text(entry, "roleDefinitionId") async for entry in found])


_MEMBER_QUERY = {"$select": "id,isAssignableToRole,roleTemplateId", "$top": "999"}


def _role_id(entry: Row) -> str:
    return maybe_text(entry, "roleTemplateId") or text(entry, "id")


def _role_assignable(entries: Iterable[Row]) -> frozenset[str]:
    return frozenset(
        text(entry, "id")
        for entry in entries
        if text(entry, TYPE) == _GROUP and maybe_flag(entry, "isAssignableToRole")
    )

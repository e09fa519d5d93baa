"""The directory part of Graph: users, groups, roles."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from bot.sandbox.entra.filters import Rules
from bot.sandbox.entra.pages import Paging, collection, select
from bot.sandbox.entra.refusals import Refusal, Style, no_privileges, no_resource
from bot.sandbox.entra.requests import Answer, Incoming, Route, one_of
from bot.sandbox.entra.state import Account, Group, NoSuchThing, Tenant
from bot.sandbox.world import Kind, guid
from graph.errors import NO_PREMIUM

_DEFAULT_USER = (
    "businessPhones",
    "displayName",
    "givenName",
    "id",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
)
_USER_RULES = Rules(
    plain=frozenset(
        "id userPrincipalName mail proxyAddresses otherMails employeeId accountEnabled userType usageLocation "
        "displayName givenName surname jobTitle department".split()
    ),
    advanced=frozenset("preferredLanguage companyName officeLocation employeeType".split()),
    ends_with=frozenset("mail otherMails userPrincipalName proxyAddresses".split()),
)
_ROLE_RULES = Rules(plain=frozenset({"principalId", "roleDefinitionId"}))
_NO_FILTER = Rules(plain=frozenset())

_READ_USERS = one_of("User.Read.All", "User.ReadWrite.All", "Directory.Read.All")
_READ_MEMBERS = one_of("GroupMember.Read.All", "Group.Read.All", "Directory.Read.All")
_READ_ROLES = one_of("RoleManagement.Read.Directory", "RoleManagement.ReadWrite.Directory")
_READ_ELIGIBLE = one_of(
    "RoleEligibilitySchedule.Read.Directory",
    "RoleManagement.Read.Directory",
    "RoleManagement.ReadWrite.Directory",
)
_REVOKE = one_of("User.RevokeSessions.All", "User.ReadWrite.All")


class Directory:
    """Users, groups and roles of the tenant."""

    def __init__(self, tenant: Tenant, paging: Paging, premium: Callable[[], bool]) -> None:
        self._tenant = tenant
        self._paging = paging
        self._premium = premium

    def routes(self) -> list[Route]:
        """What this part of Graph answers."""
        users, members = (_READ_USERS,), (_READ_USERS, _READ_MEMBERS)
        return [
            Route("GET", "/users", users, self._list_users),
            Route("GET", "/users/{user}", users, self._get_user),
            Route("GET", "/users/{user}/manager", users, self._get_manager),
            Route("GET", "/users/{user}/transitiveMemberOf", members, self._member_of),
            Route("GET", "/users/{user}/transitiveMemberOf/{type}", members, self._member_of),
            Route("GET", "/users/{user}/ownedObjects", users, self._owned),
            Route("POST", "/users/{user}/checkMemberGroups", members, self._check_member_groups),
            Route("POST", "/users/{user}/revokeSignInSessions", (_REVOKE,), self._revoke),
            Route("GET", "/groups/{group}", (_READ_MEMBERS,), self._get_group),
            Route("GET", "/groups/{group}/transitiveMembers", (_READ_MEMBERS,), self._members),
            Route("GET", "/groups/{group}/transitiveMembers/{type}", (_READ_MEMBERS,), self._members),
            Route("GET", "/roleManagement/directory/roleAssignments", (_READ_ROLES,), self._assignments),
            Route(
                "GET",
                "/roleManagement/directory/roleEligibilityScheduleInstances",
                (_READ_ELIGIBLE,),
                self._eligible,
            ),
        ]

    def _list_users(self, incoming: Incoming) -> Answer:
        rows = [user_fields(self._tenant, account) for account in self._tenant.accounts.values()]
        return collection(incoming, rows, self._paging, rules=_USER_RULES, default=_DEFAULT_USER)

    def _get_user(self, incoming: Incoming) -> Answer:
        return self._user_answer(incoming, self._account(incoming))

    def _get_manager(self, incoming: Incoming) -> Answer:
        name = self._account(incoming).resident.manager
        if name is None:
            raise no_resource("manager")
        return self._user_answer(incoming, self._tenant.account(self._tenant.world.named(name)))

    def _user_answer(self, incoming: Incoming, account: Account) -> Answer:
        fields = user_fields(self._tenant, account)
        chosen = incoming.query.get("$select")
        if chosen and "signInActivity" in chosen.split(","):
            self._may_read_activity(incoming, account)
            if account.signed_in is not None:
                fields["signInActivity"] = {"lastSignInDateTime": timestamp(account.signed_in)}
        context = {"@odata.context": f"{incoming.root}/$metadata#users/$entity"}
        return Answer(200, context | select(fields, chosen, _DEFAULT_USER))

    def _may_read_activity(self, incoming: Incoming, account: Account) -> None:
        """It takes a permission of its own, a premium licence, and the object id: no user principal name will do."""
        if "AuditLog.Read.All" not in incoming.roles:
            raise no_privileges(Style.DIRECTORY)
        if not self._premium():
            raise Refusal(403, NO_PREMIUM, "Neither tenant is B2C or tenant doesn't have premium license")
        if incoming.values["user"] != account.id:
            raise Refusal(
                400, "BadRequest", "Get By Key only supports UserId and the key has to be a valid Guid"
            )

    def _member_of(self, incoming: Incoming) -> Answer:
        account = self._account(incoming)
        rows = [
            *(_group_fields(group) for group in self._tenant.groups_of(account)),
            *(_role_fields(role) for role in self._tenant.roles_of(account)),
        ]
        return self._objects(incoming, rows)

    def _owned(self, incoming: Incoming) -> Answer:
        account = self._account(incoming)
        owned = [group for group in self._tenant.groups.values() if account.id in group.owners]
        return self._objects(incoming, [_group_fields(group) for group in owned])

    def _members(self, incoming: Incoming) -> Answer:
        group = self._group(incoming)
        rows = [
            {"@odata.type": "#microsoft.graph.user", **user_fields(self._tenant, account)}
            for account in self._tenant.members(group.id)
        ]
        return self._objects(incoming, rows)

    def _objects(self, incoming: Incoming, rows: Iterable[dict[str, object]]) -> Answer:
        wanted = incoming.values.get("type")
        kept = [row for row in rows if wanted is None or row["@odata.type"] == f"#{wanted}"]
        return collection(
            incoming,
            kept,
            self._paging,
            rules=_NO_FILTER,
            default=(*_DEFAULT_USER, "isAssignableToRole", "roleTemplateId"),
            cast=wanted is not None,
        )

    def _get_group(self, incoming: Incoming) -> Answer:
        fields = _group_fields(self._group(incoming))
        return Answer(200, select(fields, incoming.query.get("$select"), tuple(fields)))

    def _check_member_groups(self, incoming: Incoming) -> Answer:
        account = self._account(incoming)
        wanted = incoming.form({"groupIds": list}).get("groupIds")
        if not isinstance(wanted, list) or len(wanted) > 20:
            raise Refusal(400, "Request_BadRequest", "The maximum number of groupIds is 20.")
        mine = {group.id for group in self._tenant.groups_of(account)}
        return Answer(200, {"value": [group_id for group_id in wanted if group_id in mine]})

    def _revoke(self, incoming: Incoming) -> Answer:
        self._account(incoming).sessions_revoked += 1
        return Answer(200, {"value": True})

    def _assignments(self, incoming: Incoming) -> Answer:
        return self._role_rows(incoming, self._tenant.roles)

    def _eligible(self, incoming: Incoming) -> Answer:
        return self._role_rows(incoming, self._tenant.eligible)

    def _role_rows(self, incoming: Incoming, roles: dict[str, set[str]]) -> Answer:
        rows = [
            {
                "id": guid("assignment", principal, role),
                "principalId": principal,
                "roleDefinitionId": role,
                "directoryScopeId": "/",
            }
            for principal, held in roles.items()
            for role in sorted(held)
        ]
        return collection(incoming, rows, self._paging, rules=_ROLE_RULES, default=None)

    def _account(self, incoming: Incoming) -> Account:
        name = incoming.values["user"]
        try:
            return self._tenant.account(name)
        except NoSuchThing:
            raise no_resource(name) from None

    def _group(self, incoming: Incoming) -> Group:
        name = incoming.values["group"]
        try:
            return self._tenant.group(name)
        except NoSuchThing:
            raise no_resource(name) from None


def user_fields(tenant: Tenant, account: Account) -> dict[str, object]:
    """Every property of an account that the emulator knows."""
    resident = account.resident
    given, _, surname = resident.name.rpartition(" ")
    domain = tenant.world.domain
    return {
        "id": account.id,
        "userPrincipalName": resident.upn,
        "displayName": resident.name,
        "givenName": given,
        "surname": surname,
        "mail": resident.mail,
        "proxyAddresses": [f"SMTP:{resident.mail}", *(f"smtp:{alias}" for alias in account.aliases)],
        "otherMails": [],
        "businessPhones": [],
        "mobilePhone": None,
        "officeLocation": None,
        "jobTitle": resident.kind.value.capitalize(),
        "department": resident.department,
        "employeeId": account.id[:8],
        "preferredLanguage": resident.preferred_language,
        "usageLocation": "NO",
        "accountEnabled": account.enabled,
        "userType": "Guest" if resident.kind is Kind.GUEST else "Member",
        "createdDateTime": timestamp(account.created),
        "lastPasswordChangeDateTime": timestamp(account.password_changed)
        if account.password_changed
        else None,
        "creationType": "Invitation" if resident.external else None,
        "externalUserState": "Accepted" if resident.external else None,
        "identities": [
            {
                "signInType": "federated" if resident.external else "userPrincipalName",
                "issuer": "ExternalAzureAD" if resident.external else domain,
                "issuerAssignedId": None if resident.external else resident.upn,
            }
        ],
        "isManagementRestricted": True if resident.management_restricted else None,
        "onPremisesSyncEnabled": None,
        "onPremisesExtensionAttributes": {"extensionAttribute1": resident.person_number},
    }


def _group_fields(group: Group) -> dict[str, object]:
    return {
        "@odata.type": "#microsoft.graph.group",
        "id": group.id,
        "displayName": group.name,
        "securityEnabled": True,
        "isAssignableToRole": True if group.assignable_to_role else None,
    }


def _role_fields(template_id: str) -> dict[str, object]:
    return {
        "@odata.type": "#microsoft.graph.directoryRole",
        "id": guid("directory role", template_id),
        "displayName": template_id,
        "roleTemplateId": template_id,
    }


def timestamp(moment: datetime) -> str:
    """A time as Graph writes it, with its seven digits after the second."""
    told = moment.astimezone(UTC)
    return f"{told:%Y-%m-%dT%H:%M:%S}.{told.microsecond:06}7Z"

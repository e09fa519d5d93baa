"""Accounts in Microsoft Entra."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from graph.client import ADVANCED, GraphClient
from graph.errors import Ambiguous, NotFound, Unreadable
from graph.fields import (
    Row,
    flag,
    maybe_flag,
    maybe_moment,
    maybe_rows,
    maybe_text,
    number,
    row,
    rows,
    text,
    texts,
)
from graph.paths import equals, literal, path
from graph.together import together

USERS = "User.Read.All"
ACTIVITY = "AuditLog.Read.All"
REVOKE = "User.RevokeSessions.All"
REVOKING = "/users/{user}/revokeSignInSessions"

# Most of these come only when they are asked for. https://learn.microsoft.com/graph/api/user-get
_WANTED = (
    "id,userPrincipalName,displayName,mail,accountEnabled,userType,department,jobTitle,preferredLanguage,"
    "usageLocation,createdDateTime,creationType,externalUserState,identities,isManagementRestricted,"
    "lastPasswordChangeDateTime,proxyAddresses"
)


_SMTP = "smtp:"


@dataclass(frozen=True)
class Identity:
    """One way an account signs in."""

    sign_in_type: str
    issuer: str


@dataclass(frozen=True)
class User:
    """An account, as the directory describes it at this moment."""

    id: str
    upn: str
    display_name: str
    mail: str | None
    account_enabled: bool
    user_type: str | None
    """``Member`` or ``Guest``; says nothing about where the account signs in."""
    department: str | None
    job_title: str | None
    preferred_language: str | None
    usage_location: str | None
    created: datetime | None
    creation_type: str | None
    external_user_state: str | None
    identities: tuple[Identity, ...]
    is_management_restricted: bool | None
    password_changed: datetime | None = None
    """When the password was set last, where Graph tells."""
    aliases: tuple[str, ...] = ()
    """Every further mail address."""

    @property
    def addresses(self) -> frozenset[str]:
        """Everything that mail to this account may be sent to, and the name it signs in by, in small letters."""
        return frozenset(
            address.casefold() for address in (self.upn, self.mail, *self.aliases) if address is not None
        )

    @property
    def is_external_guest(self) -> bool:
        """Whether the account signs in somewhere else, so that it can have no pass here.

        The identities tell, not the user type: there are internal guests and external members. An invitation
        counts on its own, for the sake of accounts whose identities are not told.
        """
        federated = any(identity.sign_in_type == "federated" for identity in self.identities)
        return federated or self.external_user_state is not None or self.creation_type == "Invitation"


@dataclass(frozen=True, slots=True)
class Listed:
    """An account as a list of the whole directory tells of it, and by what names it goes."""

    id: str
    upn: str
    mail: str | None
    aliases: tuple[str, ...]
    """Every further mail address."""


class Users:
    """Looks accounts up."""

    def __init__(self, client: GraphClient) -> None:
        self._client = client

    async def get(self, id_or_upn: str) -> User:
        """The account with this object id or user principal name. ``NotFound`` when there is none."""
        where = path("/users/{user}", user=id_or_upn)
        return _user(await self._client.get(where, {"$select": _WANTED}, permission=USERS))

    async def find(self, mail_or_upn: str) -> User | None:
        """The one account with this object id, user principal name, mail address or alias.

        ``Ambiguous`` when the name of one account is an address of another.
        """
        wanted = mail_or_upn.strip()
        if _is_guid(wanted):
            return await self._by_id(wanted)
        filters = (
            equals("userPrincipalName", wanted),
            equals("mail", wanted),
            f"proxyAddresses/any(p:p eq 'smtp:{literal(wanted)}')",
        )
        async with together() as group:
            found = [group.create_task(self._where(each)) for each in filters]
        accounts = {user.id: user for users in found for user in users.result()}
        if len(accounts) > 1:
            raise Ambiguous
        return next(iter(accounts.values()), None)

    async def manager(self, id_or_upn: str) -> User | None:
        """The manager of an account, when the directory has one."""
        where = path("/users/{user}/manager", user=id_or_upn)
        try:
            return _user(await self._client.get(where, {"$select": _WANTED}, permission=USERS))
        except NotFound:
            return None

    async def attribute(self, id_or_upn: str, name: str) -> str | None:
        """One further property, by its path: ``employeeId``, ``onPremisesExtensionAttributes/extensionAttribute1``.

        The value may be a person number: it belongs in no log and no row.
        """
        first, *rest = name.split("/")
        where = path("/users/{user}", user=id_or_upn)
        found: Row = await self._client.get(where, {"$select": first}, permission=USERS)
        if first not in found:
            raise Unreadable(f"{first} is missing")
        for step in [first, *rest[:-1]] if rest else []:
            if found.get(step) is None:
                return None
            found = row(found[step])
        return maybe_text(found, rest[-1] if rest else first)

    async def last_sign_in(self, object_id: str) -> datetime | None:
        """When the account signed in last, with success or not, where Graph tells: that takes a premium licence."""
        where = path("/users/{user}", user=object_id)
        found: Row = await self._client.get(where, {"$select": "signInActivity"}, permission=ACTIVITY)
        activity = found.get("signInActivity")
        return None if activity is None else maybe_moment(row(activity), "lastSignInDateTime")

    async def everybody(self) -> AsyncIterator[Listed]:
        """Every account of the tenant, guests included: a request for each 999."""
        query = {"$select": "id,userPrincipalName,mail,proxyAddresses", "$top": "999"}
        async for found in self._client.rows(path("/users"), query, permission=USERS):
            yield Listed(
                text(found, "id"),
                text(found, "userPrincipalName"),
                maybe_text(found, "mail"),
                _aliases(found),
            )

    async def count_members(self) -> int:
        """How many member accounts the tenant has, as an index that may lag a little counts them."""
        query = {"$filter": "userType eq 'Member'", "$select": "id", "$top": "1", "$count": "true"}
        page = await self._client.get(path("/users"), query, headers=ADVANCED, permission=USERS)
        return number(page, "@odata.count")

    async def revoke_sessions(self, id_or_upn: str) -> None:
        """End every session of an account. Repeating it does no harm."""
        await self._client.ask(path(REVOKING, user=id_or_upn), permission=REVOKE)

    async def _by_id(self, object_id: str) -> User | None:
        try:
            return await self.get(object_id)
        except NotFound:
            return None

    async def _where(self, condition: str) -> list[User]:
        query = {"$filter": condition, "$select": _WANTED, "$top": "2"}
        page = await self._client.get(path("/users"), query, permission=USERS)
        return [_user(entry) for entry in rows(page)]


def _is_guid(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True


def _user(found: Row) -> User:
    return User(
        id=text(found, "id"),
        upn=text(found, "userPrincipalName"),
        display_name=maybe_text(found, "displayName") or "",
        mail=maybe_text(found, "mail"),
        account_enabled=flag(found, "accountEnabled"),
        user_type=maybe_text(found, "userType"),
        department=maybe_text(found, "department"),
        job_title=maybe_text(found, "jobTitle"),
        preferred_language=maybe_text(found, "preferredLanguage"),
        usage_location=maybe_text(found, "usageLocation"),
        created=maybe_moment(found, "createdDateTime"),
        creation_type=maybe_text(found, "creationType"),
        external_user_state=maybe_text(found, "externalUserState"),
        identities=tuple(
            Identity(maybe_text(entry, "signInType") or "", maybe_text(entry, "issuer") or "")
            for entry in maybe_rows(found, "identities")
        ),
        is_management_restricted=maybe_flag(found, "isManagementRestricted"),
        password_changed=maybe_moment(found, "lastPasswordChangeDateTime"),
        aliases=_aliases(found),
    )


def _aliases(found: Row) -> tuple[str, ...]:
    return tuple(
        address[len(_SMTP) :]
        for address in texts(found, "proxyAddresses")
        if address.lower().startswith(_SMTP)
    )

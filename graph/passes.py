"""Temporary Access Passes: made, looked at, taken back. Only the answer to a create ever holds the code."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from graph.client import GraphClient
from graph.errors import OutcomeUnknown, Unreadable
from graph.fields import Row, flag, maybe_moment, maybe_rows, maybe_text, minutes, moment, number, rows, text
from graph.paths import path
from graph.secret import Secret
from graph.users import REVOKE, REVOKING

READ = "UserAuthMethod-TAP.Read.All"
WRITE = "UserAuthMethod-TAP.ReadWrite.All"
POLICY = "Policy.Read.AuthenticationMethod"

EVERYBODY = "all_users"

# Graph itself gives up after 60 s: who waits longer than that always learns the outcome.
# https://learn.microsoft.com/graph/api/resources/authenticationmethods-overview
_LONGEST_CREATE = 70.0

_PASSES = "/users/{user}/authentication/temporaryAccessPassMethods"
_POLICY = path("/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/temporaryAccessPass")


class Reason(StrEnum):
    """Why a pass works or does not."""

    ENABLED = "EnabledByPolicy"
    DISABLED = "DisabledByPolicy"
    EXPIRED = "Expired"
    NOT_YET = "NotYetValid"
    USED = "OneTimeUsed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class TemporaryAccessPass:
    """A pass without its code."""

    id: str
    created: datetime
    start: datetime
    lifetime: timedelta
    usable: bool
    reason: Reason
    usable_once: bool

    @property
    def expires(self) -> datetime:
        """When it stops working. Graph has no field for it."""
        return self.start + self.lifetime


@dataclass(frozen=True)
class CreatedPass:
    """A new pass, and its code for the one moment that it is shown."""

    pass_: TemporaryAccessPass
    code: Secret


@dataclass(frozen=True)
class Target:
    """A group or a user that the policy names, or ``EVERYBODY``."""

    kind: str
    id: str


@dataclass(frozen=True)
class PassPolicy:
    """The tenant's rules for passes."""

    enabled: bool
    minimum_lifetime: timedelta
    maximum_lifetime: timedelta
    default_lifetime: timedelta
    default_length: int
    usable_once: bool
    """Whether every pass here works only once."""
    included: tuple[Target, ...]
    excluded: tuple[Target, ...]

    @property
    def groups(self) -> frozenset[str]:
        """The groups whose members have to be known for ``covers``."""
        named = (target.id for target in (*self.included, *self.excluded) if target.kind == "group")
        return frozenset(named) - {EVERYBODY}

    def covers(self, user_id: str, member_of: Collection[str]) -> bool:
        """Whether this account may have a pass, given those of ``groups`` that it is in. Exclusion wins."""
        mine = {user_id, EVERYBODY, *member_of}
        return (
            self.enabled
            and any(target.id in mine for target in self.included)
            and not any(target.id in mine for target in self.excluded)
        )


class Passes:
    """The passes of one account at a time; it can have one."""

    def __init__(self, client: GraphClient) -> None:
        self._client = client

    async def create(
        self,
        user_id: str,
        lifetime: timedelta,
        *,
        usable_once: bool = True,
        start: datetime | None = None,
        ending_sessions: bool = False,
    ) -> CreatedPass:
        """Make a pass; an older one of the account ends by it. Never sent twice.

        With ``ending_sessions`` every session of the account ends first, by the same request: when that fails its
        error is raised and no pass was made.

        ``OutcomeUnknown`` when a pass may exist whose code nobody has seen: look with ``list``. ``Throttled``
        and ``Unavailable`` mean that none was made.
        """
        body: dict[str, object] = {
            "lifetimeInMinutes": int(lifetime.total_seconds() // 60),
            "isUsableOnce": usable_once,
        }
        if start is not None:
            body["startDateTime"] = start.isoformat()
        where = path(_PASSES, user=user_id)
        first = (
            self._client.asking(path(REVOKING, user=user_id), permission=REVOKE) if ending_sessions else None
        )
        answer = await self._client.create(where, body, permission=WRITE, within=_LONGEST_CREATE, first=first)
        try:
            return CreatedPass(_pass(answer), Secret(text(answer, "temporaryAccessPass")))
        except Unreadable:
            raise OutcomeUnknown("a pass was made but its code did not come") from None

    async def list(self, user_id: str) -> tuple[TemporaryAccessPass, ...]:
        """The pass of an account, if it has one."""
        answer = await self._client.get(path(_PASSES, user=user_id), permission=READ)
        return tuple(_pass(entry) for entry in rows(answer))

    async def get(self, user_id: str, pass_id: str) -> TemporaryAccessPass:
        """One pass. ``NotFound`` when it was deleted or replaced."""
        where = path(_PASSES + "/{pass_id}", user=user_id, pass_id=pass_id)
        return _pass(await self._client.get(where, permission=READ))

    async def delete(self, user_id: str, pass_id: str) -> None:
        """End a pass, and the sessions that began with it."""
        where = path(_PASSES + "/{pass_id}", user=user_id, pass_id=pass_id)
        await self._client.delete(where, permission=WRITE)

    async def policy(self) -> PassPolicy:
        """The tenant's rules as they are now."""
        found = await self._client.get(_POLICY, permission=POLICY)
        return PassPolicy(
            enabled=text(found, "state") == "enabled",
            minimum_lifetime=minutes(found, "minimumLifetimeInMinutes"),
            maximum_lifetime=minutes(found, "maximumLifetimeInMinutes"),
            default_lifetime=minutes(found, "defaultLifetimeInMinutes"),
            default_length=number(found, "defaultLength"),
            usable_once=flag(found, "isUsableOnce"),
            included=_targets(found, "includeTargets"),
            excluded=_targets(found, "excludeTargets"),
        )


def _pass(found: Row) -> TemporaryAccessPass:
    created = moment(found, "createdDateTime")
    reason = maybe_text(found, "methodUsabilityReason")
    return TemporaryAccessPass(
        id=text(found, "id"),
        created=created,
        start=maybe_moment(found, "startDateTime") or created,
        lifetime=minutes(found, "lifetimeInMinutes"),
        usable=flag(found, "isUsable"),
        reason=Reason(reason) if reason in set(Reason) else Reason.UNKNOWN,
        usable_once=flag(found, "isUsableOnce"),
    )


def _targets(found: Row, name: str) -> tuple[Target, ...]:
    return tuple(
        Target(maybe_text(entry, "targetType") or "", text(entry, "id")) for entry in maybe_rows(found, name)
    )

"""The emulated tenant: accounts, groups, roles, methods, passes and the pass policy, as they are now."""

import secrets
import string
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from bot.sandbox.world import Group as WorldGroup
from bot.sandbox.world import Resident, World, guid
from graph.methods import Kind
from graph.passes import Reason
from handlers.ports import Clock

EVERYBODY = "all_users"
_PUNCTUATION = "+&<!"
_PHONES = {
    "mobile": "3179e48a-750b-4051-897c-87b9720928f7",
    "alternateMobile": "b6332ec1-7057-4abe-9331-3d72feddfe41",
    "office": "e37fc753-ff3b-4958-9484-eaa9425c82bc",
}


@dataclass
class PassPolicy:
    """The tenant's rules for passes; Microsoft's defaults."""

    enabled: bool = True
    minimum: int = 60
    maximum: int = 480
    default: int = 60
    length: int = 8
    usable_once: bool = False
    included: list[tuple[str, str]] = field(default_factory=lambda: [("group", EVERYBODY)])
    """Pairs of target type and id."""
    excluded: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class StoredMethod:
    """A registered method."""

    id: str
    kind: Kind
    created: datetime | None
    name: str | None = None


@dataclass
class StoredPass:
    """A pass as Entra keeps it."""

    id: str
    code: str = field(repr=False)
    created: datetime
    start: datetime
    lifetime: timedelta
    usable_once: bool
    used: bool = False

    @property
    def expires(self) -> datetime:
        """When it stops working."""
        return self.start + self.lifetime


@dataclass
class Account:
    """An Entra user. What never changes stands in ``resident``."""

    resident: Resident
    enabled: bool
    created: datetime
    groups: set[str]
    methods: list[StoredMethod]
    default_method: Kind | None
    access_pass: StoredPass | None = None
    aliases: list[str] = field(default_factory=list)
    """Further mail addresses."""
    password_changed: datetime | None = None
    """When the password was set last; not told where nothing stands here."""
    signed_in: datetime | None = None
    """The last sign-in; not told of an account that has never signed in."""
    sessions_revoked: int = 0

    @property
    def id(self) -> str:
        """The object id."""
        return self.resident.object_id

    @property
    def strong_methods(self) -> list[StoredMethod]:
        """What counts as a second factor."""
        return [method for method in self.methods if method.kind.is_strong]


@dataclass
class Group:
    """A group, with the ids of the groups it lies in and of its owners."""

    id: str
    name: str
    within: set[str]
    assignable_to_role: bool
    owners: set[str] = field(default_factory=set)


class NoSuchThing(LookupError):
    """The tenant has no such account, group or method."""


class Tenant:
    """All of the tenant's state. Times come from the clock it is given."""

    def __init__(self, world: World, clock: Clock) -> None:
        self.world = world
        self.clock = clock
        self.policy = PassPolicy()
        self.replaces_passes = True
        """Whether a new pass ends an older one; some tenants want that one deleted first."""
        self.replication = timedelta(0)
        """How long a new pass is not usable yet."""
        ids = {group.name: group.object_id for group in world.groups}
        self.groups = {group.object_id: _group(group, ids) for group in world.groups}
        self.accounts = {r.object_id: _account(r, ids, clock.now()) for r in world.residents}
        self.roles: dict[str, set[str]] = {}
        """Active role template ids by principal, an account or a group."""
        self.eligible: dict[str, set[str]] = {}
        """Role template ids that a principal may activate."""
        principals: tuple[Resident | WorldGroup, ...] = (*world.residents, *world.groups)
        for principal in principals:
            self.roles[principal.object_id] = {role.template_id for role in principal.roles}
            self.eligible[principal.object_id] = {role.template_id for role in principal.eligible}

    def account(self, user: Resident | str) -> Account:
        """The account of this resident, object id or user principal name."""
        key = user.object_id if isinstance(user, Resident) else user
        if key in self.accounts:
            return self.accounts[key]
        for account in self.accounts.values():
            if account.resident.upn.lower() == key.lower():
                return account
        raise NoSuchThing(key)

    def group(self, group_id: str) -> Group:
        """The group with this id."""
        if group_id not in self.groups:
            raise NoSuchThing(group_id)
        return self.groups[group_id]

    def groups_of(self, account: Account) -> list[Group]:
        """Every group the account is in, directly or through others."""
        return [self.groups[group_id] for group_id in sorted(self._upwards(account.groups))]

    def roles_of(self, account: Account) -> list[str]:
        """Active roles of the account, those of its groups included."""
        principals = [account.id, *(group.id for group in self.groups_of(account))]
        return sorted({role for principal in principals for role in self.roles.get(principal, ())})

    def members(self, group_id: str) -> list[Account]:
        """Every account in the group, directly or through others."""
        self.group(group_id)
        return [a for a in self.accounts.values() if group_id in self._upwards(a.groups)]

    def in_scope(self, account: Account) -> bool:
        """Whether the pass policy covers the account. Exclusion wins."""
        mine = {account.id, EVERYBODY, *(group.id for group in self.groups_of(account))}
        return any(target in mine for _, target in self.policy.included) and not any(
            target in mine for _, target in self.policy.excluded
        )

    def usability(self, account: Account, found: StoredPass) -> tuple[bool, Reason]:
        """Whether a pass works now, and why (not)."""
        now = self.clock.now()
        if not (self.policy.enabled and self.in_scope(account)):
            return False, Reason.DISABLED
        if self.policy.usable_once and not found.usable_once:
            return False, Reason.DISABLED
        if found.usable_once and found.used:
            return False, Reason.USED
        if now >= found.expires:
            return False, Reason.EXPIRED
        if now < found.start:
            return False, Reason.NOT_YET
        return now >= found.created + self.replication, Reason.ENABLED

    def new_pass(
        self, account: Account, *, lifetime: int, usable_once: bool, start: datetime | None
    ) -> StoredPass:
        """Make a pass; an older one is gone by it."""
        now = self.clock.now()
        account.access_pass = StoredPass(
            id=str(uuid4()),
            code=_code(self.policy.length),
            created=now,
            start=start or now,
            lifetime=timedelta(minutes=lifetime),
            usable_once=usable_once,
        )
        return account.access_pass

    def register(self, account: Account, kind: Kind, name: str | None = None) -> StoredMethod:
        """Add a method to the account."""
        method = StoredMethod(_method_id(account.id, kind), kind, self.clock.now(), name)
        account.methods = [m for m in account.methods if m.id != method.id] + [method]
        if kind.is_strong and account.default_method is None:
            account.default_method = kind
        return method

    def remove(self, account: Account, method_id: str) -> StoredMethod:
        """Take a method from the account."""
        for method in account.methods:
            if method.id == method_id:
                account.methods.remove(method)
                kinds = [left.kind for left in account.strong_methods]
                if account.default_method not in kinds:
                    account.default_method = kinds[0] if kinds else None
                return method
        raise NoSuchThing(method_id)

    def _upwards(self, group_ids: Iterable[str]) -> set[str]:
        found: set[str] = set()
        waiting = list(group_ids)
        while waiting:
            group_id = waiting.pop()
            if group_id not in found:
                found.add(group_id)
                waiting.extend(self.groups[group_id].within)
        return found


def _group(group: WorldGroup, ids: dict[str, str]) -> Group:
    return Group(group.object_id, group.name, {ids[name] for name in group.within}, group.assignable_to_role)


def _account(resident: Resident, ids: dict[str, str], now: datetime) -> Account:
    kinds = [Kind(name) for name in resident.methods]
    methods = [StoredMethod(guid("password", resident.upn), Kind.PASSWORD, None)]
    for kind in kinds:
        since = now - timedelta(days=300)
        methods.append(StoredMethod(_method_id(resident.object_id, kind), kind, since, _first_name(kind)))
    return Account(
        resident=resident,
        enabled=resident.enabled,
        created=now - timedelta(days=900),
        password_changed=now - timedelta(days=400),
        signed_in=now - timedelta(days=2),
        groups={ids[name] for name in resident.groups},
        methods=methods,
        default_method=next((kind for kind in kinds if kind.is_strong), None),
    )


def _first_name(kind: Kind) -> str | None:
    return {Kind.AUTHENTICATOR: "iPhone 13", Kind.FIDO2: "YubiKey 5 NFC"}.get(kind)


def _method_id(account_id: str, kind: Kind) -> str:
    match kind:
        case Kind.PHONE:
            return _PHONES["mobile"]
        case Kind.EMAIL:
            return guid("method", account_id, kind)
        case _:
            return f"_{secrets.token_urlsafe(18)}"


def _code(length: int) -> str:
    letters = string.ascii_letters + string.digits
    code = [secrets.choice(_PUNCTUATION), *(secrets.choice(letters) for _ in range(length - 1))]
    secrets.SystemRandom().shuffle(code)
    return "".join(code)

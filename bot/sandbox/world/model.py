"""What a world is made of: people, groups, roles, and ids that are the same in every run."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256
from uuid import UUID, uuid5

from handlers.messages import Language

DOMAIN = "fjordheim.example"
_SEED = UUID("6d0f2c1e-9b57-5a38-8f10-2e4cf1a7d9b3")


class Kind(StrEnum):
    """What somebody is to the university."""

    STUDENT = "student"
    STAFF = "staff"
    SUPPORT = "support"
    ADMINISTRATOR = "administrator"
    GUEST = "guest"


@dataclass(frozen=True)
class Role:
    """A directory role, by the template id that is the same in every tenant."""

    template_id: str
    name: str


GLOBAL_ADMINISTRATOR = Role("62e90394-69f5-4237-9190-012177145e10", "Global Administrator")
USER_ADMINISTRATOR = Role("fe930be7-5e62-47db-91af-98c3a49a38b1", "User Administrator")
HELPDESK_ADMINISTRATOR = Role("729827e3-9c14-49f7-bb1b-9608f156bbb8", "Helpdesk Administrator")


@dataclass(frozen=True)
class Group:
    """A security group. ``within`` names the groups that it is itself a member of."""

    object_id: str
    name: str
    within: tuple[str, ...] = ()
    assignable_to_role: bool = False
    roles: tuple[Role, ...] = ()
    eligible: tuple[Role, ...] = ()


@dataclass(frozen=True)
class Resident:
    """Somebody with an account here. ``methods`` holds names of ``graph.methods.Kind``."""

    object_id: str
    upn: str
    mail: str
    name: str
    language: Language
    kind: Kind
    department: str
    slack_id: str | None
    methods: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    """Names of groups, as in ``World.groups``."""
    enabled: bool = True
    external: bool = False
    """Signs in elsewhere: a guest from another tenant, or an external member."""
    preferred_language: str | None = None
    """What the directory says; nothing for those who never chose."""
    roles: tuple[Role, ...] = ()
    eligible: tuple[Role, ...] = ()
    """Roles that can be activated in PIM."""
    management_restricted: bool = False
    person_number: str | None = None
    """A synthetic number: its month is raised by 80, as in the population register's own test data."""
    manager: str | None = None
    """The name of the nearest manager, when the directory has one."""


@dataclass(frozen=True)
class World:
    """One university: tenant, bot application, workspace, people and groups."""

    name: str
    domain: str
    tenant_id: str
    client_id: str
    slack_workspace: str
    residents: tuple[Resident, ...]
    groups: tuple[Group, ...]

    @property
    def bot_id(self) -> str:
        """The application that is the bot in Teams."""
        return guid("application", "bot", self.tenant_id)

    def named(self, name: str) -> Resident:
        """The one resident of this name. ``LookupError`` for nobody, and for namesakes."""
        return _only((r for r in self.residents if r.name == name), name)

    def by_id(self, object_id: str) -> Resident:
        """The resident with this object id."""
        return _only((r for r in self.residents if r.object_id == object_id), object_id)

    def by_upn(self, upn: str) -> Resident:
        """The resident with this user principal name."""
        return _only((r for r in self.residents if r.upn.lower() == upn.lower()), upn)

    def by_slack_id(self, slack_id: str) -> Resident:
        """The resident with this Slack user id."""
        return _only((r for r in self.residents if r.slack_id == slack_id), slack_id)

    def group(self, name: str) -> Group:
        """The group of this name."""
        for group in self.groups:
            if group.name == name:
                return group
        raise LookupError(name)

    def members(self, group_name: str) -> tuple[Resident, ...]:
        """Everybody in a group, through nested groups too."""
        inside = {group_name}
        grown = True
        while grown:
            more = {g.name for g in self.groups if not inside.isdisjoint(g.within)} - inside
            inside |= more
            grown = bool(more)
        return tuple(r for r in self.residents if not inside.isdisjoint(r.groups))


def _only(found: Iterable[Resident], wanted: str) -> Resident:
    match list(found):
        case [resident]:
            return resident
        case []:
            raise LookupError(f"nobody is called {wanted}")
        case several:
            raise LookupError(f"{len(several)} people are called {wanted}")


def guid(*parts: str) -> str:
    """The same GUID for the same parts, always."""
    return str(uuid5(_SEED, "/".join(parts)))


def slack_id(prefix: str, seed: str) -> str:
    """The same id of Slack's form for the same seed, always."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    number = int.from_bytes(sha256(seed.encode()).digest()[:8])
    letters = []
    for _ in range(9):
        number, digit = divmod(number, len(alphabet))
        letters.append(alphabet[digit])
    return f"{prefix}0{''.join(letters)}"


def synthetic_number(born: date, seed: str) -> str:
    """An 11-digit number with right control digits that no real person can have."""
    start = int.from_bytes(sha256(seed.encode()).digest()[:4])
    century = 500 if born.year >= 2000 else 0
    for step in range(500):
        serial = century + (start + step) % 500
        digits = f"{born.day:02}{born.month + 80:02}{born.year % 100:02}{serial:03}"
        first = _control(digits, (3, 7, 6, 1, 8, 9, 4, 5, 2))
        second = _control(f"{digits}{first}", (5, 4, 3, 2, 7, 6, 5, 4, 3, 2))
        if first < 10 and second < 10:
            return f"{digits}{first}{second}"
    raise ValueError("no number left for this date")


def _control(digits: str, weights: tuple[int, ...]) -> int:
    return -sum(int(d) * w for d, w in zip(digits, weights, strict=False)) % 11

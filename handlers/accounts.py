"""What the directory says about an account, as the rules need it."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from graph.audits import Audits
from graph.errors import GraphError, NotFound
from graph.groups import Groups
from graph.methods import Method, Methods
from graph.passes import Passes
from graph.photos import Photos
from graph.reports import Reports
from graph.roles import PrivilegeFacts, Roles
from graph.skew import ClockWatch
from graph.together import together
from graph.users import User, Users
from handlers.records import Case
from handlers.verification.approvers import Deputies
from handlers.verification.policy import MISSING, AccountFacts, Classified, classify

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Directory:
    """The parts of Microsoft Graph that the features use."""

    users: Users
    groups: Groups
    roles: Roles
    methods: Methods
    passes: Passes
    photos: Photos
    audits: Audits
    reports: Reports
    watch: ClockWatch | None = None
    """Hears what time it is from every answer."""

    @property
    def clock_is_off(self) -> bool:
        """Whether the latest answer came from another minute than ours: then no pass may be made."""
        return self.watch is not None and self.watch.is_off


@dataclass(frozen=True)
class Looked:
    """An account as everything in the directory describes it at this moment."""

    classified: Classified
    user: User | None
    """Nobody when the directory has no such account."""
    methods: tuple[Method, ...] | None
    """Nothing when they could not be read."""
    groups: frozenset[str] | None = None
    """Every group that it is in, directly or through others; nothing when they could not be read."""


@dataclass(frozen=True)
class Accounts:
    """Looks accounts up and puts them into their class. Reads are live: nothing is kept between two calls."""

    directory: Directory
    approvers: str | None
    """Object id of the group of approvers."""
    agents: str | None
    """Object id of the group of agents."""
    sensitive: tuple[str, ...] = ()
    """Object ids of the groups whose members need more proof."""
    reserved: tuple[str, ...] = ()
    """Object ids of the groups whose members never get a pass from the bot."""
    deputies: Deputies | None = None
    """Who may approve at times."""

    async def classify(self, user: User) -> Classified:
        """The class of an account now. What Graph does not tell is unknown, and unknown is the strictest."""
        async with together() as group:
            privileged = group.create_task(self._privileged(user.id))
            mine = group.create_task(self._mine(user.id))
        return self._classified(user, mine.result(), privileged.result())

    async def look(self, account: str) -> Looked:
        """The class of an account now, and its methods, by one request as a rule.

        Raises ``GraphError`` when not even the account itself could be read.
        """
        async with together() as group:
            found = group.create_task(self._user(account))
            privileged = group.create_task(self._privileged(account))
            mine = group.create_task(self._mine(account))
            methods = group.create_task(self._methods(account))
        user = found.result()
        if user is None:
            return Looked(MISSING, None, None)
        facts = privileged.result()
        classified = self._classified(user, mine.result(), facts)
        return Looked(classified, user, methods.result(), None if facts is None else facts.groups)

    async def is_approver(self, account: str) -> bool:
        """Whether this account may approve, asked now. Raises ``GraphError`` when nobody can tell."""
        return bool(await self.approving(account))

    async def approving(self, account: str, case: Case | None = None, at: datetime | None = None) -> set[str]:
        """By which groups this account may approve, of those that may: for a case, at a moment, deputies too."""
        beside = self.deputies.deciding(case, at) if self.deputies and case and at else ()
        groups = [group for group in (self.approvers, *beside) if group is not None]
        return await self.directory.groups.is_member(account, groups)

    async def is_agent(self, account: str) -> bool:
        """Whether this account may see requesters, asked now. Raises ``GraphError`` when nobody can tell."""
        return await self._is_member(account, self.agents)

    async def is_support(self, account: str) -> bool:
        """Whether this account is an approver or an agent, asked now. Raises ``GraphError`` when nobody can tell."""
        groups = [group for group in (self.approvers, self.agents) if group is not None]
        return bool(await self.directory.groups.is_member(account, groups))

    @property
    def _deputies(self) -> tuple[str, ...]:
        return self.deputies.groups if self.deputies else ()

    async def _is_member(self, account: str, group: str | None) -> bool:
        return group is not None and group in await self.directory.groups.is_member(account, [group])

    def _classified(self, user: User, mine: set[str] | None, facts: PrivilegeFacts | None) -> Classified:
        privileged = None if facts is None else facts.privileged

        def within(groups: tuple[str | None, ...]) -> bool | None:
            return None if mine is None else not mine.isdisjoint(groups)

        return classify(
            AccountFacts(
                enabled=user.account_enabled,
                guest=user.is_external_guest or user.user_type != "Member",
                privileged=user.is_management_restricted or privileged,
                support=within((self.approvers, self.agents, *self._deputies)),
                sensitive=within(self.sensitive),
                reserved=within(self.reserved),
            )
        )

    async def _user(self, account: str) -> User | None:
        try:
            return await self.directory.users.get(account)
        except NotFound:
            return None

    async def _methods(self, account: str) -> tuple[Method, ...] | None:
        try:
            return await self.directory.methods.list(account)
        except GraphError as error:
            log.warning("methods-unknown", account=account, status=error.status)
            return None

    async def _privileged(self, account: str) -> PrivilegeFacts | None:
        """By roles and groups; that an account is restricted stands with the account."""
        try:
            return await self.directory.roles.privileged(account, restricted=False)
        except GraphError as error:
            log.warning("privileges-unknown", account=account, status=error.status)
            return None

    async def _mine(self, account: str) -> set[str] | None:
        """Those of our groups that the account is in, by one request."""
        ours = (self.approvers, self.agents, *self._deputies, *self.sensitive, *self.reserved)
        groups = [group for group in ours if group]
        try:
            return await self.directory.groups.is_member(account, groups)
        except GraphError as error:
            log.warning("membership-unknown", account=account, status=error.status)
            return None

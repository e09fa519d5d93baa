"""What the directory says about an account, as the rules need it."""

import asyncio
from dataclasses import dataclass

import structlog

from graph.errors import GraphError
from graph.groups import Groups
from graph.methods import Methods
from graph.passes import Passes
from graph.roles import Roles
from graph.users import User, Users
from handlers.verification.policy import AccountFacts, Classified, classify

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Directory:
    """The parts of Microsoft Graph that the features use."""

    users: Users
    groups: Groups
    roles: Roles
    methods: Methods
    passes: Passes


@dataclass(frozen=True)
class Accounts:
    """Looks accounts up and puts them into their class. Reads are live: nothing is kept between two calls."""

    directory: Directory
    approvers: str | None
    """Object id of the group of approvers."""
    agents: str | None
    """Object id of the group of agents."""

    async def classify(self, user: User) -> Classified:
        """The class of an account now. What Graph does not tell is unknown, and unknown is the strictest."""
        privileged, support = await asyncio.gather(self._privileged(user.id), self._support(user.id))
        return classify(
            AccountFacts(
                enabled=user.account_enabled,
                guest=user.is_external_guest or user.user_type != "Member",
                privileged=privileged,
                support=support,
            )
        )

    async def is_approver(self, account: str) -> bool:
        """Whether this account may approve, asked now. Raises ``GraphError`` when nobody can tell."""
        return await self._is_member(account, self.approvers)

    async def is_agent(self, account: str) -> bool:
        """Whether this account may see requesters, asked now. Raises ``GraphError`` when nobody can tell."""
        return await self._is_member(account, self.agents)

    async def _is_member(self, account: str, group: str | None) -> bool:
        return group is not None and group in await self.directory.groups.is_member(account, [group])

    async def _privileged(self, account: str) -> bool | None:
        try:
            facts = await self.directory.roles.privileged(account)
        except GraphError as error:
            log.warning("privileges-unknown", account=account, status=error.status)
            return None
        return facts.privileged

    async def _support(self, account: str) -> bool | None:
        try:
            return await self.is_approver(account)
        except GraphError as error:
            log.warning("membership-unknown", account=account, status=error.status)
            return None

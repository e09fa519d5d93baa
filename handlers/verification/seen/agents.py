"""Who is an agent, asked live."""

from dataclasses import dataclass

import structlog

from graph.errors import GraphError, NotFound
from graph.users import User
from handlers.accounts import Accounts
from handlers.verification.opening import Refused

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Agents:
    """Whoever acts must be in the agents' group now, with an account that is switched on."""

    accounts: Accounts

    async def get(self, agent: str) -> User | Refused:
        """The agent. What Graph does not tell is a no."""
        try:
            if not await self.accounts.is_agent(agent):
                return Refused("not-agent")
            me = await self.accounts.directory.users.get(agent)
        except NotFound:
            return Refused("not-agent")
        except GraphError as error:
            log.warning("agent-unknown", status=error.status)
            return Refused("directory-down")
        return me if me.account_enabled else Refused("not-agent")

"""Routes on which a person sees the requester, put together; their pages only where sign-in is set up."""

from dataclasses import dataclass

from starlette.routing import Route

from bot.app.core import Core
from bot.web.agents import AgentWeb
from bot.web.answering import Answering
from bot.web.managers import ManagerWeb
from bot.web.signin import Gate
from handlers.verification.seen import Agents, Claiming, Desk, Giving, Vouching


@dataclass(frozen=True)
class Seen:
    """What agents and managers do, and the code that comes of it."""

    claiming: Claiming
    desk: Desk
    vouching: Vouching
    is_on: bool
    """Without sign-in nobody can prove to be an agent or a manager."""

    @classmethod
    def build(cls, core: Core) -> "Seen":
        database, accounts, cases, keys, clock = (
            core.database,
            core.accounts,
            core.cases,
            core.keys,
            core.clock,
        )
        agents, giving = Agents(accounts), Giving(cases, keys)
        return cls(
            Claiming(database, accounts, cases, core.proving, keys, clock, core.rules),
            Desk(database, accounts, agents, cases, core.cards, giving, clock, core.rules, core.calendar),
            Vouching(
                database,
                accounts,
                agents,
                core.people,
                core.chats,
                cases,
                giving,
                clock,
                core.rules,
                core.calendar,
                core.settings.web.public_url,
            ),
            core.settings.signin.on,
        )

    def routes(self, answering: Answering, gate: Gate) -> list[Route]:
        """What to mount."""
        if not self.is_on:
            return []
        agents = AgentWeb(answering, gate, self.desk, self.vouching)
        return [*agents.routes(), *ManagerWeb(answering, gate, self.vouching).routes()]

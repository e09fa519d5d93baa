"""Routes on which a person sees the requester, put together; their pages only where sign-in is set up."""

from dataclasses import dataclass

from starlette.routing import Route

from bot.plan import support_calendar_of
from bot.settings import Settings
from bot.web.agents import AgentWeb
from bot.web.answering import Answering
from bot.web.managers import ManagerWeb
from bot.web.signin import Gate
from handlers.accounts import Accounts
from handlers.cards import Cards
from handlers.people import People
from handlers.ports import Clock
from handlers.store.database import Database
from handlers.verification.proving import Proving
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
    def build(
        cls,
        settings: Settings,
        clock: Clock,
        database: Database,
        people: People,
        accounts: Accounts,
        cards: Cards,
        proving: Proving,
    ) -> "Seen":
        cases, keys, rules = proving.cases, proving.keys, proving.standings.rules
        agents, giving, calendar = Agents(accounts), Giving(cases, keys), support_calendar_of(settings)
        return cls(
            Claiming(database, accounts, cases, proving, keys, clock, rules),
            Desk(database, accounts, agents, cases, cards, giving, clock, rules, calendar),
            Vouching(
                database,
                accounts,
                agents,
                people,
                people.chats,
                cases,
                giving,
                clock,
                rules,
                calendar,
                settings.web.public_url,
            ),
            settings.signin.on,
        )

    def routes(self, answering: Answering, gate: Gate) -> list[Route]:
        """What to mount."""
        if not self.is_on:
            return []
        agents = AgentWeb(answering, gate, self.desk, self.vouching)
        return [*agents.routes(), *ManagerWeb(answering, gate, self.vouching).routes()]

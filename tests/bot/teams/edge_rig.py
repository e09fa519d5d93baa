"""The real edge of Teams between the emulators and an inbox that a test can watch, hold and break."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr

from bot.gate import Gate
from bot.microsoft import graph_of
from bot.sandbox.entra import EntraEmulator
from bot.sandbox.teams import TeamsEmulator, TeamsUser
from bot.sandbox.world import FJORDHEIM, Resident
from bot.settings import Entra, Http, Settings, Teams
from bot.teams.building import TeamsParts, teams_of
from bot.teams.edge import TeamsEdge
from bot.teams.remembering import Remembering
from bot.teams.standing import Standing
from bot.worker import Bell, Inbox
from graph.sending import Limits
from graph.users import Users
from handlers.events import Event, Person, Pressed
from handlers.messages import Data, Language
from handlers.store.database import Database
from tests.bot.slack.edge_rig import serving
from tests.contracts.slack_rig import words
from tests.handlers.rig import HandClock

ANNA: Final = "Nora Lindqvist"
BERIT: Final = "Ingrid Solbakken"
EVERYBODY: Final = FJORDHEIM.residents


def in_teams(each: Resident) -> TeamsUser:
    """A resident, as Teams has them."""
    locales = {Language.EN: "en-GB", Language.NB: "nb-NO", Language.NN: "nn-NO"}
    return TeamsUser(each.object_id, each.name, each.upn, each.mail, locales[each.language])


def person(name: str) -> Person:
    """A resident, as the product knows them in Teams."""
    return Person("teams", FJORDHEIM.tenant_id, FJORDHEIM.named(name).object_id)


@dataclass
class Handler:
    """Notes the events, and does with them what a test says."""

    handled: list[Event] = field(default_factory=list)
    does: Callable[[Event], Awaitable[None]] | None = None

    async def __call__(self, event: Event) -> None:
        self.handled.append(event)
        if self.does is not None:
            await self.does(event)


@dataclass
class Bot:
    """Everything that a test of the edge needs."""

    entra: EntraEmulator
    teams: TeamsEmulator
    database: Database
    clock: HandClock
    parts: TeamsParts
    edge: TeamsEdge
    handler: Handler
    inbox: Inbox
    url: str = ""
    card: tuple[Data, Language] | None = None
    """What ``showing`` draws."""

    def id(self, name: str) -> str:
        """Somebody's object id."""
        return FJORDHEIM.named(name).object_id

    async def work(self) -> None:
        """Work off what is waiting in the inbox."""
        while await self.inbox.step():
            pass


def settings_for(entra: EntraEmulator, teams: TeamsEmulator, **changes: Any) -> Settings:
    """Settings that fit the emulators, changed as told."""
    fitting: dict[str, Any] = {
        "mode": "http",
        "app_id": FJORDHEIM.bot_id,
        "client_secret": SecretStr(entra.login.bot_secret),
        "tenant_ids": (FJORDHEIM.tenant_id,),
        "support_channel": teams.support_channel,
        "login_url": entra.authority_url,
        "openid_url": teams.openid_url,
        "service_urls": (teams.service_url,),
    }
    return Settings(
        teams=Teams.model_validate(fitting | changes),
        entra=Entra(
            tenant_id=entra.tenant_id,
            client_id=entra.client_id,
            client_secret=SecretStr(entra.client_secret),
            authority_url=entra.authority_url,
            graph_url=entra.graph_url,
        ),
        http=Http(ca_file=entra.ca_file),
    )


@asynccontextmanager
async def made(folder: Path, sqlite_url: str, *, patience: float = 4.5, **changes: Any) -> AsyncIterator[Bot]:
    """An edge that is not started: nothing of it is served."""
    clock, handler = HandClock(), Handler()
    async with AsyncExitStack() as stack:
        entra = await stack.enter_async_context(EntraEmulator(FJORDHEIM, clock, folder))
        teams = TeamsEmulator(
            [in_teams(each) for each in EVERYBODY],
            clock,
            tenant_id=FJORDHEIM.tenant_id,
            app_id=FJORDHEIM.bot_id,
            trusts=entra.login.trusts_bot,
            installed=[each.object_id for each in EVERYBODY],
            support=[FJORDHEIM.named(name).object_id for name in (ANNA, BERIT)],
        )
        await teams.start()
        stack.push_async_callback(teams.stop)
        settings = settings_for(entra, teams, **changes)
        database = Database.open(sqlite_url)
        stack.push_async_callback(database.close)
        users = Users(await stack.enter_async_context(graph_of(settings, Limits(patience=1))))
        parts = await stack.enter_async_context(teams_of(settings, words(), users, database, clock))
        assert parts is not None
        inbox = Inbox(database, clock, "bot", Bell(), handler)
        drawn: list[Bot] = []

        async def showing(_: Pressed) -> tuple[Data, Language] | None:
            return drawn[0].card

        async def tongue(_: Person, locale: str) -> Language:
            return Language.NN if locale.startswith("nn") else Language.NB

        edge = TeamsEdge(
            chat=parts.chat,
            answers=parts.answers,
            proof=parts.proof,
            inbox=inbox,
            remembering=Remembering(database, clock),
            standing=Standing(parts.chat.connector),
            showing=showing,
            tongue=tongue,
            gate=Gate(),
            patience=patience,
        )
        bot = Bot(entra, teams, database, clock, parts, edge, handler, inbox)
        drawn.append(bot)
        stack.push_async_callback(inbox.idle, 5)
        stack.push_async_callback(edge.stop, 5)
        yield bot


@asynccontextmanager
async def running(folder: Path, sqlite_url: str, **told: Any) -> AsyncIterator[Bot]:
    """The edge, started and served."""
    async with made(folder, sqlite_url, **told) as bot:
        await bot.edge.start()
        async with serving(bot.edge.routes()) as url:
            bot.url = f"{url}/teams/messages"
            bot.teams.deliver_to(bot.url)
            yield bot

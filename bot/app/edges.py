"""The chat platforms that are switched on: what is said there, and how it comes in."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from bot.app.features import Features
from bot.gate import Gate
from bot.platforms import Edge
from bot.render.words import Words
from bot.settings import Settings
from bot.slack.chat import SlackChat
from bot.slack.client import web_client
from bot.slack.edge import SlackEdge
from bot.slack.listening import listening_of
from bot.teams.building import TeamsParts, teams_of
from bot.teams.edge import TeamsEdge
from bot.teams.remembering import Remembering
from bot.teams.standing import Standing
from bot.worker import Inbox
from graph.users import Users
from handlers.cards.showing import Showing
from handlers.events import Person
from handlers.language import of_locale
from handlers.messages import Language
from handlers.ports import Chats, Clock, Installer
from handlers.store import people
from handlers.store.database import Database


@dataclass(frozen=True)
class Platforms:
    """What is on, before there is anything to do with what comes in."""

    settings: Settings
    database: Database
    clock: Clock
    chats: Chats
    slack: AsyncWebClient | None
    teams: TeamsParts | None

    def edges(self, work: Inbox, features: Features) -> tuple[Edge, ...]:
        """The ways in, which hand what comes to the inbox."""
        return tuple(self._edges(work, features))

    def _edges(self, work: Inbox, features: Features) -> Iterator[Edge]:
        settings = self.settings
        if self.slack is not None:
            listening = listening_of(settings)
            yield SlackEdge(settings.slack, self.slack, work.receive, work.bell.ring, listening)
        if self.teams is not None:
            yield TeamsEdge(
                chat=self.teams.chat,
                answers=self.teams.answers,
                proof=self.teams.proof,
                inbox=work,
                remembering=Remembering(self.database, self.clock),
                standing=Standing(self.teams.chat.connector),
                showing=Showing(self.database, features.cases, features.cards, self.clock),
                tongue=self._tongue,
                gate=Gate(),
            )

    async def _tongue(self, person: Person, locale: str) -> Language:
        async with self.database.reading() as session:
            chosen = await people.language_of(session, person)
        return chosen or of_locale(locale) or self.settings.organisation.language


@asynccontextmanager
async def platforms_of(
    settings: Settings,
    words: Words,
    users: Users,
    database: Database,
    clock: Clock,
    installer: Installer | None,
) -> AsyncIterator[Platforms]:
    """The platforms of the settings. Nothing is connected yet."""
    slack = settings.slack
    token = slack.bot_token.get_secret_value()
    async with (
        web_client(slack.api_url, token, settings.http.ca_file) as client,
        teams_of(settings, words, users, database, clock, installer) as teams,
    ):
        on_slack = (SlackChat(client, words, slack.workspace_ids),) if slack.on else ()
        on_teams = (teams.chat,) if teams is not None else ()
        chats = Chats((*on_slack, *on_teams), installer)
        yield Platforms(settings, database, clock, chats, client if slack.on else None, teams)

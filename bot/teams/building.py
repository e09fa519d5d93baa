"""Teams as the settings describe it."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from bot.microsoft import credential_of
from bot.outside import TIMEOUT as KEYS_TIMEOUT
from bot.render.words import Words
from bot.settings import Settings
from bot.teams.addresses import ServiceUrls
from bot.teams.answers import Answers
from bot.teams.chat import TeamsChat
from bot.teams.connector import SCOPE, TIMEOUT, Connector
from bot.teams.proof import Proof, keys_at
from graph.tokens import Tokens
from graph.users import Users
from handlers.ports import Clock, Installer
from handlers.store.database import Database


@dataclass(frozen=True)
class TeamsParts:
    """What the edge of Teams is made of."""

    chat: TeamsChat
    answers: Answers
    proof: Proof


@asynccontextmanager
async def teams_of(
    settings: Settings,
    words: Words,
    users: Users,
    database: Database,
    clock: Clock,
    installer: Installer | None = None,
) -> AsyncIterator[TeamsParts | None]:
    """Teams, or nothing where it is off. Nothing is fetched before it is needed."""
    if not settings.teams.on:
        yield None
        return
    teams = settings.teams
    answers = Answers()
    async with connector_of(settings) as connector, _client(settings, KEYS_TIMEOUT) as outside:
        chat = TeamsChat(
            connector,
            answers,
            words,
            users,
            database,
            clock,
            teams.app_id,
            settings.teams_tenants,
            installer,
        )
        yield TeamsParts(chat, answers, Proof(keys_at(outside, teams.openid_url), teams.app_id, clock.now))


@asynccontextmanager
async def connector_of(settings: Settings) -> AsyncIterator[Connector]:
    """The Bot service, as our bot registration."""
    teams = settings.teams
    tokens = Tokens(
        authority_url=teams.login_url,
        tenant_id=settings.entra.tenant_id,
        client_id=teams.app_id,
        credential=credential_of(teams, settings.entra),
        scope=SCOPE,
        ca_file=settings.http.ca_file,
    )
    try:
        async with _client(settings, TIMEOUT) as client:
            yield Connector(client, tokens, ServiceUrls(teams.service_urls))
    finally:
        await tokens.aclose()


def _client(settings: Settings, timeout: httpx.Timeout) -> httpx.AsyncClient:
    trust = ssl.create_default_context(cafile=settings.http.ca_file)
    return httpx.AsyncClient(verify=trust, timeout=timeout, follow_redirects=False)

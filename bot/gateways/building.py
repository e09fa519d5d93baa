"""The gateways as the settings describe them."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from bot.gateways.contacts import BrokenContacts, FiledContacts, GraphContacts, LookedUpContacts, NoContacts
from bot.gateways.mailing import Mailing
from bot.gateways.sms import SmsGateway, Texting
from bot.gateways.waking import Waking
from bot.gateways.webhook import Webhook
from bot.outside import TIMEOUT
from bot.render.words import Words
from bot.settings import Settings
from bot.settings.sources import SettingsError
from graph.mail import Mails
from graph.secret import Secret
from graph.users import Users
from handlers import ports


@asynccontextmanager
async def gateways_of(
    settings: Settings, users: Users, mails: Mails, words: Words, clock: ports.Clock
) -> AsyncIterator[ports.Channels]:
    """Over one client that is closed at the end. Nothing is asked before it is needed.

    Raises ``SettingsError`` for a file that cannot be used.
    """
    async with _client(settings) as client:
        sms, sender = settings.sms, settings.mail.sender
        mailing = Mailing(words, mails, sender) if sender else None
        yield ports.Channels(
            _contacts(settings.verification.contact_source, users, client),
            _security(settings, mailing, client, clock),
            Texting(words, SmsGateway(client, sms.url, Secret(sms.key.get_secret_value())))
            if sms.url
            else None,
            mailing,
            _tickets(settings, client, clock),
        )


@asynccontextmanager
async def contacts_of(settings: Settings, users: Users) -> AsyncIterator[ports.Contacts]:
    """Where private addresses are held, and nothing else. Raises ``SettingsError`` for a file that cannot be used."""
    async with _client(settings) as client:
        yield _contacts(settings.verification.contact_source, users, client)


def _client(settings: Settings) -> httpx.AsyncClient:
    trust = ssl.create_default_context(cafile=settings.http.ca_file)
    return httpx.AsyncClient(verify=trust, timeout=TIMEOUT, follow_redirects=False)


def _security(
    settings: Settings, mailing: Mailing | None, client: httpx.AsyncClient, clock: ports.Clock
) -> Waking:
    security = settings.security
    key = Secret(security.webhook_key.get_secret_value())
    webhook = Webhook(client, security.webhook, clock, key) if security.webhook else None
    return Waking(mailing, security.mail, webhook, settings.organisation.language)


def _tickets(settings: Settings, client: httpx.AsyncClient, clock: ports.Clock) -> Webhook | None:
    support = settings.support
    key = Secret(support.webhook_key.get_secret_value())
    return Webhook(client, support.webhook, clock, key) if support.webhook else None


def _contacts(source: str, users: Users, client: httpx.AsyncClient) -> ports.Contacts:
    kind, _, where = source.partition(":")
    match kind:
        case "graph":
            return GraphContacts(users, where)
        case "url":
            return LookedUpContacts(client, where)
        case "file":
            try:
                return FiledContacts(Path(where))
            except BrokenContacts as broken:
                raise SettingsError(f"verification.contact_source: {broken}") from None
        case _:
            return NoContacts()

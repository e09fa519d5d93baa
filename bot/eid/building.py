"""The providers of eID as the settings describe them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from bot.eid.client import EidClient
from bot.eid.numbers import FiledNumbers, GraphNumbers, LookedUpNumbers, NumberSource
from bot.eid.provider import Provider
from bot.eid.service import Eids, Offered
from bot.jose import SigningKey, UnusableKey
from bot.oidc.building import client_of
from bot.oidc.metadata import Published
from bot.settings import EidProvider, Settings
from bot.settings.sources import SettingsError
from graph.secret import Secret
from graph.users import Users
from handlers.messages import Language
from handlers.ports import EidRoute


@asynccontextmanager
async def eids_of(settings: Settings, users: Users) -> AsyncIterator[Eids]:
    """The providers, over one client. Nothing is fetched before the first login.

    Raises ``SettingsError`` or ``BrokenNumbers`` for a key or file that cannot be used.
    """
    async with client_of(settings.http.ca_file) as client:
        offered = {
            entry.name: _offered(settings, entry, users, client)
            for entry in settings.eid.providers
            if entry.number_source != "none"
        }
        yield Eids(offered, settings.web.public_url)


def _offered(settings: Settings, entry: EidProvider, users: Users, client: httpx.AsyncClient) -> Offered:
    provider = Provider(
        name=entry.name,
        issuer=entry.issuer,
        client_id=entry.client_id,
        client_auth=entry.client_auth,
        accept_acr=dict(entry.accept_acr),
        claim=entry.claim,
        keys=_keys(entry),
        secret=Secret(entry.secret.get_secret_value()),
        scopes=entry.scopes,
        acr_values=entry.acr_values,
        require=dict(entry.require),
        host_allow=frozenset(entry.host_allow),
    )
    label = {
        language: getattr(entry.label, language.value) if entry.label else entry.name for language in Language
    }
    route = EidRoute(entry.name, label, frozenset(entry.groups))
    eid = EidClient(provider, Published(provider, client), client)
    return Offered(route, eid, _numbers(settings, entry.number_source, users, client))


def _keys(entry: EidProvider) -> tuple[SigningKey, ...]:
    try:
        return tuple(
            SigningKey(Secret(key.get_secret_value()), entry.kid if entry.kid and not number else None)
            for number, key in enumerate(entry.key)
        )
    except UnusableKey:
        raise SettingsError(
            f"eid.providers, entry {entry.name}: key must be an RSA private key of 2,048 bits or more, "
            "in PEM and without a password."
        ) from None


def _numbers(settings: Settings, source: str, users: Users, client: httpx.AsyncClient) -> NumberSource:
    kind, _, where = source.partition(":")
    match kind:
        case "graph":
            return GraphNumbers(users, where)
        case "url":
            return LookedUpNumbers(client, where)
        case _:
            return FiledNumbers(Path(where), [key.get_secret_value() for key in settings.secrets.number_key])

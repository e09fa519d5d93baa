"""Microsoft Graph as the settings describe it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from bot.settings import Entra, Settings, Teams
from bot.settings.values import SYSTEM
from graph.audits import Audits
from graph.client import GraphClient
from graph.clouds import scope_for
from graph.groups import Groups
from graph.methods import Methods
from graph.passes import Passes
from graph.photos import Photos
from graph.reports import Reports
from graph.roles import Roles
from graph.secret import Secret
from graph.sending import Limits
from graph.skew import ClockWatch
from graph.tokens import Certificate, ClientSecret, Credential, ManagedIdentity, Tokens
from graph.users import Users
from handlers.accounts import Directory


@asynccontextmanager
async def directory_of(settings: Settings) -> AsyncIterator[Directory]:
    """The directory, over one client that is closed at the end. Nothing is fetched before the first call."""
    async with graph_of(settings) as client:
        yield directory_on(client)


@asynccontextmanager
async def graph_of(
    settings: Settings, limits: Limits | None = None, watch: ClockWatch | None = None
) -> AsyncIterator[GraphClient]:
    """Microsoft Graph, over one client that is closed at the end. Nothing is fetched before the first call.

    ``watch`` hears every answer.
    """
    graph_url, ca_file = settings.entra.graph_url, settings.http.ca_file
    async with AsyncExitStack() as stack:
        tokens = await stack.enter_async_context(tokens_of(settings))
        client = GraphClient(graph_url, tokens, ca_file=ca_file, limits=limits, watch=watch)
        yield await stack.enter_async_context(client)


@asynccontextmanager
async def tokens_of(settings: Settings) -> AsyncIterator[Tokens]:
    """Tokens of our own application for Microsoft Graph. Nothing is fetched before the first is asked for."""
    entra = settings.entra
    tokens = Tokens(
        authority_url=entra.authority_url,
        tenant_id=entra.tenant_id,
        client_id=entra.client_id,
        credential=credential_of(entra),
        scope=scope_for(entra.graph_url),
        ca_file=settings.http.ca_file,
    )
    try:
        yield tokens
    finally:
        await tokens.aclose()


def directory_on(client: GraphClient, watch: ClockWatch | None = None) -> Directory:
    """The parts of Microsoft Graph that the features use."""
    return Directory(
        Users(client),
        Groups(client),
        Roles(client),
        Methods(client),
        Passes(client),
        Photos(client),
        Audits(client),
        Reports(client),
        watch,
    )


def credential_of(*registrations: Entra | Teams) -> Credential:
    """How an application proves who it is, by the first that has something: the settings' rules see to that."""
    for registration in registrations:
        if registration.certificate is not None:
            return Certificate(Secret(registration.certificate.read_text(encoding="ascii")))
        if identity := registration.managed_identity:
            return ManagedIdentity("" if identity == SYSTEM else identity)
        if secret := registration.client_secret.get_secret_value():
            return ClientSecret(Secret(secret))
    return ClientSecret(Secret(""))

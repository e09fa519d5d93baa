"""Teams: the bot's token, the keys of the Bot service, our tenant, the app in the catalogue, the support channel."""

from collections.abc import Sequence
from typing import Final

from bot.doctor.asking import LIMITS
from bot.doctor.finding import Finding, doubtful, fine, wrong
from bot.microsoft import graph_of
from bot.oidc.building import client_of
from bot.outside import OutsideError
from bot.settings import Settings
from bot.settings.values import is_guid
from bot.teams.building import connector_of
from bot.teams.proof import keys_at
from graph.errors import Forbidden, NotInCatalogue
from graph.teams_apps import TeamsApps
from handlers.ports import Rejected, Unreachable

_BOT: Final = "Teams token"
_KEYS: Final = "Teams keys"
_TENANTS: Final = "Teams tenants"
_APP: Final = "Teams app"
CHANNEL: Final = "Teams channel teams.support_channel"


async def token(settings: Settings) -> Sequence[Finding]:
    """Whether Entra gives the bot a token for the Bot service."""
    try:
        async with connector_of(settings) as connector:
            await connector.token()
    except Rejected as refused:
        remedy = (
            "compare teams.app_id and its secret or certificate with the registration of the bot in Entra"
        )
        return [wrong(_BOT, f"Entra gives the bot none ({refused})", remedy)]
    return [fine(_BOT, "Entra gives the bot one for the Bot service")]


async def keys(settings: Settings) -> Sequence[Finding]:
    """Whether what Teams sends could be checked: the keys are there, and some may sign for Teams."""
    address = settings.teams.openid_url
    async with client_of(settings.http.ca_file) as client:
        try:
            # Whatever the id: the keys are fetched, and it is an error when none of them may sign for Teams.
            await keys_at(client, address).get("")
        except OutsideError as error:
            remedy = (
                f"compare teams.openid_url with Microsoft's, and reach {address} and its jwks_uri from here"
            )
            return [wrong(_KEYS, f"of no use, so nothing from Teams is believed: {error}", remedy)]
    return [fine(_KEYS, "the Bot service publishes keys for Teams")]


def judge_tenants(settings: Settings) -> Finding:
    """Whether the people of the tenant that the bot works for are served."""
    home, served = settings.entra.tenant_id, settings.teams_tenants
    if is_guid(home) and home not in served:
        remedy = "add entra.tenant_id to teams.tenant_ids, or leave teams.tenant_ids out"
        return wrong(_TENANTS, "the people of entra.tenant_id are not served", remedy)
    return fine(_TENANTS, f"people of {', '.join(served)} are served")


async def tenants(settings: Settings) -> Sequence[Finding]:
    """The same, as a look."""
    return [judge_tenants(settings)]


async def app(settings: Settings) -> Sequence[Finding]:
    """Whether people can have the app. Whether the bot may give it to them stands with its permissions."""
    async with graph_of(settings, LIMITS) as graph:
        try:
            await TeamsApps(graph, settings.teams.app_id).catalogue_id()
        except NotInCatalogue:
            return [
                doubtful(
                    _APP,
                    "not among the apps of the organisation, so nobody is given it",
                    "upload the package of `tofaktor manifest teams` in the Teams admin centre",
                )
            ]
        except Forbidden:
            return [
                doubtful(
                    _APP,
                    "nobody can tell whether it is among the apps of the organisation",
                    "see what is said of its permission, or look in the Teams admin centre",
                )
            ]
    return [fine(_APP, "among the apps of the organisation")]


async def channel(settings: Settings) -> Sequence[Finding]:
    """Whether the bot is in the support channel. Nothing is posted."""
    place = settings.teams.support_channel
    async with connector_of(settings) as connector:
        try:
            await connector.look(connector.services.default, place)
        except Unreachable:
            return [
                wrong(
                    CHANNEL,
                    f"the bot is not in {place}",
                    "add the app to the team that the channel belongs to, and compare the key with the channel's link",
                )
            ]
    return [fine(CHANNEL, f"the bot is in {place}")]

"""Where people log in: the providers of eID, and Entra for those who work with cases."""

from collections.abc import Sequence

from bot.doctor.asking import LIMITS
from bot.doctor.finding import Finding, doubtful, fine, wrong
from bot.eid.building import eids_of
from bot.microsoft import directory_on, graph_of
from bot.oidc.metadata import WELL_KNOWN, Published
from bot.outside import OutsideError
from bot.settings import EidProvider, Settings
from bot.signin.building import sign_in_of


async def eid(settings: Settings, entry: EidProvider) -> Sequence[Finding]:
    """Whether a provider of eID publishes what a login needs."""
    name = f"eID {entry.name}"
    async with (
        graph_of(settings, LIMITS) as graph,
        eids_of(settings, directory_on(graph).users) as eids,
    ):
        offered = eids.offered.get(entry.name)
        if offered is None:
            remedy = "set number_source of its entry: without it nobody's number can be compared"
            return [doubtful(name, "not offered, since number_source is none", remedy)]
        key = f"issuer of the entry {entry.name} in eid.providers"
        return [await _published(name, key, offered.client.published)]


async def entra(settings: Settings) -> Sequence[Finding]:
    """Whether Entra publishes what a sign-in needs."""
    async with sign_in_of(settings) as sign_in:
        if sign_in is None:
            return []
        return [await _published("Sign-in", "entra.authority_url and entra.tenant_id", sign_in.published)]


async def _published(name: str, key: str, published: Published) -> Finding:
    issuer = published.provider.issuer
    address = issuer.rstrip("/") + WELL_KNOWN
    try:
        await published.metadata()
    except OutsideError as error:
        return wrong(
            name, f"metadata is of no use: {error}", f"compare {key} with {address}, and reach it from here"
        )
    try:
        # Whatever the id: the keys are fetched, and it is an error when none can be used.
        await published.keys.get("")
    except OutsideError as error:
        return wrong(
            name, f"keys are of no use: {error}", f"reach jwks_uri of {address} from here, or ask its owner"
        )
    return fine(name, f"metadata and keys of {issuer} are good")

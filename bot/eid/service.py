"""All providers of eID, as the features see them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.eid.client import EidClient
from bot.eid.numbers import NumberSource
from bot.outside import OutsideError
from graph.secret import Secret
from handlers.messages import Language
from handlers.ports import AskedLogin, BegunLogin, EidRoute, Identity

AFTER_LOGOUT: Final = "post_logout_redirect_uri"


@dataclass(frozen=True)
class Offered:
    """One provider: how people choose it, how they log in, and where their number is held."""

    route: EidRoute
    client: EidClient
    numbers: NumberSource


@dataclass(frozen=True)
class Eids:
    """The port ``handlers.ports.Eid`` over the providers of the settings."""

    offered: Mapping[str, Offered]
    public_url: str

    @property
    def routes(self) -> Sequence[EidRoute]:
        """In the order of the settings."""
        return [each.route for each in self.offered.values()]

    @property
    def published(self) -> Sequence[Mapping[str, str]]:
        """The public halves of our keys, each once. Two providers may call different keys the same."""
        every = [key.public for each in self.offered.values() for key in each.client.provider.keys]
        return list({(key["kid"], key["n"]): key for key in every}.values())

    def origins(self, providers: Iterable[str]) -> str:
        """Where the pages of these providers lie, as ``form-action`` lists them."""
        return " ".join(self.offered[name].client.provider.origins for name in providers)

    async def ending(self, provider: str) -> tuple[str, Mapping[str, str]] | None:
        """Where a login there is ended, and what to send along (OpenID Connect RP-Initiated Logout 1.0, 2).

        Nothing where the provider has no such address, or where nobody can tell. We keep no id_token that could
        serve as a hint: the client's name stands in for it.
        """
        offered = self.offered.get(provider)
        if offered is None:
            return None
        try:
            metadata = await offered.client.published.metadata()
        except OutsideError:
            return None
        if metadata.end_session is None:
            return None
        back = {"client_id": offered.client.provider.client_id, AFTER_LOGOUT: f"{self.public_url}/case"}
        return metadata.end_session, back

    async def begin(self, provider: str, language: Language, now: datetime) -> BegunLogin:
        """Each provider comes back to an address of its own, so that no answer is taken for another's.

        RFC 9700, 4.4.2.
        """
        callback = f"{self.public_url}/eid/{provider}/callback"
        return await self.offered[provider].client.begin(callback, _locales(language), now)

    async def end(
        self, provider: str, query: Sequence[tuple[str, str]], asked: AskedLogin, now: datetime
    ) -> Identity:
        """See ``EidClient.end``."""
        return await self.offered[provider].client.end(query, asked, now)

    async def matches(self, provider: str, account: str, number: Secret) -> bool:
        """See ``NumberSource.matches``."""
        return await self.offered[provider].numbers.matches(account, number)


def _locales(language: Language) -> Sequence[str]:
    """The person's language first; then what they most likely read too."""
    return [language, *(other for other in (Language.NB, Language.EN) if other is not language)]

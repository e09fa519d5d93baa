"""The requests of the Bot service that we need. None is repeated here: the outbox decides about that.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference. No request has a key
that makes it idempotent: a POST without an answer may have been carried out.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

import httpx

from bot.shapes import text
from bot.teams.addresses import ServiceUrls
from bot.teams.failures import PAUSE, refused, unanswered
from graph.errors import GraphError, Unavailable
from graph.tokens import Tokens
from handlers.ports import Rejected, TryLater

Json = Mapping[str, object]

SCOPE: Final = "https://api.botframework.com/.default"
TIMEOUT: Final = httpx.Timeout(20.0, connect=5.0)
"""Seconds. A send and its marking stay below the lease of the outbox."""


class Connector:
    """Speaks to the service of a conversation, as our bot. Every method raises ``ChatError``."""

    def __init__(self, client: httpx.AsyncClient, tokens: Tokens, services: ServiceUrls) -> None:
        self._client = client
        self._tokens = tokens
        self._services = services

    @property
    def services(self) -> ServiceUrls:
        """Where it may send."""
        return self._services

    async def post(self, service: str, conversation: str, activity: Json) -> str:
        """Send an activity, into a thread when ``conversation`` names one; the id it got."""
        answer = await self._asked(
            "POST", service, f"conversations/{_part(conversation)}/activities", activity
        )
        return _named(answer)

    async def put(self, service: str, conversation: str, id: str, activity: Json) -> None:
        """Replace an activity of ours."""
        path = f"conversations/{_part(conversation)}/activities/{_part(id)}"
        await self._asked("PUT", service, path, activity, repeatable=True)

    async def create(self, service: str, bot: str, tenant: str, user: str) -> str:
        """The one-to-one conversation with the person of this object id; the one there is, if there is one.

        The object id stands in ``id``: in ``aadObjectId`` it is refused (MicrosoftDocs/msteams-docs issue 14079).
        """
        asked = {
            "bot": {"id": bot},
            "isGroup": False,
            "members": [{"id": user}],
            "tenantId": tenant,
            "channelData": {"tenant": {"id": tenant}},
        }
        return _named(await self._asked("POST", service, "conversations", asked, repeatable=True))

    async def look(self, service: str, conversation: str) -> None:
        """See whether we are in a conversation. Nothing is posted; ``Unreachable`` when we are not."""
        path = f"conversations/{_part(conversation)}/pagedMembers?pageSize=50"
        await self._asked("GET", service, path, None, repeatable=True)

    async def token(self) -> None:
        """See whether we get a token at all. Raises ``Rejected`` or ``TryLater``."""
        await self._token()

    async def _asked(
        self, method: str, service: str, path: str, body: Json | None, *, repeatable: bool = False
    ) -> httpx.Response:
        if not self._services.allows(service):
            raise Rejected("foreign-service")
        url = f"{service.rstrip('/')}/v3/{path}"
        for is_last in (False, True):
            token = await self._token()
            response = await self._sent(method, url, token, body, repeatable=repeatable)
            if response.is_success:
                return response
            if response.status_code != httpx.codes.UNAUTHORIZED or is_last:
                raise refused(response, repeatable=repeatable)
            # Refused before anything was done: a fresh token may be all it takes.
            self._tokens.drop(token)
        raise AssertionError("unreachable")

    async def _sent(
        self, method: str, url: str, token: str, body: Json | None, *, repeatable: bool
    ) -> httpx.Response:
        try:
            return await self._client.request(
                method, url, json=body, headers={"Authorization": f"Bearer {token}"}
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise TryLater(PAUSE) from None
        except httpx.HTTPError:
            raise unanswered(repeatable=repeatable) from None

    async def _token(self) -> str:
        try:
            return await self._tokens.get()
        except Unavailable:
            raise TryLater(PAUSE) from None
        except GraphError as error:
            raise Rejected(f"teams-token: {error.code or 'refused'}") from None


def _part(value: str) -> str:
    """As one part of a path, whatever is in it."""
    return quote(value, safe="")


def _named(response: httpx.Response) -> str:
    try:
        found = text(response.json(), "id")
    except ValueError:
        found = ""
    if not found:
        raise Rejected("Teams answered without id")
    return found

"""Our app in Teams: whether the organisation's catalogue has it, who has it installed, and giving it to somebody."""

from typing import Final

from graph.client import GraphClient
from graph.errors import (
    AppRefused,
    Conflict,
    Forbidden,
    NoTeamsLicence,
    NotFound,
    NotInCatalogue,
    OutcomeUnknown,
)
from graph.fields import Row, maybe_text, text
from graph.paths import equals, path

CATALOGUE = "AppCatalog.Read.All"
INSTALL = "TeamsAppInstallation.ReadWriteSelfForUser.All"
"""The least that installs: it reaches the app whose ``webApplicationInfo.id`` is our own client id, and no other.

https://learn.microsoft.com/graph/api/userteamwork-post-installedapps
"""

_APPS: Final = "/users/{user}/teamwork/installedApps"
_OURS: Final = ("Missing role permissions", "is not allowed to manage")
"""By what a missing permission is known in this part of Graph, whose code is ``Forbidden`` for all it refuses."""


class TeamsApps:
    """Reads and changes for whom one app is installed in Teams.

    Permissions are told from refusals that concern one account. For the latter Graph has one status and one code,
    so that the sentence decides; a sentence that we do not know concerns the account alone.
    """

    def __init__(self, client: GraphClient, manifest_id: str) -> None:
        self._client = client
        self._manifest_id = manifest_id
        self._catalogue_id: str | None = None

    async def catalogue_id(self) -> str:
        """The id of our app in the catalogue, looked up once. ``NotInCatalogue`` when it is not there."""
        if self._catalogue_id is None:
            query = {"$filter": equals("externalId", self._manifest_id)}
            found = [
                row
                async for row in self._client.rows(
                    path("/appCatalogs/teamsApps"), query, permission=CATALOGUE
                )
            ]
            if not found:
                raise NotInCatalogue
            self._catalogue_id = text(min(found, key=_foreign), "id")
        return self._catalogue_id

    async def installation(self, user_id: str) -> str | None:
        """The id of the installation, when this account has the app."""
        query = {"$expand": "teamsApp", "$filter": equals("teamsApp/id", await self.catalogue_id())}
        try:
            async for row in self._client.rows(path(_APPS, user=user_id), query, permission=INSTALL):
                return text(row, "id")
        except Forbidden as refused:
            raise _told_apart(refused) from None
        return None

    async def install(self, user_id: str) -> None:
        """Give the app to this account, which may have it already.

        ``AppRefused`` when Teams does not let this account have it, ``NoTeamsLicence`` when it has no Teams,
        ``NotFound`` for nobody. ``OutcomeUnknown`` only after a look that found nothing.
        """
        try:
            await self._install(user_id)
        except OutcomeUnknown:
            if await self.installation(user_id) is None:
                # Installing twice is refused as a conflict: nothing can be done twice by this.
                await self._install(user_id)

    async def chat(self, user_id: str, installation: str) -> str:
        """The id of the conversation between this account and the app."""
        where = path(f"{_APPS}/{{installation}}/chat", user=user_id, installation=installation)
        try:
            return text(await self._client.get(where, permission=INSTALL), "id")
        except Forbidden as refused:
            raise _told_apart(refused) from None

    async def _install(self, user_id: str) -> None:
        app = path("/appCatalogs/teamsApps/{app}", app=await self.catalogue_id())
        body = {"teamsApp@odata.bind": self._client.address(app)}
        try:
            await self._client.create(path(_APPS, user=user_id), body, permission=INSTALL)
        except Conflict:
            return
        except NotFound:
            # Nobody of this id, or the app has left the catalogue: the next call looks again.
            self._catalogue_id = None
            raise
        except Forbidden as refused:
            raise _told_apart(refused) from None


def _foreign(found: Row) -> bool:
    """An app of the store may have the same manifest id as the organisation's own."""
    return maybe_text(found, "distributionMethod") != "organization"


def _told_apart(refused: Forbidden) -> Forbidden:
    if refused.code != "Forbidden" or any(begin in refused.message for begin in _OURS):
        return refused
    kind = NoTeamsLicence if "license information" in refused.message else AppRefused
    return kind(refused.message, code=refused.code, request_id=refused.request_id)

"""The part of Graph about apps in Teams: the organisation's catalogue, and who has what installed."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Final, Protocol

from bot.sandbox.entra.filters import Rules
from bot.sandbox.entra.pages import Paging, collection
from bot.sandbox.entra.refusals import Refusal, Style
from bot.sandbox.entra.requests import Answer, Incoming, Route, one_of
from bot.sandbox.entra.state import Account, NoSuchThing, Tenant
from bot.sandbox.world import Resident, guid

GRANTS: Final = frozenset({"AppCatalog.Read.All", "TeamsAppInstallation.ReadWriteSelfForUser.All"})
"""What an administrator consents to so that the bot may install itself."""

_CATALOGUE: Final = one_of("AppCatalog.Read.All", "AppCatalog.ReadWrite.All")
_SELF: Final = "TeamsAppInstallation.ReadWriteSelfForUser.All"
_ALL: Final = "TeamsAppInstallation.ReadWriteForUser.All"
_READ: Final = "TeamsAppInstallation.ReadForUser.All"
_CATALOGUE_RULES: Final = Rules(plain=frozenset({"id", "externalId", "displayName", "distributionMethod"}))
_INSTALLED_RULES: Final = Rules(plain=frozenset({"id", "teamsApp/id", "teamsApp/externalId"}))
_NO_LICENCE: Final = (
    "Failed to get license information for the user. "
    "Ensure user has a valid Office365 license assigned to them."
)
_APPS: Final = "/users/{user}/teamwork/installedApps"


class Conversation(Protocol):
    """A conversation between somebody and the bot."""

    id: str


class InTeams(Protocol):
    """The emulated Teams: who is in it and has the bot's app."""

    def is_there(self, user_id: str) -> bool:
        """Whether this person has Teams."""
        ...

    def has_app(self, user_id: str) -> bool:
        """Whether this person has the app."""
        ...

    def chat(self, user_id: str) -> Conversation | None:
        """Their conversation with the bot."""
        ...

    def give(self, user_id: str) -> object:
        """Add the app at once; the bot is told soon after."""
        ...


@dataclass(frozen=True)
class App:
    """An app that an administrator has uploaded."""

    id: str
    external_id: str
    """The id in its manifest."""
    client_id: str
    """``webApplicationInfo.id`` of its manifest."""
    name: str

    @property
    def fields(self) -> dict[str, object]:
        """As Graph shows it."""
        return {
            "id": self.id,
            "externalId": self.external_id,
            "displayName": self.name,
            "distributionMethod": "organization",
        }


class TeamsApps:
    """The catalogue, and the personal installations."""

    def __init__(self, tenant: Tenant, paging: Paging) -> None:
        self._tenant = tenant
        self._paging = paging
        self._catalogue: dict[str, App] = {}
        self._installed: set[tuple[str, str]] = set()
        self.blocked: set[str] = set()
        """Object ids of the accounts to whom an app permission policy forbids the app."""
        self.unlicensed: set[str] = set()
        """Object ids of the accounts without Teams."""
        self.teams: InTeams | None = None
        """Where people use the app. Without it nobody does, and nobody hears of an installation."""

    def publish(self, external_id: str, *, client_id: str | None = None, name: str = "tofaktor") -> App:
        """An administrator uploads an app. Unless told otherwise it belongs to the bot's own registration."""
        app = App(
            guid("teams app", external_id), external_id, client_id or self._tenant.world.client_id, name
        )
        self._catalogue[app.id] = app
        return app

    def withdraw(self, app: App) -> None:
        """An administrator takes an app out of the catalogue; nobody has it any more."""
        del self._catalogue[app.id]
        self._installed = {pair for pair in self._installed if pair[1] != app.id}

    def add(self, user: Resident | str, app: App) -> None:
        """Somebody has added the app themselves, in Teams."""
        self._installed.add((self._tenant.account(user).id, app.id))

    def remove(self, user: Resident | str, app: App) -> None:
        """Somebody has removed the app."""
        self._installed.discard((self._tenant.account(user).id, app.id))

    def has(self, user: Resident | str, app: App) -> bool:
        """Whether this account has the app. Where there is a Teams, it is Teams that knows."""
        account = self._tenant.account(user)
        if self.teams is not None:
            return app.id in self._catalogue and self.teams.has_app(account.id)
        return (account.id, app.id) in self._installed

    def routes(self) -> list[Route]:
        """What this part of Graph answers."""
        catalogue, install = (_CATALOGUE,), (one_of(_SELF, _ALL),)
        read = (one_of(_READ, _SELF, _ALL),)
        teams = Style.TEAMS
        return [
            Route("GET", "/appCatalogs/teamsApps", catalogue, self._list, style=teams),
            Route("GET", _APPS, read, self._list_installed, style=teams),
            Route("POST", _APPS, install, self._install, style=teams),
            Route("GET", f"{_APPS}/{{installation}}/chat", read, self._chat, style=teams),
        ]

    def _list(self, incoming: Incoming) -> Answer:
        rows = [app.fields for app in self._catalogue.values()]
        return collection(incoming, rows, self._paging, rules=_CATALOGUE_RULES, default=None)

    def _list_installed(self, incoming: Incoming) -> Answer:
        account = self._account(incoming)
        expanded = incoming.query.get("$expand")
        if expanded not in (None, "teamsApp"):
            raise Refusal(400, "BadRequest", "The query specified in the URI is not valid.")
        if "teamsApp/" in incoming.query.get("$filter", "") and expanded is None:
            raise Refusal(400, "BadRequest", "Filtering by the app needs $expand=teamsApp.")
        rows = [
            {
                "id": _installation(account, app),
                "teamsApp": app.fields,
                "teamsApp/id": app.id,
                "teamsApp/externalId": app.external_id,
            }
            for app in self._catalogue.values()
            if self.has(account.id, app) and self._may_see(incoming, app)
        ]
        shown = ("id",) if expanded is None else ("id", "teamsApp")
        return collection(incoming, rows, self._paging, rules=_INSTALLED_RULES, default=shown)

    def _install(self, incoming: Incoming) -> Answer:
        account = self._account(incoming)
        app = self._app_in(incoming)
        if app.client_id != self._tenant.world.client_id and _ALL not in incoming.roles:
            told = f"AAD App Id '{self._tenant.world.client_id}' is not allowed to manage the Teams App '{app.id}'"
            raise Refusal(403, "Forbidden", told)
        if account.resident.external or account.id in self.blocked:
            told = (
                f"App is blocked by app permission policy. TenantId: {self._tenant.world.tenant_id}, "
                f"UserObjectId: {account.id}, AppId: {app.id}, AppType: Private"
            )
            raise Refusal(403, "Forbidden", told)
        if self.has(account.id, app):
            raise Refusal(409, "Conflict", "The app is already installed for the user.")
        self._installed.add((account.id, app.id))
        if self.teams is not None:
            self.teams.give(account.id)
        return Answer(201)

    def _chat(self, incoming: Incoming) -> Answer:
        account = self._account(incoming)
        for app in self._catalogue.values():
            is_here = self.has(account.id, app) and self._may_see(incoming, app)
            if is_here and _installation(account, app) == incoming.values["installation"]:
                chat = self.teams.chat(account.id) if self.teams else None
                told = chat.id if chat else f"19:{account.id}_{app.client_id}@unq.gbl.spaces"
                return Answer(200, {"id": told, "chatType": "oneOnOne", "topic": None})
        raise Refusal(404, "NotFound", "App installation not found for user.")

    def _account(self, incoming: Incoming) -> Account:
        name = incoming.values["user"]
        try:
            account = self._tenant.account(name)
        except NoSuchThing:
            raise Refusal(404, "NotFound", "User not found.") from None
        is_there = self.teams is None or self.teams.is_there(account.id)
        if account.id in self.unlicensed or not account.enabled or not is_there:
            raise Refusal(403, "Forbidden", _NO_LICENCE)
        return account

    def _app_in(self, incoming: Incoming) -> App:
        body = incoming.body
        if not isinstance(body, dict) or set(body) != {"teamsApp@odata.bind"}:
            raise Refusal(400, "BadRequest", "Bind requests expected to have 'teamsApp@odata.bind'.")
        before, found = f"{incoming.root}/appCatalogs/teamsApps/", body["teamsApp@odata.bind"]
        if not isinstance(found, str) or not found.startswith(before):
            raise Refusal(400, "BadRequest", "Invalid bind property name teamsApp in request.")
        app = self._catalogue.get(found.removeprefix(before))
        if app is None:
            raise Refusal(404, "NotFound", "The definition for the app cannot be found.")
        return app

    def _may_see(self, incoming: Incoming, app: App) -> bool:
        """The permission for oneself reaches the app with our client id alone; of others nothing is shown."""
        return bool(incoming.roles & {_ALL, _READ}) or app.client_id == self._tenant.world.client_id


def _installation(account: Account, app: App) -> str:
    return urlsafe_b64encode(f"{account.id}##{app.id}".encode()).decode().rstrip("=")

"""The front door: an address is typed, the same page follows, and from there one goes to a provider of eID."""

from dataclasses import dataclass
from typing import Final

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.eid.service import Eids
from bot.web.answering import Answering, form
from bot.web.eid import away
from bot.web.guard import LANGUAGE_COOKIE
from bot.web.help import HelpWeb
from handlers.departures import Departure
from handlers.messages import DoorPage, HelpPage, Language, Problem, Provider
from handlers.verification.door import DOOR_LIFE, Doors
from handlers.verification.eid import ByEid

DOOR_COOKIE: Final = "__Host-tofaktor-door"
_LONGEST: Final = 320
_STATUS: Final = {"too-many": 429, "eid-down": 503, "door-over": 410}


@dataclass(frozen=True)
class DoorWeb:
    """What is sent to ``/help``. What comes of it depends on nobody: not on whose address was typed."""

    answering: Answering
    help: HelpWeb
    doors: Doors
    by_eid: ByEid
    eids: Eids

    def routes(self) -> list[Route]:
        """What to mount, before what there is to read."""
        guarded = self.answering.guarded
        return [
            Route("/help", guarded(self.visit), methods=["POST"]),
            Route("/help/door", guarded(self.door), methods=["GET"]),
            Route("/help/login", guarded(self.login), methods=["POST"]),
        ]

    async def visit(self, request: Request) -> Response:
        """Take the address. Whose it is, is looked up once the browser has its answer."""
        sent = await form(request)
        language, typed = self._language(request, sent), sent.get("address", "").strip()[:_LONGEST]
        if not typed:
            return self.help.page(request, HelpPage("empty"), language, status=422)
        outcome = await self.doors.knock(address=self.answering.address(request))
        if not isinstance(outcome, str):
            return self.help.page(request, HelpPage("too-many"), language, status=429)
        response = RedirectResponse(
            f"/help/door?lang={language}",
            status_code=303,
            background=BackgroundTask(self.doors.look, outcome, typed),
        )
        _keep(response, DOOR_COOKIE, outcome)
        _keep(response, LANGUAGE_COOKIE, language)
        return response

    async def door(self, request: Request) -> Response:
        """The ways from here: the same for everybody, also for who has typed nothing."""
        language = self.help.language(request)
        providers = tuple(Provider(route.name, route.label[language]) for route in self.eids.routes)
        origins = self.eids.origins(provider.name for provider in providers)
        return self.help.page(request, DoorPage(providers), language, forms_to=origins)

    async def login(self, request: Request) -> Response:
        """Off to a provider."""
        sent = await form(request)
        language = self._language(request, sent)
        outcome = await self.by_eid.doors.depart(
            request.cookies.get(DOOR_COOKIE), sent.get("record", ""), language
        )
        if isinstance(outcome, Departure):
            return away(outcome)
        status = _STATUS.get(outcome.reason, 409)
        return self.help.page(request, Problem(outcome.reason), language, status=status)

    def _language(self, request: Request, sent: dict[str, str]) -> Language:
        """That of the page that was sent in."""
        named = sent.get("lang")
        return Language(named) if named in set(Language) else self.help.language(request)


def _keep(response: Response, name: str, value: str) -> None:
    seconds = int(DOOR_LIFE.total_seconds())
    response.set_cookie(name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax")

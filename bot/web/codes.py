"""The pages around codes: have one sent, type it, and make a recovery code while one can sign in."""

from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.web.answering import Answering, form, language
from bot.web.guard import COOKIE
from bot.web.pages import bind
from bot.web.signin import Gate, Purpose, Staff
from handlers.messages import CodeChoice, CodePage, Problem, RecoveryPage, RecoveryShown
from handlers.verification.browsers import Claimed
from handlers.verification.codes import Asked, Codes, Recovery
from handlers.verification.codes.ways import WAY_LIFE
from handlers.verification.opening import Refused

WAY_COOKIE: Final = "__Host-tofaktor-way"
"""Kept by a browser that came by the link from the chat and knew the code from the chat: see ``codes.ways``."""
PAGE: Final = "/case/code"
_CODE_LETTERS: Final = 64
_HERE: Final = frozenset({"wrong-code", "no-more", "too-many", "directory-down"})
"""What is said on the page of codes itself."""
_STATUS: Final = {"wrong-code": 422, "no-more": 429, "too-many": 429, "directory-down": 503, "link-over": 410}


@dataclass(frozen=True)
class CodesWeb:
    """The routes below ``/case/code`` and ``/case/recovery``. A GET changes nothing."""

    answering: Answering
    codes: Codes
    recovery: Recovery | None = None
    gate: Gate | None = None
    """Both where sign-in is set up: without it nobody can make a recovery code."""

    def routes(self) -> list[Route]:
        """What to mount."""
        guarded = self.answering.guarded
        routes = [
            Route(PAGE, guarded(self.code), methods=["GET", "POST"]),
            Route(f"{PAGE}/send", guarded(self.send), methods=["POST"]),
            Route("/case/codes", guarded(self.choose), methods=["POST"]),
        ]
        if self.gate is None or self.recovery is None:
            return routes
        signed_in = self.gate.signed_in
        return [
            *routes,
            Route("/case/recovery", signed_in(Purpose.RECOVERY, self.made), methods=["GET"]),
            Route("/case/recovery/make", signed_in(Purpose.RECOVERY, self.make), methods=["POST"]),
        ]

    async def choose(self, _: Request) -> Response:
        """The button on the page of a case."""
        return RedirectResponse(PAGE, status_code=303)

    async def code(self, request: Request) -> Response:
        """GET offers the ways there are; POST takes a code."""
        browser, way = request.cookies.get(COOKIE), request.cookies.get(WAY_COOKIE)
        if request.method != "POST":
            return self._page(
                request, await self.codes.look(browser, way), sent=request.query_params.get("sent")
            )
        typed = (await form(request)).get("code", "")[:_CODE_LETTERS]
        outcome = await self.codes.take(typed, browser, way, address=self.answering.address(request))
        if isinstance(outcome, Claimed):
            response = RedirectResponse("/case", status_code=303)
            bind(response, outcome)
            response.delete_cookie(WAY_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
            return response
        return await self._refused(request, outcome, browser, way)

    async def send(self, request: Request) -> Response:
        """Have a code sent. The page that follows is the same whether there is an address or not."""
        browser, way = request.cookies.get(COOKIE), request.cookies.get(WAY_COOKIE)
        name = (await form(request)).get("record", "")
        outcome = await self.codes.send(name, browser, way, address=self.answering.address(request))
        if isinstance(outcome, Refused):
            return await self._refused(request, outcome, browser, way)
        return RedirectResponse(f"{PAGE}?sent={name}", status_code=303)

    async def made(self, request: Request, staff: Staff) -> Response:
        """Offers to make a recovery code."""
        page = RecoveryPage(await self._recovery().made_at(staff.account))
        return self.answering.page(request, page, target="/case/recovery")

    async def make(self, request: Request, staff: Staff) -> Response:
        """The one response that holds a recovery code."""
        outcome = await self._recovery().make(staff.account, language(request))
        if isinstance(outcome, Refused):
            return self.answering.page(request, Problem(outcome.reason), status=429)
        return self.answering.page(request, RecoveryShown(outcome))

    async def _refused(
        self, request: Request, refused: Refused, browser: str | None, way: str | None
    ) -> Response:
        status = _STATUS.get(refused.reason, 403)
        asked = await self.codes.look(browser, way) if refused.reason in _HERE else refused
        if isinstance(asked, Refused):
            return self.answering.page(request, Problem(asked.reason), status=status)
        return self._page(request, asked, problem=refused.reason, status=status)

    def _page(
        self,
        request: Request,
        asked: Asked | Refused,
        *,
        sent: str | None = None,
        problem: str | None = None,
        status: int = 200,
    ) -> Response:
        if isinstance(asked, Refused):
            return self.answering.page(request, Problem(asked.reason), status=_STATUS.get(asked.reason, 403))
        if not asked.routes:
            return RedirectResponse("/case", status_code=303)
        choices = tuple(CodeChoice(route.name, route.address) for route in asked.sendable)
        page = CodePage(
            asked.case.id,
            asked.case.target_upn,
            choices,
            saved=asked.saved is not None,
            sent=next((each.address for each in choices if each.name == sent), ""),
            problem=problem,
        )
        return self.answering.page(request, page, status=status, target=PAGE)

    def _recovery(self) -> Recovery:
        if self.recovery is None:
            raise HTTPException(404, "not-found")
        return self.recovery


def set_out(response: Response, secret: str) -> None:
    """This browser is on its way to prove a case: see ``handlers.verification.codes.ways``."""
    response.set_cookie(
        WAY_COOKIE,
        secret,
        max_age=int(WAY_LIFE.total_seconds()),
        path="/",
        secure=True,
        httponly=True,
        samesite="lax",
    )

"""The pages of a case: type the claim code, see how it stands, press *Show* once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.web.answering import Answering, form, language
from bot.web.guard import COOKIE
from handlers.messages import CasePage, ClaimPage, Language, PassPage, Problem
from handlers.messages.eid import Provider
from handlers.passes import Issue, Refused, Shown
from handlers.ports import EidRoute
from handlers.records import Case
from handlers.states import CaseState
from handlers.verification.browsers import Claimed
from handlers.verification.desk import Desk
from handlers.verification.eid import ByEid

log = structlog.get_logger(__name__)

_FORM_BYTES: Final = 4096
_FORM_FIELDS: Final = 20
_CODE_LETTERS: Final = 64
_COOKIE_SECONDS: Final = 3 * 24 * 3600


@dataclass(frozen=True)
class CaseWeb:
    """The routes below ``/case``. Each parses, calls one handler, and shows what it returns."""

    answering: Answering
    desk: Desk
    passes: Issue
    style: Path
    by_eid: ByEid | None = None
    """Proof by eID, where there is one."""

    def routes(self) -> list[Route]:
        """What to mount."""
        return [
            Route("/case", self.answering.guarded(self.case), methods=["GET", "POST"]),
            Route("/case/show", self.answering.guarded(self.show), methods=["POST"]),
            Route("/case/stop", self.answering.guarded(self.stop), methods=["POST"]),
            Route("/case/keep-old", self.answering.guarded(self.keep_old), methods=["POST"]),
            Route("/static/site.css", self.stylesheet, methods=["GET"]),
        ]

    async def stylesheet(self, _: Request) -> Response:
        """The one file that pages load."""
        return FileResponse(self.style, media_type="text/css", headers={"Cache-Control": "max-age=3600"})

    async def case(self, request: Request) -> Response:
        """GET shows the bound browser its case, anybody else the form for a code. POST takes a code."""
        browser = request.cookies.get(COOKIE)
        if request.method == "POST":
            return await self._claim(request, browser)
        case = await self.passes.of_browser(browser) if browser else None
        return self.answering.page(request, await self._standing(request, case) if case else ClaimPage())

    async def show(self, request: Request) -> Response:
        """The one response that holds a pass."""
        browser = request.cookies.get(COOKIE)
        outcome = await self.passes.show(browser) if browser else Refused("other-browser")
        match outcome:
            case Shown():
                page = PassPage(outcome.case.id, outcome.case.target_upn, outcome.expires_at, outcome.usable)
                return self.answering.page(request, page, secret=outcome.code)
            case Refused("other-browser"):
                return self.answering.page(request, Problem("other-browser"), status=403)
            case Refused():
                case = await self.passes.of_browser(browser) if browser else None
                if case is None:
                    return self.answering.page(request, Problem("other-browser"), status=403)
                standing = await self._standing(request, case, outcome.reason)
                return self.answering.page(request, standing, status=409)

    async def stop(self, request: Request) -> Response:
        """End the case."""
        case = await self._bound(request)
        await self.passes.stop(case, actor=case.target)
        return RedirectResponse("/case", status_code=303)

    async def keep_old(self, request: Request) -> Response:
        """The old phone is answered for: it stays."""
        case = await self._bound(request)
        await self.passes.keep_old(case)
        return RedirectResponse("/case", status_code=303)

    async def _claim(self, request: Request, browser: str | None) -> Response:
        sent = await form(request)
        typed = sent.get("code", "")[:_CODE_LETTERS]
        outcome = await self.desk.claim(typed, address=self.answering.address(request), browser=browser)
        if not isinstance(outcome, Claimed):
            status = 429 if outcome.reason == "too-many" else 422
            return self.answering.page(request, ClaimPage(outcome.reason), status=status)
        response = RedirectResponse("/case", status_code=303)
        bind(response, outcome)
        return response

    async def _standing(self, request: Request, case: Case, refusal: str | None = None) -> CasePage:
        """How the case stands; a refusal is told only while it explains why *Show* did nothing."""
        state = CaseState(case.state)
        told = refusal if state in (CaseState.APPROVED, CaseState.ISSUE_UNKNOWN) else None
        page = CasePage(case.id, state, case.target_upn, told, case.show_until)
        if self.by_eid is None or not page.takes_code or state.ended:
            return page
        routes = await self.by_eid.choices(case)
        return replace(page, providers=choices(routes, language(request)))

    async def _bound(self, request: Request) -> Case:
        browser = request.cookies.get(COOKIE)
        case = await self.passes.of_browser(browser) if browser else None
        if case is None:
            raise HTTPException(403, "other-browser")
        return case


def bind(response: Response, claimed: Claimed) -> None:
    """This browser gave the proof: it alone may show the pass."""
    response.set_cookie(
        COOKIE, claimed.browser, max_age=_COOKIE_SECONDS, path="/", secure=True, httponly=True, samesite="lax"
    )


def choices(routes: Sequence[EidRoute], of: Language) -> tuple[Provider, ...]:
    """The eIDs to choose from, as people call them."""
    return tuple(Provider(route.name, route.label[of]) for route in routes)

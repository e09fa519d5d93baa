"""The pages of a case: type the claim code, see how it stands, press *Show* once."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.render.html import Pages
from bot.web.guard import COOKIE, client_address, same_origin
from graph.errors import GraphError
from graph.secret import Secret
from handlers.language import of_accepted
from handlers.messages import CasePage, ClaimPage, Data, Language, PassPage, Problem
from handlers.passes import Issue, Refused, Shown
from handlers.records import Case
from handlers.states import CaseState
from handlers.store.errors import StoreError
from handlers.verification.desk import Claimed, Desk

log = structlog.get_logger(__name__)

_FORM_BYTES: Final = 4096
_FORM_FIELDS: Final = 20
_CODE_LETTERS: Final = 64
_COOKIE_SECONDS: Final = 3 * 24 * 3600


@dataclass(frozen=True)
class CaseWeb:
    """The routes below ``/case``. Each parses, calls one handler, and shows what it returns."""

    pages: Pages
    desk: Desk
    passes: Issue
    public_url: str
    trusted_proxies: tuple[str, ...]
    style: Path

    def routes(self) -> list[Route]:
        """What to mount."""
        return [
            Route("/case", self._guarded(self.case), methods=["GET", "POST"]),
            Route("/case/show", self._guarded(self.show), methods=["POST"]),
            Route("/case/stop", self._guarded(self.stop), methods=["POST"]),
            Route("/case/keep-old", self._guarded(self.keep_old), methods=["POST"]),
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
        return self._page(request, _standing(case) if case else ClaimPage())

    async def show(self, request: Request) -> Response:
        """The one response that holds a pass."""
        browser = request.cookies.get(COOKIE)
        outcome = await self.passes.show(browser) if browser else Refused("other-browser")
        match outcome:
            case Shown():
                page = PassPage(outcome.case.id, outcome.case.target_upn, outcome.expires_at, outcome.usable)
                return self._page(request, page, secret=outcome.code)
            case Refused("other-browser"):
                return self._page(request, Problem("other-browser"), status=403)
            case Refused():
                case = await self.passes.of_browser(browser) if browser else None
                if case is None:
                    return self._page(request, Problem("other-browser"), status=403)
                return self._page(request, _standing(case, outcome.reason), status=409)

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
        form = await _form(request)
        peer = request.client.host if request.client else None
        address = client_address(peer, request.headers.get("x-forwarded-for"), self.trusted_proxies)
        typed = form.get("code", "")[:_CODE_LETTERS]
        outcome = await self.desk.claim(typed, address=address, browser=browser)
        if not isinstance(outcome, Claimed):
            status = 429 if outcome.reason == "too-many" else 422
            return self._page(request, ClaimPage(outcome.reason), status=status)
        response = RedirectResponse("/case", status_code=303)
        response.set_cookie(
            COOKIE,
            outcome.browser,
            max_age=_COOKIE_SECONDS,
            path="/",
            secure=True,
            httponly=True,
            samesite="lax",
        )
        return response

    async def _bound(self, request: Request) -> Case:
        browser = request.cookies.get(COOKIE)
        case = await self.passes.of_browser(browser) if browser else None
        if case is None:
            raise HTTPException(403, "other-browser")
        return case

    def _guarded(
        self, endpoint: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """Same origin for every POST, and a polite page for whatever goes wrong."""

        async def guarded(request: Request) -> Response:
            if request.method == "POST" and not same_origin(request.headers, self.public_url):
                return self._page(request, Problem("bad-request"), status=403)
            try:
                return await endpoint(request)
            except HTTPException as problem:
                return self._page(request, Problem(problem.detail), status=problem.status_code)
            except (GraphError, StoreError) as error:
                reference = secrets.token_hex(3)
                log.error("page-failed", reference=reference, error=type(error).__name__)
                return self._page(request, Problem("failure", reference), status=503)

        return guarded

    def _page(
        self, request: Request, data: Data, *, status: int = 200, secret: Secret | None = None
    ) -> HTMLResponse:
        language = of_accepted(request.headers.get("accept-language")) or Language.NB
        return HTMLResponse(self.pages.show(data, language, secret=secret), status_code=status)


def _standing(case: Case, refusal: str | None = None) -> CasePage:
    """How the case stands; a refusal is told only while it explains why *Show* did nothing."""
    state = CaseState(case.state)
    told = refusal if state in (CaseState.APPROVED, CaseState.ISSUE_UNKNOWN) else None
    return CasePage(case.id, state, case.target_upn, told, case.show_until)


async def _form(request: Request) -> dict[str, str]:
    """A small form, or a 4xx. What comes in is counted, whatever its length is said to be."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise HTTPException(400, "bad-request")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _FORM_BYTES:
            raise HTTPException(413, "bad-request")
    try:
        return dict(parse_qsl(body.decode("latin-1"), max_num_fields=_FORM_FIELDS))
    except ValueError:
        raise HTTPException(400, "bad-request") from None

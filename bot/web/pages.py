"""The pages of a case: type the claim code, see how it stands, press *Show* once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.eid.service import Eids
from bot.render.html import Leaving
from bot.web.answering import Answering, form, language
from bot.web.guard import COOKIE
from handlers.cards import minutes_left
from handlers.messages import CasePage, ClaimPage, Language, PassPage, Problem
from handlers.messages.eid import Provider
from handlers.notices.disowning import PAGE, Disowning
from handlers.passes import Issue, Refused, Removing, Shown
from handlers.passes.handing import handed_out
from handlers.ports import EidRoute
from handlers.records import Case
from handlers.states import CaseState, Finding
from handlers.store.errors import StoreError
from handlers.verification.browsers import Claimed
from handlers.verification.codes import Codes
from handlers.verification.eid import ByEid
from handlers.verification.seen import Claiming

log = structlog.get_logger(__name__)

_FORM_BYTES: Final = 4096
_FORM_FIELDS: Final = 20
_CODE_LETTERS: Final = 64
_COOKIE_SECONDS: Final = 3 * 24 * 3600

_AFTER: Final = frozenset({CaseState.ISSUED, CaseState.USED, CaseState.CLOSED})
"""The eID has done its work."""


@dataclass(frozen=True)
class _Leave:
    """The way out of an eID; empty where there is none."""

    label: str = ""
    form: Leaving | None = None
    origins: str = ""


@dataclass(frozen=True)
class CaseWeb:
    """The routes below ``/case``. Each parses, calls one handler, and shows what it returns."""

    answering: Answering
    claiming: Claiming
    passes: Issue
    disowning: Disowning
    removing: Removing
    style: Path
    by_eid: ByEid | None = None
    """Proof by eID, where there is one."""
    eids: Eids | None = None
    codes: Codes | None = None

    def routes(self) -> list[Route]:
        """What to mount."""
        return [
            Route("/case", self.answering.guarded(self.case), methods=["GET", "POST"]),
            Route("/case/show", self.answering.guarded(self.show), methods=["POST"]),
            Route("/case/stop", self.answering.guarded(self.stop), methods=["POST"]),
            Route("/case/keep-old", self.answering.guarded(self.keep_old), methods=["POST"]),
            Route("/case/remove-old", self.answering.guarded(self.remove_old), methods=["POST"]),
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
        return await self._shown(request, case) if case else self.answering.page(request, ClaimPage())

    async def show(self, request: Request) -> Response:
        """The one response that holds a pass."""
        browser = request.cookies.get(COOKIE)
        # Before the pass is made: nothing may fail between its making and its page.
        held = await self.passes.of_browser(browser) if browser else None
        leave = await self._leave(request, held) if held else _Leave()
        outcome = await self.passes.show(browser) if browser else Refused("other-browser")
        match outcome:
            case Shown():
                page = PassPage(
                    outcome.case.id, outcome.case.target_upn, outcome.expires_at, outcome.usable, leave.label
                )
                response = self.answering.page(
                    request, page, secret=outcome.code, leaving=leave.form, forms_to=leave.origins
                )
                response.background = BackgroundTask(self._handed_out, outcome.case)
                return response
            case Refused("other-browser"):
                return self.answering.page(request, Problem("other-browser"), status=403)
            case Refused():
                case = await self.passes.of_browser(browser) if browser else None
                if case is None:
                    return self.answering.page(request, Problem("other-browser"), status=403)
                status = 200 if outcome.reason == "evaluation" else 409
                return await self._shown(request, case, outcome.reason, outcome.until, status=status)

    async def _handed_out(self, case: Case) -> None:
        try:
            passes = self.passes
            await handed_out(passes.database, passes.cases.audit, case, passes.clock.now())
        except StoreError as error:
            log.error("shown-unrecorded", case=case.id, error=type(error).__name__)

    async def stop(self, request: Request) -> Response:
        """It was not the owner: end the case, and let nobody open another for a while."""
        case = await self._bound(request)
        await self.disowning.disown(case, PAGE)
        return RedirectResponse("/case", status_code=303)

    async def keep_old(self, request: Request) -> Response:
        """The old phone is answered for: it stays."""
        case = await self._bound(request)
        await self.removing.keep(case)
        return RedirectResponse("/case", status_code=303)

    async def remove_old(self, request: Request) -> Response:
        """One of them is to go; the page then tells what came of it."""
        case = await self._bound(request)
        record = (await form(request)).get("record", "")[:_CODE_LETTERS]
        if record.startswith(f"{case.id}:"):
            await self.removing.remove(record, case.target)
        return RedirectResponse("/case", status_code=303)

    async def _claim(self, request: Request, browser: str | None) -> Response:
        sent = await form(request)
        typed = sent.get("code", "")[:_CODE_LETTERS]
        outcome = await self.claiming.claim(typed, address=self.answering.address(request), browser=browser)
        if not isinstance(outcome, Claimed):
            status = {"too-many": 429, "directory-down": 503}.get(outcome.reason, 422)
            return self.answering.page(request, ClaimPage(outcome.reason), status=status)
        response = RedirectResponse("/case", status_code=303)
        bind(response, outcome)
        return response

    async def _shown(
        self,
        request: Request,
        case: Case,
        refusal: str | None = None,
        until: datetime | None = None,
        *,
        status: int = 200,
    ) -> Response:
        """How the case stands; a refusal is told only while it explains why *Show* did nothing."""
        state = CaseState(case.state)
        told = refusal if state in (CaseState.APPROVED, CaseState.ISSUE_UNKNOWN) else None
        page = CasePage(
            case.id,
            state,
            case.target_upn,
            told,
            case.show_until,
            self._wait(case, until),
            evaluation=self._is_trial(case),
            found=Finding(case.found),
            minutes=minutes_left(case, self.passes.clock.now()),
            kind=case.registered_kind,
            method=case.registered_name,
            kept=case.old_kept,
        )
        if state in _AFTER:
            leave = await self._leave(request, case)
            page = replace(page, leave=leave.label, olds=await self.removing.asked(case))
            return self.answering.page(
                request, page, status=status, leaving=leave.form, forms_to=leave.origins
            )
        if self.codes is not None and page.takes_code and not state.ended:
            page = replace(page, codes=bool(await self.codes.offered(case)))
        if self.by_eid is None or self.eids is None or not page.takes_code or state.ended:
            return self.answering.page(request, page, status=status)
        routes = await self.by_eid.choices(case)
        page = replace(page, providers=choices(routes, language(request)))
        origins = self.eids.origins(route.name for route in routes)
        return self.answering.page(request, page, status=status, forms_to=origins)

    def _is_trial(self, case: Case) -> bool:
        """Whether no pass comes of it; a case that was called off before the approval ended otherwise."""
        return self.passes.evaluation and (case.state != CaseState.CANCELLED or case.approved_at is not None)

    def _wait(self, case: Case, until: datetime | None) -> datetime | None:
        """From when on *Show* helps, while that is ahead."""
        wait = until or case.not_before
        return wait if wait is not None and self.passes.clock.now() < wait else None

    async def _leave(self, request: Request, case: Case) -> _Leave:
        """The way out of the eID by which the case was proved, where it has one."""
        name = await self.by_eid.provider_of(case) if self.by_eid else None
        if name is None or self.eids is None:
            return _Leave()
        ending = await self.eids.ending(name)
        if ending is None:
            return _Leave()
        label = self.eids.offered[name].route.label[language(request)]
        return _Leave(label, Leaving(*ending), self.eids.origins([name]))

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

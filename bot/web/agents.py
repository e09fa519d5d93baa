"""The agents' pages below ``/case/agent``: open a case, look at the account, tick what was checked, get the code."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.web.answering import Answering, form, pairs
from bot.web.signin import Gate, Purpose
from handlers.messages import AccountPage, AgentPage, AgentStop, CheckPage, ClaimCode, Waiting
from handlers.messages.agents import OPENING_PROBLEMS
from handlers.signing_in.sessions import Staff
from handlers.verification import policy
from handlers.verification.opening import Refused
from handlers.verification.seen import Code, Desk, Seat, Vouching, needs_document

HOME: Final = "/case/agent"
_LONGEST: Final = 320
_STATUS: Final = {"not-agent": 403, "self": 403, "class": 403, "directory-down": 503, "too-many": 429}


@dataclass(frozen=True)
class AgentWeb:
    """Each route parses, calls one handler, and shows what it returns. Who is signed in is the gate's to say."""

    answering: Answering
    gate: Gate
    desk: Desk
    vouching: Vouching

    def routes(self) -> list[Route]:
        """What to mount."""
        steps = (
            (HOME, self.home, ["GET", "POST"]),
            (f"{HOME}/home", self.again, ["POST"]),
            (f"{HOME}/take", self.take, ["POST"]),
            (f"{HOME}/{{case}}", self.account, ["GET"]),
            (f"{HOME}/{{case}}/photo", self.photo, ["GET"]),
            (f"{HOME}/{{case}}/route", self.choose, ["POST"]),
            (f"{HOME}/{{case}}/ask", self.ask, ["POST"]),
            (f"{HOME}/{{case}}/by/{{route}}", self.check, ["GET", "POST"]),
        )
        return [
            Route(where, self.gate.signed_in(Purpose.AGENT, step), methods=methods)
            for where, step, methods in steps
        ]

    async def home(self, request: Request, staff: Staff) -> Response:
        """GET shows the cases that wait and a form; POST opens a case, or takes up the one that stands."""
        if request.method != "POST":
            return await self._home(request, staff)
        typed = (await form(request)).get("account", "")[:_LONGEST]
        opened = await self.desk.open(staff.account, typed)
        if not isinstance(opened, Refused):
            return _to(opened.id)
        if opened.reason not in OPENING_PROBLEMS:
            return self._stop(request, opened)
        return await self._home(request, staff, typed, opened.reason)

    async def again(self, _: Request, __: Staff) -> Response:
        """Back to the first page."""
        return RedirectResponse(HOME, status_code=303)

    async def take(self, request: Request, _: Staff) -> Response:
        """A case from the list."""
        return _to((await form(request)).get("record", ""))

    async def account(self, request: Request, staff: Staff) -> Response:
        """The account as the directory has it, and the ways to go on."""
        seat = await self.desk.sit(staff.account, request.path_params["case"])
        return self._stop(request, seat) if isinstance(seat, Refused) else self._account(request, seat)

    async def photo(self, request: Request, staff: Staff) -> Response:
        """The photo of the account."""
        found = await self.desk.photo(staff.account, request.path_params["case"])
        if found is None:
            raise HTTPException(404, "not-found")
        return Response(found.content, media_type=found.kind)

    async def choose(self, request: Request, _: Staff) -> Response:
        """A way was chosen."""
        return _to(request.path_params["case"], "by", (await form(request)).get("record", ""))

    async def ask(self, request: Request, staff: Staff) -> Response:
        """The manager is to be asked."""
        case, route = request.path_params["case"], (await form(request)).get("record", "")
        asked = await self.vouching.ask(staff.account, case, route)
        return self._stop(request, asked) if isinstance(asked, Refused) else _to(case)

    async def check(self, request: Request, staff: Staff) -> Response:
        """GET shows the checklist; POST takes it, and shows the code once."""
        case, name = request.path_params["case"], request.path_params["route"]
        if request.method != "POST":
            return await self._checklist(request, staff, case, name)
        sent = await pairs(request)
        extra = [value for field, value in sent if field in ("document", "compared")]
        checks = [value for field, value in sent if field == "checks"]
        outcome = await self.desk.seen(staff.account, case, name, checks, extra)
        match outcome:
            case Code():
                is_remote = "photo-id" not in checks
                page = ClaimCode(
                    outcome.case, outcome.code, outcome.expires_at, self._page("/case"), is_remote
                )
                return self.answering.page(request, page, target=HOME)
            case Refused("unchecked"):
                return await self._checklist(request, staff, case, name, "unchecked")
            case Refused():
                return self._stop(request, outcome)

    async def _home(
        self, request: Request, staff: Staff, typed: str = "", problem: str | None = None
    ) -> Response:
        cases = await self.desk.waiting(staff.account)
        if isinstance(cases, Refused):
            return self._stop(request, cases)
        waiting = tuple(Waiting(case.id, case.target_name, case.opened_at) for case in cases)
        page = AgentPage(staff.name, waiting, typed, problem)
        return self.answering.page(request, page, status=422 if problem else 200, target=HOME)

    def _account(self, request: Request, seat: Seat) -> Response:
        asks = [route.name for route in seat.routes if route.attester == "manager"]
        page = AccountPage(
            case=seat.case.id,
            name=seat.user.display_name,
            upn=seat.user.upn,
            account_class=str(seat.account_class),
            has_photo=seat.has_photo,
            department=seat.user.department,
            routes=tuple(route.name for route in seat.routes if route.attester == "agent"),
            asks=tuple(asks) if seat.manager else (),
            closed=tuple(route.name for route in seat.closed),
            manager=seat.manager.display_name if seat.manager else None,
            asked_at=seat.asked_at,
            answer=seat.answer,
            manager_page=self._page("/case/manager"),
        )
        return self.answering.page(request, page, target=f"{HOME}/{seat.case.id}", photo=_photo(seat))

    async def _checklist(
        self, request: Request, staff: Staff, case: str, name: str, problem: str | None = None
    ) -> Response:
        seat = await self.desk.sit(staff.account, case)
        if isinstance(seat, Refused):
            return self._stop(request, seat)
        route = _open_route(seat, name)
        if isinstance(route, Refused):
            return self._stop(request, route)
        page = CheckPage(
            case=case,
            route=name,
            name=seat.user.display_name,
            upn=seat.user.upn,
            has_photo=seat.has_photo,
            checks=route.checks,
            department=seat.user.department,
            challenge=self.desk.challenge(seat.case, staff.account) if "challenge" in route.checks else "",
            wants_document=needs_document(route),
            problem=problem,
        )
        target, status = f"{HOME}/{case}/by/{name}", 422 if problem else 200
        return self.answering.page(request, page, status=status, target=target, photo=_photo(seat))

    def _page(self, path: str) -> str:
        return f"{self.answering.public_url}{path}"

    def _stop(self, request: Request, refused: Refused) -> Response:
        status = _STATUS.get(refused.reason, 409)
        return self.answering.page(request, AgentStop(refused.reason), status=status, target=HOME)


def _open_route(seat: Seat, name: str) -> policy.Route | Refused:
    if any(route.name == name for route in seat.closed):
        return Refused("closed")
    offered = (route for route in seat.routes if route.name == name and route.attester == "agent")
    return next(offered, Refused("no-route"))


def _photo(seat: Seat) -> str:
    return f"{HOME}/{seat.case.id}/photo" if seat.has_photo else ""


def _to(*steps: str) -> Response:
    """Below the first page: to a case, or to a route of it."""
    where = "/".join([HOME, *(quote(step, safe="") for step in steps)])
    return RedirectResponse(where, status_code=303)

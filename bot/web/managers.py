"""The page of managers, ``/case/manager``: who of their people support asks about, and how they know them."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.web.answering import Answering, form
from bot.web.signin import Gate, Purpose
from handlers.messages import AgentStop, ClaimCode, ManagerPage, VouchEnd, VouchPage, Waiting
from handlers.signing_in.sessions import Staff
from handlers.verification.opening import Refused
from handlers.verification.seen import Code, Vouching

HOME: Final = "/case/manager"


@dataclass(frozen=True)
class ManagerWeb:
    """Each route parses, calls one handler, and shows what it returns. Who is signed in is the gate's to say."""

    answering: Answering
    gate: Gate
    vouching: Vouching

    def routes(self) -> list[Route]:
        """What to mount."""
        steps = (
            (HOME, self.home, ["GET"]),
            (f"{HOME}/home", self.again, ["POST"]),
            (f"{HOME}/look", self.look, ["POST"]),
            (f"{HOME}/{{case}}", self.question, ["GET", "POST"]),
            (f"{HOME}/{{case}}/photo", self.photo, ["GET"]),
            (f"{HOME}/{{case}}/decline", self.decline, ["POST"]),
        )
        return [
            Route(where, self.gate.signed_in(Purpose.MANAGER, step), methods=methods)
            for where, step, methods in steps
        ]

    async def home(self, request: Request, staff: Staff) -> Response:
        """Everything they are asked now."""
        questions = await self.vouching.questions(staff.account)
        if isinstance(questions, Refused):
            return self._stop(request, questions)
        waiting = (Waiting(each.case.id, each.user.display_name, each.claim.at) for each in questions)
        return self.answering.page(request, ManagerPage(tuple(waiting)), target=HOME)

    async def again(self, _: Request, __: Staff) -> Response:
        """Back to the first page."""
        return RedirectResponse(HOME, status_code=303)

    async def look(self, request: Request, _: Staff) -> Response:
        """A question from the list."""
        case = quote((await form(request)).get("record", ""), safe="")
        return RedirectResponse(f"{HOME}/{case}", status_code=303)

    async def question(self, request: Request, staff: Staff) -> Response:
        """GET shows one question; POST says yes, and shows the code once."""
        case = request.path_params["case"]
        if request.method != "POST":
            return await self._question(request, staff, case)
        how = (await form(request)).get("how", "")
        outcome = await self.vouching.confirm(staff.account, staff.auth_time, case, how)
        match outcome:
            case Code():
                where = f"{self.answering.public_url}/case"
                page = ClaimCode(outcome.case, outcome.code, outcome.expires_at, where, how != "in-person")
                return self.answering.page(request, page, target=HOME)
            case Refused("sign-in-old"):
                return self.gate.ask(request, Purpose.MANAGER)
            case Refused("unchecked"):
                return await self._question(request, staff, case, "unchecked")
            case Refused():
                return self._stop(request, outcome)

    async def photo(self, request: Request, staff: Staff) -> Response:
        """The photo of whom they are asked about."""
        found = await self.vouching.photo(staff.account, request.path_params["case"])
        if found is None:
            raise HTTPException(404, "not-found")
        return Response(found.content, media_type=found.kind)

    async def decline(self, request: Request, staff: Staff) -> Response:
        """They say no."""
        declined = await self.vouching.decline(staff.account, request.path_params["case"])
        if isinstance(declined, Refused):
            return self._stop(request, declined)
        return self.answering.page(request, VouchEnd(declined.user.display_name))

    async def _question(
        self, request: Request, staff: Staff, case: str, problem: str | None = None
    ) -> Response:
        found = await self.vouching.question(staff.account, case)
        if isinstance(found, Refused):
            return self._stop(request, found)
        page = VouchPage(
            case, found.user.display_name, found.user.upn, found.has_photo, found.route.checks, problem
        )
        target, status = f"{HOME}/{case}", 422 if problem else 200
        photo = f"{target}/photo" if found.has_photo else ""
        return self.answering.page(request, page, status=status, target=target, photo=photo)

    def _stop(self, request: Request, refused: Refused) -> Response:
        status = 503 if refused.reason == "directory-down" else 409
        return self.answering.page(request, AgentStop(refused.reason), status=status, target=HOME)

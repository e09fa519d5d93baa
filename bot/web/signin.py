"""Who is signed in to our pages: pages that only they may open, the way to Entra, and the way back."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.web.answering import Answering, Endpoint, language
from handlers.approvals.by_link import Decided, Decisions
from handlers.departures import Departure
from handlers.messages import DecidedPage, DecidePage, SignInPage, SignInProblem, SignInTest, SignOutPage
from handlers.messages.signing_in import OUTCOMES
from handlers.ports import ChatError, SignedIn
from handlers.signing_in.purposes import Purpose
from handlers.signing_in.sessions import LIFE, Sessions, Staff
from handlers.signing_in.signing import ATTEMPT_LIFE, Arrival, NoSignIn, Signing

__all__ = ["STAFF_COOKIE", "Gate", "Purpose", "SignInWeb", "Staff"]

STAFF_COOKIE: Final = "__Host-tofaktor-staff"
ATTEMPT_COOKIE: Final = "__Host-tofaktor-signin"
_CLAIMS_COOKIE: Final = "__Host-tofaktor-claims"
"""What the latest sign-in for ``/signin/test`` told, for that page alone."""
_DECIDED_COOKIE: Final = "__Host-tofaktor-decided"
"""What became of the decision, for the page that says so alone."""
_CLAIMS: Final = re.compile(r"([01])([01])((?:c[1-9][0-9]?(?:-c[1-9][0-9]?)*)?)")
_DECIDED: Final = re.compile(r"([0-9A-Z-]{1,12})\.(approve|deny)\.([a-z-]{1,30})")
_TOLD_SECONDS: Final = 600
_LONGEST_QUERY: Final = 16384
_WAYS_BACK: Final = {
    Purpose.AGENT: "/case/agent",
    Purpose.DECIDE: "/case/decide",
    Purpose.RECOVERY: "/case/recovery",
    Purpose.TEST: "/signin/test",
    Purpose.ROLLOUT: "/rollout",
    Purpose.MANAGER: "/case/manager",
    Purpose.PASSES: "/passes",
}
_STATUS: Final = {"too-many": 429, "down": 503, "link-over": 410, "other-browser": 400}


@dataclass(frozen=True)
class Gate:
    """Lets whoever is signed in through, and shows everybody else the way to sign in."""

    answering: Answering
    sessions: Sessions
    stepping_up: bool
    """Whether ``signin.auth_context`` is set: then some purposes want a sign-in that held it."""

    def signed_in(
        self, purpose: Purpose, endpoint: Callable[[Request, Staff], Awaitable[Response]]
    ) -> Endpoint:
        """The endpoint, guarded, for people who are signed in (8 hours at most)."""

        async def gated(request: Request) -> Response:
            staff = await self.sessions.of(request.cookies.get(STAFF_COOKIE))
            if staff is None or (self.stepping_up and purpose.steps_up and not staff.stepped_up):
                return self.ask(request, purpose)
            return await endpoint(request, staff)

        return self.answering.guarded(gated)

    def ask(self, request: Request, purpose: Purpose) -> Response:
        """A page with one button, which leads to Entra. What was sent to the page is not kept."""
        page = SignInPage(purpose.value)
        return self.answering.page(request, page, status=401, target=f"/signin/{purpose}")


@dataclass(frozen=True)
class SignInWeb:
    """The routes below ``/signin`` and ``/case/decide``. A GET of ours changes nothing; the callback is Entra's."""

    answering: Answering
    gate: Gate
    signing: Signing
    decisions: Decisions
    tenant_id: str
    auth_context: str

    def routes(self) -> list[Route]:
        """What to mount."""
        guarded = self.answering.guarded
        test = self.gate.signed_in(Purpose.TEST, self.test)
        return [
            Route("/signin/callback", guarded(self.callback), methods=["GET"]),
            Route("/signin/test", test, methods=["GET"]),
            Route("/signin/out", guarded(self.out), methods=["GET", "POST"]),
            Route("/signin/{purpose}/begin", guarded(self.begin), methods=["POST"]),
            Route("/case/decide", guarded(self.decided), methods=["GET"]),
            Route("/case/decide/{token}", guarded(self.intent), methods=["GET"]),
            Route("/case/decide/{token}/begin", guarded(self.decide), methods=["POST"]),
        ]

    async def begin(self, request: Request) -> Response:
        """To Entra, and afterwards to the one page that the purpose leads back to."""
        try:
            purpose = Purpose(request.path_params["purpose"])
        except ValueError:
            raise HTTPException(404, "not-found") from None
        outcome = await self.signing.depart(
            purpose, address=self.answering.address(request), language=language(request)
        )
        return self._away(request, outcome)

    async def callback(self, request: Request) -> Response:
        """Back from Entra. Whatever comes of it, its address with all it holds is left behind at once."""
        if request.method != "GET":
            raise HTTPException(405, "bad-request")
        query = request.scope["query_string"]
        if len(query) > _LONGEST_QUERY:
            raise HTTPException(400, "bad-request")
        arrival = await self.signing.come_back(
            request.cookies.get(ATTEMPT_COOKIE), parse_qsl(query.decode("latin-1"), keep_blank_values=True)
        )
        response = await self._arrived(request, arrival)
        response.delete_cookie(ATTEMPT_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
        return response

    async def test(self, request: Request, staff: Staff) -> Response:
        """What Entra tells of this person's sign-in: of one that was made for this page."""
        told = _CLAIMS.fullmatch(request.cookies.get(_CLAIMS_COOKIE, ""))
        if told is None:
            return self.gate.ask(request, Purpose.TEST)
        page = SignInTest(
            tenant=self.tenant_id,
            account=staff.account,
            name=staff.name,
            auth_time=staff.auth_time,
            timed=told[1] == "1",
            told=told[2] == "1",
            contexts=tuple(filter(None, told[3].split("-"))),
            wanted=self.auth_context,
            stepped_up=staff.stepped_up,
        )
        return self.answering.page(request, page)

    async def out(self, request: Request) -> Response:
        """Out of our pages; Microsoft's own session is left to Microsoft."""
        cookie = request.cookies.get(STAFF_COOKIE)
        if request.method == "POST":
            await self.gate.sessions.end(cookie)
            response = RedirectResponse("/signin/out", status_code=303)
            response.delete_cookie(STAFF_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
            return response
        staff = await self.gate.sessions.of(cookie)
        return self.answering.page(request, SignOutPage(staff.name if staff else None), target="/signin")

    async def intent(self, request: Request) -> Response:
        """What the link is for. Nothing happens before the button is pressed."""
        token = request.path_params["token"]
        try:
            found = await self.decisions.look(token)
        except ChatError:
            return self._problem(request, NoSignIn("down"))
        if found is None:
            return self._problem(request, NoSignIn("link-over"))
        case = found.case
        page = DecidePage(case.id, case.target_name, case.target_upn, found.decision, found.pressed_by)
        return self.answering.page(request, page, target=f"/case/decide/{token}")

    async def decide(self, request: Request) -> Response:
        """To Entra; the decision is carried out on the way back."""
        outcome = await self.decisions.depart(
            request.path_params["token"],
            address=self.answering.address(request),
            language=language(request),
        )
        return self._away(request, outcome)

    async def decided(self, request: Request) -> Response:
        """What became of the decision of this browser."""
        told = _DECIDED.fullmatch(request.cookies.get(_DECIDED_COOKIE, ""))
        if told is None:
            return self._problem(request, NoSignIn("link-over"))
        outcome = told[3] if told[3] in OUTCOMES else OUTCOMES[-1]
        return self.answering.page(request, DecidedPage(told[1], told[2], outcome))

    async def _arrived(self, request: Request, arrival: Arrival | NoSignIn) -> Response:
        if isinstance(arrival, NoSignIn):
            return self._problem(request, arrival)
        if arrival.record:
            decided = await self.decisions.carry_out(arrival)
            return self._told(request, decided)
        cookie = await self.signing.sign_in_to_pages(arrival.signed)
        response = RedirectResponse(_WAYS_BACK[arrival.purpose], status_code=303)
        _keep(response, STAFF_COOKIE, cookie, int(LIFE.total_seconds()))
        if arrival.purpose is Purpose.TEST:
            _keep(response, _CLAIMS_COOKIE, _claims(arrival.signed), _TOLD_SECONDS)
        return response

    def _told(self, request: Request, decided: Decided | NoSignIn) -> Response:
        if isinstance(decided, NoSignIn):
            return self._problem(request, decided)
        response = RedirectResponse(_WAYS_BACK[Purpose.DECIDE], status_code=303)
        _keep(response, STAFF_COOKIE, decided.cookie, int(LIFE.total_seconds()))
        told = f"{decided.case}.{decided.decision}.{decided.outcome}"
        _keep(response, _DECIDED_COOKIE, told, _TOLD_SECONDS)
        return response

    def _away(self, request: Request, outcome: Departure | NoSignIn) -> Response:
        if isinstance(outcome, NoSignIn):
            return self._problem(request, outcome)
        response = self.answering.leave(request, outcome.address)
        _keep(response, ATTEMPT_COOKIE, outcome.cookie, int(ATTEMPT_LIFE.total_seconds()))
        return response

    def _problem(self, request: Request, problem: NoSignIn) -> Response:
        status = _STATUS.get(problem.reason, 403)
        return self.answering.page(request, SignInProblem(problem.reason), status=status)


def _claims(signed: SignedIn) -> str:
    return f"{int(signed.timed)}{int(signed.contexts is not None)}{'-'.join(signed.contexts or ())}"


def _keep(response: Response, name: str, value: str, seconds: int) -> None:
    response.set_cookie(name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax")

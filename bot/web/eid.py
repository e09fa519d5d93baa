"""The pages around a login by eID: the link from the chat, the way out to a provider and the way back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.eid.service import Eids
from bot.web.answering import Answering, form, language
from bot.web.codes import set_out
from bot.web.guard import COOKIE
from bot.web.pages import bind, choices
from handlers.departures import Departure
from handlers.messages import IntentPage, Problem
from handlers.verification.browsers import Claimed
from handlers.verification.codes import Codes
from handlers.verification.eid import ByEid
from handlers.verification.opening import Refused

LOGIN_COOKIE: Final = "__Host-tofaktor-login"
_LOGIN_SECONDS: Final = 600
_LONGEST_QUERY: Final = 8192
_LONGEST_CODE: Final = 32
_STATUS: Final = {
    "too-many": 429,
    "eid-down": 503,
    "directory-down": 503,
    "other-browser": 400,
    "link-over": 410,
}


@dataclass(frozen=True)
class EidWeb:
    """The routes below ``/case/start`` and ``/eid``. A GET of ours changes nothing; the callback is the provider's."""

    answering: Answering
    by_eid: ByEid
    eids: Eids
    codes: Codes | None = None
    """The other means by which whoever comes by a link can prove who they are."""

    def routes(self) -> list[Route]:
        """What to mount."""
        guarded = self.answering.guarded
        return [
            Route("/case/start/{token}", guarded(self.start), methods=["GET", "POST"]),
            Route("/case/start/{token}/codes", guarded(self.by_code), methods=["POST"]),
            Route("/case/login", guarded(self.again), methods=["POST"]),
            Route("/eid/{provider}/callback", guarded(self.callback), methods=["GET"]),
            Route("/eid/{provider}/logout", self.logout, methods=["GET"]),
            Route("/eid/jwks.json", self.keys, methods=["GET"]),
        ]

    async def start(self, request: Request) -> Response:
        """GET says whose case it is; POST takes the code from the chat and leads to the provider."""
        token = request.path_params["token"]
        if request.method != "POST":
            return await self._intent(request, token)
        sent = await form(request)
        if self.codes is not None and not sent.get("record"):
            return await self._on_the_way(request, token, sent)
        outcome = await self.by_eid.depart(
            token,
            sent.get("code", "")[:_LONGEST_CODE],
            sent.get("record", ""),
            address=self.answering.address(request),
            language=language(request),
        )
        if outcome == Refused("wrong-code"):
            return await self._intent(request, token, "wrong-code", status=422)
        return self._away(request, outcome)

    async def by_code(self, request: Request) -> Response:
        """The button for those who prove it by a code."""
        return await self._on_the_way(request, request.path_params["token"], await form(request))

    async def _on_the_way(self, request: Request, token: str, sent: Mapping[str, str]) -> Response:
        """Takes the code from the chat, and leads to the page where a code from elsewhere is typed."""
        if self.codes is None:
            raise HTTPException(400, "bad-request")
        typed, address = sent.get("code", "")[:_LONGEST_CODE], self.answering.address(request)
        outcome = await self.by_eid.pass_link(token, typed, address=address)
        if outcome == Refused("wrong-code"):
            return await self._intent(request, token, "wrong-code", status=422)
        if isinstance(outcome, Refused):
            return self._refused(request, outcome, default=409)
        response = RedirectResponse("/case/code", status_code=303)
        set_out(response, outcome)
        return response

    async def again(self, request: Request) -> Response:
        """The browser of a case proves once more who sits at it."""
        browser = request.cookies.get(COOKIE)
        if browser is None:
            raise HTTPException(403, "other-browser")
        provider = (await form(request)).get("record", "")
        return self._away(request, await self.by_eid.again(browser, provider, language(request)))

    async def callback(self, request: Request) -> Response:
        """Back from the provider. Whatever comes of it, its address with all it holds is left behind at once."""
        if request.method != "GET":
            raise HTTPException(405, "bad-request")
        query = request.scope["query_string"]
        if len(query) > _LONGEST_QUERY:
            raise HTTPException(400, "bad-request")
        outcome = await self.by_eid.come_back(
            request.path_params["provider"],
            request.cookies.get(LOGIN_COOKIE),
            request.cookies.get(COOKIE),
            parse_qsl(query.decode("latin-1"), keep_blank_values=True),
            language(request),
            self.answering.address(request),
        )
        if isinstance(outcome, Claimed):
            response: Response = RedirectResponse("/case", status_code=303)
            bind(response, outcome)
        else:
            response = self._refused(request, outcome, default=403)
        response.delete_cookie(LOGIN_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
        return response

    async def logout(self, request: Request) -> Response:
        """The provider tells of a logout there, in a frame (OpenID Connect Front-Channel Logout 1.0, 3).

        We hold no session of it: what a login leaves behind is evidence, which no third party may take away. So
        nothing changes, whoever asks; only the provider may frame the answer.
        """
        offered = self.eids.offered.get(request.path_params["provider"])
        framers = (
            f"frame-ancestors {offered.client.provider.origins}" if offered else "frame-ancestors 'none'"
        )
        headers = {"Content-Security-Policy": f"default-src 'none'; {framers}", "Cache-Control": "no-store"}
        if offered is None:
            return Response(status_code=404, headers=headers)
        return Response(headers=headers)

    async def keys(self, _: Request) -> Response:
        """The public halves of the keys by which we prove to providers who we are."""
        return JSONResponse({"keys": self.eids.published}, headers={"Cache-Control": "max-age=300"})

    async def _intent(
        self, request: Request, token: str, problem: str | None = None, status: int = 200
    ) -> Response:
        intent = await self.by_eid.look(token)
        if intent is None:
            return self.answering.page(request, Problem("link-over"), status=410)
        page = IntentPage(
            intent.case.id,
            intent.case.target_upn,
            intent.asked_at,
            choices(intent.routes, language(request)),
            problem,
            codes=self.codes is not None and bool(await self.codes.offered(intent.case)),
        )
        origins = self.eids.origins(route.name for route in intent.routes)
        target = f"/case/start/{token}"
        return self.answering.page(request, page, status=status, target=target, forms_to=origins)

    def _away(self, request: Request, outcome: Departure | Refused) -> Response:
        if isinstance(outcome, Refused):
            return self._refused(request, outcome, default=409)
        return away(outcome)

    def _refused(self, request: Request, refused: Refused, *, default: int) -> Response:
        status = _STATUS.get(refused.reason, default)
        return self.answering.page(request, Problem(refused.reason), status=status)


def away(departure: Departure) -> Response:
    """To the provider, with the secret by which the browser is known when it comes back."""
    response = RedirectResponse(departure.address, status_code=303)
    response.set_cookie(
        LOGIN_COOKIE,
        departure.cookie,
        max_age=_LOGIN_SECONDS,
        path="/",
        secure=True,
        httponly=True,
        samesite="lax",
    )
    return response

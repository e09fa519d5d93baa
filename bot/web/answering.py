"""What our pages share: how a request is let in and read, and how a page is sent."""

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.render.chart import Chart
from bot.render.html import TARGET, Leaving, Pages, Table
from bot.web.guard import LANGUAGE_COOKIE, client_address, policy, same_origin
from graph.errors import GraphError
from graph.secret import Secret
from handlers.language import of_accepted
from handlers.messages import Data, Language, OnwardPage, Problem
from handlers.store.errors import StoreError

log = structlog.get_logger(__name__)

_FORM_BYTES: Final = 4096
_FORM_FIELDS: Final = 20

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Answering:
    """Lets requests in, and answers them with pages."""

    pages: Pages
    public_url: str
    trusted_proxies: tuple[str, ...]

    def guarded(self, endpoint: Endpoint) -> Endpoint:
        """Same origin for every POST, and a polite page for whatever goes wrong."""

        async def guarded(request: Request) -> Response:
            if request.method == "POST" and not same_origin(request.headers, self.public_url):
                return self.page(request, Problem("bad-request"), status=403)
            try:
                return await endpoint(request)
            except HTTPException as problem:
                return self.page(request, Problem(problem.detail), status=problem.status_code)
            except (GraphError, StoreError) as error:
                reference = secrets.token_hex(3)
                log.error("page-failed", reference=reference, error=type(error).__name__)
                return self.page(request, Problem("failure", reference), status=503)

        return guarded

    def page(
        self,
        request: Request,
        data: Data,
        *,
        status: int = 200,
        secret: Secret | None = None,
        target: str = TARGET,
        leaving: Leaving | None = None,
        forms_to: str = "",
        photo: str = "",
        chart: Chart | None = None,
        tables: Sequence[Table] = (),
    ) -> HTMLResponse:
        """A page in the browser's language, whose form goes to ``target``.

        ``secret`` is the pass, and only its page may show it. ``forms_to`` are the origins besides ours that its
        forms lead to; ``photo`` is the address of a photo that it shows.
        """
        shown = self.pages.show(
            data,
            language(request),
            secret=secret,
            target=target,
            leaving=leaving,
            photo=photo,
            chart=chart,
            tables=tables,
        )
        headers = {"Content-Security-Policy": policy(forms_to)} if forms_to else None
        return HTMLResponse(shown, status_code=status, headers=headers)

    def leave(self, request: Request, address: str) -> HTMLResponse:
        """A page from which the browser goes on to a login whose further ways nobody can list.

        Chromium holds a form's ``form-action`` against every redirect that follows (CSP 3, 6.4.1), and Entra sends
        people on to whatever their domain is federated with: a page that refreshes itself is a new navigation.
        """
        response = self.page(request, OnwardPage())
        response.headers["Refresh"] = f"0; url={address}"
        return response

    def address(self, request: Request) -> str:
        """Where the request comes from, as limits count it."""
        peer = request.client.host if request.client else None
        return client_address(peer, request.headers.get("x-forwarded-for"), self.trusted_proxies)


def language(request: Request) -> Language:
    """The language that was chosen at the front door, or that the browser asks for first."""
    return spoken(request) or Language.NB


def spoken(request: Request) -> Language | None:
    """The language that the address names, or was chosen at the front door, or that the browser asks for first."""
    for named in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if named in set(Language):
            return Language(named)
    return of_accepted(request.headers.get("accept-language"))


async def form(request: Request) -> dict[str, str]:
    """A small form, or a 4xx. What comes in is counted, whatever its length is said to be."""
    return dict(await pairs(request))


async def pairs(request: Request) -> list[tuple[str, str]]:
    """The same, where a name may come several times."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise HTTPException(400, "bad-request")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _FORM_BYTES:
            raise HTTPException(413, "bad-request")
    try:
        return parse_qsl(body.decode("latin-1"), max_num_fields=_FORM_FIELDS)
    except ValueError:
        raise HTTPException(400, "bad-request") from None

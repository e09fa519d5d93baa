"""What our pages share: how a request is let in and read, and how a page is sent."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.render.html import TARGET, Pages
from bot.web.guard import client_address, same_origin
from graph.errors import GraphError
from graph.secret import Secret
from handlers.language import of_accepted
from handlers.messages import Data, Language, Problem
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
    ) -> HTMLResponse:
        """A page in the browser's language, whose form goes to ``target``.

        ``secret`` is the pass, and only its page may show it.
        """
        shown = self.pages.show(data, language(request), secret=secret, target=target)
        return HTMLResponse(shown, status_code=status)

    def address(self, request: Request) -> str:
        """Where the request comes from, as limits count it."""
        peer = request.client.host if request.client else None
        return client_address(peer, request.headers.get("x-forwarded-for"), self.trusted_proxies)


def language(request: Request) -> Language:
    """The language that the browser asks for first."""
    return of_accepted(request.headers.get("accept-language")) or Language.NB


async def form(request: Request) -> dict[str, str]:
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

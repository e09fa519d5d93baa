"""The front door outside chat: set-up, a lost phone, and how to reach a person. GET only, nothing about anybody."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.render.html import Open, Pages
from handlers.language import of_accepted
from handlers.messages import AppPage, Data, HelpPage, Language


@dataclass(frozen=True)
class HelpWeb:
    """The routes below ``/help``: the same for everybody, in the language that the address or the browser names."""

    pages: Pages
    public_url: str
    fallback: Language

    def routes(self) -> list[Route]:
        """What to mount."""
        return [
            Route("/help", self.help, methods=["GET"]),
            Route("/help/app", self.app, methods=["GET"]),
        ]

    async def help(self, request: Request) -> Response:
        """How to set two-factor up, and whom to ask."""
        return self._page(request, HelpPage())

    async def app(self, request: Request) -> Response:
        """Codes that open the app in its store."""
        return self._page(request, AppPage())

    def _page(self, request: Request, data: Data) -> HTMLResponse:
        named = request.query_params.get("lang")
        accepted = of_accepted(request.headers.get("accept-language"))
        language = Language(named) if named in {str(each) for each in Language} else accepted or self.fallback
        page = self.pages.show(data, language, public=Open(self.public_url, request.url.path))
        return HTMLResponse(page, headers={"Content-Language": language.value, "Vary": "Accept-Language"})

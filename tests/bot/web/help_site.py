"""The pages for everybody, served on loopback as in the product."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import FileResponse
from starlette.routing import Route

from bot.render.html import Pages
from bot.render.words import Words
from bot.settings.sections import Links, Organisation
from bot.settings.values import Wording
from bot.web.guard import Headed
from bot.web.help import HelpWeb
from handlers.messages import Language

DESK = Organisation(
    name=Wording(en="Fjordheim University", nb="Universitetet i Fjordheim", nn="Universitetet i Fjordheim"),
    service_desk=Wording(en="IT Service Desk", nb="IT-brukerstøtte", nn="IT-brukarstøtte"),
    service_desk_phone="+47 55 00 00 00",
    service_desk_hours=Wording(en="8 am to 4 pm", nb="8–16", nn="8–16"),
)
LINKS = Links(setup="https://aka.ms/mfasetup", security_info="https://aka.ms/mysecurityinfo")


@asynccontextmanager
async def help_site(
    templates: Path, organisation: Organisation = DESK, links: Links = LINKS
) -> AsyncIterator[str]:
    """Where the pages are."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(
            _app(templates, url, organisation, links),
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            proxy_headers=False,
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield url
        finally:
            server.should_exit = True
            await serving


def _app(templates: Path, url: str, organisation: Organisation, links: Links) -> Starlette:
    said = {language: organisation.said_in(language) for language in Language}
    words = Words(templates, said, dict(links), False, ZoneInfo("Europe/Oslo"), url)
    web = HelpWeb(Pages(words, templates / "web"), words, url, Language.NB)
    style = Route("/static/site.css", lambda _: FileResponse(templates / "web" / "site.css"))
    return Starlette(routes=[*web.routes(), style], middleware=[Middleware(Headed, secure=False)])

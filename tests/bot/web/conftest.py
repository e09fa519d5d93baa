"""The pages of a case, served as in the product, with everything behind them."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware

from bot.render.html import Pages
from bot.render.words import Words
from bot.sandbox.browser import Browser
from bot.web.answering import Answering
from bot.web.guard import Headed
from bot.web.health import Health
from bot.web.pages import CaseWeb
from tests.handlers.rig import Rig, opened_rig


@dataclass
class Site:
    """Where the pages are, and what is behind them."""

    url: str
    rig: Rig
    health: Health
    client: httpx.AsyncClient
    missing: list[str]
    """What the platform says it lacks."""

    def browser(self, cookie: str | None = None) -> Browser:
        """A browser that keeps its cookie and names its origin."""
        return Browser(self.url, "en", cookie)

    async def claim(self, code: str, **headers: str) -> httpx.Response:
        """Send a code in, from a page of ours."""
        return await self.client.post("/case", data={"code": code}, headers={"Origin": self.url, **headers})


@pytest.fixture
async def site(sqlite_url: str, tmp_path: Path, words: Words, templates: Path) -> AsyncIterator[Site]:
    async with opened_rig(sqlite_url, tmp_path) as rig:
        listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        missing: list[str] = []
        answering = Answering(Pages(words, templates / "web"), url, ("127.0.0.0/8",))
        web = CaseWeb(answering, rig.desk, rig.issue, templates / "web" / "site.css")
        health = Health(rig.database, lambda: missing[0] if missing else None)
        app = Starlette(
            routes=[*web.routes(), *health.routes()], middleware=[Middleware(Headed, secure=False)]
        )
        config = uvicorn.Config(
            app, lifespan="off", ws="none", log_config=None, access_log=False, proxy_headers=False
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as client:
            yield Site(url, rig, health, client, missing)
        server.should_exit = True
        await serving
        listener.close()

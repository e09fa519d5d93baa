"""The pages of a case, served as in the product, with everything behind them."""

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware

from bot.render.html import Pages
from bot.render.words import Words
from bot.sandbox.browser import Browser
from bot.web.agents import AgentWeb
from bot.web.answering import Answering
from bot.web.guard import Headed
from bot.web.health import Health
from bot.web.managers import ManagerWeb
from bot.web.not_me import NotMeWeb
from bot.web.pages import CaseWeb
from bot.web.rollout import RolloutWeb
from bot.web.signin import STAFF_COOKIE, Gate
from handlers.records import StaffSession
from handlers.rollout.seeing import Seeing
from handlers.rollout.when import Calendar
from handlers.signing_in.sessions import Sessions
from handlers.store import signing_in as store
from handlers.store.keys import hashed
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

    async def signed_in(
        self, name: str, ago: timedelta = timedelta(0), *, stepped_up: bool = True
    ) -> Browser:
        """A browser in which somebody signed in so long ago."""
        browser, secret, now = self.browser(), secrets.token_urlsafe(32), self.rig.clock.now()
        row = StaffSession(
            cookie_hash=hashed(secret),
            account=self.rig.id(name),
            name=name,
            auth_time=now - ago,
            stepped_up=stepped_up,
            at=now - ago,
            until=now - ago + timedelta(hours=8),
        )
        async with self.rig.database.transaction() as session:
            await store.open_session(session, row)
        browser.others[STAFF_COOKIE] = secret
        return browser

    async def claim(self, code: str, **headers: str) -> httpx.Response:
        """Send a code in, from a page of ours."""
        return await self.client.post("/case", data={"code": code}, headers={"Origin": self.url, **headers})


@pytest.fixture(scope="session")
def pages(words: Words, templates: Path) -> Pages:
    return Pages(words, templates / "web")


@pytest.fixture
async def site(
    sqlite_url: str, tmp_path: Path, pages: Pages, words: Words, templates: Path
) -> AsyncIterator[Site]:
    async with opened_rig(sqlite_url, tmp_path) as rig:
        listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        missing: list[str] = []
        answering = Answering(pages, url, ("127.0.0.0/8",))
        web = CaseWeb(
            answering, rig.claiming, rig.issue, rig.disowning, rig.removing, templates / "web" / "site.css"
        )
        gate = Gate(answering, Sessions(rig.database, rig.clock), stepping_up=True)
        agents = AgentWeb(answering, gate, rig.desk, rig.vouching)
        managers = ManagerWeb(answering, gate, rig.vouching)
        disowned = NotMeWeb(answering, rig.database, rig.disowning, rig.clock)
        seeing = Seeing(rig.database, rig.accounts, Calendar.norwegian(), ("slack", "teams"), rig.clock)
        rollout = RolloutWeb(answering, gate, seeing, words)
        health = Health(rig.database, [lambda: missing[0] if missing else None])
        app = Starlette(
            routes=[
                *web.routes(),
                *agents.routes(),
                *managers.routes(),
                *disowned.routes(),
                *rollout.routes(),
                *health.routes(),
            ],
            middleware=[Middleware(Headed, secure=False)],
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

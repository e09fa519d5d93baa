"""The front door and the pages behind it, served on loopback as in the product, with a provider of eID."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware

from bot.eid.numbers import GraphNumbers
from bot.eid.service import Eids
from bot.oidc.building import client_of
from bot.render.html import Pages
from bot.render.words import Words
from bot.sandbox.browser import Browser, log_in
from bot.sandbox.eid import EidEmulator
from bot.sandbox.world import FJORDHEIM
from bot.web.answering import Answering
from bot.web.door import DoorWeb
from bot.web.eid import EidWeb
from bot.web.guard import Headed
from bot.web.help import HelpWeb
from bot.web.pages import CaseWeb
from handlers.messages import Language
from handlers.verification.door import Doors
from handlers.verification.eid import ByEid
from tests.bot.eid.rig import NAME, Stopwatch, Way, eids_of, new_key, provider_of, registration
from tests.handlers.rig import Rig, opened_rig

PROXY = "203.0.113.9"
NUMBER = "onPremisesExtensionAttributes/extensionAttribute1"


@dataclass(frozen=True)
class Watched(Doors):
    """The front door, which says when it has looked an address up."""

    looked: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    async def look(self, cookie: str, typed: str) -> None:
        await super().look(cookie, typed)
        self.looked.put_nowait(cookie)


@dataclass
class DoorSite:
    """Where the pages are, and what is behind them."""

    url: str
    rig: Rig
    idp: EidEmulator
    by_eid: ByEid
    doors: Watched

    def browser(self, language: str = "en") -> Browser:
        """Somebody's browser."""
        return Browser(self.url, language)

    async def knocked(self, typed: str, language: str = "en") -> Browser:
        """A browser in which an address was typed, and looked up."""
        browser = self.browser(language)
        answer = await browser.post("/help", {"address": typed, "lang": language})
        assert answer.status_code == httpx.codes.SEE_OTHER, answer.text
        async with asyncio.timeout(10):
            await self.doors.looked.get()
        return browser

    async def back(self, browser: Browser, whom: str, provider: str = NAME) -> httpx.Response:
        """Log in from the door as somebody, and come back."""
        away = await browser.post("/help/login", {"record": provider})
        assert away.status_code == httpx.codes.SEE_OTHER, away.text
        address = await log_in(away.headers["Location"], self.rig.id(whom))
        return await browser.get(address.removeprefix(self.url))


@asynccontextmanager
async def door_site(
    storage: str, folder: Path, templates: Path, words: Words, pages: Pages
) -> AsyncIterator[DoorSite]:
    """Everything up and running. The loopback itself is a trusted proxy."""
    ours = new_key("tofaktor-2027")
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with (
            opened_rig(storage, folder) as rig,
            EidEmulator(FJORDHEIM, rig.clock) as idp,
            client_of(None) as outside,
        ):
            idp.register(
                replace(
                    registration(Way(), ours),
                    redirect_uris=frozenset({f"{url}/eid/{NAME}/callback"}),
                    after_logout=frozenset({f"{url}/case"}),
                    logout_uri="",
                )
            )
            offered = eids_of(provider_of(idp.issuer, Way(), ours), outside, Stopwatch()).offered[NAME]
            numbers = GraphNumbers(rig.directory.users, NUMBER)
            eids = Eids({NAME: replace(offered, numbers=numbers)}, url)
            by_eid = ByEid(rig.database, rig.accounts, rig.cases, rig.proving, rig.keys, rig.clock, eids)
            answering = Answering(pages, url, ("127.0.0.0/8", f"{PROXY}/32"))
            reading = HelpWeb(pages, words, url, Language.NB)
            doors = Watched(rig.database, rig.directory.users, rig.clock)
            app = Starlette(
                routes=[
                    *CaseWeb(
                        answering,
                        rig.claiming,
                        rig.issue,
                        rig.disowning,
                        rig.removing,
                        templates / "web" / "site.css",
                        by_eid,
                        eids,
                    ).routes(),
                    *EidWeb(answering, by_eid, eids).routes(),
                    *DoorWeb(answering, reading, doors, by_eid, eids).routes(),
                    *reading.routes(),
                ],
                middleware=[Middleware(Headed, secure=False)],
            )
            config = uvicorn.Config(
                app, lifespan="off", ws="none", log_config=None, access_log=False, proxy_headers=False
            )
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            try:
                yield DoorSite(url, rig, idp, by_eid, doors)
            finally:
                server.should_exit = True
                await serving

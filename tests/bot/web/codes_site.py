"""The pages around codes, served as in the product, with emulated gateways and everything behind them."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Final

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware

from bot.gateways.contacts import LookedUpContacts
from bot.gateways.mailing import Mailing
from bot.gateways.sms import SmsGateway, Texting
from bot.gateways.waking import Waking
from bot.jose import SigningKey
from bot.render.html import Pages
from bot.render.words import Words
from bot.sandbox.gateways import GatewayEmulator
from bot.sandbox.world import FJORDHEIM
from bot.web.answering import Answering
from bot.web.codes import WAY_COOKIE, CodesWeb
from bot.web.eid import EidWeb
from bot.web.guard import COOKIE, Headed
from bot.web.pages import CaseWeb
from bot.web.signin import STAFF_COOKIE, Gate
from graph.mail import Mails
from graph.secret import Secret
from handlers.messages import Language
from handlers.ports import Channels
from handlers.records import Case, StaffSession
from handlers.rollout.when import Calendar
from handlers.signing_in.sessions import Sessions
from handlers.store import signing_in
from handlers.store.keys import hashed
from handlers.verification import policy
from handlers.verification.codes import Aside, Codes, Recovery, Sending, ways
from handlers.verification.eid import ByEid
from handlers.verification.opening import Opening
from tests.bot.eid.rig import Stopwatch, Way, eids_of, new_key, provider_of
from tests.handlers.rig import NORA, Rig, opened_rig

PHONE: Final = "+4799912342"
MAIL: Final = "nora.hjemme@privat.example"
CHANGED: Final = "2026-04-24"
"""214 days before the story."""


@dataclass
class Person:
    """Somebody's browser, with every cookie that our pages set."""

    site: "CodesSite"
    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str) -> httpx.Response:
        return await self._send("GET", path, None)

    async def post(self, path: str, **form: str) -> httpx.Response:
        return await self._send("POST", path, form)

    async def asks(self, route: str = "sms") -> httpx.Response:
        """Press the button, and wait until what happens aside has happened."""
        answer = await self.post("/case/code/send", record=route)
        assert await self.site.aside.idle()
        return answer

    async def types(self, code: str) -> httpx.Response:
        return await self.post("/case/code", code=code)

    async def _send(self, method: str, path: str, form: dict[str, str] | None) -> httpx.Response:
        headers = {"Accept-Language": "en"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if method == "POST":
            headers["Origin"] = self.site.url
        answer = await self.site.client.request(method, path, data=form, headers=headers)
        for told in answer.headers.get_list("set-cookie"):
            name, _, rest = told.partition("=")
            if value := rest.split(";")[0].strip('"'):
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        return answer


@dataclass
class CodesSite:
    """Where the pages are, and what is behind them."""

    url: str
    rig: Rig
    gateway: GatewayEmulator
    codes: Codes
    recovery: Recovery
    by_eid: ByEid
    client: httpx.AsyncClient

    @property
    def aside(self) -> Aside:
        return self.codes.aside

    def has(self, kind: str, value: str | None, changed: str | None = CHANGED, *, name: str = NORA) -> None:
        """What the register holds for somebody."""
        held = None if value is None else {"value": value, "changed": changed}
        self.gateway.contacts[self.rig.id(name)][kind] = held

    async def opened(self, name: str = NORA) -> Case:
        """Somebody has opened a case about themselves in chat."""
        user = await self.rig.directory.users.get(self.rig.id(name))
        async with self.rig.database.transaction() as session:
            case = await Opening(self.rig.cases).open(
                session, user, starter=user.id, now=self.rig.clock.now()
            )
        assert isinstance(case, Case), case
        return case

    async def on_the_way(self, case: Case) -> Person:
        """A browser that came by the chat's link with the chat's code."""
        async with self.rig.database.transaction() as session:
            secret = await ways.begin(session, case, self.rig.clock.now())
        return Person(self, {WAY_COOKIE: secret})

    def bound(self, browser: str) -> Person:
        """The browser that a case is bound to."""
        return Person(self, {COOKIE: browser})

    async def signed_in(self, name: str = NORA) -> Person:
        """A browser in which somebody is signed in at Entra."""
        now, secret = self.rig.clock.now(), f"staff-{name}"
        row = StaffSession(
            cookie_hash=hashed(secret),
            account=self.rig.id(name),
            name=name,
            auth_time=now,
            at=now,
            until=now + timedelta(hours=8),
        )
        async with self.rig.database.transaction() as session:
            await signing_in.open_session(session, row)
        return Person(self, {STAFF_COOKIE: secret})

    def code(self) -> str:
        """The code of the latest text message."""
        return self.gateway.texts[-1].text.split()[0]

    def mailed(self) -> str:
        """The code of the latest mail."""
        return self.rig.entra.post.sent[-1].text.split()[0]


@asynccontextmanager
async def codes_site(
    database_url: str, folder: Path, words: Words, pages: Pages, templates: Path
) -> AsyncIterator[CodesSite]:
    """Everything up and running."""
    async with AsyncExitStack() as stack:
        rig = await stack.enter_async_context(opened_rig(database_url, folder))
        gateway = await stack.enter_async_context(GatewayEmulator(FJORDHEIM, rig.clock))
        outside = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=10))
        codes = _codes(rig, gateway, outside, words)
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=256))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        answering = Answering(pages, url, ("127.0.0.0/8",))
        gate = Gate(answering, Sessions(rig.database, rig.clock), stepping_up=False)
        web = CodesWeb(answering, codes, codes.recovery, gate)
        eids = eids_of(provider_of("https://eid.example", Way(), _key()), outside, Stopwatch())
        by_eid = ByEid(rig.database, rig.accounts, rig.cases, rig.proving, rig.keys, rig.clock, eids)
        links = EidWeb(answering, by_eid, eids, codes)
        case = CaseWeb(
            answering,
            rig.claiming,
            rig.issue,
            rig.disowning,
            rig.removing,
            templates / "web" / "site.css",
            codes=codes,
        )
        app = Starlette(
            routes=[*web.routes(), *case.routes(), *links.routes()],
            middleware=[Middleware(Headed, secure=False)],
        )
        config = uvicorn.Config(
            app, lifespan="off", ws="none", log_config=None, access_log=False, proxy_headers=False
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=url, trust_env=False, timeout=30))
        assert codes.recovery is not None
        site = CodesSite(url, rig, gateway, codes, codes.recovery, by_eid, client)
        site.has("phone", PHONE)
        site.has("mail", MAIL)
        try:
            yield site
        finally:
            assert await codes.aside.idle()
            server.should_exit = True
            await serving


@cache
def _key() -> SigningKey:
    """Making one takes long, and nobody here signs with it."""
    return new_key("ours")


def _codes(rig: Rig, gateway: GatewayEmulator, outside: httpx.AsyncClient, words: Words) -> Codes:
    channels = Channels(
        LookedUpContacts(outside, gateway.contacts_url),
        Waking(None, "", None, Language.NB),
        Texting(words, SmsGateway(outside, gateway.sms_url, Secret(gateway.key))),
        Mailing(words, Mails(rig.graph), FJORDHEIM.residents[0].upn),
    )
    sending = Sending(rig.database, rig.directory.users, rig.cases, rig.keys, rig.clock, channels)
    return Codes(
        rig.database,
        rig.cases,
        rig.proving,
        rig.clock,
        policy.DEFAULT_RULES,
        Calendar.norwegian(),
        sending,
        Recovery(rig.database, rig.cases.audit, rig.keys, rig.clock),
        Aside(),
    )

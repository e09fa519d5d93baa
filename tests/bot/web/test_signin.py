"""Signing in to our pages: over sockets, with the emulated Entra behind them."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import uvicorn
from playwright.async_api import Browser as Chromium
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.render.html import Pages
from bot.sandbox.browser import Browser, onward, sign_in
from bot.sandbox.entra.sign_in_faults import SignInFault
from bot.web.answering import Answering
from bot.web.guard import Headed
from bot.web.signin import ATTEMPT_COOKIE, STAFF_COOKIE, Gate, Purpose, SignInWeb, Staff
from handlers.signing_in.sessions import Sessions
from handlers.states import CaseState
from tests.bot.signin.rig import CONTEXT, words_of
from tests.handlers.rig import INGRID, JONAS, MINUTE, NORA, TOMASZ, opened_rig
from tests.handlers.signing_in.desk import Desk, desk_of


@dataclass
class Place:
    """Where the pages are, and what is behind them."""

    url: str
    desk: Desk

    def browser(self) -> Browser:
        """A fresh one."""
        return Browser(self.url, "en")

    def id(self, name: str) -> str:
        """Somebody's account."""
        return self.desk.rig.id(name)

    async def case(self) -> str:
        """A case that waits for approval."""
        return (await self.desk.rig.verified()).case.id

    async def link(self, name: str, case: str) -> str:
        """The path of the link that somebody gets who presses Approve."""
        token = await self.desk.press(name, case)
        assert token is not None
        return f"/case/decide/{token}"

    async def state(self, case: str) -> str:
        """How the case stands."""
        return (await self.desk.rig.case(case)).state


async def _secret_page(_: Request, staff: Staff) -> Response:
    return PlainTextResponse(f"seen by {staff.account}")


@pytest.fixture
async def place(sqlite_url: str, tmp_path: Path, pages: Pages, templates: Path) -> AsyncIterator[Place]:
    async with AsyncExitStack() as stack:
        rig = await stack.enter_async_context(opened_rig(sqlite_url, tmp_path))
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=64))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        desk = await stack.enter_async_context(desk_of(rig, home=url))
        answering = Answering(pages, url, ("127.0.0.0/8",))
        gate = Gate(answering, Sessions(rig.database, rig.clock), stepping_up=True)
        web = SignInWeb(answering, gate, desk.signing, desk.decisions, rig.entra.tenant_id, CONTEXT)
        gated = [
            Route(path, gate.signed_in(purpose, _secret_page), methods=["GET", "POST"])
            for path, purpose in (("/case/agent", Purpose.AGENT), ("/case/recovery", Purpose.RECOVERY))
        ]
        app = Starlette(routes=[*web.routes(), *gated], middleware=[Middleware(Headed, secure=False)])
        config = uvicorn.Config(
            app, lifespan="off", ws="none", log_config=None, access_log=False, proxy_headers=False
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        yield Place(url, desk)
        server.should_exit = True
        await serving


async def test_an_approver_decides_by_the_link(place: Place) -> None:
    case = await place.case()
    link, browser = await place.link(INGRID, case), place.browser()
    page = await browser.get(link)
    words = words_of(page)
    assert page.status_code == httpx.codes.OK
    for told in (case, NORA, INGRID, place.desk.rig.entra.tenant.account(place.id(NORA)).resident.upn):
        assert told in words
    assert await place.state(case) == CaseState.VERIFIED
    back = await browser.sign_in_from(f"{link}/begin", place.id(INGRID))
    assert (back.status_code, back.headers["Location"]) == (httpx.codes.SEE_OTHER, "/case/decide")
    assert await place.state(case) == CaseState.APPROVED
    done = await browser.get("/case/decide")
    assert "Your approval counts" in words_of(done)
    assert ATTEMPT_COOKIE not in browser.others
    assert browser.others[STAFF_COOKIE]


async def test_looking_at_a_link_changes_nothing(place: Place) -> None:
    case = await place.case()
    link, scanner = await place.link(INGRID, case), place.browser()
    for _ in range(5):
        assert (await scanner.get(link)).status_code == httpx.codes.OK
    async with httpx.AsyncClient(base_url=place.url, trust_env=False) as client:
        assert (await client.head(link)).status_code == httpx.codes.OK
        foreign = await client.post(f"{link}/begin", headers={"Origin": "https://evil.example"})
        assert foreign.status_code == httpx.codes.FORBIDDEN
        assert (await client.post(f"{link}/begin")).status_code == httpx.codes.FORBIDDEN
    decided = await place.browser().sign_in_from(f"{link}/begin", place.id(INGRID))
    assert decided.status_code == httpx.codes.SEE_OTHER


async def test_a_link_that_was_used_or_guessed_is_over(place: Place) -> None:
    case = await place.case()
    link = await place.link(INGRID, case)
    assert (await place.browser().sign_in_from(f"{link}/begin", place.id(INGRID))).is_redirect
    for path in (link, "/case/decide/guessed"):
        assert (await place.browser().get(path)).status_code == httpx.codes.GONE
        assert (await place.browser().post(f"{path}/begin")).status_code == httpx.codes.GONE


async def test_the_way_back_counts_in_the_browser_that_set_out_and_once(place: Place) -> None:
    case = await place.case()
    link, browser = await place.link(INGRID, case), place.browser()
    away = await browser.post(f"{link}/begin")
    address = onward(away)
    assert address is not None
    back = (await sign_in(address, place.id(INGRID))).removeprefix(place.url)
    other = Browser(place.url, "en", others={ATTEMPT_COOKIE: "of-the-attackers-own-making"})
    for stranger in (place.browser(), other):
        assert (await stranger.get(back)).status_code == httpx.codes.BAD_REQUEST
    assert await place.state(case) == CaseState.VERIFIED
    again = replace(browser, others=dict(browser.others))
    assert (await browser.get(back)).status_code == httpx.codes.SEE_OTHER
    assert await place.state(case) == CaseState.APPROVED
    assert (await again.get(back)).status_code == httpx.codes.BAD_REQUEST


@pytest.mark.parametrize("signs_in", [TOMASZ, JONAS])
async def test_another_users_sign_in_binds_nothing_and_says_so(place: Place, signs_in: str) -> None:
    case = await place.case()
    link, browser = await place.link(INGRID, case), place.browser()
    answer = await browser.sign_in_from(f"{link}/begin", place.id(signs_in))
    assert answer.status_code == httpx.codes.FORBIDDEN
    assert "another account" in words_of(answer)
    assert STAFF_COOKIE not in browser.others
    assert await place.state(case) == CaseState.VERIFIED


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (SignInFault.STALE_AUTH_TIME, httpx.codes.FORBIDDEN),
        (SignInFault.MISSING_ACRS, httpx.codes.FORBIDDEN),
        (SignInFault.WRONG_NONCE, httpx.codes.FORBIDDEN),
        (SignInFault.TOKEN_DOWN, httpx.codes.SERVICE_UNAVAILABLE),
    ],
    ids=str,
)
async def test_a_bad_sign_in_decides_nothing_and_tells_nothing(
    place: Place, fault: SignInFault, status: int
) -> None:
    case = await place.case()
    link, browser = await place.link(INGRID, case), place.browser()
    place.desk.rig.entra.sign_ins.faults.add(fault)
    answer = await browser.sign_in_from(f"{link}/begin", place.id(INGRID))
    assert answer.status_code == status
    assert await place.state(case) == CaseState.VERIFIED
    assert STAFF_COOKIE not in browser.others
    assert not [token for token in place.desk.rig.entra.sign_ins.given if token in answer.text]


async def test_the_gate_leads_to_entra_and_back(place: Place) -> None:
    browser = place.browser()
    asked = await browser.get("/case/agent")
    assert asked.status_code == httpx.codes.UNAUTHORIZED
    assert 'action="/signin/agent/begin"' in asked.text
    back = await browser.sign_in("agent", place.id(JONAS))
    assert (back.status_code, back.headers["Location"]) == (httpx.codes.SEE_OTHER, "/case/agent")
    assert (await browser.get("/case/agent")).text == f"seen by {place.id(JONAS)}"
    place.desk.rig.clock.move(8 * 60 * MINUTE)
    assert (await browser.get("/case/agent")).status_code == httpx.codes.UNAUTHORIZED


async def test_a_plain_sign_in_opens_no_page_that_wants_more(place: Place) -> None:
    browser = place.browser()
    await browser.sign_in("recovery", place.id(JONAS))
    assert (await browser.get("/case/recovery")).status_code == httpx.codes.OK
    assert (await browser.get("/case/agent")).status_code == httpx.codes.UNAUTHORIZED
    assert (await browser.post("/signin/elsewhere/begin")).status_code == httpx.codes.NOT_FOUND


async def test_signing_out_ends_the_session(place: Place) -> None:
    browser = place.browser()
    await browser.sign_in("agent", place.id(JONAS))
    copied = replace(browser, others=dict(browser.others))
    assert JONAS in words_of(await browser.get("/signin/out"))
    assert (await browser.post("/signin/out")).status_code == httpx.codes.SEE_OTHER
    assert "You are signed out" in words_of(await browser.get("/signin/out"))
    assert (await copied.get("/case/agent")).status_code == httpx.codes.UNAUTHORIZED


async def test_the_test_page_shows_the_claims_and_no_token(place: Place) -> None:
    browser = place.browser()
    assert (await browser.get("/signin/test")).status_code == httpx.codes.UNAUTHORIZED
    await browser.sign_in("test", place.id(INGRID))
    page = await browser.get("/signin/test")
    words = words_of(page)
    for told in (place.id(INGRID), place.desk.rig.entra.tenant_id, CONTEXT, "as it should be"):
        assert told in words
    assert not [token for token in place.desk.rig.entra.sign_ins.given if token in page.text]


@pytest.mark.parametrize("claim", ["auth_time", "acrs"])
async def test_the_test_page_says_which_claim_is_missing(place: Place, claim: str) -> None:
    place.desk.rig.entra.sign_ins.registration.optional_claims.remove(claim)
    browser = place.browser()
    await browser.sign_in("test", place.id(INGRID))
    words = words_of(await browser.get("/signin/test"))
    assert "Something is missing" in words
    assert claim in words
    other = ({"auth_time", "acrs"} - {claim}).pop()
    assert not re.search(rf"\b{other}\b", words)


async def test_the_cookies_are_ours_alone(place: Place) -> None:
    browser = place.browser()
    away = await browser.post("/signin/agent/begin")
    address = onward(away)
    assert address is not None
    back = await browser.get((await sign_in(address, place.id(JONAS))).removeprefix(place.url))
    told = [*away.headers.get_list("set-cookie"), *back.headers.get_list("set-cookie")]
    kept = [cookie.lower() for cookie in told if "max-age=0" not in cookie.lower()]
    assert len(kept) == 2
    for cookie in kept:
        assert cookie.startswith("__host-tofaktor-")
        for attribute in ("secure", "httponly", "samesite=lax", "path=/"):
            assert attribute in cookie
        assert "domain" not in cookie


@pytest.mark.browser
@pytest.mark.slow
async def test_in_a_real_browser(place: Place, chromium: Chromium) -> None:
    """The policies of our pages let people go to Entra, and the cookies come back with them."""
    case = await place.case()
    link = await place.link(INGRID, case)
    page = await chromium.new_page()
    await page.goto(f"{place.url}{link}")
    await page.click("button")
    await page.wait_for_url(lambda url: urlsplit(url).path.endswith("/authorize"))
    await page.select_option("#person", place.id(INGRID))
    await page.click("button.first")
    await page.wait_for_url(f"{place.url}/case/decide")
    assert "Your approval counts" in (await page.text_content("h1") or "")
    assert await place.state(case) == CaseState.APPROVED

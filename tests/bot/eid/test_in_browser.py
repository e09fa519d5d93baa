"""The login page in a real browser: its policies let through what belongs to a login, and a logout reaches us."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

import pytest
from aiohttp import web
from playwright.async_api import Browser

from bot.jose import SigningKey
from bot.sandbox.eid.emulator import EidEmulator
from bot.sandbox.eid.keys import Key
from bot.sandbox.world import FJORDHEIM
from handlers.messages import Language
from tests.bot.eid.rig import (
    CLIENT_ID,
    NAME,
    NORA,
    HandClock,
    Rig,
    Stopwatch,
    Way,
    eids_of,
    registration,
    rig_of,
)

pytestmark = pytest.mark.browser


@asynccontextmanager
async def us(seen: list[tuple[str, str]]) -> AsyncIterator[str]:
    """Our own pages, as far as the provider leads to them; another origin than its own."""

    async def show(request: web.Request) -> web.Response:
        seen.append((request.path, request.query_string))
        return web.Response(text="<h1>tofaktor</h1>", content_type="text/html")

    app = web.Application()
    app.router.add_get("/{path:.*}", show)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_in_and_out_again(chromium: Browser, ours: SigningKey, theirs: Key) -> None:
    seen: list[tuple[str, str]] = []
    async with us(seen) as home, rig_of(Way(), ours, theirs) as rig:
        rig.idp.register(
            replace(
                registration(Way(), ours),
                redirect_uris=frozenset({f"{home}/eid/{NAME}/callback"}),
                after_logout=frozenset({f"{home}/case"}),
                logout_uri=f"{home}/eid/{NAME}/logout",
            )
        )
        eids = replace(rig.eids, public_url=home)
        begun = await eids.begin(NAME, Language.EN, rig.clock.now())
        page = await chromium.new_page()
        wrong: list[str] = []
        page.on("console", lambda said: wrong.append(said.text))
        await page.goto(begun.address)
        assert (
            await page.locator("button.first").evaluate("it => getComputedStyle(it).color")
            == "rgb(255, 255, 255)"
        )
        await page.get_by_label("Person", exact=True).select_option(label=f"{NORA.name} ({NORA.upn})")
        await page.get_by_label("substantial").check()
        await page.get_by_role("button", name="Log in").click()
        assert await page.locator("h1").inner_text() == "tofaktor"
        path, query = seen[0]
        assert path == f"/eid/{NAME}/callback"
        identity = await eids.end(NAME, parse_qsl(query), begun.asked, rig.clock.now())
        assert (identity.number.reveal(), identity.level) == (NORA.person_number, 3)

        leaving = {"client_id": CLIENT_ID, "post_logout_redirect_uri": f"{home}/case"}
        await page.goto(f"{rig.idp.issuer}/logout?{urlencode(leaving)}")
        await page.wait_for_url(f"{home}/case")
        told = [dict(parse_qsl(query)) for path, query in seen if path == f"/eid/{NAME}/logout"]
        assert [each["iss"] for each in told] == [rig.idp.issuer]
        assert [text for text in wrong if "favicon" not in text and "404" not in text] == []


async def test_two_providers_in_one_browser(
    chromium: Browser, rig: Rig, ours: SigningKey, theirs: Key
) -> None:
    """Cookies know no port."""
    async with EidEmulator(FJORDHEIM, HandClock(), key=theirs) as second:
        second.register(registration(Way(), ours))
        page = await chromium.new_page()
        await page.goto((await rig.begin()).address)
        other = replace(rig.provider, issuer=second.issuer)
        begun = await eids_of(other, rig.outside, Stopwatch()).begin(NAME, Language.NB, rig.clock.now())
        await page.goto(begun.address)
        assert len({cookie["name"] for cookie in await page.context.cookies()}) == 2

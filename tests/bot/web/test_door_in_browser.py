"""The front door in a real browser: by keyboard alone, without scripts, on a phone, and led on by our own policy."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final, Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from bot.render.html import Pages
from bot.render.words import Words
from tests.bot.web.door_site import DoorSite, door_site
from tests.bot.web.test_door import ADDRESSES
from tests.handlers.rig import INGRID, NORA

pytestmark = pytest.mark.browser

Scheme = Literal["light", "dark"]
RULES: Final = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
LOOKS: Final = (
    pytest.param(320, "light"),
    *(
        pytest.param(*look, marks=pytest.mark.slow)
        for look in ((360, "dark"), (1280, "light"), (1280, "dark"))
    ),
)


@pytest.fixture
async def site(
    sqlite_url: str, tmp_path: Path, words: Words, pages: Pages, templates: Path
) -> AsyncIterator[DoorSite]:
    async with door_site(sqlite_url, tmp_path, templates, words, pages) as opened:
        yield opened


async def _tab(chromium: Browser, width: int, scheme: Scheme, *, scripts: bool = False) -> Page:
    context = await chromium.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,
        locale="en-GB",
        java_script_enabled=scripts,
    )
    return await context.new_page()


async def _fits(tab: Page, width: int, name: str) -> None:
    """Accessible, and no wider than the window, also when the letters are twice as big."""
    assert await tab.evaluate("document.documentElement.scrollWidth") <= width, name
    found = await Axe().run(tab, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    if folder := os.environ.get("DOOR_PICTURES"):
        scheme = await tab.evaluate("matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'")
        await tab.screenshot(path=f"{folder}/{name}-{width}-{scheme}.png", full_page=True)
    await tab.evaluate("document.documentElement.style.fontSize = '200%'")
    assert await tab.evaluate("document.documentElement.scrollWidth") <= width, f"{name} in big letters"


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
async def test_every_page_is_accessible_and_fits(
    site: DoorSite, chromium: Browser, width: int, scheme: Scheme
) -> None:
    tab = await _tab(chromium, width, scheme, scripts=True)
    for path in (
        "/help",
        "/help/door",
        "/help/answers",
        "/help/answers/lost-phone",
        "/help/setup/iphone/scan",
    ):
        await tab.goto(f"{site.url}{path}?lang=en")
        await _fits(tab, width, path.strip("/").replace("/", "-"))
    await tab.goto(f"{site.url}/help?lang=nn")
    await tab.evaluate("document.querySelector('#address').required = false")
    await tab.get_by_role("button", name="Gå vidare").click()
    await _fits(tab, width, "help-empty")
    await tab.goto(f"{site.url}/case")
    await _fits(tab, width, "case")


async def test_the_whole_way_by_keyboard_and_without_scripts(site: DoorSite, chromium: Browser) -> None:
    """The policy of the page lets the form lead to the provider, and the provider lead back to us."""
    tab = await _tab(chromium, 360, "light")
    asked = set[str]()
    tab.on("request", lambda request: asked.add("/".join(request.url.split("/")[:3])))
    await tab.goto(f"{site.url}/help?lang=en")
    await _press(tab, "address")
    await tab.keyboard.type(ADDRESSES["known"])
    await tab.keyboard.press("Enter")
    await tab.wait_for_url("**/help/door?lang=en")
    assert asked == {site.url}, "nothing is asked of anybody else"
    await _press(tab, "Continue with ID-porten")
    await tab.keyboard.press("Enter")
    await tab.wait_for_url(f"{site.idp.issuer}/**")
    await tab.get_by_label("Person", exact=True).select_option(site.rig.id(NORA))
    await tab.get_by_role("button", name="Log in").press("Enter")
    await tab.wait_for_url(f"{site.url}/case")
    assert await tab.get_by_role("heading", level=1).inner_text() == "Now support decides"
    async with site.rig.database.reading() as session:
        (case,) = await site.rig.cases.live(session)
    await site.rig.approvals.approve(site.rig.press(INGRID, "approvals.approve", case.id))
    await tab.reload()
    await _press(tab, "Show the pass")
    await tab.keyboard.press("Enter")
    assert await tab.locator(".pass code").inner_text() == site.rig.entra.passes_created[0].code
    await _press(tab, "Log out of ID-porten")
    await tab.keyboard.press("Enter")
    await tab.get_by_role("heading", name="Logged out").wait_for()
    await tab.wait_for_url(f"{site.url}/case")


async def _press(tab: Page, wanted: str) -> None:
    """Go there by the tabulator alone; what is in focus shows it."""
    for _ in range(30):
        await tab.keyboard.press("Tab")
        here = tab.locator(":focus")
        name = await here.get_attribute("id") or (await here.inner_text()).strip()
        if name == wanted:
            return
    raise AssertionError(f"{wanted} cannot be reached by keyboard")

"""An agent's way from the account to the code in a real browser: by keyboard alone, narrow and wide, light and dark."""

from typing import Final, Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from bot.sandbox.world import FJORDHEIM
from tests.bot.web.conftest import Site
from tests.handlers.rig import JONAS, NORA

pytestmark = pytest.mark.browser

LOOKS: Final = (pytest.param(360, "light"), pytest.param(1280, "dark", marks=pytest.mark.slow))


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
async def test_from_the_account_to_the_code_by_keyboard(
    site: Site, chromium: Browser, width: int, scheme: Literal["light", "dark"]
) -> None:
    context = await chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, locale="en-GB"
    )
    agent = await site.signed_in(JONAS)
    for name, value in agent.others.items():
        await context.add_cookies(
            [{"name": name, "value": value, "url": "https://127.0.0.1", "secure": True}]
        )
    tab = await context.new_page()
    await tab.goto(f"{site.url}/case/agent")
    await _looks_right(tab, width)
    await _reach(tab, "input")
    await tab.keyboard.type(FJORDHEIM.named(NORA).upn)
    await tab.keyboard.press("Enter")
    photo = await tab.wait_for_selector(".photo img")
    assert photo is not None
    assert await photo.evaluate("async (img) => { await img.decode(); return img.naturalWidth; }") > 0
    await _looks_right(tab, width)
    await _reach(tab, "button")
    await tab.keyboard.press("Enter")
    await tab.wait_for_selector("fieldset")
    await _looks_right(tab, width)
    for _ in range(3):
        await _reach(tab, "input")
        await tab.keyboard.press("Space")
    await _reach(tab, "select")
    await tab.keyboard.press("ArrowDown")
    await _reach(tab, "button")
    await tab.keyboard.press("Enter")
    code = await tab.wait_for_selector("strong code")
    assert code is not None
    await _looks_right(tab, width)
    assert (await site.claim(await code.inner_text())).status_code == 303
    await context.close()


async def _reach(tab: Page, kind: str) -> None:
    """Press Tab until the next thing of this kind has the focus."""
    for _ in range(20):
        await tab.keyboard.press("Tab")
        if await tab.evaluate("document.activeElement.tagName.toLowerCase()") == kind:
            return
    pytest.fail(f"no {kind} can be reached by keyboard")


async def _looks_right(tab: Page, width: int) -> None:
    found = await Axe().run(tab)
    assert found.violations_count == 0, found.generate_report()
    assert await tab.evaluate("document.documentElement.scrollWidth") <= width

"""Support's view of the rollout in a real browser: narrow and wide, light and dark, in three languages, by keyboard."""

from typing import Final, Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from tests.bot.web.conftest import Site
from tests.bot.web.rollout_given import under_way
from tests.handlers.rig import JONAS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LOOKS: Final[tuple[tuple[int, Literal["light", "dark"], str], ...]] = (
    (360, "light", "nn-NO"),
    (360, "dark", "en-GB"),
    (1600, "dark", "nb-NO"),
)


async def test_the_chart_the_tables_and_a_search_by_keyboard(site: Site, chromium: Browser) -> None:
    await under_way(site.rig.database)
    for width, scheme, locale in LOOKS:
        await _looked_through(site, chromium, width, scheme, locale)


async def _looked_through(
    site: Site, chromium: Browser, width: int, scheme: Literal["light", "dark"], locale: str
) -> None:
    context = await chromium.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, locale=locale
    )
    staff = await site.signed_in(JONAS)
    for name, value in staff.others.items():
        await context.add_cookies(
            [{"name": name, "value": value, "url": "https://127.0.0.1", "secure": True}]
        )
    tab = await context.new_page()
    await tab.goto(f"{site.url}/rollout")
    await _looks_right(tab, width)
    letters = await tab.locator(".panels text").evaluate_all(
        "them => Math.min(...them.map(it => it.getBoundingClientRect().height))"
    )
    assert letters >= 9
    await tab.keyboard.press("Tab")
    await tab.keyboard.press("Enter")
    await tab.wait_for_selector("#who")
    await _looks_right(tab, width)
    await tab.keyboard.press("Tab")
    await tab.keyboard.type("grønvold")
    await tab.keyboard.press("Enter")
    await tab.wait_for_function("document.querySelectorAll('tbody tr').length === 1")
    assert await tab.locator("tbody th").inner_text() == "Pål Grønvold"
    assert tab.url == f"{site.url}/rollout/people"
    await context.close()


async def _looks_right(tab: Page, width: int) -> None:
    found = await Axe().run(tab)
    assert found.violations_count == 0, found.generate_report()
    assert await tab.evaluate("document.documentElement.scrollWidth") <= width

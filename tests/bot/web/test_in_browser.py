"""What a browser sends by itself lets its user through: cookie, origin, and the policy about referrers together."""

import shutil

import pytest
from playwright.async_api import async_playwright

from tests.bot.web.conftest import Site
from tests.handlers.rig import INGRID

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (apt-get install chromium)"),
]


async def test_a_person_with_a_browser_gets_the_pass(site: Site) -> None:
    code = await site.rig.code(await site.rig.opened())
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page(locale="en-GB")
        await page.goto(f"{site.url}/case")
        await page.fill("#code", "ABCD-EFGH")
        await page.click("button.primary")
        assert await page.locator(".problem").count() == 1
        await page.fill("#code", code)
        await page.click("button.primary")
        assert await page.locator("h1").inner_text() == "Now support decides"
        async with site.rig.database.transaction() as session:
            [case] = await site.rig.cases.live(session)
        await site.rig.approvals.approve(site.rig.press(INGRID, "approvals.approve", case.id))
        await page.reload()
        await page.click("button.primary")
        assert await page.locator(".pass code").inner_text() == site.rig.entra.passes_created[0].code
        await browser.close()

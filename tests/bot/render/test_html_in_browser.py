"""The pages as a browser sees them: accessible in both colour schemes, no wider than a small telephone."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, async_playwright

from bot.render.html import Pages
from bot.render.words import Words
from graph.secret import Secret
from handlers.messages import CasePage, ClaimPage, Data, Language, PassPage, Problem
from handlers.states import CaseState

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SHOWN: tuple[Data, ...] = (
    ClaimPage("wrong-code"),
    CasePage("K7QF-2M", CaseState.APPROVED, "solveig.braten@fjordheim.example"),
    CasePage("K7QF-2M", CaseState.USED, "a-very-long-name.with-more-of-it@long.fjordheim.example"),
    PassPage.examples()[1],
    Problem("failure", "8f2c01"),
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (apt-get install chromium)"),
]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


async def test_pages_are_accessible_and_fit(browser: Browser, full_words: Words, templates: Path) -> None:
    style = (templates / "web" / "site.css").read_text(encoding="utf-8")
    pages = Pages(full_words, templates / "web")
    for scheme in ("light", "dark"):
        context = await browser.new_context(
            viewport={"width": 360, "height": 740}, color_scheme="dark" if scheme == "dark" else "light"
        )
        tab = await context.new_page()
        for data in SHOWN:
            secret = Secret("X8z$@kP7qR2w" * 4) if isinstance(data, PassPage) else None
            await tab.set_content(pages.show(data, Language.NN, secret=secret))
            await tab.add_style_tag(content=style)
            assert await tab.evaluate("document.documentElement.scrollWidth") <= 360, data
            found = await Axe().run(tab)
            assert found.violations_count == 0, (scheme, data, found.generate_report())
        await context.close()

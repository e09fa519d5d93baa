"""The requester's way through the case page in a real browser: by keyboard alone, narrow and wide, light and dark."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final, Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from bot.sandbox import page as sandbox
from bot.sandbox.stage import stage
from bot.sandbox.story import Story

pytestmark = pytest.mark.browser

OWNER: Final = "Ole Ánte Sara"
LOOKS: Final = (pytest.param(360, "light"), pytest.param(1600, "dark", marks=pytest.mark.slow))


@pytest.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    """The stage with the bot on it."""
    async with stage(tmp_path) as playing:
        await playing.start_bot()
        yield Story(playing, lambda *_: None)


async def test_from_the_code_to_the_pass_by_keyboard(story: Story, chromium: Browser) -> None:
    context = await chromium.new_context(locale="nb-NO", viewport={"width": 900, "height": 900})
    tab = await context.new_page()
    code = await story.open_case("Máret Utsi", OWNER)
    await tab.goto(f"{story.stage.bot_url}/case")
    await _reach(tab, "INPUT")
    await tab.keyboard.type(code)
    await tab.keyboard.press("Enter")
    await tab.wait_for_url("**/case")
    await tab.wait_for_function("!document.querySelector('input')")
    await story.approve("Ingrid Solbakken")
    await tab.reload()
    await _reach(tab, "BUTTON")
    await tab.keyboard.press("Enter")
    shown = await tab.wait_for_selector(".pass")
    made = story.stage.entra.passes_created
    assert shown is not None
    assert len(made) == 1
    assert (await shown.inner_text()).strip() == made[0].code
    await tab.reload()
    assert await tab.locator(".pass").count() == 0
    stranger = await (await chromium.new_context()).new_page()
    await stranger.goto(f"{story.stage.bot_url}/case")
    assert await stranger.locator("input").count() == 1


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
async def test_pages_are_accessible_and_fit(
    story: Story, chromium: Browser, width: int, scheme: Literal["light", "dark"]
) -> None:
    context = await chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    tab = await context.new_page()
    outside: list[str] = []
    tab.on("request", lambda sent: outside.append(sent.url) if "127.0.0.1" not in sent.url else None)
    await tab.goto(f"{story.stage.bot_url}/case")
    await _looks_right(tab, width)
    await tab.fill("input", "0000-0000")
    await tab.keyboard.press("Enter")
    await tab.wait_for_selector("[role=alert]")
    await _looks_right(tab, width)
    assert outside == []


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
async def test_the_sandbox_page_shows_the_chat(
    story: Story, chromium: Browser, width: int, scheme: Literal["light", "dark"]
) -> None:
    served = sandbox.Page(story.stage)
    address = await served.start(0)
    try:
        context = await chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        tab = await context.new_page()
        broken: list[str] = []
        tab.on("pageerror", lambda error: broken.append(str(error)))
        await tab.goto(address)
        await tab.fill("#text", "Hvordan setter jeg opp tofaktor?")
        await tab.keyboard.press("Enter")
        await tab.wait_for_selector("#chat article.bot")
        assert "Authenticator" in await tab.inner_text("#chat")
        await _looks_right(tab, width)
        assert broken == []
        await context.close()
    finally:
        await served.stop()


async def _reach(tab: Page, kind: str) -> None:
    """Press Tab until something of this kind has the focus."""
    for _ in range(20):
        await tab.keyboard.press("Tab")
        if await tab.evaluate("document.activeElement.tagName") == kind:
            return
    pytest.fail(f"no {kind} can be reached by keyboard")


async def _looks_right(tab: Page, width: int) -> None:
    found = await Axe().run(tab)
    assert found.violations_count == 0, found.generate_report()
    assert await tab.evaluate("document.documentElement.scrollWidth") <= width


def test_the_page_names_no_other_host() -> None:
    """Nothing on the sandbox's page is fetched from outside."""
    files: list[Path] = sorted((Path(sandbox.__file__).parent / "static").iterdir())
    assert [file.name for file in files if "//" in _addresses(file)] == []


def _addresses(file: Path) -> str:
    lines = file.read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if "src=" in line or "href=" in line or "@import" in line)

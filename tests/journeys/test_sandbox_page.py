"""The sandbox's page in a real browser: the bot's Home tab, the channels and their threads, by keyboard."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final, Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from bot.sandbox import page as sandbox
from bot.sandbox.stage import Stage, stage

pytestmark = pytest.mark.browser

LOOKS: Final = (
    pytest.param(360, "light"),
    pytest.param(360, "dark", marks=pytest.mark.slow),
    pytest.param(1400, "light", marks=pytest.mark.slow),
    pytest.param(1400, "dark", marks=pytest.mark.slow),
)
KARI: Final = "Kari Bråten · staff · nb"
INGRID: Final = "Ingrid Solbakken · support · nb"


@pytest.fixture
async def playing(tmp_path: Path) -> AsyncIterator[Stage]:
    """The stage with the bot on it."""
    async with stage(tmp_path) as playing:
        await playing.start_bot(within=90)
        yield playing


@pytest.fixture
async def address(playing: Stage) -> AsyncIterator[str]:
    """Where the page is."""
    served = sandbox.Page(playing)
    yield await served.start(0)
    await served.stop()


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
async def test_home_and_threads_work_by_keyboard_and_fit(
    address: str, chromium: Browser, width: int, scheme: Literal["light", "dark"]
) -> None:
    tab = await _opened(chromium, address, width, scheme)
    await _at_home(tab, width)
    await _in_the_help_channel(tab, width)


async def _at_home(tab: Page, width: int) -> None:
    await tab.focus("#tab-messages")
    await tab.keyboard.press("ArrowRight")
    await tab.get_by_role("heading", name="Dette gjenstår").wait_for()
    assert await tab.evaluate("document.activeElement.id") == "tab-home"
    assert await tab.locator("#messages").is_hidden()
    await _looks_right(tab, width)
    await tab.get_by_role("button", name="Nynorsk").focus()
    await tab.keyboard.press("Enter")
    await tab.get_by_role("heading", name="Dette står att").wait_for()
    await _looks_right(tab, width)
    await tab.focus("#tab-home")
    await tab.keyboard.press("ArrowLeft")
    assert await tab.locator("#home").is_hidden()


async def _in_the_help_channel(tab: Page, width: int) -> None:
    await tab.get_by_label("Message to #help-2fa").fill("Hvordan setter jeg opp tofaktor?")
    await tab.keyboard.press("Enter")
    thread = tab.locator("#help").get_by_role("group", name="Thread of Kari Bråten")
    await thread.locator("article.bot").wait_for()
    await tab.get_by_role("button", name="Reply in the thread of Kari Bråten").focus()
    await tab.keyboard.press("Enter")
    assert await tab.evaluate("document.activeElement.getAttribute('aria-label')") == "Reply to Kari Bråten"
    await tab.keyboard.type("takk, det hjalp")
    await tab.keyboard.press("Enter")
    await thread.locator("article.me").wait_for()
    await _looks_right(tab, width)
    await tab.get_by_role("button", name="Leave the thread").click()
    assert await tab.get_by_label("Message to #help-2fa").count() == 1


async def test_channels_are_for_their_members_and_the_command_for_everybody(
    playing: Stage, address: str, chromium: Browser
) -> None:
    tab = await _opened(chromium, address, 1400, "light")
    await tab.get_by_label("Message to #help-2fa").fill("/2fa")
    await tab.keyboard.press("Enter")
    await tab.locator("#chat article.bot").wait_for()
    assert "Hjelp med tofaktor" in await tab.inner_text("#chat")
    assert await tab.locator("#help article").count() == 0

    assert await tab.get_by_label("Message to #support").count() == 0
    await tab.select_option("#person", label=INGRID)
    await tab.get_by_label("Message to #support").fill("hei alle")
    await tab.keyboard.press("Enter")
    await tab.locator("#support article").wait_for()
    assert await tab.locator("#support button.reply").count() == 1
    await tab.select_option("#person", label=KARI)
    await tab.locator("[data-channel=support] .context").wait_for()
    assert await tab.locator("#support article").count() == 1
    assert await tab.locator("#support button.reply").count() == 0
    await _keeps_the_focus(playing, tab)


async def _keeps_the_focus(playing: Stage, tab: Page) -> None:
    """What happens elsewhere takes it from nobody."""
    await tab.get_by_label("Message to #help-2fa").fill("hei")
    await tab.keyboard.press("Enter")
    button = tab.get_by_role("button", name="Reply in the thread of Kari Bråten")
    await button.focus()
    leif = playing.world.named("Leif Åsen").slack_id
    assert leif is not None
    await playing.slack.say(leif, "hei hei", channel=playing.help_channel)
    await tab.locator("#help article", has_text="hei hei").wait_for()
    assert await button.evaluate("it => it === document.activeElement")


async def _opened(chromium: Browser, address: str, width: int, scheme: Literal["light", "dark"]) -> Page:
    context = await chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    tab = await context.new_page()
    tab.on("pageerror", lambda error: pytest.fail(str(error)))
    await tab.goto(address)
    await tab.get_by_label("Message to #help-2fa").wait_for()
    return tab


async def _looks_right(tab: Page, width: int) -> None:
    found = await Axe().run(tab)
    assert found.violations_count == 0, found.generate_report()
    assert await tab.evaluate("document.documentElement.scrollWidth") <= width

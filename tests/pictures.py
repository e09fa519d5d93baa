"""Makes the pictures of the README, from the sandbox as it is: ``.venv/bin/python tests/pictures.py``."""

import asyncio
import tempfile
from pathlib import Path
from typing import Final, Literal

from playwright.async_api import Browser, Page, async_playwright

from bot.sandbox import page as sandbox
from bot.sandbox.stage import Stage, stage
from bot.sandbox.story import Story

OUT: Final = Path(__file__).parents[1] / "docs" / "images"
_OWNER: Final = "Ole Ánte Sara"
_SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")


async def main() -> None:
    """Play up to the card, and take every picture light and dark."""
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with stage(Path(folder)) as playing, async_playwright() as player:
            await playing.start_bot()
            served = sandbox.Page(playing)
            address = await served.start(0)
            browser = await player.chromium.launch(
                executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
            )
            await _play(playing, browser, address)
            await browser.close()
            await served.stop()


async def _play(playing: Stage, browser: Browser, address: str) -> None:
    story = Story(playing, lambda *_: None)
    await story.ask(_OWNER, "Jeg har mistet telefonen", "ID-porten")
    code = await story.open_case("Máret Utsi", _OWNER)
    claimed = await story.claim(_OWNER, code)
    await story.card()
    for scheme in _SCHEMES:
        tab = await browser.new_page(viewport={"width": 1280, "height": 760}, color_scheme=scheme)
        await tab.goto(address)
        await tab.select_option("#person", label=f"{_OWNER} · staff · nb")
        await tab.wait_for_selector("#support article")
        await tab.wait_for_selector("#chat article.bot")
        await tab.screenshot(path=OUT / f"sandbox-{scheme}.png")
    await story.approve("Ingrid Solbakken")
    assert claimed.cookie is not None
    for scheme in _SCHEMES:
        tab = await browser.new_page(
            viewport={"width": 720, "height": 620}, color_scheme=scheme, locale="en-GB"
        )
        await _bind(tab, playing, claimed.cookie)
        await tab.screenshot(path=OUT / f"case-{scheme}.png")


async def _bind(tab: Page, playing: Stage, cookie: str) -> None:
    await tab.set_extra_http_headers({"Cookie": f"__Host-tofaktor={cookie}"})
    await tab.goto(f"{playing.bot_url}/case")


if __name__ == "__main__":
    asyncio.run(main())

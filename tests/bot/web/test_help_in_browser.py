"""The pages for everybody in a real browser: accessible, no wider than a telephone, and codes that a camera reads."""

import struct
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final, Literal

import pytest
import zxingcpp
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from tests.bot.web.help_site import help_site
from tests.bot.web.test_help import APP_STORE, PATHS, PLAY

pytestmark = pytest.mark.browser

Scheme = Literal["light", "dark"]
LOOKS: Final = (
    pytest.param(360, "light"),
    *(
        pytest.param(*look, marks=pytest.mark.slow)
        for look in ((360, "dark"), (1400, "light"), (1400, "dark"))
    ),
)


@pytest.fixture
async def address(templates: Path) -> AsyncIterator[str]:
    async with help_site(templates) as url:
        yield url


async def _tab(chromium: Browser, width: int, scheme: Scheme) -> Page:
    context = await chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    return await context.new_page()


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
async def test_pages_are_accessible_and_fit(
    address: str, chromium: Browser, width: int, scheme: Scheme
) -> None:
    tab = await _tab(chromium, width, scheme)
    stopped: list[str] = []
    tab.on("console", lambda said: stopped.append(said.text) if "Content Security" in said.text else None)
    for path in PATHS:
        for language in ("en", "nb", "nn"):
            await tab.goto(f"{address}{path}?lang={language}")
            assert await tab.evaluate("document.documentElement.scrollWidth") <= width
        found = await Axe().run(tab)
        assert found.violations_count == 0, found.generate_report()
    assert stopped == []


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
async def test_a_camera_reads_the_codes(address: str, chromium: Browser, width: int, scheme: Scheme) -> None:
    tab = await _tab(chromium, width, scheme)
    await tab.goto(f"{address}/help/app?lang=nb")
    codes = zxingcpp.read_barcodes(_grey(await tab.locator(".codes").screenshot()))
    assert {code.text for code in codes} == {APP_STORE, PLAY}
    one = tab.locator(".codes svg").first
    shown = await one.bounding_box()
    assert shown is not None
    assert shown["width"] >= 200
    assert _grey(await one.screenshot())[12, 12] > 250, "the quiet zone is light, whatever the page is"


async def test_one_can_go_from_page_to_page_by_keyboard(address: str, chromium: Browser) -> None:
    tab = await _tab(chromium, 900, "light")
    await tab.goto(f"{address}/help?lang=en")
    await tab.get_by_role("link", name="Nynorsk").focus()
    await tab.keyboard.press("Enter")
    await tab.wait_for_url("**/help?lang=nn")
    await tab.get_by_role("link", name="Skann ein kode").focus()
    await tab.keyboard.press("Enter")
    await tab.wait_for_url("**/help/app?lang=nn")
    assert len(tab.context.pages) == 1, "in the same tab"
    assert await tab.get_by_role("img", name="App Store (iPhone)").count() == 1


def _grey(png: bytes) -> memoryview:
    """The picture of a screenshot, one byte a pixel. PNG 3rd edition, 9.2: each row says how it was filtered."""
    place, data, width, height, colours = 8, b"", 0, 0, 0
    while place < len(png):
        (length,), kind = struct.unpack(">I", png[place : place + 4]), png[place + 4 : place + 8]
        chunk = png[place + 8 : place + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", chunk[:10])
            assert depth == 8
            colours = {2: 3, 6: 4}[colour]
        elif kind == b"IDAT":
            data += chunk
        place += 12 + length
    raw, stride = zlib.decompress(data), width * colours
    above, grey = bytearray(stride), bytearray()
    for row in range(height):
        start = row * (stride + 1)
        above = _unfiltered(raw[start], bytearray(raw[start + 1 : start + 1 + stride]), above, colours)
        grey += above[1::colours]
    return memoryview(bytes(grey)).cast("B", (height, width))


def _unfiltered(kind: int, row: bytearray, above: bytearray, step: int) -> bytearray:
    for place in range(len(row)):
        left = row[place - step] if place >= step else 0
        corner = above[place - step] if place >= step else 0
        match kind:
            case 1:
                row[place] = (row[place] + left) & 255
            case 2:
                row[place] = (row[place] + above[place]) & 255
            case 3:
                row[place] = (row[place] + (left + above[place]) // 2) & 255
            case 4:
                guess = left + above[place] - corner
                near = min((left, above[place], corner), key=lambda it: abs(guess - it))
                row[place] = (row[place] + near) & 255
    return row

"""The front door outside chat, over a socket: the same for everybody, in three languages, and it takes nothing in."""

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import httpx
import pytest

from bot.settings.sections import Links, Organisation
from handlers.questions.topics import Topic
from tests.bot.conftest import TEMPLATES
from tests.bot.web.help_site import help_site

PATHS = (
    "/help",
    "/help/app",
    "/help/answers",
    "/help/answers/lost-phone",
    "/help/setup",
    "/help/setup/iphone/page",
    "/help/setup/android/test",
)
APP_STORE = "https://apps.apple.com/app/microsoft-authenticator/id983156458"
PLAY = "https://play.google.com/store/apps/details?id=com.azure.authenticator"


@pytest.fixture
async def client(templates: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        help_site(templates) as url,
        httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as client,
    ):
        yield client


LANGUAGES = (
    ("en-GB,en;q=0.9", "", "en"),
    ("nb", "", "nb"),
    ("nn-NO,nb;q=0.5", "", "nn"),
    ("fr", "", "nb"),
    (None, "", "nb"),
    ("nb", "?lang=en", "en"),
    ("en", "?lang=nn", "nn"),
    ("en", "?lang=xx", "en"),
    ("en", "?lang=%3Cscript%3E", "en"),
)


async def test_the_language_is_what_the_address_or_the_browser_names(client: httpx.AsyncClient) -> None:
    for path in PATHS[:2]:
        for header, query, language in LANGUAGES:
            answer = await client.get(path + query, headers={"Accept-Language": header} if header else {})
            assert answer.status_code == 200
            assert f'<html lang="{language}">' in answer.text
            assert answer.headers["content-language"] == language
            assert "<script" not in answer.text


async def test_each_page_leads_to_the_other_languages(client: httpx.AsyncClient) -> None:
    for path in PATHS:
        page = (await client.get(f"{path}?lang=nn")).text
        switch = re.findall(
            r'<a href="([^"]+)" lang="(\w\w)" hreflang="\w\w"( aria-current="page")?>([^<]+)', page
        )
        assert [(href, code, bool(now)) for href, code, now, _ in switch] == [
            (f"{path}?lang={code}", code, code == "nn") for code in ("en", "nb", "nn")
        ]
        assert [name for *_, name in switch] == ["English", "Bokmål", "Nynorsk"]


async def test_what_it_says(client: httpx.AsyncClient) -> None:
    page = (await client.get("/help?lang=en")).text
    for words in ("Microsoft Authenticator", "ID-porten", "stolen", "IT Service Desk", "+47 55 00 00 00"):
        assert words in page
    assert 'href="https://aka.ms/mfasetup"' in page


async def test_links_of_ours_keep_the_language_and_the_tab(client: httpx.AsyncClient) -> None:
    for language in ("en", "nb", "nn"):
        page = (await client.get(f"/help?lang={language}")).text
        assert f'<a href="{client.base_url}/help/app?lang={language}">' in page.replace("//help", "/help")
        app = (await client.get(f"/help/app?lang={language}")).text
        assert re.search(rf'<a href="[^"]+/help\?lang={language}">', app)
        assert 'href="https://aka.ms/mfasetup" target="_blank" rel="noopener noreferrer"' in page


async def test_the_codes_lead_to_the_stores(client: httpx.AsyncClient) -> None:
    page = unescape((await client.get("/help/app")).text)
    assert page.count("<svg") == 2
    for address in (APP_STORE, PLAY):
        assert f'<a href="{address}" target="_blank" rel="noopener noreferrer">' in page


async def test_it_takes_nothing_in_and_loads_nothing_from_elsewhere(client: httpx.AsyncClient) -> None:
    for path in PATHS:
        answer = await client.get(path)
        forms = re.findall(r"<form[^>]*>", answer.text)
        assert forms == (['<form method="post" action="/help">'] if path == "/help" else [])
        assert not re.search(r'(?:src|<link[^>]*href)="https?:', answer.text)
        assert "set-cookie" not in answer.headers
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self';")
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert "style=" not in answer.text
        for method in ("POST", "PUT", "DELETE"):
            assert (await client.request(method, path)).status_code == 405


async def test_every_answer_and_every_step_can_be_read(client: httpx.AsyncClient) -> None:
    """From the first page on, by nothing but links; no page has a button that leads nowhere."""
    seen, waiting = set[str](), ["/help?lang=nn"]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        page = await client.get(path)
        assert page.status_code == 200, path
        assert '<html lang="nn">' in page.text
        links = re.findall(r'<a href="([^"?]+\?lang=nn)"', page.text)
        waiting += [link.removeprefix(str(client.base_url).rstrip("/")) for link in links]
    answers = {path.partition("?")[0] for path in seen if path.startswith("/help/answers/")}
    files = (TEMPLATES / "nn" / "answers").iterdir()
    every = {f"/help/answers/{file.name.removesuffix('.md.j2')}" for file in files}
    assert every - answers == {f"/help/answers/{Topic.ABUSE}"}
    steps = {path for path in seen if path.startswith("/help/setup/")}
    assert len(steps) == 2 * 5


async def test_a_step_helps_whoever_is_stuck(client: httpx.AsyncClient) -> None:
    page = (await client.get("/help/setup/iphone/scan?lang=en")).text
    assert "Step 4 of 5" in page
    assert "<summary>Stuck at the QR code? Try this</summary>" in page
    assert re.findall(r'<li><a href="([^"]+)">(?:Next step|Back)<', page) == [
        "/help/setup/iphone/test?lang=en",
        "/help/setup/iphone/add?lang=en",
    ]
    for promise in ("I remember", "I check that", "to me instead"):
        for path in ("/help/setup", "/help/setup/iphone/page", "/help/setup/iphone/test"):
            assert promise not in (await client.get(f"{path}?lang=en")).text


async def test_there_is_nothing_else(client: httpx.AsyncClient) -> None:
    for path in ("answers/nothing", "setup/iphone/device", "setup/nokia/app", "setup/iphone/done"):
        page = await client.get(f"/help/{path}?lang=en")
        assert page.status_code == 404
        assert "There is nothing here" in page.text


async def test_without_settings_it_sends_people_to_the_service_desk(templates: Path) -> None:
    async with (
        help_site(templates, Organisation(), Links()) as url,
        httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as client,
    ):
        page = (await client.get("/help?lang=en")).text
    assert "the service desk has the address" in page
    assert "None" not in page

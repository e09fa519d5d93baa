"""The front door over a socket: the same for everybody, whoever's address is typed, and a proof before any case."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import func, select

from bot.render.html import Pages
from bot.render.words import Words
from bot.sandbox.browser import Browser, log_in
from bot.sandbox.eid import Fault
from bot.sandbox.world import FJORDHEIM
from bot.web.door import DOOR_COOKIE
from bot.web.guard import LANGUAGE_COOKIE
from handlers.records import AuditRow, Case, Door, EidAttempt
from handlers.states import CaseState
from handlers.verification.door import DOOR_LIFE, VISITS_PER_ADDRESS
from tests.bot.eid.rig import NAME
from tests.bot.web.door_site import PROXY, DoorSite, door_site
from tests.handlers.rig import EMIL, INGRID, JONAS, NORA

ADMIN = "Astrid Kvamme"
NO_NUMBER = "Chloé Dubois"
ADDRESSES = {
    "known": FJORDHEIM.named(NORA).upn,
    "privileged": FJORDHEIM.named(ADMIN).upn,
    "no-number": FJORDHEIM.named(NO_NUMBER).upn,
    "unknown": "nobody.at.all@fjordheim.example",
    "elsewhere": "someone@example.org",
    "gibberish": "<script>alert(1)</script>",
}


@pytest.fixture
async def site(
    sqlite_url: str, tmp_path: Path, words: Words, pages: Pages, templates: Path
) -> AsyncIterator[DoorSite]:
    async with door_site(sqlite_url, tmp_path, templates, words, pages) as opened:
        yield opened


async def _rows(site: DoorSite, model: type[Case | Door | EidAttempt]) -> int:
    async with site.rig.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(model)) or 0


async def _refusals(site: DoorSite) -> list[str]:
    """What the audit holds of refused logins, in order."""
    async with site.rig.database.reading() as session:
        rows = await session.execute(select(AuditRow.action, AuditRow.data).order_by(AuditRow.seq))  # type: ignore[call-overload]
        return [re.findall(r'"reason": ?"([^"]+)"', data)[0] for act, data in rows if act == "eid.refused"]


def _asked(site: DoorSite) -> Counter[str]:
    """How often Graph was asked for what, whoever it was about."""
    guid = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
    calls = [f"{call.method} {guid.sub('*', urlsplit(call.path).path)}" for call in site.rig.entra.requests]
    return Counter(calls)


async def test_the_owner_goes_from_the_door_to_a_pass(site: DoorSite) -> None:
    rig, browser = site.rig, await site.knocked(ADDRESSES["known"], "nn")
    page = await browser.get("/help/door?lang=nn")
    assert "Hald fram med ID-porten" in page.text
    assert await _rows(site, Case) == 0, "nothing is opened before the proof"
    back = await site.back(browser, NORA)
    assert (back.status_code, back.headers["Location"]) == (303, "/case")
    async with rig.database.reading() as session:
        (case,) = await rig.cases.live(session)
    assert (case.target, case.starter, case.opened_by) == (rig.id(NORA), rig.id(NORA), "owner")
    assert (case.state, case.language) == (CaseState.VERIFIED, "nn")
    assert "No avgjer brukarstøtta" in (await browser.get("/case")).text
    await rig.approvals.approve(rig.press(INGRID, "approvals.approve", case.id))
    shown = await browser.post("/case/show")
    (made,) = rig.entra.passes_created
    assert made.code in unescape(shown.text)
    end = re.search(r'<form class="leaving" method="post" action="([^"]+)">', shown.text)
    assert end is not None
    assert end[1] == f"{site.idp.issuer}/logout"
    assert f"form-action 'self' {site.idp.issuer};" in shown.headers["Content-Security-Policy"]
    told = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]+)">', shown.text))
    assert told == {"client_id": told["client_id"], "post_logout_redirect_uri": f"{site.url}/case"}
    assert "Logg ut av ID-porten" in (await browser.get("/case")).text


async def test_the_page_and_the_work_are_the_same_for_every_address(site: DoorSite) -> None:
    pages, answers, work = set[str](), set[str](), list[Counter[str]]()
    for kind, typed in ADDRESSES.items():
        before = _asked(site)
        browser = site.browser()
        answer = await browser.post("/help", {"address": typed, "lang": "en"})
        headers = {name: value for name, value in answer.headers.items() if name != "date"}
        headers["set-cookie"] = re.sub(rf"({DOOR_COOKIE}=)[\w-]{{43}}", r"\1*", headers["set-cookie"])
        answers.add(f"{answer.status_code} {headers} {answer.text}")
        page = await browser.get(answer.headers["Location"])
        pages.add(page.text)
        assert typed not in page.text
        async with asyncio.timeout(10):
            await site.doors.looked.get()
        if kind != "gibberish":
            work.append(_asked(site) - before)
    assert len(answers) == len(pages) == 1
    assert all(each == work[0] for each in work)
    assert await _rows(site, Case) == 0


async def test_the_answer_does_not_wait_for_the_look(site: DoorSite) -> None:
    site.rig.entra.faults.down = True
    for typed in (ADDRESSES["known"], ADDRESSES["unknown"]):
        browser = site.browser()
        answer = await browser.post("/help", {"address": typed})
        assert answer.status_code == 303
        assert (await browser.get(answer.headers["Location"])).status_code == 200


@pytest.mark.parametrize(("kind", "whom"), [("known", EMIL), ("privileged", ADMIN), ("no-number", NORA)])
async def test_who_proves_nothing_is_told_the_same_as_nobody(site: DoorSite, kind: str, whom: str) -> None:
    """Somebody else's address, an account that never gets a pass, one without a number on file: one page."""
    pages = set[str]()
    work = list[Counter[str]]()
    await site.rig.people.known(site.rig.person(EMIL))
    for typed in (ADDRESSES[kind], ADDRESSES["unknown"]):
        browser = await site.knocked(typed)
        before = _asked(site)
        back = await site.back(browser, whom)
        work.append(_asked(site) - before)
        assert back.status_code == 403
        assert not browser.is_bound
        pages.add(back.text)
    assert len(pages) == 1
    assert "We could not see that it is you" in pages.pop()
    assert work[0] == work[1]
    assert await _rows(site, Case) == 0
    assert await _refusals(site) == [{"privileged": "class"}.get(kind, "other-number")]


async def test_looking_changes_nothing(site: DoorSite) -> None:
    async with httpx.AsyncClient(base_url=site.url, trust_env=False) as bot:
        for path in ("/help", "/help/door", "/help/login", f"/eid/{NAME}/callback", "/case"):
            for _ in range(5):
                answer = await bot.get(path, headers={"User-Agent": "Slackbot-LinkExpanding 1.0"})
                assert "set-cookie" not in answer.headers or path.startswith("/eid")
                assert answer.status_code < 500
            assert (await bot.head(path)).status_code < 500
    assert [await _rows(site, model) for model in (Case, Door, EidAttempt)] == [0, 0, 0]
    assert site.idp.calls == []
    assert isinstance(await site.back(await site.knocked(ADDRESSES["known"]), NORA), httpx.Response)


async def test_a_login_comes_back_once_and_in_its_own_browser(site: DoorSite) -> None:
    browser = await site.knocked(ADDRESSES["known"])
    away = await browser.post("/help/login", {"record": NAME})
    address = (await log_in(away.headers["Location"], site.rig.id(NORA))).removeprefix(site.url)
    stranger = await site.browser().get(address)
    assert (stranger.status_code, await _rows(site, Case)) == (400, 0)
    assert (await browser.get(address)).status_code == 303
    assert (await browser.get(address)).status_code == 400
    assert len(site.idp.journal.to("/token")) == 1


async def test_a_door_is_open_for_half_an_hour_and_three_logins(site: DoorSite) -> None:
    assert (await site.browser().post("/help/login", {"record": NAME})).status_code == 410
    browser = await site.knocked(ADDRESSES["known"])
    for _ in range(3):
        assert (await site.back(browser, EMIL)).status_code == 403
    worn = await browser.post("/help/login", {"record": NAME})
    assert (worn.status_code, "several logins" in worn.text) == (409, True)
    assert (await browser.post("/help/login", {"record": "bankid"})).status_code == 409
    late = await site.knocked(ADDRESSES["known"])
    site.rig.clock.move(DOOR_LIFE)
    assert (await late.post("/help/login", {"record": NAME})).status_code == 410


async def test_three_logins_a_day_are_held_against_one_account(site: DoorSite) -> None:
    for _ in range(3):
        assert (await site.back(await site.knocked(ADDRESSES["known"]), EMIL)).status_code == 403
    assert (await site.back(await site.knocked(ADDRESSES["known"]), NORA)).status_code == 403
    assert (await _refusals(site))[-1] == "too-many-logins"
    site.rig.clock.move(timedelta(hours=27))
    assert (await site.back(await site.knocked(ADDRESSES["known"]), NORA)).status_code == 303


@pytest.mark.parametrize("fault", [Fault.STALE_AUTH, Fault.WRONG_ACR, Fault.BAD_SIGNATURE])
async def test_a_fault_at_the_provider_is_told_in_the_same_words(site: DoorSite, fault: Fault) -> None:
    other = await site.back(await site.knocked(ADDRESSES["known"]), EMIL)
    site.idp.faults.add(fault)
    back = await site.back(await site.knocked(ADDRESSES["known"]), NORA)
    assert (back.status_code, back.text) == (403, other.text)


async def test_while_somebody_is_silent_nothing_is_proved(site: DoorSite) -> None:
    browser = await site.knocked(ADDRESSES["known"])
    site.rig.entra.faults.down = True
    assert (await site.back(browser, NORA)).status_code == 503
    site.rig.entra.faults.down = False
    site.idp.faults.add(Fault.TOKEN_DOWN)
    assert (await site.back(browser, NORA)).status_code == 503
    assert await _rows(site, Case) == 0


async def test_visits_are_counted_by_client_address(site: DoorSite) -> None:
    """By what the trusted proxies wrote, last first: what a client claims before that counts for nothing."""
    sent = {"data": {"address": ADDRESSES["unknown"]}}
    async with httpx.AsyncClient(base_url=site.url, trust_env=False, headers={"Origin": site.url}) as client:
        for number in range(VISITS_PER_ADDRESS):
            told = f"10.9.8.{number}, 198.51.100.7, {PROXY}"
            answer = await client.post("/help", headers={"X-Forwarded-For": told}, **sent)  # type: ignore[arg-type]
            assert answer.status_code == 303
        worn = await client.post("/help", headers={"X-Forwarded-For": f"198.51.100.7, {PROXY}"}, **sent)  # type: ignore[arg-type]
        other = await client.post("/help", headers={"X-Forwarded-For": f"198.51.100.8, {PROXY}"}, **sent)  # type: ignore[arg-type]
    assert (worn.status_code, "many addresses" in worn.text or "mange adresser" in worn.text) == (429, True)
    assert other.status_code == 303


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://evil.example"}, {"Origin": "null"}])
async def test_nothing_is_taken_from_elsewhere(site: DoorSite, headers: dict[str, str]) -> None:
    async with httpx.AsyncClient(base_url=site.url, trust_env=False, headers=headers) as client:
        for path in ("/help", "/help/login"):
            answer = await client.post(path, data={"address": ADDRESSES["known"], "record": NAME})
            assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
    assert await _rows(site, Door) == 0


async def test_nothing_typed_is_asked_for_once_more(site: DoorSite) -> None:
    answer = await site.browser().post("/help", {"address": "  ", "lang": "en"})
    assert answer.status_code == 422
    assert "Type your work e-mail address" in answer.text
    assert 'aria-describedby="address-problem address-hint"' in answer.text


async def test_cookies_and_headers_are_strict(site: DoorSite) -> None:
    async with httpx.AsyncClient(base_url=site.url, trust_env=False) as client:
        answer = await client.post(
            "/help", data={"address": ADDRESSES["known"]}, headers={"Origin": site.url}
        )
    cookies = answer.headers.get_list("set-cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} == {DOOR_COOKIE, LANGUAGE_COOKIE}
    for cookie in cookies:
        assert re.fullmatch(
            r"__Host-[\w-]+=[\w-]+; HttpOnly; Max-Age=1800; Path=/; SameSite=lax; Secure", cookie
        ), cookie
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["location"] == "/help/door?lang=nb"


async def test_the_language_chosen_at_the_door_stays(site: DoorSite) -> None:
    """A Norwegian on a borrowed English machine."""
    browser = Browser(site.url, "en")
    await browser.post("/help", {"address": ADDRESSES["known"], "lang": "nn"})
    refused = await site.back(browser, EMIL)
    assert "Vi fekk ikkje sett at det er deg" in unescape(refused.text)
    assert "Slik går du vidare" in (await browser.get("/help/door")).text


async def test_a_case_in_another_browser_stays_there(site: DoorSite) -> None:
    first, second = await site.knocked(ADDRESSES["known"]), await site.knocked(ADDRESSES["known"])
    assert (await site.back(first, NORA)).status_code == 303
    other = await site.back(second, NORA)
    assert (other.status_code, second.is_bound) == (400, False)
    assert await _rows(site, Case) == 1


async def test_the_case_of_an_agent_is_taken_up(site: DoorSite) -> None:
    case = await site.rig.opened(NORA, JONAS)
    assert (await site.back(await site.knocked(ADDRESSES["known"]), NORA)).status_code == 303
    assert await site.rig.state(case) == CaseState.VERIFIED


async def test_nothing_that_was_typed_is_kept(site: DoorSite) -> None:
    browser = await site.knocked("nobody.with.this.name@fjordheim.example")
    await site.back(browser, NORA)
    held = b"".join(file.read_bytes() for file in tmp_files(site))
    number = FJORDHEIM.named(NORA).person_number
    assert number is not None
    for secret in ("nobody.with.this.name", browser.others[DOOR_COOKIE], number):
        assert secret.encode() not in held


def tmp_files(site: DoorSite) -> list[Path]:
    """The database, and what lies beside it."""
    return [file for file in site.rig.folder.rglob("*.db*") if file.is_file()]

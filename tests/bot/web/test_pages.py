"""The pages of a case, over a socket: who may press what, what they see, and that the pass is seen once."""

import asyncio
import html
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.sandbox.browser import Browser
from bot.sandbox.entra import state as entra_state
from bot.web.guard import COOKIE, Headed
from handlers.states import CaseState
from tests.bot.web.conftest import Site
from tests.handlers.rig import EMIL, INGRID, MINUTE, NORA, NOW
from tests.handlers.store.given import run

POSTS = ("/case", "/case/show", "/case/stop", "/case/keep-old", "/case/remove-old")
CREATE = "POST /users/*/authentication/temporaryAccessPassMethods"


async def _approved(site: Site, name: str = NORA) -> Browser:
    """The browser of an approved case."""
    return site.browser((await site.rig.approved(name)).browser)


async def test_the_whole_way(site: Site) -> None:
    browser = site.browser()
    assert (await browser.get("/case")).status_code == 200
    code = await site.rig.code(await site.rig.opened())
    answer = await browser.post("/case", {"code": code.lower()})
    assert (answer.status_code, answer.headers["location"]) == (303, "/case")
    page = await browser.get("/case")
    assert "Now support decides" in page.text
    case = await site.rig.issue.of_browser(browser.cookie or "")
    assert case is not None
    early = await browser.post("/case/show")
    assert (early.status_code, site.rig.creates) == (409, [])
    await site.rig.approvals.approve(site.rig.press(INGRID, "approvals.approve", case.id))
    assert "Show the pass" in (await browser.get("/case")).text
    shown = await browser.post("/case/show")
    [made] = site.rig.entra.passes_created
    assert shown.status_code == 200
    assert shown.text.count(html.escape(made.code)) == 1
    again = await browser.post("/case/show")
    assert (again.status_code, html.escape(made.code) in again.text) == (409, False)
    assert html.escape(made.code) not in (await browser.get("/case")).text
    assert len(site.rig.creates) == 1
    async with asyncio.timeout(10):
        while "case.shown" not in await site.rig.acts(case):
            pass


@pytest.mark.parametrize("code", ["<b>&\"+'9x", "</code><script>", "&lt;b&gt;", "+&<!abcd", "{{ 7*7 }}"])
async def test_a_pass_is_escaped(site: Site, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entra_state, "_code", lambda _length: code)
    shown = await (await _approved(site)).post("/case/show")
    found = re.search(r'<p class="pass"><code translate="no">(.*?)</code></p>', shown.text)
    assert found is not None
    assert "<" not in found[1]
    assert html.unescape(found[1]) == code


async def test_fifty_presses_show_one_pass(site: Site) -> None:
    browser = await _approved(site)
    answers = await asyncio.gather(*(browser.post("/case/show") for _ in range(50)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 49
    assert len(site.rig.creates) == 1
    code = html.escape(site.rig.entra.passes_created[0].code)
    assert sum(code in answer.text for answer in answers) == 1


_FROM_ELSEWHERE: Final[tuple[dict[str, str], ...]] = (
    {},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "http://127.0.0.1"},
    {"Origin": "https://evil.example", "Host": "evil.example"},
)


@pytest.mark.parametrize("path", POSTS)
async def test_a_post_from_elsewhere_does_nothing(site: Site, path: str) -> None:
    approved = await site.rig.approved()
    code = await site.rig.code(await site.rig.opened(EMIL))
    for headers in _FROM_ELSEWHERE:
        sent = {"Cookie": f"{COOKIE}={approved.browser}", **headers}
        answer = await site.client.post(path, data={"code": code}, headers=sent)
        assert answer.status_code == 403, headers
        assert "set-cookie" not in answer.headers, headers
        assert await site.rig.state(approved.case) == CaseState.APPROVED, headers
        assert site.rig.creates == [], headers
    await site.rig.claimed(code)


async def test_the_host_header_means_nothing(site: Site) -> None:
    browser = await _approved(site)
    headers = {
        "Cookie": f"{COOKIE}={browser.cookie}",
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
    }
    page = await site.client.get("/case", headers=headers)
    assert (page.status_code, "evil.example" in page.text) == (200, False)
    answer = await site.client.post("/case/stop", headers={**headers, "Origin": site.url})
    assert (answer.status_code, answer.headers["location"]) == (303, "/case")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_looking_has_no_effect(site: Site, method: str) -> None:
    approved = await site.rig.approved()
    cookie = {"Cookie": f"{COOKIE}={approved.browser}"}
    for path in (*POSTS, "/case?code=ABCD-EFGH", "/case/show?show=1"):
        for _ in range(5):
            answer = await site.client.request(method, path, headers=cookie)
            assert answer.status_code == (200 if path.split("?")[0] == "/case" else 405)
            assert "set-cookie" not in answer.headers
    assert await site.rig.case(approved.case.id) == approved.case
    assert site.rig.creates == []
    shown = await site.browser(approved.browser).post("/case/show")
    assert shown.status_code == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods_are_none(site: Site, method: str) -> None:
    for path in POSTS:
        assert (await site.client.request(method, path, headers={"Origin": site.url})).status_code == 405


@pytest.mark.parametrize("cookie", [None, "", "x", "x" * 3000, "ø", "a b", '"quoted"', "..;=,"])
async def test_without_the_bound_browser_there_is_nothing(site: Site, cookie: str | None) -> None:
    approved = await site.rig.approved()
    headers = {b"Origin": site.url.encode()}
    if cookie is not None:
        headers[b"Cookie"] = f"{COOKIE}={cookie}".encode()
    for path in POSTS[1:]:
        answer = await site.client.post(path, headers=headers)
        assert answer.status_code == 403
    page = await site.client.get("/case", headers=headers)
    assert (page.status_code, approved.case.target_upn in page.text) == (200, False)
    assert await site.rig.state(approved.case) == CaseState.APPROVED
    assert site.rig.creates == []


async def test_another_case_is_another_browser(site: Site) -> None:
    mine, other = await site.rig.approved(), await site.rig.verified("Priya Nair")
    await site.browser(other.browser).post("/case/stop")
    assert await site.rig.state(mine.case) == CaseState.APPROVED
    assert await site.rig.state(other.case) == CaseState.STOPPED


async def test_a_wrong_code_and_too_many(site: Site) -> None:
    answers = [await site.claim("ABCD-EFGH") for _ in range(11)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert all("set-cookie" not in answer.headers for answer in answers)
    code = await site.rig.code(await site.rig.opened())
    assert (await site.claim(code)).status_code == 429
    assert (await site.claim(code, **{"X-Forwarded-For": "192.0.2.44"})).status_code == 303


async def test_a_forged_address_gives_no_more_tries(site: Site) -> None:
    """The proxy is trusted; what stands left of its own entry is the client's word."""
    answers = [
        await site.claim("ABCD-EFGH", **{"X-Forwarded-For": f"203.0.113.{n}, 192.0.2.44:{5000 + n}"})
        for n in range(11)
    ]
    assert answers[-1].status_code == 429


async def test_every_wrong_code_gets_the_same_page(site: Site) -> None:
    used = await site.rig.code(await site.rig.opened())
    await site.rig.claimed(used)
    expired = await site.rig.code(await site.rig.opened(EMIL))
    site.rig.clock.move(11 * MINUTE)
    pages = [await site.claim(code) for code in (used, expired, "ABCD-EFGH", "", "🙂")]
    assert {page.status_code for page in pages} == {422}
    assert len({page.text for page in pages}) == 1


async def test_the_cookie_is_safe(site: Site) -> None:
    answer = await site.claim(await site.rig.code(await site.rig.opened()))
    [cookie] = answer.headers.get_list("set-cookie")
    name, *attributes = cookie.split("; ")
    assert re.fullmatch(r"__Host-tofaktor=[\w-]{43}", name)
    assert {attribute.lower() for attribute in attributes} == {
        "httponly",
        "secure",
        "samesite=lax",
        "path=/",
        "max-age=259200",
    }


async def test_a_browser_that_brings_a_cookie_gets_another(site: Site) -> None:
    """A cookie that somebody planted binds nothing."""
    browser = site.browser("planted")
    await browser.post("/case", {"code": await site.rig.code(await site.rig.opened())})
    assert browser.cookie not in (None, "planted")
    assert await site.rig.issue.of_browser("planted") is None


async def test_every_answer_is_headed(site: Site) -> None:
    browser = await _approved(site)
    answers = [
        await browser.get("/case"),
        await browser.post("/case/show"),
        await browser.post("/case", {"code": "x"}),
        await site.client.post("/case"),
        await site.client.get("/nowhere"),
        await site.client.get("/case/show"),
        await site.client.get("/healthz"),
    ]
    for answer in answers:
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        csp = answer.headers["content-security-policy"]
        assert "default-src 'none'" in csp
        assert "frame-ancestors 'none'" in csp
        assert "form-action 'self'" in csp
        assert "script" not in csp
        assert "unsafe" not in csp
        assert "strict-transport-security" not in answer.headers
        assert "<script" not in answer.text


async def test_over_https_browsers_are_told_to_stay() -> None:
    async def hello(_: Request) -> Response:
        return PlainTextResponse("hello")

    app = Starlette(routes=[Route("/", hello)], middleware=[Middleware(Headed, secure=True)])
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="https://help.example"
    ) as client:
        answer = await client.get("/")
    assert answer.headers["strict-transport-security"].startswith("max-age=")


async def test_the_style_sheet_may_be_kept(site: Site) -> None:
    answer = await site.client.get("/static/site.css")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "max-age=3600")
    assert answer.headers["content-type"].startswith("text/css")


@pytest.mark.parametrize(
    ("accepted", "language"), [("en-GB,en", "en"), ("nn-NO", "nn"), ("de", "nb"), (";;;", "nb"), ("", "nb")]
)
async def test_pages_come_in_the_browsers_language(site: Site, accepted: str, language: str) -> None:
    page = await site.client.get("/case", headers={"Accept-Language": accepted})
    assert f'<html lang="{language}">' in page.text


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/x-www-form-urlencoded", b"code=" + b"A" * 4092, 413),
        ("application/x-www-form-urlencoded", b"code=" + b"A" * 4091, 422),
        ("application/x-www-form-urlencoded", b"code=" + b"A" * 1_000_000, 413),
        ("application/x-www-form-urlencoded", b"&".join([b"code=A"] * 21), 400),
        ("application/x-www-form-urlencoded", b"", 422),
        ("application/x-www-form-urlencoded", b"code=%ff%00%zz&code", 422),
        ("application/x-www-form-urlencoded", b"\xff\xfe\x00", 422),
        ("application/x-www-form-urlencoded; charset=klingon", b"code=A", 422),
        ("APPLICATION/X-WWW-FORM-URLENCODED", b"code=A", 422),
        ("multipart/form-data; boundary=x", b"--x\r\n", 400),
        ("application/json", b'{"code": "A"}', 400),
        ("text/plain", b"code=A", 400),
        ("", b"code=A", 400),
    ],
)
async def test_odd_forms(site: Site, kind: str, body: bytes, status: int) -> None:
    headers = {"Origin": site.url, "Content-Type": kind}
    answer = await site.client.post("/case", content=body, headers=headers)
    assert answer.status_code == status


async def test_a_form_of_untold_length_is_counted(site: Site) -> None:
    async def pieces(number: int) -> AsyncIterator[bytes]:
        for _ in range(number):
            yield b"code=AAAA&"

    headers = {"Origin": site.url, "Content-Type": "application/x-www-form-urlencoded"}
    small = await site.client.post("/case", content=pieces(2), headers=headers)
    large = await site.client.post("/case", content=pieces(2000), headers=headers)
    assert (small.status_code, large.status_code) == (422, 413)


_tokens = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40)
_values = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60).map(str.strip)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(POSTS),
    body=st.binary(max_size=300),
    kind=st.sampled_from(["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "x"])
    | _values,
    accepted=_values,
    forwarded=_values,
    cookie=_tokens,
)
async def test_nothing_that_is_sent_breaks_a_page(
    site: Site, path: str, body: bytes, kind: str, accepted: str, forwarded: str, cookie: str
) -> None:
    headers = {
        "Origin": site.url,
        "Content-Type": kind,
        "Accept-Language": accepted,
        "X-Forwarded-For": forwarded,
        "Cookie": f"{COOKIE}={cookie}",
    }
    answer = await site.client.post(path, content=body, headers=headers)
    assert 400 <= answer.status_code < 500


async def test_stopping_by_the_page(site: Site) -> None:
    browser = await _approved(site)
    await browser.post("/case/show")
    answer = await browser.post("/case/stop")
    assert answer.status_code == 303
    assert "The case is stopped" in (await browser.get("/case")).text
    assert not site.rig.has_pass()
    assert (await browser.post("/case/stop")).status_code == 303
    assert (await browser.post("/case/show")).status_code == 409


async def _asked_about_the_old_phone(site: Site) -> Browser:
    """Emil has signed in with the pass and set up a new phone: the page asks about the old one."""
    browser, rig = await _approved(site, EMIL), site.rig
    await browser.post("/case/show")
    session = rig.entra.devices.sign_in_with_pass(rig.id(EMIL), rig.entra.passes_created[0].code)
    await _look(site)
    assert "about 9 minutes" in (await browser.get("/case")).text
    rig.entra.devices.register_authenticator(session, "Pixel 9")
    await _look(site)
    page = html.unescape((await browser.get("/case")).text)
    assert "Which old phone shall I remove?" in page
    assert "Remove iPhone 13" in page
    return browser


async def _look(site: Site) -> None:
    site.rig.clock.move(20 * timedelta(seconds=1))
    await site.rig.follow.tick(site.rig.clock.now())


async def test_the_old_phone_may_stay(site: Site) -> None:
    browser = await _asked_about_the_old_phone(site)
    assert (await browser.post("/case/keep-old")).status_code == 303
    await _look(site)
    assert "All done" in (await browser.get("/case")).text


async def test_the_old_phone_goes_from_the_bound_browser_alone(site: Site) -> None:
    browser = await _asked_about_the_old_phone(site)
    case = await site.rig.issue.of_browser(browser.cookie or "")
    assert case is not None
    record = {"record": f"{case.id}:1"}
    other = site.browser((await site.rig.approved(NORA)).browser)
    assert (await other.post("/case/remove-old", record)).status_code == 303
    assert (await site.browser().post("/case/remove-old", record)).status_code == 403
    account = site.rig.entra.tenant.account(site.rig.id(EMIL))
    assert len(account.strong_methods) == 2
    assert (await browser.post("/case/remove-old", record)).status_code == 303
    assert [each.name for each in account.strong_methods] == ["Pixel 9"]
    assert "removed" in (await browser.get("/case")).text
    await _look(site)
    page = (await browser.get("/case")).text
    assert "Microsoft Authenticator on" in page
    assert "add a spare" in page


async def test_it_works_now_only_when_graph_says_so(site: Site) -> None:
    site.rig.entra.tenant.replication = MINUTE
    browser = await _approved(site)
    assert "It does not work yet" in (await browser.post("/case/show")).text
    await _look(site)
    assert "It does not work yet" in (await browser.get("/case")).text
    for _ in range(3):
        await _look(site)
    assert "It works now" in (await browser.get("/case")).text


async def test_a_refusal_says_why_and_what_to_do(site: Site) -> None:
    browser = await _approved(site)
    site.rig.clock.move(61 * MINUTE)
    answer = await browser.post("/case/show")
    assert answer.status_code == 409
    assert "more than an hour" in answer.text
    assert 'name="code"' in answer.text
    again = await browser.post("/case", {"code": await site.rig.code(await site.rig.opened())})
    assert again.status_code == 303
    assert (await browser.post("/case/show")).status_code == 200


async def test_a_pass_that_has_to_wait_says_until_when(site: Site) -> None:
    approved = await site.rig.approved()
    until = NOW + timedelta(hours=1)
    async with site.rig.database.transaction() as session:
        await site.rig.cases.change(session, approved.case.id, CaseState.APPROVED, {}, not_before=until)
    browser = site.browser(approved.browser)
    for page in (await browser.get("/case"), await browser.post("/case/show")):
        assert "It can be shown from <strong>11:15 on 24 November 2026</strong>" in page.text
    assert page.status_code == 409
    site.rig.clock.move(timedelta(hours=1))
    assert "Your pass is ready" in (await browser.get("/case")).text
    assert site.rig.creates == []


async def test_after_a_lost_answer_the_page_says_to_press_again(site: Site) -> None:
    browser = await _approved(site)
    site.rig.entra.faults.lose_answer(CREATE)
    answer = await browser.post("/case/show")
    assert (answer.status_code, "press once more" in answer.text) == (409, True)
    assert (await browser.post("/case/show")).status_code == 200
    assert len(site.rig.entra.passes_created) == 2


async def test_without_a_database_the_page_is_polite(site: Site) -> None:
    browser = await _approved(site)
    await run(site.rig.database, 'ALTER TABLE "case" RENAME TO lost')
    for answer in (
        await browser.get("/case"),
        await browser.post("/case/show"),
        await browser.post("/case/stop"),
    ):
        assert answer.status_code == 503
        assert "Something failed on our side" in answer.text
        assert re.search(r"<dd>[0-9a-f]{6}</dd>", answer.text)
        assert "sqlite" not in answer.text.lower()
    assert site.rig.creates == []


async def test_a_trial_says_so_in_every_language_and_sends_no_create(site: Site) -> None:
    object.__setattr__(site.rig.issue, "evaluation", True)
    cookie = (await site.rig.approved()).browser
    words = {
        "en": ("This is a trial.", "This was a trial"),
        "nb": ("Dette er en prøve.", "Dette var en prøve"),
        "nn": ("Dette er ei prøve.", "Dette var ei prøve"),
    }
    for spoken, (before, _) in words.items():
        assert before in (await Browser(site.url, spoken, cookie).get("/case")).text
    shown = await site.browser(cookie).post("/case/show")
    assert (shown.status_code, site.rig.creates) == (200, [])
    assert words["en"][1] in shown.text
    for spoken, (_, after) in words.items():
        page = (await Browser(site.url, spoken, cookie).get("/case")).text
        assert after in page
        assert words[spoken][0] not in page


async def test_passes_that_are_stopped_are_said_to_be(site: Site) -> None:
    cookie = (await site.rig.approved()).browser
    async with site.rig.database.transaction() as session:
        await site.rig.issue.brakes.stop(session, by=INGRID, actor=None, now=NOW)
    shown = await site.browser(cookie).post("/case/show")
    assert (shown.status_code, site.rig.creates) == (409, [])
    assert "paused for everybody" in shown.text

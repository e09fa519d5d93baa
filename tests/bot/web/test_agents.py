"""The pages of agents and managers, over sockets: who is let in, what each step wants, and where the code shows."""

import asyncio
import re
from datetime import timedelta

import httpx
import pytest

from bot.sandbox.browser import Browser
from bot.sandbox.entra.photos import drawn
from bot.sandbox.world import AGENTS, FJORDHEIM
from handlers.records import Case
from handlers.verification.policy.routes import VIDEO
from tests.bot.web.conftest import Site
from tests.handlers.rig import EMIL, HAKON, INGRID, JONAS, MINUTE, NORA

CODE = re.compile(r"<strong><code>([0-9A-Z]{4}-[0-9A-Z]{4})</code></strong>")
KARI, LEIF = "Kari Bråten", "Leif Åsen"
TICKED = {"checks": ["photo-id", "face", "name"], "document": "passport"}


async def opened(site: Site, agent: Browser, name: str = NORA) -> str:
    """The agent opens a case on the page: where it leads."""
    answer = await agent.post("/case/agent", {"account": FJORDHEIM.named(name).upn})
    assert answer.status_code == httpx.codes.SEE_OTHER, answer.text
    where: str = answer.headers["Location"]
    assert re.fullmatch(r"/case/agent/[0-9A-Z-]+", where)
    return where


async def coded(agent: Browser, where: str) -> str:
    """The agent ticks everything: the code they read."""
    answer = await agent.post(f"{where}/by/desk", TICKED)
    found = CODE.search(answer.text)
    assert found, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return found[1]


async def test_from_the_account_to_the_bound_browser(site: Site) -> None:
    agent, requester = await site.signed_in(JONAS), site.browser()
    assert (await agent.get("/case/agent")).status_code == httpx.codes.OK
    where = await opened(site, agent)
    page = await agent.get(where)
    for told in (NORA, FJORDHEIM.named(NORA).upn, "Faculty of Science", f'src="{where}/photo"'):
        assert told in page.text
    photo = await agent.get(f"{where}/photo")
    assert (photo.content, photo.headers["Content-Type"]) == (drawn(site.rig.id(NORA)), "image/png")
    assert photo.headers["Cache-Control"] == "no-store"
    assert "img-src 'self'" in photo.headers["Content-Security-Policy"]
    chosen = await agent.post(f"{where}/route", {"record": "desk"})
    assert chosen.headers["Location"] == f"{where}/by/desk"
    assert (await agent.get(f"{where}/by/desk")).status_code == httpx.codes.OK
    code = await coded(agent, where)
    assert (await requester.post("/case", {"code": code})).status_code == httpx.codes.SEE_OTHER
    assert requester.is_bound
    assert (await agent.get(where)).status_code == httpx.codes.CONFLICT


async def test_a_case_that_waits_is_taken_up_from_the_list(site: Site) -> None:
    case = await site.rig.opened()
    agent = await site.signed_in(HAKON)
    assert case.id in (await agent.get("/case/agent")).text
    taken = await agent.post("/case/agent/take", {"record": case.id})
    assert taken.headers["Location"] == f"/case/agent/{case.id}"


async def test_who_is_not_signed_in_sees_the_way_to_sign_in(site: Site) -> None:
    case = await site.rig.opened()
    weak = await site.signed_in(JONAS, stepped_up=False)
    yesterday = await site.signed_in(JONAS, timedelta(hours=8))
    for browser in (site.browser(), weak, yesterday):
        for path in ("", f"/{case.id}", f"/{case.id}/photo", f"/{case.id}/by/desk"):
            answer = await browser.get(f"/case/agent{path}")
            assert answer.status_code == httpx.codes.UNAUTHORIZED
            assert "/signin/agent" in answer.text
            assert NORA not in answer.text
        answer = await browser.post(f"/case/agent/{case.id}/by/desk", TICKED)
        assert answer.status_code == httpx.codes.UNAUTHORIZED


@pytest.mark.parametrize("name", [EMIL, INGRID, NORA])
async def test_who_is_no_agent_is_refused_everywhere(site: Site, name: str) -> None:
    case = await site.rig.opened()
    browser = await site.signed_in(name)
    where = f"/case/agent/{case.id}"
    answers = [
        await browser.get("/case/agent"),
        await browser.get(where),
        await browser.get(f"{where}/by/desk"),
        await browser.get(f"{where}/photo"),
        await browser.post("/case/agent", {"account": FJORDHEIM.named(KARI).upn}),
        await browser.post(f"{where}/ask", {"record": "manager"}),
        await browser.post(f"{where}/by/desk", TICKED),
    ]
    assert {answer.status_code for answer in answers} == {httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND}
    assert not any(FJORDHEIM.named(KARI).upn in answer.text for answer in answers)
    assert not any(CODE.search(answer.text) for answer in answers)


async def test_an_agent_who_is_removed_between_two_steps_is_refused(site: Site) -> None:
    agent, requester = await site.signed_in(JONAS), site.browser()
    where = await opened(site, agent)
    code = await coded(agent, where)
    site.rig.entra.tenant.account(site.rig.id(JONAS)).groups.remove(FJORDHEIM.group(AGENTS).object_id)
    assert (await agent.get(where)).status_code == httpx.codes.FORBIDDEN
    assert (await agent.post(f"{where}/by/desk", TICKED)).status_code == httpx.codes.FORBIDDEN
    assert (await requester.post("/case", {"code": code})).status_code == httpx.codes.UNPROCESSABLE_ENTITY


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (FJORDHEIM.named(JONAS).upn, "your own account"),
        ("nobody@fjordheim.example", "I find no account"),
        (FJORDHEIM.named("Astrid Kvamme").upn, "cannot get a pass"),
    ],
)
async def test_what_is_wrong_with_an_account_is_said_in_words(site: Site, typed: str, said: str) -> None:
    agent = await site.signed_in(JONAS)
    answer = await agent.post("/case/agent", {"account": typed})
    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert said in answer.text
    assert typed in answer.text


async def test_everything_has_to_be_ticked(site: Site) -> None:
    agent = await site.signed_in(JONAS)
    where = await opened(site, agent)
    for form in (
        {"document": "passport"},
        {"checks": ["photo-id", "face"], "document": "passport"},
        {"checks": ["photo-id", "face", "name"]},
        {"checks": ["photo-id", "face", "name"], "document": ""},
    ):
        answer = await agent.post(f"{where}/by/desk", form)
        assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
        assert 'role="alert"' in answer.text
        assert CODE.search(answer.text) is None


async def test_the_video_page_asks_for_something_on_the_spot(site: Site) -> None:
    agent = await site.signed_in(JONAS)
    where = await opened(site, agent)
    first, second = await agent.get(f"{where}/by/video"), await agent.get(f"{where}/by/video")
    assert "in front of the camera" in first.text
    assert first.text == second.text
    answer = await agent.post(f"{where}/by/video", {"checks": VIDEO.checks})
    assert CODE.search(answer.text)
    assert "with your own voice" in answer.text


async def test_without_a_photo_there_is_no_video_and_no_picture(site: Site) -> None:
    site.rig.entra.photos.missing.add(site.rig.id(NORA))
    agent = await site.signed_in(JONAS)
    where = await opened(site, agent)
    page = await agent.get(where)
    assert "no photo" in page.text
    assert "<img" not in page.text
    assert (await agent.get(f"{where}/photo")).status_code == httpx.codes.NOT_FOUND
    assert (await agent.get(f"{where}/by/video")).status_code == httpx.codes.CONFLICT
    assert (
        await agent.post(f"{where}/by/video", {"checks": VIDEO.checks})
    ).status_code == httpx.codes.CONFLICT


async def test_a_code_is_used_once_however_many_race(site: Site) -> None:
    agent = await site.signed_in(JONAS)
    code = await coded(agent, await opened(site, agent))
    answers = await asyncio.gather(*(site.claim(code) for _ in range(8)))
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [303] + [422] * 7


async def test_every_wrong_code_gets_the_same_page(site: Site) -> None:
    agent = await site.signed_in(JONAS)
    old = await coded(agent, await opened(site, agent))
    site.rig.clock.move(10 * MINUTE)
    used = await coded(agent, await opened(site, agent, EMIL))
    await site.claim(used)
    pages = {(await site.claim(code)).text for code in (old, used, "0000-0000", "", "x" * 70)}
    assert len(pages) == 1


async def test_the_manager_says_yes_with_a_fresh_sign_in(site: Site) -> None:
    agent, manager, requester = await site.signed_in(JONAS), await site.signed_in(LEIF), site.browser()
    where = await opened(site, agent, KARI)
    assert LEIF in (await agent.get(where)).text
    asked = await agent.post(f"{where}/ask", {"record": "manager"})
    assert asked.headers["Location"] == where
    assert "was asked in chat" in (await agent.get(where)).text
    assert KARI in (await manager.get("/case/manager")).text
    case = where.rsplit("/", 1)[-1]
    looked = await manager.post("/case/manager/look", {"record": case})
    question = looked.headers["Location"]
    page = await manager.get(question)
    assert f'src="{question}/photo"' in page.text
    assert (await manager.get(f"{question}/photo")).content == drawn(site.rig.id(KARI))
    assert (await manager.post(question, {"how": "chat"})).status_code == httpx.codes.UNPROCESSABLE_ENTITY
    stale = await site.signed_in(LEIF, 10 * MINUTE)
    again = await stale.post(question, {"how": "in-person"})
    assert (again.status_code, "/signin/manager" in again.text) == (httpx.codes.UNAUTHORIZED, True)
    yes = await manager.post(question, {"how": "in-person"})
    found = CODE.search(yes.text)
    assert found
    assert (await requester.post("/case", {"code": found[1]})).status_code == httpx.codes.SEE_OTHER
    assert "Nothing to answer" in (await manager.get("/case/manager")).text


async def test_a_manager_says_no_and_the_agent_reads_it(site: Site) -> None:
    agent, manager = await site.signed_in(JONAS), await site.signed_in(LEIF)
    where = await opened(site, agent, KARI)
    await agent.post(f"{where}/ask", {"record": "manager"})
    question = where.replace("agent", "manager")
    assert "Thank you" in (await manager.post(f"{question}/decline")).text
    assert "did not vouch" in (await agent.get(where)).text


async def test_who_is_not_the_manager_is_asked_nothing(site: Site) -> None:
    agent = await site.signed_in(JONAS)
    where = await opened(site, agent, KARI)
    await agent.post(f"{where}/ask", {"record": "manager"})
    question = where.replace("agent", "manager")
    for name in (KARI, "Unni Bergersen", JONAS):
        browser = await site.signed_in(name)
        assert KARI not in (await browser.get("/case/manager")).text
        assert (await browser.get(question)).status_code == httpx.codes.CONFLICT
        assert (await browser.get(f"{question}/photo")).status_code == httpx.codes.NOT_FOUND
        for path, form in ((question, {"how": "video"}), (f"{question}/decline", {})):
            answer = await browser.post(path, form)
            assert answer.status_code == httpx.codes.CONFLICT
            assert CODE.search(answer.text) is None


async def test_another_site_can_do_nothing_here(site: Site) -> None:
    agent = await site.signed_in(JONAS)
    where = await opened(site, agent)
    async with httpx.AsyncClient(base_url=site.url, trust_env=False) as client:
        cookies = "; ".join(f"{name}={value}" for name, value in agent.others.items())
        for path in ("/case/agent", f"{where}/ask", f"{where}/by/desk"):
            headers = {"Cookie": cookies, "Origin": "https://evil.example"}
            answer = await client.post(path, data=TICKED, headers=headers)
            assert answer.status_code == httpx.codes.FORBIDDEN


async def test_looking_changes_nothing(site: Site) -> None:
    agent = await site.signed_in(JONAS)
    where = await opened(site, agent)
    before = await rows(site)
    for path in ("/case/agent", where, f"{where}/photo", f"{where}/by/desk", f"{where}/by/video"):
        await agent.get(path)
    assert await rows(site) == before


async def test_a_code_stands_in_no_row_log_or_chat(
    site: Site, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    agent = await site.signed_in(JONAS)
    where = await opened(site, agent)
    codes = [await coded(agent, where), await coded(agent, where)]
    await site.claim(codes[0])
    await site.claim(codes[1])
    await site.rig.delivered()
    out, err = capfd.readouterr()
    everything = await rows(site) + out + err + caplog.text + repr(site.rig.chat)
    for code in codes:
        assert code not in everything
        assert code.replace("-", "") not in everything


async def rows(site: Site) -> str:
    """Everything that stands in the database."""
    async with site.rig.database.transaction() as session:
        found = [
            (table.name, (await session.execute(table.select())).all())
            for table in Case.metadata.sorted_tables
        ]
    return repr(found)

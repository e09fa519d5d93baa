"""Links, codes and the browsers that give a proof: what relaying, forwarding, replaying and guessing are good for."""

import asyncio

import httpx
import pytest

from bot.sandbox.browser import Browser, log_in
from bot.sandbox.configuring import EID
from bot.sandbox.eid import Fault, Level
from tests.faults.given import rows
from tests.threats.leaks import assert_held
from tests.threats.player import Player, leads
from tests.threats.rig import BOTH, SECOND, Rig

_SEE_OTHER = httpx.codes.SEE_OTHER


@pytest.mark.parametrize("platform", BOTH)
async def test_threat_02_a_relayed_link_shows_the_pass_to_nobody_but_who_logged_in(
    rig: Rig, platform: str
) -> None:
    story = rig.somebody(platform)
    owner = await story.ready(rig.approver())
    before = len(story.seen())
    attacker = Browser(rig.url, "en", cookie="of-the-attackers-own-making")
    for browser in (rig.browser(), attacker):
        assert (await browser.post("/case/show")).status_code == httpx.codes.FORBIDDEN
    assert_held(rig)
    await story.show(story.name, owner)
    await story.case_is("Passet er vist")
    await rig.settled()
    told = story.seen()[before:]
    assert [each for each in told if each.offers("cases.stop")]
    assert_held(rig, passes=1)


async def _refused_alike(rig: Rig, story: Player, wrong: httpx.Response, browser: Browser) -> None:
    """Somebody else's login is told in the same words as a forged one, and is written to the audit."""
    assert wrong.status_code == httpx.codes.FORBIDDEN
    rig.playing.eid.faults.add(Fault.BAD_SIGNATURE)
    invited = await story.invited(await story.answered())
    forged = await browser.get(await story.departed(browser, invited))
    assert (forged.status_code, forged.text) == (wrong.status_code, wrong.text)
    assert (story.state, story.evidence, browser.is_bound) == ("verifying", 0, False)
    attempts = rows(rig.playing, 'SELECT count(*) FROM eid_attempt WHERE "case" = ?', story.case_id)
    assert attempts == [(2,)]
    query = "SELECT data FROM audit WHERE action = 'eid.refused' ORDER BY seq DESC LIMIT 2"
    assert "other-number" in str(rows(rig.playing, query))


async def test_threat_03_a_colleague_with_a_forwarded_link_is_refused(rig: Rig) -> None:
    story, colleague = rig.somebody(), rig.somebody()
    browser = rig.browser()
    back = await story.departed(browser, await story.invited(), as_whom=colleague.name)
    await _refused_alike(rig, story, await browser.get(back), browser)
    assert_held(rig)


@pytest.mark.parametrize(("provider", "level"), [(EID, Level.SUBSTANTIAL), (SECOND, Level.HIGH)])
async def test_threat_05_somebody_elses_valid_eid_is_no_proof(rig: Rig, provider: str, level: Level) -> None:
    story, other = rig.somebody(), rig.somebody()
    browser = rig.browser()
    away = await story.departs(browser, await story.invited(), provider)
    back = await log_in(leads(away), other.who.object_id, level)
    assert (await browser.get(back)).status_code == httpx.codes.FORBIDDEN
    assert (story.state, story.evidence, browser.is_bound) == ("verifying", 0, False)
    assert_held(rig)


async def test_threat_06_previews_and_scanners_spend_nothing(rig: Rig) -> None:
    story = rig.somebody()
    invited = await story.invited()
    scanner = rig.browser()
    for _ in range(5):
        assert (await scanner.get(invited.path)).status_code == httpx.codes.OK
    async with rig.client() as bare:
        assert (await bare.head(invited.path)).status_code == httpx.codes.OK
    assert story.state == "open"
    browser = rig.browser()
    away = await story.departs(browser, invited)
    back = await log_in(leads(away), story.who.object_id)
    assert (await browser.get(back)).status_code == _SEE_OTHER
    assert_held(rig)


async def test_threat_07_a_link_leads_out_once(rig: Rig) -> None:
    story = rig.somebody()
    invited = await story.invited()
    assert leads(await story.departs(rig.browser(), invited))
    again = await story.departs(rig.browser(), invited)
    assert again.status_code == httpx.codes.GONE
    assert_held(rig)


async def test_threat_07_a_login_comes_back_once(rig: Rig) -> None:
    story = rig.somebody()
    browser = rig.browser()
    back = await story.departed(browser, await story.invited())
    cookie = browser.login
    assert (await browser.get(back)).status_code == _SEE_OTHER
    replayed = Browser(rig.url, "en", login=cookie)
    assert (await replayed.get(back)).status_code == httpx.codes.BAD_REQUEST
    assert not replayed.is_bound
    code = httpx.URL(back).params["code"]
    assert len(rig.playing.eid.journal.exchanges(code)) == 1
    assert_held(rig)


async def test_threat_08_a_login_counts_in_no_other_browser(rig: Rig) -> None:
    story, other = rig.somebody(), rig.somebody()
    back = await story.departed(rig.browser(), await story.invited())
    busy = rig.browser()
    assert leads(await other.departs(busy, await other.invited()))
    for browser in (rig.browser(), Browser(rig.url, "en", login="of-the-attackers-own-making"), busy):
        answer = await browser.get(back)
        assert answer.status_code in (httpx.codes.BAD_REQUEST, httpx.codes.FORBIDDEN)
        assert not browser.is_bound
    assert (story.evidence, other.evidence) == (0, 0)
    assert_held(rig)


async def test_threat_09_codes_of_a_link_cannot_be_guessed(rig: Rig) -> None:
    story = rig.somebody()
    invited = await story.invited()
    browser = rig.browser()
    for number in range(1, 6):
        wrong = f"{(int(invited.code) + number) % 1_000_000:06}"
        answer = await browser.post(invited.path, {"code": wrong, "record": EID})
        assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    right = await story.departs(browser, invited)
    assert right.status_code == httpx.codes.GONE
    assert_held(rig)


async def test_threat_09_claim_codes_and_links_are_guessed_only_so_often(rig: Rig) -> None:
    async with rig.client() as attacker:

        async def guessed(path: str, code: str) -> int:
            form, headers = {"code": code, "record": EID}, {"Origin": rig.url}
            return (await attacker.post(path, data=form, headers=headers)).status_code

        claims = await asyncio.gather(*(guessed("/case", f"AAAA-{number:04}") for number in range(60)))
        links = await asyncio.gather(
            *(guessed(f"/case/start/{number:043}", "000000") for number in range(60))
        )
    assert claims.count(httpx.codes.TOO_MANY_REQUESTS) >= 50
    assert links.count(httpx.codes.TOO_MANY_REQUESTS) >= 40
    assert_held(rig)


async def test_threat_27_what_fails_is_told_alike_whatever_is_on_file(rig: Rig) -> None:
    """One account has another number on file, one has none, and one login is forged: nobody can tell which."""
    other = rig.somebody()
    told = set()
    for name in (rig.somebody().name, "Dmytro Shevchuk"):
        story, browser = rig.around(name), rig.browser()
        back = await story.departed(browser, await story.invited(), as_whom=other.name)
        answer = await browser.get(back)
        told.add((answer.status_code, answer.text))
    rig.playing.eid.faults.add(Fault.BAD_SIGNATURE)
    story, browser = rig.somebody(), rig.browser()
    forged = await browser.get(await story.departed(browser, await story.invited()))
    told.add((forged.status_code, forged.text))
    assert len(told) == 1
    used = await story.invited(await story.answered())
    await story.departs(rig.browser(), used)
    pages = [await rig.browser().get(path) for path in (used.path, "/case/start/unknown")]
    assert len({(page.status_code, page.text) for page in pages}) == 1
    assert_held(rig)


async def test_threat_27_the_front_door_is_the_same_for_every_address(rig: Rig) -> None:
    """Of somebody with a number on file, of somebody without, of nobody, and of an administrator."""
    somebody, other = rig.somebody(), rig.somebody()
    people = [rig.around(name) for name in ("Dmytro Shevchuk", "Astrid Kvamme")]
    told = set()
    for address in (somebody.who.mail, *(each.who.mail for each in people), "nobody@fjordheim.example"):
        browser, since = rig.browser(), len(rig.answers)
        knocked = await browser.post("/help", {"address": address, "lang": "en"})
        await rig.has_answered("/help", since)
        door = await browser.get(knocked.headers["Location"])
        assert door.status_code == httpx.codes.OK
        away = leads(await browser.post("/help/login", {"record": EID}))
        back = await browser.get(await log_in(away, other.who.object_id))
        told.add(
            (knocked.status_code, knocked.text, door.status_code, door.text, back.status_code, back.text)
        )
        assert not browser.is_bound
    assert len(told) == 1
    assert_held(rig)


@pytest.mark.parametrize("platform", BOTH)
async def test_threat_38_what_stood_in_chat_is_worth_nothing_afterwards(rig: Rig, platform: str) -> None:
    story = rig.somebody(platform)
    invited = await story.invited()
    browser = rig.browser()
    assert (await browser.get(await story.departed(browser, invited))).status_code == _SEE_OTHER
    await story.approve(rig.approver())
    await story.show(story.name, browser)
    await story.case_is("Passet er vist")
    for path in (invited.path, f"{invited.path}/", f"{invited.path}?code={invited.code}"):
        assert (await rig.browser().get(path)).status_code != httpx.codes.OK
    assert (await story.departs(rig.browser(), invited)).status_code == httpx.codes.GONE
    assert [each.action for each in (await story.card()).buttons] == ["approvals.more"]
    assert_held(rig, passes=1)

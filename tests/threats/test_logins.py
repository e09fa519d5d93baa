"""Logins at a provider that misbehaves, is poisoned, or is not the one that was asked."""

import re

import httpx
import pytest

from bot.sandbox.browser import log_in
from bot.sandbox.configuring import EID
from bot.sandbox.eid import Fault
from tests.threats.leaks import assert_held
from tests.threats.player import leads
from tests.threats.rig import POISONED, SECOND, Rig

_SEE_OTHER = httpx.codes.SEE_OTHER
_LOGIN = re.compile(r'name="login" value="([^"]+)"')


async def test_threat_04_a_live_session_of_somebody_else_answers_for_nobody(rig: Rig) -> None:
    story = rig.somebody()
    first = await story.departs(rig.browser(), await story.invited())
    async with httpx.AsyncClient(trust_env=False, timeout=30) as shared:
        page = await shared.get(leads(first))
        form = {"person": story.who.object_id, "level": "idporten-loa-high", "action": "go"}
        found = _LOGIN.search(page.text)
        assert found is not None
        await shared.post(page.url.join("/login"), data={**form, "login": found[1]})
        thief = rig.browser()
        away = await story.departs(thief, await story.invited(await story.answered()))
        asked = await shared.get(leads(away))
    assert (asked.status_code, bool(_LOGIN.search(asked.text))) == (httpx.codes.OK, True)
    assert story.evidence == 0
    assert_held(rig)


@pytest.mark.parametrize("fault", [Fault.STALE_AUTH, Fault.MISSING_AUTH_TIME])
async def test_threat_04_a_login_of_earlier_is_no_proof(rig: Rig, fault: Fault) -> None:
    rig.playing.eid.faults.add(fault)
    await _refused(rig)


@pytest.mark.parametrize(
    "fault",
    [
        Fault.ALG_NONE,
        Fault.ALG_HS256_WITH_PUBLIC_KEY,
        Fault.BAD_SIGNATURE,
        Fault.WRONG_NONCE,
        Fault.WRONG_AUD,
        Fault.EXPIRED_TOKEN,
        Fault.LOW_ACR,
    ],
)
async def test_threat_50_a_forged_token_is_no_proof(rig: Rig, fault: Fault) -> None:
    """Every fault there is stands in the tests of the login itself; these go through the running bot."""
    rig.playing.eid.faults.add(fault)
    await _refused(rig)


@pytest.mark.parametrize("fault", [Fault.WRONG_ISS_PARAM, Fault.NO_ISS_PARAM])
async def test_threat_51_an_answer_that_names_another_provider_is_refused(rig: Rig, fault: Fault) -> None:
    rig.playing.eid.faults.add(fault)
    before = len(rig.playing.eid.journal.to("/token"))
    await _refused(rig)
    assert len(rig.playing.eid.journal.to("/token")) == before


async def test_threat_51_an_answer_at_another_providers_address_is_refused(rig: Rig) -> None:
    story, browser = rig.somebody(), rig.browser()
    back = await story.departed(browser, await story.invited())
    before = len(rig.second.journal.to("/token"))
    answer = await browser.get(back.replace(f"/eid/{EID}/", f"/eid/{SECOND}/"))
    assert len(rig.second.journal.to("/token")) == before, "the code went to another provider"
    assert answer.status_code == httpx.codes.BAD_REQUEST
    assert (story.state, story.evidence, browser.is_bound) == ("verifying", 0, False)
    assert_held(rig)


@pytest.mark.parametrize(
    "fault", [Fault.METADATA_OTHER_ISSUER, Fault.METADATA_FOREIGN_ENDPOINT, Fault.METADATA_REDIRECT]
)
async def test_threat_52_poisoned_metadata_lead_nobody_away(rig: Rig, fault: Fault) -> None:
    rig.poisoned.faults.add(fault)
    story, browser = rig.somebody(), rig.browser()
    away = await story.departs(browser, await story.invited(), POISONED)
    assert away.status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert (browser.login, story.state) == (None, "open")
    assert_held(rig)


async def test_threat_53_what_does_not_answer_lets_nobody_in(rig: Rig) -> None:
    faults, graph = rig.playing.eid.faults, rig.playing.entra.faults
    story, browser = rig.somebody(), rig.browser()
    faults.add(Fault.TOKEN_DOWN)
    down = await browser.get(await story.departed(browser, await story.invited()))
    assert (down.status_code, story.evidence) == (httpx.codes.SERVICE_UNAVAILABLE, 0)
    faults.clear()
    back = await story.departed(browser, await story.invited(await story.answered()))
    graph.answer("GET /roleManagement/*", 403, times=None)
    unknown = await browser.get(back)
    assert (unknown.status_code, story.evidence) == (httpx.codes.SERVICE_UNAVAILABLE, 0)
    graph.clear()

    other = rig.somebody()
    approved = await other.ready(rig.approver())
    graph.answer("GET /roleManagement/*", 403, times=None)
    assert (await approved.post("/case/show")).status_code == httpx.codes.CONFLICT
    assert_held(rig)
    graph.clear()
    graph.lose_answer("POST *temporaryAccessPassMethods", times=1)
    assert (await approved.post("/case/show")).status_code == httpx.codes.CONFLICT
    assert other.state == "issue_unknown"
    assert_held(rig, passes=1)


@pytest.mark.slow
async def test_threat_54_new_keys_are_found_and_invented_ones_cause_no_flood(rig: Rig) -> None:
    first, browser = rig.somebody(), rig.browser()
    for fault in (None, Fault.ROTATED):
        rig.second.faults.update(() if fault is None else (fault,))
        answer = await first.answered()
        back = await first.departed(browser, await first.invited(answer), by=SECOND)
        assert (await browser.get(back)).status_code == _SEE_OTHER
        first, browser = rig.somebody(), rig.browser()
    rig.second.faults.clear()
    rig.second.faults.add(Fault.UNKNOWN_KID)
    before = len(rig.second.journal.to("/jwks"))
    for times in (3, 3, 1):
        story = rig.somebody()
        answer = await story.answered()
        for _ in range(times):
            browser = rig.browser()
            back = await story.departed(browser, await story.invited(answer), by=SECOND)
            assert (await browser.get(back)).status_code == httpx.codes.FORBIDDEN
    assert len(rig.second.journal.to("/jwks")) - before <= 5
    assert_held(rig)


async def test_threat_59_a_namesake_is_somebody_else(rig: Rig) -> None:
    one, other = [who for who in rig.playing.world.residents if who.name == "Anne Hansen"]
    story, browser = rig.around_id(one.object_id), rig.browser()
    away = await story.departs(browser, await story.invited())
    answer = await browser.get(await log_in(leads(away), other.object_id))
    assert answer.status_code == httpx.codes.FORBIDDEN
    assert (story.state, story.evidence, browser.is_bound) == ("verifying", 0, False)
    assert_held(rig)


async def test_threat_61_a_logout_elsewhere_changes_nothing(rig: Rig) -> None:
    story = rig.somebody()
    browser = await story.ready(rig.approver())
    issuer = rig.playing.eid.issuer
    for query in (f"iss={issuer}&sid=whatever", "iss=https://evil.example&sid=1", ""):
        told = await rig.browser().get(f"/eid/{EID}/logout?{query}")
        assert (told.status_code, told.text) == (httpx.codes.OK, "")
        assert f"frame-ancestors {issuer}" in told.headers["Content-Security-Policy"]
    assert story.state == "approved"
    assert (await browser.post("/case/show")).status_code == httpx.codes.OK
    assert_held(rig, passes=1)


async def _refused(rig: Rig) -> None:
    """Somebody proves who they are in every way that is asked of them, and it is no proof."""
    story, browser = rig.somebody(), rig.browser()
    answer = await browser.get(await story.departed(browser, await story.invited()))
    assert answer.status_code == httpx.codes.FORBIDDEN
    assert (story.state, story.evidence, browser.is_bound) == ("verifying", 0, False)
    assert_held(rig)

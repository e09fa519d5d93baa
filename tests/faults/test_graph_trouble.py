"""Graph misbehaves: people get a polite sentence, questions are answered all the same, and nothing is lost."""

from html import unescape
from pathlib import Path

import httpx
import pytest

from bot.sandbox.browser import Browser
from bot.sandbox.story import Story
from tests.faults.given import (
    APPROVER,
    OWNER,
    answered,
    answers,
    approved,
    ask,
    in_state,
    opened,
    played,
    slack_id,
    state,
    until,
)

_DOWN = "Microsoft svarer ikke akkurat nå"
_PASSES = "*temporaryAccessPassMethods"


async def _refused(story: Story, browser: Browser, words: str) -> None:
    page = await browser.post("/case/show")
    assert page.status_code == httpx.codes.CONFLICT
    assert words in unescape(page.text)
    assert not story.stage.entra.passes_created


async def test_while_graph_takes_no_calls_questions_are_answered_and_decisions_wait(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        _, browser = await opened(story)
        await ask(story, APPROVER)
        await answered(story, APPROVER)
        faults = story.stage.entra.faults
        faults.throttle(retry_after="3600")
        for name in ("Siobhán O'Brien", APPROVER):
            before = len(answers(story, name))
            await ask(story, name)
            await answered(story, name, before + 1)
        await story.refused_approval(APPROVER)
        assert _DOWN in story.stage.slack.ephemeral(slack_id(story, APPROVER))[-1].shown
        assert state(story) == "verified"
        faults.clear()
        await story.approve(APPROVER)

        faults.throttle(retry_after="3600")
        await _refused(story, browser, _DOWN)
        faults.clear()
        faults.throttle(f"POST {_PASSES}", retry_after="3600")
        await _refused(story, browser, _DOWN)
        assert state(story) == "approved"
        faults.clear()
        faults.missing = {"Policy.Read.AuthenticationMethod"}
        await _refused(story, browser, _DOWN)
        assert state(story) == "approved"
        faults.clear()
        assert (await browser.post("/case/show")).status_code == httpx.codes.OK
        assert len(story.stage.entra.passes_created) == 1


@pytest.mark.slow
async def test_while_graph_is_gone_questions_are_answered_and_the_page_says_so(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        _, browser = await approved(story)
        await story.stage.entra.refuse_connections()
        await ask(story, "Siobhán O'Brien")
        await _refused(story, browser, _DOWN)
        await until(story, lambda: answers(story, "Siobhán O'Brien") or None, 90)
        await story.stage.entra.accept_connections()
        assert (await browser.post("/case/show")).status_code == httpx.codes.OK


@pytest.mark.slow
async def test_a_permission_that_is_missing_for_the_create_ends_the_case_politely(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        _, browser = await approved(story)
        story.stage.entra.faults.answer(f"POST {_PASSES}", 403, code="accessDenied")
        await _refused(story, browser, "Microsoft fikk det ikke til")
        await in_state(story, "failed")
        await story.case_is("Microsoft fikk ikke laget passet")


async def test_a_lost_answer_to_the_create_is_cleared_and_the_next_show_works(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        _, browser = await approved(story)
        story.stage.entra.faults.lose_answer(f"POST {_PASSES}")
        page = await browser.post("/case/show")
        assert page.status_code == httpx.codes.CONFLICT
        (unseen,) = story.stage.entra.passes_created
        assert unseen.code not in unescape(page.text)
        assert "Microsoft sa ikke om passet ble laget" in unescape(page.text)
        page = await browser.post("/case/show")
        assert page.status_code == httpx.codes.OK
        _, shown = story.stage.entra.passes_created
        assert shown.code in unescape(page.text)
        account = story.stage.entra.tenant.account(story.person(OWNER))
        await until(story, lambda: account.access_pass)
        assert account.access_pass is not None
        assert account.access_pass.id == shown.pass_id

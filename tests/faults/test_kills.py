"""A power cut at the worst moment: nothing acknowledged is lost, nothing is done twice, no second pass works."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Final

import httpx
import pytest

from bot.sandbox.browser import Browser
from bot.sandbox.chats import SLACK, TEAMS
from bot.sandbox.story import Story, StoryBroken
from tests.faults.given import (
    ANSWER,
    APPROVER,
    OWNER,
    PATIENCE,
    answered,
    approved,
    ask,
    in_state,
    opened,
    played,
    restarted,
    rows,
    settled,
    state,
    until,
)
from tests.faults.stepped import count_from_now, dying

Kill = Callable[[Story, Browser], Awaitable[None]]

_CREATE = "POST *temporaryAccessPassMethods"
_AN_ANSWER_LATER = 70
"""Seconds after which a create counts as lost."""


async def test_what_was_acknowledged_is_answered_once_after_the_kill(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        held = story.stage.slack.faults.hold("users.info")
        said = await ask(story, "Siobhán O'Brien")
        assert all(delivery.acknowledged for delivery in said.deliveries)
        await until(story, lambda: story.stage.slack.calls_of("users.info"))
        await story.stage.kill_bot()
        held.set()
        _later(story, 61)
        await story.stage.start_bot()
        (answer,) = await answered(story, "Siobhán O'Brien")
        assert answer.shown.startswith(ANSWER)


async def test_a_message_in_flight_at_the_kill_is_repeated_once_and_recorded(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        held = story.stage.slack.faults.hold("chat.postMessage")
        await ask(story, "Siobhán O'Brien")
        await until(story, lambda: story.stage.slack.calls_of("chat.postMessage"))
        await story.stage.kill_bot()
        held.set()
        _later(story, 61)
        await story.stage.start_bot()
        await answered(story, "Siobhán O'Brien", 2)
        assert rows(story.stage, "SELECT state, repeated FROM outbox") == [("sent", 1)]
        _later(story, 3600)
        await restarted(story)
        await answered(story, "Siobhán O'Brien", 2)


async def _killed_before_the_create(story: Story, browser: Browser) -> None:
    """Graph has the request, and has not begun on it when the bot dies."""
    held = story.stage.entra.faults.hold(_CREATE, times=1)
    showing = asyncio.create_task(browser.post("/case/show"))
    await in_state(story, "issuing")
    await _cut_off(story, showing)
    story.stage.entra.faults.clear()
    assert held.is_set()


async def _killed_after_the_create(story: Story, browser: Browser) -> None:
    """Graph has made the pass, and the bot dies before it hears of it: it is frozen meanwhile."""
    held = story.stage.entra.faults.hold(_CREATE, times=1)
    showing = asyncio.create_task(browser.post("/case/show"))
    await _reached(story, lambda: story.stage.entra.faults.waiting > 0)
    os.kill(story.stage.bot_pid, signal.SIGSTOP)
    held.set()
    await story.stage.entra.wait_for(lambda: story.stage.entra.passes_created, PATIENCE)
    await _cut_off(story, showing)


async def _cut_off(story: Story, showing: "asyncio.Task[httpx.Response]") -> None:
    await story.stage.kill_bot()
    (outcome,) = await asyncio.gather(showing, return_exceptions=True)
    assert isinstance(outcome, httpx.TransportError)


@pytest.mark.parametrize(
    "kill", [pytest.param(_killed_before_the_create, marks=pytest.mark.slow), _killed_after_the_create]
)
async def test_a_kill_while_issuing_ends_in_one_usable_pass(kill: Kill, tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        _, browser = await approved(story)
        await kill(story, browser)
        _later(story, _AN_ANSWER_LATER)
        await story.stage.start_bot()
        await in_state(story, "issue_unknown")
        await until(story, lambda: _usable(story) is None)
        # Graph may do what it was asked after the asker has died: that counts among what nobody saw.
        unseen = list(story.stage.entra.passes_created)
        page = await browser.post("/case/show")
        assert page.status_code == httpx.codes.OK
        (shown,) = [
            made.code for made in story.stage.entra.passes_created if made.code in unescape(page.text)
        ]
        assert len(story.stage.entra.passes_created) == len(unseen) + 1
        assert shown not in [made.code for made in unseen]
        assert _usable(story) == shown
        await in_state(story, "issued")
        assert (await browser.post("/case/show")).status_code == httpx.codes.CONFLICT
        assert len(story.stage.entra.passes_created) == len(unseen) + 1


_STEPS: Final = 900
"""About as many does the whole bot take from the press to the page; those of its other work come in between."""


_SAMPLES: Final = [(step, TEAMS if step % 2 else SLACK) for step in range(30, 1500, 105)]
"""And where the approver presses, by turns."""


@pytest.mark.parametrize(
    ("step", "platform"),
    [(_STEPS, SLACK), *(pytest.param(*sample, marks=pytest.mark.slow) for sample in _SAMPLES)],
)
async def test_a_death_of_the_bot_at_some_step_from_approve_to_show_never_gives_two_passes(
    step: int, platform: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The people go on as people do, and get to an end."""
    with monkeypatch.context() as patched:
        dying(patched, step)
        async with played(tmp_path) as story:
            _, browser = await opened(story)
            story.opens(APPROVER, platform)
            await settled(story)
            count_from_now(story.stage.bot_pid)
            acting = asyncio.create_task(_act(story, browser))
            dead = asyncio.create_task(story.stage.bot_ended())
            await asyncio.wait({acting, dead}, return_when=asyncio.FIRST_COMPLETED)
            # What was on its way to the browser when the bot died arrives at once, or never.
            await asyncio.wait({acting}, timeout=1)
            acting.cancel()
            await story.stage.kill_bot()
            outcome, _ = await asyncio.gather(acting, dead, return_exceptions=True)
            seen = [outcome] if isinstance(outcome, str) else []
            patched.undo()
            for _ in range(3):
                _later(story, _AN_ANSWER_LATER)
                await story.stage.start_bot()
                await in_state(story, "verified", "approved", "issued", "issue_unknown", "failed")
                if state(story) in ("issued", "failed"):
                    break
                seen += [code for code in [await _act(story, browser)] if code is not None]
                await story.stage.kill_bot()
            await _at_most_one_pass(story, seen)


async def _at_most_one_pass(story: Story, seen: list[str]) -> None:
    """One code was seen at the most; it is the one that works; and with time the case comes to its end."""
    assert len(seen) <= 1
    if seen:
        assert _usable(story) == seen[0]
    if state(story) == "issued":
        story.stage.clock.move(timedelta(hours=2))
        await in_state(story, "expired")
    assert _usable(story) is None
    assert state(story) in ("expired", "failed")


async def _act(story: Story, browser: Browser) -> str | None:
    """Approve if the card asks for it, then press *Show*; the pass that the page shows, if any."""
    if state(story) == "verified":
        try:
            await story.approve(APPROVER)
        except StoryBroken:
            # A press from before the death may be answered after this one, and its link takes the other's place.
            await story.approve(APPROVER)
        await in_state(story, "approved")
    page = await browser.post("/case/show")
    shown = [made.code for made in story.stage.entra.passes_created if made.code in unescape(page.text)]
    return shown[0] if shown else None


async def _reached(story: Story, condition: Callable[[], bool]) -> None:
    while not condition():
        await story.stage.slack.next_change(0.005)


def _usable(story: Story) -> str | None:
    """The code that would let somebody in now, as Graph has it."""
    tenant = story.stage.entra.tenant
    account = tenant.account(story.person(OWNER))
    found = account.access_pass
    return found.code if found is not None and tenant.usability(account, found)[0] else None


def _later(story: Story, seconds: float) -> None:
    story.stage.clock.move(timedelta(seconds=seconds))

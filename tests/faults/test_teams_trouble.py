"""Teams misbehaves, or the bot dies while it does: the other chat goes on, and both end with the same card."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

import httpx
import pytest

from bot.sandbox.browser import Browser
from bot.sandbox.chats import SLACK, TEAMS, Seen
from bot.sandbox.story import Story
from tests.faults.given import (
    ANSWER,
    APPROVER,
    OWNER,
    PATIENCE,
    QUESTION,
    ask,
    opened,
    played,
    ready,
    restarted,
    rows,
    settled,
    state,
    until,
)

pytestmark = pytest.mark.slow

ASKER, OTHER = "Siobhán O'Brien", "Aisha Rahman"
"""Both read English, and are in both chats."""
_AT_ONCE: Final = 2.0
"""Seconds for what should take milliseconds: the machine may be busy, and the trouble lasts longer."""


def _read(story: Story, platform: str, name: str, words: str = ANSWER) -> list[Seen]:
    chat = story.chats[platform]
    return [each for each in chat.messages(story.person(name)) if words in each.shown]


async def _reads(story: Story, platform: str, name: str, words: str = ANSWER, count: int = 1) -> None:
    """Wait until somebody has so many messages that say this, and no more of them."""
    await until(story, lambda: len(_read(story, platform, name, words)) >= count)
    assert len(_read(story, platform, name, words)) == count


async def _asks_in_teams(story: Story, name: str) -> None:
    await story.chats[TEAMS].say(story.person(name), QUESTION)


def _cards(story: Story, platform: str, words: str) -> list[Seen]:
    return [each for each in story.chats[platform].support() if words in each.shown]


async def _both_say(story: Story, words: str) -> None:
    for platform in (SLACK, TEAMS):
        await until(story, lambda at=platform: _cards(story, at, words))  # type: ignore[misc]
        assert len(_cards(story, platform, story.person(OWNER).upn)) == 1


async def test_a_key_server_that_hangs_delays_neither_health_nor_slack(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        teams, gate = story.stage.teams, story.stage.teams.published.hang()
        stuck = [asyncio.create_task(_asks_in_teams(story, ASKER)) for _ in range(8)]
        await until(story, lambda: teams.published.waiting)
        async with httpx.AsyncClient(trust_env=False) as client:
            began = time.monotonic()
            assert (await client.get(f"{story.stage.bot_url}/healthz")).status_code == httpx.codes.OK
            assert time.monotonic() - began < _AT_ONCE
        said = await ask(story, OTHER)
        assert all(each.acknowledged and each.latency < _AT_ONCE for each in said.deliveries)
        await _reads(story, SLACK, OTHER)
        assert teams.published.waiting
        gate.set()
        await asyncio.gather(*stuck)
        before = len(_read(story, TEAMS, ASKER))
        await _asks_in_teams(story, ASKER)
        await until(story, lambda: len(_read(story, TEAMS, ASKER)) > before)


async def test_one_chat_that_is_busy_down_or_refusing_does_not_hold_up_the_other(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        slack, teams = story.stage.slack.faults, story.stage.teams.faults
        troubles: list[tuple[str, str, Callable[[], None], Callable[[], None]]] = [
            (TEAMS, SLACK, lambda: teams.busy(600), teams.up),
            (SLACK, TEAMS, lambda: slack.rate_limit("chat.postMessage", times=1, retry_after=1), slack.up),
            (TEAMS, SLACK, teams.down, teams.up),
            (SLACK, TEAMS, slack.down, slack.up),
        ]
        for count, (troubled, well, begin, end) in enumerate(troubles, start=1):
            begin()
            for platform in (troubled, well):
                await story.chats[platform].say(story.person(ASKER), QUESTION)
            await _reads(story, well, ASKER, count=count)
            end()
            story.stage.clock.move(timedelta(minutes=11))
            await _reads(story, troubled, ASKER, count=count)
        story.stage.entra.login.revoke_tokens()
        await _asks_in_teams(story, OTHER)
        await _reads(story, TEAMS, OTHER)
        assert (await ready(story.stage)).status_code == httpx.codes.OK


async def test_a_lost_answer_of_teams_means_one_repeat_which_is_recorded(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        await _asks_in_teams(story, OTHER)
        await _reads(story, TEAMS, OTHER)
        await settled(story)
        # The next is the sign that an answer is being written, of which nothing depends.
        story.stage.teams.faults.lose_answer("send", times=2)
        await _asks_in_teams(story, ASKER)
        await until(story, lambda: "delivery-unknown" in story.stage.said() or None)
        story.stage.clock.move(timedelta(minutes=5))
        await _reads(story, TEAMS, ASKER, count=2)
        story.stage.clock.move(timedelta(minutes=5))
        await settled(story)
        assert len(_read(story, TEAMS, ASKER)) == 2
        query = 'SELECT state, repeated FROM outbox WHERE "user" = ?'
        assert rows(story.stage, query, story.person(ASKER).object_id) == [("sent", 1)]


async def _killed_before_the_answer(story: Story) -> None:
    """The press is taken, and the process dies while Graph is asked who may decide."""
    story.opens(APPROVER, TEAMS)
    card = await story.card(story.chats[TEAMS])
    held = story.stage.entra.faults.hold("*", times=1)
    pressing = asyncio.create_task(story.presses(APPROVER, card, "approvals.approve"))
    await until(story, lambda: story.stage.entra.faults.waiting > 0)
    await story.stage.kill_bot()
    held.set()
    await pressing
    assert story.stage.teams.complaints
    story.stage.clock.move(timedelta(seconds=61))
    await story.stage.start_bot(within=3 * PATIENCE)
    who = story.person(APPROVER)
    links = await until(
        story, lambda: [link for each in story.chats[TEAMS].messages(who) for link in each.links]
    )
    assert (await story.decide_by(links[0], APPROVER)).status_code == httpx.codes.OK


async def _killed_between_the_cards(story: Story) -> None:
    """Approved in Slack, where the card says so; Teams takes nothing, and the process dies."""
    story.stage.teams.faults.down()
    known = await story.sign_in_link(APPROVER, "approvals.approve")
    assert (await story.decide_by(known, APPROVER)).status_code == httpx.codes.OK
    await until(story, lambda: _cards(story, SLACK, "Godkjent"))
    await story.stage.kill_bot()
    story.stage.teams.faults.up()
    story.stage.clock.move(timedelta(seconds=61))
    await story.stage.start_bot(within=3 * PATIENCE)


async def _killed_while_a_card_is_changed(story: Story) -> None:
    """Teams has changed its card, and the process dies before it hears of it."""
    held = story.stage.teams.faults.hold("update")
    known = await story.sign_in_link(APPROVER, "approvals.approve")
    assert (await story.decide_by(known, APPROVER)).status_code == httpx.codes.OK
    await until(story, lambda: _cards(story, TEAMS, "Godkjent"))
    await story.stage.kill_bot()
    held.set()
    story.stage.clock.move(timedelta(seconds=61))
    await story.stage.start_bot(within=3 * PATIENCE)


@pytest.mark.parametrize(
    "kill", [_killed_before_the_answer, _killed_between_the_cards, _killed_while_a_card_is_changed]
)
async def test_a_power_cut_in_a_case_of_both_chats_ends_in_one_pass_and_two_equal_cards(
    kill: Callable[[Story], Awaitable[None]], tmp_path: Path
) -> None:
    async with played(tmp_path) as story:
        _, browser = await opened(story)
        await _both_say(story, "venter på at en av dere bestemmer")
        await settled(story)
        await kill(story)
        await _both_say(story, "Godkjent av")
        assert rows(story.stage, "SELECT count(*) FROM approval") == [(1,)]
        await _shown_once(story, browser)


async def _shown_once(story: Story, browser: Browser) -> None:
    assert (await browser.post("/case/show")).status_code == httpx.codes.OK
    assert len(story.stage.entra.passes_created) == 1
    await _both_say(story, "Passet er vist")


async def test_what_comes_again_from_teams_happens_once(tmp_path: Path) -> None:
    """After 15 seconds the same activity; after a press that took long, another with a new id."""
    async with played(tmp_path) as story:
        teams = story.stage.teams
        await _asks_in_teams(story, ASKER)
        await _reads(story, TEAMS, ASKER)
        _, browser = await opened(story)
        story.opens(APPROVER, TEAMS)
        await story.approve(APPROVER)
        card = await story.card(story.chats[TEAMS])
        told = list(teams.deliveries)
        before = [len(story.chats[TEAMS].messages(story.person(name))) for name in (ASKER, OWNER, APPROVER)]
        for each in told:
            assert (await teams.redeliver(each)).acknowledged
            assert (await teams.replay(each)).acknowledged
        await story.chats[TEAMS].press(story.person(APPROVER), card, "approvals.approve", crossed=True)
        await settled(story)
        assert "har gått videre" in teams.toasts(story.person(APPROVER).object_id)[-1]
        after = [len(story.chats[TEAMS].messages(story.person(name))) for name in (ASKER, OWNER, APPROVER)]
        assert after == before
        assert rows(story.stage, "SELECT count(*) FROM approval") == [(1,)]
        await _shown_once(story, browser)


async def test_a_chat_deleted_an_app_taken_away_and_a_block(tmp_path: Path) -> None:
    """The news goes to a new chat, or to Slack alone; and to Teams again once the app is back."""
    async with played(tmp_path) as story:
        teams, who = story.stage.teams, story.person(OWNER)
        await story.chats[TEAMS].say(who, "Hva er et midlertidig tilgangspass?")
        await _reads(story, TEAMS, OWNER, "Bruk et midlertidig tilgangspass")
        teams.delete_chat(who.object_id)
        _, browser = await opened(story)
        for platform in (SLACK, TEAMS):
            await _reads(story, platform, OWNER, "Vi har sett at det er deg")
        assert not _read(story, TEAMS, OWNER, "Bruk et midlertidig tilgangspass")
        await teams.uninstall(who.object_id)
        await settled(story)
        await story.approve(APPROVER)
        await _reads(story, SLACK, OWNER, "er godkjent")
        await settled(story)
        assert not _read(story, TEAMS, OWNER, "er godkjent")
        await teams.install(who.object_id)
        await settled(story)
        assert (await browser.post("/case/show")).status_code == httpx.codes.OK
        await _reads(story, TEAMS, OWNER, "er vist")
        teams.block(who.object_id)
        await restarted(story)
        story.stage.clock.move(timedelta(hours=2))
        await until(story, lambda: state(story) == "expired")
        await _reads(story, SLACK, OWNER, "gikk ut")
        await settled(story)
        assert not _read(story, TEAMS, OWNER, "gikk ut")

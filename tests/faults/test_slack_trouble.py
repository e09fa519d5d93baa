"""Slack misbehaves: everything arrives, once wherever that can be known."""

from pathlib import Path

import httpx
import pytest

from tests.faults.given import (
    OWNER,
    answered,
    answers,
    ask,
    opened,
    played,
    ready,
    rows,
    unready,
    until,
)

_PEOPLE = ("Siobhán O'Brien", "Priya Nair", "Kari Bråten", "Leif Åsen", "Wei Zhang", "Torunn Bø")


async def test_a_storm_of_429_delays_and_loses_nothing(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        story.stage.slack.faults.rate_limit("chat.postMessage", times=15)
        for name in _PEOPLE * 2:
            await ask(story, name)
        for name in _PEOPLE:
            await answered(story, name, 2)
        assert rows(story.stage, "SELECT count(*) FROM outbox WHERE state = 'sent' AND NOT repeated") == [
            (12,)
        ]


async def test_a_lost_answer_means_one_repeat_which_is_recorded(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        story.stage.slack.faults.lose_answer("chat.postMessage")
        await ask(story, _PEOPLE[0])
        await until(story, lambda: answers(story, _PEOPLE[0]))
        await until(story, lambda: "delivery-unknown" in story.stage.said() or None)
        story.stage.clock.move_to(story.stage.clock.now().replace(minute=5))
        await answered(story, _PEOPLE[0], 2)
        assert rows(story.stage, "SELECT state, repeated FROM outbox") == [("sent", 1)]


@pytest.mark.slow
async def test_a_removed_app_is_named_and_the_pages_go_on(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        _, browser = await opened(story)
        await story.stage.slack.uninstall()
        assert "slack.bot_token is refused by Slack" in await unready(story.stage)
        pid = story.stage.bot_pid
        page = await browser.get("/case")
        assert page.status_code == httpx.codes.OK
        assert story.person(OWNER).upn in page.text
        assert story.stage.bot_pid == pid
        assert await story.stage.stop_bot() == 0


@pytest.mark.slow
async def test_a_revoked_token_is_noticed_without_being_told(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        story.stage.slack.revoke_token()
        assert "slack.bot_token is refused by Slack" in await unready(story.stage)


@pytest.mark.slow
async def test_what_was_asked_just_before_slack_went_away_is_answered_when_it_is_back(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        story.stage.slack.faults.down()
        await ask(story, _PEOPLE[0])
        await until(story, lambda: "event-retried" in story.stage.said() or None)
        assert not answers(story, _PEOPLE[0])
        story.stage.slack.faults.up()
        story.stage.clock.move_to(story.stage.clock.now().replace(minute=5))
        await answered(story, _PEOPLE[0])
        assert (await ready(story.stage)).status_code == httpx.codes.OK

"""What becomes of questions in the running bot: judged by their askers, listed for support, read, forgotten."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from bot.sandbox.slack.records import Message
from bot.sandbox.story import Story
from tests.bot.reader_emulator import ReaderEmulator, picks
from tests.faults.given import PATIENCE, answered, ask, played, rows, settled, slack_id, until

ASKER: Final = "Siobhán O'Brien"
OTHER: Final = "Kari Bråten"
MONDAY: Final = datetime(2027, 1, 11, 8, 30, tzinfo=UTC)
"""Half past nine in Oslo, in the week after the story begins."""


async def _press(story: Story, name: str, message: Message, action: str, record: str = "") -> None:
    await story.stage.slack.press(
        slack_id(story, name),
        message.channel,
        message.ts,
        lambda control: (
            control.action_id.split("#")[0] == action and (control.value or "").startswith(record)
        ),
    )


async def _restarted(story: Story, at: datetime) -> None:
    """The bot is stopped, time goes by, and it comes back. On a busy machine that takes a while."""
    await story.stage.stop_bot()
    story.stage.clock.move_to(at)
    await story.stage.start_bot(within=3 * PATIENCE)


async def test_an_answer_that_is_no_help_leads_on_and_support_hears_of_it(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        await ask(story, ASKER, "I have lost my phone")
        [first] = await answered(story, ASKER)
        assert [control.label for control in first.controls][-2:] == ["Didn't help", "Talk to a person"]
        await _press(story, ASKER, first, "questions.unhelpful")
        await _press(story, ASKER, first, "questions.unhelpful")
        offer = (await answered(story, ASKER, 2))[-1]
        assert offer.shown.startswith("Sorry about that.")
        topics = [control.value for control in offer.controls if control.value]
        assert all(topic.endswith(":1") for topic in topics)
        await _press(story, ASKER, offer, "questions.topic", topics[0])
        await answered(story, ASKER, 3)
        await ask(story, OTHER, "what do you know about the weather on Mars? 45 67 89 01")
        await answered(story, OTHER)

        asked = rows(story.stage, "SELECT kind, chosen, helpful FROM question ORDER BY id")
        assert asked == [("answer", topics[0].split(":")[0], 0), ("handover", None, None)]

        await _restarted(story, MONDAY)
        await until(story, lambda: story.stage.slack.messages(story.stage.slack.support_channel))
        await _restarted(story, MONDAY + timedelta(hours=1))
        await settled(story)
        [listed] = story.stage.slack.messages(story.stage.slack.support_channel)
        for words in (
            "Spørsmål som trenger et bedre svar",
            "hjalp ikke: 1",
            "uten svar: 1",
            "the weather on …",
        ):
            assert words in listed.shown
        for canary in ("Mars", "45 67", "Siobh", slack_id(story, ASKER)):
            assert canary not in listed.shown

        await _restarted(story, MONDAY + timedelta(days=120))
        async with asyncio.timeout(PATIENCE):
            while rows(story.stage, "SELECT id FROM question"):
                await story.stage.slack.next_change(0.1)


@pytest.mark.slow
async def test_the_reader_of_the_settings_is_asked(tmp_path: Path) -> None:
    async with ReaderEmulator(key="", respond=picks("no-smartphone")) as service, played(tmp_path) as story:
        await story.stage.stop_bot()
        with story.stage.config.open("a", encoding="utf-8") as file:
            file.write(f"answers:\n  reader: {{url: '{service.url}', model: {service.model}}}\n")
        await story.stage.start_bot(within=3 * PATIENCE)
        await ask(story, ASKER, "what about the spaceship of O'Brien")
        [answer] = await answered(story, ASKER)
        assert answer.shown.startswith("Without a smartphone")
    assert service.refused == []
    [body] = service.bodies
    assert "spaceship" in repr(body)
    assert "Brien" not in service.raw[0]

"""Talking to a person: what each side saw, in order, with the real bot between them."""

import asyncio
from pathlib import Path
from typing import Final

import pytest

from bot.sandbox.slack.records import Kind, Message
from bot.sandbox.story import Story
from bot.settings import SlackMode
from tests.faults.given import PATIENCE, played, restarted, rows, settled, slack_id, until

PERSON: Final = "Siobhán O'Brien"
SUPPORT: Final = "Ingrid Solbakken"
NUMBER: Final = "010190 12345"
PASS: Final = "x4TpQ9rZ"


class Talk:
    """What the two do, and what they see."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.slack = story.stage.slack

    async def writes(self, text: str) -> None:
        """The person writes to the bot in private."""
        await self.slack.say(slack_id(self.story, PERSON), text)

    async def answers(self, text: str) -> None:
        """Support writes in the thread of the card."""
        channel = self.slack.support_channel
        card = self.card()
        await self.slack.say(slack_id(self.story, SUPPORT), text, channel=channel, thread_ts=card.ts)

    async def press(self, name: str, message: Message, action: str) -> None:
        """Somebody presses a button."""
        await self.slack.press(
            slack_id(self.story, name),
            message.channel,
            message.ts,
            lambda control: control.action_id.split("#")[0] == action,
        )

    def card(self) -> Message:
        """The card in the support channel."""
        [card] = [each for each in self._channel() if "vil snakke med dere" in each.shown]
        return card

    def thread(self) -> list[str]:
        """What the bot wrote below it."""
        root = self.card().ts
        below = [each for each in self._channel() if each.thread_ts == root and each.ts != root]
        return [each.shown for each in below if each.by_bot]

    def seen(self) -> list[str]:
        """What the bot wrote to the person."""
        return [each.shown for each in self.slack.from_bot(slack_id(self.story, PERSON))]

    def last(self) -> Message:
        """The newest of these."""
        return self.slack.from_bot(slack_id(self.story, PERSON))[-1]

    async def has_seen(self, words: str) -> Message:
        """Wait until the person reads this in the newest message."""
        await until(self.story, lambda: self.seen() and words in self.seen()[-1])
        return self.last()

    async def stands(self, words: str) -> None:
        """Wait until this is the newest in the thread."""
        await until(self.story, lambda: self.thread() and words in self.thread()[-1])

    async def opened(self) -> Message:
        """The person asks, gets no help, and presses "Talk to a person"."""
        await self.writes("what do you know about the weather on Mars")
        answer = await self.has_seen("no good answer")
        await self.press(PERSON, answer, "questions.person")
        return await self.has_seen("Support knows that you want to talk")

    def _channel(self) -> tuple[Message, ...]:
        return self.slack.messages(self.slack.support_channel)


@pytest.mark.parametrize("mode", [SlackMode.HTTP, pytest.param(SlackMode.SOCKET, marks=pytest.mark.slow)])
async def test_a_conversation_from_beginning_to_end(mode: SlackMode, tmp_path: Path) -> None:
    async with played(tmp_path, mode=mode) as story:
        talk = Talk(story)
        first = await talk.opened()
        assert "Somebody answers you here as soon as they can" in first.shown
        card = talk.card().shown
        for words in (
            f"{PERSON} vil snakke med dere",
            "what do you know about the weather on Mars",
            "Chatten beviser ikke hvem dette er",
            story.person(PERSON).upn,
        ):
            assert words in card

        await talk.writes(f"Hello <!channel> @channel\nmy number is {NUMBER}, *bold*")
        await talk.stands("Hello")
        await talk.has_seen("I left out a number or a code")
        await talk.answers(f"Hei, prøv {PASS}")
        await talk.has_seen("Ingrid Solbakken at support:")
        assert talk.seen()[-1].endswith("Hei, prøv …")
        await talk.stands("Jeg utelot et tall eller en kode")
        await talk.writes("Thank you")
        await talk.stands("Thank you")
        await talk.press(PERSON, first, "relay.end")
        await talk.has_seen("You have ended the conversation")
        await talk.stands(f"{PERSON} har avsluttet samtalen")
        await until(story, lambda: f"{PERSON} avsluttet samtalen" in talk.card().shown)
        await settled(story)

        said = [text.replace("*", "").split(":")[0] for text in talk.thread()]
        writes = f"{PERSON} skriver"
        assert said == [
            writes,
            "Ingrid Solbakken",
            writes,
            f"{PERSON} har avsluttet samtalen. Det dere skriver her, når ingen lenger.",
        ]
        assert not [control for control in talk.card().controls if control.action_id == "relay.end"]
        await _nothing_leaks(talk)

        await talk.writes("what is a temporary access pass?")
        await talk.has_seen("Use a temporary access pass")
        assert len(talk.thread()) == 4
        await talk.answers("er du der?")
        await talk.stands("Ingrid Solbakken: Denne samtalen er over")
        assert not talk.slack.complaints


async def _nothing_leaks(talk: Talk) -> None:
    """No number or pass went on, nobody is called, and nothing is kept of what was said."""
    relayed = [call.args for call in talk.slack.calls_of("chat.postMessage")]
    sent = repr(relayed)
    for canary in (NUMBER, "12345", PASS, "<!channel>", "<!here>"):
        assert canary not in sent
    notified = [name for each in talk.slack.every_message if each.by_bot for name in each.notified]
    assert notified == []
    stage = talk.story.stage
    for file in stage.folder.iterdir():
        if file.is_file():
            for canary in (NUMBER, PASS):
                assert canary.encode() not in file.read_bytes(), file.name
    async with asyncio.timeout(PATIENCE):
        while rows(stage, "SELECT count(*) FROM relay_line WHERE data IS NOT NULL") != [(0,)]:
            await talk.slack.next_change(0.1)


async def test_support_ends_it_and_says_what_it_was_about(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        talk = Talk(story)
        await talk.opened()
        await talk.press(SUPPORT, talk.card(), "relay.topic")
        form = await until(story, lambda: talk.slack.view(slack_id(story, SUPPORT)))
        await talk.slack.submit(slack_id(story, SUPPORT), form.id, {"topic": "new-phone"})
        await until(story, lambda: "Det gjaldt: " in talk.card().shown)
        assert rows(story.stage, "SELECT marked FROM question") == [("new-phone",)]
        await talk.press(SUPPORT, talk.card(), "relay.end")
        await talk.has_seen("Ingrid Solbakken at support has ended the conversation")
        await until(story, lambda: "Ingrid Solbakken avsluttet samtalen" in talk.card().shown)


@pytest.mark.slow
async def test_what_comes_again_is_said_once(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        talk = Talk(story)
        await talk.opened()
        await talk.writes("one")
        await talk.answers("two")
        await talk.has_seen("two")
        await talk.stands("one")
        await settled(story)
        before = talk.slack.every_message
        again = [each for each in talk.slack.deliveries if not each.retry_number]
        for each in again:
            if each.kind is Kind.EVENT:
                await talk.slack.redeliver(each)
            else:
                await talk.slack.replay(each)
        await settled(story)
        assert talk.slack.every_message == before


@pytest.mark.slow
async def test_a_power_cut_loses_and_doubles_nothing(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        talk = Talk(story)
        await talk.opened()
        for number in range(6):
            await talk.writes(f"word {number}")
            if number == 2:
                await restarted(story)
        await talk.answers("and back")
        await until(story, lambda: len(talk.thread()) >= 6, 3 * PATIENCE)
        await talk.has_seen("and back")
        assert [text.split("\n")[-1] for text in talk.thread()] == [f"word {number}" for number in range(6)]

"""From the question to the app on the account, in Slack: what each person sees, press by press, in each language."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import httpx
import pytest

from bot.sandbox.slack.records import Control, Message
from bot.sandbox.stage import Stage, stage
from bot.sandbox.world import Resident
from graph.methods import Kind

EN: Final = (
    "Which phone do you have?",
    "Step 1 of 5: get the app",
    "Step 2 of 5: open the page on your computer",
    "Step 3 of 5: add the app there",
    "Step 4 of 5: scan the QR code",
    "Step 5 of 5: answer the test",
)
NB: Final = (
    "Hva slags telefon har du?",
    "Steg 1 av 5: Skaff deg appen",
    "Steg 2 av 5: Åpne siden på datamaskinen",
    "Steg 3 av 5: Legg til appen der",
    "Steg 4 av 5: Skann QR-koden",
    "Steg 5 av 5: Svar på prøven",
)
NN: Final = (
    "Kva slags telefon har du?",
    "Steg 1 av 5: Skaff deg appen",
    "Steg 2 av 5: Opne sida på datamaskina",
    "Steg 3 av 5: Legg til appen der",
    "Steg 4 av 5: Skann QR-koden",
    "Steg 5 av 5: Svar på prøva",
)


@dataclass
class Guided:
    """Somebody in Slack who is taken through a guide."""

    playing: Stage
    who: Resident

    @property
    def slack_id(self) -> str:
        assert self.who.slack_id is not None
        return self.who.slack_id

    @property
    def messages(self) -> tuple[Message, ...]:
        return self.playing.slack.from_bot(self.slack_id)

    async def ask(self, question: str) -> None:
        """Write to the bot, and get an answer."""
        before = len(self.messages)
        await self.playing.slack.say(self.slack_id, question)
        await self.playing.slack.wait_for(lambda: self.messages[before:], 15)

    async def is_offered(self, topic: str) -> Control:
        """The button that begins a guide, under the answer to this topic, chosen from several if need be."""

        def about(control: Control) -> bool:
            named = (control.value or "").partition(":")[0]
            return control.action_id.startswith("questions.topic") and named == topic

        if any(map(about, self.messages[-1].controls)):
            before, message = len(self.messages), self.messages[-1]
            await self.playing.slack.press(self.slack_id, message.channel, message.ts, about)
            await self.playing.slack.wait_for(lambda: self.messages[before:], 15)
        return self.messages[-1].control("setup.start")

    async def begin(self) -> None:
        """Press that button: the card of the guide comes below."""
        before = len(self.messages)
        await self.press("setup.start")
        await self.has(before + 1)

    async def press(self, action: str, at: int = -1) -> None:
        """Press a button of a message."""

        def wanted(control: Control) -> bool:
            return control.action_id.split("#")[0] == action

        message = self.messages[at]
        await self.playing.slack.press(self.slack_id, message.channel, message.ts, wanted)

    async def has(self, number: int) -> None:
        """Wait until there are so many messages."""
        await self.playing.slack.wait_for(lambda: len(self.messages) >= number, 15)
        assert len(self.messages) == number

    async def sees(self, words: str, at: int = -1) -> Message:
        """Wait until a message says so."""
        await self.playing.slack.wait_for(lambda: words in self.messages[at].shown, 15)
        return self.messages[at]


@pytest.fixture
async def playing(tmp_path: Path) -> AsyncIterator[Stage]:
    async with stage(tmp_path) as opened:
        await opened.start_bot()
        yield opened
        assert not opened.slack.complaints


@pytest.mark.parametrize(
    ("name", "question", "press", "steps", "done"),
    [
        pytest.param(
            "Priya Nair",
            "How do I set up two-factor?",
            "setup.iphone",
            EN,
            "Done!",
            marks=pytest.mark.slow,
        ),
        (
            "Pål Grønvold",
            "Hvordan setter jeg opp tofaktor?",
            "setup.android",
            NB,
            "Ferdig!",
        ),
        pytest.param(
            "Sunniva Østby",
            "Korleis set eg opp tofaktor?",
            "setup.iphone",
            NN,
            "Ferdig!",
            marks=pytest.mark.slow,
        ),
    ],
)
async def test_from_the_question_to_the_app_on_the_account(
    playing: Stage, name: str, question: str, press: str, steps: tuple[str, ...], done: str
) -> None:
    person = Guided(playing, playing.world.named(name))
    await person.ask(question)
    assert (await person.is_offered("setup")).value == "setup"
    await person.begin()
    told = len(person.messages)
    await person.sees(steps[0])
    await person.press(press)
    card = await person.sees(steps[1])
    [page] = [link for link in card.links if link.startswith(playing.bot_url)]
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        opened = await client.get(page)
    assert opened.text.count("<svg") == 2
    assert f'<html lang="{person.who.language}">' in opened.text
    for words in steps[2:]:
        await person.press("setup.next")
        await person.sees(words)
    playing.entra.devices.register_authenticator(person.who, "Pixel 9")
    await person.press("setup.next")
    end = await person.sees(done)
    assert "Pixel 9" in end.shown
    assert len(person.messages) == told, "one card, which changed in place"


async def test_stuck_a_question_in_between_a_restart_and_on(playing: Stage) -> None:
    priya = Guided(playing, playing.world.named("Priya Nair"))
    await priya.ask("How do I set it up?")
    await priya.is_offered("setup")
    await priya.begin()
    card = len(priya.messages) - 1
    await priya.sees(EN[0])
    await priya.press("setup.android")
    await priya.sees(EN[1])
    await priya.press("setup.stuck")
    tips = await priya.sees("Google Play on the phone?")
    assert {control.action_id for control in tips.controls} == {"setup.return", "questions.person"}
    await priya.ask("I have lost my phone")
    answers = len(priya.messages)
    await priya.press("questions.person", at=card)
    await priya.playing.slack.wait_for(lambda: len(priya.messages) > answers, 15)
    await playing.stop_bot()
    playing.clock.move(timedelta(days=5))
    await playing.start_bot()
    await priya.press("setup.return", at=card)
    await priya.sees(EN[1], at=card)
    await priya.press("setup.next", at=card)
    await priya.sees(EN[2], at=card)


async def test_to_a_new_phone_and_rid_of_the_old_one(playing: Stage) -> None:
    leif = Guided(playing, playing.world.named("Leif Åsen"))
    await leif.ask("Korleis byter eg til ny telefon?")
    assert (await leif.is_offered("new-phone")).value == "new-phone"
    await leif.begin()
    await leif.sees("Kva slags telefon er den nye?")
    await leif.press("setup.iphone")
    for words in NN[1:]:
        await leif.sees(words)
        if words == NN[-1]:
            playing.entra.devices.register_authenticator(leif.who, "iPhone 17")
        await leif.press("setup.next")
    shown = await leif.sees("Den nye telefonen verkar. Fjern no den gamle")
    assert "iPhone 17" in shown.shown
    account = playing.entra.tenant.account(leif.who)
    [old] = [it.id for it in account.methods if it.kind is Kind.AUTHENTICATOR and it.name == "iPhone 13"]
    playing.entra.devices.remove_method(leif.who, old)
    playing.clock.move(timedelta(minutes=1))
    await leif.press("setup.next")
    await leif.sees("Den gamle er borte")
    assert playing.entra.sent("DELETE", "/") == []

"""What is typed finds its feature: each command that a platform offers, in each language, is understood as meant."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Final

import pytest

from bot.app.features import Features
from bot.eid.building import eids_of
from bot.gateways.building import gateways_of
from bot.guide import words_of
from bot.manifest.teams import commands_of
from bot.render.words import Words
from bot.sandbox.world import FJORDHEIM
from bot.settings import Settings
from graph.mail import Mails
from handlers.events import Asked, Event, Installed, Person, Place, Removed
from handlers.messages import (
    Answer,
    ColleagueStart,
    Data,
    Language,
    Languages,
    SetupStep,
    Welcome,
)
from handlers.router import Router
from handlers.typed import pressed
from tests.handlers.rig import NORA, SUPPORT, Rig, opened_rig

KEY: Final = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="
APART: Final = timedelta(minutes=20)
_PERSON: Final = Person("slack", "T1", "U1")
_NUMBERS: Final = count(1)


@pytest.fixture
async def routed(sqlite_url: str, tmp_path: Path) -> AsyncIterator[tuple[Rig, Router, Words]]:
    """The router as the product builds it, with a chat in memory."""
    settings = Settings.model_validate(
        {
            "slack": {"workspace_ids": FJORDHEIM.slack_workspace, "support_channel": SUPPORT.conversation},
            "secrets": {"audit_key": KEY, "evidence_key": KEY},
        }
    )
    async with AsyncExitStack() as stack:
        rig = await stack.enter_async_context(opened_rig(sqlite_url, tmp_path))
        users, words = rig.directory.users, words_of(settings)
        eids = await stack.enter_async_context(eids_of(settings, users))
        channels = await stack.enter_async_context(
            gateways_of(settings, users, Mails(rig.graph), words, rig.clock)
        )
        features = Features.build(
            settings, rig.clock, rig.database, rig.directory, rig.chats, words, eids, None, channels, None
        )
        yield rig, features.router, words


async def test_every_command_on_offer_is_understood(routed: tuple[Rig, Router, Words]) -> None:
    rig, router, words = routed
    private = Place("slack", f"private:{rig.person(NORA).user}", private=True)

    async def answer(event: Event) -> Data:
        before = len(rig.chat.everything)
        await router.handle(event)
        await rig.delivered()
        rig.clock.move(APART)
        (*_, newest) = rig.chat.everything[before:]
        assert newest.reference.place.private is (not isinstance(event, Asked) or event.place.private)
        return newest.data

    async def said(text: str, place: Place) -> Data:
        return await answer(Asked(f"said-{next(_NUMBERS)}", rig.person(NORA), place, text))

    for language in Language:
        every = words.app(language).commands
        assert isinstance(await said(every.help.say, private), Welcome), language
        assert isinstance(await said(every.setup.say, private), SetupStep), language
        assert isinstance(await said(every.colleague.say, private), ColleagueStart), language
        assert isinstance(await said(every.language.say, private), Languages), language
        for command, topic in (
            (every.lost_phone, "lost-phone"),
            (every.new_phone, "new-phone"),
            (every.person, "contact-support"),
        ):
            data = await said(command.say, private)
            assert isinstance(data, Answer), command
            assert data.topic == topic
        in_channel = [await said(it.say, SUPPORT) for it in commands_of(words.app(language))["team"]]
        assert isinstance(in_channel[0], Welcome)
        assert [it.topic for it in in_channel if isinstance(it, Answer)] == ["lost-phone", "new-phone"]

    assert isinstance(await answer(Installed("added", rig.person(NORA), private)), Welcome)
    await router.handle(Removed("removed", rig.person(NORA)))


@pytest.mark.parametrize(
    "text", ["How do I set it up?", "set up a meeting", "kollega er syk", "", "person nummer"]
)
def test_a_question_is_no_command(text: str) -> None:
    event = Asked("e", _PERSON, Place("slack", "D1", private=True), text)
    assert pressed(event) is None


def test_what_is_typed_where_others_read_is_a_question() -> None:
    assert pressed(Asked("e", _PERSON, SUPPORT, "Set it up")) is None

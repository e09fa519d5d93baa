"""Whom the app greets when it is added, once; and who is written to no more when it is taken away."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from bot.sandbox.world import FJORDHEIM
from handlers.events import Installed, Place, Removed
from handlers.messages import ChannelWelcome, Data, Language, Welcome
from handlers.records import ConversationReference
from handlers.store import inbox, references
from handlers.welcome import Welcomes
from tests.handlers.rig import INGRID, MINUTE, NORA, SUPPORT, Rig, profile_of

DAY = timedelta(days=1)
_NUMBERS = count(1)


def welcomes(rig: Rig) -> Welcomes:
    """As built in the product."""
    return Welcomes(rig.database, rig.people, rig.clock)


async def added(rig: Rig, name: str = NORA, place: Place | None = None, id: str = "") -> None:
    """Somebody adds the app."""
    person = rig.person(name)
    private = Place("slack", f"private:{person.user}", private=True)
    event = Installed(id or f"added-{next(_NUMBERS)}", person, place or private)
    await welcomes(rig).installed(event)
    await rig.delivered()


def told(rig: Rig) -> list[tuple[Data, Language, bool]]:
    """What stands anywhere, in which language, and whether in private."""
    return [(it.data, it.language, it.reference.place.private) for it in rig.chat.everything]


async def test_whoever_adds_the_app_is_greeted_in_private_in_their_language(rig: Rig) -> None:
    rig.chat.put(replace(profile_of(FJORDHEIM.named(NORA)), locale="nn-NO"))
    await added(rig)
    assert told(rig) == [(Welcome(Language.NN, is_first=True), Language.NN, True)]
    assert [action.name for action in Welcome(Language.NN, is_first=True).actions][:3] == [
        "setup.start",
        "questions.topic",
        "questions.person",
    ]


async def test_one_greeting_a_day_however_often_it_is_added_and_told(rig: Rig) -> None:
    await added(rig, id="one")
    await added(rig, id="one")
    await added(rig)
    assert len(told(rig)) == 1
    rig.clock.move(DAY * 2)
    await added(rig)
    await added(rig)
    assert len(told(rig)) == 2


async def test_a_channel_hears_once_what_can_be_asked_there(rig: Rig) -> None:
    await added(rig, INGRID, SUPPORT)
    await added(rig, NORA, SUPPORT)
    await added(rig, INGRID)
    assert [(data, private) for data, _, private in told(rig)] == [
        (ChannelWelcome(), False),
        (Welcome(Language.NB, is_first=True), True),
    ]


@pytest.mark.parametrize("refusal", ["guest", "bot", "deactivated", "other-workspace"])
async def test_who_is_not_served_is_not_greeted(rig: Rig, refusal: str) -> None:
    rig.chat.put(replace(profile_of(FJORDHEIM.named(NORA)), refusal=refusal))
    await added(rig)
    await added(rig, place=SUPPORT)
    assert told(rig) == []


@pytest.mark.parametrize("came_back", [False, True])
async def test_who_takes_the_app_away_is_forgotten_unless_they_came_back(rig: Rig, came_back: bool) -> None:
    nora, removed = rig.person(NORA), Removed("gone", rig.person(NORA))
    async with rig.database.transaction() as session:
        await references.renew(session, _reference(rig))
        await inbox.receive(session, removed, rig.clock.now())
    rig.clock.move(MINUTE)
    if came_back:
        async with rig.database.transaction() as session:
            await references.renew(session, _reference(rig))
    await welcomes(rig).removed(removed)
    async with rig.database.reading() as session:
        assert (await references.of_person(session, nora) is not None) is came_back


def _reference(rig: Rig) -> ConversationReference:
    nora = rig.person(NORA)
    return ConversationReference(
        tenant=nora.tenant,
        conversation="a:1",
        user=nora.user,
        service_url="https://one.example",
        seen_at=rig.clock.now(),
    )

"""What every chat keeps to: the promises of ``handlers.ports.Chat``, written once."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Protocol

import pytest

from handlers.events import Person, Place
from handlers.messages import (
    Data,
    Greeting,
    Home,
    Language,
    NotAllowed,
    NotServed,
    RelayTopicForm,
    RelayTopicSet,
    Unanswered,
)
from handlers.ports import (
    Chat,
    FormExpired,
    OutcomeUnknown,
    Profile,
    Reference,
    Rejected,
    TryLater,
    Unreachable,
)

EN, NB, NN = Language
HELLO, THANKS, SORRY = Greeting(), Greeting(thanks=True), Unanswered()
TOO_LATE = NotAllowed("too-late")
HOME = Home(Language.EN, "everything", date(2027, 1, 18))
FORM = RelayTopicForm("0f6b2c1e5a514a8f", "Koden kommer ikke")
READY = Home(Language.NN, "nothing", methods=("authenticator",))


class ChatRig(Protocol):
    """One chat with people in it, and eyes to see through."""

    @property
    def chat(self) -> Chat:
        """The one under test."""
        ...

    @property
    def has_pages(self) -> bool:
        """Whether the bot has a page of its own on this platform."""
        ...

    @property
    def answers_forms(self) -> bool:
        """Whether a form is the answer to a press, so that opening one asks the platform for nothing."""
        ...

    @property
    def anna(self) -> Profile:
        """An ordinary person, as the platform must describe her."""
        ...

    @property
    def berit(self) -> Person:
        """Another ordinary person. Both are in the channel."""
        ...

    @property
    def refused(self) -> Sequence[tuple[Person, str]]:
        """People who may not be served, with the reason."""
        ...

    @property
    def nobody(self) -> Person:
        """An id that the platform does not know."""
        ...

    @property
    def channel(self) -> Place:
        """Where both are."""
        ...

    @property
    def elsewhere(self) -> Place:
        """A conversation that does not exist."""
        ...

    def seen(self, person: Person, place: Place) -> Sequence[str]:
        """What this person sees there now, oldest first."""
        ...

    def said(self, data: Data, language: Language) -> str:
        """How these data look in ``seen``."""
        ...

    def page(self, person: Person) -> str | None:
        """What the bot's own page shows this person."""
        ...

    def published(self, data: Data, language: Language) -> str:
        """How a page with these data looks in ``page``."""
        ...

    def form(self, person: Person) -> str | None:
        """The form in front of this person, as ``asked`` says it."""
        ...

    def asked(self, data: Data, language: Language) -> str:
        """How a form with these data looks in ``form``."""
        ...

    async def pressed(self, person: Person) -> str:
        """A fresh opener of this person."""
        ...

    async def expire(self, opener: str) -> None:
        """Let the opener grow too old."""
        ...

    async def submitted(self, person: Person) -> str:
        """This person sends in the open form; the opener that replaces it."""
        ...

    async def closed(self, person: Person) -> None:
        """This person closes the form."""
        ...

    def busy(self, method: str, seconds: int) -> None:
        """The platform will ask for a pause at the next call of this method of the port."""
        ...

    def lose_answer(self, method: str) -> None:
        """The next call of this method is carried out, and its answer lost."""
        ...

    def without_pages(self) -> None:
        """From now on the bot has no page of its own."""
        ...

    def revoke(self) -> None:
        """The platform takes our token no longer."""
        ...


class ChatContract:
    """Run for every chat by a class that has a fixture ``rig``."""

    async def _call(self, rig: ChatRig, method: str) -> Callable[[], Awaitable[object]]:
        """A call of this method that would work."""
        chat, anna = rig.chat, rig.anna.person
        reference = await chat.send(rig.channel, HELLO, EN)
        opener = await rig.pressed(anna) if method == "open_form" else ""
        calls: dict[str, Callable[[], Awaitable[object]]] = {
            "send": lambda: chat.send(rig.channel, THANKS, EN),
            "update": lambda: chat.update(reference, THANKS, EN),
            "whisper": lambda: chat.whisper(rig.channel, anna, THANKS, EN),
            "private": lambda: chat.private(anna),
            "profile": lambda: chat.profile(anna),
            "find": lambda: chat.find(rig.anna.email or ""),
            "home": lambda: chat.home(anna, HOME, EN),
            "open_form": lambda: chat.open_form(opener, FORM, EN),
        }
        return calls[method]

    def _asks(self, rig: ChatRig, method: str) -> bool:
        """Whether this method asks the platform anything."""
        return not ((method == "home" and not rig.has_pages) or (method == "open_form" and rig.answers_forms))

    async def test_it_is_the_platform_of_its_people(self, rig: ChatRig) -> None:
        assert rig.chat.platform == rig.anna.person.platform == rig.channel.platform

    async def test_a_person_is_described_as_they_are(self, rig: ChatRig) -> None:
        assert await rig.chat.profile(rig.anna.person) == rig.anna

    async def test_who_may_not_be_served_is_told_with_the_reason(self, rig: ChatRig) -> None:
        told = {person: (await rig.chat.profile(person)).refusal for person, _ in rig.refused}
        assert told == dict(rig.refused)

    async def test_nobody_has_no_profile(self, rig: ChatRig) -> None:
        with pytest.raises(Unreachable):
            await rig.chat.profile(rig.nobody)

    async def test_an_address_finds_the_same_person(self, rig: ChatRig) -> None:
        assert rig.anna.email
        assert await rig.chat.find(rig.anna.email) == rig.anna.person
        assert await rig.chat.find(rig.anna.email.upper()) == rig.anna.person

    async def test_an_address_of_nobody_finds_nobody(self, rig: ChatRig) -> None:
        assert await rig.chat.find("nobody.at.all@fjordheim.example") is None

    async def test_an_address_never_finds_who_may_not_be_served(self, rig: ChatRig) -> None:
        for person, _ in rig.refused:
            email = (await rig.chat.profile(person)).email or f"{person.user.lower()}@fjordheim.example"
            assert await rig.chat.find(email) is None

    async def test_the_private_place_of_a_person_stays_the_same(self, rig: ChatRig) -> None:
        first, second = await rig.chat.private(rig.anna.person), await rig.chat.private(rig.anna.person)
        assert first == second
        assert first.private
        assert first.conversation != (await rig.chat.private(rig.berit)).conversation

    async def test_nobody_has_no_private_place(self, rig: ChatRig) -> None:
        with pytest.raises(Unreachable):
            await rig.chat.private(rig.nobody)

    async def test_what_is_sent_in_private_is_seen_in_order_by_that_person_only(self, rig: ChatRig) -> None:
        hers = await rig.chat.private(rig.anna.person)
        await rig.chat.send(hers, HELLO, EN)
        await rig.chat.send(hers, SORRY, NN)
        assert rig.seen(rig.anna.person, hers) == [rig.said(HELLO, EN), rig.said(SORRY, NN)]
        assert rig.seen(rig.berit, await rig.chat.private(rig.berit)) == []

    async def test_what_is_sent_to_a_channel_is_seen_by_all(self, rig: ChatRig) -> None:
        reference = await rig.chat.send(rig.channel, HELLO, NB)
        assert reference.place == rig.channel
        for person in (rig.anna.person, rig.berit):
            assert rig.seen(person, rig.channel) == [rig.said(HELLO, NB)]

    async def test_a_reply_stands_in_the_thread_of_what_it_replies_to(self, rig: ChatRig) -> None:
        root = await rig.chat.send(rig.channel, HELLO, EN)
        thread = replace(rig.channel, thread=root.message)
        reply = await rig.chat.send(thread, THANKS, EN)
        assert reply.place == thread
        assert reply.message != root.message

    async def test_nothing_can_be_sent_to_a_place_that_is_not_there(self, rig: ChatRig) -> None:
        with pytest.raises(Unreachable):
            await rig.chat.send(rig.elsewhere, HELLO, EN)

    async def test_an_update_replaces_in_place_and_can_be_repeated(self, rig: ChatRig) -> None:
        first = await rig.chat.send(rig.channel, HELLO, EN)
        await rig.chat.send(rig.channel, THANKS, EN)
        for _ in range(2):
            await rig.chat.update(first, SORRY, NB)
        assert rig.seen(rig.berit, rig.channel) == [rig.said(SORRY, NB), rig.said(THANKS, EN)]

    async def test_an_update_of_what_is_not_there_is_rejected(self, rig: ChatRig) -> None:
        with pytest.raises(Rejected):
            await rig.chat.update(Reference(rig.channel, "1.000001"), HELLO, EN)

    async def test_a_whisper_in_a_channel_is_seen_by_one(self, rig: ChatRig) -> None:
        await rig.chat.whisper(rig.channel, rig.anna.person, TOO_LATE, NN)
        assert rig.seen(rig.anna.person, rig.channel) == [rig.said(TOO_LATE, NN)]
        assert rig.seen(rig.berit, rig.channel) == []

    async def test_a_whisper_in_private_is_seen_too(self, rig: ChatRig) -> None:
        hers = await rig.chat.private(rig.anna.person)
        await rig.chat.whisper(hers, rig.anna.person, TOO_LATE, EN)
        assert rig.seen(rig.anna.person, hers) == [rig.said(TOO_LATE, EN)]

    @pytest.mark.parametrize(
        "method", ["send", "update", "whisper", "private", "profile", "find", "home", "open_form"]
    )
    async def test_a_busy_platform_names_its_pause_and_did_nothing(self, rig: ChatRig, method: str) -> None:
        call = await self._call(rig, method)
        if not self._asks(rig, method):
            return
        before = list(rig.seen(rig.anna.person, rig.channel))
        rig.busy(method, 17)
        with pytest.raises(TryLater) as pause:
            await call()
        assert pause.value.seconds == 17
        assert rig.seen(rig.anna.person, rig.channel) == before
        assert rig.form(rig.anna.person) is None
        assert rig.page(rig.anna.person) is None

    async def test_a_lost_answer_is_an_unknown_outcome_and_never_repeated(self, rig: ChatRig) -> None:
        rig.lose_answer("send")
        with pytest.raises(OutcomeUnknown):
            await rig.chat.send(rig.channel, HELLO, EN)
        assert rig.seen(rig.anna.person, rig.channel) == [rig.said(HELLO, EN)]

    @pytest.mark.parametrize(
        "method", ["send", "update", "whisper", "private", "profile", "find", "home", "open_form"]
    )
    async def test_a_revoked_token_is_a_rejection(self, rig: ChatRig, method: str) -> None:
        call = await self._call(rig, method)
        if not self._asks(rig, method):
            return
        rig.revoke()
        with pytest.raises(Rejected):
            await call()

    async def test_a_page_is_its_person_s_own_and_replaced_by_the_next(self, rig: ChatRig) -> None:
        if not rig.has_pages:
            return
        assert rig.page(rig.anna.person) is None
        await rig.chat.home(rig.anna.person, HOME, EN)
        await rig.chat.home(rig.berit, NotServed("guest"), NB)
        for _ in range(2):
            await rig.chat.home(rig.anna.person, READY, NN)
        assert rig.page(rig.anna.person) == rig.published(READY, NN)
        assert rig.page(rig.berit) == rig.published(NotServed("guest"), NB)
        assert rig.seen(rig.anna.person, await rig.chat.private(rig.anna.person)) == []

    async def test_nobody_has_no_page(self, rig: ChatRig) -> None:
        with pytest.raises((Unreachable, Rejected)):
            await rig.chat.home(rig.nobody, HOME, EN)
        assert rig.page(rig.nobody) is None

    async def test_where_there_are_no_pages_it_says_so(self, rig: ChatRig) -> None:
        rig.without_pages()
        with pytest.raises(Unreachable):
            await rig.chat.home(rig.anna.person, HOME, EN)

    async def test_a_page_whose_answer_was_lost_may_be_tried_again(self, rig: ChatRig) -> None:
        if not rig.has_pages:
            return
        rig.lose_answer("home")
        with pytest.raises(TryLater):
            await rig.chat.home(rig.anna.person, HOME, EN)
        await rig.chat.home(rig.anna.person, HOME, EN)
        assert rig.page(rig.anna.person) == rig.published(HOME, EN)

    async def test_a_form_opens_for_the_person_who_pressed(self, rig: ChatRig) -> None:
        opener = await rig.pressed(rig.anna.person)
        await rig.chat.open_form(opener, FORM, NN)
        assert rig.form(rig.anna.person) == rig.asked(FORM, NN)
        assert rig.form(rig.berit) is None

    async def test_a_press_opens_one_form_only(self, rig: ChatRig) -> None:
        opener = await rig.pressed(rig.anna.person)
        await rig.chat.open_form(opener, FORM, EN)
        with pytest.raises(FormExpired):
            await rig.chat.open_form(opener, FORM, EN)

    async def test_an_old_press_opens_nothing(self, rig: ChatRig) -> None:
        opener = await rig.pressed(rig.anna.person)
        await rig.expire(opener)
        with pytest.raises(FormExpired):
            await rig.chat.open_form(opener, FORM, EN)
        assert rig.form(rig.anna.person) is None

    async def test_something_else_than_an_opener_opens_nothing(self, rig: ChatRig) -> None:
        with pytest.raises(FormExpired):
            await rig.chat.open_form("trigger:made-up", FORM, EN)
        with pytest.raises(FormExpired):
            await rig.chat.open_form("made-up", FORM, EN)

    async def test_a_form_that_was_sent_in_is_replaced_by_its_outcome(self, rig: ChatRig) -> None:
        await rig.chat.open_form(await rig.pressed(rig.anna.person), FORM, EN)
        opener = await rig.submitted(rig.anna.person)
        outcome = RelayTopicSet("setup")
        await rig.chat.open_form(opener, outcome, EN)
        with suppress(FormExpired):
            await rig.chat.open_form(opener, outcome, EN)
        assert rig.form(rig.anna.person) == rig.asked(outcome, EN)

    async def test_a_form_that_was_closed_cannot_be_replaced(self, rig: ChatRig) -> None:
        await rig.chat.open_form(await rig.pressed(rig.anna.person), FORM, EN)
        opener = await rig.submitted(rig.anna.person)
        await rig.closed(rig.anna.person)
        with pytest.raises(FormExpired):
            await rig.chat.open_form(opener, FORM, EN)

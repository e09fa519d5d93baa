"""Conversations with support over a chat in memory: what each side does, and what it sees."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from typing import Final

from sqlalchemy import update
from sqlmodel import col

from handlers.events import Asked, Event, Person, Place, Pressed, Submitted
from handlers.messages import Data, Language, RelayCard, name_of
from handlers.questions.feature import Questions
from handlers.questions.matching import Kind
from handlers.questions.topics import Topic
from handlers.records import InboxState, Incoming, Question, Relay
from handlers.relay.crossing import Crossing
from handlers.relay.facts import Facts
from handlers.relay.feature import Relays
from handlers.relay.marking import Marking
from handlers.relay.replying import Replying
from handlers.relay.taking import Taking
from handlers.rollout.when import Calendar
from handlers.store import inbox, relays
from tests.handlers.rig import NORA, Rig
from tests.matchers import matcher
from tests.memory_chat import MemoryChat, Shown

KARI: Final = "Jonas Lien"
"""Somebody in the support channel."""
SECOND: Final = timedelta(seconds=1)
_NUMBERS: Final = count(1)


@dataclass
class Talk:
    """The feature, and what people do with it."""

    rig: Rig
    on: str = "slack"
    """Which chat they are all in."""

    def __post_init__(self) -> None:
        rig = self.rig
        crossing = Crossing(rig.database, rig.channels, rig.clock)
        taking = Taking(rig.database, crossing, rig.clock)
        self.relays = Relays(
            rig.database,
            rig.people,
            Facts(rig.database, rig.directory, rig.cases),
            crossing,
            taking,
            Marking(rig.database, rig.people, rig.chats, crossing, rig.clock),
            Replying(rig.database, rig.people, rig.chats, crossing, taking),
            Calendar.norwegian(),
            rig.clock,
        )
        self.questions = Questions(rig.database, rig.people, matcher(), rig.clock, rig.cases.audit)

    @property
    def chat(self) -> MemoryChat:
        """Where the person is."""
        return self.rig.chat_on(self.on)

    @property
    def support(self) -> Place:
        """Where support is."""
        return self.rig.channels.nearest(self.on).place

    # What people do.

    def person(self, name: str) -> Person:
        """Somebody in that chat."""
        return self.rig.person(name, self.on)

    def private(self, name: str = NORA) -> Place:
        """The private chat of somebody."""
        return Place(self.on, f"private:{self.person(name).user}", private=True)

    async def begun(self, name: str = NORA) -> Relay:
        """Somebody presses "Talk to a person", and both sides have heard of it."""
        await self.take(self.press("questions.person", name=name))
        await self.settled()
        async with self.rig.database.transaction() as session:
            relay = await relays.open_of(session, self.person(name))
        assert relay is not None
        return relay

    def press(
        self, action: str, record: str = "", *, name: str = NORA, place: Place | None = None
    ) -> Pressed:
        """A press in the private chat, unless it is somewhere else."""
        person = self.person(name)
        opener = self.rig.opener(name, action, self.on)
        return Pressed(f"press-{next(_NUMBERS)}", person, place or self.private(name), action, record, opener)

    def writes(self, text: str, *, name: str = NORA, cut: bool = False) -> Asked:
        """Somebody writes to the bot in private."""
        id = f"said-{next(_NUMBERS):04}"
        return Asked(id, self.person(name), self.private(name), text, cut=cut)

    def answers(self, text: str, *, name: str = KARI, relay: Relay | None = None, cut: bool = False) -> Asked:
        """Somebody at support writes in the thread of a conversation."""
        thread = relay.thread if relay else self.root().reference.message
        place = Place(self.on, self.support.conversation, thread)
        return Asked(f"said-{next(_NUMBERS):04}", self.person(name), place, text, addressed=False, cut=cut)

    async def replies(self, text: str, *, relay: Relay, name: str = KARI) -> Submitted:
        """Somebody at support presses Reply and has filled in the form; it is not handed over yet."""
        place, person = replace(self.support, thread=relay.thread), self.person(name)
        assert await self.take(self.press("relay.reply", relay.id, name=name, place=place))
        form = self.chat.form(person)
        assert form is not None
        number, form_name = next(_NUMBERS), name_of(type(form.data))
        return Submitted(
            f"said-{number:04}", person, form_name, form.data.record, form.opener, {"text": text}
        )

    async def take(self, event: Event) -> bool:
        """Hand an event to the feature; whether it took it."""
        return await self.relays.handle(event)

    async def arrive(self, event: Event) -> None:
        """An event comes in, and nobody has worked on it yet."""
        async with self.rig.database.transaction() as session:
            assert await inbox.receive(session, event, self.rig.clock.now())
        self.rig.clock.move(SECOND)

    async def handled(self, event: Event) -> None:
        """An event that came in is worked on."""
        async with self.rig.database.transaction() as session:
            await session.execute(
                update(Incoming).where(col(Incoming.id) == event.id).values(state=InboxState.WORKING)
            )
        assert await self.take(event)
        async with self.rig.database.transaction() as session:
            await inbox.done(session, event.id, self.rig.clock.now())

    async def settled(self) -> None:
        """Until nothing moves any more."""
        await self.relays.tick()
        while await self.rig.delivery.step():
            await self.relays.tick()

    async def asked(
        self,
        text: str,
        topic: Topic | None,
        *,
        kind: Kind = Kind.ANSWER,
        name: str = NORA,
        ago: timedelta = SECOND,
    ) -> int:
        """Somebody has asked this before."""
        event = self.writes(text, name=name)
        question = Question(
            event=event.id,
            platform=event.person.platform,
            tenant=event.person.tenant,
            user=event.person.user,
            conversation=event.place.conversation,
            private=True,
            asked_at=self.rig.clock.now() - ago,
            language=Language.EN,
            text=text,
            kind=kind,
            topic=topic,
        )
        async with self.rig.database.transaction() as session:
            session.add(question)
            await session.flush()
            assert question.id is not None
            return question.id

    # What there is to see.

    def root(self) -> Shown:
        """The newest card in the support channel."""
        return [shown for shown in self.chat.standing(self.support) if isinstance(shown.data, RelayCard)][-1]

    def card(self) -> RelayCard:
        """What it says."""
        data = self.root().data
        assert isinstance(data, RelayCard)
        return data

    def thread(self) -> Sequence[Data]:
        """What stands below the newest card."""
        root = self.root().reference.message
        return [
            shown.data for shown in self.chat.standing(self.support) if shown.reference.place.thread == root
        ]

    def seen(self, name: str = NORA) -> Sequence[Data]:
        """What somebody was told in private."""
        return self.chat.seen_by(self.person(name))

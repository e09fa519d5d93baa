"""What is to go out goes out once, waits when it is asked to, and stands there in its newest form."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.delivery import Delivery
from handlers.events import Person, Place
from handlers.messages import Answer, Data, Greeting, Language, Unanswered
from handlers.ports import Chats, NotYet, OutcomeUnknown, Profile, Reference, Rejected, TryLater, Unreachable
from handlers.records import OutboxState, Outgoing
from handlers.store import outbox
from handlers.store.database import Database
from handlers.store.errors import DatabaseUnavailable
from tests.handlers.rig import NOW, HandClock
from tests.memory_chat import MemoryChat

SECOND = timedelta(seconds=1)
NORA = Person("slack", "T0", "U0NORA")
CHANNEL = Place("slack", "C0SUPPORT")


@dataclass
class Office:
    database: Database
    clock: HandClock
    chat: MemoryChat
    delivery: Delivery

    async def put(
        self,
        key: str,
        data: Data | None = None,
        target: Person | Place = CHANNEL,
        replaces: str | None = None,
        after: timedelta = timedelta(0),
    ) -> None:
        post = outbox.Post(
            key, target, data or Answer("setup"), Language.NB, self.clock.at + after, replaces=replaces
        )
        async with self.database.transaction() as session:
            await outbox.add(session, post, tenant="T0")

    async def row(self, key: str) -> Outgoing:
        async with self.database.transaction() as session:
            return (await session.scalars(select(Outgoing).where(Outgoing.key == key))).one()  # type: ignore[arg-type] # SQLModel's columns are typed as their values

    async def step(self, after: float = 0) -> int:
        self.clock.at += after * SECOND
        return await self.delivery.step()

    def topics(self) -> list[str]:
        return [s.data.topic for s in self.chat.standing(CHANNEL) if isinstance(s.data, Answer)]


@pytest.fixture
async def office(sqlite_url: str) -> AsyncIterator[Office]:
    database, clock = Database.open(sqlite_url), HandClock()
    chat = MemoryChat([Profile(NORA, "Nora", "nora@fjordheim.example", "nb-NO", None, None)])
    yield Office(database, clock, chat, Delivery(database, Chats((chat,)), clock, "bot"))
    await database.close()


async def test_a_message_goes_out_once(office: Office) -> None:
    await office.put("a")
    await office.put("a")
    assert [await office.step(), await office.step(), await office.step(3600)] == [1, 0, 0]
    assert office.topics() == ["setup"]
    row = await office.row("a")
    assert (row.state, row.data, row.sent_message) == (
        OutboxState.SENT,
        None,
        office.chat.everything[0].reference.message,
    )


async def test_a_person_is_written_to_in_private(office: Office) -> None:
    await office.put("a", Greeting(), target=NORA)
    await office.step()
    assert office.chat.seen_by(NORA) == [Greeting()]


async def test_nothing_goes_out_before_its_time(office: Office) -> None:
    await office.put("a", after=60 * SECOND)
    assert [await office.step(59), await office.step(1)] == [0, 1]


async def test_two_replicas_send_once(office: Office) -> None:
    for number in range(40):
        await office.put(f"m{number}")
    other = Delivery(office.database, Chats((office.chat,)), office.clock, "other")
    while sum(await asyncio.gather(office.delivery.step(), other.step())):
        pass
    assert len(office.chat.everything) == 40


async def test_a_pause_holds_the_whole_platform_back(office: Office) -> None:
    await office.put("a")
    office.chat.fail("send", TryLater(30))
    await office.step()
    row = await office.row("a")
    assert (row.state, row.attempts, row.due_at) == (OutboxState.PENDING, 0, NOW + 30 * SECOND)
    await office.put("b")
    assert await office.step(29) == 0
    assert await office.step(1) == 2
    assert len(office.chat.everything) == 2


async def test_who_cannot_be_written_to_yet_holds_nobody_back(office: Office) -> None:
    await office.put("a", target=NORA)
    await office.put("b")
    office.chat.fail("private", NotYet(30))
    assert await office.step() == 2
    assert (await office.row("a")).due_at == NOW + 30 * SECOND
    await office.put("c")
    assert await office.step() == 1
    assert await office.step(30) == 1
    assert len(office.chat.seen_by(NORA)) == 1


async def test_a_pause_holds_no_other_platform_back(office: Office) -> None:
    teams = MemoryChat(platform="teams", channels=["19:support"])
    both = Delivery(office.database, Chats((office.chat, teams)), office.clock, "bot")
    office.chat.fail("send", TryLater(30))
    await office.put("a")
    await both.step()
    await office.put("b", target=Place("teams", "19:support"))
    assert await both.step() == 1
    assert len(teams.everything) == 1


async def test_what_is_switched_off_stays_where_it_is(office: Office) -> None:
    await office.put("a", target=Place("teams", "19:support"))
    assert await office.step() == 0
    assert (await office.row("a")).state == OutboxState.PENDING
    assert await Delivery(office.database, Chats(()), office.clock, "bot").step() == 0


async def test_an_unknown_outcome_is_repeated_once(office: Office) -> None:
    await office.put("a")
    office.chat.fail("send", OutcomeUnknown("lost"), OutcomeUnknown("lost"))
    assert [await office.step(), await office.step(59), await office.step(2)] == [1, 0, 1]
    row = await office.row("a")
    assert (row.state, row.repeated) == (OutboxState.FAILED, True)
    assert await office.step(3600) == 0
    assert len(office.chat.everything) == 2


@pytest.mark.parametrize(
    ("error", "reason"), [(Unreachable("gone"), "unreachable"), (Rejected("no"), "rejected")]
)
@pytest.mark.parametrize("method", ["send", "private"])
async def test_what_cannot_be_sent_is_given_up(
    office: Office, error: Unreachable | Rejected, reason: str, method: str
) -> None:
    await office.put("a", target=NORA)
    await office.put("b")
    office.chat.fail(method, error)
    await office.step()
    rows = [await office.row("a"), await office.row("b")]
    failed = [row for row in rows if row.state == OutboxState.FAILED]
    assert [(row.failure, row.data) for row in failed] == [(reason, None)]
    assert await office.step(3600) == 0


class _Wordless(MemoryChat):
    """Has no words for one kind of message."""

    async def send(self, place: Place, data: Data, language: Language) -> Reference:
        if isinstance(data, Unanswered):
            raise LookupError("no such template")
        return await super().send(place, data, language)


async def test_a_message_without_words_holds_up_no_other(office: Office) -> None:
    chat = _Wordless()
    delivery = Delivery(office.database, Chats((chat,)), office.clock, "bot")
    await office.put("a", Unanswered())
    await office.put("b")
    assert await delivery.step() == 2
    assert (await office.row("a")).failure == "broken"
    assert (await office.row("b")).state == OutboxState.SENT


class _Unwritable(MemoryChat):
    """The database goes away in the middle of a send."""

    async def send(self, place: Place, data: Data, language: Language) -> Reference:
        raise DatabaseUnavailable("busy")


async def test_a_database_that_is_away_is_the_loops_business(office: Office) -> None:
    await office.put("a")
    with pytest.raises(DatabaseUnavailable):
        await Delivery(office.database, Chats((_Unwritable(),)), office.clock, "bot").step()
    assert (await office.row("a")).state == OutboxState.SENDING


async def test_a_replacement_changes_the_message_in_place(office: Office) -> None:
    await office.put("card")
    await office.step()
    await office.put("card:2", Answer("lost-phone"), replaces="card")
    await office.step()
    [shown] = office.chat.standing(CHANNEL)
    assert (shown.data, shown.earlier) == (Answer("lost-phone"), (Answer("setup"),))


async def test_a_replacement_waits_for_the_first_post(office: Office) -> None:
    await office.put("card", after=60 * SECOND)
    await office.put("card:2", Answer("lost-phone"), replaces="card")
    assert await office.step() == 0
    while await office.step(60):
        pass
    assert office.topics() == ["lost-phone"]


async def test_a_replacement_waits_while_the_first_post_is_repeated(office: Office) -> None:
    await office.put("card")
    office.chat.fail("send", TryLater(5))
    await office.step()
    await office.put("card:2", Answer("lost-phone"), replaces="card")
    await office.step(5)
    await office.step(1)
    assert office.topics() == ["lost-phone"]


async def test_of_many_replacements_the_newest_stands(office: Office) -> None:
    await office.put("card")
    for number, topic in enumerate(["new-phone", "lost-phone", "privacy", "why-2fa"]):
        await office.put(f"card:{number}", Answer(topic), replaces="card")
    while await office.step(1):
        pass
    [shown] = office.chat.standing(CHANNEL)
    assert (shown.data, shown.earlier) == (Answer("why-2fa"), (Answer("setup"),))
    assert [(await office.row(f"card:{n}")).state for n in range(3)] == [OutboxState.DROPPED] * 3


async def test_the_newest_stands_though_an_older_one_was_under_way(office: Office) -> None:
    await office.put("card")
    await office.step()
    await office.put("card:1", Answer("new-phone"), replaces="card")
    office.chat.fail("update", TryLater(5))
    await office.step()
    await office.put("card:2", Answer("lost-phone"), replaces="card")
    while await office.step(5):
        pass
    assert office.topics() == ["lost-phone"]
    assert (await office.row("card:1")).state == OutboxState.DROPPED


async def test_a_change_whose_outcome_is_unknown_is_repeated(office: Office) -> None:
    await office.put("card")
    await office.step()
    await office.put("card:1", Answer("new-phone"), replaces="card")
    office.chat.fail("update", OutcomeUnknown("lost"))
    await office.step()
    await office.step(61)
    assert office.topics() == ["new-phone"]


async def test_where_nothing_stands_the_change_comes_as_a_message(office: Office) -> None:
    await office.put("card")
    office.chat.fail("send", Unreachable("channel_not_found"))
    await office.step()
    await office.put("card:1", Answer("new-phone"), replaces="card")
    await office.step(1)
    assert office.topics() == ["new-phone"]

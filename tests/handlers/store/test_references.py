"""Conversation references: the newest holds, one private chat for each person."""

from dataclasses import dataclass

from handlers.events import Person
from handlers.records import ConversationReference
from handlers.store import references
from handlers.store.database import Database
from tests.handlers.store.given import MINUTE, NOW

_ANNA = Person("teams", "tenant", "anna")


@dataclass(frozen=True)
class _Chat:
    conversation: str = "a:1"
    user: str | None = "anna"
    service_url: str = "https://one.example"
    locale: str = ""

    def reference(self) -> ConversationReference:
        return ConversationReference(tenant="tenant", seen_at=NOW, time_zone="", **self.__dict__)


async def _renew(database: Database, chat: _Chat) -> None:
    async with database.transaction() as session:
        await references.renew(session, chat.reference())


async def _of_anna(database: Database) -> ConversationReference | None:
    async with database.reading() as session:
        return await references.of_person(session, _ANNA)


async def test_a_person_is_found_by_what_was_told_last(database: Database) -> None:
    assert await _of_anna(database) is None
    await _renew(database, _Chat(locale="nn-NO"))
    await _renew(database, _Chat(service_url="https://two.example"))
    found = await _of_anna(database)
    assert found is not None
    assert (found.service_url, found.locale) == ("https://two.example", "nn-NO")


async def test_a_chat_begun_anew_takes_the_place_of_the_old_one(database: Database) -> None:
    await _renew(database, _Chat())
    await _renew(database, _Chat("a:2"))
    found = await _of_anna(database)
    assert found is not None
    assert found.conversation == "a:2"
    async with database.reading() as session:
        assert await references.of_conversation(session, "a:1") is None


async def test_channels_belong_to_nobody(database: Database) -> None:
    for channel in ("19:one@thread.tacv2", "19:two@thread.tacv2"):
        await _renew(database, _Chat(channel, user=None))
    async with database.reading() as session:
        found = await references.of_conversation(session, "19:two@thread.tacv2")
        assert found is not None
        assert found.user is None
        assert not await references.seen_since(session, found.conversation, NOW)
        assert await references.seen_since(session, found.conversation, NOW - MINUTE)


async def test_a_forgotten_person_is_not_found(database: Database) -> None:
    await _renew(database, _Chat())
    async with database.transaction() as session:
        assert await references.forget(session, _ANNA)
        assert not await references.forget(session, _ANNA)
    assert await _of_anna(database) is None

"""A clock that was set back leaves leases of a later day behind: they hold nobody up, and replicas may still differ."""

from datetime import datetime, timedelta

from handlers.events import Gone, Person
from handlers.messages import Greeting, Language
from handlers.store import inbox, outbox
from handlers.store.database import Database
from handlers.store.leases import SKEW
from tests.handlers.store.given import MINUTE, NOW

_A_DAY = timedelta(days=1)
_PERSON = Person("slack", "T1", "U1")


async def _events(database: Database, now: datetime) -> int:
    async with database.transaction() as session:
        return len(await inbox.claim(session, "b", now, MINUTE, 10))


async def _messages(database: Database, now: datetime) -> list[bool]:
    async with database.transaction() as session:
        claimed = await outbox.claim(session, "b", now, MINUTE, 10, ["slack"])
    return [one.repeated for one in claimed]


async def test_an_event_leased_on_a_later_day_is_taken_up(database: Database) -> None:
    async with database.transaction() as session:
        await inbox.receive(session, Gone("e1", "slack", "T1"), NOW)
        await inbox.claim(session, "a", NOW, MINUTE, 10)
    assert await _events(database, NOW - SKEW) == 0
    assert await _events(database, NOW - _A_DAY) == 1


async def test_an_event_put_off_to_a_later_day_is_taken_up(database: Database) -> None:
    async with database.transaction() as session:
        await inbox.receive(session, Gone("e1", "slack", "T1"), NOW)
        await inbox.claim(session, "a", NOW, MINUTE, 10)
        await inbox.failed(session, "e1", NOW, NOW + timedelta(hours=1))
    assert await _events(database, NOW) == 0
    assert await _events(database, NOW - _A_DAY) == 1


async def test_a_message_leased_on_a_later_day_is_repeated_once(database: Database) -> None:
    post = outbox.Post(
        key="k1", target=_PERSON, data=Greeting(thanks=False), language=Language.NB, due_at=NOW - 2 * _A_DAY
    )
    async with database.transaction() as session:
        await outbox.add(session, post)
        await outbox.claim(session, "a", NOW, MINUTE, 10, ["slack"])
    assert await _messages(database, NOW - SKEW) == []
    assert await _messages(database, NOW - _A_DAY) == [True]
    assert await _messages(database, NOW + _A_DAY) == []

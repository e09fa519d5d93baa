"""Events: once each, leased, cleaned, forgotten."""

import asyncio
import signal
import sys
from datetime import timedelta

from sqlalchemy import text

from handlers.events import Asked, Event, Gone, Installed, Person, Place, Pressed, Removed, Submitted
from handlers.store import inbox
from handlers.store.database import Database
from tests.handlers.store.given import MINUTE, NOW, dump, run

_PERSON = Person("slack", "T1", "U1")
_PLACE = Place("slack", "D1", None, private=True)
_EVENTS: tuple[Event, ...] = (
    Asked("e1", _PERSON, _PLACE, "Jeg har mistet telefonen \x00 \ud83d 😀"),
    Pressed(
        "e2", _PERSON, Place("teams", "19:x@thread.tacv2", "1"), "approvals.approve", "K7QF-2M", "open", "m"
    ),
    Pressed("e3", _PERSON, _PLACE, "questions.person", ""),
    Submitted("e4", _PERSON, "desk.open", "", "view", {"account": "0f6b2c1e-5a51-4a8f-9d0c-123456789012"}),
    Gone("e5", "slack", "T1"),
    Installed("e6", _PERSON, _PLACE),
    Removed("e7", _PERSON),
)


async def _receive(database: Database, event: Event) -> bool:
    async with database.transaction() as session:
        return await inbox.receive(session, event, NOW)


async def _claim(database: Database, owner: str = "a", after: timedelta = timedelta()) -> list[Event]:
    async with database.transaction() as session:
        return await inbox.claim(session, owner, NOW + after, MINUTE, 10)


async def test_what_came_in_comes_out(database: Database) -> None:
    assert [await _receive(database, event) for event in _EVENTS] == [True] * len(_EVENTS)
    assert tuple(await _claim(database)) == _EVENTS


async def test_a_redelivery_is_recognised_also_after_the_work(database: Database) -> None:
    assert await _receive(database, _EVENTS[0])
    assert not await _receive(database, _EVENTS[0])
    await _claim(database)
    async with database.transaction() as session:
        await inbox.done(session, "e1", NOW)
    assert not await _receive(database, _EVENTS[0])
    assert await _claim(database, after=timedelta(hours=1)) == []


async def test_an_event_is_given_to_one_worker(database: Database) -> None:
    for number in range(40):
        await _receive(database, Gone(f"e{number}", "slack", "T1"))
    taken = await asyncio.gather(*(_claim(database, owner) for owner in "abcdefgh"))
    ids = [event.id for events in taken for event in events]
    rest = [event.id for owner in "abcdefgh" for event in await _claim(database, owner)]
    assert sorted(ids + rest) == sorted(f"e{number}" for number in range(40))


async def test_a_dead_workers_event_is_taken_up_but_not_for_ever(database: Database) -> None:
    await _receive(database, _EVENTS[0])
    for tries in range(5):
        assert await _claim(database, after=tries * 2 * MINUTE) == [_EVENTS[0]]
        assert await _claim(database, after=tries * 2 * MINUTE + MINUTE) == []
    assert await _claim(database, after=20 * MINUTE) == []
    async with database.transaction() as session:
        assert await inbox.waiting(session) == 0
    assert "mistet" not in await dump(database)


async def test_a_failure_is_tried_again_when_told_to(database: Database) -> None:
    await _receive(database, _EVENTS[0])
    for tries in range(5):
        assert await _claim(database, after=tries * MINUTE) == [_EVENTS[0]]
        async with database.transaction() as session:
            again = await inbox.failed(session, "e1", NOW, NOW + (tries + 1) * MINUTE)
        assert again is (tries < 4)
        assert await _claim(database, after=tries * MINUTE) == []
    assert await _claim(database, after=timedelta(hours=1)) == []


async def test_a_final_failure_is_final(database: Database) -> None:
    await _receive(database, _EVENTS[0])
    await _claim(database)
    async with database.transaction() as session:
        assert not await inbox.failed(session, "e1", NOW, None)
        assert await inbox.waiting(session) == 0


async def test_only_the_id_stays_and_that_for_seven_days(database: Database) -> None:
    await _receive(database, _EVENTS[0])
    async with database.transaction() as session:
        assert await inbox.waiting(session) == 1
        await inbox.claim(session, "a", NOW, MINUTE, 1)
        await inbox.done(session, "e1", NOW)
        assert (await session.execute(text("SELECT fields, lease_owner FROM inbox"))).all() == [(None, None)]
        assert await inbox.purge(session, NOW + timedelta(days=7)) == 0
        assert await inbox.purge(session, NOW + timedelta(days=7, seconds=1)) == 1


async def test_an_event_of_another_version_is_set_aside(database: Database) -> None:
    for event in _EVENTS[:3]:
        await _receive(database, event)
    await run(
        database,
        "UPDATE inbox SET kind = 'Whistled' WHERE id = 'e1'",
        "UPDATE inbox SET fields = '{\"id\": 5}' WHERE id = 'e2'",
    )
    assert await _claim(database) == [_EVENTS[2]]
    assert await _claim(database, after=timedelta(hours=1)) == [_EVENTS[2]]


async def test_codes_and_numbers_are_not_written_down(database: Database) -> None:
    said = "fnr 010190 12345, koden 4F7K-9QXM og xoxb-1234-abcd, 123456"
    await _receive(database, Asked("e1", _PERSON, _PLACE, said))
    await _receive(database, Submitted("e2", _PERSON, "f", "", None, {"note": said, "account": "010190"}))
    written = await dump(database)
    for secret in ("12345", "9QXM", "xoxb", "123456"):
        assert secret not in written
    assert "'account': '010190'" in written


async def test_it_is_known_whether_something_was_cut_out(database: Database) -> None:
    for number, said in enumerate(("fnr 010190 12345", "… og så videre", "hei")):
        await _receive(database, Asked(f"e{number}", _PERSON, _PLACE, said))
    assert [event.cut for event in await _claim(database) if isinstance(event, Asked)] == [True, False, False]


_RECEIVER = """
import asyncio, sys
from datetime import UTC, datetime
from handlers.events import Gone
from handlers.store import inbox
from handlers.store.database import Database

async def main():
    database = Database.open(sys.argv[1])
    for number in range(100_000):
        async with database.transaction() as session:
            await inbox.receive(session, Gone(f"e{number}", "slack", "T1"), datetime.now(UTC))
        print(number, flush=True)

asyncio.run(main())
"""


async def test_what_was_acknowledged_outlives_a_kill(database_url: str) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _RECEIVER, database_url, stdout=asyncio.subprocess.PIPE
    )
    assert child.stdout is not None
    for _ in range(20):
        await child.stdout.readline()
    child.send_signal(signal.SIGKILL)
    rest = (await child.stdout.read()).decode().split()
    await child.wait()
    acknowledged = max([19, *map(int, rest)])
    database = Database.open(database_url)
    async with database.transaction() as session:
        written = await session.scalar(text("SELECT count(*) FROM inbox")) or 0
    await database.close()
    assert acknowledged + 1 <= written <= acknowledged + 2

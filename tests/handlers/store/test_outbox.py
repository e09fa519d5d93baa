"""Messages that go out: once per key, leased, repeated once at most."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from handlers.events import Person, Place
from handlers.messages import CaseNews, ClaimCode, Data, Greeting, Language, all_messages, name_of
from handlers.ports import Reference
from handlers.states import CaseState
from handlers.store import outbox
from handlers.store.database import Database
from handlers.store.errors import NotForOutbox
from handlers.store.messages import dumped, loaded
from handlers.store.outbox import Claimed, Post
from tests.handlers.store.given import MINUTE, NOW, dump, run

_PERSON = Person("slack", "T1", "U1")
_PLACE = Place("teams", "19:abc@thread.tacv2;messageid=1", "17", private=False)
_POST = Post("k", _PERSON, Greeting(), Language.NB, NOW)
_AT = Reference(Place("slack", "D1", None, private=True), "1.1")


async def _add(database: Database, *posts: Post) -> int:
    async with database.transaction() as session:
        return await outbox.add_many(session, posts, tenant="T9")


async def _claim(
    database: Database, owner: str = "a", after: timedelta = timedelta(), limit: int = 10
) -> list[Claimed]:
    async with database.transaction() as session:
        return await outbox.claim(session, owner, NOW + after, MINUTE, limit, ["slack", "teams"])


def _keys(claimed: list[Claimed]) -> list[str]:
    return [one.post.key for one in claimed]


async def _sent(database: Database, claimed: Claimed, owner: str = "a", at: Reference = _AT) -> bool:
    async with database.transaction() as session:
        return await outbox.sent(session, claimed.id, owner, NOW, at)


async def _state(database: Database, key: str = "k") -> str | None:
    async with database.transaction() as session:
        state: str | None = await session.scalar(text("SELECT state FROM outbox WHERE key = :k"), {"k": key})
        return state


@pytest.mark.parametrize("message", list(all_messages()), ids=name_of)
def test_every_message_comes_back_as_it_was(message: type[Data]) -> None:
    for example in message.examples():
        assert loaded(name_of(message), dumped(example)) == example


@given(st.builds(CaseNews, st.text(), st.sampled_from(CaseState)))
def test_any_text_comes_back_as_it_was(data: CaseNews) -> None:
    assert loaded("case_news", dumped(data)) == data


def test_what_cannot_be_read_is_nothing() -> None:
    assert loaded("whistle", {}) is None
    assert loaded("case_news", {"case": "K7QF-2M", "state": "asleep"}) is None
    assert loaded("case_news", None) is None


async def test_a_post_comes_out_as_it_went_in(database: Database) -> None:
    posts = (
        replace(_POST, data=CaseNews("\x00\ud83d😀", CaseState.OPEN), priority=1),
        Post("l", _PLACE, Greeting(thanks=True), Language.NN, datetime(2026, 11, 24, tzinfo=UTC), 9),
    )
    assert await _add(database, *posts) == 2
    claimed = await _claim(database)
    assert tuple(one.post for one in claimed) == posts
    assert [(one.tenant, one.attempts, one.repeated) for one in claimed] == [
        ("T1", 1, False),
        ("T9", 1, False),
    ]


async def test_a_key_is_taken_once_for_ever(database: Database) -> None:
    async with database.transaction() as session:
        assert await outbox.add(session, _POST)
        assert not await outbox.add(session, _POST)
    assert await _add(database, _POST, replace(_POST, key="l"), _POST) == 1
    for claimed in await _claim(database):
        assert await _sent(database, claimed)
    assert await _add(database, _POST) == 0
    assert await _claim(database, after=timedelta(days=400)) == []


async def test_many_are_added_in_one_go(database: Database) -> None:
    assert await _add(database, *(replace(_POST, key=f"k{number}") for number in range(1201))) == 1201


async def test_the_urgent_and_the_oldest_go_first(database: Database) -> None:
    await _add(
        database,
        replace(_POST, key="reminder", priority=9, due_at=NOW - 5 * MINUTE),
        replace(_POST, key="second", priority=1),
        replace(_POST, key="first", priority=1, due_at=NOW - MINUTE),
        replace(_POST, key="later", priority=1, due_at=NOW + MINUTE),
    )
    assert _keys(await _claim(database, limit=2)) == ["first", "second"]
    assert _keys(await _claim(database)) == ["reminder"]


async def test_only_platforms_that_are_asked_for(database: Database) -> None:
    await _add(database, _POST, replace(_POST, key="t", target=_PLACE))
    async with database.transaction() as session:
        assert _keys(await outbox.claim(session, "a", NOW, MINUTE, 9, ["teams"])) == ["t"]
        assert _keys(await outbox.claim(session, "a", NOW, MINUTE, 9, [])) == []


async def test_no_message_is_given_to_two_workers(database: Database) -> None:
    await _add(database, *(replace(_POST, key=f"k{number}") for number in range(120)))

    async def work(owner: str) -> list[str]:
        done: list[str] = []
        while claimed := await _claim(database, owner, limit=7):
            for one in claimed:
                assert await _sent(database, one, owner)
                done.append(one.post.key)
        return done

    done = await asyncio.gather(*(work(owner) for owner in "abcde"))
    assert sorted(key for keys in done for key in keys) == sorted(f"k{number}" for number in range(120))


async def test_who_lost_the_lease_cannot_mark(database: Database) -> None:
    await _add(database, _POST)
    (old,) = await _claim(database)
    (new,) = await _claim(database, "b", after=2 * MINUTE)
    assert not await _sent(database, old, "a")
    async with database.transaction() as session:
        assert not await outbox.later(session, old.id, "a", NOW)
        assert not await outbox.failed(session, old.id, "a", "x")
        assert not await outbox.unknown(session, old.id, "a", NOW)
        assert not await outbox.dropped(session, old.id, "a")
    assert await _sent(database, new, "b")
    assert not await _sent(database, new, "b")


async def test_after_a_crash_a_message_is_repeated_once_and_marked_so(database: Database) -> None:
    await _add(database, _POST)
    assert [one.repeated for one in await _claim(database)] == [False]
    assert await _claim(database, after=MINUTE) == []
    assert [one.repeated for one in await _claim(database, after=2 * MINUTE)] == [True]
    assert await _claim(database, after=4 * MINUTE) == []
    assert await _state(database) == "failed"


async def test_an_unknown_outcome_is_repeated_once_after_the_lease(database: Database) -> None:
    await _add(database, _POST)
    (first,) = await _claim(database)
    async with database.transaction() as session:
        assert await outbox.unknown(session, first.id, "a", NOW)
    assert await _claim(database, after=MINUTE / 2) == []
    (second,) = await _claim(database, after=MINUTE)
    assert (second.repeated, second.attempts) == (True, 2)
    async with database.transaction() as session:
        assert not await outbox.unknown(session, second.id, "a", NOW)
    assert await _state(database) == "failed"
    assert await _claim(database, after=timedelta(days=1)) == []


async def test_a_pause_is_no_attempt(database: Database) -> None:
    await _add(database, _POST)
    for tries in range(20):
        (one,) = await _claim(database, after=tries * MINUTE)
        assert (one.attempts, one.repeated) == (1, False)
        async with database.transaction() as session:
            assert await outbox.later(session, one.id, "a", NOW + (tries + 1) * MINUTE)
        assert await _claim(database, after=tries * MINUTE) == []


async def test_a_pause_after_an_unknown_outcome_does_not_forget_it(database: Database) -> None:
    await _add(database, _POST)
    await _claim(database)
    (second,) = await _claim(database, after=2 * MINUTE)
    async with database.transaction() as session:
        assert await outbox.later(session, second.id, "a", NOW)
    (third,) = await _claim(database, after=3 * MINUTE)
    assert third.repeated
    assert await _claim(database, after=5 * MINUTE) == []
    assert await _state(database) == "failed"


async def test_what_need_not_be_sent_is_dropped_unless_it_is_under_way(database: Database) -> None:
    await _add(database, _POST, replace(_POST, key="l"))
    async with database.transaction() as session:
        assert await outbox.drop(session, "k")
        assert not await outbox.drop(session, "k")
        assert not await outbox.drop(session, "never")
    (one,) = await _claim(database)
    async with database.transaction() as session:
        assert not await outbox.drop(session, "l")
        assert await outbox.dropped(session, one.id, "a")
    assert await _state(database, "l") == "dropped"


async def test_at_its_end_a_row_forgets_what_it_said(database: Database) -> None:
    secretive = CaseNews("KJENNETEGN", CaseState.OPEN)
    await _add(database, *(replace(_POST, key=key, data=secretive) for key in "abcd"))
    async with database.transaction() as session:
        await outbox.drop(session, "d")
    first, second, _ = await _claim(database)
    await _sent(database, first)
    async with database.transaction() as session:
        await outbox.failed(session, second.id, "a", "unreachable")
    await _claim(database, after=2 * MINUTE)
    await _claim(database, after=4 * MINUTE)
    assert "KJENNETEGN" not in await dump(database)


async def test_a_replacement_waits_for_what_it_replaces(database: Database) -> None:
    await _add(database, _POST)
    await _add(database, replace(_POST, key="k2", replaces="k", priority=1))
    (first,) = await _claim(database)
    assert first.post.key == "k"
    assert await _claim(database, after=MINUTE / 2) == []
    async with database.transaction() as session:
        assert await outbox.reference(session, "k") is None
    await _sent(database, first)
    async with database.transaction() as session:
        assert await outbox.reference(session, "k") == _AT
    (second,) = await _claim(database, after=MINUTE / 2)
    assert (second.post.key, second.post.replaces) == ("k2", "k")


async def test_two_changes_of_a_message_do_not_overtake_each_other(database: Database) -> None:
    await _add(database, _POST)
    (first,) = await _claim(database)
    await _sent(database, first)
    await _add(database, replace(_POST, key="k2", replaces="k"))
    (second,) = await _claim(database)
    await _add(database, replace(_POST, key="k3", replaces="k"))
    await _add(database, replace(_POST, key="k4", replaces="k"))
    assert await _state(database, "k3") == "dropped"
    assert await _claim(database, "b", after=MINUTE / 2) == []
    async with database.transaction() as session:
        assert await outbox.is_superseded(session, second)
        assert await outbox.dropped(session, second.id, "a")
    (last,) = await _claim(database, "b")
    assert last.post.key == "k4"
    async with database.transaction() as session:
        assert not await outbox.is_superseded(session, last)
        assert not await outbox.is_superseded(session, first)


async def test_with_nothing_to_replace_it_is_a_message_of_its_own(database: Database) -> None:
    await _add(database, _POST, replace(_POST, key="k2", replaces="k"))
    (first,) = await _claim(database)
    async with database.transaction() as session:
        await outbox.failed(session, first.id, "a", "unreachable")
    (second,) = await _claim(database)
    assert (second.post.key, second.post.replaces) == ("k2", None)


async def test_a_row_that_cannot_be_read_holds_up_nobody(database: Database) -> None:
    await _add(database, _POST, replace(_POST, key="l"))
    await run(database, "UPDATE outbox SET name = 'whistle' WHERE key = 'k'")
    assert _keys(await _claim(database)) == ["l"]
    assert await _state(database) == "failed"


async def test_a_message_with_a_secret_is_refused(database: Database) -> None:
    for code in ClaimCode.examples():
        with pytest.raises(NotForOutbox):
            await _add(database, replace(_POST, data=code))


async def test_what_waits_is_counted(database: Database) -> None:
    async with database.transaction() as session:
        assert await outbox.waiting(session, NOW) == outbox.Waiting(0, None)
    await _add(
        database, replace(_POST, due_at=NOW - 3 * MINUTE), replace(_POST, key="l", due_at=NOW + MINUTE)
    )
    async with database.transaction() as session:
        assert await outbox.waiting(session, NOW) == outbox.Waiting(1, 3 * MINUTE)

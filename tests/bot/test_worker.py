"""What came in is handled once, again after a hiccup, and with an apology when it cannot be."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from bot.worker import Bell, Inbox, Loop
from graph.errors import Unavailable
from handlers.events import Asked, Event, Gone, Person, Place, Pressed
from handlers.messages import Language, Problem
from handlers.ports import TryLater, Unreachable
from handlers.records import InboxState, Incoming, Outgoing
from handlers.store import people
from handlers.store.database import Database
from handlers.store.errors import DatabaseUnavailable, StoreError
from handlers.store.messages import loaded
from tests.handlers.rig import HandClock

NORA = Person("slack", "T0", "U0NORA")
PRIVATE = Place("slack", "D0NORA", private=True)
SECOND = timedelta(seconds=1)


@dataclass
class Handler:
    """Notes what it is given; raises what it is told to, one after the other."""

    errors: list[Exception] = field(default_factory=list)
    handled: list[Event] = field(default_factory=list)

    async def __call__(self, event: Event) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.handled.append(event)


@dataclass
class Desk:
    database: Database
    clock: HandClock
    handler: Handler
    inbox: Inbox

    def beside(self) -> Inbox:
        """A second replica."""
        return Inbox(self.database, self.clock, "other", Bell(), self.handler)

    async def rows(self) -> list[Incoming]:
        async with self.database.transaction() as session:
            return list(await session.scalars(select(Incoming)))

    async def sent(self) -> list[Outgoing]:
        async with self.database.transaction() as session:
            return list(await session.scalars(select(Outgoing)))


@pytest.fixture
async def desk(sqlite_url: str) -> AsyncIterator[Desk]:
    database, clock, handler = Database.open(sqlite_url), HandClock(), Handler()
    yield Desk(database, clock, handler, Inbox(database, clock, "bot", Bell(), handler))
    await database.close()


def _asked(id: str = "e1") -> Asked:
    return Asked(id, NORA, PRIVATE, "Hvordan setter jeg opp tofaktor?")


async def test_a_redelivered_event_is_handled_once(desk: Desk) -> None:
    for _ in range(3):
        await desk.inbox.receive(_asked())
    assert [await desk.inbox.step(), await desk.inbox.step()] == [1, 0]
    await desk.inbox.receive(_asked())
    assert await desk.inbox.step() == 0
    assert desk.handler.handled == [_asked()]


async def test_two_replicas_handle_an_event_once(desk: Desk) -> None:
    for number in range(20):
        await desk.inbox.receive(_asked(f"e{number}"))
    other = desk.beside()
    while sum(await asyncio.gather(desk.inbox.step(), other.step())):
        pass
    assert sorted(event.id for event in desk.handler.handled) == sorted(f"e{n}" for n in range(20))


async def test_a_handled_event_leaves_its_id_alone(desk: Desk) -> None:
    await desk.inbox.receive(_asked())
    await desk.inbox.step()
    [row] = await desk.rows()
    assert (row.id, row.state, row.fields) == ("e1", InboxState.DONE, None)


async def test_the_bell_rings(desk: Desk) -> None:
    await desk.inbox.receive(_asked())
    await asyncio.wait_for(desk.inbox.bell.wait(60), 5)


@pytest.mark.parametrize(
    "error", [Unavailable(), TryLater(1), DatabaseUnavailable("busy")], ids=["graph", "chat", "store"]
)
async def test_what_may_pass_is_tried_again(desk: Desk, error: Exception) -> None:
    desk.handler.errors = [error]
    await desk.inbox.receive(_asked())
    await desk.inbox.step()
    assert await desk.inbox.step() == 0
    desk.clock.at += 2 * SECOND
    assert await desk.inbox.step() == 1
    assert desk.handler.handled == [_asked()]
    assert await desk.sent() == []


async def test_the_pauses_grow(desk: Desk) -> None:
    desk.handler.errors = [Unavailable() for _ in range(4)]
    await desk.inbox.receive(_asked())
    await desk.inbox.step()
    for seconds in (2, 10, 60, 300):
        desk.clock.at += (seconds - 1) * SECOND
        assert await desk.inbox.step() == 0
        desk.clock.at += SECOND
        assert await desk.inbox.step() == 1
    assert desk.handler.handled == [_asked()]


async def test_what_somebody_asks_whom_nobody_can_write_to_is_tried_once_and_no_apology_sent(
    desk: Desk,
) -> None:
    desk.handler.errors = [Unreachable("user_not_found")]
    await desk.inbox.receive(Asked("e1", NORA, PRIVATE, "hei"))
    assert await desk.inbox.step()
    desk.clock.at += timedelta(hours=1)
    assert not await desk.inbox.step()
    [row] = await desk.rows()
    assert (row.state, row.attempts, await desk.sent()) == (InboxState.FAILED, 1, [])


async def test_a_platform_is_given_the_pause_it_asks_for(desk: Desk) -> None:
    desk.handler.errors = [TryLater(30)]
    await desk.inbox.receive(_asked())
    await desk.inbox.step()
    desk.clock.at += 29 * SECOND
    assert await desk.inbox.step() == 0
    desk.clock.at += SECOND
    assert await desk.inbox.step() == 1


async def test_what_does_not_pass_ends_in_an_apology(desk: Desk) -> None:
    desk.handler.errors = [Unavailable() for _ in range(9)]
    async with desk.database.transaction() as session:
        await people.choose_language(session, NORA, Language.NN)
    await desk.inbox.receive(_asked())
    for _ in range(9):
        await desk.inbox.step()
        desk.clock.at += timedelta(minutes=10)
    assert len(desk.handler.errors) == 4
    [row] = await desk.rows()
    assert (row.state, row.fields) == (InboxState.FAILED, None)
    [sorry] = await desk.sent()
    told = loaded(sorry.name, sorry.data)
    assert isinstance(told, Problem)
    assert (told.kind, sorry.user, sorry.language) == ("failure", NORA.user, Language.NN)
    assert told.reference is not None
    assert len(told.reference) == 6


async def test_a_fault_of_ours_is_not_repeated(desk: Desk) -> None:
    desk.handler.errors = [ValueError("broken")]
    await desk.inbox.receive(Pressed("p1", NORA, PRIVATE, "questions.topic", "setup"))
    await desk.inbox.receive(_asked())
    with capture_logs() as logged:
        while await desk.inbox.step():
            pass
    [sorry] = await desk.sent()
    told = loaded(sorry.name, sorry.data)
    assert isinstance(told, Problem)
    assert told.reference in {entry.get("reference") for entry in logged}
    assert len(desk.handler.handled) == 1
    desk.clock.at += timedelta(hours=1)
    assert await desk.inbox.step() == 0


async def test_a_slow_event_holds_up_no_other(desk: Desk) -> None:
    """With one directory look-up hanging, everybody else is still answered."""
    never, answered = asyncio.Event(), asyncio.Event()

    async def handle(event: Event) -> None:
        await never.wait() if event.id == "slow" else answered.set()

    working = replace(desk.inbox, handle=handle)
    loops = working.loops()
    for loop in loops:
        loop.start()
    try:
        await working.receive(Pressed("slow", NORA, PRIVATE, "questions.topic", "setup"))
        await working.receive(_asked())
        async with asyncio.timeout(10):
            await answered.wait()
    finally:
        never.set()
        await asyncio.gather(*(loop.stop(5) for loop in loops))


async def test_nobody_is_told_of_an_event_without_a_person(desk: Desk) -> None:
    desk.handler.errors = [ValueError("broken")]
    await desk.inbox.receive(Gone("g1", "slack", "T0"))
    await desk.inbox.step()
    assert await desk.sent() == []


async def test_an_event_whose_worker_died_is_taken_over(desk: Desk) -> None:
    started, never = asyncio.Event(), asyncio.Event()

    async def hang(_: Event) -> None:
        started.set()
        await never.wait()

    await desk.inbox.receive(_asked())
    dying = asyncio.create_task(Inbox(desk.database, desk.clock, "dying", Bell(), hang).step())
    await asyncio.wait_for(started.wait(), 5)
    dying.cancel()
    assert await desk.inbox.step() == 0
    desk.clock.at += 61 * SECOND
    assert await desk.inbox.step() == 1
    assert desk.handler.handled == [_asked()]


@dataclass
class Steps:
    """What a loop does: hands out these numbers, then nothing."""

    found: list[int | StoreError]
    taken: int = 0
    idle: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self) -> int:
        self.taken += 1
        if not self.found:
            self.idle.set()
            return 0
        next_ = self.found.pop(0)
        if isinstance(next_, StoreError):
            raise next_
        return next_


def _loop(step: Callable[[], Awaitable[int]], every: float = 60.0) -> Loop:
    return Loop("test", step, Bell(), every)


async def test_a_loop_goes_on_while_it_finds_work() -> None:
    steps = Steps([3, 2, 1])
    loop = _loop(steps)
    loop.start()
    await asyncio.wait_for(steps.idle.wait(), 5)
    assert steps.taken == 4
    assert await loop.stop(5) is True


async def test_a_bell_wakes_a_loop() -> None:
    steps = Steps([])
    loop = _loop(steps)
    loop.start()
    await asyncio.wait_for(steps.idle.wait(), 5)
    steps.idle.clear()
    loop.bell.ring()
    await asyncio.wait_for(steps.idle.wait(), 5)
    assert await loop.stop(5) is True


async def test_a_loop_outlives_a_database_that_is_away() -> None:
    steps = Steps([DatabaseUnavailable("busy"), 1])
    loop = _loop(steps, every=0.001)
    loop.start()
    await asyncio.wait_for(steps.idle.wait(), 5)
    assert steps.found == []
    assert await loop.stop(5) is True


async def test_a_stop_lets_the_step_under_way_end() -> None:
    started, let_go, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def step() -> int:
        started.set()
        await let_go.wait()
        ended.set()
        return 1

    loop = _loop(step)
    loop.start()
    await asyncio.wait_for(started.wait(), 5)
    stopping = asyncio.create_task(loop.stop(5))
    let_go.set()
    assert await stopping is True
    assert ended.is_set()


async def test_a_stop_does_not_wait_for_ever() -> None:
    started, never = asyncio.Event(), asyncio.Event()

    async def step() -> int:
        started.set()
        await never.wait()
        return 0

    loop = _loop(step)
    loop.start()
    await asyncio.wait_for(started.wait(), 5)
    assert await loop.stop(0.01) is False


async def test_a_loop_that_never_began_is_stopped() -> None:
    assert await _loop(Steps([])).stop(1) is True


async def test_what_a_platform_waits_for_is_worked_on_at_once_and_once(desk: Desk) -> None:
    work = await desk.inbox.begin(_asked())
    assert work is not None
    assert await desk.inbox.begin(_asked()) is None
    assert await desk.inbox.step() == 0
    await work
    [row] = await desk.rows()
    assert (row.state, row.fields, row.attempts) == (InboxState.DONE, None, 1)
    assert desk.handler.handled == [_asked()]
    assert await desk.inbox.idle(0)


async def test_what_is_worked_on_at_once_is_cleaned_too(desk: Desk) -> None:
    work = await desk.inbox.begin(replace(_asked(), text="Koden er 12345678901"))
    assert work is not None
    await work
    [event] = desk.handler.handled
    assert isinstance(event, Asked)
    assert "12345678901" not in event.text
    assert event.cut


async def test_what_fails_while_its_platform_waits_is_tried_again_by_the_others(desk: Desk) -> None:
    desk.handler.errors = [Unavailable()]
    work = await desk.inbox.begin(_asked())
    assert work is not None
    await work
    desk.clock.at += 2 * SECOND
    assert await desk.beside().step() == 1
    assert desk.handler.handled == [_asked()]


async def test_what_was_begun_by_a_process_that_died_is_taken_over(desk: Desk) -> None:
    stuck = asyncio.Event()

    async def never(_: Event) -> None:
        await stuck.wait()

    work = await Inbox(desk.database, desk.clock, "dying", Bell(), never).begin(_asked())
    assert work is not None
    assert await desk.inbox.step() == 0
    work.cancel()
    desk.clock.at += timedelta(seconds=61)
    assert await desk.inbox.step() == 1
    assert desk.handler.handled == [_asked()]

"""What does not fit into a day begins on the working day before, and never later than its own."""

from collections import Counter
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from handlers.accounts import Directory
from handlers.messages import Language
from handlers.ports import Chats
from handlers.records import OutboxState, Outgoing, PlanEntry
from handlers.rollout.demand import Pace
from handlers.rollout.preview import preview
from handlers.rollout.remind import Remind
from handlers.rollout.room import by_hour, room, spread, working_days
from handlers.rollout.when import Calendar, Hours
from handlers.store.database import Database
from tests.handlers.rollout.given import at, entry, outcomes, put, reminder, waiting
from tests.memory_chat import MemoryChat

SHORT = Calendar.norwegian(hours=Hours(time(8), time(8, 5)))
"""Five messages a day, at one a minute."""
SLOW = Pace({"slack": 1})
SEVEN = (
    "Kari Bråten",
    "Siobhán O'Brien",
    "Priya Nair",
    "Elle Márjá Gaup",
    "Pål Grønvold",
    "Nora Lindqvist",
    "Sunniva Østby",
)
"""All in Slack, with nothing set up."""

FIRST = date(2027, 1, 4)
DAYS = working_days(Calendar.norwegian(), FIRST, FIRST + timedelta(days=20))
cells = st.dictionaries(
    st.tuples(st.sampled_from(DAYS), st.dates(FIRST, FIRST + timedelta(days=40))),
    st.integers(1, 40),
    max_size=12,
)


@given(cells, st.integers(1, 60))
def test_no_day_but_the_first_has_too_many_and_nobody_is_lost(
    meant: dict[tuple[date, date], int], most: int
) -> None:
    found = spread(DAYS, meant, most)
    assert all(found.messages[day] <= most for day in DAYS)
    # Nobody goes later than meant: what goes up to a day is at least what must have gone by then.
    if len({activation_day for _, activation_day in meant}) == len(meant):
        assert sum(found.messages.values()) + found.too_many == sum(meant.values())
        for index in range(len(DAYS)):
            going = sum(found.messages[day] for day in DAYS[: index + 1])
            due = sum(accounts for (day, _), accounts in meant.items() if day <= DAYS[index])
            assert going + found.too_many >= due
    if all(sum(n for (on, _), n in meant.items() if on == day) <= most for day in DAYS):
        assert (found.early, found.too_many) == ({}, 0)


@given(cells, st.integers(1, 60))
def test_only_what_does_not_fit_begins_before(meant: dict[tuple[date, date], int], most: int) -> None:
    found = spread(DAYS, meant, most)
    for day, before in zip(DAYS[1:], DAYS, strict=False):
        begun = sum(accounts for (on, _), accounts in found.early.items() if on == before)
        assert not begun or found.messages[day] == most


@given(st.integers(0, 2000), st.integers(1, 10), st.dates(date(2027, 1, 1), date(2027, 12, 31)))
def test_the_hours_of_a_day_hold_what_fits(messages: int, a_minute: int, day: date) -> None:
    calendar = Calendar.norwegian(hours=Hours(time(8), time(10, 30)))
    hours = list(by_hour(calendar, day, messages, a_minute))
    assert sum(going for _, going in hours) == min(messages, room(calendar, a_minute))
    assert [going for _, going in hours] == sorted((going for _, going in hours), reverse=True)
    assert all(begins in calendar.window(day) for begins, _ in hours)


@pytest.fixture
def slow(database: Database, directory: Directory, chat: MemoryChat) -> Remind:
    """Reminds on the day before and the day itself, five a day."""
    return Remind(database, directory, Chats([chat]), SHORT, (-1, 0), False, Language.NB, SLOW)


async def work(database: Database, slow: Remind, day: str) -> list[tuple[str | None, int, str]]:
    """What goes on a day: to whom, under which offset, and how many days before as sent."""
    before = len(await waiting(database))
    for minute in range(3):
        await slow.tick(at(day, f"08:0{minute}"))
    went = [
        (row.user, reminder(row).offset, row.key.rsplit(":", 1)[1])
        for row in (await waiting(database))[before:]
    ]
    async with database.transaction() as session:
        await session.execute(update(Outgoing).values(state=OutboxState.SENT))
    return went


async def test_too_many_begin_before_and_two_on_a_day_are_one(database: Database, slow: Remind) -> None:
    """Seven are due on Monday the 18th and again on Tuesday the 19th; five a day fit."""
    tuesday = date(2027, 1, 19)
    await put(database, *(entry(name, tuesday) for name in SEVEN))
    async with database.reading() as session:
        seen = [
            (
                await preview(session, day, offsets=(-1, 0), calendar=SHORT, pace=SLOW, now=at("2027-01-12"))
            ).chats[0]
            for day in (date(2027, 1, 15), date(2027, 1, 18), tuesday)
        ]
    assert [(it.messages, it.early, it.begun, it.too_many) for it in seen] == [
        (2, 2, 0, 0),
        (5, 2, 2, 0),
        (5, 0, 2, 0),
    ]
    assert await work(database, slow, "2027-01-14") == []
    friday = await work(database, slow, "2027-01-15")
    assert [(as_sent, offset) for _, as_sent, offset in friday] == [(-4, "-1")] * 2
    monday = await work(database, slow, "2027-01-18")
    assert Counter((as_sent, offset) for _, as_sent, offset in monday) == {(-1, "-1"): 3, (-1, "0"): 2}
    last = await work(database, slow, "2027-01-19")
    assert Counter((as_sent, offset) for _, as_sent, offset in last) == {(0, "0"): 5}
    for day in (friday, monday, last):
        assert len({who for who, _, _ in day}) == len(day)
    assert Counter(it for (_, offset), it in (await outcomes(database)).items() if offset == -1) == {
        "queued": 5,
        "merged": 2,
    }
    assert Counter(it for (_, offset), it in (await outcomes(database)).items() if offset == 0) == {
        "queued": 7
    }


async def test_what_cannot_begin_before_is_told(database: Database) -> None:
    await put(database, *(entry(name, date(2027, 1, 18)) for name in SEVEN))
    async with database.reading() as session:
        found = await preview(
            session, date(2027, 1, 18), offsets=(0,), calendar=SHORT, pace=SLOW, now=at("2027-01-18", "07:00")
        )
        assert found.chats[0].too_many == 2
        evening = datetime.fromisoformat("2027-01-15T16:00+01:00")
        later = await preview(
            session, date(2027, 1, 18), offsets=(0,), calendar=SHORT, pace=SLOW, now=evening
        )
        assert later.chats[0].too_many == 2
        in_time = await preview(
            session, date(2027, 1, 18), offsets=(0,), calendar=SHORT, pace=SLOW, now=at("2027-01-15", "07:00")
        )
        assert (in_time.chats[0].too_many, in_time.chats[0].begun) == (0, 2)
    async with database.transaction() as session:
        await session.execute(update(PlanEntry).values(excluded=True))
    async with database.reading() as session:
        nobody = await preview(
            session, date(2027, 1, 18), offsets=(0,), calendar=SHORT, pace=SLOW, now=at("2027-01-15", "07:00")
        )
    assert (nobody.slots, nobody.chats[0].messages) == ((), 0)

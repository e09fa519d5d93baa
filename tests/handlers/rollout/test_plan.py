"""Importing a plan: whole or not at all, and who did it and why is on record."""

import asyncio
import time
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from bot.sandbox.entra.emulator import EntraEmulator
from bot.sandbox.world import FJORDHEIM
from graph.errors import GraphError, Throttled
from handlers.accounts import Directory
from handlers.events import Person
from handlers.messages import Language, Reminder
from handlers.records import Due, OutboxState
from handlers.rollout import plan
from handlers.rollout.changes import Kind
from handlers.rollout.difference import Difference, Group, OffDay
from handlers.rollout.keys import Outcome, reminder_key
from handlers.rollout.plan import ImportReport, import_plan
from handlers.rollout.resolver import Ambiguous, GraphResolver, Resolved, ResolvedUser, Resolver
from handlers.rollout.when import Quiet
from handlers.rollout.writing import Author
from handlers.store import outbox
from handlers.store.database import Database
from tests.handlers.rollout.given import CALENDAR, NOW, ListedAccounts, planned, recorded, user, waiting

DAY = date(2027, 1, 18)
LATER = date(2027, 2, 1)
KNOWN = ListedAccounts(
    {
        **{f"user{n}@x.no": user(n) for n in range(1, 6)},
        "alias1@x.no": user(1),
        user(1).account: user(1),
        "shared@x.no": Ambiguous(),
    }
)
ONE = user(1).account


async def load(
    database: Database,
    *lines: str,
    resolver: Resolver = KNOWN,
    now: datetime = NOW,
    header: str = "account,activation_day",
    dry_run: bool = False,
    by: str = "kari",
    reason: str = "",
    whole: bool = False,
) -> ImportReport:
    data = "\n".join([header, *lines]).encode()
    report = await import_plan(
        database, resolver, data, author=Author(by, reason, now), calendar=CALENDAR, dry_run=dry_run
    )
    return report if whole else replace(report, differences=(), off_days=())


async def test_accounts_come_move_and_go_and_others_stay(database: Database) -> None:
    first = await load(database, *(f"user{n}@x.no,2027-01-18" for n in range(1, 5)))
    assert first == ImportReport(added=4)
    second = await load(
        database,
        "user1@x.no,2027-02-01",
        "user2@x.no,",
        "user3@x.no,18.01.2027",
        "user5@x.no,2027-02-01",
        by="amir",
        reason="The library moves",
        now=NOW + timedelta(days=1),
    )
    assert second == ImportReport(added=1, moved=1, removed=1, unchanged=1)
    assert {row.upn: row.activation_day for row in (await planned(database)).values()} == {
        "user1@x.no": LATER,
        "user3@x.no": DAY,
        "user4@x.no": DAY,
        "user5@x.no": LATER,
    }
    changes = [it for it in await recorded(database) if it.by == "amir"]
    assert {(it.account, it.before, it.after) for it in changes} == {
        (user(5).account, None, LATER),
        (ONE, DAY, LATER),
        (user(2).account, DAY, None),
    }
    assert {(it.reason, it.at) for it in changes} == {("The library moves", NOW + timedelta(days=1))}


async def test_the_same_file_again_changes_nothing(database: Database) -> None:
    lines = ["user1@x.no,2027-01-18,First,nb", "user2@x.no,2027-01-18,,"]
    header = "account,activation_day,wave,language"
    await load(database, *lines, header=header)
    before = (await planned(database))[ONE].changed_at
    report = await load(database, *lines, header=header, now=NOW + timedelta(days=2))
    assert report == ImportReport(unchanged=2)
    assert (await planned(database))[ONE].changed_at == before
    assert len(await recorded(database)) == 2


async def test_a_column_that_is_missing_keeps_what_the_plan_holds(database: Database) -> None:
    await load(database, "user1@x.no,2027-01-18,First,nn", header="account,activation_day,wave,language")
    assert await load(database, "user1@x.no,2027-02-01") == ImportReport(moved=1)
    held = (await planned(database))[ONE]
    assert (held.wave, held.language) == ("First", "nn")
    assert await load(
        database, "user1@x.no,2027-02-01,", header="account,activation_day,wave"
    ) == ImportReport(updated=1)
    held = (await planned(database))[ONE]
    assert (held.wave, held.language) == (None, "nn")


async def test_one_bad_line_and_nothing_is_imported_and_all_bad_lines_are_named(database: Database) -> None:
    await load(database, "user5@x.no,2027-01-18")
    report = await load(
        database,
        "user1@x.no,2027-01-18",
        "user2@x.no,2027-02-30",
        "nobody@x.no,2027-01-18",
        "shared@x.no,2027-01-18",
        "user3@x.no,2026-11-30",
        "alias1@x.no,2027-01-18",
        f"{ONE},2027-01-18",
        "user5@x.no,",
        "nobody2@x.no,",
    )
    assert [(it.line, it.column, it.what) for it in report.problems] == [
        (3, "activation_day", "2027-02-30 is not in the calendar"),
        (4, "account", "the directory knows no such account"),
        (5, "account", "several accounts have this address"),
        (6, "activation_day", "2026-11-30 has passed"),
        (7, "account", "the account is in line 2 already"),
        (8, "account", "the account is in line 2 already"),
        (10, "account", "the directory knows no such account"),
    ]
    assert all(it.remedy for it in report.problems)
    assert not report.is_accepted
    assert (report.added, report.removed) == (0, 0)
    assert set(await planned(database)) == {user(5).account}
    assert len(await recorded(database)) == 1


async def test_a_past_day_is_accepted_only_if_the_plan_holds_it(database: Database) -> None:
    await load(database, "user1@x.no,2027-01-18")
    after = datetime.fromisoformat("2027-01-19T00:30+01:00")
    assert await load(database, "user1@x.no,2027-01-18", now=after) == ImportReport(unchanged=1)
    late = await load(database, "user1@x.no,2027-01-15", "user2@x.no,2027-01-18", now=after)
    assert [it.line for it in late.problems] == [2, 3]
    assert late.problems[0].remedy == "write a day from 2027-01-19 on"
    midnight = datetime.fromisoformat("2027-01-18T00:30+01:00")
    assert await load(database, "user2@x.no,2027-01-18", now=midnight) == ImportReport(added=1)


async def test_a_dry_run_tells_the_same_and_changes_nothing(database: Database) -> None:
    assert await load(database, "user1@x.no,2027-01-18", dry_run=True) == ImportReport(added=1)
    assert await planned(database) == {}
    assert await recorded(database) == []


async def test_the_difference_is_told_in_few_lines(database: Database) -> None:
    header = "account,activation_day,wave"
    first = await load(
        database, *(f"user{n}@x.no,2027-01-18,First" for n in range(1, 5)), header=header, whole=True
    )
    names = tuple(f"user{n}@x.no" for n in range(1, 4))
    assert first.differences == (Difference(Group(Kind.ADDED, None, DAY, "First"), 4, names),)
    second = await load(
        database,
        "user1@x.no,2027-02-06,Late",
        "user2@x.no,,",
        "user3@x.no,2027-01-18,Second",
        "user4@x.no,2027-01-18,First",
        "user5@x.no,2027-05-17,Late",
        header=header,
        dry_run=True,
        whole=True,
    )
    saturday, constitution_day = date(2027, 2, 6), date(2027, 5, 17)
    assert second.differences == (
        Difference(Group(Kind.ADDED, None, constitution_day, "Late"), 1, ("user5@x.no",)),
        Difference(Group(Kind.MOVED, DAY, saturday, "Late"), 1, ("user1@x.no",)),
        Difference(Group(Kind.REMOVED, DAY, None, "First"), 1, ("user2@x.no",)),
        Difference(Group(Kind.UPDATED, DAY, DAY, "Second"), 1, ("user3@x.no",)),
    )
    assert second.off_days == (
        OffDay(saturday, Quiet.WEEKEND, 1),
        OffDay(constitution_day, Quiet.HOLIDAY, 1),
    )


async def test_who_has_left_the_directory_can_still_be_taken_out(database: Database) -> None:
    await load(database, "user1@x.no,2027-01-18", "user2@x.no,2027-01-18", "user3@x.no,2027-01-18")
    nobody = ListedAccounts({})
    report = await load(database, "USER1@x.no,", f"{user(2).account},", resolver=nobody)
    assert report == ImportReport(removed=2)
    assert set(await planned(database)) == {user(3).account}


async def test_readiness_stays_unless_the_new_day_asks_for_more(database: Database) -> None:
    await load(database, *(f"user{n}@x.no,2027-01-18" for n in (1, 2, 3)))
    async with database.transaction() as session:
        for n in (1, 2, 3):
            held = await plan.entry(session, user(n).account)
            assert held is not None
            held.ready_at = NOW
    await load(database, "user1@x.no,2027-01-25", "user2@x.no,2027-02-01")
    held_now = await planned(database)
    assert [held_now[user(n).account].ready_at for n in (1, 2, 3)] == [NOW, None, NOW]


async def test_reminders_of_the_old_day_are_withdrawn(database: Database) -> None:
    await load(database, "user1@x.no,2027-01-18", "user2@x.no,2027-01-18", "user3@x.no,2027-01-18")
    async with database.transaction() as session:
        for n in (1, 2, 3):
            key = reminder_key(user(n).account, DAY, -14)
            person = Person("slack", "T", f"U{n}")
            session.add(
                Due(account=user(n).account, activation_day=DAY, offset=-14, outcome=Outcome.QUEUED, at=NOW)
            )
            await outbox.add(
                session, outbox.Post(key, person, Reminder(DAY, -14, "everything"), Language.NB, NOW)
            )
    await load(database, "user1@x.no,2027-02-01", "user2@x.no,")
    states = {row.user: row.state for row in await waiting(database)}
    assert states == {"U1": OutboxState.DROPPED, "U2": OutboxState.DROPPED, "U3": OutboxState.PENDING}


async def test_two_imports_at_once_are_one_after_the_other(database: Database) -> None:
    reports = await asyncio.gather(
        *(load(database, *(f"user{n}@x.no,2027-0{month}-18" for n in range(1, 6))) for month in (1, 2, 3))
    )
    assert sorted((it.added, it.moved) for it in reports) == [(0, 5), (0, 5), (5, 0)]
    changes = await recorded(database)
    assert len(changes) == 15
    ends = {it.account: it.after for it in changes}
    assert {row.account: row.activation_day for row in (await planned(database)).values()} == ends


@pytest.mark.parametrize("size", [5_000, pytest.param(50_000, marks=pytest.mark.slow)])
async def test_many_lines_with_one_bad_and_then_without(database: Database, size: int) -> None:
    everybody = ListedAccounts({f"user{n}@x.no": user(n) for n in range(size)})
    lines = [f"user{n}@x.no,2027-01-{18 + n % 5},Wave {n % 9}" for n in range(size)]
    bad = [*lines[: size // 2], "stranger@x.no,2027-01-18,", *lines[size // 2 :]]
    header = "account,activation_day,wave"
    report = await load(database, *bad, resolver=everybody, header=header)
    assert [it.line for it in report.problems] == [size // 2 + 2]
    assert await planned(database) == {}
    started = time.process_time()
    assert await load(database, *lines, resolver=everybody, header=header) == ImportReport(added=size)
    assert time.process_time() - started < 30
    assert len(await planned(database)) == size


# The directory on its socket.


async def test_the_directory_tells_whose_address_it_is(directory: Directory) -> None:
    solveig = FJORDHEIM.residents[0]
    student = FJORDHEIM.named("Nora Lindqvist")
    names = [solveig.object_id, solveig.upn, student.mail.upper(), "nobody@fjordheim.example", solveig.upn]
    found = await GraphResolver(directory.users).resolve(names)
    assert [getattr(found[name], "account", None) for name in names] == [
        solveig.object_id,
        solveig.object_id,
        student.object_id,
        None,
        solveig.object_id,
    ]


async def test_many_names_are_found_in_a_list_of_everybody(
    directory: Directory, entra: EntraEmulator
) -> None:
    """In fewer requests, page by page, and with the same result as when each is looked up."""
    entra.paging.size = 7
    one, two = FJORDHEIM.residents[0], FJORDHEIM.named("Nora Lindqvist")
    entra.tenant.account(one).aliases.append("old.name@fjordheim.example")
    entra.tenant.account(two).aliases.append(one.mail)
    names = [
        *(resident.upn.upper() for resident in FJORDHEIM.residents),
        two.object_id,
        one.mail,
        "old.name@fjordheim.example",
        *(f"nobody{n}@fjordheim.example" for n in range(100)),
    ]
    resolver = GraphResolver(directory.users)
    heard: list[tuple[str, int, int | None]] = []
    found = await resolver.resolve(names, lambda what, done, total=None: heard.append((what, done, total)))
    listed = len(entra.requests)
    assert heard[-1] == ("accounts of the directory read", len(FJORDHEIM.residents), len(FJORDHEIM.residents))
    assert listed == 1 + -(-len(FJORDHEIM.residents) // 7)
    looked_up: dict[str, Resolved] = {}
    for some in (names[:50], names[50:100], names[100:]):
        looked_up.update(await resolver.resolve(some))
    assert found == looked_up
    assert found[one.mail] == Ambiguous()
    assert found["old.name@fjordheim.example"] == ResolvedUser(one.object_id, one.upn, one.mail)


@pytest.mark.parametrize(("status", "error"), [(429, Throttled), (503, GraphError), (403, GraphError)])
async def test_a_directory_that_cannot_tell_ends_the_import(
    database: Database,
    directory: Directory,
    entra: EntraEmulator,
    status: int,
    error: type[GraphError],
) -> None:
    entra.faults.answer("GET /users*", status, times=None, retry_after="300")
    lines = [f"{resident.upn},2027-01-18" for resident in FJORDHEIM.residents]
    with pytest.raises(error):
        await load(database, *lines, resolver=GraphResolver(directory.users))
    assert await planned(database) == {}
    assert len(entra.requests) < 200

"""Groups as waves: read live and followed whole, and a file's row beats them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot.sandbox.entra.emulator import EntraEmulator
from bot.sandbox.world import FJORDHEIM, guid
from bot.sandbox.world.groups import EMPLOYEES, LIBRARY, SECURITY, STUDENTS, WAVE_STAFF, WAVE_STUDENTS
from graph.errors import GraphError
from handlers.accounts import Directory
from handlers.records import LeftOut, Source
from handlers.rollout.changes import Held
from handlers.rollout.membership import Joined, Membership, Wave
from handlers.rollout.plan import import_plan
from handlers.rollout.resolver import GraphResolver
from handlers.rollout.waves import GroupsReport, Waves
from handlers.rollout.writing import Author
from handlers.store.database import Database
from tests.handlers.rollout.given import CALENDAR, DAY, NOW, PAL, account, planned, recorded

LATER = date(2027, 2, 8)


def wave(name: str, group: str, day: date = DAY) -> Wave:
    return Wave(name, FJORDHEIM.group(group).object_id, day)


STAFF = wave("Staff", WAVE_STAFF)
LATE = wave("Students", WAVE_STUDENTS, LATER)


def following(database: Database, directory: Directory, *waves: Wave, exclude: tuple[str, ...] = ()) -> Waves:
    groups = tuple(FJORDHEIM.group(name).object_id for name in exclude)
    return Waves(database, directory.groups, CALENDAR, waves, groups)


def ids(group: str) -> set[str]:
    return {resident.object_id for resident in FJORDHEIM.members(group)}


async def follow(waves: Waves, *, days: int = 0, dry_run: bool = False) -> GroupsReport:
    return await waves.follow(Author("kari", "", NOW + timedelta(days=days)), dry_run=dry_run)


async def load(database: Database, directory: Directory, *lines: str, days: int = 0) -> None:
    data = "\n".join(["account,activation_day", *lines]).encode()
    author = Author("amir", "By hand", NOW + timedelta(days=days))
    resolver = GraphResolver(directory.users)
    report = await import_plan(database, resolver, data, author=author, calendar=CALENDAR, has_waves=True)
    assert report.is_accepted


async def test_nested_groups_are_read_page_by_page_and_every_change_is_on_record(
    database: Database, directory: Directory, entra: EntraEmulator
) -> None:
    entra.paging.size = 5
    both = following(database, directory, STAFF, LATE)
    staff, students = ids(WAVE_STAFF), ids(WAVE_STUDENTS)
    assert (await follow(both, dry_run=True)).plan.added == len(staff | students)
    assert await planned(database) == {}

    report = await follow(both)
    assert (report.plan.added, report.in_several) == (len(staff | students), len(staff & students))
    plan = await planned(database)
    assert plan.keys() == staff | students
    assert {(it.wave, it.activation_day, it.source) for it in plan.values()} == {
        ("Staff", DAY, Source.GROUP),
        ("Students", LATER, Source.GROUP),
    }
    assert (await follow(both)).plan.unchanged == len(plan)

    moved = following(database, directory, wave("Staff", WAVE_STAFF, date(2027, 1, 25)))
    report = await follow(moved, days=1)
    assert (report.plan.moved, report.plan.removed) == (len(staff), len(students - staff))
    last = {it.account: it for it in await recorded(database)}
    assert {(it.by, it.reason, it.after) for it in last.values()} == {
        ("kari", "in the group of Staff", date(2027, 1, 25)),
        ("kari", "in no wave's group", None),
    }


async def test_who_leaves_the_group_leaves_the_plan_unless_a_row_holds_them(
    database: Database, directory: Directory, entra: EntraEmulator
) -> None:
    everybody = following(database, directory, wave("Staff", EMPLOYEES))
    await load(database, directory, f"{FJORDHEIM.named(PAL).upn},2027-03-01")
    report = await follow(everybody)
    in_group = account(PAL) in ids(EMPLOYEES)
    assert report.held_by_file == int(in_group)
    assert (await planned(database))[account(PAL)].activation_day == date(2027, 3, 1)
    fewer = following(database, directory, wave("Staff", LIBRARY))
    await follow(fewer)
    assert (await planned(database)).keys() == ids(LIBRARY) | {account(PAL)}


async def test_whom_a_file_takes_out_stays_out_until_a_file_names_them(
    database: Database, directory: Directory
) -> None:
    staff = following(database, directory, STAFF)
    await follow(staff)
    one = FJORDHEIM.members(WAVE_STAFF)[0]
    await load(database, directory, f"{one.upn},")
    assert one.object_id not in await planned(database)
    assert (await follow(staff)).left_out == 1
    assert one.object_id not in await planned(database)

    await follow(following(database, directory, LATE))
    async with database.reading() as session:
        assert (await session.scalars(select(LeftOut))).all() == []
    await follow(staff)
    assert one.object_id in await planned(database)


async def test_excluded_groups_are_marked_and_files_cannot_change_that(
    database: Database, directory: Directory
) -> None:
    excluding = following(database, directory, STAFF, exclude=(SECURITY,))
    outside = next(r for r in FJORDHEIM.members(SECURITY))
    await load(database, directory, f"{outside.upn},2027-03-01")
    await follow(excluding)
    marked = {key for key, it in (await planned(database)).items() if it.excluded}
    assert marked == ids(SECURITY) & (ids(WAVE_STAFF) | {outside.object_id})
    await load(database, directory, f"{outside.upn},2027-03-08")
    assert (await planned(database))[outside.object_id].excluded
    await follow(following(database, directory, STAFF))
    assert not any(it.excluded for it in (await planned(database)).values())


async def test_an_emptied_or_unknown_group_changes_nothing(
    database: Database, directory: Directory, entra: EntraEmulator
) -> None:
    await follow(following(database, directory, STAFF, LATE))
    before = await planned(database)
    nobody = Wave("Staff", FJORDHEIM.group(WAVE_STAFF).object_id, DAY)
    for group in entra.tenant.groups.values():
        group.within.discard(nobody.group)
    for member in FJORDHEIM.members(WAVE_STAFF):
        entra.tenant.account(member).groups.discard(nobody.group)
    report = await follow(following(database, directory, nobody, LATE))
    assert (report.empty, report.is_accepted) == (("Staff",), False)
    gone = Wave("Nowhere", guid("no such group"), DAY)
    report = await follow(following(database, directory, gone, exclude=(STUDENTS,)))
    assert report.unknown == ("Nowhere",)
    assert (await planned(database)).keys() == before.keys()


async def test_a_group_that_breaks_off_half_way_changes_nothing(
    database: Database, directory: Directory, entra: EntraEmulator
) -> None:
    entra.paging.size = 2
    entra.paging.astray = "http://elsewhere.example/"
    with pytest.raises(GraphError):
        await follow(following(database, directory, STAFF))
    assert await planned(database) == {}


async def test_replicas_read_the_groups_once_in_half_an_hour(
    database: Database, directory: Directory, entra: EntraEmulator
) -> None:
    waves = following(database, directory, STAFF)
    for minutes in (0, 1, 20):
        await waves.tick(NOW + timedelta(minutes=minutes))
    assert len(entra.sent("GET", "microsoft.graph.user")) == 1
    await waves.tick(NOW + timedelta(minutes=40))
    assert len(entra.sent("GET", "microsoft.graph.user")) == 2
    assert (await planned(database)).keys() == ids(WAVE_STAFF)
    await following(database, directory).tick(NOW + timedelta(minutes=80))
    assert await planned(database) == {}
    await following(database, directory).tick(NOW + timedelta(minutes=120))
    assert len(entra.sent("GET", "microsoft.graph.user")) == 2


days = st.dates(date(2027, 1, 1), date(2027, 3, 1))
some_waves = st.lists(st.builds(Wave, st.sampled_from("ABC"), st.just("g"), days), min_size=1, max_size=3)
some_held = st.none() | st.builds(
    Held,
    st.just("a"),
    st.just("a@x"),
    st.none(),
    days,
    st.sampled_from(["A", None]),
    st.none(),
    st.sampled_from(Source),
    st.booleans(),
)


@given(some_waves | st.none(), some_held, st.booleans(), st.booleans())
def test_what_a_group_makes_of_an_account(
    waves: list[Wave] | None, held: Held | None, excluded: bool, out: bool
) -> None:
    joined = {"a": Joined("a", "a@x", None, tuple(waves))} if waves else {}
    members = Membership(joined, {"a"} if excluded else set())
    after = members.by_group("a", held, is_left_out=out).after
    if held is not None and held.source is Source.FILE:
        assert after is not None
        assert (after.activation_day, after.wave, after.source) == (
            held.activation_day,
            held.wave,
            Source.FILE,
        )
    elif waves is None or out:
        assert after is None
        return
    else:
        assert after is not None
        assert after.activation_day == min(it.activation_day for it in waves)
        assert after.source is Source.GROUP
    assert after.excluded is excluded

"""How many can be reached, by which way, and why the others cannot."""

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlmodel import SQLModel

from bot.commands.rollout.status import told
from bot.sandbox.world import FJORDHEIM
from handlers.events import Person
from handlers.records import CANNOT, ConversationReference, Link, PlanEntry, Reached, ReachState
from handlers.rollout.reached import PlanReach, Way, reach
from handlers.store import people
from handlers.store.database import Database
from tests.handlers.rollout.given import BJORN, DAY, LEIF, NOW, PAL, PRIYA, account, entry, put

BOTH = ("slack", "teams")


async def counted(database: Database, platforms: Sequence[str] = BOTH) -> PlanReach:
    async with database.reading() as session:
        return await reach(session, platforms)


def in_teams(user: str) -> ConversationReference:
    return ConversationReference(
        tenant="t", conversation=f"a:{user}", user=user, service_url="https://smba.example", seen_at=NOW
    )


def stands(platform: str, user: str, state: ReachState) -> Reached:
    return Reached(platform=platform, account=user, state=state, at=NOW)


async def test_everybody_is_counted_once_by_chat_and_once_altogether(database: Database) -> None:
    pal, leif, priya, bjorn = map(account, (PAL, LEIF, PRIYA, BJORN))
    await put(database, *map(entry, (PAL, LEIF, PRIYA, BJORN, "Torunn Bø")))
    async with database.transaction() as session:
        await people.pin(session, Person("slack", "T0", "U0PAL"), pal, "pal@x.no", NOW)
        await people.pin(session, Person("slack", "T0", "U0LEIF"), leif, "leif@x.no", NOW)
        await people.flag(session, Person("slack", "T0", "U0LEIF"), "email-changed")
        session.add_all(
            [
                in_teams(leif),
                stands("teams", pal, ReachState.BLOCKED),
                stands("teams", priya, ReachState.NO_ACCOUNT),
                stands("slack", priya, ReachState.NO_ACCOUNT),
                stands("teams", bjorn, ReachState.REACHABLE),
                stands("slack", FJORDHEIM.named("Nora Lindqvist").object_id, ReachState.REACHABLE),
            ]
        )
    found = await counted(database)
    assert found.platforms["slack"].reachable == {Way.TALKED: 1, Way.FOUND: 0}
    assert found.platforms["slack"].unreachable == {ReachState.NO_ACCOUNT: 1}
    assert found.platforms["slack"].unknown == 3
    assert found.platforms["teams"].reachable == {Way.TALKED: 1, Way.FOUND: 1}
    assert found.platforms["teams"].unreachable == {ReachState.NO_ACCOUNT: 1, ReachState.BLOCKED: 1}
    assert (found.reachable, found.unreachable, found.unknown) == (3, 1, 1)
    assert list(told(found)) == [
        "Slack: 1 can be reached (1 have talked with the bot), 1 cannot (1 not on it), 3 not looked at yet.",
        (
            "Teams: 2 can be reached (1 have talked with the bot, 1 found by the bot), "
            "2 cannot (1 not on it, 1 have blocked the bot), 1 not looked at yet."
        ),
        "In one or another: 3 can be reached, 1 cannot, 1 not looked at yet.",
    ]
    assert (await counted(database, ["teams"])).reachable == 2
    assert (await counted(database, [])).platforms == {}


Row = tuple[ReachState | None, bool]


@pytest.mark.parametrize("platforms", [BOTH, ("teams",)])
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(*([st.tuples(st.none() | st.sampled_from(list(ReachState)), st.booleans())] * 2)),
        max_size=12,
    )
)
async def test_the_counts_add_up(
    sqlite_url: str, platforms: Sequence[str], plan: list[tuple[Row, Row]]
) -> None:
    database = Database.open(sqlite_url)
    try:
        await _laid_out(database, plan)
        found = await counted(database, platforms)
    finally:
        await database.close()
    assert found.reachable + found.unreachable + found.unknown == len(plan)
    for at, platform in enumerate(BOTH):
        if platform not in platforms:
            continue
        counts, states = found.platforms[platform], Counter(row[at][0] for row in plan)
        assert sum(counts.reachable.values()) + sum(counts.unreachable.values()) + counts.unknown == len(plan)
        assert dict(counts.unreachable) == {state: states[state] for state in CANNOT if states[state]}


async def _laid_out(database: Database, plan: list[tuple[Row, Row]]) -> None:
    tables: tuple[type[SQLModel], ...] = (PlanEntry, Reached, ConversationReference, Link)
    async with database.transaction() as session:
        for table in tables:
            await session.execute(delete(table))
        for number, row in enumerate(plan):
            user = f"{number:036}"
            session.add(PlanEntry(account=user, upn=user, activation_day=DAY, changed_at=NOW))
            for platform, (state, talked) in zip(BOTH, row, strict=True):
                if state is not None:
                    session.add(stands(platform, user, state))
                if talked and platform == "teams":
                    session.add(in_teams(user))
                if talked and platform == "slack":
                    await people.pin(session, Person("slack", "T0", user), user, "a@x.no", NOW)

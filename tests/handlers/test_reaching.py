"""Who can be written to in Teams: given the app once, left alone where that is not to be, and never asked of twice."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.entra.teams_apps import GRANTS, App
from bot.sandbox.world import FJORDHEIM
from graph.client import GraphClient
from graph.sending import Limits
from graph.teams_apps import INSTALL, TeamsApps
from handlers.events import Person
from handlers.ports import NotYet
from handlers.reaching import Next, Reaching, decide
from handlers.records import ConversationReference, Reached, ReachState
from handlers.store import reaching, references
from tests.handlers.rig import EMIL, MINUTE, NORA, Rig, no_wait

MANIFEST = "7c7b29a1-50fc-4ef1-8d41-4a3f1ab64d6a"
NOW = datetime(2027, 1, 11, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
FOREVER = timedelta(days=3650)


def _seen(state: ReachState, at: datetime = NOW) -> Reached:
    return Reached(platform="teams", account="a", state=state, at=at)


@given(st.sampled_from(list(ReachState)), st.timedeltas(min_value=-FOREVER, max_value=FOREVER))
def test_what_is_on_record_decides(state: ReachState, age: timedelta) -> None:
    rests = {
        ReachState.INSTALLING: (10 * MINUTE, Next.WAIT),
        ReachState.NOT_PERMITTED: (HOUR, Next.LEAVE),
        ReachState.NOT_OFFERED: (HOUR, Next.LEAVE),
        ReachState.REFUSED: (DAY, Next.LEAVE),
        ReachState.NO_ACCOUNT: (DAY, Next.LEAVE),
        ReachState.REACHABLE: (FOREVER * 2, Next.DOUBT),
        ReachState.BLOCKED: (FOREVER * 2, Next.LEAVE),
        ReachState.LEFT: (FOREVER * 2, Next.LEAVE),
    }
    length, meanwhile = rests[state]
    expected = meanwhile if abs(age) < length else Next.INSTALL
    assert decide(_seen(state, NOW - age), NOW) is expected


def test_of_whom_nothing_is_known_is_given_the_app() -> None:
    assert decide(None, NOW) is Next.INSTALL


def person(name: str) -> Person:
    return Person("teams", FJORDHEIM.tenant_id, FJORDHEIM.named(name).object_id)


def replica(rig: Rig, graph: GraphClient | None = None) -> Reaching:
    """One process."""
    apps = TeamsApps(graph or rig.graph, MANIFEST)
    return Reaching(rig.database, apps, rig.clock, FJORDHEIM.tenant_id, no_wait)


@pytest.fixture
def app(rig: Rig) -> App:
    rig.entra.login.granted |= GRANTS
    return rig.entra.teams_apps.publish(MANIFEST)


@pytest.fixture
async def reach(rig: Rig, app: App) -> AsyncIterator[Reaching]:
    """One whose Graph does not try again by itself."""
    tokens = rig.graph._sender._tokens
    async with GraphClient(rig.entra.graph_url, tokens, limits=Limits(tries=1), sleep=no_wait) as graph:
        yield replica(rig, graph)


async def standing(rig: Rig, name: str) -> str | None:
    async with rig.database.reading() as session:
        found = await reaching.of(session, "teams", person(name).user)
    return None if found is None else found.state


async def write_to_the_bot(rig: Rig, name: str) -> None:
    who = person(name)
    told = ConversationReference(
        tenant=who.tenant,
        conversation=f"a:{name}",
        user=who.user,
        service_url="https://smba.example",
        seen_at=rig.clock.now(),
    )
    async with rig.database.transaction() as session:
        await references.renew(session, told)


def asked(rig: Rig) -> int:
    """How often Graph was asked to install."""
    return len(rig.entra.sent("POST", "/installedApps"))


async def test_the_app_is_given_once_and_that_is_recorded(rig: Rig, reach: Reaching, app: App) -> None:
    assert await reach.install(person(NORA))
    assert rig.entra.teams_apps.has(FJORDHEIM.named(NORA), app)
    assert (await standing(rig, NORA), asked(rig)) == ("reachable", 1)


async def test_of_many_replicas_one_gives_the_app(each_rig: Rig) -> None:
    each_rig.entra.login.granted |= GRANTS
    each_rig.entra.teams_apps.publish(MANIFEST)
    replicas = [replica(each_rig) for _ in range(5)]
    found = await asyncio.gather(*(it.install(person(NORA)) for it in replicas), return_exceptions=True)
    assert True in found
    assert all(it is True or isinstance(it, NotYet) for it in found)
    assert (await standing(each_rig, NORA), asked(each_rig)) == ("reachable", 1)


async def test_without_the_permission_graph_is_asked_once_an_hour(rig: Rig, reach: Reaching) -> None:
    rig.entra.faults.missing.add(INSTALL)
    assert not await reach.install(person(NORA))
    assert not await reach.install(person(EMIL))
    assert {await standing(rig, NORA), await standing(rig, EMIL)} == {"not-permitted"}
    assert asked(rig) == 1
    rig.entra.faults.missing.clear()
    rig.clock.move(59 * MINUTE)
    assert not await reach.install(person(NORA))
    rig.clock.move(MINUTE)
    assert await reach.install(person(NORA))


async def test_without_the_app_in_the_catalogue_likewise(rig: Rig, reach: Reaching, app: App) -> None:
    rig.entra.teams_apps.withdraw(app)
    assert not await reach.install(person(NORA))
    assert not await reach.install(person(EMIL))
    assert {await standing(rig, NORA), await standing(rig, EMIL)} == {"not-offered"}
    assert len(rig.entra.sent("GET", "/teamsApps")) == 1


async def test_an_app_that_leaves_the_catalogue_is_no_fault_of_an_account(
    rig: Rig, reach: Reaching, app: App
) -> None:
    await reach.install(person(EMIL))
    rig.entra.teams_apps.withdraw(app)
    assert not await reach.install(person(NORA))
    assert await standing(rig, NORA) == "not-offered"


async def test_whom_teams_refuses_is_asked_of_once_a_day(rig: Rig, reach: Reaching) -> None:
    apps = rig.entra.teams_apps
    apps.blocked.add(person(NORA).user)
    apps.unlicensed.add(person(EMIL).user)
    for _ in range(3):
        assert not await reach.install(person(NORA))
        assert not await reach.install(person(EMIL))
        rig.clock.move(7 * HOUR)
    assert (await standing(rig, NORA), await standing(rig, EMIL), asked(rig)) == ("refused", "no-account", 2)
    apps.blocked.clear()
    rig.clock.move(3 * HOUR)
    assert await reach.install(person(NORA))


@pytest.mark.parametrize("blocked", [True, False])
async def test_who_has_gone_is_left_alone_until_they_write(rig: Rig, reach: Reaching, blocked: bool) -> None:
    await write_to_the_bot(rig, NORA)
    assert await reach.lost(person(NORA), blocked=blocked)
    rig.clock.move(400 * DAY)
    assert await reach.leaves_alone(person(NORA))
    assert not await reach.install(person(NORA))
    assert (await standing(rig, NORA), asked(rig)) == ("blocked" if blocked else "left", 0)
    await write_to_the_bot(rig, NORA)
    assert not await reach.leaves_alone(person(NORA))
    assert await standing(rig, NORA) == "reachable"


async def test_a_server_that_has_not_heard_of_the_app_is_asked_again(rig: Rig, reach: Reaching) -> None:
    await reach.install(person(NORA))
    rig.clock.move(MINUTE)
    assert not await reach.lost(person(NORA), blocked=False)
    with pytest.raises(NotYet):
        await reach.install(person(NORA))
    assert await standing(rig, NORA) == "reachable"


async def test_who_took_the_app_away_unnoticed_does_not_get_it_back(rig: Rig, reach: Reaching) -> None:
    await reach.install(person(NORA))
    rig.clock.move(10 * MINUTE)
    assert not await reach.install(person(NORA))
    assert (await standing(rig, NORA), asked(rig)) == ("left", 1)


async def test_a_pause_is_handed_on_and_nothing_is_recorded(rig: Rig, reach: Reaching) -> None:
    rig.entra.faults.throttle("POST */installedApps", retry_after="40", times=1)
    with pytest.raises(NotYet) as caught:
        await reach.install(person(NORA))
    assert (caught.value.seconds, await standing(rig, NORA)) == (40, None)
    assert await reach.install(person(NORA))


async def test_when_graph_does_not_work_it_is_tried_later(rig: Rig, reach: Reaching) -> None:
    rig.entra.faults.answer("POST */installedApps", 503, times=None)
    with pytest.raises(NotYet):
        await reach.install(person(NORA))
    assert await standing(rig, NORA) is None


async def test_what_a_dead_replica_had_begun_is_begun_again(rig: Rig, reach: Reaching) -> None:
    async with rig.database.transaction() as session:
        assert await reaching.claim(session, "teams", person(NORA).user, None, rig.clock.now())
    with pytest.raises(NotYet):
        await reach.install(person(NORA))
    rig.clock.move(10 * MINUTE)
    assert await reach.install(person(NORA))


async def test_who_writes_while_the_app_is_being_given_stays_reachable(rig: Rig) -> None:
    account, now = person(NORA).user, rig.clock.now()
    async with rig.database.transaction() as session:
        assert await reaching.claim(session, "teams", account, None, now)
    await write_to_the_bot(rig, NORA)
    async with rig.database.transaction() as session:
        await reaching.settle(session, "teams", account, ReachState.REFUSED, now)
    assert await standing(rig, NORA) == "reachable"


async def test_nobody_of_another_tenant_is_asked_of(rig: Rig, reach: Reaching) -> None:
    elsewhere = Person("teams", MANIFEST, person(NORA).user)
    assert not await reach.install(elsewhere)
    assert (await standing(rig, NORA), asked(rig)) == (None, 0)


async def test_one_gets_it_after_another(rig: Rig, app: App) -> None:
    turns: list[float] = []

    async def pause(seconds: float) -> None:
        turns.append(seconds)

    reach = Reaching(rig.database, TeamsApps(rig.graph, MANIFEST), rig.clock, FJORDHEIM.tenant_id, pause)
    await asyncio.gather(*(reach.install(person(name)) for name in (NORA, EMIL)))
    assert turns == [0.2, 0.2]

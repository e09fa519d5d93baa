"""The registration report is read in few requests, by one replica at a time, and tells the plan who is ready."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select
from structlog.testing import capture_logs

from bot.sandbox.entra.emulator import EntraEmulator
from bot.sandbox.world import FJORDHEIM, World
from graph.client import GraphClient
from graph.errors import Unavailable
from graph.methods import Kind
from graph.reports import Reports
from graph.secret import Secret
from graph.sending import Limits
from graph.tokens import ClientSecret, Tokens
from handlers.records import PlanEntry, Registration, ReportReading
from handlers.rollout.budget import Budget
from handlers.rollout.report import ReportSync
from handlers.store.database import Database
from tests.handlers.rollout.conftest import SetClock
from tests.handlers.rollout.given import (
    BJORN,
    DAY,
    FEBRUARY,
    LEIF,
    PAL,
    RECENTLY,
    account,
    entry,
    planned,
    put,
)

DETAILS = "userRegistrationDetails"


@dataclass
class Readers:
    """Replicas at one directory, whose time moves while they wait."""

    database: Database
    entra: EntraEmulator
    clock: SetClock
    client: GraphClient
    rate: int = 5
    waits: list[float] = field(default_factory=list)

    def one(self, *, own_telecom: bool = False) -> ReportSync:
        budget = Budget(self.database, self.rate)
        return ReportSync(self.database, Reports(self.client), budget, self.clock, own_telecom, self._sleep)

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.clock.move(timedelta(seconds=seconds))
        await asyncio.sleep(0)

    @property
    def asked(self) -> list[int | None]:
        return [request.status for request in self.entra.sent("GET", DETAILS)]

    async def known(self) -> dict[str, Registration]:
        async with self.database.reading() as session:
            return {row.account: row for row in await session.scalars(select(Registration))}

    async def last(self) -> ReportReading:
        async with self.database.reading() as session:
            return (await session.scalars(select(ReportReading))).one()


@asynccontextmanager
async def readers_at(database: Database, folder: Path, world: World = FJORDHEIM) -> AsyncIterator[Readers]:
    clock = SetClock(RECENTLY)
    async with EntraEmulator(world, clock, folder) as entra:
        tokens = Tokens(
            authority_url=entra.authority_url,
            tenant_id=entra.tenant_id,
            client_id=entra.client_id,
            credential=ClientSecret(Secret(entra.client_secret)),
            scope="https://graph.microsoft.com/.default",
            ca_file=entra.ca_file,
        )
        async with GraphClient(entra.graph_url, tokens, limits=Limits(tries=1)) as client:
            yield Readers(database, entra, clock, client)
        await tokens.aclose()


@pytest.fixture
async def readers(database: Database, tmp_path: Path) -> AsyncIterator[Readers]:
    async with readers_at(database, tmp_path) as opened:
        yield opened


async def test_it_tells_who_is_ready_and_keeps_nothing_of_others(
    database: Database, readers: Readers
) -> None:
    readers.entra.devices.register(FJORDHEIM.named("Kari Bråten"), Kind.SOFTWARE_OATH)
    readers.entra.reports.refresh()
    await put(database, entry(PAL, ready_at=RECENTLY), entry(LEIF), entry(BJORN, FEBRUARY))
    await readers.one().tick()
    known = await readers.known()
    assert {name: row.strength for name, row in known.items()} == {
        account(PAL): "nothing",
        account(LEIF): "strong",
        account(BJORN): "telecom",
    }
    assert {row.as_of for row in known.values()} == {RECENTLY - timedelta(hours=1)}
    ready = {name: row.ready_at is not None for name, row in (await planned(database)).items()}
    assert ready == {account(PAL): False, account(LEIF): True, account(BJORN): False}
    told = str([row.model_dump() for row in known.values()])
    assert "@" not in told
    assert "Pål" not in told
    await readers.one(own_telecom=True).tick()
    assert readers.asked == [200], "it was read twice"


async def test_what_is_known_from_later_on_stays(database: Database, readers: Readers) -> None:
    await put(database, entry(PAL))
    await readers.one().tick()
    async with database.transaction() as session:
        row = await session.get(Registration, account(PAL))
        assert row is not None
        row.strength, row.as_of = "strong", readers.clock.now()
        session.add(row)
    readers.clock.move(timedelta(minutes=61))
    await readers.one().tick()
    assert len(readers.asked) == 2
    assert (await readers.known())[account(PAL)].strength == "strong"


async def test_one_replica_reads_and_another_takes_over_where_it_died(
    database: Database, readers: Readers
) -> None:
    await put(database, entry(PAL))
    await asyncio.gather(*(readers.one().tick() for _ in range(3)))
    assert readers.asked == [200]
    readers.clock.move(timedelta(minutes=61))
    readers.entra.faults.answer(f"GET *{DETAILS}", 503)
    with pytest.raises(Unavailable):
        await readers.one().tick()
    await readers.one().tick()
    assert readers.asked == [200, 503], "the lease did not hold"
    readers.clock.move(timedelta(minutes=6))
    await readers.one().tick()
    assert readers.asked == [200, 503, 200]
    assert (await readers.last()).requests == 1


async def test_new_people_are_looked_for_soon_and_those_it_does_not_know_not_again_and_again(
    database: Database, readers: Readers
) -> None:
    await put(database, entry(PAL))
    await readers.one().tick()
    readers.clock.move(timedelta(minutes=11))
    await readers.one().tick()
    assert len(readers.asked) == 1
    stranger = PlanEntry(
        account="b2c0f5a8-0000-4000-8000-000000000000",
        upn="x@x.no",
        activation_day=DAY,
        changed_at=readers.clock.now(),
    )
    await put(database, stranger)
    for _ in range(4):
        await readers.one().tick()
        readers.clock.move(timedelta(minutes=11))
    assert len(readers.asked) == 2


async def test_nobody_reads_it_for_an_empty_plan_or_one_that_is_over(
    database: Database, readers: Readers
) -> None:
    await readers.one().tick()
    await put(database, entry(PAL))
    readers.clock.move(timedelta(days=60))
    await readers.one().tick()
    assert readers.asked == []


async def test_who_leaves_the_plan_is_forgotten(database: Database, readers: Readers) -> None:
    await put(database, entry(PAL), entry(LEIF))
    await readers.one().tick()
    async with database.transaction() as session:
        await session.execute(delete(PlanEntry).where(PlanEntry.account == account(PAL)))  # type: ignore[arg-type]
    readers.clock.move(timedelta(hours=2))
    await readers.one().tick()
    assert set(await readers.known()) == {account(LEIF)}


@pytest.mark.parametrize("trouble", ["no-licence", "no-permission"])
async def test_that_it_cannot_be_read_is_said_once(
    database: Database, readers: Readers, trouble: str
) -> None:
    await put(database, entry(PAL))
    if trouble == "no-licence":
        readers.entra.reports.premium = False
    else:
        readers.entra.faults.missing.add("AuditLog.Read.All")
    said: list[Any] = []
    for _ in range(3):
        with capture_logs() as logs:
            await readers.one().tick()
        said += [line["why"] for line in logs if line["event"] == "report-unreadable"]
        readers.clock.move(timedelta(hours=2))
    assert said == [trouble]
    assert len(readers.asked) == 3, "it did not look again"
    readers.entra.reports.premium = True
    readers.entra.faults.missing.clear()
    await readers.one().tick()
    assert (await readers.last()).trouble is None


async def test_many_accounts_take_few_requests_within_the_limit(database: Database, tmp_path: Path) -> None:
    pal = FJORDHEIM.named(PAL)
    crowd = [
        replace(pal, name=f"User {n}", object_id=f"00000000-0000-4000-8000-{n:012}", upn=f"user{n}@x.no")
        for n in range(5_000)
    ]
    async with readers_at(
        database, tmp_path, replace(FJORDHEIM, residents=(*FJORDHEIM.residents, *crowd))
    ) as readers:
        rows = (
            PlanEntry(account=it.object_id, upn=it.upn, activation_day=DAY, changed_at=RECENTLY)
            for it in crowd
        )
        await put(database, *rows)
        await readers.one().tick()
        assert readers.asked == [200] * 6, "5,000 accounts are six pages; 50,000 are 51"
        last = await readers.last()
        assert (last.accounts, last.requests) == (5_000, 6)
        assert readers.waits, "six requests do not fit into ten seconds with one left for people"

"""The process dies at any step between Approve and the pass; whoever goes on gets to an end, with one pass at most."""

import shutil
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy.engine import URL, make_url

from bot.sandbox.entra import EntraEmulator
from bot.sandbox.world import FJORDHEIM
from handlers.passes import Shown
from handlers.states import CaseState
from tests.databases import Server, text
from tests.faults.forked import Forker, Job, Reach, forker, steps_told
from tests.handlers.rig import INGRID, NORA, NOW, HandClock, Rig, opened_rig, rig_at

_AN_ANSWER_LATER: Final = timedelta(seconds=70)
"""After this a create counts as lost."""
_SAMPLED: Final = (0.4, 0.86, 0.9, 0.97)
"""Where on the way: between approval and press, around the making of the pass, and once it is made."""
_AS_LONG_AS_IT_TAKES: Final = 3600
_SCREENS: Final = count()

Fresh = Callable[[], str]
"""The address of a new copy of the database in which a case waits for a decision."""


@dataclass
class Bench:
    """One emulated Graph, and a case in as many copies of a database as are wanted."""

    folder: Path
    entra: EntraEmulator
    clock: HandClock
    case: str
    browser: str
    forker: Forker
    fresh: Fresh
    seen: list[str] = field(default_factory=list, repr=False)
    """The codes that stood on a screen."""

    async def begins(self) -> Job:
        """As if nothing had happened yet, in a database of its own."""
        self.clock.at = NOW
        self.seen.clear()
        self.entra.faults.clear()
        self.entra.passes_created.clear()
        self.entra.requests.clear()
        self.entra.tenant.account(FJORDHEIM.named(NORA).object_id).access_pass = None
        return Job(
            Reach.of(self.entra),
            self.fresh(),
            str(self.folder),
            str(self.folder.with_name(f"screen-{next(_SCREENS)}")),
            self.case,
            self.browser,
            FJORDHEIM.named(INGRID).object_id,
            dies_at=0,
        )

    async def goes_on(self, url: str) -> None:
        """The bot is started anew, its ticks tick, and people do what people do, until the case has its end."""
        async with AsyncExitStack() as stack:
            rig = await rig_at(stack, url, self.folder, self.clock, self.entra)
            for _ in range(6):
                await self._ticks(rig)
                await self._none_unseen(rig)
                state = (await rig.case(self.case)).state
                if state in (CaseState.ISSUED, CaseState.FAILED):
                    break
                if state == CaseState.VERIFIED:
                    await rig.deciding.approve(rig.id(INGRID), self.case)
                outcome = await rig.issue.show(self.browser)
                if isinstance(outcome, Shown):
                    self.seen.append(outcome.code.reveal())
            await self._one_at_most(rig)
            self.clock.move(timedelta(hours=2))
            await self._ticks(rig)
            assert (await rig.case(self.case)).state in (CaseState.EXPIRED, CaseState.FAILED)
            assert self._usable(rig) is None

    async def _ticks(self, rig: Rig) -> None:
        self.clock.move(_AN_ANSWER_LATER)
        for tick in (rig.follow.sweep, rig.follow.tick):
            await tick(self.clock.now())

    async def _one_at_most(self, rig: Rig) -> None:
        """One code was seen at most; it is the one that works; every pass is told of in the audit, or is gone."""
        assert len(self.seen) <= 1
        await self._none_unseen(rig)
        usable, case = self._usable(rig), await rig.case(self.case)
        if self.seen:
            assert usable == self.seen[0]
        acts = await rig.acts(case)
        assert len(rig.creates) <= acts.count("case.issuing")
        assert acts.count("case.issued") == (case.state == CaseState.ISSUED)
        async with rig.database.transaction() as session:
            assert (await rig.cases.audit.verify(session)).ok

    async def _none_unseen(self, rig: Rig) -> None:
        """No pass lives that the case does not name, even if nobody ever comes back for one."""
        living = rig.entra.tenant.account(rig.id(NORA)).access_pass
        assert living is None or living.id == (await rig.case(self.case)).pass_id

    def _usable(self, rig: Rig) -> str | None:
        """The code that would let somebody in now, as Graph has it."""
        account = rig.entra.tenant.account(rig.id(NORA))
        found = account.access_pass
        return found.code if found is not None and rig.entra.tenant.usability(account, found)[0] else None


@asynccontextmanager
async def _bench(folder: Path, prepared: str, fresh: Fresh) -> AsyncIterator[Bench]:
    async with opened_rig(prepared, folder) as rig:
        claimed = await rig.verified()
    clock = HandClock()
    async with EntraEmulator(FJORDHEIM, clock, folder) as entra, forker() as forking:
        yield Bench(folder, entra, clock, claimed.case.id, claimed.browser, forking, fresh)


@pytest.fixture
async def bench(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Bench]:
    """On SQLite."""
    (tmp_path / "bot").mkdir()
    prepared = Path(sqlite_url.removeprefix("sqlite:///"))
    copied = tmp_path / "bot" / "tofaktor.db"

    def fresh() -> str:
        for old in copied.parent.glob("tofaktor.db*"):
            old.unlink()
        shutil.copy(prepared, copied)
        return f"sqlite:///{copied}"

    async with _bench(tmp_path / "bot", sqlite_url, fresh) as made:
        yield made


@pytest.fixture
async def replicas(postgres_url: str, postgres_server: Server, tmp_path: Path) -> AsyncIterator[Bench]:
    """On PostgreSQL, where several replicas may run."""
    (tmp_path / "bot").mkdir()
    made: list[URL] = []

    def fresh() -> str:
        while made:
            postgres_server.drop(made.pop())
        made.append(postgres_server.create(make_url(postgres_url).database))
        return text(made[0])

    async with _bench(tmp_path / "bot", postgres_url, fresh) as bench:
        yield bench
    for url in made:
        postgres_server.drop(url)


async def _dies_at(bench: Bench, step: int, replicas: int = 1) -> bool:
    """Whether there was such a step."""
    job = replace(await bench.begins(), dies_at=step, replicas=replicas)
    codes = await bench.forker.run(job)
    assert set(codes[1:]) <= {0}, job.said()
    assert codes[0] in (0, -signal.SIGKILL), job.said()
    bench.seen += job.shown()
    await bench.goes_on(job.url)
    return codes[0] != 0


async def _loses(bench: Bench, request: int, times: int) -> bool:
    """The answers to so many requests, from this one on, are lost; whether there were so many."""
    job = await bench.begins()
    bench.entra.faults.lose_in_turn(request, times)
    async with AsyncExitStack() as stack:
        rig = await rig_at(stack, job.url, bench.folder, bench.clock, bench.entra)
        await rig.deciding.approve(job.approver, job.case)
        outcome = await rig.issue.show(job.browser)
        if isinstance(outcome, Shown):
            bench.seen.append(outcome.code.reveal())
    await bench.goes_on(job.url)
    return bench.entra.faults.lost_in_turn == times


async def _whole_way(bench: Bench) -> int:
    """How many steps it takes when nobody dies."""
    assert not await _dies_at(bench, 0)
    assert len(bench.seen) == 1
    return steps_told(bench.folder)


async def test_a_death_at_some_step_never_gives_two_passes(bench: Bench) -> None:
    steps = await _whole_way(bench)
    for share in _SAMPLED:
        assert await _dies_at(bench, max(1, round(steps * share)))


@pytest.mark.slow
@pytest.mark.timeout(_AS_LONG_AS_IT_TAKES)
async def test_a_death_at_any_step_never_gives_two_passes(bench: Bench) -> None:
    steps = await _whole_way(bench)
    step = 1
    while await _dies_at(bench, step):
        step += 1
    assert step > steps * 0.9


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(_AS_LONG_AS_IT_TAKES)
async def test_a_death_at_any_step_beside_two_replicas_never_gives_two_passes(replicas: Bench) -> None:
    """Where another replica is ahead, the one that is to die may end before: then nobody dies at that step."""
    steps = await _whole_way(replicas)
    deaths = [await _dies_at(replicas, step, replicas=3) for step in range(1, steps + 1)]
    assert sum(deaths) > steps / 3


@pytest.mark.parametrize("times", [1, pytest.param(2, marks=pytest.mark.slow)])
async def test_a_lost_answer_wherever_it_is_never_gives_two_passes(bench: Bench, times: int) -> None:
    request = 0
    while await _loses(bench, request, times):
        request += 1
    assert request >= 3, "approve, check and create"


@pytest.mark.slow
@pytest.mark.postgres
async def test_a_lost_answer_on_postgresql(replicas: Bench) -> None:
    request = 0
    while await _loses(replicas, request, 1):
        request += 1
    assert request >= 3

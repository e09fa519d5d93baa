"""Every sequence of moves, legal or not, against a model of what a case may do."""

import asyncio
import itertools
from typing import Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import text

from handlers.records import Case
from handlers.states import ENDS, CaseState, may_move
from handlers.store.database import Database
from handlers.store.errors import IllegalMove
from tests.handlers.store.given import AUDIT, CASES, NOW, opened

_STATES: Final = st.sampled_from(CaseState)
_RUNS: Final = itertools.count()


class Machine(RuleBasedStateMachine):
    """A few accounts and their cases, in the model and in the database."""

    url: str

    @initialize()
    def begin(self) -> None:
        self.runner = asyncio.Runner()
        self.database = Database.open(self.url)
        self.prefix = f"run{next(_RUNS)}-"
        self.states: dict[str, CaseState] = {}
        self.targets: dict[str, str] = {}
        self.written = self.rows()

    @rule(number=st.integers(0, 2))
    def open(self, number: int) -> None:
        target = f"{self.prefix}{number}"
        live = [case for case, its in self.targets.items() if its == target and self.states[case] not in ENDS]
        case = self.runner.run(self._open(target, expect=not live))
        assert (case is None) == bool(live)
        if case is not None:
            self.states[case.id], self.targets[case.id] = CaseState.OPEN, target
            self.written += 1

    @rule(data=st.data(), before=_STATES, after=_STATES, honest=st.booleans())
    def move(self, data: st.DataObject, before: CaseState, after: CaseState, honest: bool) -> None:
        if not self.states:
            return
        case = data.draw(st.sampled_from(list(self.states)))
        before = self.states[case] if honest else before
        if not may_move(before, after):
            with pytest.raises(IllegalMove):
                self.runner.run(self._move(case, before, after))
            return
        moved = self.runner.run(self._move(case, before, after))
        assert (moved is not None) == (self.states[case] is before)
        if moved is not None:
            self.states[case] = after
            self.written += 1

    @rule(data=st.data(), state=_STATES, seen=st.integers(0, 2), tries=st.integers(0, 2))
    def change(self, data: st.DataObject, state: CaseState, seen: int, tries: int) -> None:
        if not self.states:
            return
        case = data.draw(st.sampled_from(list(self.states)))
        stored = self.runner.run(self._get(case))
        changed = self.runner.run(self._change(case, state, seen, tries))
        assert (changed is not None) == (stored.state == state and stored.claim_tries == seen)

    @invariant()
    def the_database_says_the_same(self) -> None:
        if not hasattr(self, "states"):
            return
        for case, state in self.states.items():
            stored = self.runner.run(self._get(case))
            assert stored.state == state
            assert (stored.ended_at is not None) == (state in ENDS)
        assert self.rows() == self.written

    def teardown(self) -> None:
        if hasattr(self, "runner"):
            assert self.runner.run(self._verified())
            self.runner.run(self.database.close())
            self.runner.close()

    def rows(self) -> int:
        return self.runner.run(self._rows())

    async def _open(self, target: str, *, expect: bool) -> Case | None:
        async with self.database.transaction() as session:
            if expect:
                return await opened(session, target)
            return await CASES.open_case(
                session, now=NOW, actor=None, target=target, target_name="n", target_upn="u"
            )

    async def _move(self, case: str, before: CaseState, after: CaseState) -> Case | None:
        async with self.database.transaction() as session:
            return await CASES.move(session, case, before, after, now=NOW, actor=None)

    async def _change(self, case: str, state: CaseState, seen: int, tries: int) -> Case | None:
        async with self.database.transaction() as session:
            return await CASES.change(session, case, state, {"claim_tries": seen}, claim_tries=tries)

    async def _get(self, case: str) -> Case:
        async with self.database.transaction() as session:
            stored = await CASES.get(session, case)
        assert stored is not None
        return stored

    async def _rows(self) -> int:
        async with self.database.transaction() as session:
            return await session.scalar(text("SELECT count(*) FROM audit")) or 0

    async def _verified(self) -> bool:
        async with self.database.transaction() as session:
            return (await AUDIT.verify(session)).ok


def _try(url: str, examples: int) -> None:
    machine = type("Here", (Machine,), {"url": url})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_on_sqlite(sqlite_url: str) -> None:
    _try(sqlite_url, 25)


@pytest.mark.postgres
def test_on_postgresql(postgres_url: str) -> None:
    _try(postgres_url, 6)

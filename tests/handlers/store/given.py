"""What the tests of the store begin with."""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.records import Case
from handlers.states import CaseState
from handlers.store.audit import Audit
from handlers.store.cases import Cases
from handlers.store.database import Database
from handlers.store.keys import AuditKeys, EvidenceKeys

NOW: Final = datetime(2026, 11, 24, 9, 15, tzinfo=UTC)
MINUTE: Final = timedelta(minutes=1)
AUDIT: Final = Audit(AuditKeys([b"a" * 32]))
EVIDENCE_KEYS: Final = EvidenceKeys([b"e" * 32])
CASES: Final = Cases(AUDIT)

SOLVEIG: Final = "0f6b2c1e-5a51-4a8f-9d0c-3f2f6a7b8c9d"
AMIR: Final = "7d1f8b52-0c3e-4f6a-8b9c-1a2b3c4d5e6f"


async def opened(session: AsyncSession, target: str = SOLVEIG, now: datetime = NOW) -> Case:
    """A fresh case about this account."""
    case = await CASES.open_case(
        session,
        now=now,
        actor=AMIR,
        target=target,
        target_name="Solveig Bråten",
        target_upn="solveig.braten@fjordheim.example",
        starter=AMIR,
    )
    assert case is not None
    return case


async def led(session: AsyncSession, case: Case, *states: CaseState, now: datetime = NOW) -> Case:
    """The case, after these moves."""
    for state in states:
        moved = await CASES.move(session, case.id, CaseState(case.state), state, now=now, actor=AMIR)
        assert moved is not None
        case = moved
    return case


async def run(database: Database, *statements: str) -> None:
    """What somebody does who has the database and not the program."""
    async with database.transaction() as session:
        connection = await session.connection()
        for statement in statements:
            await connection.exec_driver_sql(statement)


async def dump(database: Database) -> str:
    """Everything that stands in the database."""
    async with database.transaction() as session:
        rows = [(await session.execute(table.select())).all() for table in Case.metadata.sorted_tables]
    return repr(rows)

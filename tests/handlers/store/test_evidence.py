"""Evidence: what was changed or copied past the program is not believed."""

import pytest
from sqlalchemy import text

from handlers.store import evidence
from handlers.store.database import Database
from handlers.store.errors import EvidenceForged
from handlers.store.keys import EvidenceKeys
from tests.handlers.store.given import AMIR, EVIDENCE_KEYS, MINUTE, NOW, SOLVEIG, opened, run


async def _seen(database: Database, keys: EvidenceKeys = EVIDENCE_KEYS) -> str:
    async with database.transaction() as session:
        case = await opened(session)
        for number in range(2):
            await evidence.add(
                session,
                keys,
                case=case.id,
                target=SOLVEIG,
                route="desk",
                level=3,
                at=NOW + (1 - number) * MINUTE,
                actor=AMIR,
                detail="photo-id,face,name",
            )
    return case.id


async def test_evidence_comes_back_in_order(database: Database) -> None:
    case = await _seen(database)
    async with database.transaction() as session:
        rows = await evidence.of_case(session, EVIDENCE_KEYS, case)
        assert [row.at for row in rows] == [NOW, NOW + MINUTE]
        assert (rows[0].route, rows[0].level, rows[0].actor) == ("desk", 3, AMIR)
        assert await evidence.of_case(session, EVIDENCE_KEYS, "K7QF-2X") == []


@pytest.mark.parametrize(
    "change",
    [
        "level = 4",
        "route = 'eid'",
        f"target = '{AMIR}'",
        "actor = NULL",
        f"actor = '{SOLVEIG}'",
        "at = '2026-11-24 23:15:00.000000'",
        "detail = 'all'",
        "mac = 'x'",
        "mac = '\u00e5'",
        "key_id = 'ffffffff'",
    ],
)
async def test_a_changed_row_is_forged(database: Database, change: str) -> None:
    case = await _seen(database)
    await run(database, f"UPDATE evidence SET {change} WHERE id = 1")
    async with database.transaction() as session:
        with pytest.raises(EvidenceForged, match=case):
            await evidence.of_case(session, EVIDENCE_KEYS, case)


async def test_a_row_copied_to_another_case_is_forged(database: Database) -> None:
    await _seen(database)
    async with database.transaction() as session:
        other = await opened(session, AMIR)
        columns = "target, route, level, at, actor, detail, key_id, mac"
        await session.execute(
            text(
                f'INSERT INTO evidence (id, "case", {columns}) '
                f"SELECT 99, '{other.id}', {columns} FROM evidence WHERE id = 1"
            )
        )
        with pytest.raises(EvidenceForged):
            await evidence.of_case(session, EVIDENCE_KEYS, other.id)


async def test_keys_rotate(database: Database) -> None:
    old, new = b"o" * 32, b"n" * 32
    case = await _seen(database, EvidenceKeys([old]))
    async with database.transaction() as session:
        assert len(await evidence.of_case(session, EvidenceKeys([new, old]), case)) == 2
        with pytest.raises(EvidenceForged):
            await evidence.of_case(session, EvidenceKeys([new]), case)


async def test_detail_is_cleaned(database: Database) -> None:
    async with database.transaction() as session:
        case = await opened(session)
        row = await evidence.add(
            session, EVIDENCE_KEYS, case=case.id, target="t", route="r", level=1, at=NOW, detail="01019012345"
        )
        assert row.detail == "…"
        assert len(await evidence.of_case(session, EVIDENCE_KEYS, case.id)) == 1

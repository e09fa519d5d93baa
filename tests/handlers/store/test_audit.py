"""The chain: whatever is done to it past the program is found, and a named person can accept it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from handlers.store import audit as module
from handlers.store.audit import SYSTEM, Audit, Problem, Verdict
from handlers.store.database import Database, RuleBroken
from handlers.store.keys import AuditKeys
from tests.handlers.store.given import AMIR, AUDIT, MINUTE, NOW, SOLVEIG, run

_UNLOCK = {
    "sqlite": ("DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete"),
    "postgresql": ("ALTER TABLE audit DISABLE TRIGGER ALL",),
}


async def _written(database: Database, rows: int, at: datetime = NOW, audit: Audit = AUDIT) -> None:
    for number in range(rows):
        async with database.transaction() as session:
            await audit.append(
                session,
                at=at + number * MINUTE,
                actor=AMIR,
                action="test",
                case="K7QF-2M",
                data={"n": number},
            )


async def _tampered(database: Database, *statements: str) -> None:
    await run(database, *_UNLOCK[database.dialect], *statements)


async def _verdict(database: Database, audit: Audit = AUDIT) -> Verdict:
    async with database.reading() as session:
        return await audit.verify(session)


async def _trusted(database: Database, audit: Audit = AUDIT) -> bool:
    async with database.reading() as session:
        return await audit.trusted(session)


async def test_nothing_written_is_nothing_wrong(database: Database) -> None:
    assert await _verdict(database) == Verdict(0)
    assert await _trusted(database)


async def test_a_chain_as_written_is_whole(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BATCH", 3)
    for total, rows in ((2, 2), (3, 1), (4, 1), (9, 5)):
        await _written(database, rows)
        assert await _verdict(database) == Verdict(total)
    assert await _trusted(database)


@pytest.mark.parametrize("statement", ["UPDATE audit SET action = 'x'", "DELETE FROM audit"])
async def test_rows_cannot_be_changed_or_deleted(database: Database, statement: str) -> None:
    await _written(database, 2)
    with pytest.raises(RuleBroken):
        await run(database, statement)
    if database.dialect == "postgresql":
        with pytest.raises(RuleBroken):
            await run(database, "TRUNCATE audit")
    assert (await _verdict(database)) == Verdict(2)


@pytest.mark.parametrize(
    ("statement", "bad_seq", "problem"),
    [
        ("UPDATE audit SET action = 'other' WHERE seq = 3", 3, Problem.CHANGED),
        ("UPDATE audit SET data = '{\"n\":7}' WHERE seq = 3", 3, Problem.CHANGED),
        ("UPDATE audit SET actor = NULL WHERE seq = 3", 3, Problem.CHANGED),
        ("UPDATE audit SET \"case\" = 'K7QF-2X' WHERE seq = 3", 3, Problem.CHANGED),
        ("UPDATE audit SET at = '2026-11-25 09:17:00.000000' WHERE seq = 3", 3, Problem.CHANGED),
        ("UPDATE audit SET mac = prev WHERE seq = 3", 3, Problem.CHANGED),
        ("UPDATE audit SET mac = '\u00e5' WHERE seq = 3", 3, Problem.CHANGED),
        ("UPDATE audit SET key_id = 'ffffffff' WHERE seq = 3", 3, Problem.KEY),
        ("UPDATE audit SET seq = 30 WHERE seq = 3", 3, Problem.GAP),
        ("DELETE FROM audit WHERE seq = 3", 3, Problem.GAP),
        ("DELETE FROM audit WHERE seq = 1", 1, Problem.GAP),
        ("DELETE FROM audit WHERE seq >= 4", 4, Problem.CUT),
        ("DELETE FROM audit", 1, Problem.CUT),
        ("DELETE FROM audit_head", 6, Problem.HEAD),
        ("UPDATE audit_head SET seq = 4", 5, Problem.HEAD),
        ("UPDATE audit_head SET mac = 'x'", 6, Problem.HEAD),
        ("UPDATE audit_head SET key_id = 'ffffffff'", 6, Problem.KEY),
    ],
)
async def test_what_is_done_past_the_program_is_found(
    database: Database, statement: str, bad_seq: int, problem: Problem
) -> None:
    await _written(database, 5)
    await _tampered(database, statement)
    found = await _verdict(database)
    assert (found.ok, found.bad_seq, found.problem) == (False, bad_seq, problem)


async def test_cutting_the_end_and_moving_the_head_back_is_found(database: Database) -> None:
    await _written(database, 5)
    async with database.transaction() as session:
        mac = await session.scalar(text("SELECT mac FROM audit WHERE seq = 3"))
    await _tampered(
        database, "DELETE FROM audit WHERE seq > 3", f"UPDATE audit_head SET seq = 3, mac = '{mac}'"
    )
    found = await _verdict(database)
    assert (found.bad_seq, found.problem) == (4, Problem.HEAD)
    assert not await _trusted(database)


async def test_going_on_after_a_cut_does_not_hide_it(database: Database) -> None:
    await _written(database, 5)
    async with database.transaction() as session:
        mac = await session.scalar(text("SELECT mac FROM audit WHERE seq = 3"))
    await _tampered(
        database, "DELETE FROM audit WHERE seq > 3", f"UPDATE audit_head SET seq = 3, mac = '{mac}'"
    )
    await _written(database, 2)
    assert not (await _verdict(database)).ok
    assert not await _trusted(database)


async def test_an_old_head_put_back_is_found_and_stops_nobody(database: Database) -> None:
    await _written(database, 3)
    async with database.transaction() as session:
        old = (await session.execute(text("SELECT seq, mac, seal FROM audit_head"))).one()
    await _written(database, 2)
    await _tampered(
        database, f"UPDATE audit_head SET seq = {old.seq}, mac = '{old.mac}', seal = '{old.seal}'"
    )
    found = await _verdict(database)
    assert (found.ok, found.problem) == (False, Problem.HEAD)
    await _written(database, 1)
    assert not (await _verdict(database)).ok
    assert not await _trusted(database)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET action = 'other' WHERE seq = 3",
        "DELETE FROM audit WHERE seq = 3",
        "DELETE FROM audit WHERE seq >= 4",
        "DELETE FROM audit",
        "DELETE FROM audit_head",
        "UPDATE audit_head SET mac = 'x'",
        "UPDATE audit_head SET seq = 2000000000",
        "UPDATE audit_head SET seq = 1",
        "UPDATE audit_segment SET mac = 'x'",
        "DELETE FROM audit_segment",
    ],
)
async def test_a_named_person_accepts_and_the_next_break_is_found_again(
    database: Database, statement: str
) -> None:
    await _written(database, 2, at=NOW - timedelta(days=40))
    await _written(database, 3)
    await _tampered(database, statement)
    found = await _verdict(database)
    assert not found.ok
    async with database.transaction() as session:
        await AUDIT.mark(session, found)
    assert not await _trusted(database)
    await _written(database, 1)
    found = await _verdict(database)
    assert not found.ok
    async with database.transaction() as session:
        accepted = await AUDIT.accept(session, at=NOW, name="Kari Nordmo", verdict=found)
    verdict = await _verdict(database)
    assert verdict.ok, verdict
    assert await _trusted(database)
    await _written(database, 2)
    verdict = await _verdict(database)
    assert verdict.ok, verdict
    await run(database, f"UPDATE audit SET data = '{{}}' WHERE seq = {accepted + 1}")
    found = await _verdict(database)
    assert (found.bad_seq, found.problem) == (accepted + 1, Problem.CHANGED)


async def test_what_was_whole_before_an_accepted_break_is_still_checked(database: Database) -> None:
    await _written(database, 5)
    await _tampered(database, "DELETE FROM audit WHERE seq = 4")
    async with database.transaction() as session:
        await AUDIT.accept(session, at=NOW, name="Kari", verdict=await AUDIT.verify(session))
    await run(database, "UPDATE audit SET data = '{}' WHERE seq = 2")
    found = await _verdict(database)
    assert (found.bad_seq, found.problem) == (2, Problem.CHANGED)


async def test_an_acceptance_cannot_be_forged(database: Database) -> None:
    await _written(database, 5)
    await _tampered(
        database,
        "UPDATE audit SET action = 'audit.accepted', data = '{\"broken\":2}' WHERE seq = 4",
        "DELETE FROM audit WHERE seq = 2",
    )
    found = await _verdict(database)
    assert (found.bad_seq, found.problem) == (2, Problem.GAP)


async def test_there_is_nothing_to_accept_in_a_whole_chain(database: Database) -> None:
    async with database.transaction() as session:
        with pytest.raises(ValueError, match="nothing"):
            await AUDIT.accept(session, at=NOW, name="Kari", verdict=Verdict(0))


async def test_a_mark_is_sealed_too(database: Database) -> None:
    await _written(database, 3)
    async with database.transaction() as session:
        await AUDIT.mark(session, Verdict(3, 2, Problem.CHANGED))
    assert not await _trusted(database)
    assert (await _verdict(database)).bad_seq == 2
    await run(database, "UPDATE audit_head SET broken_at = NULL")
    assert not await _trusted(database)
    assert not (await _verdict(database)).ok


async def test_a_new_key_signs_and_the_old_one_still_verifies(database: Database) -> None:
    old, new = b"o" * 32, b"n" * 32
    await _written(database, 2, audit=Audit(AuditKeys([old])))
    both = Audit(AuditKeys([new, old]))
    assert await _trusted(database, both)
    await _written(database, 2, audit=both)
    assert (await _verdict(database, both)).ok
    assert await _trusted(database, both)
    found = await _verdict(database, Audit(AuditKeys([new])))
    assert (found.bad_seq, found.problem) == (1, Problem.KEY)
    assert (await _verdict(database, AUDIT)).problem is Problem.KEY


async def test_a_month_is_closed_with_its_end(database: Database) -> None:
    months = [datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)]
    for at in (*months, datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC)):
        await _written(database, 1, at)
    async with database.transaction() as session:
        closed = await AUDIT.unreported(session)
        macs = (await session.scalars(text("SELECT mac FROM audit ORDER BY seq"))).all()
        assert [(row.segment, row.last_seq, row.mac) for row in closed] == [
            ("2026-11", 1, macs[0]),
            ("2026-12", 3, macs[2]),
        ]
        await AUDIT.reported(session, "2026-11", NOW)
        assert [row.segment for row in await AUDIT.unreported(session)] == ["2026-12"]
    assert (await _verdict(database)).ok


@pytest.mark.parametrize(
    ("statement", "bad_seq"),
    [
        ("UPDATE audit_segment SET mac = 'x' WHERE segment = '2026-11'", 2),
        ("UPDATE audit_segment SET last_seq = 1 WHERE segment = '2026-11'", 2),
        ("DELETE FROM audit_segment", 2),
        ("UPDATE audit_segment SET segment = '2026-10'", 2),
        ("INSERT INTO audit_segment VALUES ('2026-10', 3, 'x', '2026-11-01 00:00:00.000000', NULL)", 3),
    ],
)
async def test_a_closed_month_cannot_be_rewritten(database: Database, statement: str, bad_seq: int) -> None:
    await _written(database, 2)
    await _written(database, 2, NOW + timedelta(days=10))
    await run(database, statement)
    found = await _verdict(database)
    assert (found.bad_seq, found.problem) == (bad_seq, Problem.SEGMENT)


async def test_many_at_once_make_one_chain(database: Database) -> None:
    async def one(number: int) -> int:
        async with database.transaction() as session:
            return await AUDIT.append(
                session, at=NOW, actor=f"person-{number % 7}", action="test", data={"n": number}
            )

    numbers = await asyncio.gather(*(one(number) for number in range(60)))
    assert sorted(numbers) == list(range(1, 61))
    assert await _verdict(database) == Verdict(60)
    async with database.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM pseudonym")) == 7


async def test_verification_and_appends_go_on_side_by_side(database: Database) -> None:
    async def verify() -> None:
        for _ in range(10):
            async with database.transaction() as session:
                verdict = await AUDIT.verify(session)
            assert verdict.ok, verdict

    month = timedelta(days=31)
    await asyncio.gather(verify(), *(_written(database, 10, NOW + number * month) for number in range(3)))


async def test_people_have_pseudonyms_that_can_be_erased(database: Database) -> None:
    async with database.transaction() as session:
        mine = await AUDIT.pseudonym(session, SOLVEIG)
        assert await AUDIT.pseudonym(session, SOLVEIG) == mine
        assert SOLVEIG[:8] not in mine
        assert await AUDIT.subject(session, mine) == SOLVEIG
        for actor in (SOLVEIG, SYSTEM, None):
            await AUDIT.append(session, at=NOW, actor=actor, action="test", data={})
        actors = (await session.scalars(text("SELECT actor FROM audit ORDER BY seq"))).all()
        assert actors == [mine, SYSTEM, None]
        assert await AUDIT.erase(session, SOLVEIG)
        assert not await AUDIT.erase(session, SOLVEIG)
        assert await AUDIT.subject(session, mine) is None
        assert await AUDIT.pseudonym(session, SOLVEIG) != mine
        assert (await AUDIT.verify(session)).ok


async def test_what_it_writes_is_cleaned(database: Database) -> None:
    async with database.transaction() as session:
        await AUDIT.append(
            session,
            at=NOW,
            actor=None,
            action="test",
            data={"a": "fnr 01019012345\x00\ud83d", "b": None, "c": True},
        )
        assert await session.scalar(text("SELECT data FROM audit")) == (
            '{"a":"fnr \\u2026\\u0000\\ud83d","b":null,"c":true}'
        )
        assert (await AUDIT.verify(session)).ok


def test_keys_must_be_long_and_are_not_shown() -> None:
    for secrets in ([], [b"short"], [b"a" * 32, b""]):
        with pytest.raises(ValueError, match="32 bytes"):
            AuditKeys(secrets)
    assert "aaaa" not in repr(Audit(AuditKeys([b"a" * 32])))


async def test_a_signed_row_of_another_past_does_not_fit(database: Database) -> None:
    """Taken from an old copy of the database, with a signature that holds."""
    await _written(database, 2)
    async with database.transaction() as session:
        head = (await session.execute(text("SELECT mac, seal FROM audit_head"))).one()
    await _written(database, 1)
    await _tampered(
        database,
        "CREATE TABLE other_past AS SELECT * FROM audit WHERE seq = 3",
        "DELETE FROM audit WHERE seq = 3",
        f"UPDATE audit_head SET seq = 2, mac = '{head.mac}', seal = '{head.seal}'",
    )
    await _written(database, 2, NOW + MINUTE)
    await run(database, "DELETE FROM audit WHERE seq = 3", "INSERT INTO audit SELECT * FROM other_past")
    found = await _verdict(database)
    assert (found.bad_seq, found.problem) == (4, Problem.CHANGED)

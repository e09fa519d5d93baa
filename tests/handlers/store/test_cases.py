"""Cases: one per target, moved by one conditional update each, with its audit row."""

import asyncio
import re
import secrets
from datetime import timedelta

import pytest
from sqlalchemy import text

from handlers.states import ENDS, CaseState, may_move
from handlers.store import approvals
from handlers.store.database import Database, RuleBroken, SchemaOutdated
from handlers.store.errors import IllegalMove
from tests.handlers.store.given import AMIR, AUDIT, CASES, MINUTE, NOW, SOLVEIG, led, opened, run

_S = CaseState


async def test_a_case_is_opened_with_an_id_that_can_be_read_out(database: Database) -> None:
    async with database.transaction() as session:
        case = await opened(session)
        assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{2}", case.id)
        assert (case.state, case.state_at, case.opened_at) == (_S.OPEN, NOW, NOW)
        assert await CASES.get(session, case.id) == case
        assert await CASES.get(session, "K7QF-2X") is None


async def test_there_is_one_live_case_per_target(database: Database) -> None:
    facts = {"target": SOLVEIG, "target_name": "Solveig", "target_upn": "s@x.example"}

    async def once() -> bool:
        async with database.transaction() as session:
            return await CASES.open_case(session, now=NOW, actor=AMIR, **facts) is not None

    assert sum(await asyncio.gather(*(once() for _ in range(20)))) == 1
    async with database.transaction() as session:
        case = await CASES.live_of(session, SOLVEIG)
        assert case is not None
        await led(session, case, _S.CANCELLED)
        assert await CASES.live_of(session, SOLVEIG) is None
    assert await once()
    async with database.transaction() as session:
        assert [case.state for case in await CASES.of_target(session, SOLVEIG)].count(_S.OPEN) == 1
        assert len(await CASES.live(session)) == 1


async def test_the_database_itself_refuses_a_second_live_case(database: Database) -> None:
    async with database.transaction() as session:
        case = await opened(session)
        other = await opened(session, AMIR)
    with pytest.raises(RuleBroken):
        await run(database, f"UPDATE \"case\" SET target = '{case.target}' WHERE id = '{other.id}'")
    with pytest.raises(RuleBroken):
        await run(database, f"UPDATE \"case\" SET state = 'asleep' WHERE id = '{other.id}'")


async def test_a_taken_id_is_not_taken_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    letters = iter("AAAAAA" + "AAAAAA" + "BBBBBB")
    monkeypatch.setattr(secrets, "choice", lambda _: next(letters))
    async with database.transaction() as session:
        assert (await opened(session)).id == "AAAA-AA"
        assert (await opened(session, AMIR)).id == "BBBB-BB"


async def test_of_fifty_moves_at_once_one_wins(database: Database) -> None:
    async with database.transaction() as session:
        case = await led(session, await opened(session), _S.VERIFYING, _S.VERIFIED, _S.APPROVED)

    async def show() -> bool:
        async with database.transaction() as session:
            moved = await CASES.move(
                session,
                case.id,
                _S.APPROVED,
                _S.ISSUING,
                now=NOW,
                actor=SOLVEIG,
                expected={"issue_attempt": 0},
                issue_attempt=1,
            )
        return moved is not None

    assert sum(await asyncio.gather(*(show() for _ in range(50)))) == 1
    async with database.transaction() as session:
        rows = await session.scalar(text("SELECT count(*) FROM audit WHERE action = 'case.issuing'"))
        assert rows == 1
        verdict = await AUDIT.verify(session)
        assert verdict.ok, verdict


async def test_a_move_writes_its_audit_row_or_does_not_happen(database: Database) -> None:
    async with database.transaction() as session:
        case = await opened(session)
        await CASES.move(session, case.id, _S.OPEN, _S.CANCELLED, now=NOW, actor=AMIR, reason="mistake")
        rows = (
            await session.execute(text('SELECT action, "case", data, actor FROM audit ORDER BY seq'))
        ).all()
    assert [row[:3] for row in rows] == [
        ("case.open", case.id, '{"opened_by":"owner"}'),
        ("case.cancelled", case.id, '{"before":"open","reason":"mistake"}'),
    ]
    assert rows[0].actor == rows[1].actor
    assert AMIR not in str(rows)
    async with database.transaction() as session:
        case = await opened(session)
    await run(database, "DROP TABLE audit_head")
    with pytest.raises(SchemaOutdated):
        await _cancel(database, case.id)
    async with database.transaction() as session:
        still = await CASES.get(session, case.id)
    assert still is not None
    assert still.state == _S.OPEN


async def _cancel(database: Database, case_id: str) -> None:
    async with database.transaction() as session:
        await CASES.move(session, case_id, _S.OPEN, _S.CANCELLED, now=NOW, actor=AMIR)


@pytest.mark.parametrize("before", _S)
async def test_only_legal_moves(sqlite_url: str, before: CaseState) -> None:
    database = Database.open(sqlite_url)
    for after in _S:
        await _moves_if_legal(database, before, after)
    await database.close()


async def _moves_if_legal(database: Database, before: CaseState, after: CaseState) -> None:
    """Whatever the store holds: the rule is asked before the database is."""
    async with database.transaction() as session:
        case = await opened(session, target=after)
        await session.execute(
            text('UPDATE "case" SET state = :s WHERE id = :id'), {"s": before, "id": case.id}
        )
        if may_move(before, after):
            moved = await CASES.move(session, case.id, before, after, now=NOW + MINUTE, actor=None)
            assert moved is not None
            assert (moved.state, moved.state_at) == (after, NOW + MINUTE)
            assert moved.ended_at == (NOW + MINUTE if after in ENDS else None)
        else:
            with pytest.raises(IllegalMove, match=f"from {before} to {after}"):
                await CASES.move(session, case.id, before, after, now=NOW, actor=None)
            unmoved = await CASES.get(session, case.id)
            assert unmoved is not None
            assert unmoved.state == before


async def test_what_was_expected_must_hold(database: Database) -> None:
    async with database.transaction() as session:
        case = await opened(session)
        given = {"denied_by": None, "claim_tries": 0}
        assert await CASES.change(session, case.id, _S.OPEN, {"claim_tries": 1}, claim_tries=2) is None
        assert await CASES.change(session, case.id, _S.VERIFYING, {}, claim_tries=2) is None
        changed = await CASES.change(session, case.id, _S.OPEN, given, denied_by="h", claim_tries=1)
        assert changed is not None
        assert (changed.denied_by, changed.claim_tries) == ("h", 1)
        assert await CASES.change(session, case.id, _S.OPEN, given, denied_by="i") is None
        missed = await CASES.move(
            session, case.id, _S.OPEN, _S.VERIFYING, now=NOW, actor=None, expected={"denied_by": "i"}
        )
        assert missed is None
        assert await session.scalar(text("SELECT count(*) FROM audit")) == 1


async def test_a_note_is_a_change_with_an_audit_row(database: Database) -> None:
    async with database.transaction() as session:
        case = await opened(session)
        noted = await CASES.note(session, case.id, _S.OPEN, "case.code", now=NOW, actor=AMIR, claim_tries=1)
        assert noted is not None
        assert noted.claim_tries == 1
        assert await CASES.note(session, case.id, _S.USED, "case.code", now=NOW, actor=AMIR) is None
        assert (await session.scalars(text("SELECT action FROM audit ORDER BY seq"))).all() == [
            "case.open",
            "case.code",
        ]


async def test_a_case_in_hand_changes_no_row(database: Database) -> None:
    async with database.transaction() as session:
        case = await opened(session)
        for held in (case, await CASES.locked(session, case.id), *(await CASES.live(session))):
            assert held is not None
            held.state = _S.APPROVED
    async with database.transaction() as session:
        stored = await CASES.get(session, case.id)
    assert stored is not None
    assert stored.state == _S.OPEN


async def test_a_case_is_found_by_the_browser_that_is_bound_to_it(database: Database) -> None:
    async with database.transaction() as session:
        case = await opened(session)
        await CASES.change(session, case.id, _S.OPEN, {}, browser_hash="b")
        found = await CASES.by_browser_hash(session, "b")
        assert found is not None
        assert found.id == case.id
        assert await CASES.by_browser_hash(session, "c") is None
        await led(session, case, _S.CANCELLED)
        assert await CASES.by_browser_hash(session, "b") is not None


async def test_cases_to_follow_come_in_order_and_an_end_is_followed_only_if_asked(database: Database) -> None:
    async with database.transaction() as session:
        ids = []
        for number in range(3):
            case = await opened(session, f"t{number}")
            await CASES.change(session, case.id, _S.OPEN, {}, follow_at=NOW - number * MINUTE)
            ids.append(case.id)
        assert [case.id for case in await CASES.to_follow(session, NOW, 2)] == [ids[2], ids[1]]
        assert [case.id for case in await CASES.to_follow(session, NOW - MINUTE, 9)] == [ids[2], ids[1]]
        await CASES.move(session, ids[2], _S.OPEN, _S.CANCELLED, now=NOW, actor=None)
        await CASES.move(session, ids[1], _S.OPEN, _S.CANCELLED, now=NOW, actor=None, follow_at=NOW)
        assert {case.id for case in await CASES.to_follow(session, NOW, 9)} == {ids[1], ids[0]}


async def test_cases_run_out_by_state_and_by_their_time_to_show(database: Database) -> None:
    ages = {_S.OPEN: timedelta(hours=1), _S.VERIFYING: timedelta(hours=2)}
    async with database.transaction() as session:
        waiting = await opened(session, "t1")
        seen = await led(session, await opened(session, "t2"), _S.VERIFYING)
        approved = await led(session, await opened(session, "t3"), _S.VERIFYING, _S.VERIFIED, _S.APPROVED)
        await CASES.change(session, approved.id, _S.APPROVED, {}, show_until=NOW + MINUTE)
        for after, ids in (
            (timedelta(), set()),
            (MINUTE, {approved.id}),
            (timedelta(hours=1), {approved.id, waiting.id}),
            (timedelta(hours=2), {approved.id, waiting.id, seen.id}),
        ):
            assert {case.id for case in await CASES.expired(session, NOW + after, ages)} == ids
        assert len(await CASES.expired(session, NOW + timedelta(days=1), ages, limit=1)) == 1


async def test_an_approver_counts_once(database: Database) -> None:
    async with database.transaction() as session:
        case = await opened(session)
        for name in ("Kari", "Kari", "Ola"):
            await approvals.add(session, case.id, f"id-{name}", name, NOW)
        assert [vote.approver_name for vote in await approvals.of_case(session, case.id)] == ["Kari", "Ola"]
        assert await approvals.of_case(session, "K7QF-2X") == []


async def test_a_new_case_may_name_the_old_one(database: Database) -> None:
    async with database.transaction() as session:
        old = await led(session, await opened(session), _S.CANCELLED)
        new = await CASES.open_case(
            session,
            now=NOW + MINUTE,
            actor=AMIR,
            target=SOLVEIG,
            target_name="Solveig",
            target_upn="s@x.example",
            previous=old.id,
        )
        assert new is not None
        assert new.previous == old.id
        assert [case.id for case in await CASES.of_target(session, SOLVEIG)] == [new.id, old.id]

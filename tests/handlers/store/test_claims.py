"""Claim codes and questions: what takes the place of what, and what is over."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.records import Claim
from handlers.store import claims
from handlers.store.database import Database
from tests.handlers.store.given import AMIR, MINUTE, NOW, SOLVEIG, opened

OTHER = "5d1f8a52-7b1c-4c0e-8a0a-1c2d3e4f5a6b"


async def given(
    session: AsyncSession, case: str, mac: str | None, *, by: str = AMIR, route: str = "desk"
) -> Claim:
    """A code by this signature; a question without one."""
    claim = Claim(
        case=case,
        route=route,
        attester=by,
        attester_name="Amir Haddad",
        asked_by=None if mac else SOLVEIG,
        code_mac=mac,
        mac=mac,
        at=NOW,
        until=NOW + 10 * MINUTE,
    )
    await claims.give(session, claim)
    return claim


async def standing(session: AsyncSession, *macs: str, now: datetime = NOW) -> list[bool]:
    """Which of these can be used."""
    return [await claims.by_code(session, [mac], now) is not None for mac in macs]


async def test_only_the_last_code_of_a_person_for_a_route_works(database: Database) -> None:
    async with database.transaction() as session:
        case = (await opened(session)).id
        await given(session, case, "first")
        await given(session, case, "other", by=OTHER)
        await given(session, case, "video", route="video")
        await given(session, case, "second")
        assert await standing(session, "first", "second", "other", "video") == [False, True, True, True]


async def test_a_code_is_used_up_once_and_its_signature_goes(database: Database) -> None:
    async with database.transaction() as session:
        claim = await given(session, (await opened(session)).id, "mac")
        assert await claims.settle(session, claim, NOW)
        assert not await claims.settle(session, claim, NOW)
        assert await standing(session, "mac") == [False]
        [stored] = await claims.of_case(session, claim.case)
        assert (stored.code_mac, stored.mac, stored.used_at) == (None, None, NOW)


async def test_a_code_ends_by_the_clock(database: Database) -> None:
    async with database.transaction() as session:
        claim = await given(session, (await opened(session)).id, "mac")
        assert await standing(session, "mac", now=NOW + 10 * MINUTE) == [False]
        assert not await claims.settle(session, claim, NOW + 10 * MINUTE)


async def test_a_question_stands_until_its_code_is_used(database: Database) -> None:
    async with database.transaction() as session:
        case = (await opened(session)).id
        await given(session, case, None, route="manager")
        code = await given(session, case, "mac", route="manager")
        assert len(await claims.asked_of(session, AMIR, NOW)) == 1
        assert await claims.asked_of(session, OTHER, NOW) == []
        await claims.settle(session, code, NOW)
        assert await claims.asked_of(session, AMIR, NOW) == []

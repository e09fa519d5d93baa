"""Whom nobody can remind, on both databases."""

from sqlalchemy import update
from sqlmodel import col

from handlers.messages.seeing import ChatState
from handlers.records import PlanEntry, Reached, ReachState
from handlers.rollout.unreached import Found, Wanted, unreached
from handlers.store.database import Database
from tests.handlers.rollout.given import BJORN, LEIF, NOW, PAL, PRIYA, account, entry, put

CHATS = frozenset({"slack", "teams"})


async def _found(database: Database, who: str = "", reason: str = "") -> Found:
    async with database.reading() as session:
        return await unreached(session, CHATS, Wanted.of(who, reason, ""))


async def test_they_are_found_by_reason_and_by_what_an_address_holds(database: Database) -> None:
    await put(database, *(entry(name) for name in (PAL, PRIYA, LEIF, BJORN)))
    async with database.transaction() as session:
        blocked = col(PlanEntry.account) == account(BJORN)
        await session.execute(update(PlanEntry).where(blocked).values(excluded=True, mail="Boss_1@x.no"))
        for name, platform, state in (
            (PAL, "slack", ReachState.NO_ACCOUNT),
            (PAL, "teams", ReachState.LEFT),
            (LEIF, "teams", ReachState.LEFT),
        ):
            session.add(Reached(platform=platform, account=account(name), state=state, at=NOW))
    both = await _found(database)
    assert [(it.account, it.reason) for it in both.people] == [
        (account(BJORN), "excluded"),
        (account(PAL), "unreachable"),
    ]
    assert both.people[1].chats == (ChatState("slack", "no-account"), ChatState("teams", "left"))
    for who, reason, wanted in (
        ("GRØNVOLD pål", "", [PAL]),
        ("", "excluded", [BJORN]),
        ("boss_1", "", [BJORN]),
        ("boss%1", "", []),
        ("pal", "excluded", []),
    ):
        found = await _found(database, who, reason)
        assert [it.account for it in found.people] == [account(name) for name in wanted], who
        assert (found.total, found.page, found.pages) == (len(wanted), 1, 1)

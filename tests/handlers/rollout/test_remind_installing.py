"""A chat where people need the bot's app: they are given it before they are reminded there."""

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import select

from bot.sandbox.world import FJORDHEIM
from handlers.accounts import Directory
from handlers.events import Person, Place
from handlers.ports import Chats, NotYet, Unreachable
from handlers.records import Reached
from handlers.rollout.remind import Remind
from handlers.store.database import Database
from tests.handlers.rollout.conftest import profile_of
from tests.handlers.rollout.given import (
    BJORN,
    CALENDAR,
    FEBRUARY,
    OFFSETS,
    PAL,
    PRIYA,
    account,
    at,
    entry,
    outcomes,
    put,
    waiting,
)
from tests.memory_chat import MemoryChat


def in_teams(name: str) -> Person:
    return Person("teams", FJORDHEIM.tenant_id, account(name))


class Installing:
    """The chat in memory does it all itself."""

    platform = "teams"

    async def leaves_alone(self, _: Person) -> bool:
        return False

    async def install(self, _: Person) -> bool:
        return False

    async def lost(self, _: Person, *, blocked: bool) -> bool:
        return blocked


class InTeams(MemoryChat):
    """Opens conversations with those alone who may have the app."""

    def __init__(self, *names: str, refused: Collection[str] = (), busy: Collection[str] = ()) -> None:
        profiles = [replace(profile_of(FJORDHEIM.named(name)), person=in_teams(name)) for name in names]
        super().__init__(profiles, platform="teams")
        self.refused, self.busy = {*map(account, refused)}, {*map(account, busy)}
        self.opened: list[str] = []

    async def private(self, person: Person) -> Place:
        """Or not."""
        self.opened.append(person.user)
        if person.user in self.busy:
            raise NotYet(60)
        if person.user in self.refused:
            raise Unreachable("not-installed")
        return await super().private(person)


def planner(database: Database, directory: Directory, *chats: MemoryChat) -> Remind:
    return Remind(database, directory, Chats(chats, Installing()), CALENDAR, OFFSETS, False)


async def test_who_is_given_the_app_is_reminded_and_who_is_refused_is_not(
    database: Database, directory: Directory
) -> None:
    await put(database, entry(PAL), entry(PRIYA))
    await planner(database, directory, InTeams(PAL, PRIYA, refused=[PRIYA])).tick(at("2027-01-11"))
    assert [(row.platform, row.user) for row in await waiting(database)] == [("teams", account(PAL))]
    assert set((await outcomes(database)).values()) == {"queued", "unreachable"}


async def test_the_next_chat_takes_those_who_do_not_get_the_app(
    database: Database, directory: Directory, chat: MemoryChat
) -> None:
    await put(database, entry(PAL))
    await planner(database, directory, InTeams(PAL, refused=[PAL]), chat).tick(at("2027-01-11"))
    assert [row.platform for row in await waiting(database)] == ["slack"]
    async with database.reading() as session:
        rows = list(await session.scalars(select(Reached)))
    assert [(row.platform, row.account, row.state) for row in rows] == [("slack", account(PAL), "reachable")]


async def test_who_cannot_be_told_yet_keeps_nobody_else_waiting(
    database: Database, directory: Directory
) -> None:
    teams = InTeams(PAL, PRIYA, busy=[PAL])
    remind = planner(database, directory, teams)
    await put(database, entry(PAL), entry(PRIYA))
    await remind.tick(at("2027-01-11"))
    assert [row.user for row in await waiting(database)] == [account(PRIYA)]
    teams.busy.clear()
    await remind.tick(at("2027-01-11", "09:01"))
    await remind.tick(at("2027-01-11", "09:03"))
    assert {row.user for row in await waiting(database)} == {account(PRIYA), account(PAL)}


async def test_nobody_is_given_the_app_who_is_not_reminded(database: Database, directory: Directory) -> None:
    teams = InTeams("Leif Åsen", BJORN, PAL)
    await put(database, entry("Leif Åsen"), entry(BJORN), entry(PAL, FEBRUARY))
    await planner(database, directory, teams).tick(at("2027-01-11"))
    assert teams.opened == []

"""Links are pinned once and never moved; choices are kept."""

import asyncio

from handlers.events import Person
from handlers.messages import Language
from handlers.store import people
from handlers.store.database import Database
from tests.handlers.store.given import AMIR, MINUTE, NOW, SOLVEIG

_PERSON = Person("slack", "T1", "U1")
_SAME_IN_TEAMS = Person("teams", "tid", "29:x")


async def test_a_link_is_pinned_once(database: Database) -> None:
    async with database.transaction() as session:
        assert await people.link(session, _PERSON) is None
        first = await people.pin(session, _PERSON, SOLVEIG, "solveig@x.example", NOW)
        again = await people.pin(session, _PERSON, AMIR, "amir@x.example", NOW + MINUTE)
        assert (again.account, again.email, again.first_seen) == (SOLVEIG, "solveig@x.example", NOW)
        assert again == first == await people.link(session, _PERSON)


async def test_of_two_pins_at_once_one_holds(database: Database) -> None:
    async def pin(account: str) -> str:
        async with database.transaction() as session:
            return (await people.pin(session, _PERSON, account, "x@x.example", NOW)).account

    assert len(set(await asyncio.gather(*(pin(f"a{number}") for number in range(20))))) == 1


async def test_a_flagged_link_is_seen_and_not_relied_on(database: Database) -> None:
    async with database.transaction() as session:
        assert not await people.flag(session, _PERSON, "email-changed")
        await people.pin(session, _SAME_IN_TEAMS, SOLVEIG, "s@x.example", NOW)
        await people.pin(session, _PERSON, SOLVEIG, "s@x.example", NOW + MINUTE)
        assert await people.people_of(session, SOLVEIG) == [_SAME_IN_TEAMS, _PERSON]
        assert await people.flag(session, _PERSON, "email-changed")
        assert not await people.flag(session, _PERSON, "other")
        link = await people.link(session, _PERSON)
        assert link is not None
        assert link.flagged == "email-changed"
        assert await people.people_of(session, SOLVEIG) == [_SAME_IN_TEAMS]
        assert (await people.pin(session, _PERSON, AMIR, "a@x.example", NOW)).flagged == "email-changed"


async def test_the_last_choice_of_language_holds(database: Database) -> None:
    async with database.transaction() as session:
        assert await people.language_of(session, _PERSON) is None
        for language in Language:
            await people.choose_language(session, _PERSON, language)
            assert await people.language_of(session, _PERSON) is language
        assert await people.language_of(session, _SAME_IN_TEAMS) is None


async def test_a_person_can_be_forgotten(database: Database) -> None:
    async with database.transaction() as session:
        await people.pin(session, _PERSON, SOLVEIG, "s@x.example", NOW)
        await people.choose_language(session, _PERSON, Language.NN)
        assert await people.forget(session, _PERSON)
        assert not await people.forget(session, _PERSON)
        assert await people.link(session, _PERSON) is None
        assert await people.language_of(session, _PERSON) is None

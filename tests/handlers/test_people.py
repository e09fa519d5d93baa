"""From a person in chat to an account and a language: tied once, by e-mail, and never moved."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.sandbox.world import FJORDHEIM
from handlers.events import Person
from handlers.messages import Language
from handlers.ports import Profile, TryLater, Unreachable
from handlers.records import Link
from handlers.store import people
from tests.handlers.rig import EMIL, NORA, NOW, Rig, profile_of


def _profile(name: str) -> Profile:
    return profile_of(FJORDHEIM.named(name))


async def _links(rig: Rig) -> list[Link]:
    async with rig.database.transaction() as session:
        return list(await session.scalars(select(Link)))


async def test_a_person_is_tied_to_the_account_of_the_same_address(rig: Rig) -> None:
    known = await rig.people.known(rig.person(NORA))
    assert (known.account, known.language, known.flagged) == (rig.id(NORA), Language.NB, None)
    [link] = await _links(rig)
    assert (link.user, link.account, link.email, link.first_seen) == (
        rig.person(NORA).user,
        rig.id(NORA),
        FJORDHEIM.named(NORA).mail,
        NOW,
    )


async def test_a_tie_is_looked_up_once(rig: Rig) -> None:
    await rig.people.known(rig.person(NORA))
    before = len(rig.entra.requests)
    await rig.people.known(rig.person(NORA))
    assert len(rig.entra.requests) == before


async def test_a_changed_address_flags_the_link_for_good(rig: Rig) -> None:
    await rig.people.known(rig.person(NORA))
    changed = replace(_profile(NORA), email=FJORDHEIM.named(EMIL).mail)
    rig.chat.put(changed)
    assert [(await rig.people.known(rig.person(NORA))).account for _ in range(2)] == [None, None]
    rig.chat.put(_profile(NORA))
    known = await rig.people.known(rig.person(NORA))
    assert (known.account, known.flagged) == (None, "email-changed")
    assert [link.account for link in await _links(rig)] == [rig.id(NORA)]


async def test_capitals_are_no_change(rig: Rig) -> None:
    await rig.people.known(rig.person(NORA))
    rig.chat.put(replace(_profile(NORA), email=FJORDHEIM.named(NORA).mail.upper()))
    assert (await rig.people.known(rig.person(NORA))).account == rig.id(NORA)


async def test_a_hidden_address_is_a_change(rig: Rig) -> None:
    await rig.people.known(rig.person(NORA))
    rig.chat.put(replace(_profile(NORA), email=None))
    assert (await rig.people.known(rig.person(NORA))).flagged == "email-changed"


@pytest.mark.parametrize("email", [None, "nobody@fjordheim.example"])
async def test_without_a_matching_address_there_is_no_account(rig: Rig, email: str | None) -> None:
    rig.chat.put(replace(_profile(NORA), email=email))
    assert (await rig.people.known(rig.person(NORA))).account is None
    assert await _links(rig) == []


async def test_two_accounts_are_none(rig: Rig) -> None:
    rig.entra.tenant.account(rig.id(EMIL)).aliases.append(FJORDHEIM.named(NORA).mail)
    assert (await rig.people.known(rig.person(NORA))).account is None
    assert await _links(rig) == []


async def test_without_graph_people_are_served_and_tied_later(rig: Rig) -> None:
    rig.entra.faults.down = True
    known = await rig.people.known(rig.person(NORA))
    assert (known.account, known.language) == (None, Language.NB)
    rig.entra.faults.clear()
    assert (await rig.people.known(rig.person(NORA))).account == rig.id(NORA)


@pytest.mark.parametrize("refusal", ["guest", "bot", "deactivated", "other-workspace"])
async def test_who_is_not_served_is_not_tied(rig: Rig, refusal: str) -> None:
    rig.chat.put(replace(_profile(NORA), refusal=refusal))
    known = await rig.people.known(rig.person(NORA))
    assert (known.profile.refusal, known.account) == (refusal, None)
    assert await _links(rig) == []


async def test_who_is_not_served_any_more_has_no_account(rig: Rig) -> None:
    await rig.people.known(rig.person(NORA))
    rig.chat.put(replace(_profile(NORA), refusal="deactivated"))
    assert (await rig.people.known(rig.person(NORA))).account is None


async def test_what_the_platform_does_not_tell_is_an_error(rig: Rig) -> None:
    with pytest.raises(Unreachable):
        await rig.people.known(Person("slack", "T0", "U0NOBODY"))
    rig.chat.fail("profile", TryLater(3))
    with pytest.raises(TryLater):
        await rig.people.known(rig.person(NORA))


async def test_the_chosen_language_wins(rig: Rig) -> None:
    assert (await rig.people.known(rig.person(NORA), "How do I set it up?")).language is Language.EN
    async with rig.database.transaction() as session:
        await people.choose_language(session, rig.person(NORA), Language.NN)
    assert (await rig.people.known(rig.person(NORA), "How do I set it up?")).language is Language.NN


async def test_whom_the_platform_signs_in_is_tied_to_that_account_and_to_no_address(rig: Rig) -> None:
    told = replace(_profile(NORA), account=rig.id(NORA), email=FJORDHEIM.named(EMIL).mail)
    rig.chat.put(told)
    before = len(rig.entra.requests)
    assert (await rig.people.known(rig.person(NORA))).account == rig.id(NORA)
    rig.chat.put(replace(told, email=None))
    assert (await rig.people.known(rig.person(NORA))).account == rig.id(NORA)
    assert len(rig.entra.requests) == before

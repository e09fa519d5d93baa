"""The bot's own page: where its owner stands, built when they look, and not more often than once a minute."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.world import FJORDHEIM
from graph.methods import Kind, Method
from handlers.events import Opened, Person
from handlers.home import FRESH, Homes, has_spare
from handlers.messages import Home, Language, NotServed
from handlers.ports import Rejected, TryLater, Unreachable
from handlers.readiness import Missing, missing
from handlers.records import PlanEntry
from tests.handlers.rig import EMIL, INGRID, NORA, Rig, profile_of

DAY = date(2027, 1, 18)
BJORN = "Bjørn Sætre"
"""Has a phone number only."""
_NUMBERS = count(1)


def homes(rig: Rig, *, own_telecom: bool = False) -> Homes:
    """As built in the product."""
    return Homes(rig.database, rig.people, rig.directory, rig.clock, ZoneInfo("Europe/Oslo"), own_telecom)


def look(person: Person) -> Opened:
    """A look of its own."""
    return Opened(f"open-{next(_NUMBERS)}", person)


async def planned(rig: Rig, name: str, day: date = DAY) -> None:
    """An activation day for somebody."""
    who = FJORDHEIM.named(name)
    entry = PlanEntry(
        account=who.object_id, upn=who.upn, mail=who.mail, activation_day=day, changed_at=rig.clock.now()
    )
    async with rig.database.transaction() as session:
        session.add(entry)


async def shown(rig: Rig, name: str, page: Homes | None = None) -> tuple[Home, Language]:
    """What somebody sees who looks now."""
    await (page or homes(rig)).opened(look(rig.person(name)))
    found = rig.chat.page(rig.person(name))
    assert found is not None
    data, language = found
    assert isinstance(data, Home)
    return data, language


def looks(rig: Rig) -> int:
    """How often Graph was asked for methods."""
    return len(rig.entra.sent("GET", "/authentication/methods"))


async def test_the_page_says_what_is_missing_until_when(rig: Rig) -> None:
    await planned(rig, NORA)
    assert await shown(rig, NORA) == (Home(Language.NB, "everything", DAY), Language.NB)


async def test_without_a_day_there_is_none(rig: Rig) -> None:
    data, _ = await shown(rig, NORA)
    assert (data.activation_day, data.is_past, data.missing) == (None, False, "everything")


async def test_who_is_ready_sees_with_what_and_whether_there_is_a_spare(rig: Rig) -> None:
    data, _ = await shown(rig, EMIL)
    assert (data.missing, data.methods, data.spare) == ("nothing", ("authenticator",), False)
    rig.entra.tenant.account(rig.id(EMIL)).methods.extend(rig.entra.tenant.account(rig.id(EMIL)).methods[-1:])
    data, _ = await shown(rig, EMIL)
    assert (data.methods, data.spare) == (("authenticator",), True)


@pytest.mark.parametrize(
    ("day", "own_telecom", "expected"),
    [
        (DAY, False, "nothing"),
        (date(2027, 2, 1), False, "only-telecom"),
        (date(2027, 2, 1), True, "nothing"),
    ],
)
async def test_a_phone_number_counts_for_as_long_as_it_works(
    rig: Rig, day: date, own_telecom: bool, expected: str
) -> None:
    await planned(rig, BJORN, day)
    data, _ = await shown(rig, BJORN, homes(rig, own_telecom=own_telecom))
    assert (data.missing, data.methods) == (expected, ("phone",))


async def test_what_worked_on_the_day_and_does_not_any_more_is_missing(rig: Rig) -> None:
    await planned(rig, BJORN)
    rig.clock.at = datetime(2027, 2, 3, 9, tzinfo=UTC)
    data, _ = await shown(rig, BJORN)
    assert (data.missing, data.is_past) == ("only-telecom", True)


@pytest.mark.parametrize(
    ("now", "is_past"),
    [
        (datetime(2027, 1, 17, 22, 59, tzinfo=UTC), False),
        (datetime(2027, 1, 17, 23, 0, tzinfo=UTC), True),
    ],
)
async def test_the_day_begins_at_midnight_in_norway(rig: Rig, now: datetime, is_past: bool) -> None:
    await planned(rig, NORA)
    rig.clock.at = now
    assert (await shown(rig, NORA))[0].is_past is is_past


async def test_without_graph_the_page_says_so_and_shows_the_rest(rig: Rig) -> None:
    await planned(rig, NORA)
    await rig.people.known(rig.person(NORA))
    rig.entra.faults.down = True
    assert (await shown(rig, NORA))[0] == Home(Language.NB, "unknown", DAY)


async def test_whether_somebody_has_an_account_is_not_known_either_without_graph(rig: Rig) -> None:
    rig.entra.faults.down = True
    assert (await shown(rig, NORA))[0].missing == "unknown"


@pytest.mark.parametrize("email", [None, "nobody@fjordheim.example"])
async def test_without_an_account_the_page_says_so(rig: Rig, email: str | None) -> None:
    rig.chat.put(replace(profile_of(FJORDHEIM.named(NORA)), email=email))
    assert (await shown(rig, NORA))[0].missing == "no-account"


async def test_a_flagged_link_shows_nothing_of_the_account(rig: Rig) -> None:
    await planned(rig, NORA)
    await rig.people.known(rig.person(NORA))
    rig.chat.put(replace(profile_of(FJORDHEIM.named(NORA)), email=FJORDHEIM.named(EMIL).mail))
    assert (await shown(rig, NORA))[0] == Home(Language.NB, "no-account")


@pytest.mark.parametrize("refusal", ["guest", "other-workspace"])
async def test_who_is_not_served_is_told_politely(rig: Rig, refusal: str) -> None:
    rig.chat.put(replace(profile_of(FJORDHEIM.named(NORA)), refusal=refusal))
    await homes(rig).opened(look(rig.person(NORA)))
    assert rig.chat.page(rig.person(NORA)) == (NotServed(refusal), Language.NB)
    assert rig.entra.requests == []


@pytest.mark.parametrize("refusal", ["bot", "deactivated"])
async def test_for_bots_and_those_who_left_there_is_no_page(rig: Rig, refusal: str) -> None:
    rig.chat.put(replace(profile_of(FJORDHEIM.named(NORA)), refusal=refusal))
    await homes(rig).opened(look(rig.person(NORA)))
    assert rig.chat.page(rig.person(NORA)) is None


async def test_a_page_younger_than_a_minute_is_not_built_again(rig: Rig) -> None:
    page = homes(rig)
    for _ in range(5):
        await page.opened(look(rig.person(NORA)))
    rig.clock.move(FRESH - timedelta(seconds=1))
    await page.opened(look(rig.person(NORA)))
    assert looks(rig) == 1
    await page.opened(look(rig.person(EMIL)))
    assert looks(rig) == 2
    rig.clock.move(timedelta(seconds=1))
    await page.opened(look(rig.person(NORA)))
    assert looks(rig) == 3


async def test_looks_that_come_together_are_one(rig: Rig) -> None:
    page = homes(rig)
    await asyncio.gather(*(page.opened(look(rig.person(NORA))) for _ in range(8)))
    assert looks(rig) == 1


async def test_a_clock_that_is_set_back_does_not_freeze_the_page(rig: Rig) -> None:
    page = homes(rig)
    await shown(rig, NORA, page)
    rig.clock.move(-timedelta(days=1))
    await shown(rig, NORA, page)
    assert looks(rig) == 2


@pytest.mark.parametrize("method", ["profile", "home"])
@pytest.mark.parametrize("error", [TryLater(3), Rejected("fatal")])
async def test_a_page_that_could_not_be_shown_is_tried_again(
    rig: Rig, method: str, error: TryLater | Rejected
) -> None:
    page, event = homes(rig), look(rig.person(NORA))
    rig.chat.fail(method, error)
    with pytest.raises(type(error)):
        await page.opened(event)
    assert rig.chat.page(rig.person(NORA)) is None
    await page.opened(event)
    assert rig.chat.page(rig.person(NORA)) is not None


async def test_where_there_are_no_pages_nothing_happens(rig: Rig) -> None:
    rig.chat.fail("home", Unreachable("not_enabled"))
    await homes(rig).opened(look(rig.person(NORA)))
    assert rig.chat.page(rig.person(NORA)) is None


async def test_another_language_is_shown_without_another_look(rig: Rig) -> None:
    page = homes(rig)
    await planned(rig, NORA)
    before, _ = await shown(rig, NORA, page)
    known = replace(await rig.people.known(rig.person(NORA)), language=Language.NN)
    await page.spoken(known)
    assert rig.chat.page(rig.person(NORA)) == (replace(before, language=Language.NN), Language.NN)
    assert looks(rig) == 1


async def test_what_is_forgotten_is_built_at_the_next_look(rig: Rig) -> None:
    page = homes(rig)
    await shown(rig, INGRID, page)
    page.forget(rig.person(INGRID))
    await shown(rig, INGRID, page)
    assert looks(rig) == 2


kinds = st.sampled_from(Kind)
days = st.sampled_from([DAY, date(2027, 2, 1)])


@given(st.lists(kinds, max_size=5), days, st.booleans())
def test_a_spare_is_what_is_left_whichever_is_lost(found: list[Kind], day: date, own_telecom: bool) -> None:
    methods = [Method(str(number), kind) for number, kind in enumerate(found)]
    spare = has_spare(methods, day, own_telecom=own_telecom)
    if spare:
        assert missing(methods, day, own_telecom=own_telecom) is Missing.NOTHING
        assert sum(method.is_strong for method in methods) > 1
    more = [*methods, Method("a", Kind.FIDO2), Method("b", Kind.AUTHENTICATOR)]
    assert has_spare(more, day, own_telecom=own_telecom)

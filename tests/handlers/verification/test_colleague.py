"""Asking for a colleague: one reply whoever it is for, and a case that leads nowhere without its owner."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.sandbox.world import FJORDHEIM
from handlers.events import Asked, Place, Pressed, Submitted
from handlers.messages import CaseLink, ColleagueAgain, ColleagueForm, ColleagueThanks, Data, Language
from handlers.notices.disowning import CHAT
from handlers.records import Case
from handlers.states import CaseState
from handlers.verification.asking import Asking
from handlers.verification.colleague import PER_DAY, Colleagues
from handlers.verification.opening import Refused
from tests.bot.eid.rig import HOME
from tests.handlers.rig import EMIL, INGRID, JONAS, NORA, SUPPORT, Rig
from tests.handlers.verification.test_eid import Door, door

__all__ = ["door"]

KARI = "kari.ukjent@fjordheim.example"
PRIVATE = Place("slack", "D0PRIVATE", private=True)


def _feature(door: Door) -> Colleagues:
    rig = door.rig
    asking = Asking(rig.people, rig.chats, door.by_eid, HOME)
    return Colleagues(rig.database, rig.people, rig.accounts, rig.cases, rig.cards, rig.clock, asking)


async def _said(door: Door, text: str, whom: str = EMIL, number: int = 1) -> Sequence[Data]:
    """Write something in private; what one is told then."""
    rig = door.rig
    before = len(rig.chat.seen_by(rig.person(whom)))
    assert await _feature(door).handle(Asked(f"said-{number}-{text}", rig.person(whom), PRIVATE, text))
    await rig.delivered()
    return rig.chat.seen_by(rig.person(whom))[before:]


async def _cases(rig: Rig) -> Sequence[Case]:
    async with rig.database.reading() as session:
        return list(await session.scalars(select(Case).order_by(Case.opened_at)))  # type: ignore[arg-type]


async def _known(rig: Rig, name: str) -> None:
    """Somebody has written to the bot before."""
    await rig.people.known(rig.person(name))


async def test_the_case_is_opened_its_owner_is_told_and_the_starter_learns_nothing(door: Door) -> None:
    rig, nora = door.rig, FJORDHEIM.named(NORA)
    await _known(rig, NORA)
    told = await _said(door, f"2fa for {nora.upn}")
    assert list(told) == [ColleagueThanks(nora.upn)]
    (case,) = await _cases(rig)
    assert (case.target, case.starter, case.opened_by) == (rig.id(NORA), rig.id(EMIL), "colleague")
    assert case.state == CaseState.OPEN
    assert rig.news(NORA) == [CaseState.OPEN]
    assert rig.news(EMIL) == []
    sent = " ".join(str(data) for data in rig.chat.seen_by(rig.person(EMIL)))
    assert case.id not in sent
    assert not any(isinstance(data, CaseLink) for data in rig.chat.seen_by(rig.person(NORA)))


@pytest.mark.parametrize(
    "address",
    [
        KARI,
        FJORDHEIM.named("Astrid Kvamme").upn,
        FJORDHEIM.named("Kofi Mensah").upn,
        FJORDHEIM.named(INGRID).upn,
        "someone@example.org",
    ],
)
async def test_the_reply_is_the_same_where_no_case_can_be(door: Door, address: str) -> None:
    assert list(await _said(door, f"for {address}")) == [ColleagueThanks(address)]
    assert list(await _cases(door.rig)) == []


async def test_a_case_that_stands_is_left_alone(door: Door) -> None:
    rig = door.rig
    case = await rig.opened(NORA, JONAS)
    upn = FJORDHEIM.named(NORA).upn
    before = list(rig.news(NORA))
    assert list(await _said(door, f"2fa for {upn}")) == [ColleagueThanks(upn)]
    (still,) = await _cases(rig)
    assert (still.id, still.opened_by, still.starter) == (case.id, "agent", rig.id(JONAS))
    assert rig.news(NORA) == before


@pytest.mark.parametrize("text", ["/2fa for {}", "2FA for {}", "For {}", "for {} ", "2fa for {}."])
async def test_ways_to_write_it(door: Door, text: str) -> None:
    assert list(await _said(door, text.format(KARI))) == [ColleagueThanks(KARI)]


@pytest.mark.parametrize(
    "text", ["for", "2fa", "for meg", "what is 2fa for?", "for a@b og c@d", "takk for alt"]
)
async def test_other_words_are_left_to_the_others(door: Door, text: str) -> None:
    rig = door.rig
    asked = Asked("said", rig.person(EMIL), PRIVATE, text)
    assert not await _feature(door).handle(asked)
    command = replace(asked, text=f"2fa for {KARI}", place=SUPPORT)
    assert not await _feature(door).handle(command), "nobody reads along"


async def test_for_oneself_it_is_the_ordinary_way(door: Door) -> None:
    rig = door.rig
    told = await _said(door, f"2fa for {FJORDHEIM.named(NORA).upn}", NORA)
    assert [type(data) for data in told] == [CaseLink]
    (case,) = await _cases(rig)
    assert (case.starter, case.opened_by) == (rig.id(NORA), "owner")


async def test_three_colleagues_a_day(door: Door) -> None:
    for number in range(PER_DAY):
        assert list(await _said(door, f"for {KARI}", number=number)) == [ColleagueThanks(KARI)]
    upn = FJORDHEIM.named(NORA).upn
    assert list(await _said(door, f"for {upn}", number=9)) == [ColleagueAgain("too-many")]
    assert list(await _cases(door.rig)) == []
    assert list(await _said(door, f"for {KARI}", JONAS, number=7)) == [ColleagueThanks(KARI)], (
        "each has their own"
    )
    door.rig.clock.move(timedelta(hours=27))
    assert list(await _said(door, f"for {upn}", number=10)) == [ColleagueThanks(upn)]


async def test_the_button_opens_the_form_and_the_form_is_answered_in_its_place(door: Door) -> None:
    rig, feature = door.rig, _feature(door)
    emil = rig.person(EMIL)
    opener = rig.opener(EMIL, "colleague.open")
    assert await feature.handle(Pressed("p", emil, PRIVATE, "colleague.open", "", opener))
    form = rig.chat.form(emil)
    assert form is not None
    assert form.data == ColleagueForm()
    upn = FJORDHEIM.named(NORA).upn
    assert await feature.handle(Submitted("s", emil, "colleague_form", "", form.opener, {"address": upn}))
    answered = rig.chat.form(emil)
    assert answered is not None
    assert answered.data == ColleagueThanks(upn)
    assert len(await _cases(rig)) == 1
    assert await feature.handle(Submitted("s2", emil, "colleague_form", "", None, {"address": "kari"}))
    await rig.delivered()
    assert rig.chat.seen_by(emil)[-1] == ColleagueAgain("no-address")


async def test_who_is_not_served_asks_for_nobody(door: Door) -> None:
    guest = next(each for each in FJORDHEIM.residents if each.kind.name == "GUEST" and each.slack_id)
    text = f"2fa for {FJORDHEIM.named(NORA).upn}"
    asked = Asked("said", door.rig.person(guest.name), PRIVATE, text)
    assert not await _feature(door).handle(asked)
    assert list(await _cases(door.rig)) == []


async def test_it_ends_by_itself_when_the_owner_comes_through_eid(door: Door) -> None:
    """Also by a link in chat: the case that counts is the owner's own, and the starter has no part in it."""
    rig = door.rig
    await _said(door, f"2fa for {FJORDHEIM.named(NORA).upn}")
    claimed = await door.proved(NORA)
    old, new = await _cases(rig)
    assert (old.state, old.opened_by) == (CaseState.CANCELLED, "colleague")
    assert (new.id, new.previous, new.starter) == (claimed.case.id, old.id, rig.id(NORA))
    assert (new.opened_by, new.state) == ("owner", CaseState.VERIFIED)
    async with rig.database.reading() as session:
        assert await rig.cases.live_of(session, rig.id(NORA)) is not None


async def test_it_counts_at_the_desk_as_well(door: Door) -> None:
    rig = door.rig
    await _said(door, f"2fa for {FJORDHEIM.named(NORA).upn}")
    claimed = await rig.claimed(await rig.code(await rig.opened(NORA, JONAS), JONAS))
    assert claimed.case.state == CaseState.VERIFIED


async def test_the_owner_stops_it_and_nobody_opens_another_for_a_while(door: Door) -> None:
    rig = door.rig
    await _said(door, f"2fa for {FJORDHEIM.named(NORA).upn}")
    (case,) = await _cases(rig)
    assert await rig.disowning.disown(case, CHAT)
    await _said(door, f"2fa for {FJORDHEIM.named(NORA).upn}", number=2)
    assert len(await _cases(rig)) == 1
    assert await door.by_eid.invite(rig.id(NORA), Language.NB) == Refused("frozen")

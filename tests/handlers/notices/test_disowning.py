""" "It wasn't me": from chat and from a link the same happens, once, to whatever case of the account there is."""

import asyncio
from datetime import timedelta

import pytest

from graph.users import User
from handlers.events import Pressed
from handlers.messages import CaseNews, Language
from handlers.notices.disowning import CHAT, LINK
from handlers.records import Case
from handlers.states import CaseState
from handlers.stops import Stops
from handlers.store import not_me
from handlers.verification.opening import Opening, Refused
from tests.handlers.notices.conftest import Told
from tests.handlers.rig import EMIL, JONAS, NORA, Rig

_WEEK = not_me.FROZEN_FOR


async def _link(rig: Rig, case: Case) -> str:
    async with rig.database.transaction() as session:
        return await not_me.new_link(session, case.id, rig.clock.now())


async def _nora(rig: Rig) -> User:
    return await rig.directory.users.get(rig.id(NORA))


async def _opened(rig: Rig, opened_by: str = "owner", starter: str = NORA) -> Case | Refused:
    target = await _nora(rig)
    async with rig.database.transaction() as session:
        return await Opening(rig.cases).open(
            session,
            target,
            starter=rig.id(starter),
            now=rig.clock.now(),
            language=Language.NB,
            opened_by=opened_by,
        )


@pytest.mark.parametrize("said", [CHAT, LINK])
async def test_it_ends_everything_and_wakes_security(told: Told, said: str) -> None:
    rig = told.rig
    await rig.people.known(rig.person(NORA))
    approved = await rig.approved()
    await rig.issue.show(approved.browser)
    account = rig.entra.tenant.account(rig.id(NORA))
    revoked = account.sessions_revoked
    if said == CHAT:
        press: Pressed = rig.press(NORA, "cases.stop", approved.case.id)
        await Stops(rig.database, rig.people, rig.cases, rig.disowning).pressed(press)
    else:
        case = await rig.disowning.case_of(await _link(rig, approved.case))
        assert case is not None
        assert await rig.disowning.disown(case, LINK)
    assert await rig.state(approved.case) == CaseState.STOPPED
    assert not rig.has_pass()
    assert await _opened(rig) == Refused("frozen")
    await told.out()
    assert account.sessions_revoked == revoked + 1
    [alarm] = told.gateway.alarms
    assert (alarm["kind"], alarm["case"], alarm["facts"]) == ("not-me", approved.case.id, {"said": said})
    assert "case.not-me" in await rig.acts(approved.case)
    for found in (told.work(NORA), told.private(NORA), told.texts(NORA)):
        assert "stoppet" in found[-1].text


async def test_saying_it_again_or_at_once_changes_nothing(told: Told) -> None:
    rig = told.rig
    verified = await rig.verified()
    done = await asyncio.gather(*(rig.disowning.disown(verified.case, LINK) for _ in range(5)))
    assert sorted(done) == [False] * 4 + [True]
    await told.out()
    acts = await rig.acts(verified.case)
    assert acts.count("case.not-me") == acts.count("case.stopped") == len(told.alarms) == 1


async def test_a_case_that_ended_for_another_reason_freezes_nothing(told: Told) -> None:
    rig = told.rig
    verified = await rig.verified()
    await rig.cancelled(verified.case)
    await told.out()
    assert told.alarms == []
    rig.clock.move(timedelta(days=2))
    assert isinstance(await _opened(rig), Case)


async def test_the_link_of_a_case_that_is_over_stops_the_one_that_is_not(told: Told) -> None:
    rig = told.rig
    old = await rig.verified()
    token = await _link(rig, old.case)
    await rig.cancelled(old.case)
    rig.clock.move(timedelta(days=2))
    new = await _opened(rig)
    assert isinstance(new, Case)
    case = await rig.disowning.case_of(token)
    assert case is not None
    assert await rig.disowning.disown(case, LINK)
    assert await rig.state(new) == CaseState.STOPPED
    assert await _opened(rig) == Refused("frozen")
    await told.out()
    assert {each["case"] for each in told.gateway.alarms} == {old.case.id, new.id}


async def test_it_can_be_said_for_thirty_days_after_the_end(rig: Rig) -> None:
    verified = await rig.verified()
    token = await _link(rig, verified.case)
    await rig.cancelled(verified.case)
    rig.clock.move(timedelta(days=29, hours=23))
    ended = await rig.disowning.case_of(token)
    assert ended is not None
    rig.clock.move(timedelta(hours=1))
    assert await rig.disowning.case_of(token) is None
    assert not await rig.disowning.disown(ended, CHAT)
    async with rig.database.transaction() as session:
        await not_me.purge(session, rig.clock.now())
        assert await not_me.case_of(session, token, rig.clock.now() - timedelta(days=5)) is None


@pytest.mark.parametrize(("opened_by", "starter"), [("owner", NORA), ("agent", JONAS), ("colleague", EMIL)])
async def test_nobody_opens_a_case_until_the_week_is_over(rig: Rig, opened_by: str, starter: str) -> None:
    verified = await rig.verified()
    await rig.disowning.disown(verified.case, LINK)
    rig.clock.move(_WEEK - timedelta(minutes=1))
    assert await _opened(rig, opened_by, starter) == Refused("frozen")
    rig.clock.move(timedelta(minutes=1))
    assert isinstance(await _opened(rig, opened_by, starter), Case)


async def test_a_named_person_lifts_it_and_the_same_link_does_not_bring_it_back(rig: Rig) -> None:
    verified = await rig.verified()
    await rig.disowning.disown(verified.case, LINK)
    rig.clock.move(timedelta(days=2))
    async with rig.database.transaction() as session:
        assert await not_me.lift(session, rig.id(NORA), "Ingrid", rig.clock.now())
        assert not await not_me.lift(session, rig.id(NORA), "Ingrid", rig.clock.now())
    assert not await rig.disowning.disown(verified.case, LINK)
    assert isinstance(await _opened(rig), Case)


async def test_whoever_comes_first_no_case_stands_on_a_frozen_account(each_rig: Rig) -> None:
    rig = each_rig
    verified = await rig.verified()
    await rig.cancelled(verified.case)
    rig.clock.move(timedelta(days=2))
    await asyncio.gather(_opened(rig), rig.disowning.disown(verified.case, LINK))
    async with rig.database.transaction() as session:
        assert await rig.cases.live_of(session, rig.id(NORA)) is None


async def test_a_pass_that_graph_did_not_let_go_is_taken_back_later(told: Told) -> None:
    rig = told.rig
    approved = await rig.approved()
    await rig.issue.show(approved.browser)
    rig.entra.faults.missing.add("UserAuthMethod-TAP.ReadWrite.All")
    await rig.disowning.disown(await rig.case(approved.case.id), LINK)
    assert rig.has_pass()
    rig.entra.faults.clear()
    await told.out()
    assert not rig.has_pass()


def test_the_button_stands_on_every_notice_in_chat_but_the_last() -> None:
    for state in CaseState:
        assert bool(CaseNews("K7QF-2M", state).actions) == (state is not CaseState.STOPPED)

"""Approving takes a fresh sign-in of the one who pressed; within the window the next press is enough."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.sandbox.entra.sign_in_faults import SignInFault
from handlers.approvals.by_link import LINK_LIFE, Decided
from handlers.departures import Departure
from handlers.messages import Language
from handlers.ports import Unreachable
from handlers.signing_in.purposes import Purpose
from handlers.signing_in.signing import ATTEMPT_LIFE, NoSignIn
from handlers.signing_in.stepping import StepUp
from handlers.states import CaseState
from tests.handlers.rig import EMIL, HAKON, INGRID, JONAS, MARET, MINUTE, NORA, NOW, TOMASZ, Rig
from tests.handlers.signing_in.desk import ADDRESS, APPROVE, DENY, Desk, desk_of


@pytest.fixture
async def desk(rig: Rig) -> AsyncIterator[Desk]:
    """As the settings come."""
    async with desk_of(rig) as made:
        yield made


async def _case(desk: Desk, name: str = NORA) -> str:
    return (await desk.rig.verified(name)).case.id


async def _state(desk: Desk, case: str) -> str:
    return (await desk.rig.case(case)).state


async def test_a_press_without_a_sign_in_decides_nothing(desk: Desk) -> None:
    case = await _case(desk)
    token = await desk.press(INGRID, case)
    assert token is not None
    assert len(token) >= 43
    (offer,) = desk.offers(INGRID)
    assert (offer.case, offer.decision, offer.until) == (case, "approve", NOW + LINK_LIFE)
    assert offer.url == f"https://bot.fjordheim.example/case/decide/{token}"
    assert await _state(desk, case) == CaseState.VERIFIED
    everybody = [shown.data for shown in desk.rig.chat.everything if shown.only is None]
    assert not [data for data in everybody if token in repr(data)]


@pytest.mark.parametrize(("action", "ends"), [(APPROVE, CaseState.APPROVED), (DENY, CaseState.DENIED)])
async def test_the_sign_in_carries_the_decision_out(desk: Desk, action: str, ends: CaseState) -> None:
    case = await _case(desk)
    token = await desk.press(INGRID, case, action)
    assert token is not None
    intended = await desk.decisions.look(token)
    assert intended is not None
    assert (intended.case.id, intended.pressed_by) == (case, INGRID)
    decided = await desk.decide(token, INGRID)
    assert isinstance(decided, Decided)
    assert decided.outcome == "done"
    assert await _state(desk, case) == ends
    link = await desk.link(INGRID)
    assert link is not None
    assert (link.account, link.stepped_up_at) == (desk.rig.id(INGRID), NOW)
    assert await desk.acts("signin.done") == 1


async def test_within_the_window_one_click_is_enough(desk: Desk) -> None:
    await desk.decides(INGRID, await _case(desk))
    second = await _case(desk, EMIL)
    desk.rig.clock.move(5 * MINUTE)
    assert await desk.press(INGRID, second) is None
    assert await _state(desk, second) == CaseState.APPROVED


async def test_after_the_window_a_sign_in_is_wanted_again(desk: Desk) -> None:
    await desk.decides(INGRID, await _case(desk))
    second = await _case(desk, EMIL)
    desk.rig.clock.move(5 * MINUTE + timedelta(seconds=1))
    assert await desk.press(INGRID, second) is not None
    assert await _state(desk, second) == CaseState.VERIFIED


async def test_always_is_every_time(rig: Rig) -> None:
    async with desk_of(rig, StepUp.ALWAYS) as desk:
        await desk.decides(INGRID, await _case(desk))
        second = await _case(desk, EMIL)
        assert await desk.press(INGRID, second) is not None
        assert await _state(desk, second) == CaseState.VERIFIED


async def test_off_wants_a_sign_in_once(rig: Rig) -> None:
    async with desk_of(rig, StepUp.OFF_WEAKENS_APPROVAL, context="") as desk:
        await desk.decides(INGRID, await _case(desk))
        second = await _case(desk, EMIL)
        desk.rig.clock.move(50 * MINUTE)
        assert await desk.press(INGRID, second) is None
        assert await _state(desk, second) == CaseState.APPROVED


@pytest.mark.parametrize("signs_in", [TOMASZ, MARET, HAKON, NORA])
async def test_another_users_sign_in_decides_nothing(desk: Desk, signs_in: str) -> None:
    case = await _case(desk)
    token = await desk.press(INGRID, case)
    assert token is not None
    assert await desk.decide(token, signs_in) == NoSignIn("other-account")
    assert await _state(desk, case) == CaseState.VERIFIED
    assert await desk.link(INGRID) is None
    assert await desk.link(signs_in) is None
    assert await desk.acts("signin.refused") == 1


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (SignInFault.STALE_AUTH_TIME, "not-believed"),
        (SignInFault.MISSING_AUTH_TIME, "not-stepped-up"),
        (SignInFault.MISSING_ACRS, "not-stepped-up"),
        (SignInFault.OTHER_ACRS, "not-stepped-up"),
        (SignInFault.WRONG_TID, "not-believed"),
        (SignInFault.OTHER_USER, "other-account"),
        (SignInFault.BAD_SIGNATURE, "not-believed"),
        (SignInFault.TOKEN_DOWN, "down"),
    ],
    ids=str,
)
async def test_no_fault_of_a_sign_in_approves(desk: Desk, fault: SignInFault, reason: str) -> None:
    case = await _case(desk)
    token = await desk.press(INGRID, case)
    assert token is not None
    desk.rig.entra.sign_ins.faults.add(fault)
    assert await desk.decide(token, INGRID) == NoSignIn(reason)
    assert await _state(desk, case) == CaseState.VERIFIED
    assert await desk.link(INGRID) is None
    assert await desk.press(INGRID, case) is not None


async def test_a_sign_in_that_took_too_long_does_not_approve(desk: Desk) -> None:
    case = await _case(desk)
    token = await desk.press(INGRID, case)
    assert token is not None
    departure = await desk.decisions.depart(token, address=ADDRESS, language=Language.NB)
    assert isinstance(departure, Departure)
    query = await desk.query(departure, INGRID)
    desk.rig.clock.move(5 * MINUTE + timedelta(seconds=1))
    arrival = await desk.signing.come_back(departure.cookie, query)
    assert not isinstance(arrival, NoSignIn)
    assert await desk.decisions.carry_out(arrival) == NoSignIn("not-stepped-up")
    assert await _state(desk, case) == CaseState.VERIFIED


async def test_a_link_works_once_and_for_a_while(desk: Desk) -> None:
    case = await _case(desk)
    token = await desk.press(INGRID, case)
    assert token is not None
    for _ in range(3):
        assert await desk.decisions.look(token) is not None
    first = await desk.decisions.depart(token, address=ADDRESS, language=Language.NB)
    assert isinstance(first, Departure)
    assert await desk.decisions.look(token) is None
    assert await desk.decide(token, INGRID) == NoSignIn("link-over")
    fresh = await desk.press(INGRID, case)
    assert fresh is not None
    desk.rig.clock.move(LINK_LIFE)
    assert await desk.decide(fresh, INGRID) == NoSignIn("link-over")
    assert await desk.decide("guessed", INGRID) == NoSignIn("link-over")
    assert await _state(desk, case) == CaseState.VERIFIED


async def test_a_new_press_replaces_the_old_link(desk: Desk) -> None:
    case = await _case(desk)
    old, new = await desk.press(INGRID, case), await desk.press(INGRID, case)
    assert old is not None
    assert new is not None
    assert await desk.decide(old, INGRID) == NoSignIn("link-over")
    assert isinstance(await desk.decide(new, INGRID), Decided)


async def test_another_browser_brings_nothing_back(desk: Desk) -> None:
    case = await _case(desk)
    token = await desk.press(INGRID, case)
    assert token is not None
    departure = await desk.decisions.depart(token, address=ADDRESS, language=Language.NB)
    assert isinstance(departure, Departure)
    query = await desk.query(departure, INGRID)
    for cookie in (None, "", "another", departure.cookie[:-1]):
        assert await desk.signing.come_back(cookie, query) == NoSignIn("other-browser")
    other = await desk.departs()
    assert await desk.signing.come_back(other.cookie, query) == NoSignIn("not-believed")
    assert await _state(desk, case) == CaseState.VERIFIED
    arrival = await desk.signing.come_back(departure.cookie, query)
    assert not isinstance(arrival, NoSignIn)
    assert await desk.signing.come_back(departure.cookie, query) == NoSignIn("other-browser")


async def test_an_attempt_ends_after_ten_minutes(desk: Desk) -> None:
    departure = await desk.departs()
    desk.rig.clock.move(ATTEMPT_LIFE)
    query = await desk.query(departure, INGRID)
    assert await desk.signing.come_back(departure.cookie, query) == NoSignIn("other-browser")


async def test_a_change_of_the_chat_address_suspends_the_link(desk: Desk) -> None:
    await desk.decides(INGRID, await _case(desk))
    second = await _case(desk, EMIL)
    before = (await desk.rig.chat.profile(desk.rig.person(INGRID))).email
    await desk.renames(INGRID, "somebody.else@fjordheim.example")
    assert await desk.links.account(desk.rig.person(INGRID)) is None
    token = await desk.press(INGRID, second)
    assert token is not None
    assert await _state(desk, second) == CaseState.VERIFIED
    assert isinstance(await desk.decide(token, INGRID), Decided)
    assert await desk.links.account(desk.rig.person(INGRID)) == desk.rig.id(INGRID)
    await desk.renames(INGRID, before)
    assert await desk.links.account(desk.rig.person(INGRID)) is None


async def test_a_person_who_is_no_member_any_more_decides_nothing(desk: Desk) -> None:
    await desk.decides(INGRID, await _case(desk))
    second = await _case(desk, EMIL)
    profile = await desk.rig.chat.profile(desk.rig.person(INGRID))
    desk.rig.chat.put(replace(profile, refusal="deactivated"))
    assert await desk.press(INGRID, second) is None
    assert await _state(desk, second) == CaseState.VERIFIED


async def test_who_has_no_pinned_link_is_linked_by_the_sign_in_alone(desk: Desk) -> None:
    """The chat knows no address: nobody is pinned, and a sign-in says who it is."""
    await desk.renames(INGRID, None)
    case = await _case(desk)
    token = await desk.press(INGRID, case)
    assert token is not None
    assert isinstance(await desk.decide(token, INGRID), Decided)
    assert await _state(desk, case) == CaseState.APPROVED


async def test_nobody_is_tied_to_an_account_that_is_another_persons(desk: Desk) -> None:
    """A chat account without a pinned link, whose owner sends the link to an approver."""
    await desk.renames("Siobhán O'Brien", None)
    case = await _case(desk)
    await desk.decides(INGRID, case)
    second = await _case(desk, EMIL)
    token = await desk.press("Siobhán O'Brien", second)
    assert token is not None
    assert await desk.decide(token, INGRID) == NoSignIn("other-account")
    assert await desk.link("Siobhán O'Brien") is None
    assert await _state(desk, second) == CaseState.VERIFIED


async def test_a_sign_in_makes_nobody_an_approver(desk: Desk) -> None:
    await desk.renames(JONAS, None)
    case = await _case(desk)
    token = await desk.press(JONAS, case)
    assert token is not None
    decided = await desk.decide(token, JONAS)
    assert isinstance(decided, Decided)
    assert decided.outcome == "not-approver"
    assert await _state(desk, case) == CaseState.VERIFIED


async def test_who_surely_may_not_is_told_so_at_once(desk: Desk) -> None:
    case = await _case(desk)
    await desk.rig.people.known(desk.rig.person(HAKON))
    assert await desk.press(HAKON, case) is None
    assert desk.rig.refusals(HAKON) == ["not-approver"]
    await desk.rig.people.known(desk.rig.person(INGRID))
    desk.rig.entra.faults.down = True
    assert await desk.press(INGRID, case) is None
    assert desk.rig.refusals(INGRID) == ["directory-down"]


async def test_when_the_chat_is_silent_nothing_is_tied_or_decided(desk: Desk) -> None:
    case = await _case(desk)
    token = await desk.press(INGRID, case)
    assert token is not None
    departure = await desk.decisions.depart(token, address=ADDRESS, language=Language.NB)
    assert isinstance(departure, Departure)
    desk.rig.chat.fail("profile", Unreachable("user_not_found"))
    assert await desk.come_back(departure, INGRID) == NoSignIn("down")
    assert await desk.link(INGRID) is None
    assert await _state(desk, case) == CaseState.VERIFIED


async def test_a_case_that_moved_on_is_not_decided_again(desk: Desk) -> None:
    case = await _case(desk)
    token = await desk.press(INGRID, case)
    assert token is not None
    departure = await desk.decisions.depart(token, address=ADDRESS, language=Language.NB)
    assert isinstance(departure, Departure)
    await desk.decides(TOMASZ, case, DENY)
    decided = await desk.come_back(departure, INGRID)
    assert isinstance(decided, Decided)
    assert decided.outcome == "too-late"
    assert await _state(desk, case) == CaseState.DENIED


async def test_too_many_sign_ins_from_one_address_are_refused(desk: Desk) -> None:
    for _ in range(60):
        assert isinstance(
            await desk.signing.depart(Purpose.AGENT, address=ADDRESS, language=Language.NB), Departure
        )
    assert await desk.signing.depart(Purpose.AGENT, address=ADDRESS, language=Language.NB) == NoSignIn(
        "too-many"
    )
    assert isinstance(
        await desk.signing.depart(Purpose.AGENT, address="192.0.2.8", language=Language.NB), Departure
    )


async def test_whom_the_platform_signs_in_is_tied_to_that_account_alone(desk: Desk) -> None:
    """Teams tells the account itself: no address is needed, and no sign-in of another account counts."""
    rig = desk.rig
    profile = await rig.chat.profile(rig.person(INGRID))
    rig.chat.put(replace(profile, email=None, account=rig.id(INGRID)))
    token = await desk.press(INGRID, await _case(desk))
    assert token is not None
    assert isinstance(await desk.decide(token, TOMASZ), NoSignIn)
    await desk.decides(INGRID, await _case(desk, EMIL))
    await desk.renames(INGRID, "another.address@fjordheim.example")
    assert await desk.links.account(rig.person(INGRID)) == rig.id(INGRID)
    rig.chat.put(replace(profile, account=rig.id(TOMASZ)))
    assert await desk.links.account(rig.person(INGRID)) is None

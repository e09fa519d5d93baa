"""The manager: who it is comes from the directory, they answer signed in, and three people take part."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers.events import Pressed
from handlers.messages import VouchAsked, VouchLink
from handlers.records import Case
from handlers.states import CaseState
from handlers.store import evidence
from handlers.verification.opening import Refused
from handlers.verification.policy.routes import VIDEO
from handlers.verification.seen import Asked, Code, Question
from tests.handlers.rig import HAKON, JONAS, MARET, MINUTE, NOW, Rig

KARI = "Kari Bråten"
LEIF = "Leif Åsen"
"""Her manager."""
BJORN = "Bjørn Sætre"
"""His manager is not in the chat."""


async def asked(rig: Rig, name: str = KARI, agent: str = JONAS) -> Case:
    """A case about which the manager was asked."""
    case = await rig.opened(name, agent)
    assert isinstance(await rig.vouching.ask(rig.id(agent), case.id, "manager"), Asked)
    return case


async def confirmed(rig: Rig, case: Case, how: str = "in-person") -> Code:
    """The manager says yes."""
    code = await rig.vouching.confirm(rig.id(LEIF), rig.clock.now(), case.id, how)
    assert isinstance(code, Code), code
    return code


async def questions(rig: Rig, name: str = LEIF) -> list[Question]:
    """What somebody is asked now."""
    found = await rig.vouching.questions(rig.id(name))
    assert not isinstance(found, Refused)
    return found


async def test_from_the_question_to_the_evidence(rig: Rig) -> None:
    case = await asked(rig)
    await rig.delivered()
    [told] = [data for data in rig.chat.seen_by(rig.person(LEIF)) if isinstance(data, VouchAsked)]
    assert not any(action.url for action in told.actions)
    [question] = await questions(rig)
    assert (question.case.id, question.user.display_name) == (case.id, KARI)
    claimed = await rig.claimed((await confirmed(rig, case, "voice")).code)
    assert claimed.case.state == CaseState.VERIFYING
    async with rig.database.transaction() as session:
        [proof] = await evidence.of_case(session, rig.keys, case.id)
    assert (proof.route, proof.level, proof.actor, proof.detail) == ("manager", 1, rig.id(LEIF), "voice")
    assert await questions(rig) == []
    assert (await rig.case(case.id)).agent is None


async def test_with_video_it_is_enough_and_takes_two_approvers(rig: Rig) -> None:
    case = await asked(rig)
    seen = await rig.desk.seen(rig.id(JONAS), case.id, "video", VIDEO.checks)
    assert isinstance(seen, Code)
    vouched = await confirmed(rig, case)
    first = await rig.claimed(seen.code)
    assert first.case.state == CaseState.VERIFYING
    assert (await rig.claimed(vouched.code, first.browser)).case.state == CaseState.VERIFIED


async def test_the_link_is_sent_to_whoever_asks_for_it(rig: Rig) -> None:
    leif = rig.person(LEIF)
    place = await rig.chat.private(leif)
    await rig.vouching.pressed(Pressed("p1", leif, place, "vouching.open", "K7QF-2M"))
    [link] = [data for data in rig.chat.seen_by(leif) if isinstance(data, VouchLink)]
    assert link.url.endswith("/case/manager")


async def test_only_the_manager_is_asked(rig: Rig) -> None:
    case = await asked(rig)
    for name in ("Unni Bergersen", KARI, JONAS, HAKON):
        assert await questions(rig, name) == []
        assert await rig.vouching.confirm(rig.id(name), NOW, case.id, "video") == Refused("not-asked")
        assert await rig.vouching.decline(rig.id(name), case.id) == Refused("not-asked")
        assert await rig.vouching.photo(rig.id(name), case.id) is None
    assert await rig.vouching.photo(rig.id(LEIF), case.id) is not None


async def test_a_manager_of_yesterday_is_none(rig: Rig) -> None:
    """Another manager in the directory: the question goes, and so does a code that was given."""
    case = await asked(rig)
    code = await confirmed(rig, case)
    kari = rig.entra.tenant.account(rig.id(KARI))
    kari.resident = replace(kari.resident, manager="Unni Bergersen")
    assert await questions(rig) == []
    assert await rig.vouching.confirm(rig.id(LEIF), NOW, case.id, "video") == Refused("not-asked")
    assert await rig.claiming.claim(code.code, address="a", browser=None) == Refused("wrong-code")


@pytest.mark.parametrize("ago", [-MINUTE, 10 * MINUTE, timedelta(hours=7)])
async def test_a_manager_has_signed_in_a_moment_ago(rig: Rig, ago: timedelta) -> None:
    case = await asked(rig)
    leif = rig.id(LEIF)
    assert await rig.vouching.confirm(leif, NOW - ago, case.id, "video") == Refused("sign-in-old")
    assert isinstance(await rig.vouching.confirm(leif, NOW - 9 * MINUTE, case.id, "video"), Code)


@pytest.mark.parametrize("how", ["", "chat", "mail", "in-person,video"])
async def test_a_manager_says_how(rig: Rig, how: str) -> None:
    case = await asked(rig)
    assert await rig.vouching.confirm(rig.id(LEIF), NOW, case.id, how) == Refused("unchecked")


async def test_a_no_ends_the_question_and_the_code(rig: Rig) -> None:
    case = await asked(rig)
    code = await confirmed(rig, case)
    assert not isinstance(await rig.vouching.decline(rig.id(LEIF), case.id), Refused)
    assert await rig.claiming.claim(code.code, address="a", browser=None) == Refused("wrong-code")
    assert await rig.vouching.confirm(rig.id(LEIF), NOW, case.id, "video") == Refused("not-asked")
    seat = await rig.desk.sit(rig.id(JONAS), case.id)
    assert not isinstance(seat, Refused)
    assert (seat.answer, seat.asked_at) == ("declined", NOW)
    assert "case.vouch-declined" in await rig.acts(case)


async def test_a_question_stands_for_four_hours(rig: Rig) -> None:
    case = await asked(rig)
    rig.clock.move(timedelta(hours=4))
    assert await questions(rig) == []
    assert await rig.vouching.confirm(rig.id(LEIF), rig.clock.now(), case.id, "video") == Refused("not-asked")


async def test_three_people_take_part(rig: Rig) -> None:
    """An agent neither asks themselves nor sees somebody about whom they were asked."""
    case = await rig.opened(KARI)
    kari = rig.entra.tenant.account(rig.id(KARI))
    kari.resident = replace(kari.resident, manager=JONAS)
    assert await rig.vouching.ask(rig.id(JONAS), case.id, "manager") == Refused("same-person")
    assert isinstance(await rig.vouching.ask(rig.id(HAKON), case.id, "manager"), Asked)
    seen = await rig.desk.seen(rig.id(JONAS), case.id, "video", VIDEO.checks)
    assert seen == Refused("same-person")
    kari.resident = replace(kari.resident, manager=MARET)
    await rig.code(case, agent=MARET)
    assert await rig.vouching.ask(rig.id(HAKON), case.id, "manager") == Refused("same-person")


async def test_who_cannot_be_asked(rig: Rig) -> None:
    nobody = await rig.opened("Leif Åsen")
    assert await rig.vouching.ask(rig.id(JONAS), nobody.id, "manager") == Refused("no-manager")
    case = await rig.opened(KARI)
    assert await rig.vouching.ask(rig.id("Emil Aasen"), case.id, "manager") == Refused("not-agent")
    assert await rig.vouching.ask(rig.id(JONAS), case.id, "desk") == Refused("no-route")
    assert await rig.vouching.ask(rig.id(JONAS), "K7QF-2X", "manager") == Refused("too-late")
    rig.entra.tenant.account(rig.id(LEIF)).enabled = False
    assert await rig.vouching.ask(rig.id(JONAS), case.id, "manager") == Refused("no-manager")
    rig.entra.faults.down = True
    assert await rig.vouching.ask(rig.id(JONAS), case.id, "manager") == Refused("directory-down")


async def test_who_is_not_in_the_chat_can_still_be_called(rig: Rig) -> None:
    case = await rig.opened(BJORN)
    assert await rig.vouching.ask(rig.id(JONAS), case.id, "manager") == Asked("Gunnhild Myhre", reached=False)
    [question] = await questions(rig, "Gunnhild Myhre")
    assert question.case.id == case.id


async def test_nobody_is_asked_without_end(rig: Rig) -> None:
    case = await asked(rig)
    for _ in range(2):
        await rig.vouching.ask(rig.id(JONAS), case.id, "manager")
    assert await rig.vouching.ask(rig.id(JONAS), case.id, "manager") == Refused("too-many")

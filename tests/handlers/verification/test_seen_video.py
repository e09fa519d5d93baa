"""On live video: everything is checked on the spot, against a photo on file, and it is never enough alone."""

from datetime import UTC, datetime

from handlers.messages.agents import CHALLENGES
from handlers.states import CaseState
from handlers.verification.opening import Refused
from handlers.verification.policy.routes import VIDEO
from handlers.verification.seen import Code, Seat
from tests.handlers.rig import HAKON, JONAS, NORA, Rig

CHECKS = VIDEO.checks
EVENING = datetime(2026, 11, 24, 19, 0, tzinfo=UTC)
CHRISTMAS_DAY = datetime(2026, 12, 25, 10, 0, tzinfo=UTC)


async def test_every_check_has_to_be_ticked(rig: Rig) -> None:
    case = await rig.opened()
    for left_out in CHECKS:
        ticked = set(CHECKS) - {left_out}
        assert await rig.desk.seen(rig.id(JONAS), case.id, "video", ticked) == Refused("unchecked")
    assert isinstance(await rig.desk.seen(rig.id(JONAS), case.id, "video", CHECKS), Code)


async def test_video_is_never_enough_alone(rig: Rig) -> None:
    case = await rig.opened()
    browser = None
    for agent in (JONAS, HAKON):
        code = await rig.desk.seen(rig.id(agent), case.id, "video", CHECKS)
        assert isinstance(code, Code)
        claimed = await rig.claimed(code.code, browser)
        browser = claimed.browser
        assert claimed.case.state == CaseState.VERIFYING


async def test_without_a_photo_on_file_there_is_nothing_to_compare(rig: Rig) -> None:
    case = await rig.opened()
    rig.entra.photos.missing.add(rig.id(NORA))
    seat = await rig.desk.sit(rig.id(JONAS), case.id)
    assert isinstance(seat, Seat)
    assert (seat.has_photo, [route.name for route in seat.routes]) == (False, ["desk", "manager"])
    assert await rig.desk.seen(rig.id(JONAS), case.id, "video", CHECKS) == Refused("no-photo")


async def test_video_is_for_working_hours(rig: Rig) -> None:
    case = await rig.opened()
    for moment in (EVENING, CHRISTMAS_DAY):
        rig.clock.at = moment
        assert await rig.desk.seen(rig.id(JONAS), case.id, "video", CHECKS) == Refused("closed")
        seat = await rig.desk.sit(rig.id(JONAS), case.id)
        assert isinstance(seat, Seat)
        assert [route.name for route in seat.closed] == ["video", "manager"]


async def test_the_challenge_cannot_be_chosen(rig: Rig) -> None:
    """Looking again shows the same one; another case, agent or try draws anew."""
    case, jonas, hakon = await rig.opened(), rig.id(JONAS), rig.id(HAKON)
    assert len({rig.desk.challenge(case, jonas) for _ in range(5)}) == 1
    drawn = set()
    for _ in range(4):
        case = await rig.case(case.id)
        drawn |= {rig.desk.challenge(case, jonas), rig.desk.challenge(case, hakon)}
        await rig.code(case)
    assert len(drawn) > 1
    assert drawn <= set(CHALLENGES)


async def test_no_other_route_is_one(rig: Rig) -> None:
    case = await rig.opened()
    for name in ("manager", "sms", "eid", "", "desk2"):
        assert await rig.desk.seen(rig.id(JONAS), case.id, name, ()) == Refused("no-route")

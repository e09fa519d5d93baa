"""Who is signed in to our pages, and for how long; and what is kept of it."""

from datetime import timedelta

from sqlalchemy import text

from handlers.signing_in.purposes import Purpose
from handlers.signing_in.sessions import LIFE, Sessions
from handlers.signing_in.signing import Arrival
from handlers.store import signing_in as store
from tests.handlers.rig import INGRID, NOW, Rig
from tests.handlers.signing_in.desk import Desk, desk_of


async def _arrived(desk: Desk, purpose: Purpose) -> Arrival:
    departure = await desk.departs(purpose)
    arrival = await desk.signing.come_back(departure.cookie, await desk.query(departure, INGRID))
    assert isinstance(arrival, Arrival)
    return arrival


async def test_a_session_lasts_a_working_day_and_ends_when_told(rig: Rig) -> None:
    sessions = Sessions(rig.database, rig.clock)
    async with desk_of(rig) as desk:
        arrival = await _arrived(desk, Purpose.AGENT)
        one = await desk.signing.sign_in_to_pages(arrival.signed)
        two = await desk.signing.sign_in_to_pages(arrival.signed)
    staff = await sessions.of(one)
    assert staff is not None
    assert (staff.account, staff.name, staff.stepped_up) == (rig.id(INGRID), INGRID, True)
    assert (staff.auth_time, staff.until) == (NOW, NOW + LIFE)
    await sessions.end(one)
    assert await sessions.of(one) is None
    rig.clock.move(LIFE - timedelta(seconds=1))
    assert await sessions.of(two) is not None
    rig.clock.move(timedelta(seconds=1))
    for cookie in (two, None, "", "guessed"):
        assert await sessions.of(cookie) is None


async def test_only_some_purposes_demand_the_context(rig: Rig) -> None:
    async with desk_of(rig) as desk:
        for purpose in Purpose:
            arrival = await _arrived(desk, purpose)
            assert arrival.purpose is purpose
            assert arrival.signed.stepped_up is (purpose.steps_up or purpose is Purpose.TEST)


async def test_no_secret_of_a_sign_in_is_kept(rig: Rig) -> None:
    """Neither while it is under way in clear text of a cookie, nor anything of it afterwards."""
    async with desk_of(rig) as desk:
        departure = await desk.departs()
        query = await desk.query(departure, INGRID)
        arrival = await desk.signing.come_back(departure.cookie, query)
        assert isinstance(arrival, Arrival)
        cookie = await desk.signing.sign_in_to_pages(arrival.signed)
        asked = dict(query)
    async with rig.database.transaction() as session:
        kept = ""
        for table in ("sign_in_attempt", "staff_session", "support_link", "decision_link", "audit"):
            kept += repr((await session.execute(text(f"SELECT * FROM {table}"))).all())
    secrets = [departure.cookie, cookie, asked["code"], asked["state"], *rig.entra.sign_ins.given]
    assert not [secret for secret in secrets if secret in kept]


async def test_what_is_over_is_forgotten(rig: Rig) -> None:
    async with desk_of(rig) as desk:
        arrival = await _arrived(desk, Purpose.AGENT)
        await desk.signing.sign_in_to_pages(arrival.signed)
    rig.clock.move(timedelta(days=8))
    now = rig.clock.now()
    async with rig.database.transaction() as session:
        await store.purge(session, now, now - timedelta(days=7))
        for table in ("sign_in_attempt", "staff_session"):
            count = await session.scalar(text(f"SELECT count(*) FROM {table}"))
            assert count == 0

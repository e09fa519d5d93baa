"""Many at once, on each kind of database: a link is used once, and an attempt comes back once."""

import asyncio

from handlers.departures import Departure
from handlers.messages import Language
from handlers.signing_in.signing import Arrival
from handlers.states import CaseState
from tests.handlers.rig import INGRID, Rig
from tests.handlers.signing_in.desk import ADDRESS, desk_of


async def test_a_link_is_used_once_and_an_attempt_comes_back_once(each_rig: Rig) -> None:
    rig = each_rig
    async with desk_of(rig) as desk:
        case = (await rig.verified()).case.id
        token = await desk.press(INGRID, case)
        assert token is not None
        left = await asyncio.gather(
            *(desk.decisions.depart(token, address=ADDRESS, language=Language.NB) for _ in range(10))
        )
        (departure,) = [each for each in left if isinstance(each, Departure)]
        query = await desk.query(departure, INGRID)
        back = await asyncio.gather(*(desk.signing.come_back(departure.cookie, query) for _ in range(10)))
        (arrival,) = [each for each in back if isinstance(each, Arrival)]
        await desk.decisions.carry_out(arrival)
        await desk.decisions.carry_out(arrival)
        assert (await rig.case(case)).state == CaseState.APPROVED
        assert (await rig.acts(await rig.case(case))).count("case.approved") == 1
        link = await desk.link(INGRID)
        assert link is not None
        assert link.account == rig.id(INGRID)

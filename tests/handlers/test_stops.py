""" "It wasn't me" works for the owner of the account, and for nobody else."""

from handlers.states import CaseState
from handlers.stops import Stops
from tests.handlers.rig import EMIL, INGRID, NORA, Rig


def _stops(rig: Rig) -> Stops:
    return Stops(rig.database, rig.people, rig.cases, rig.disowning)


async def test_the_owner_stops_a_case_and_its_pass(rig: Rig) -> None:
    await rig.people.known(rig.person(NORA))
    approved = await rig.approved()
    await rig.issue.show(approved.browser)
    for _ in range(2):
        await _stops(rig).pressed(rig.press(NORA, "cases.stop", approved.case.id))
    assert await rig.state(approved.case) == CaseState.STOPPED
    assert not rig.has_pass()
    assert (await rig.acts(approved.case)).count("case.stopped") == 1
    await rig.delivered()
    assert rig.news(NORA)[-1] == "stopped"
    assert rig.card().state is CaseState.STOPPED


async def test_nobody_else_stops_it(rig: Rig) -> None:
    approved = await rig.approved()
    for name in (EMIL, INGRID):
        await _stops(rig).pressed(rig.press(name, "cases.stop", approved.case.id))
    await _stops(rig).pressed(rig.press(NORA, "cases.stop", "K7QF-2X"))
    assert await rig.state(approved.case) == CaseState.APPROVED

"""A case is followed to its end, and what runs out of time is moved on: neither twice, nor by a clock gone wrong."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.entra import Recorded
from graph.secret import Secret
from handlers.messages import CaseNews
from handlers.passes import Shown
from handlers.passes.follow import Follow, overdue
from handlers.passes.preflight import Ready
from handlers.records import Case
from handlers.states import CaseState, Finding, may_move
from handlers.verification.browsers import Claimed
from tests.handlers.rig import EMIL, MINUTE, NORA, NOW, Rig
from tests.handlers.store.given import run

CREATE = "POST /users/*/authentication/temporaryAccessPassMethods"
HOUR = timedelta(hours=1)
_S = CaseState


async def _shown(rig: Rig, name: str = NORA) -> tuple[Claimed, Secret]:
    """Somebody who is known in chat has been shown a pass."""
    await rig.people.known(rig.person(name))
    approved = await rig.approved(name)
    shown = await rig.issue.show(approved.browser)
    assert isinstance(shown, Shown)
    return approved, shown.code


def _looks(rig: Rig) -> Sequence[Recorded]:
    """The reads of the one pass that reached Graph."""
    return [each for each in rig.entra.requests if each.method == "GET" and "PassMethods/" in each.path]


async def _due(rig: Rig) -> Sequence[Case]:
    async with rig.database.transaction() as session:
        return await rig.cases.to_follow(session, rig.clock.now(), 10)


async def _tick(rig: Rig, after: timedelta = timedelta(seconds=20)) -> None:
    rig.clock.move(after)
    await rig.follow.tick(rig.clock.now())


async def test_a_used_pass_and_a_new_method_close_the_case(rig: Rig) -> None:
    approved, code = await _shown(rig)
    await _tick(rig)
    assert await rig.state(approved.case) == _S.ISSUED
    session = rig.entra.devices.sign_in_with_pass(rig.id(NORA), code.reveal())
    await _tick(rig)
    case = await rig.case(approved.case.id)
    assert (case.state, case.used_at) == (_S.USED, rig.clock.now())
    await _tick(rig)
    assert await rig.state(case) == _S.USED
    rig.entra.devices.register_authenticator(session, "Pixel 9")
    await _tick(rig)
    case = await rig.case(case.id)
    assert (case.state, case.ended_at, case.registered_name) == (_S.CLOSED, rig.clock.now(), "Pixel 9")
    await _tick(rig)
    assert (await rig.case(case.id)).follow_at is None


async def test_keeping_the_old_one_is_no_new_method(rig: Rig) -> None:
    approved, code = await _shown(rig, EMIL)
    rig.entra.devices.sign_in_with_pass(rig.id(EMIL), code.reveal())
    await _tick(rig)
    await rig.removing.keep(approved.case)
    await _tick(rig)
    assert await rig.state(approved.case) == _S.USED


async def test_the_old_phone_is_nothing_to_keep_before_the_pass_is_used(rig: Rig) -> None:
    approved, _ = await _shown(rig, EMIL)
    await rig.removing.keep(approved.case)
    assert (await rig.case(approved.case.id)).old_kept is False


async def test_a_pass_that_ran_out_ends_the_case(rig: Rig) -> None:
    approved, _ = await _shown(rig)
    await _tick(rig, 61 * MINUTE)
    assert await rig.state(approved.case) == _S.EXPIRED


async def test_a_pass_that_somebody_deleted_ends_the_case(rig: Rig) -> None:
    approved, _ = await _shown(rig)
    rig.entra.tenant.account(rig.id(NORA)).access_pass = None
    await _tick(rig)
    assert await rig.state(approved.case) == _S.EXPIRED


async def test_an_account_that_is_gone_ends_the_case(rig: Rig) -> None:
    approved, _ = await _shown(rig)
    del rig.entra.tenant.accounts[rig.id(NORA)]
    await _tick(rig)
    assert await rig.state(approved.case) == _S.EXPIRED


async def test_without_graph_it_looks_again_later(rig: Rig) -> None:
    approved, code = await _shown(rig)
    rig.entra.devices.sign_in_with_pass(rig.id(NORA), code.reveal())
    rig.entra.faults.down = True
    await _tick(rig)
    assert (await rig.case(approved.case.id)).follow_at == rig.clock.now() + MINUTE
    rig.entra.faults.clear()
    await _tick(rig, MINUTE)
    assert await rig.state(approved.case) == _S.USED


async def test_one_case_that_cannot_be_looked_at_holds_up_no_other(rig: Rig) -> None:
    first, _ = await _shown(rig, NORA)
    second, code = await _shown(rig, EMIL)
    rig.entra.devices.sign_in_with_pass(rig.id(EMIL), code.reveal())
    rig.entra.faults.answer(f"GET /users/{rig.id(NORA)}/*", 500, times=None)
    await _tick(rig)
    assert [await rig.state(first.case), await rig.state(second.case)] == [_S.ISSUED, _S.USED]


async def test_forged_evidence_holds_up_no_other_case(rig: Rig) -> None:
    forged = (await rig.verified(EMIL)).case
    await run(rig.database, "UPDATE evidence SET level = 4")
    waiting = await rig.opened(NORA)
    rig.clock.move(25 * HOUR)
    await rig.follow.sweep(rig.clock.now())
    assert [await rig.state(forged), await rig.state(waiting)] == [_S.VERIFYING, _S.EXPIRED]


async def test_looking_does_not_go_on_for_ever_where_there_is_nothing_to_see(rig: Rig) -> None:
    approved = await rig.approved()
    await run(rig.database, "UPDATE \"case\" SET follow_at = '2026-11-24 09:00:00.000000'")
    await rig.follow.tick(rig.clock.now())
    case = await rig.case(approved.case.id)
    assert (case.state, case.follow_at) == (_S.APPROVED, None)


async def test_two_replicas_look_once_and_tell_it_once(rig: Rig) -> None:
    approved, code = await _shown(rig)
    rig.entra.devices.sign_in_with_pass(rig.id(NORA), code.reveal())
    rig.clock.move(MINUTE)
    other = Follow(rig.database, rig.directory, rig.cases, rig.cards)
    before = len(_looks(rig))
    await asyncio.gather(*(each.tick(rig.clock.now()) for each in (rig.follow, other)))
    assert len(_looks(rig)) - before == 1
    assert (await rig.acts(approved.case)).count("case.used") == 1


async def test_whoever_dies_while_looking_is_followed_by_another(rig: Rig) -> None:
    approved, code = await _shown(rig)
    rig.entra.devices.sign_in_with_pass(rig.id(NORA), code.reveal())
    rig.clock.move(MINUTE)
    [due] = await _due(rig)
    assert await rig.follow._claim(due, rig.clock.now()) is not None
    await _tick(rig)
    assert await rig.state(approved.case) == _S.ISSUED
    await _tick(rig, 5 * MINUTE)
    assert await rig.state(approved.case) == _S.USED


async def test_a_press_during_a_look_is_looked_at_again(rig: Rig) -> None:
    approved, code = await _shown(rig)
    rig.entra.devices.sign_in_with_pass(rig.id(NORA), code.reveal())
    await _tick(rig)
    rig.clock.move(MINUTE)
    [due] = await _due(rig)
    held = await rig.follow._claim(due, rig.clock.now())
    assert held is not None
    await rig.removing.keep(approved.case)
    await rig.follow._look_for_method(held, rig.clock.now())
    assert (await rig.case(approved.case.id)).follow_at == rig.clock.now()


async def test_the_page_hears_what_graph_says_of_the_pass(rig: Rig) -> None:
    rig.entra.tenant.replication = MINUTE
    approved, _ = await _shown(rig)
    found = []
    for _ in range(2):
        await _tick(rig, 40 * timedelta(seconds=1))
        found.append((await rig.case(approved.case.id)).found)
    assert found == [Finding.WAITS, Finding.WORKS]
    rig.entra.tenant.policy.enabled = False
    for _ in range(3):
        await _tick(rig, MINUTE)
    assert (await rig.case(approved.case.id)).found == Finding.POLICY
    await rig.delivered()
    told = [each for each in rig.chat.seen_by(rig.person(NORA)) if isinstance(each, CaseNews)]
    assert [each.found for each in told].count(Finding.POLICY) == 1


async def test_the_next_step_comes_while_there_is_time(rig: Rig) -> None:
    approved, code = await _shown(rig)
    await _tick(rig)
    rig.entra.devices.sign_in_with_pass(rig.id(NORA), code.reveal())
    await _tick(rig)
    await rig.delivered()
    news = [each for each in rig.chat.seen_by(rig.person(NORA)) if isinstance(each, CaseNews)][-1]
    assert (news.state, news.minutes) == (_S.USED, 9)
    assert [action.name for action in news.actions] == ["setup.start", "cases.stop"]
    case = await rig.case(approved.case.id)
    assert case.used_at is not None
    assert case.register_until is not None
    assert case.register_until <= case.used_at + 10 * MINUTE


async def test_nothing_registered_ends_the_case_and_another_may_begin(rig: Rig) -> None:
    approved, code = await _shown(rig, EMIL)
    rig.entra.devices.sign_in_with_pass(rig.id(EMIL), code.reveal())
    await _tick(rig)
    for _ in range(24):
        await _tick(rig, 3 * MINUTE)
    case = await rig.case(approved.case.id)
    assert (case.state, case.found) == (_S.EXPIRED, Finding.UNREGISTERED)
    await rig.delivered()
    assert rig.news(EMIL)[-1] == _S.EXPIRED
    assert (await rig.opened(EMIL)).id != case.id


async def test_a_pass_that_was_used_while_nobody_looked(rig: Rig) -> None:
    """The bot was away for longer than the pass lived; Entra has forgotten it, and the new phone is there."""
    approved, code = await _shown(rig)
    session = rig.entra.devices.sign_in_with_pass(rig.id(NORA), code.reveal())
    rig.entra.devices.register_authenticator(session, "Pixel 9")
    rig.entra.tenant.account(rig.id(NORA)).access_pass = None
    await _tick(rig, 2 * HOUR)
    await _tick(rig)
    assert await rig.state(approved.case) == _S.CLOSED


async def test_a_pass_that_was_never_used_is_taken_away_at_the_end(rig: Rig) -> None:
    approved, _ = await _shown(rig)
    await _tick(rig, 61 * MINUTE)
    assert (await rig.case(approved.case.id)).found == Finding.UNUSED
    await _tick(rig)
    assert not rig.has_pass()
    assert (await rig.case(approved.case.id)).follow_at is None


async def test_a_pass_that_works_more_than_once_is_taken_away_at_the_end(rig: Rig) -> None:
    approved, code = await _shown(rig)
    held = rig.entra.tenant.account(rig.id(NORA)).access_pass
    assert held is not None
    session = rig.entra.devices.sign_in_with_pass(rig.id(NORA), code.reveal())
    await _tick(rig)
    held.usable_once = False
    rig.entra.devices.register_authenticator(session, "Pixel 9")
    await _tick(rig)
    await _tick(rig)
    assert await rig.state(approved.case) == _S.CLOSED
    assert not rig.has_pass()


async def test_timers(rig: Rig) -> None:
    opened, verified = await rig.opened("Priya Nair"), (await rig.verified("Sigurd Ås")).case
    approved = (await rig.approved()).case
    rig.clock.at = NOW + HOUR
    await rig.follow.sweep(rig.clock.now())
    assert [await rig.state(c) for c in (opened, verified, approved)] == [_S.OPEN, _S.VERIFIED, _S.APPROVED]
    rig.clock.move(MINUTE)
    await rig.follow.sweep(rig.clock.now())
    assert [await rig.state(c) for c in (opened, verified, approved)] == [_S.OPEN, _S.VERIFYING, _S.APPROVED]
    rig.clock.at = NOW + 24 * HOUR
    await rig.follow.sweep(rig.clock.now())
    assert [await rig.state(c) for c in (opened, verified, approved)] == [_S.OPEN, _S.VERIFYING, _S.EXPIRED]
    rig.clock.at = NOW + 26 * HOUR
    await rig.follow.sweep(rig.clock.now())
    assert [await rig.state(c) for c in (opened, verified)] == [_S.EXPIRED, _S.EXPIRED]


async def test_an_answer_that_never_came(rig: Rig) -> None:
    """The process died between the create and its answer: the pass is deleted unseen, the next press shows one."""
    approved = await rig.approved()
    ready = await rig.issue.preflight.look(approved.case, rig.clock.now())
    assert isinstance(ready, Ready)
    issuing = await rig.issue._begin(ready)
    assert isinstance(issuing, Case)
    await rig.directory.passes.create(rig.id(NORA), ready.lifetime)
    await _sweep_and_tick(rig, timedelta(seconds=65))
    assert await rig.state(issuing) == _S.ISSUING
    await _sweep_and_tick(rig, timedelta(seconds=1))
    assert await rig.state(issuing) == _S.ISSUE_UNKNOWN
    assert not rig.has_pass()
    assert isinstance(await rig.issue.show(approved.browser), Shown)


async def test_a_second_answer_that_never_came_leaves_no_pass(rig: Rig) -> None:
    approved = await rig.approved()
    rig.entra.faults.lose_answer(CREATE)
    await rig.issue.show(approved.browser)
    ready = await rig.issue.preflight.look(await rig.case(approved.case.id), rig.clock.now())
    assert isinstance(ready, Ready)
    assert await rig.issue._begin(ready) is not None
    await rig.directory.passes.create(rig.id(NORA), ready.lifetime)
    await _sweep_and_tick(rig, timedelta(seconds=66))
    assert await rig.state(approved.case) == _S.FAILED
    assert not rig.has_pass()
    assert (await rig.case(approved.case.id)).follow_at is None


async def test_an_unknown_outcome_waits_as_long_as_the_press_would_be_taken(rig: Rig) -> None:
    approved = await rig.approved()
    rig.entra.faults.lose_answer(CREATE)
    await rig.issue.show(approved.browser)
    await _sweep_and_tick(rig, 23 * HOUR)
    assert await rig.state(approved.case) == _S.ISSUE_UNKNOWN
    await _sweep_and_tick(rig, HOUR)
    assert await rig.state(approved.case) == _S.FAILED


async def test_a_clock_moved_backwards_moves_nothing(rig: Rig) -> None:
    cases = [
        await rig.opened("Priya Nair"),
        (await rig.verified("Sigurd Ås")).case,
        (await rig.approved()).case,
        (await _shown(rig, EMIL))[0].case,
    ]
    before = [await rig.state(case) for case in cases]
    for days in (1, 30, 400):
        rig.clock.at = NOW - timedelta(days=days)
        await rig.follow.sweep(rig.clock.now())
        await rig.follow.tick(rig.clock.now())
        assert [await rig.state(case) for case in cases] == before
    rig.clock.at = NOW + MINUTE
    await rig.follow.sweep(rig.clock.now())
    await rig.follow.tick(rig.clock.now())
    assert [await rig.state(case) for case in cases] == before


async def _sweep_and_tick(rig: Rig, after: timedelta) -> None:
    rig.clock.move(after)
    await rig.follow.sweep(rig.clock.now())
    await rig.follow.tick(rig.clock.now())


_times = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 – made aware by hypothesis


@given(
    st.sampled_from(CaseState),
    _times,
    _times,
    st.none() | _times,
    st.none() | _times,
    st.integers(0, 3),
)
def test_a_sweep_only_makes_legal_moves(
    state: CaseState,
    since: datetime,
    now: datetime,
    show_until: datetime | None,
    issuing_at: datetime | None,
    attempt: int,
) -> None:
    case = Case(
        id="K7QF-2M",
        target="t",
        target_name="n",
        target_upn="u",
        state=state,
        state_at=since,
        opened_at=since,
        show_until=show_until,
        issuing_at=issuing_at,
        issue_attempt=attempt,
    )
    after = overdue(case, now)
    assert after is None or may_move(state, after)
    if state.ended:
        assert after is None
    if now < min(each for each in (since, show_until, issuing_at) if each is not None) and show_until:
        assert after is None

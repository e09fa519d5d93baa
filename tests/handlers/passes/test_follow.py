"""A case is followed to its end, and what runs out of time is moved on: neither twice, nor by a clock gone wrong."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.methods import Kind, Method
from graph.secret import Secret
from handlers.passes import Shown
from handlers.passes.follow import compare, overdue
from handlers.passes.preflight import Ready
from handlers.records import Case
from handlers.states import CaseState, may_move
from handlers.verification.browsers import Claimed
from tests.handlers.rig import EMIL, MINUTE, NORA, NOW, Rig
from tests.handlers.store.given import run

CREATE = "POST /users/*/authentication/temporaryAccessPassMethods"
HOUR = timedelta(hours=1)
_S = CaseState


async def _shown(rig: Rig, name: str = NORA) -> tuple[Claimed, Secret]:
    approved = await rig.approved(name)
    shown = await rig.issue.show(approved.browser)
    assert isinstance(shown, Shown)
    return approved, shown.code


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
    assert (case.state, case.ended_at, case.follow_at) == (_S.CLOSED, rig.clock.now(), None)


async def test_the_old_phone_has_to_go(rig: Rig) -> None:
    approved, code = await _shown(rig, EMIL)
    account = rig.entra.tenant.account(rig.id(EMIL))
    [old] = account.strong_methods
    session = rig.entra.devices.sign_in_with_pass(rig.id(EMIL), code.reveal())
    await _tick(rig)
    rig.entra.devices.register_authenticator(session, "Pixel 9")
    await _tick(rig)
    assert await rig.state(approved.case) == _S.USED
    rig.entra.devices.remove_method(rig.id(EMIL), old.id)
    await _tick(rig)
    assert await rig.state(approved.case) == _S.CLOSED


async def test_the_old_phone_may_stay_if_its_owner_says_so(rig: Rig) -> None:
    approved, code = await _shown(rig, EMIL)
    session = rig.entra.devices.sign_in_with_pass(rig.id(EMIL), code.reveal())
    await _tick(rig)
    rig.entra.devices.register_authenticator(session, "Pixel 9")
    await _tick(rig)
    await rig.issue.keep_old(approved.case)
    await _tick(rig)
    assert await rig.state(approved.case) == _S.CLOSED
    assert "case.keep-old" in await rig.acts(approved.case)


async def test_keeping_the_old_one_is_no_new_method(rig: Rig) -> None:
    approved, code = await _shown(rig, EMIL)
    rig.entra.devices.sign_in_with_pass(rig.id(EMIL), code.reveal())
    await _tick(rig)
    await rig.issue.keep_old(approved.case)
    await _tick(rig)
    assert await rig.state(approved.case) == _S.USED


async def test_the_old_phone_is_nothing_to_keep_before_the_pass_is_used(rig: Rig) -> None:
    approved, _ = await _shown(rig, EMIL)
    await rig.issue.keep_old(approved.case)
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
    assert (await rig.case(approved.case.id)).follow_at == rig.clock.now() + 5 * MINUTE
    rig.entra.faults.clear()
    await _tick(rig, 5 * MINUTE)
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


async def test_an_older_case_is_looked_at_less_often(rig: Rig) -> None:
    approved, code = await _shown(rig)
    await _tick(rig)
    assert (await rig.case(approved.case.id)).follow_at == rig.clock.now() + timedelta(seconds=15)
    rig.entra.devices.sign_in_with_pass(rig.id(NORA), code.reveal())
    await _tick(rig)
    await _tick(rig, 31 * MINUTE)
    assert (await rig.case(approved.case.id)).follow_at == rig.clock.now() + 5 * MINUTE


async def test_two_replicas_tell_it_once(rig: Rig) -> None:
    approved, code = await _shown(rig)
    rig.entra.devices.sign_in_with_pass(rig.id(NORA), code.reveal())
    rig.clock.move(MINUTE)
    async with rig.database.transaction() as session:
        [due] = await rig.cases.to_follow(session, rig.clock.now(), 10)
    await rig.follow._look(due, rig.clock.now())
    await rig.follow._look(due, rig.clock.now())
    assert (await rig.acts(approved.case)).count("case.used") == 1


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


async def test_a_used_case_ends_after_two_weeks(rig: Rig) -> None:
    approved, code = await _shown(rig)
    rig.entra.devices.sign_in_with_pass(rig.id(NORA), code.reveal())
    await _tick(rig)
    rig.clock.move(timedelta(days=14))
    await rig.follow.sweep(rig.clock.now())
    assert await rig.state(approved.case) == _S.USED
    rig.clock.move(MINUTE)
    await rig.follow.sweep(rig.clock.now())
    assert await rig.state(approved.case) == _S.EXPIRED


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


def _method(id: str, kind: Kind) -> Method:
    return Method(id, kind)


@pytest.mark.parametrize(
    ("methods", "before", "new", "old_left"),
    [
        ([], "", False, False),
        ([("p", Kind.PASSWORD), ("t", Kind.PASS)], "p", False, False),
        ([("p", Kind.PASSWORD), ("a", Kind.AUTHENTICATOR)], "p", True, False),
        ([("a", Kind.AUTHENTICATOR)], "p,a", False, True),
        ([("a", Kind.AUTHENTICATOR), ("b", Kind.FIDO2)], "p,a", True, True),
        ([("a", Kind.SOFTWARE_OATH)], "a", False, True),
        ([("n", Kind.PHONE)], "n", False, False),
        ([("k", Kind.FIDO2)], "k", False, False),
        ([("e", Kind.EMAIL)], "", False, False),
        ([("u", Kind.UNKNOWN)], "", True, False),
    ],
)
def test_what_the_methods_tell(
    methods: list[tuple[str, Kind]], before: str, new: bool, old_left: bool
) -> None:
    seen = compare([_method(*each) for each in methods], before)
    assert (seen.new, seen.old_left) == (new, old_left)

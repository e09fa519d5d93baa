"""The *Show* press: one pass for one press, and everything checked anew."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.sandbox.world import APPROVERS, FJORDHEIM, GLOBAL_ADMINISTRATOR
from handlers.passes import Refused, Shown
from handlers.records import Case
from handlers.states import CaseState
from tests.handlers.rig import EMIL, HAKON, INGRID, JONAS, MINUTE, NORA, NOW, TOMASZ, Rig
from tests.handlers.store.given import run

CREATE = "POST /users/*/authentication/temporaryAccessPassMethods"
UNKNOWN = Refused("unknown")


async def test_the_bound_browser_gets_the_pass(rig: Rig) -> None:
    approved = await rig.approved()
    shown = await rig.issue.show(approved.browser)
    assert isinstance(shown, Shown)
    [made] = rig.entra.passes_created
    assert (shown.code.reveal(), made.account_id, made.usable_once) == (made.code, rig.id(NORA), True)
    assert (shown.case.state, shown.case.pass_id) == (CaseState.ISSUED, made.pass_id)
    assert (shown.usable, shown.expires_at) == (True, NOW + 60 * MINUTE)
    assert (await rig.acts(approved.case))[-2:] == ["case.issuing", "case.issued"]
    assert made.code not in repr(shown)


async def test_a_pass_that_does_not_work_yet_is_said_to(rig: Rig) -> None:
    rig.entra.tenant.replication = timedelta(seconds=20)
    shown = await rig.issue.show((await rig.approved()).browser)
    assert isinstance(shown, Shown)
    assert shown.usable is False


@pytest.mark.parametrize("browser", ["", "somebody-else", "x" * 5000])
async def test_any_other_browser_gets_nothing(rig: Rig, browser: str) -> None:
    await rig.approved()
    assert await rig.issue.show(browser) == Refused("other-browser")
    assert rig.creates == []


async def test_the_browser_of_another_case_gets_nothing_of_this_one(rig: Rig) -> None:
    await rig.approved(NORA)
    other = await rig.verified("Priya Nair")
    assert await rig.issue.show(other.browser) == Refused("not-yet")
    assert rig.creates == []


async def test_the_hash_in_the_database_is_no_key(rig: Rig) -> None:
    approved = await rig.approved()
    assert approved.case.browser_hash is not None
    assert await rig.issue.show(approved.case.browser_hash) == Refused("other-browser")


async def test_before_the_approval_there_is_nothing(rig: Rig) -> None:
    assert await rig.issue.show((await rig.verified()).browser) == Refused("not-yet")
    assert rig.creates == []


async def test_a_pass_is_shown_once(rig: Rig) -> None:
    approved = await rig.approved()
    assert isinstance(await rig.issue.show(approved.browser), Shown)
    assert await rig.issue.show(approved.browser) == Refused("not-yet")
    assert len(rig.creates) == 1


async def test_the_state_is_committed_before_the_create_leaves(rig: Rig) -> None:
    approved = await rig.approved()
    gate = rig.entra.faults.hold(CREATE)
    press = asyncio.create_task(rig.issue.show(approved.browser))
    case = await rig.until(approved.case, CaseState.ISSUING)
    assert (case.issue_attempt, case.issuing_at) == (1, NOW)
    assert rig.entra.passes_created == []
    gate.set()
    assert isinstance(await press, Shown)


async def test_a_throttled_create_was_none(rig: Rig) -> None:
    approved = await rig.approved()
    for _ in range(3):
        rig.entra.faults.answer(CREATE, 429, retry_after="1")
        assert await rig.issue.show(approved.browser) == Refused("directory-down")
        case = await rig.case(approved.case.id)
        assert (case.state, case.issue_attempt, case.follow_at) == (CaseState.APPROVED, 0, None)
    rig.entra.faults.lose_answer(CREATE)
    assert await rig.issue.show(approved.browser) == UNKNOWN
    assert isinstance(await rig.issue.show(approved.browser), Shown)


async def test_without_a_connection_no_pass_was_made(rig: Rig) -> None:
    approved = await rig.approved()
    case = await rig.case(approved.case.id)
    ready = await rig.issue.preflight.look(case, rig.clock.now())
    assert not isinstance(ready, Refused)
    issuing = await rig.issue._begin(ready)
    assert isinstance(issuing, Case)
    await rig.entra.refuse_connections()
    assert await rig.issue._create(issuing, ready) == Refused("directory-down")
    assert await rig.state(case) == CaseState.APPROVED
    await rig.entra.accept_connections()
    assert isinstance(await rig.issue.show(approved.browser), Shown)


@pytest.mark.parametrize("status", [400, 403, 404])
async def test_a_refused_create_ends_the_case(rig: Rig, status: int) -> None:
    approved = await rig.approved()
    rig.entra.faults.answer(CREATE, status)
    assert await rig.issue.show(approved.browser) == Refused("failed")
    assert await rig.state(approved.case) == CaseState.FAILED
    assert not rig.has_pass()


async def test_a_missing_permission_ends_the_case(rig: Rig) -> None:
    approved = await rig.approved()
    rig.entra.faults.missing |= {"UserAuthMethod-TAP.ReadWrite.All", "UserAuthenticationMethod.ReadWrite.All"}
    assert await rig.issue.show(approved.browser) == Refused("failed")
    assert await rig.state(approved.case) == CaseState.FAILED


async def test_a_refused_token_leaves_the_case_approved(rig: Rig) -> None:
    approved = await rig.approved()
    rig.entra.faults.answer(CREATE, 401, times=2)
    assert await rig.issue.show(approved.browser) == Refused("directory-down")
    assert await rig.state(approved.case) == CaseState.APPROVED


async def test_without_graph_nothing_is_tried(rig: Rig) -> None:
    approved = await rig.approved()
    rig.entra.faults.down = True
    assert await rig.issue.show(approved.browser) == Refused("directory-down")
    rig.entra.faults.clear()
    assert await rig.state(approved.case) == CaseState.APPROVED
    assert rig.creates == []


async def test_a_disabled_policy(rig: Rig) -> None:
    approved = await rig.approved()
    rig.entra.policy.enabled = False
    assert await rig.issue.show(approved.browser) == Refused("policy")
    assert await rig.state(approved.case) == CaseState.APPROVED
    assert rig.creates == []


@pytest.mark.parametrize("included", [[], ["Library"]])
async def test_an_account_out_of_the_policys_scope(rig: Rig, included: list[str]) -> None:
    approved = await rig.approved()
    rig.entra.policy.included = [("group", FJORDHEIM.group(name).object_id) for name in included]
    assert await rig.issue.show(approved.browser) == Refused("policy")
    assert rig.creates == []


async def test_exclusion_wins(rig: Rig) -> None:
    approved = await rig.approved()
    rig.entra.policy.excluded = [("group", FJORDHEIM.group("Wave 2 students").object_id)]
    assert await rig.issue.show(approved.browser) == Refused("policy")
    rig.entra.policy.excluded = []
    rig.entra.policy.included = [("group", FJORDHEIM.group("Wave 2 students").object_id)]
    assert isinstance(await rig.issue.show(approved.browser), Shown)


@pytest.mark.parametrize(
    ("minimum", "maximum", "lifetime"), [(10, 480, 30), (60, 480, 60), (90, 480, 90), (30, 30, 30)]
)
async def test_the_lifetime_is_raised_to_the_tenants_minimum(
    rig: Rig, minimum: int, maximum: int, lifetime: int
) -> None:
    rig.entra.policy.minimum, rig.entra.policy.maximum = minimum, maximum
    shown = await rig.issue.show((await rig.approved()).browser)
    assert isinstance(shown, Shown)
    assert rig.entra.passes_created[0].lifetime == lifetime
    assert rig.creates[0].body == {"lifetimeInMinutes": lifetime, "isUsableOnce": True}


async def test_a_maximum_below_ours_is_a_refusal(rig: Rig) -> None:
    rig.entra.policy.minimum, rig.entra.policy.maximum = 10, 20
    assert await rig.issue.show((await rig.approved()).browser) == Refused("policy")


@pytest.mark.parametrize("replaced", [True, False], ids=["replaced", "to be deleted first"])
async def test_an_older_pass_ends_whoever_made_it(rig: Rig, replaced: bool) -> None:
    rig.entra.tenant.replaces_passes = replaced
    account = rig.entra.tenant.account(rig.id(NORA))
    approved = await rig.approved()
    older = rig.entra.tenant.new_pass(account, lifetime=60, usable_once=False, start=None)
    shown = await rig.issue.show(approved.browser)
    assert isinstance(shown, Shown)
    assert account.access_pass is not None
    assert account.access_pass.id != older.id
    assert account.access_pass.code == shown.code.reveal()
    assert len(rig.entra.passes_created) == 1


async def test_a_refusal_for_another_reason_spares_an_older_pass_no_second_try(rig: Rig) -> None:
    account = rig.entra.tenant.account(rig.id(NORA))
    approved = await rig.approved()
    rig.entra.tenant.new_pass(account, lifetime=60, usable_once=False, start=None)
    rig.entra.faults.answer(CREATE, 400, times=None)
    assert await rig.issue.show(approved.browser) == Refused("failed")
    assert await rig.state(approved.case) == CaseState.FAILED
    assert len(rig.creates) == 2


async def test_sessions_end_before_the_pass_is_made_and_by_the_same_request(rig: Rig) -> None:
    issue = replace(rig.issue, ending_sessions=True)
    approved = await rig.approved()
    begin = len(rig.entra.requests)
    assert isinstance(await issue.show(approved.browser), Shown)
    assert rig.entra.tenant.account(rig.id(NORA)).sessions_revoked == 1
    assert sum(each.batch is None for each in rig.entra.requests[begin:]) == 2


@pytest.mark.parametrize("status", [403, 429, 500, 503])
async def test_while_sessions_cannot_be_ended_no_pass_is_made(rig: Rig, status: int) -> None:
    issue = replace(rig.issue, ending_sessions=True)
    approved = await rig.approved()
    rig.entra.faults.answer("POST */revokeSignInSessions", status)
    refused = await issue.show(approved.browser)
    assert refused == Refused("failed" if status == 403 else "directory-down")
    assert rig.entra.passes_created == []
    assert await rig.state(approved.case) == (CaseState.FAILED if status == 403 else CaseState.APPROVED)


async def test_a_lost_answer_to_both_is_an_unknown_outcome(rig: Rig) -> None:
    issue = replace(rig.issue, ending_sessions=True)
    approved = await rig.approved()
    rig.entra.faults.lose_answer(CREATE)
    assert await issue.show(approved.browser) == UNKNOWN
    assert not rig.has_pass()
    rig.entra.faults.answer(CREATE, 503)
    assert await issue.show(approved.browser) == Refused("failed")


async def test_an_approver_who_left_takes_the_approval_along(rig: Rig) -> None:
    approved = await rig.approved()
    rig.entra.tenant.account(rig.id(INGRID)).groups.clear()
    assert await rig.issue.show(approved.browser) == Refused("approver-gone")
    assert rig.creates == []


async def test_a_role_granted_after_the_approval(rig: Rig) -> None:
    approved = await rig.approved()
    rig.entra.tenant.roles[rig.id(NORA)].add(GLOBAL_ADMINISTRATOR.template_id)
    assert await rig.issue.show(approved.browser) == Refused("class")
    rig.entra.tenant.roles[rig.id(NORA)].clear()
    rig.entra.tenant.eligible[rig.id(NORA)].add(GLOBAL_ADMINISTRATOR.template_id)
    assert await rig.issue.show(approved.browser) == Refused("class")
    assert rig.creates == []


async def test_a_target_who_became_approver(rig: Rig) -> None:
    approved = await rig.approved()
    rig.entra.tenant.account(rig.id(NORA)).groups.add(FJORDHEIM.group(APPROVERS).object_id)
    assert await rig.issue.show(approved.browser) == Refused("class")


async def test_a_disabled_target(rig: Rig) -> None:
    approved = await rig.approved()
    rig.entra.tenant.account(rig.id(NORA)).enabled = False
    assert await rig.issue.show(approved.browser) == Refused("class")


async def test_privileges_that_cannot_be_read(rig: Rig) -> None:
    approved = await rig.approved()
    rig.entra.faults.answer("GET /roleManagement/directory/roleEligibility*", 500, times=None)
    assert await rig.issue.show(approved.browser) == Refused("directory-down")
    assert rig.creates == []
    rig.entra.faults.clear()
    assert isinstance(await rig.issue.show(approved.browser), Shown)


async def test_old_evidence_wants_a_new_code_in_the_same_browser(rig: Rig) -> None:
    approved = await rig.approved()
    rig.clock.move(61 * MINUTE)
    assert await rig.issue.show(approved.browser) == Refused("evidence-old")
    await rig.claimed(await rig.code(approved.case), approved.browser)
    assert isinstance(await rig.issue.show(approved.browser), Shown)


async def test_the_approver_may_not_be_the_agent_of_the_new_code(rig: Rig) -> None:
    approved = await rig.approved(agent=JONAS, approver="Máret Utsi")
    rig.clock.move(61 * MINUTE)
    code = await rig.code(approved.case, agent="Máret Utsi")
    await rig.claimed(code, approved.browser)
    assert await rig.issue.show(approved.browser) == Refused("approver-gone")
    assert rig.creates == []


async def test_the_time_for_it_ends(rig: Rig) -> None:
    approved = await rig.approved()
    rig.clock.at = NOW + timedelta(hours=23, minutes=30)
    await rig.claimed(await rig.code(approved.case, agent=HAKON), approved.browser)
    rig.clock.at = NOW + timedelta(hours=24)
    assert await rig.issue.show(approved.browser) == Refused("too-late")
    rig.clock.at -= timedelta(seconds=1)
    assert isinstance(await rig.issue.show(approved.browser), Shown)


async def test_a_clock_before_the_approval_gets_nothing(rig: Rig) -> None:
    approved = await rig.approved()
    rig.clock.move(-MINUTE)
    assert await rig.issue.show(approved.browser) == Refused("too-late")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("UPDATE evidence SET level = 4", "class"),
        ("DELETE FROM evidence", "not-enough"),
        ("DELETE FROM approval", "approver-gone"),
        ('UPDATE "case" SET approvals_wanted = 2', "approver-gone"),
        ("UPDATE audit_head SET broken_at = 1", "directory-down"),
        ("UPDATE audit_head SET mac = 'x'", "directory-down"),
        ("DELETE FROM audit_head", "directory-down"),
    ],
)
async def test_a_changed_database_issues_nothing(rig: Rig, change: str, reason: str) -> None:
    approved = await rig.approved()
    await run(rig.database, change)
    assert await rig.issue.show(approved.browser) == Refused(reason)
    assert rig.creates == []


async def test_an_approval_written_by_hand_counts_only_for_an_approver(rig: Rig) -> None:
    approved = await rig.approved()
    await run(rig.database, f"UPDATE approval SET approver = '{rig.id(EMIL)}'")
    assert await rig.issue.show(approved.browser) == Refused("approver-gone")
    await run(rig.database, f"UPDATE approval SET approver = '{rig.id(JONAS)}'")
    assert await rig.issue.show(approved.browser) == Refused("approver-gone")


async def test_an_approval_counts_for_the_second_approver_too(rig: Rig) -> None:
    approved = await rig.approved(approver=TOMASZ)
    assert isinstance(await rig.issue.show(approved.browser), Shown)

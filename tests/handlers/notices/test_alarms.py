"""Security is woken by mail and webhook, whatever becomes of either, and never in the support channel."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.app.ticks import check_chain
from bot.sandbox.world import FJORDHEIM
from handlers.alarms import Alarm
from handlers.messages import PassesNotice
from handlers.notices.sending import LEASE, again
from handlers.passes.brakes import Limit
from handlers.records import Notice, OutboxState
from handlers.store import notices
from handlers.store.alarms import SILENT
from handlers.store.notices import SECURITY, Channel
from tests.handlers.notices.conftest import Told
from tests.handlers.rig import NORA, NOW, SUPPORT
from tests.handlers.store.given import run

CREATE = "POST /users/*/authentication/temporaryAccessPassMethods"
_DAY = timedelta(days=1)


async def _raised(told: Told, once: str = "x") -> None:
    async with told.rig.database.transaction() as session:
        facts = {"cap": 50, "passes": 100}
        await told.rig.cases.alarms.raise_(session, Alarm.BREAKER_OPEN, now=NOW, facts=facts, once=once)


async def _notices(told: Told) -> dict[str, Notice]:
    return {row.channel: row for row in await told.notices()}


async def test_the_breaker_wakes_security_by_mail_and_webhook(told: Told) -> None:
    rig = told.rig
    async with rig.database.transaction() as session:
        limit = Limit(0, NOW, "2026-11-24")
        await rig.issue.brakes.tell(session, await rig.issue.brakes.ask(session, limit), NOW)
    await told.out()
    assert told.alarms == ["breaker-open"]
    assert told.gateway.alarms[0]["facts"] == {"day": "2026-11-24", "cap": 0, "passes": 0}
    [mail] = told.mails()
    assert mail.subject == "Security: too many passes in one day"
    assert "cap: 0" in mail.text
    await rig.delivered()
    assert {type(each.data) for each in rig.chat.standing(SUPPORT)} == {PassesNotice}


async def test_one_alarm_is_raised_once(told: Told) -> None:
    for _ in range(3):
        await _raised(told)
    await _raised(told, once="y")
    await told.out()
    assert len(told.alarms) == len(told.mails()) == 2
    assert len({str(each["id"]) for each in told.gateway.alarms}) == 2


async def test_forged_evidence_names_the_case_and_its_account(told: Told) -> None:
    rig = told.rig
    approved = await rig.approved()
    await run(rig.database, "UPDATE evidence SET level = 4")
    for _ in range(2):
        await rig.issue.show(approved.browser)
    await told.out()
    [alarm] = told.gateway.alarms
    assert (alarm["kind"], alarm["case"]) == ("evidence-forged", approved.case.id)
    assert (alarm["account"], alarm["upn"]) == (rig.id(NORA), FJORDHEIM.named(NORA).upn)
    assert NORA not in f"{alarm} {told.mails()[0].text}"
    assert rig.creates == []


async def test_a_break_of_the_audit_is_told_once(told: Told) -> None:
    await told.rig.opened()
    await run(
        told.rig.database,
        "DROP TRIGGER audit_no_update",
        "UPDATE audit SET action = 'case.denied' WHERE seq = 1",
    )
    for _ in range(2):
        await check_chain(told.rig.database, told.rig.cases, told.rig.clock)
    await told.out()
    [alarm] = told.gateway.alarms
    assert (alarm["kind"], alarm["case"], alarm["facts"]) == (
        "audit-broken",
        None,
        {"row": 1, "problem": "changed row"},
    )


async def test_so_is_an_end_that_was_cut_before_the_chain_is_walked(told: Told) -> None:
    approved = await told.rig.approved()
    await run(
        told.rig.database,
        "DROP TRIGGER audit_no_delete",
        "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)",
    )
    await told.rig.issue.show(approved.browser)
    await told.out()
    assert told.alarms == ["audit-broken"]


async def test_two_unknown_outcomes_of_one_case(told: Told) -> None:
    rig = told.rig
    approved = await rig.approved()
    for _ in range(2):
        rig.entra.faults.lose_answer(CREATE)
        await rig.issue.show(approved.browser)
    await told.out()
    assert told.alarms == ["issue-unknown-twice"]


@pytest.mark.parametrize("broken", sorted(SECURITY))
async def test_a_channel_that_is_down_holds_up_no_other(told: Told, broken: Channel) -> None:
    other = next(channel for channel in SECURITY if channel is not broken)
    if broken is Channel.SECURITY_HOOK:
        told.gateway.hook_status = 500
    else:
        told.rig.entra.faults.missing.add("Mail.Send")
    await _raised(told)
    await told.out()
    rows = await _notices(told)
    assert (rows[broken].state, rows[other].state) == (OutboxState.PENDING, OutboxState.SENT)
    told.gateway.hook_status = None
    told.rig.entra.faults.clear()
    told.rig.clock.move(timedelta(minutes=1))
    await told.out()
    assert len(told.alarms) == len(told.mails()) == 1


async def test_what_nobody_knows_to_have_gone_out_is_sent_again(told: Told) -> None:
    await _raised(told)
    async with told.rig.database.transaction() as session:
        died = await notices.claim(session, Channel.SECURITY_HOOK, "died", NOW, LEASE, 8)
    assert len(died) == 1
    await told.out()
    assert told.alarms == []
    told.rig.clock.move(LEASE + timedelta(seconds=1))
    await told.out()
    assert told.alarms == ["breaker-open"]
    assert (await _notices(told))[Channel.SECURITY_HOOK].lost == 1


async def test_after_a_day_it_is_given_up_and_later_forgotten(told: Told) -> None:
    told.gateway.hook_status = 500
    await _raised(told)
    for _ in range(8):
        await told.out()
        told.rig.clock.move(_DAY / 5)
    assert (await _notices(told))[Channel.SECURITY_HOOK].state == OutboxState.FAILED
    async with told.rig.database.transaction() as session:
        await notices.purge(session, NOW + notices.KEEP + _DAY)
    assert await _notices(told) == {}


async def test_without_an_address_nothing_is_written(told: Told) -> None:
    async with told.rig.database.transaction() as session:
        await SILENT.raise_(session, Alarm.BREAKER_OPEN, now=NOW, once="x")
    assert await _notices(told) == {}


@given(st.integers(1, 500), st.integers(0, 2 * 24 * 3600))
def test_it_is_tried_again_later_and_for_a_day(attempts: int, seconds: int) -> None:
    now = NOW + timedelta(seconds=seconds)
    notice = Notice(key="x", kind="x", channel=Channel.SECURITY_HOOK, at=NOW, due_at=NOW, attempts=attempts)
    due_at = again(notice, now)
    assert (due_at is None) == (seconds + min(15 * 2 ** min(attempts - 1, 10), 900) >= 24 * 3600)
    assert due_at is None or now < due_at < NOW + _DAY

"""The owner hears of what happens to the account by every address that is known, whatever becomes of any of them."""

import re
from datetime import datetime, timedelta

import httpx
import pytest
from aiohttp import web

from bot.gateways.sms import SmsGateway
from bot.sandbox.world import FJORDHEIM
from graph.secret import Secret
from handlers.passes import Shown
from handlers.ports import NotSent
from handlers.records import Case, OutboxState
from handlers.states import CaseState
from handlers.store.notices import OWNER, Channel, told_by
from tests.handlers.notices.conftest import PUBLIC, Told
from tests.handlers.rig import EMIL, INGRID, NORA, NOW
from tests.handlers.store.given import dump

_ADDRESS = re.compile(r"https?://[^\s]+")


async def test_the_pass_that_was_shown_is_told_everywhere_with_a_link_of_ours(told: Told) -> None:
    rig = told.rig
    approved = await rig.approved()
    await told.out()

    def told_so_far() -> list[list[str]]:
        mails = (told.work(NORA), told.private(NORA))
        return [
            *([each.subject + each.text for each in found] for found in mails),
            [each.text for each in told.texts(NORA)],
        ]

    before = [len(each) for each in told_so_far()]
    shown = await rig.issue.show(approved.browser)
    assert isinstance(shown, Shown)
    await told.out()
    assert [len(each) for each in told_so_far()] == [count + 1 for count in before]
    links = set()
    for *_, text in told_so_far():
        assert approved.case.id in text
        [link] = _ADDRESS.findall(text)
        assert link.startswith(f"{PUBLIC}/not-me/")
        links.add(link)
        assert shown.code.reveal() not in text
    assert len(links) == 3
    held = await dump(rig.database)
    assert not [link for link in links if link.rpartition("/")[2] in held]


def test_every_outcome_goes_out_by_everything_and_small_steps_by_nothing() -> None:
    def by(
        state: CaseState, opened_by: str = "owner", not_before: datetime | None = None
    ) -> frozenset[Channel]:
        return told_by(
            Case(
                id="K7QF-2M",
                target="x",
                target_name="x",
                target_upn="x",
                state=state,
                state_at=NOW,
                opened_at=NOW,
                opened_by=opened_by,
                not_before=not_before,
            )
        )

    assert {state for state in CaseState if by(state) == OWNER} == {
        *(state for state in CaseState if state.ended),
        CaseState.VERIFIED,
        CaseState.ISSUED,
    }
    assert by(CaseState.OPEN, opened_by="agent") == by(CaseState.OPEN, opened_by="colleague") == OWNER
    assert by(CaseState.APPROVED, not_before=NOW) == OWNER
    assert by(CaseState.APPROVED) == by(CaseState.OPEN) == by(CaseState.ISSUING) == frozenset()
    assert by(CaseState.USED) == {Channel.WORK_MAIL}


async def test_a_denial_reaches_who_asked_by_every_address(told: Told) -> None:
    rig = told.rig
    verified = await rig.verified(EMIL)
    await rig.deny(INGRID, verified.case.id)
    await told.out()
    for found in (told.work(EMIL), told.private(EMIL), told.texts(EMIL)):
        assert "avslo" in found[-1].text


@pytest.mark.parametrize(
    "down",
    [
        {Channel.WORK_MAIL, Channel.PRIVATE_MAIL, Channel.SECURITY_MAIL},
        {Channel.PHONE},
        {Channel.PHONE, Channel.PRIVATE_MAIL},
        {Channel.SECURITY_HOOK},
        {Channel.SESSIONS},
    ],
)
async def test_what_is_down_holds_up_nothing_else(told: Told, down: set[Channel]) -> None:
    """The gateway, the register, the mailbox, the webhook or Graph fails: the case goes on, and so does the rest."""
    rig = told.rig
    verified = await rig.verified()
    if Channel.WORK_MAIL in down:
        rig.entra.faults.missing.add("Mail.Send")
    elif Channel.PRIVATE_MAIL in down:
        told.gateway.contacts_status = 500
    elif Channel.PHONE in down:
        told.gateway.sms_status = 429
    elif Channel.SESSIONS in down:
        rig.entra.faults.missing.add("User.RevokeSessions.All")
    else:
        told.gateway.hook_status = 500
    await rig.disowning.disown(verified.case, "link")
    assert await rig.state(verified.case) == CaseState.STOPPED
    await told.out()
    rows = await told.notices()
    assert {row.channel for row in rows if row.state == OutboxState.PENDING} == down
    assert {row.state for row in rows if row.channel not in down} == {OutboxState.SENT}
    told.gateway.contacts_status = told.gateway.sms_status = told.gateway.hook_status = None
    rig.entra.faults.clear()
    rig.clock.move(timedelta(minutes=1))
    await told.out()
    assert {row.state for row in await told.notices()} == {OutboxState.SENT}


async def test_who_has_no_address_is_left_alone(told: Told) -> None:
    nora = FJORDHEIM.named(NORA)
    told.gateway.contacts[nora.object_id] = {"phone": None, "mail": None}
    await told.rig.opened()
    await told.out()
    states = {row.channel: row.state for row in await told.notices()}
    assert states[Channel.WORK_MAIL] == OutboxState.SENT
    assert states[Channel.PHONE] == states[Channel.PRIVATE_MAIL] == OutboxState.DROPPED


async def test_a_mail_that_may_have_gone_out_is_sent_once_more_and_a_text_message_never(told: Told) -> None:
    rig = told.rig
    rig.entra.faults.lose_answer("POST /users/*/sendMail", times=None)
    told.gateway.sms_status = 502
    await rig.opened()
    for _ in range(4):
        await told.out()
        rig.clock.move(timedelta(minutes=10))
    tries = {row.channel: (row.attempts, row.state) for row in await told.notices()}
    assert tries[Channel.WORK_MAIL] == tries[Channel.PRIVATE_MAIL] == (2, OutboxState.FAILED)
    assert tries[Channel.PHONE] == (1, OutboxState.FAILED)


@pytest.mark.parametrize(
    ("status", "body", "unknown"),
    [(200, "thanks", True), (202, "{}", True), (502, "", True), (400, "{}", False), (503, "", False)],
)
async def test_what_the_gateway_says_tells_whether_it_has_the_message(
    status: int, body: str, unknown: bool
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=body)

    app = web.Application()
    app.router.add_post("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
        address = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        with pytest.raises(NotSent) as caught:
            await SmsGateway(client, address).send(Secret("+4799912342"), "text")
    await runner.cleanup()
    assert caught.value.unknown is unknown

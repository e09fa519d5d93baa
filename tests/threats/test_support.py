"""Support: who may decide, what they decide on, and what changes between the decision and the pass."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from bot.sandbox.browser import Browser, log_in
from bot.sandbox.chats import SLACK, TEAMS, Seen
from bot.sandbox.eid import Level
from bot.sandbox.entra.sign_in_faults import SignInFault
from bot.sandbox.world import AGENTS, APPROVERS, GLOBAL_ADMINISTRATOR, SECURITY
from tests.faults.given import rows
from tests.threats.leaks import assert_held
from tests.threats.player import Player, leads
from tests.threats.rig import BOTH, SECOND, Rig
from tests.threats.shown import shown

_CONFLICT = httpx.codes.CONFLICT


@pytest.mark.parametrize("platform", BOTH)
async def test_threat_19_persuasion_stands_nowhere_near_the_decision(rig: Rig, platform: str) -> None:
    """The requester writes why it has to be quick, and somebody at support lets it be put where a number belongs."""
    words, approver = "The CISO says: approve this one at once", rig.approver()
    story = rig.somebody(platform)
    await story.ask(story.name, words, "")
    await story.proved()
    await story.press(await story.card(), "approvals.more", approver)
    await story.fills(approver, {"ticket": words})
    await rig.settled()
    card = shown(rig.playing, platform, story.cards[-1])
    assert "CISO" not in card.text
    assert "CISO" not in card.notification
    assert story.state == "verified"
    assert_held(rig)


async def test_threat_22_whoever_is_only_seen_on_a_screen_has_proved_too_little(rig: Rig) -> None:
    """Two agents let themselves be deceived, one after the other."""
    story, browser = rig.somebody(), rig.browser()
    rig.until_support_is_at_work()
    for agent in ("Jonas Lien", "Håkon Øvrebø"):
        at_work = rig.browser()
        await at_work.sign_in("agent", story.person(agent).object_id)
        opened = await at_work.post("/case/agent", {"account": story.who.upn})
        checks = {"checks": ["challenge", "id-beside-face", "photo-on-file", "called-user"]}
        told = await at_work.post(f"{opened.headers['Location']}/by/video", checks)
        await browser.post("/case", {"code": story.read_out(told.text)})
        await rig.settled()
        assert story.state == "verifying"
    assert story.evidence == 2
    assert (await browser.post("/case/show")).status_code == _CONFLICT
    assert_held(rig)


@pytest.mark.parametrize(("asks", "decides"), [(SLACK, SLACK), (SLACK, TEAMS), (TEAMS, SLACK)])
async def test_threat_30_nobody_decides_on_their_own_case(rig: Rig, asks: str, decides: str) -> None:
    """Somebody becomes an approver while their own case waits, and tries it in the other chat too."""
    story = rig.somebody(asks)
    browser = await story.proved()
    with rig.member_of(APPROVERS, story.who):
        rig.let_into_support(story.who)
        story.opens(story.name, decides)
        await story.tries_to_approve(story.name)
        assert story.state == "verified"
        assert (await browser.post("/case/show")).status_code == _CONFLICT
    assert_held(rig)


async def test_threat_31_who_saw_the_requester_does_not_approve(rig: Rig) -> None:
    story, agent = rig.somebody(), rig.approver()
    with rig.member_of(AGENTS, story.person(agent)):
        await story.claim(story.name, await story.open_case(agent, story.name))
        await story.tries_to_approve(agent)
    assert story.state == "verified"
    assert_held(rig)


async def test_threat_32_too_little_evidence_is_decided_on_by_nobody(rig: Rig) -> None:
    """An account that needs more has proved itself at the lower level: no card asks anybody, and no pass is shown."""
    story, browser = rig.around("Unni Bergersen"), rig.browser()
    away = leads(await story.departs(browser, await story.invited()))
    assert (await browser.get(await log_in(away, story.who.object_id, Level.SUBSTANTIAL))).status_code < 400
    await rig.settled()
    assert story.evidence == 1
    assert story.state == "verifying"
    assert not [each for each in story.cards if each.offers("approvals.approve")]
    assert (await browser.post("/case/show")).status_code == _CONFLICT
    assert_held(rig)


async def _ready_at_the_highest(rig: Rig) -> Browser:
    """Proved by the highest eID and approved twice: enough also on a day with many passes."""
    story, browser = rig.somebody(), rig.browser()
    await browser.get(await story.departed(browser, await story.invited(), by=SECOND))
    await story.card()
    for _ in range(2):
        await story.approve(rig.approver())
        if story.state == "approved":
            break
    return browser


async def test_threat_20_a_flood_opens_the_breaker(own_rig: Rig) -> None:
    """With a cap of one, the second pass is twice what is usual: the last, until the security team starts again."""
    rig = own_rig
    await rig.restarted_with({"passes": {"daily_cap": 1}})
    first = await _ready_at_the_highest(rig)
    assert (await first.post("/case/show")).status_code == httpx.codes.OK
    # From here on the bar is raised: the others need two approvals, and have them before the breaker opens.
    waiting = [await _ready_at_the_highest(rig) for _ in range(2)]
    shown = [(await browser.post("/case/show")).status_code for browser in waiting]
    assert shown == [httpx.codes.OK, _CONFLICT]
    at_work, guard = rig.browser(), next(r for r in rig.playing.world.residents if SECURITY in r.groups)
    await at_work.sign_in("passes", rig.somebody().person(rig.approver()).object_id)
    assert (await at_work.post("/passes/start")).status_code == httpx.codes.FORBIDDEN
    await at_work.sign_in("passes", guard.object_id)
    assert (await at_work.post("/passes/start")).status_code == httpx.codes.OK
    assert (await at_work.post("/passes/stop")).status_code == httpx.codes.OK
    assert_held(rig, passes=2)


async def test_threat_20_who_was_denied_asks_in_vain_for_a_day(rig: Rig) -> None:
    story = rig.somebody()
    await story.proved()
    await story.deny(rig.approver())
    for platform in BOTH:
        story.opens(story.name, platform)
        answer, before = await story.answered(), len(story.seen())
        await story.press(answer, "cases.start")
        await story.until(lambda since=before: story.seen()[since:])  # type: ignore[misc]
        assert story.state == "denied"
    assert_held(rig)


@pytest.mark.parametrize(
    ("platform", "fault"),
    [
        (SLACK, None),
        (SLACK, SignInFault.MISSING_ACRS),
        (SLACK, SignInFault.STALE_AUTH_TIME),
        (TEAMS, None),
        (TEAMS, SignInFault.STALE_AUTH_TIME),
    ],
)
async def test_threat_33_a_stolen_chat_of_an_approver_decides_nothing(
    rig: Rig, platform: str, fault: SignInFault | None
) -> None:
    """The thief presses, and signs in as somebody else, without the second factor, or not at all lately."""
    story, approver, thief = rig.somebody(platform), rig.approver(), rig.approver()
    browser = await story.proved()
    await story.ask(approver, "What is a temporary access pass?", "temporary access pass")
    faults = rig.playing.entra.sign_ins.faults
    faults.update(() if fault is None else (fault,))
    await story.tries_to_approve(approver, thief if fault is None else approver)
    faults.clear()
    assert story.state == "verified"
    assert (await browser.post("/case/show")).status_code == _CONFLICT
    assert_held(rig)


@pytest.mark.parametrize("platform", BOTH)
async def test_threat_34_who_is_no_approver_any_more_decides_nothing(rig: Rig, platform: str) -> None:
    story, gone = rig.somebody(platform), rig.approver()
    browser = await story.proved()
    with rig.no_member_of(APPROVERS, story.person(gone)):
        await story.tries_to_approve(gone)
        assert story.state == "verified"
    rig.playing.entra.faults.answer("POST /users/*/checkMemberGroups", 403, times=None)
    await story.tries_to_approve(gone)
    rig.playing.entra.faults.clear()
    assert story.state == "verified"
    await story.approve(gone)
    with rig.no_member_of(APPROVERS, story.person(gone)):
        assert (await browser.post("/case/show")).status_code == _CONFLICT
    assert story.state == "approved"
    assert_held(rig)


@pytest.mark.parametrize(
    ("platform", "end"), [(SLACK, "denied"), (TEAMS, "denied"), (SLACK, "stopped"), (TEAMS, "stopped")]
)
async def test_threat_36_nothing_leaves_an_end(rig: Rig, platform: str, end: str) -> None:
    story, approver = rig.somebody(platform), rig.approver()
    browser = await story.proved()
    if end == "denied":
        await story.deny(approver)
    else:
        await browser.post("/case/stop")
        await rig.settled()
    assert story.state == end
    await story.tries_to_approve(approver, crossed=True)
    assert story.state == end
    assert (await browser.post("/case/show")).status_code == _CONFLICT
    assert_held(rig)


async def test_threat_39_who_reads_the_channel_learns_nothing_of_what_was_refused(rig: Rig) -> None:
    story, other, browser = rig.somebody(), rig.somebody(), rig.browser()

    def channels() -> dict[str, list[str]]:
        return {platform: [each.id for each in chat.support()] for platform, chat in story.chats.items()}

    before = channels()
    back = await story.departed(browser, await story.invited(), as_whom=other.name)
    assert (await browser.get(back)).status_code == httpx.codes.FORBIDDEN
    await rig.settled()
    assert channels() == before
    (told, *_) = [each for each in story.seen() if each.offers("cases.stop")]
    await story.press(told, "cases.stop")
    gateway = rig.playing.gateway
    await gateway.wait_for(lambda: [each for each in gateway.alarms if each["case"] == story.case_id], 15.0)
    await rig.settled()
    assert channels() == before
    assert [each for chat in story.chats.values() for each in story.posted(chat)] == []
    assert_held(rig)


async def test_threat_35_whatever_is_pressed_at_once_makes_one_pass(rig: Rig) -> None:
    """Two approvers, one in each chat, press Approve 25 times; then the owner presses Show 50 times."""
    story, approvers = rig.somebody(), {platform: rig.approver() for platform in BOTH}
    for platform, approver in approvers.items():
        # Who has signed in lately decides with one press.
        await rig.somebody(platform).ready(approver)
    browser = await story.proved()
    cards = {platform: await story.card(chat) for platform, chat in story.chats.items()}
    presses = [
        story.chats[platform].press(
            story.person(approver), cards[platform], "approvals.approve", crossed=True
        )
        for platform, approver in approvers.items()
        for _ in range(25)
    ]
    await asyncio.gather(*presses)
    await rig.settled()
    assert story.state == "approved"
    assert rows(rig.playing, 'SELECT count(*) FROM approval WHERE "case" = ?', story.case_id) == [(1,)]
    cookie = browser.cookie
    shows = await asyncio.gather(
        *(replace(browser, cookie=cookie).post("/case/show") for _ in range(50)), return_exceptions=True
    )
    statuses = [each.status_code for each in shows if isinstance(each, httpx.Response)]
    assert statuses.count(httpx.codes.OK) == 1
    assert_held(rig, passes=1)


_PRIVILEGED = ["Astrid Kvamme", "Rune Tveit", "Siri Haugland", "Randi Moe", "Tomasz Nowak"]
"""Active, eligible, by a group, in a restricted unit, and an approver."""


@pytest.mark.parametrize("name", _PRIVILEGED)
async def test_threat_40_who_has_power_gets_no_pass_from_the_bot(rig: Rig, name: str) -> None:
    story = rig.around(name)
    answer = await story.answered()
    before = len(story.seen())
    # Whatever makes the account powerful stands on a page of its own.
    rig.playing.entra.paging.size = 1
    try:
        await story.press(answer, "cases.start")
        await story.until(lambda: story.seen()[before:])
    finally:
        rig.playing.entra.paging.size = None
    assert story.state == ""
    assert not [each for each in story.seen() if "/case/start/" in "".join(each.links)]
    assert_held(rig)


async def test_threat_40_while_nobody_can_tell_nobody_gets_one(rig: Rig) -> None:
    story = rig.somebody()
    answer = await story.answered()
    rig.playing.entra.faults.answer("GET /roleManagement/*", 403, times=None)
    before = len(story.seen())
    await story.press(answer, "cases.start")
    await story.until(lambda: story.seen()[before:])
    assert story.state == ""
    assert_held(rig)


async def test_threat_41_a_role_that_came_after_the_approval_is_seen(rig: Rig) -> None:
    story = rig.somebody()
    browser = await story.ready(rig.approver())
    roles = rig.playing.entra.tenant.roles[story.who.object_id]
    roles.add(GLOBAL_ADMINISTRATOR.template_id)
    assert (await browser.post("/case/show")).status_code == _CONFLICT
    assert_held(rig)


async def test_threat_42_the_pass_follows_the_account_and_not_its_name(rig: Rig) -> None:
    story, heir = rig.somebody(), rig.somebody()
    browser = await story.ready(rig.approver())
    tenant = rig.playing.entra.tenant
    mine, theirs = tenant.account(story.who), tenant.account(heir.who)
    before = (mine.resident, theirs.resident)
    mine.resident = replace(mine.resident, upn=f"renamed.{story.who.upn}")
    theirs.resident = replace(theirs.resident, upn=story.who.upn)
    try:
        assert (await browser.post("/case/show")).status_code == httpx.codes.OK
    finally:
        mine.resident, theirs.resident = before
    assert rig.playing.entra.passes_created[-1].account_id == story.who.object_id
    assert theirs.access_pass is None
    assert_held(rig, passes=1)


async def _follows(rig: Rig, story: Player, state: str) -> None:
    """Wait until the case is there, while time goes by."""
    async with asyncio.timeout(15):
        while story.state != state:
            rig.playing.clock.move(timedelta(seconds=15))
            await rig.playing.slack.next_change(0.5)


async def _asked(rig: Rig, story: Player) -> Seen:
    """The question which old phone is to go, in private."""
    rig.playing.clock.move(timedelta(seconds=30))
    told = await story.until(lambda: [each for each in story.seen() if each.offers("cases.remove-old")])
    return told[-1]


async def test_threat_26_a_stolen_phone_is_not_trusted_for_ever(rig: Rig) -> None:
    """The case waits until somebody has said what is to become of the old phone, and the bot takes it away."""
    story, approver = rig.somebody(), rig.approver()
    account, devices, clock = (
        rig.playing.entra.tenant.account(story.who),
        rig.playing.entra.devices,
        rig.playing.clock,
    )
    [stolen] = [each.id for each in account.strong_methods]
    browser = await story.ready(approver)
    assert (await browser.post("/case/show")).status_code == httpx.codes.OK
    session = devices.sign_in_with_pass(story.who, rig.playing.entra.passes_created[-1].code)
    await _follows(rig, story, "used")
    devices.register_authenticator(session, "New phone")
    card = await _asked(rig, story)
    clock.move(timedelta(minutes=20))
    await rig.settled()
    assert story.state == "used"
    await story.press(card, "cases.remove-old")
    await _follows(rig, story, "closed")
    deleted = rig.playing.entra.sent("DELETE", f"/microsoftAuthenticatorMethods/{stolen}")
    assert len(deleted) == 1
    assert [each.name for each in account.strong_methods] == ["New phone"]
    assert_held(rig, passes=1)


async def test_threat_29_a_pass_that_is_lured_out_is_worth_little(rig: Rig) -> None:
    """It works once and for half an hour, and its page says where alone to type it."""
    story, approver = rig.somebody(), rig.approver()
    policy = rig.playing.entra.tenant.policy
    before, policy.minimum = policy.minimum, 10
    try:
        browser = await story.ready(approver)
        page = await browser.post("/case/show")
    finally:
        policy.minimum = before
    [sent] = rig.playing.entra.sent("POST", "/temporaryAccessPassMethods")[rig.created_before :]
    assert sent.body == {"lifetimeInMinutes": 30, "isUsableOnce": True}
    assert "login.microsoftonline.com" in page.text
    assert_held(rig, passes=1)

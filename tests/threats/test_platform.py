"""The ground it stands on: Slack's requests, the log, and whoever reads or writes the database behind its back."""

import contextlib
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

import httpx
import pytest
from ruamel.yaml import YAML

from bot.sandbox.chats import TEAMS, Seen
from bot.sandbox.slack.records import Delivery, Signed
from bot.settings import SettingsError, load
from tests.threats.database import change
from tests.threats.leaks import assert_held
from tests.threats.people import SCRIPTED
from tests.threats.rig import BOTH, Rig
from tests.threats.shown import shown

_COPIED_EVIDENCE: Final = """
    INSERT INTO evidence ("case", target, route, level, at, actor, detail, key_id, mac)
    SELECT ?, ?, route, level, at, actor, detail, key_id, mac FROM evidence WHERE "case" = ?
"""
_COPIED_APPROVALS: Final = """
    INSERT INTO approval ("case", approver, approver_name, at)
    SELECT ?, approver, approver_name, at FROM approval WHERE "case" = ?
"""
_NOT_SIGNED: Final = httpx.codes.UNAUTHORIZED


def _without(name: str, sent: Signed) -> Signed:
    return replace(sent, headers={key: value for key, value in sent.headers.items() if key != name})


async def test_threat_16_only_slack_speaks_for_slack(rig: Rig) -> None:
    story = rig.somebody()
    sent = await _asking(rig, story.slack_id)
    before = len(story.seen())
    forged = sent.body.replace(b"pass?", b"pass??").replace(b'"event_id": "Ev', b'"event_id": "Ex')
    assert forged != sent.body
    requests = (
        replace(sent, body=forged),
        _without("X-Slack-Signature", sent),
        _without("X-Slack-Request-Timestamp", sent),
        replace(sent, headers={**sent.headers, "X-Slack-Signature": f"v0={'0' * 64}"}),
    )
    async with rig.client() as attacker:
        for each in requests:
            answer = await attacker.post("/slack/events", content=each.body, headers=dict(each.headers))
            assert answer.status_code == _NOT_SIGNED
    await rig.settled()
    assert len(story.seen()) == before
    assert_held(rig)


async def test_threat_17_what_comes_again_does_nothing_again(rig: Rig) -> None:
    """A question, and the press that opens a case and sends a link: both, on either platform, and after a restart."""
    stories = [rig.somebody(platform) for platform in BOTH]
    for story in stories:
        await story.invited()
    slack, teams = rig.playing.slack, rig.playing.teams
    asked = next(each for each in slack.deliveries[::-1] if each.event_type == "message")
    of_teams = teams.deliveries[-2:]
    assert [each.type for each in of_teams] == ["message", "adaptiveCard/action"]
    before = [len(story.seen()) for story in stories]

    async def again() -> None:
        assert (await slack.replay(asked)).acknowledged
        assert (await slack.redeliver(asked)).acknowledged
        assert (await slack.replay(_last_press_of(rig))).acknowledged
        for each in of_teams:
            assert (await teams.replay(each)).status == (await teams.redeliver(each)).status == 200

    await again()
    await rig.stop()
    await rig.start()
    await again()
    await rig.settled()
    assert [len(story.seen()) for story in stories] == before
    assert_held(rig)


_HOSTILE: Final = (
    "<https://evil.example|Approve> <!channel> @here <at>everyone</at> [x](javascript:alert(1)) ![p](https://evil.example)"
    " [y](https://evil.example) {{DATE(2027-01-04T09:00:00Z,SHORT)}} ${upn} &lt;at&gt;all&lt;/at&gt;"
    ' \r\n{"event": "case-approved"}\r\n*bold* _thin_ `code` \u202e\x00'
)


def _assert_text(rig: Rig, platform: str, told: Sequence[Seen]) -> None:
    """No client makes anything of it but words, and not too many of them."""
    assert told
    for each in [shown(rig.playing, platform, one) for one in told]:
        assert (each.alarmed, each.macros) == (frozenset(), ())
        assert [link for link in each.links if "evil" in link or "javascript" in link] == []
        assert not set("\u202e\x00\r") & set(each.text + each.notification)
        assert len(each.text) < 4_000


@pytest.mark.parametrize("platform", BOTH)
async def test_threat_18_what_somebody_writes_is_text_and_nothing_more(rig: Rig, platform: str) -> None:
    """In the question, in what goes to support and back, and in an address that is repeated to whoever typed it."""
    story, agent = rig.somebody(platform), rig.approver()
    answer = await story.ask(story.name, "what do you know about the weather on Mars", "no good answer")
    before = len(story.chat.support())
    await story.press(answer, "questions.person")
    await story.until(lambda: story.chat.support()[before:])
    await story.chat.say(story.who, _HOSTILE + "x" * 10_000)
    told = await story.until(lambda: [each for each in story.chat.support()[before:] if "bold" in each.shown])
    _assert_text(rig, platform, told)
    await story.chat.reply(story.person(agent), told[-1], _HOSTILE)
    _assert_text(
        rig, platform, await story.until(lambda: [each for each in story.seen() if "bold" in each.shown])
    )
    lines = rig.playing.said()[rig.looked.log :].splitlines()
    assert [line for line in map(json.loads, lines) if line["event"] == "case-approved"] == []
    assert not [line for line in lines if "evil.example" in line or "\u202e" in line]
    assert_held(rig)


async def test_threat_18_what_is_repeated_to_whoever_typed_it_is_text(rig: Rig) -> None:
    story = rig.somebody(TEAMS)
    for address in (
        "[x](javascript:alert(1)){{upn}}${upn}",
        "*[y](https://evil.example)",
        "`!here`_x_",
    ):
        told = await story.ask(story.name, f"for {address}@evil.example", "has an account here")
        _assert_text(rig, TEAMS, [told])
    assert_held(rig)


async def test_threat_18_what_is_in_a_name_or_was_typed_is_text_on_every_page(rig: Rig) -> None:
    """The pages of the owner, of an agent and of an approver, and the front door."""
    story, approver = rig.around(SCRIPTED), rig.approver()
    browser = rig.browser()
    door = await browser.post("/help", {"address": '"><script>alert(1)</script>@x.example', "lang": "en"})
    invited = await story.invited()
    start = await browser.get(invited.path)
    await browser.get(await story.departed(browser, invited))
    link = await story.sign_in_link(approver, "approvals.approve")
    decide = await rig.browser().get(link)
    at_work = rig.browser()
    await at_work.sign_in("agent", story.person("Jonas Lien").object_id)
    agents = await at_work.post("/case/agent", {"account": story.who.upn})
    seen = await at_work.get(agents.headers.get("Location", "/case/agent"))
    pages = [door, start, await browser.get("/case"), decide, agents, seen]
    assert any("Robert" in page.text for page in pages)
    assert [
        page.url.path for page in pages if "<script>alert" in page.text or "<img src=x" in page.text
    ] == []
    assert_held(rig)


async def test_threat_37_a_press_that_was_edited_on_its_way_decides_nothing(rig: Rig) -> None:
    one, other = rig.somebody(), rig.somebody()
    await one.proved()
    await other.proved()
    await one.approve(rig.approver())
    press = _last_press(rig)
    swapped = press.body.replace(one.case_id.encode(), other.case_id.encode())
    assert swapped != press.body
    async with rig.client() as attacker:
        answer = await attacker.post("/slack/events", content=swapped, headers=dict(press.headers))
    await rig.settled()
    assert (answer.status_code, other.state) == (_NOT_SIGNED, "verified")
    assert_held(rig)


@pytest.mark.parametrize("platform", BOTH)
async def test_threat_43_the_log_tells_no_secret_at_its_loudest(rig: Rig, platform: str) -> None:
    """The server writes every address down here, codes and links in them; the product's own does not even do that."""
    story, other = rig.somebody(platform), rig.somebody()
    browser = rig.browser()
    await browser.get(await story.departed(browser, await story.invited(), as_whom=other.name))
    browser = rig.browser()
    await browser.get(await story.departed(browser, await story.invited(await story.answered())))
    await story.approve(rig.approver())
    await story.show(story.name, browser)
    await story.case_is("Passet er vist")
    await story.chat.say(
        story.who, f"My number is {story.who.person_number}, and of a marzipan kite, what now?"
    )
    await rig.settled()
    logged = rig.playing.said()
    assert '"level": "debug"' in logged
    assert "marzipan" not in logged
    assert_held(rig, passes=1)


async def test_threat_44_a_stolen_database_holds_nothing_to_use(rig: Rig) -> None:
    story = rig.somebody()
    invited = await story.invited()
    browser = rig.browser()
    await browser.get(await story.departed(browser, invited))
    await story.approve(rig.approver())
    await story.show(story.name, browser)
    await story.case_is("Passet er vist")
    _holds_no_hash_of(rig, invited.code, story.pass_shown, str(story.who.person_number))
    assert_held(rig, passes=1)


async def test_threat_45_nor_does_its_backup(rig: Rig) -> None:
    story = rig.somebody()
    browser = await story.ready(rig.approver())
    await story.show(story.name, browser)
    await story.case_is("Passet er vist")
    await change(rig, ("VACUUM INTO ?", (str(rig.playing.folder / "backup.db"),)))
    _holds_no_hash_of(rig, story.pass_shown, str(story.who.person_number))
    assert_held(rig, passes=1)


async def test_threat_46_a_case_that_was_approved_by_hand_gives_no_pass(rig: Rig) -> None:
    """An insider copies everything an honest case has, and has no key to sign the evidence with."""
    story, donor = rig.somebody(), rig.somebody()
    await donor.ready(rig.approver())
    await story.invited()
    secret = "the-insiders-own-browser"
    await _forge(rig, story.case_id, donor.case_id, secret)
    await change(
        rig,
        (_COPIED_EVIDENCE, (story.case_id, story.who.object_id, donor.case_id)),
    )
    await _shown_to_nobody(rig, secret)
    assert '"event": "evidence-forged"' in rig.playing.said()
    assert_held(rig)


async def test_threat_47_evidence_counts_in_its_own_case_alone(rig: Rig) -> None:
    story, donor = rig.somebody(), rig.somebody()
    await donor.ready(rig.approver())
    await story.invited()
    secret = "the-copiers-own-browser"
    await _forge(rig, story.case_id, donor.case_id, secret)
    moved = 'UPDATE evidence SET "case" = ?, target = ? WHERE "case" = ?'
    await change(rig, (moved, (story.case_id, story.who.object_id, donor.case_id)))
    await _shown_to_nobody(rig, secret)
    assert_held(rig)


@pytest.mark.parametrize("row", ["max(seq) / 2", "max(seq)"], ids=["middle", "end"])
async def test_threat_48_a_gap_in_the_audit_is_found_and_stops_issuing(own_rig: Rig, row: str) -> None:
    """Somebody deletes a row that tells of them, and the bot is started again."""
    rig, story = own_rig, own_rig.somebody()
    browser = await story.ready(rig.approver())
    await rig.stop()
    gap = f"DELETE FROM audit WHERE seq = (SELECT {row} FROM audit)"
    await change(rig, ("DROP TRIGGER audit_no_delete", ()), (gap, ()))
    await rig.start()
    assert '"event": "audit-broken"' in rig.playing.said()
    assert (await browser.post("/case/show")).status_code == httpx.codes.CONFLICT
    assert story.state == "approved"
    assert_held(rig)


@pytest.mark.parametrize("minutes", [-10, 10])
async def test_threat_49_a_clock_that_was_set_gives_no_pass(rig: Rig, minutes: int) -> None:
    """By its own clock everything is in time; by that of Microsoft it is not."""
    story = rig.somebody()
    browser = await story.ready(rig.approver())
    rig.playing.entra.faults.ahead = timedelta(minutes=minutes)
    assert (await browser.post("/case/show")).status_code == httpx.codes.CONFLICT
    assert story.state == "approved"
    assert '"event": "clock-off"' in rig.playing.said()
    assert_held(rig)


async def test_threat_55_a_pass_made_with_a_stolen_key_wakes_security(rig: Rig) -> None:
    """It was made at Microsoft, past the bot, by whoever has the bot's key: Entra's own audit tells of it."""
    story, entra, gateway = rig.somebody(), rig.playing.entra, rig.playing.gateway
    await entra.wait_for(lambda: entra.sent("GET", "/auditLogs/directoryAudits"))
    account = entra.tenant.account(story.who)
    made = entra.tenant.new_pass(account, lifetime=480, usable_once=False, start=None)
    entra.audits.pass_made_by_app(account, made)
    rig.playing.clock.move(timedelta(minutes=15))
    await rig.stop()
    await rig.start()
    told = list[object]()
    with contextlib.suppress(TimeoutError):
        told = await gateway.wait_for(
            lambda: [each["facts"] for each in gateway.alarms if each["kind"] == "pass-without-case"]
        )
    assert [each["account"] for each in told if isinstance(each, dict)] == [story.who.object_id]
    assert_held(rig)


async def test_threat_60_a_policy_with_a_hole_does_not_start_and_a_weaker_one_is_announced(rig: Rig) -> None:
    """Nobody is named who never gets a pass; and the rules here ask for a little less than they were written to."""
    yaml = YAML(typ="safe", pure=True)
    tree = yaml.load(rig.playing.config)
    del tree["verification"]["class_c_groups"]
    changed = rig.playing.folder / "changed.yaml"
    with changed.open("w", encoding="utf-8") as file:
        yaml.dump(tree, file)
    refusal = ""
    try:
        load(changed, rig.environment)
    except SettingsError as error:
        refusal = str(error)
    assert "verification.class_c_groups" in refusal
    assert '"setting": "verification.policy.link_days"' in rig.playing.said()
    slack = rig.playing.slack
    told = [each.shown for each in slack.messages(slack.support_channel) if "link_days" in each.shown]
    assert len(told) == 1
    assert_held(rig)


async def _shown_to_nobody(rig: Rig, secret: str) -> None:
    browser = replace(rig.browser(), cookie=secret)
    assert (await browser.post("/case/show")).status_code == httpx.codes.CONFLICT


async def _forge(rig: Rig, case: str, donor: str, secret: str) -> None:
    """Everything about an approved case but its evidence, and bound to a browser of the forger's."""
    names = "state, approvals_wanted, approved_at, show_until, not_before"
    await change(
        rig,
        (
            f'UPDATE "case" SET ({names}) = (SELECT {names} FROM "case" WHERE id = ?) WHERE id = ?',
            (donor, case),
        ),
        (
            'UPDATE "case" SET browser_hash = ? WHERE id = ?',
            (hashlib.sha256(secret.encode()).hexdigest(), case),
        ),
        (_COPIED_APPROVALS, (case, donor)),
    )


def _holds_no_hash_of(rig: Rig, *secrets: str) -> None:
    """Nor what anybody could search all codes and numbers for."""
    kept = b"".join(file.read_bytes() for file in rig.playing.folder.glob("*.db*"))
    for one in secrets:
        for kind in ("md5", "sha1", "sha256"):
            hashed = hashlib.new(kind, one.encode(), usedforsecurity=False)
            assert hashed.hexdigest().encode() not in kept
            assert hashed.digest() not in kept


async def _asking(rig: Rig, slack_id: str) -> Signed:
    """A question that was answered, as it went over the wire."""
    await rig.playing.slack.say(slack_id, "What is a temporary access pass?")
    await rig.settled()
    return _request(next(each for each in rig.playing.slack.deliveries[::-1] if each.event_type == "message"))


def _last_press_of(rig: Rig) -> Delivery:
    return next(each for each in rig.playing.slack.deliveries[::-1] if each.event_type == "block_actions")


def _last_press(rig: Rig) -> Signed:
    return _request(_last_press_of(rig))


def _request(delivery: Delivery) -> Signed:
    assert delivery.request is not None
    return delivery.request

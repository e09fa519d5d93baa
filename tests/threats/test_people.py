"""Who somebody is: addresses that change, names that lie, and people who are none of ours."""

import re
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from bot.sandbox.chats import TEAMS
from bot.sandbox.gateways import private_mail_of
from bot.sandbox.slack.records import SlackUser
from tests.faults.given import rows
from tests.threats.leaks import assert_held
from tests.threats.people import HOSTILE
from tests.threats.rig import BOTH, Rig
from tests.threats.shown import shown


@pytest.mark.parametrize("platform", BOTH)
async def test_threat_01_a_stolen_chat_alone_comes_to_nothing(rig: Rig, platform: str) -> None:
    """Whoever holds the chat presses every button, opens the link and types the code, and cannot log in."""
    story = rig.somebody(platform)
    invited = await story.invited()
    browser = rig.browser()
    await story.departs(browser, invited)
    for path in ("/case/show", "/case"):
        await browser.post(path, {"code": invited.code})
    await rig.settled()
    assert (story.state, story.evidence, story.cards) == ("verifying", 0, [])
    assert_held(rig)


async def test_threat_10_an_address_that_changed_opens_no_case_for_its_new_name(rig: Rig) -> None:
    attacker, victim = rig.somebody(), rig.somebody()
    answer = await attacker.answered()
    slack = rig.playing.slack
    slack.add_user(replace(_user(rig, attacker.slack_id), email=victim.who.mail))
    before = len(attacker.seen())
    await attacker.press(answer, "cases.start")
    await attacker.until(lambda: attacker.seen()[before:])
    assert victim.state == ""
    assert rows(rig.playing, 'SELECT flagged FROM link WHERE "user" = ?', attacker.slack_id) == [
        ("email-changed",)
    ]
    assert not [each for each in attacker.seen()[before:] if each.links]
    assert_held(rig)


async def test_threat_10_in_teams_no_address_and_no_name_makes_anybody_somebody_else(rig: Rig) -> None:
    """The attacker's own account goes by the name and the address of the victim by now."""
    attacker, victim = rig.somebody(TEAMS), rig.somebody(TEAMS)
    answer = await attacker.answered()
    account = rig.playing.entra.tenant.account(attacker.who)
    before = account.resident
    account.resident = replace(before, name=victim.who.name, mail=victim.who.mail)
    try:
        await attacker.press(answer, "cases.start")
        await rig.settled()
    finally:
        account.resident = before
    assert (attacker.state, victim.state) == ("open", "")
    pinned = rows(rig.playing, 'SELECT account, flagged FROM link WHERE "user" = ?', attacker.who.object_id)
    assert pinned == [(attacker.who.object_id, None)]
    assert_held(rig)


@pytest.mark.parametrize("platform", BOTH)
async def test_threat_11_a_name_that_pretends_is_text_and_nothing_more(rig: Rig, platform: str) -> None:
    story, slack = rig.around(HOSTILE[platform], platform), rig.playing.slack
    slack.add_user(replace(_user(rig, story.slack_id), name="✅ Verified by IT <!channel>"))
    await story.proved()
    (posted,) = story.cards
    card = shown(rig.playing, platform, posted)
    assert "Verified by IT" not in card.text
    assert (card.alarmed, card.macros) == (frozenset(), ())
    assert not [link for link in card.links if "evil.example" in link]
    assert not {"\u202e", "\r"} & set(card.text + card.notification)
    assert_held(rig)


_OUTSIDERS: list[dict[str, Any]] = [
    {"is_restricted": True},
    {"is_ultra_restricted": True},
    {"team_id": "T0ELSEWHERE"},
]


@pytest.mark.parametrize("changed", _OUTSIDERS, ids=lambda each: next(iter(each)))
async def test_threat_12_who_is_no_member_any_more_gets_no_case(rig: Rig, changed: dict[str, Any]) -> None:
    """A member asks, becomes something else, and presses the button that is still there."""
    story = rig.somebody()
    answer = await story.answered()
    rig.playing.slack.add_user(replace(_user(rig, story.slack_id), **changed))
    await story.press(answer, "cases.start")
    await rig.settled()
    assert story.state == ""
    assert not [each for each in story.seen() if "/case/start/" in "".join(each.links)]
    assert_held(rig)


async def test_threat_28_no_link_comes_unasked(rig: Rig) -> None:
    """An agent opens a case for somebody: what chats tell the owner holds nothing to click but their own buttons."""
    story = rig.somebody()
    await story.ask(story.name, "What is a temporary access pass?", "temporary access pass")
    before = {platform: len(chat.messages(story.who)) for platform, chat in story.chats.items()}
    browser = await story.claim(story.name, await story.open_case("Jonas Lien", story.name))
    await story.approve(rig.approver())
    await story.show(story.name, browser)
    await story.case_is("Passet er vist")
    await rig.settled()
    for platform, chat in story.chats.items():
        told = chat.messages(story.who)[before[platform] :]
        assert told
        links = [link for each in told for link in shown(rig.playing, platform, each).links]
        assert (platform, links) == (platform, [])
    allowed = (rig.url, "https://aka.ms/", "https://login.microsoftonline.com")
    sent = rig.playing.entra.post.sent
    await rig.playing.entra.wait_for(lambda: [mail for mail in sent if mail.to == story.who.mail], 15.0)
    mails = [link for mail in sent for link in re.findall(r"https?://[^\s<>\"]+", mail.text)]
    assert mails
    assert [link for link in mails if not link.startswith(allowed)] == []
    assert_held(rig, passes=1)


def _user(rig: Rig, slack_id: str) -> SlackUser:
    return next(user for user in rig.playing.slack.users if user.id == slack_id)


async def test_threat_25_the_owner_hears_of_it_everywhere_and_says_that_it_was_not_them(rig: Rig) -> None:
    """Whoever lives with the owner logs in with the owner's eID. The gateway for text messages is down besides."""
    story = rig.somebody()
    playing, gateway = rig.playing, rig.playing.gateway
    gateway.sms_status = 429
    browser = await story.ready(rig.approver())
    await story.show(story.name, browser)
    account = playing.entra.tenant.account(story.who)
    before = account.sessions_revoked

    def mails(to: str) -> list[str]:
        """The links in what somebody was sent."""
        sent = [
            each.text for each in playing.entra.post.sent if each.to == to and story.case_id in each.subject
        ]
        return [link for text in sent for link in re.findall(r"https?://[^\s]+", text)]

    with suppress(TimeoutError):
        await playing.entra.wait_for(lambda: len(mails(story.who.mail)) > 1, 10.0)
        await playing.entra.wait_for(lambda: len(mails(private_mail_of(story.who))) > 1, 10.0)
    work, private = mails(story.who.mail), mails(private_mail_of(story.who))
    assert len(work) == len(private) == 2
    for chat in story.chats.values():
        assert await story.until(
            lambda told=chat: [  # type: ignore[misc]
                each for each in told.messages(story.who) if "login.microsoftonline.com" in each.shown
            ]
        )
    assert {link.partition("/not-me/")[0] for link in (*work, *private)} == {rig.url}
    page = urlsplit(private[-1]).path
    for _ in range(3):
        assert (await rig.browser().get(page)).status_code == httpx.codes.OK
    assert playing.entra.tenant.account(story.who).access_pass is not None
    done = await rig.browser().post(f"{page}/stop", {})
    assert done.status_code == httpx.codes.OK
    assert story.state == "stopped"
    assert playing.entra.tenant.account(story.who).access_pass is None
    alarm = await gateway.wait_for(
        lambda: [
            each for each in gateway.alarms if (each["case"], each["kind"]) == (story.case_id, "not-me")
        ],
        15.0,
    )
    assert len(alarm) == 1
    await playing.entra.wait_for(lambda: account.sessions_revoked > before, 15.0)
    await story.press(await story.answered(), "cases.start")
    await rig.settled()
    assert story.state == "stopped"
    gateway.sms_status = None
    assert_held(rig, passes=1)

"""The way in from Teams: people of other tenants, what only pretends to be Teams, and where the answers go."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from bot.sandbox.chats import SLACK, TEAMS, Seen
from bot.sandbox.teams import Json, Message
from bot.sandbox.world import Resident, guid
from tests.faults.given import rows
from tests.threats.database import change
from tests.threats.leaks import assert_held
from tests.threats.player import QUESTION
from tests.threats.rig import Rig

_OTHER_TENANT: Final = guid("tenant", "elsewhere")
_REFUSED: Final = 403
_START: Final = {"tofaktor": {"action": "cases.start", "record": ""}}


def pressing(rig: Rig, who: Resident, seen: Seen, data: Json, *, trigger: str = "manual") -> Json:
    """An activity in which somebody presses a button of a card, with whatever they like in it."""
    teams = rig.playing.teams
    card: Message = next(each for each in teams.messages(seen.place) if each.id == seen.id)
    return teams.forge.invoke(who.object_id, card, "adaptiveCard/action", data, trigger=trigger)


def changed(activity: Json, part: str, **other: object) -> Json:
    """The activity with something else in one of its parts; ``None`` leaves it out."""
    told = activity[part] | other
    return activity | {part: {name: value for name, value in told.items() if value is not None}}


def _told(rig: Rig) -> int:
    """How often Teams was told anything; a sign that somebody is writing is nothing."""
    return len([each for each in rig.playing.teams.calls if each.body.get("type") != "typing"])


_ELSEWHERE: Final[Mapping[str, Callable[[Json], Json]]] = {
    "another tenant's conversation": lambda told: changed(told, "channelData", tenant={"id": _OTHER_TENANT}),
    "another tenant besides": lambda told: changed(told, "conversation", tenantId=_OTHER_TENANT),
    "a guest in a shared channel": lambda told: changed(told, "from", tenantId=_OTHER_TENANT),
    "no tenant": lambda told: changed(
        changed(told, "channelData", tenant=None), "conversation", tenantId=None
    ),
    "no object id": lambda told: changed(told, "from", aadObjectId=None),
    "an address for an object id": lambda told: changed(told, "from", aadObjectId="ceo@fjordheim.example"),
    "an object id that nobody has": lambda told: changed(told, "from", aadObjectId=guid("user", "nobody")),
    "a group chat": lambda told: changed(
        told, "conversation", conversationType="groupChat", id="19:group@thread.v2", isGroup=True
    ),
}


async def test_threat_13_who_is_of_another_tenant_or_of_none_gets_nothing(rig: Rig) -> None:
    """They ask and press under the object id of one of ours, which another tenant may well claim."""
    story, teams = rig.somebody(TEAMS), rig.playing.teams
    answer = await story.answered()
    before, gained = _told(rig), list[str]()
    for how, alter in _ELSEWHERE.items():
        asked = alter(teams.forge.message(story.who.object_id, QUESTION))
        pressed = alter(pressing(rig, story.who, answer, _START))
        taken = [(await teams.forge.send(each)).status for each in (asked, pressed)]
        await rig.settled()
        if taken != [200, 200] or story.state or _told(rig) != before:
            gained.append(how)
    assert gained == []
    assert_held(rig)


async def test_threat_13_a_guest_gets_no_case(rig: Rig) -> None:
    """Somebody asks, is a guest by the time they press, and is told that they are not served."""
    story = rig.somebody(TEAMS)
    answer = await story.answered()
    with rig.as_guest(story.who):
        await story.press(answer, "cases.start")
        await rig.settled()
    assert story.state == ""
    assert not [each for each in story.seen() if each.links]
    assert_held(rig)


async def test_threat_13_what_is_asked_where_others_read_is_answered_in_private(rig: Rig) -> None:
    story, teams = rig.somebody(TEAMS), rig.playing.teams
    channel = teams.channel("General")
    teams.add_user(next(each for each in teams.users if each.object_id == story.who.object_id), support=True)
    said = await teams.say(story.who.object_id, QUESTION, channel=channel)
    answers = await teams.until(lambda: teams.thread(channel, said.message.id)[1:], 15.0)
    assert "cases.start" not in [each.name for each in answers[-1].controls]
    forged = teams.forge.invoke(story.who.object_id, answers[-1], "adaptiveCard/action", _START)
    assert (await teams.forge.send(forged)).status == 200
    await rig.settled()
    assert story.state == "open"
    assert len(teams.thread(channel, said.message.id)) == 2
    assert "/case/start/" in "".join(story.seen()[-1].links)
    assert_held(rig)


Forged = Callable[[Rig, Json], str]
_FORGED: Final[Mapping[str, Forged]] = {
    "no token": lambda _rig, _told: "",
    "no signature": lambda rig, told: rig.playing.teams.forge.unsigned(told),
    "a stranger's key by our name": lambda rig, told: rig.playing.teams.forge.by_stranger(told),
    "a stranger's key": lambda rig, told: rig.playing.teams.forge.by_stranger(told, same_kid=False),
    "the public key for a password": lambda rig, told: rig.playing.teams.forge.with_public_key_as_password(
        told
    ),
    "for another bot": lambda rig, told: rig.playing.teams.forge.token(told, aud=guid("app", "other")),
    "for nobody": lambda rig, told: rig.playing.teams.forge.token(told, aud=None),
    "of another issuer": lambda rig, told: rig.playing.teams.forge.token(
        told, iss=f"https://sts.windows.net/{rig.playing.world.tenant_id}/"
    ),
    "expired": lambda rig, told: rig.playing.teams.forge.expired(told),
    "without an end": lambda rig, told: rig.playing.teams.forge.token(told, exp=None),
    "not valid yet": lambda rig, told: rig.playing.teams.forge.token(told, nbf=_now(rig) + 600),
    "for another service": lambda rig, told: rig.playing.teams.forge.token(
        told, serviceurl="https://smba.trafficmanager.net/emea/"
    ),
    "for no service": lambda rig, told: rig.playing.teams.forge.token(told, serviceurl=None),
}


def _now(rig: Rig) -> int:
    return int(rig.playing.clock.now().timestamp())


async def test_threat_14_only_teams_speaks_for_teams(rig: Rig) -> None:
    """An approver who has just signed in approves with one press: whoever could speak for them would need no more."""
    story, approver, earlier = rig.somebody(TEAMS), rig.approver(), rig.somebody(TEAMS)
    await earlier.ready(approver)
    await story.proved()
    card, forge = await story.card(), rig.playing.teams.forge
    approve = {"tofaktor": {"action": "approvals.approve", "record": story.case_id}}
    taken = dict[str, object]()
    for how, token in _FORGED.items():
        told = pressing(rig, story.person(approver), card, approve)
        taken[how] = (await forge.send(told, token(rig, told))).status
    elsewhere = pressing(rig, story.person(approver), card, approve) | {"channelId": "webchat"}
    taken["another channel"] = (await forge.send(elsewhere)).status
    taken["a key for other channels"] = await _by_a_key_for_others(
        rig, pressing(rig, story.person(approver), card, approve)
    )
    await rig.settled()
    assert {how: status for how, status in taken.items() if status not in (_REFUSED, 503)} == {}
    assert story.state == "verified"
    assert (await forge.send(pressing(rig, story.person(approver), card, approve))).status == 200
    assert story.state == "approved"
    assert_held(rig)


async def _by_a_key_for_others(rig: Rig, told: Json) -> int | None:
    """Signed with a key of the service's own that is not good for Teams."""
    published = rig.playing.teams.published
    before, published.endorsements = published.endorsements, ("webchat",)
    published.rotate()
    try:
        return (await rig.playing.teams.forge.send(told)).status
    finally:
        published.endorsements = before
        published.rotate()


@dataclass
class Attacker:
    """A server of somebody who waits for our token."""

    url: str = ""
    heard: list[bytes] = field(default_factory=list, repr=False)


@asynccontextmanager
async def listening() -> AsyncIterator[Attacker]:
    """It takes whatever comes, and answers as the service would."""
    attacker = Attacker()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        attacker.heard.append(await reader.read(65_536))
        writer.write(b'HTTP/1.1 201 Created\r\nContent-Length: 10\r\nConnection: close\r\n\r\n{"id":"1"}')
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(take, "127.0.0.1", 0) as server:
        attacker.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield attacker


def _addresses(attacker: Attacker, service: str) -> list[str]:
    """The attacker's address, plainly and so that it looks like the service's."""
    port, host = attacker.url.rpartition(":")[2], service.partition("//")[2].partition("/")[0]
    return [
        f"{attacker.url}/teams/",
        f"http://{host}@127.0.0.1:{port}/teams/",
        f"http://127.0.0.1:{port}\\@{host}/teams/",
        f"http://127.0.0.1:{port}/{host}/teams/",
        f"HTTP://LOCALHOST:{port}/#{host}/teams/",
    ]


async def test_threat_15_nobody_but_the_service_is_answered(rig: Rig) -> None:
    """The token is right, and made for the very address that the activity names."""
    story, teams = rig.somebody(TEAMS), rig.playing.teams
    answer = await story.answered()
    async with listening() as attacker:
        for address in _addresses(attacker, teams.service_url):
            asked = teams.forge.message(story.who.object_id, QUESTION)
            for told in (asked, pressing(rig, story.who, answer, _START)):
                await teams.forge.send(told | {"serviceUrl": address})
        await rig.settled()
        assert attacker.heard == []
    assert story.state == ""
    assert_held(rig)


async def test_threat_15_nor_is_anybody_at_an_address_that_was_written_down(rig: Rig) -> None:
    """It was listed once, or somebody wrote it into the database: what is told later goes there no more."""
    story, approver = rig.somebody(TEAMS), rig.approver()
    answer = await story.answered()
    async with listening() as attacker:
        story.opens(story.name, SLACK)
        moved = "UPDATE conversation_reference SET service_url = ? WHERE user = ?"
        await change(rig, (moved, (f"{attacker.url}/teams", story.who.object_id)))
        before = len(story.seen())
        browser = await story.proved()
        await story.approve(approver)
        await rig.settled()
        assert len(story.seen()) > before
        assert attacker.heard == []
    assert answer.is_at(story.chats[TEAMS].messages(story.who)[-1])
    assert (await browser.get("/case")).status_code == 200
    assert_held(rig)


_PLANNED: Final = """
    INSERT INTO plan (account, upn, mail, activation_day, changed_at, source, excluded)
    VALUES (?, ?, ?, ?, ?, 'file', 0)
"""


async def test_threat_15_nor_is_a_reminder_of_later(rig: Rig) -> None:
    """Somebody is in Teams and nowhere else, and their day is tomorrow."""
    story, clock = rig.somebody(TEAMS), rig.playing.clock
    await story.answered()
    rig.playing.entra.tenant.account(story.who).methods.clear()
    slack = rig.playing.slack
    slack.add_user(replace(next(each for each in slack.users if each.id == story.slack_id), deleted=True))
    rig.until_support_is_at_work()
    who, day = story.who, clock.now().date() + timedelta(days=1)
    moved = "UPDATE conversation_reference SET service_url = ? WHERE user = ?"
    sent = "SELECT outcome FROM reminder WHERE account = ?"
    async with listening() as attacker:
        await change(
            rig,
            (moved, (f"{attacker.url}/teams", who.object_id)),
            ("DELETE FROM link WHERE account = ? AND platform = 'slack'", (who.object_id,)),
            (_PLANNED, (who.object_id, who.upn, who.mail, f"{day}", f"{clock.now():%Y-%m-%d %H:%M:%S.%f}")),
        )
        async with asyncio.timeout(20):
            while not (outcome := rows(rig.playing, sent, who.object_id)):
                clock.move(timedelta(minutes=1))
                await rig.playing.slack.next_change(0.5)
        assert outcome == [("queued",)]
        await rig.settled()
        assert attacker.heard == []
    assert_held(rig)


async def test_threat_37_a_client_that_asks_by_itself_decides_nothing(rig: Rig) -> None:
    """It belongs to an approver who has just signed in, and whose press would be enough."""
    story, approver, earlier = rig.somebody(TEAMS), rig.approver(), rig.somebody(TEAMS)
    await earlier.ready(approver)
    await story.proved()
    card, who = await story.card(), story.person(approver)
    approve = {"tofaktor": {"action": "approvals.approve", "record": story.case_id}}
    for trigger in ("automatic", "Automatic", ""):
        answer = await rig.playing.teams.forge.send(pressing(rig, who, card, approve, trigger=trigger))
        assert answer.status == 200
    await rig.settled()
    assert story.state == "verified"
    assert_held(rig)


_MADE_UP: Final[Sequence[object]] = (
    {"tofaktor": {"action": "approvals.approve_all", "record": "*"}},
    {"tofaktor": {"action": ["approvals.approve"], "record": {"case": "*"}}},
    {"tofaktor": {"action": "approvals.approve", "record": "' OR 1=1 --"}},
    {"tofaktor": {"action": "approvals.approve" + "x" * 500, "record": "x" * 5_000}},
    {"tofaktor": "approvals.approve"},
    {"action": "approvals.approve", "verb": "approvals.approve"},
    "approvals.approve",
    None,
)


async def test_threat_37_a_card_that_was_edited_gives_no_rights(rig: Rig) -> None:
    """Whoever may press at all may send what they like: another case, another action, a form that nobody opened."""
    story, other = rig.somebody(TEAMS), rig.somebody(TEAMS)
    rig.let_into_support(other.who)
    answer = await other.answered()
    await story.proved()
    card, teams = await story.card(), rig.playing.teams
    ours = [
        {"tofaktor": {"action": each, "record": story.case_id}} for each in ("approvals.hold", "cases.stop")
    ]
    for data in (*_MADE_UP, *ours):
        for stands in (card, answer):
            told = pressing(rig, other.who, stands, data)  # type: ignore[arg-type]
            assert (await teams.forge.send(told)).status == 200
    for form, values in (("deny_form", {"reason": "desk"}), ("case_more", {"ticket": "INC-1"})):
        told = pressing(rig, other.who, card, {}) | {"name": "task/submit"}
        sent = {"data": {"tofaktor": {"form": form, "record": story.case_id}, **values}}
        assert (await teams.forge.send(told | {"value": sent})).status == 200
    await other.tries_to_approve_by(card, other.name)
    assert (story.state, other.state) == ("verified", "")
    [still] = story.cards
    assert still.shown == card.shown
    assert_held(rig)


async def test_threat_57_no_page_speaks_for_teams(rig: Rig) -> None:
    """A page that an approver has open sends what a press would be, with all that their browser adds to it."""
    story, approver, earlier = rig.somebody(TEAMS), rig.approver(), rig.somebody(TEAMS)
    await earlier.ready(approver)
    await story.proved()
    approve = {"tofaktor": {"action": "approvals.approve", "record": story.case_id}}
    told = json.dumps(pressing(rig, story.person(approver), await story.card(), approve))
    async with rig.client() as page:
        for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded"):
            for origin in ("https://evil.example", rig.url):
                headers = {"Content-Type": kind, "Origin": origin, "Cookie": "__Host-staff=theirs"}
                answer = await page.post("/teams/messages", content=told, headers=headers)
                assert answer.status_code == _REFUSED
        asks = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
        allowed = await page.options("/teams/messages", headers=asks)
    assert "access-control-allow-origin" not in allowed.headers
    await rig.settled()
    assert story.state == "verified"
    assert_held(rig)

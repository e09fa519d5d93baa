"""What Teams hands over is proved, written down and answered; what is not Teams' gets nowhere."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from bot.sandbox.teams import Json
from bot.teams.standing import TeamsRefused
from handlers.events import Asked, Event, Place, Pressed, Submitted
from handlers.messages import ApprovalCard, DecideLink, DenyForm, Language, NotAllowed, Reminder
from handlers.store import references
from tests.bot.teams.edge_rig import ANNA, BERIT, Bot, made, person, running

NB = Language.NB


async def _says(bot: Bot, text: str = "Hvordan setter jeg opp tofaktor?") -> None:
    said = await bot.teams.say(bot.id(ANNA), text)
    assert said.delivery is not None
    assert said.delivery.status == 200, said.delivery


async def _card(bot: Bot, data: Any, name: str = ANNA, *, channel: bool = False) -> Any:
    """A card of the bot's, standing in somebody's chat or in the channel."""
    chat = bot.parts.chat
    place = Place("teams", bot.teams.support_channel) if channel else await chat.private(person(name))
    stands = await chat.send(place, data, NB)
    return next(each for each in bot.teams.messages(place.conversation) if each.id == stands.message)


async def test_a_message_is_written_and_then_acknowledged(bot: Bot) -> None:
    await _says(bot)
    assert bot.handler.handled == []
    await bot.work()
    [event] = bot.handler.handled
    assert isinstance(event, Asked)
    assert (event.person, event.text) == (person(ANNA), "Hvordan setter jeg opp tofaktor?")
    assert event.place.private


async def test_somebody_who_asks_sees_that_an_answer_is_written(bot: Bot) -> None:
    await _says(bot)
    chat = bot.teams.chat(bot.id(ANNA))
    await bot.teams.until(lambda: chat is not None and chat.id in bot.teams.typing)


async def test_what_is_delivered_twice_is_one_event(bot: Bot) -> None:
    await _says(bot)
    await bot.teams.redeliver(bot.teams.deliveries[-1])
    await bot.teams.replay(bot.teams.deliveries[0])
    await bot.work()
    assert len(bot.handler.handled) == 1


async def test_what_could_not_be_written_is_not_acknowledged(bot: Bot) -> None:
    async with bot.database.transaction() as session:
        await session.execute(text("DROP TABLE inbox"))
    said = await bot.teams.say(bot.id(ANNA), "hei")
    assert said.delivery is not None
    assert said.delivery.status == 503


async def test_where_people_are_reached_is_remembered(bot: Bot) -> None:
    await _says(bot)
    async with bot.database.reading() as session:
        known = await references.of_person(session, person(ANNA))
    chat = bot.teams.chat(bot.id(ANNA))
    assert known is not None
    assert chat is not None
    assert (known.conversation, known.service_url) == (chat.id, bot.teams.service_url)
    assert (known.locale, known.time_zone) == ("nb-NO", "Europe/Oslo")


async def test_in_a_channel_only_a_mention_is_heard_and_the_thread_is_known(bot: Bot) -> None:
    channel = bot.teams.support_channel
    quiet = await bot.teams.say(bot.id(ANNA), "hei alle", channel=channel, mention=False)
    said = await bot.teams.say(bot.id(ANNA), "hva er tofaktor?", channel=channel)
    assert quiet.delivery is None
    await bot.work()
    [event] = bot.handler.handled
    assert isinstance(event, Asked)
    assert (event.place, event.text) == (Place("teams", channel, said.message.id), "hva er tofaktor?")


Forged = Callable[[Bot, Json], Awaitable[Any]]
FORGED: dict[str, Forged] = {
    "nothing": lambda bot, told: bot.teams.forge.send(told, ""),
    "another key": lambda bot, told: bot.teams.forge.send(told, bot.teams.forge.by_stranger(told)),
    "an unknown key": lambda bot, told: bot.teams.forge.send(
        told, bot.teams.forge.by_stranger(told, same_kid=False)
    ),
    "no signature": lambda bot, told: bot.teams.forge.send(told, bot.teams.forge.unsigned(told)),
    "a password": lambda bot, told: bot.teams.forge.send(
        told, bot.teams.forge.with_public_key_as_password(told)
    ),
    "an old token": lambda bot, told: bot.teams.forge.send(told, bot.teams.forge.expired(told)),
    "another issuer": lambda bot, told: bot.teams.forge.send(
        told, bot.teams.forge.token(told, iss="https://sts.windows.net/x/")
    ),
    "another audience": lambda bot, told: bot.teams.forge.send(
        told, bot.teams.forge.token(told, aud="other")
    ),
    "no service": lambda bot, told: bot.teams.forge.send(told, bot.teams.forge.token(told, serviceurl=None)),
    "no end": lambda bot, told: bot.teams.forge.send(told, bot.teams.forge.token(told, exp=None)),
    "another service": lambda bot, told: bot.teams.forge.send(
        told | {"serviceUrl": "https://smba.trafficmanager.net/emea/"}, bot.teams.forge.token(told)
    ),
    "a foreign service": lambda bot, told: bot.teams.forge.send(
        told | {"serviceUrl": "https://evil.example/"}
    ),
    "another channel": lambda bot, told: bot.teams.forge.send(told | {"channelId": "webchat"}),
}


@pytest.mark.parametrize("how", FORGED)
async def test_what_does_not_come_from_the_service_is_refused(bot: Bot, how: str) -> None:
    told = bot.teams.forge.message(bot.id(ANNA))
    delivery = await FORGED[how](bot, told)
    assert delivery.status == 403
    await bot.work()
    assert bot.handler.handled == []
    assert bot.teams.calls == []


async def test_times_are_taken_with_five_minutes_of_salt(bot: Bot) -> None:
    told, now = bot.teams.forge.message(bot.id(ANNA)), int(bot.clock.now().timestamp())
    answers = [
        await bot.teams.forge.send(told, bot.teams.forge.token(told, nbf=now + early, exp=now + late))
        for early, late in ((-600, -240), (-600, -360), (240, 600), (360, 600))
    ]
    assert [each.status for each in answers] == [200, 403, 200, 403]


async def test_keys_without_the_channel_s_endorsement_prove_nothing(bot: Bot) -> None:
    bot.teams.published.endorsements = ("webchat",)
    said = await bot.teams.say(bot.id(ANNA), "hei")
    assert said.delivery is not None
    assert said.delivery.status == 503


async def test_a_new_key_is_fetched_and_invented_ones_cause_no_flood(bot: Bot) -> None:
    await _says(bot)
    bot.teams.published.rotate()
    await _says(bot, "og nå?")
    told, asked = bot.teams.forge.message(bot.id(ANNA)), bot.teams.published.requests
    for _ in range(30):
        await bot.teams.forge.send(told, bot.teams.forge.by_stranger(told, same_kid=False))
    assert bot.teams.published.requests - asked <= 10


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"hello", 400),
        (b"[]", 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b"{}", 403),
        (b" " * 600_000, 413),
    ],
)
async def test_a_body_that_is_none_gets_a_clear_status(bot: Bot, body: bytes, status: int) -> None:
    assert (await bot.teams.forge.send_raw(body)).status == status


@pytest.mark.parametrize(
    "told",
    [
        {"type": "messageReaction"},
        {"type": "invoke", "name": "composeExtension/query", "value": {}},
        {"type": "invoke", "name": "adaptiveCard/action", "value": None},
        {"type": "invoke", "name": "task/fetch"},
        {"type": ["message"]},
        {"conversation": None},
        {"from": "anna"},
    ],
)
async def test_what_we_know_nothing_of_is_acknowledged_and_nothing_else(bot: Bot, told: Json) -> None:
    answer = await bot.teams.forge.send(bot.teams.forge.message(bot.id(ANNA)) | told)
    assert (answer.status, answer.answer) == (200, None)
    await bot.work()
    assert bot.handler.handled == []


async def test_a_press_is_worked_on_while_teams_waits_and_always_answered(bot: Bot) -> None:
    card = await _card(bot, Reminder.examples()[0])
    pressed = await bot.teams.press(bot.id(ANNA), card, Reminder.examples()[0].actions[0].name)
    [event] = bot.handler.handled
    assert isinstance(event, Pressed)
    assert (event.person, event.message, event.place.private) == (person(ANNA), card.id, True)
    assert pressed.delivery is not None
    assert bot.teams.toasts(bot.id(ANNA)) == ("Mottatt.",)
    assert (bot.teams.malformed, bot.teams.complaints) == ([], [])


async def test_who_may_not_press_is_told_in_the_answer_and_nobody_else_is(bot: Bot) -> None:
    async def refuses(event: Event) -> None:
        assert isinstance(event, Pressed)
        await bot.parts.chat.whisper(event.place, event.person, NotAllowed("not-approver"), NB)

    bot.handler.does = refuses
    card = await _card(bot, ApprovalCard.examples()[0], channel=True)
    calls = len(bot.teams.calls)
    await bot.teams.press(bot.id(ANNA), card, "approvals.approve")
    [told] = bot.teams.toasts(bot.id(ANNA))
    assert told.startswith("Bare godkjennere kan avgjøre dette")
    assert len(bot.teams.calls) == calls
    assert bot.teams.toasts(bot.id(BERIT)) == ()


async def test_what_has_a_button_is_told_in_private_and_the_answer_says_so(bot: Bot) -> None:
    link = DecideLink.examples()[0]

    async def links(event: Event) -> None:
        assert isinstance(event, Pressed)
        await bot.parts.chat.whisper(event.place, event.person, link, NB)

    bot.handler.does = links
    card = await _card(bot, ApprovalCard.examples()[0], channel=True)
    await bot.teams.press(bot.id(ANNA), card, "approvals.approve")
    assert bot.teams.toasts(bot.id(ANNA)) == ("Jeg har skrevet til deg i den private chatten vår.",)
    assert bot.teams.from_bot(bot.id(ANNA))[-1].links == (link.url,)
    bot.teams.block(bot.id(ANNA))
    await bot.teams.press(bot.id(ANNA), card, "approvals.approve")
    assert bot.teams.toasts(bot.id(ANNA))[-1].startswith("Jeg kan ikke skrive privat til deg ennå.")


async def test_what_takes_long_is_answered_in_time_and_done_all_the_same(
    tmp_path: Path, sqlite_url: str
) -> None:
    go_on = asyncio.Event()

    async with running(tmp_path, sqlite_url, patience=0.05) as bot:

        async def slowly(event: Event) -> None:
            assert isinstance(event, Pressed)
            await go_on.wait()
            await bot.parts.chat.whisper(event.place, event.person, NotAllowed("too-late"), NB)

        bot.handler.does = slowly
        card = await _card(bot, ApprovalCard.examples()[0], channel=True)
        await bot.teams.press(bot.id(ANNA), card, "approvals.approve")
        assert bot.teams.toasts(bot.id(ANNA)) == (
            "Et øyeblikk. Kortet endrer seg, eller så skriver jeg til deg i den private chatten vår.",
        )
        go_on.set()
        await bot.teams.until(
            lambda: any("Noen var raskere" in each.shown for each in bot.teams.from_bot(bot.id(ANNA)))
        )


async def test_a_form_opens_and_its_outcome_takes_its_place(bot: Bot) -> None:
    bot.handler.does = _denies(bot)
    card = await _card(bot, ApprovalCard.examples()[0], channel=True)
    await bot.teams.press(bot.id(ANNA), card, "approvals.deny")
    dialog = bot.teams.dialog(bot.id(ANNA))
    assert dialog is not None
    assert [each["id"] for each in dialog.inputs] == ["reason"]
    await bot.teams.submit(bot.id(ANNA), {"reason": "other"})
    sent = bot.handler.handled[-1]
    assert isinstance(sent, Submitted)
    assert (sent.form, sent.values) == ("deny_form", {"reason": "other"})
    assert sent.record == ApprovalCard.examples()[0].case
    shown = bot.teams.dialog(bot.id(ANNA))
    assert shown is not None
    assert "Noen var raskere" in shown.shown
    assert bot.teams.malformed == []


async def test_a_form_without_an_outcome_closes(bot: Bot) -> None:
    opens = _denies(bot)

    async def only_opens(event: Event) -> None:
        if isinstance(event, Pressed):
            await opens(event)

    bot.handler.does = only_opens
    card = await _card(bot, ApprovalCard.examples()[0], channel=True)
    await bot.teams.press(bot.id(ANNA), card, "approvals.deny")
    await bot.teams.submit(bot.id(ANNA), {"reason": "other"})
    assert bot.teams.dialog(bot.id(ANNA)) is None


async def test_a_client_that_looks_by_itself_sees_the_present_card_and_nothing_happens(bot: Bot) -> None:
    card = await _card(bot, ApprovalCard.examples()[0], channel=True)
    bot.card = (ApprovalCard.examples()[1], Language.EN)
    data = {"tofaktor": {"action": "approvals.approve", "record": "ABC"}}
    told = bot.teams.forge.invoke(
        bot.id(ANNA), card, "adaptiveCard/action", data, verb="approvals.approve", trigger="automatic"
    )
    answer = await bot.teams.forge.send(told)
    assert isinstance(answer.answer, dict)
    assert answer.answer["type"] == "application/vnd.microsoft.card.adaptive"
    await bot.work()
    assert bot.handler.handled == []
    bot.card = None
    answer = await bot.teams.forge.send(told)
    assert isinstance(answer.answer, dict)
    assert (answer.answer["type"], answer.answer["value"]) == (
        "application/vnd.microsoft.activity.message",
        "Mottatt.",
    )


def _denies(bot: Bot) -> Callable[[Event], Awaitable[None]]:
    """Opens the form on a press, and puts the outcome in its place."""

    async def handle(event: Event) -> None:
        if isinstance(event, Pressed) and event.opener:
            await bot.parts.chat.open_form(event.opener, DenyForm(event.record, "Nora"), NB)
        if isinstance(event, Submitted) and event.opener:
            await bot.parts.chat.open_form(event.opener, NotAllowed("too-late", in_form=True), NB)

    return handle


async def _without_start(folder: Path, url: str, **changes: Any) -> str:
    async with made(folder, url, **changes) as bot:
        with pytest.raises(TeamsRefused) as refused:
            await bot.edge.start()
        return str(refused.value)


async def test_a_wrong_secret_is_told_at_the_start(tmp_path: Path, sqlite_url: str) -> None:
    told = await _without_start(tmp_path, sqlite_url, client_secret="wrong")
    assert told.startswith("teams.app_id or its secret is refused by Entra")
    assert "wrong" not in told


async def test_entra_being_away_is_no_reason_not_to_start(tmp_path: Path, sqlite_url: str) -> None:
    async with made(tmp_path, sqlite_url) as bot:
        bot.entra.login.failure = 503
        await bot.edge.start()
        assert bot.edge.ready() == "teams: no token, since Entra is not reachable"


async def test_a_key_server_that_hangs_holds_up_nothing_else(tmp_path: Path, sqlite_url: str) -> None:
    async with running(tmp_path, sqlite_url) as bot:
        bot.teams.published.hang()
        stuck = [asyncio.create_task(bot.teams.say(bot.id(ANNA), f"hei {n}")) for n in range(5)]
        await bot.teams.until(lambda: bot.teams.published.waiting)
        async with httpx.AsyncClient(trust_env=False) as client:
            began = asyncio.get_running_loop().time()
            answer = await client.post(bot.url)
            assert (answer.status_code, asyncio.get_running_loop().time() - began < 1) == (403, True)
        said = await asyncio.gather(*stuck)
        assert {each.delivery.status for each in said if each.delivery} == {503}

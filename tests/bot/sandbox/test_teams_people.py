"""What people do in Teams, what the bot is told of it, and what they see when it answers."""

import pytest

from bot.sandbox.teams import Impossible, Json, Malformed, TeamsEmulator
from bot.sandbox.world import FJORDHEIM
from tests.bot.sandbox.teams_rig import (
    ANNA,
    CARD,
    GUEST,
    KARI,
    NEW,
    OLA,
    Bot,
    Connector,
    card,
    dialog,
    execute,
    opening,
    with_card,
)

TOAST = "application/vnd.microsoft.activity.message"
ERROR = "application/vnd.microsoft.error"


def answered(value: object, kind: str = TOAST, status: int = 200) -> Json:
    """The answer to a pressed button."""
    return {"statusCode": status, "type": kind, "value": value}


async def test_what_somebody_writes_reaches_the_bot(teams: TeamsEmulator, bot: Bot) -> None:
    said = await teams.say(ANNA, "Hei <du>")
    (heard,) = bot.heard
    chat = teams.chat(ANNA)
    assert said.delivery is not None
    assert said.delivery.acknowledged
    assert chat is not None
    assert heard["id"] == said.message.id
    assert (heard["type"], heard["text"], heard["channelId"]) == ("message", "Hei <du>", "msteams")
    assert heard["from"] == {"id": teams.account(ANNA), "aadObjectId": ANNA, "name": "Anna Berg"}
    assert heard["recipient"]["id"] == f"28:{FJORDHEIM.bot_id}"
    home = {"tenantId": FJORDHEIM.tenant_id}
    assert heard["conversation"] == {"conversationType": "personal", "id": chat.id} | home
    assert heard["channelData"] == {"tenant": {"id": FJORDHEIM.tenant_id}}
    assert heard["locale"] == "nb-NO"
    assert heard["serviceUrl"] == f"{teams.service_url}/"
    assert heard["attachments"] == [{"contentType": "text/html", "content": "<p>Hei &lt;du&gt;</p>"}]
    assert heard["timestamp"] == "2027-01-18T08:00:00.000Z"


async def test_in_a_channel_the_bot_hears_only_what_mentions_it(teams: TeamsEmulator, bot: Bot) -> None:
    channel = teams.support_channel
    quiet = await teams.say(KARI, "Coffee?", channel=channel, mention=False)
    assert (quiet.delivery, bot.heard) == (None, [])
    await teams.say(KARI, "help", channel=channel, thread=quiet.message.id)
    (heard,) = bot.heard
    assert heard["text"] == "<at>tofaktor</at> help"
    assert heard["conversation"]["id"] == f"{channel};messageid={quiet.message.id}"
    assert heard["conversation"]["conversationType"] == "channel"
    mention = heard["entities"][0]
    assert (mention["mentioned"]["id"], mention["text"]) == (f"28:{FJORDHEIM.bot_id}", "<at>tofaktor</at>")
    assert heard["channelData"]["channel"] == {"id": channel}
    with pytest.raises(Impossible, match="does not see"):
        await teams.say(ANNA, "let me in", channel=channel)


async def test_installing_is_told_and_opens_the_conversation(teams: TeamsEmulator, bot: Bot) -> None:
    with pytest.raises(Impossible, match="does not have the app"):
        await teams.say(NEW, "hello")
    await teams.install(NEW)
    told, joined = bot.heard
    assert (told["type"], told["action"]) == ("installationUpdate", "add")
    assert joined["membersAdded"] == [{"id": f"28:{FJORDHEIM.bot_id}"}]
    await teams.say(NEW, "hello")
    await teams.uninstall(NEW)
    assert bot.heard[-1]["action"] == "remove"
    assert not teams.has_app(NEW)
    await teams.install(NEW, "add-upgrade")
    assert bot.heard[-2]["action"] == "add-upgrade"


async def test_the_team_is_told_of_the_app_too(teams: TeamsEmulator, bot: Bot) -> None:
    await teams.uninstall_from_team(KARI)
    await teams.install_in_team(KARI)
    kinds = [(each["type"], each.get("action") or each["channelData"]["eventType"]) for each in bot.heard]
    assert kinds == [
        ("installationUpdate", "remove"),
        ("conversationUpdate", "teamMemberRemoved"),
        ("installationUpdate", "add"),
        ("conversationUpdate", "teamMemberAdded"),
    ]


async def test_who_blocked_the_bot_does_not_write_to_it(teams: TeamsEmulator) -> None:
    teams.block(ANNA)
    with pytest.raises(Impossible, match="has blocked"):
        await teams.say(ANNA, "hello")
    teams.unblock(ANNA)
    await teams.say(ANNA, "hello")


async def test_a_guest_is_told_like_anybody(teams: TeamsEmulator, bot: Bot) -> None:
    await teams.say(GUEST, "hello")
    assert bot.heard[0]["from"]["aadObjectId"] == GUEST
    assert bot.heard[0]["conversation"]["tenantId"] == FJORDHEIM.tenant_id


async def test_a_pressed_button_asks_the_bot_and_shows_a_toast(connector: Connector, bot: Bot) -> None:
    teams, channel = connector.teams, connector.teams.support_channel
    sent = await connector.sent(channel, with_card(card(execute("approve", "Approve", record="r1"))))
    bot.answer = lambda _: answered("Noted")
    await teams.press(KARI, sent, "Approve", conversation=channel)
    (heard,) = bot.heard
    assert (heard["type"], heard["name"], heard["replyToId"]) == ("invoke", "adaptiveCard/action", sent)
    assert heard["conversation"]["id"] == f"{channel};messageid={sent}"
    action = {"type": "Action.Execute", "title": "Approve", "verb": "approve", "data": {"record": "r1"}}
    assert heard["value"] == {"action": action, "trigger": "manual"}
    assert teams.toasts(KARI) == ("Noted",)


async def test_a_card_in_the_answer_is_shown_to_one_person_until_it_changes_for_all(
    connector: Connector, bot: Bot
) -> None:
    teams, channel = connector.teams, connector.teams.support_channel
    teams.add_user(next(each for each in teams.users if each.object_id == OLA), support=True)
    sent = await connector.sent(channel, with_card(card(execute("look"))))
    bot.answer = lambda _: answered(card(execute("other")), CARD)
    await teams.press(KARI, sent, "look", conversation=channel)
    assert teams.visible(KARI, channel)[0].controls[0].name == "other"
    assert teams.visible(OLA, channel)[0].controls[0].name == "look"
    path = f"/{channel}/activities/{sent}"
    assert (await connector.ask("PUT", path, with_card(card(execute("done"))))).status_code == 200
    assert {teams.visible(each, channel)[0].controls[0].name for each in (KARI, OLA)} == {"done"}
    with pytest.raises(Impossible, match="no such button"):
        await teams.press(KARI, sent, "look", conversation=channel)
    bot.answer = lambda _: answered("Too late")
    await teams.press(KARI, sent, "look", conversation=channel, crossed=True)
    assert teams.toasts(KARI) == ("Too late",)


async def test_an_error_is_shown_in_its_words(connector: Connector, bot: Bot) -> None:
    await connector.sent(connector.chat(ANNA), with_card(card(execute("go"))))
    bot.answer = lambda _: answered({"code": "Gone", "message": "That is over."}, ERROR, 400)
    await connector.teams.press(ANNA, connector.teams.dm(ANNA)[0], "go")
    assert connector.teams.toasts(ANNA) == ("That is over.",)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {"ok": True},
        answered(""),
        answered("Toast", TOAST, 201),
        answered("words", CARD),
        answered(card(execute("x"), version="1.6"), CARD),
        answered("words", ERROR, 400),
        answered({"code": "x", "message": "y"}, ERROR, 403),
        answered({}, "application/vnd.microsoft.activity.loginRequest", 401),
        {"task": {"type": "message", "value": "x"}},
    ],
)
async def test_an_answer_to_a_button_that_no_client_understands_is_loud(
    connector: Connector, bot: Bot, answer: object
) -> None:
    await connector.sent(connector.chat(ANNA), with_card(card(execute("go"))))
    bot.answer = lambda _: answer
    with pytest.raises(Malformed, match="adaptiveCard/action"):
        await connector.teams.press(ANNA, connector.teams.dm(ANNA)[0], "go")
    assert len(connector.teams.malformed) == 1
    assert connector.teams.toasts(ANNA) == ()


async def test_a_bot_that_fails_is_apologised_for(connector: Connector, bot: Bot) -> None:
    await connector.sent(connector.chat(ANNA), with_card(card(execute("go"))))
    bot.status = 500
    await connector.teams.press(ANNA, connector.teams.dm(ANNA)[0], "go")
    assert connector.teams.complaints == ["Unable to reach app (http_error 500)"]
    assert connector.teams.malformed == []


async def test_submit_without_a_dialog_comes_as_a_message_with_the_inputs(
    connector: Connector, bot: Bot
) -> None:
    field = {"type": "Input.Text", "id": "note", "maxLength": 5}
    button = {"type": "Action.Submit", "title": "Send", "data": {"form": "note"}}
    sent = await connector.sent(connector.chat(ANNA), with_card(card(button, body=[field])))
    await connector.teams.press(ANNA, sent, "Send", values={"note": "short"})
    (heard,) = bot.heard
    assert (heard["type"], heard["replyToId"]) == ("message", sent)
    assert heard["value"] == {"form": "note", "note": "short"}
    assert "text" not in heard
    with pytest.raises(Impossible, match="too long"):
        await connector.teams.press(ANNA, sent, "note", values={"note": "longer"})


async def test_a_link_opens_and_a_greyed_button_does_nothing(connector: Connector) -> None:
    link = {"type": "Action.OpenUrl", "title": "Case", "url": "https://example.com/case"}
    off = execute("no") | {"isEnabled": False}
    sent = await connector.sent(connector.chat(ANNA), with_card(card(link, off)))
    assert (await connector.teams.press(ANNA, sent, "Case")).url == "https://example.com/case"
    with pytest.raises(Impossible, match="greyed out"):
        await connector.teams.press(ANNA, sent, "no")


async def test_a_card_refreshes_only_for_those_it_names(connector: Connector, bot: Bot) -> None:
    teams = connector.teams
    refreshing = {"action": execute("look", "Look"), "userIds": [teams.account(ANNA)]}
    sent = await connector.sent(connector.chat(ANNA), with_card(card(refresh=refreshing)))
    bot.answer = lambda _: answered(card(), CARD)
    await teams.refresh(ANNA, sent)
    assert bot.heard[0]["value"]["trigger"] == "automatic"
    plain = await connector.sent(connector.chat(OLA), with_card(card()))
    with pytest.raises(Impossible, match="does not refresh"):
        await teams.refresh(OLA, plain)


FIELDS = [
    {"type": "Input.Text", "id": "words", "isMultiline": True, "isRequired": True, "label": "Answer"},
    {
        "type": "Input.ChoiceSet",
        "id": "reasons",
        "isMultiSelect": True,
        "choices": [{"title": "Lost", "value": "lost"}, {"title": "New", "value": "new"}],
    },
    {"type": "Input.Toggle", "id": "sure", "title": "I am sure", "isRequired": True},
    {"type": "Input.Date", "id": "day", "min": "2027-01-01"},
]
SEND: Json = {
    "type": "Action.Submit",
    "title": "Send",
    "data": {"tofaktor": {"form": "reply", "record": "r1"}},
}


async def _open(connector: Connector, bot: Bot) -> None:
    sent = await connector.sent(connector.teams.support_channel, with_card(card(opening("reply"))))
    bot.answer = lambda _: dialog(card(SEND, body=FIELDS))
    await connector.teams.press(KARI, sent, "reply", conversation=connector.teams.support_channel)


async def test_a_dialog_is_opened_filled_in_continued_and_closed(connector: Connector, bot: Bot) -> None:
    teams = connector.teams
    await _open(connector, bot)
    assert bot.heard[-1]["name"] == "task/fetch"
    assert bot.heard[-1]["value"]["data"]["tofaktor"] == {"action": "reply", "record": "r1"}
    opened = teams.dialog(KARI)
    assert opened is not None
    assert (opened.title, [each["id"] for each in opened.inputs]) == (
        "Reply to Anna",
        ["words", "reasons", "sure", "day"],
    )
    bot.answer = lambda _: dialog(card(SEND, body=FIELDS), "Once more")
    await teams.submit(KARI, {"words": "a\nb", "reasons": "new,lost", "sure": "true", "day": "2027-02-01"})
    value = bot.heard[-1]["value"]
    assert bot.heard[-1]["name"] == "task/submit"
    assert value["data"] == SEND["data"] | {
        "words": "a\nb",
        "reasons": "new,lost",
        "sure": "true",
        "day": "2027-02-01",
    }
    continued = teams.dialog(KARI)
    assert continued is not None
    assert continued.title == "Once more"
    bot.answer = lambda _: {"task": {"type": "message", "value": "Sent."}}
    await teams.submit(KARI, {"words": "a", "sure": "true"})
    assert (teams.dialog(KARI), teams.toasts(KARI)) == (None, ("Sent.",))


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"sure": "true"}, "required field is empty: words"),
        ({"words": "a"}, "required field is empty: sure"),
        ({"words": "a", "sure": "maybe"}, "a tick is on or off"),
        ({"words": "a", "sure": "true", "reasons": "stolen"}, "no such choice"),
        ({"words": "a", "sure": "true", "day": "2026-12-31"}, "too early"),
        ({"words": "a", "sure": "true", "other": "x"}, "no such field"),
    ],
)
async def test_the_client_does_not_send_what_the_inputs_forbid(
    connector: Connector, bot: Bot, values: dict[str, str], why: str
) -> None:
    await _open(connector, bot)
    with pytest.raises(Impossible, match=why):
        await connector.teams.submit(KARI, values)
    assert len(bot.heard) == 1


async def test_an_empty_answer_closes_and_a_person_can_too(connector: Connector, bot: Bot) -> None:
    teams = connector.teams
    await _open(connector, bot)
    bot.answer = lambda _: None
    await teams.submit(KARI, {"words": "a", "sure": "true"})
    assert teams.dialog(KARI) is None
    await _open(connector, bot)
    teams.close(KARI)
    assert teams.dialog(KARI) is None
    with pytest.raises(Impossible, match="no dialog open"):
        await teams.submit(KARI, {})


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {},
        {"task": {}},
        {"task": {"type": "message", "value": ""}},
        {"task": {"type": "continue", "value": {"title": "T"}}},
        {"task": {"type": "continue", "value": {"title": "", "card": {}}}},
        dialog(card(execute("approve"))),
        dialog(card(version="2.0")),
        {"task": dialog(card())["task"] | {"type": "close"}},
    ],
)
async def test_an_answer_that_opens_no_dialog_is_loud(connector: Connector, bot: Bot, answer: object) -> None:
    sent = await connector.sent(connector.chat(ANNA), with_card(card(opening("reply"))))
    bot.answer = lambda _: answer
    with pytest.raises(Malformed, match="task/fetch"):
        await connector.teams.press(ANNA, sent, "Reply")
    assert connector.teams.dialog(ANNA) is None

"""People can do what the Slack client lets them do, and nothing else."""

from dataclasses import replace
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import Impossible, SlackEmulator

Body = dict[str, Any]


def button(action: str, label: str = "Press", **more: Any) -> Body:
    return {"type": "button", "action_id": action, "text": {"type": "plain_text", "text": label}} | more


def card(*elements: Body) -> list[Body]:
    return [{"type": "actions", "elements": list(elements)}]


def field(name: str, element: Body, **more: Any) -> Body:
    label = {"type": "plain_text", "text": name}
    return {
        "type": "input",
        "block_id": name,
        "label": label,
        "element": {"action_id": f"{name}.x"} | element,
    } | more


def form(*fields: Body) -> Body:
    words = {"type": "plain_text", "text": "Form"}
    return {"type": "modal", "title": words, "submit": words, "blocks": list(fields)}


async def opened(slack: SlackEmulator, client: AsyncWebClient, *fields: Body) -> str:
    """A form in front of Anna."""
    told = await slack.slash("U0ANNA", "/2fa")
    answer = await client.views_open(trigger_id=told.payload["trigger_id"], view=form(*fields))
    return str(answer["view"]["id"])


async def test_pressing_what_is_not_there(slack: SlackEmulator, slack_client: AsyncWebClient) -> None:
    posted = await slack_client.chat_postMessage(channel="U0ANNA", text="x", blocks=card(button("yes")))
    channel, ts = posted["channel"], posted["ts"]
    with pytest.raises(Impossible, match=r"no such button; there are: yes \(Press\)"):
        await slack.press("U0ANNA", channel, ts, "no")
    with pytest.raises(Impossible, match="does not see"):
        await slack.press("U0OLA", channel, ts, "yes")
    with pytest.raises(Impossible, match="sees no message"):
        await slack.press("U0ANNA", channel, "1.2", "yes")
    await slack_client.chat_update(channel=channel, ts=ts, text="done")
    with pytest.raises(Impossible, match="there are: none"):
        await slack.press("U0ANNA", channel, ts, "yes")
    crossed = await slack.press("U0ANNA", channel, ts, "yes", crossed=True)
    assert crossed.payload["actions"][0]["action_id"] == "yes"


async def test_pressing_by_what_a_button_says(slack: SlackEmulator, slack_client: AsyncWebClient) -> None:
    elements = (
        button("a", "Approve", value="case-7", style="primary"),
        button("b", "Deny", url="https://x.example"),
    )
    posted = await slack_client.chat_postMessage(
        channel=slack.support_channel, text="x", blocks=card(*elements)
    )
    told = await slack.press(
        "U0KARI", slack.support_channel, posted["ts"], lambda each: each.label == "Approve"
    )
    [action] = told.payload["actions"]
    assert (action["value"], action["style"], action["type"]) == ("case-7", "primary", "button")
    assert told.payload["container"]["channel_id"] == slack.support_channel
    assert told.payload["channel"]["name"] == "support"
    [message] = slack.messages(slack.support_channel)
    assert message.links == ("https://x.example",)
    assert message.control("b").url == "https://x.example"
    with pytest.raises(Impossible):
        await slack.press("U0ANNA", slack.support_channel, posted["ts"], "a")


async def test_an_ephemeral_button_is_for_one_person(
    slack: SlackEmulator, slack_client: AsyncWebClient
) -> None:
    sent = await slack_client.chat_postEphemeral(
        channel=slack.general, user="U0ANNA", text="x", blocks=card(button("yes"))
    )
    with pytest.raises(Impossible):
        await slack.press("U0OLA", slack.general, sent["message_ts"], "yes")
    told = await slack.press("U0ANNA", slack.general, sent["message_ts"], "yes")
    assert told.payload["container"]["is_ephemeral"]
    assert "message" not in told.payload


async def test_choosing_from_a_menu(slack: SlackEmulator, slack_client: AsyncWebClient) -> None:
    options = [{"text": {"type": "plain_text", "text": word}, "value": word} for word in ("en", "nb")]
    menu = {"type": "static_select", "action_id": "language", "options": options}
    posted = await slack_client.chat_postMessage(channel="U0ANNA", text="x", blocks=card(menu))
    told = await slack.press("U0ANNA", posted["channel"], posted["ts"], "language", option="nb")
    assert told.payload["actions"][0]["selected_option"] == options[1]
    with pytest.raises(Impossible, match="no such option"):
        await slack.press("U0ANNA", posted["channel"], posted["ts"], "language", option="nn")


async def test_who_cannot_speak(slack: SlackEmulator) -> None:
    for nobody in ("U0GONE", "U0NOBODY"):
        with pytest.raises(Impossible):
            await slack.say(nobody, "hello")
    with pytest.raises(Impossible):
        await slack.say("U0STRANGE", "hello")
    with pytest.raises(Impossible):
        await slack.say("U0ANNA", "hello", channel=slack.support_channel)
    with pytest.raises(Impossible):
        await slack.say("U0OLA", "hello", channel=slack.dm_channel("U0ANNA"))
    slack.set_tabs(messages=False)
    with pytest.raises(Impossible):
        await slack.say("U0ANNA", "hello")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("<!channel>", "&lt;!channel&gt;"),
        ("<@U0KARI> see <#C0123|general>", "<@U0KARI> see <#C0123|general>"),
        ("go to https://example.com/a?b=1", "go to <https://example.com/a?b=1>"),
        ("write to kari@example.com.", "write to <mailto:kari@example.com|kari@example.com>."),
        ("tofaktor på norsk æøå", "tofaktor på norsk æøå"),
    ],
)
async def test_typing_as_slack_stores_it(slack: SlackEmulator, typed: str, stored: str) -> None:
    said = await slack.say("U0ANNA", typed)
    assert said.message.text == stored
    assert said.deliveries[0].payload["event"]["text"] == stored


async def test_a_shared_channel_says_where_people_come_from(slack: SlackEmulator) -> None:
    shared = slack.add_channel("partners", ["U0ANNA", "U0OTHER"], ext_shared=True)
    [told] = (await slack.say("U0OTHER", "hello", channel=shared)).deliveries
    assert told.payload["is_ext_shared_channel"]
    assert told.payload["team_id"] == "T0SANDBOX"
    event = told.payload["event"]
    assert (event["user_team"], event["source_team"], event["team"]) == ("T0ELSEWHERE",) * 3
    [local] = (await slack.say("U0ANNA", "hello", channel=slack.general)).deliveries
    assert not local.payload["is_ext_shared_channel"]


async def test_other_bots_and_edits_are_told(slack: SlackEmulator) -> None:
    slack.channel(slack.general).members.add("U0ROBOT")
    [robot] = (await slack.say("U0ROBOT", "beep", channel=slack.general)).deliveries
    assert robot.payload["event"]["bot_id"] == "B0ROBOT"
    said = await slack.say("U0ANNA", "helo")
    [edited] = await slack.edit("U0ANNA", said.message.channel, said.message.ts, "hello")
    event = edited.payload["event"]
    assert (event["subtype"], event["message"]["text"]) == ("message_changed", "hello")
    with pytest.raises(Impossible):
        await slack.edit("U0ROBOT", slack.general, said.message.ts, "x")


async def test_only_what_is_subscribed_and_granted_is_told(start_slack: Any, slack: SlackEmulator) -> None:
    deaf: SlackEmulator = await start_slack(
        scopes=slack.scopes - {"im:history", "channels:history", "commands"}
    )
    assert (await deaf.say("U0ANNA", "hello")).deliveries == ()
    mention = f"<@{deaf.installation.bot_user_id}> hello"
    told = (await deaf.say("U0ANNA", mention, channel=deaf.general)).deliveries
    assert [delivery.event_type for delivery in told] == ["app_mention"]
    with pytest.raises(Impossible):
        await deaf.slash("U0ANNA", "/2fa")
    unsubscribed = replace(slack.installation, events=frozenset({"message.im"}))
    quiet: SlackEmulator = await start_slack(installation=unsubscribed)
    assert await quiet.open_home("U0ANNA") == ()
    away = quiet.add_channel("without us", ["U0ANNA"], with_bot=False)
    assert (await quiet.say("U0ANNA", mention, channel=away)).deliveries == ()


async def test_filling_in_a_form(slack: SlackEmulator, slack_client: AsyncWebClient) -> None:
    options = [{"text": {"type": "plain_text", "text": word}, "value": word} for word in ("en", "nb")]
    view = await opened(
        slack,
        slack_client,
        field("why", {"type": "plain_text_input", "min_length": 3, "max_length": 5}),
        field("mail", {"type": "email_text_input"}, optional=True),
        field("count", {"type": "number_input", "is_decimal_allowed": False}, optional=True),
        field("one", {"type": "static_select", "options": options}),
        field("two", {"type": "radio_buttons", "options": options, "initial_option": options[0]}),
        field("some", {"type": "checkboxes", "options": options}, optional=True),
        field("who", {"type": "users_select"}, optional=True),
        field("day", {"type": "datepicker", "initial_date": "2027-01-18"}),
    )
    fine = {"why": "lost", "one.x": "nb", "some": "en,nb", "who": "U0KARI"}
    bad: list[dict[str, str]] = [
        {"one": "nb"},
        fine | {"why": "no"},
        fine | {"why": "too long"},
        fine | {"mail": "kari"},
        fine | {"count": "many"},
        fine | {"one.x": "nn"},
        fine | {"else": "x"},
    ]
    for values in bad:
        with pytest.raises(Impossible):
            await slack.submit("U0ANNA", view, values)
    with pytest.raises(Impossible):
        await slack.submit("U0OLA", view, fine)
    told = await slack.submit("U0ANNA", view, fine)
    state = told.payload["view"]["state"]["values"]
    assert state["why"]["why.x"] == {"type": "plain_text_input", "value": "lost"}
    assert state["mail"]["mail.x"]["value"] is None
    assert state["one"]["one.x"]["selected_option"] == options[1]
    assert state["two"]["two.x"]["selected_option"] == options[0]
    assert state["some"]["some.x"]["selected_options"] == options
    assert state["who"]["who.x"]["selected_user"] == "U0KARI"
    assert state["day"]["day.x"]["selected_date"] == "2027-01-18"
    assert told.payload["trigger_id"]
    assert slack.view("U0ANNA") is not None
    assert slack.complaints != []


async def test_what_an_app_may_answer_to_a_form(
    slack: SlackEmulator, slack_client: AsyncWebClient, bolt: Any
) -> None:
    app = bolt.new()
    answers: list[Body] = []

    async def submit(ack: Any) -> None:
        await ack(**answers.pop())

    app.view({"type": "view_submission", "callback_id": ""})(submit)
    await bolt.over_http(app)
    text = field("why", {"type": "plain_text_input"})
    view = await opened(slack, slack_client, text)
    for answer in (
        {"response_action": "errors", "errors": {"nowhere": "x"}},
        {"response_action": "update", "view": form()},
        {"response_action": "dance"},
    ):
        answers.append(answer)
        before = len(slack.complaints)
        assert (await slack.submit("U0ANNA", view, {"why": "x"})).acknowledged
        assert len(slack.complaints) == before + 1
        assert [each.id for each in slack.views("U0ANNA")] == [view]
    answers.append({"response_action": "push", "view": form(text)})
    await slack.submit("U0ANNA", view, {"why": "x"})
    top = slack.views("U0ANNA")[1]
    with pytest.raises(Impossible):
        await slack.submit("U0ANNA", view, {"why": "x"})
    answers.append({})
    await slack.submit("U0ANNA", top.id, {"why": "x"})
    assert [each.id for each in slack.views("U0ANNA")] == [view]
    answers.append({"response_action": "clear"})
    await slack.submit("U0ANNA", view, {"why": "x"})
    assert slack.views("U0ANNA") == ()
    with pytest.raises(Impossible):
        await slack.close(view)


async def test_closing_a_form_nobody_asked_about(slack: SlackEmulator, slack_client: AsyncWebClient) -> None:
    view = await opened(slack, slack_client, field("why", {"type": "plain_text_input"}))
    assert await slack.close(view) is None
    assert slack.view("U0ANNA") is None


async def test_message_timestamps_follow_the_clock_and_never_repeat(slack: SlackEmulator, clock: Any) -> None:
    first = (await slack.say("U0ANNA", "one")).message
    second = (await slack.say("U0ANNA", "two")).message
    clock.at = clock.at.replace(hour=9)
    third = (await slack.say("U0ANNA", "three")).message
    assert first.ts < second.ts < third.ts
    assert int(third.ts.split(".")[0]) == int(clock.at.timestamp())

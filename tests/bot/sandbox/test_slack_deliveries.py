"""Real Bolt apps, over HTTP and by Socket Mode, told of everything people do."""

import asyncio
from typing import Any

import aiohttp
import pytest

from bot.sandbox.slack import Impossible, Kind, SlackEmulator, signed_headers

both = pytest.mark.parametrize("transport", ["http", "socket"])
Body = dict[str, Any]

MODAL: Body = {
    "type": "modal",
    "callback_id": "lost",
    "title": {"type": "plain_text", "text": "Lost phone"},
    "submit": {"type": "plain_text", "text": "Send"},
    "notify_on_close": True,
    "blocks": [
        {
            "type": "input",
            "block_id": "who",
            "label": {"type": "plain_text", "text": "Your manager"},
            "element": {"type": "plain_text_input", "action_id": "manager"},
        }
    ],
}
CARD: list[Body] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "Need a pass?"}},
    {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "action_id": "lost",
                "value": "case-1",
                "text": {"type": "plain_text", "text": "Lost my phone"},
            }
        ],
    },
]


@both
async def test_a_question_is_heard_and_answered(slack: SlackEmulator, bolt: Any, transport: str) -> None:
    app = bolt.new()

    async def answer(event: Body, say: Any) -> None:
        await say(f"you said {event['text']} ({event['channel_type']})")

    app.event("message")(answer)

    await bolt.over(transport, app)
    said = await slack.say("U0ANNA", "hello & <b>")
    [reply] = await slack.wait_for(lambda: slack.from_bot("U0ANNA"))
    assert reply.shown == "you said hello &amp; &lt;b&gt; (im)"
    [delivery] = said.deliveries
    assert (delivery.acknowledged, delivery.over, delivery.kind) == (True, transport, Kind.EVENT)
    assert delivery.latency < 3
    assert delivery.payload["authorizations"][0]["user_id"] == slack.installation.bot_user_id
    assert [message.user for message in slack.dm("U0ANNA")] == ["U0ANNA", slack.installation.bot_user_id]


@both
async def test_a_form_from_press_to_end(slack: SlackEmulator, bolt: Any, transport: str) -> None:
    app = bolt.new()
    seen: list[Body] = []

    async def press(ack: Any, body: Body, client: Any) -> None:
        await ack()
        seen.append(body)
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    app.action("lost")(press)

    async def submit(ack: Any, body: Body) -> None:
        seen.append(body)
        manager = body["view"]["state"]["values"]["who"]["manager"]["value"]
        if manager == "me":
            await ack(response_action="errors", errors={"who": "not yourself"})
        else:
            await ack(
                response_action="update", view=MODAL | {"title": {"type": "plain_text", "text": "Sent"}}
            )

    app.view("lost")(submit)

    async def closed(ack: Any, body: Body) -> None:
        await ack()
        seen.append(body)

    app.view_closed("lost")(closed)

    await bolt.over(transport, app)
    channel = slack.dm_channel("U0ANNA")
    posted = await app.client.chat_postMessage(channel=channel, text="Need a pass?", blocks=CARD)
    await slack.press("U0ANNA", channel, posted["ts"], "lost")
    view = await slack.wait_for(lambda: slack.view("U0ANNA"))

    await slack.submit("U0ANNA", view.id, {"manager": "me"})
    refused = slack.view("U0ANNA")
    assert refused is not None
    assert refused.errors == {"who": "not yourself"}

    await slack.submit("U0ANNA", view.id, {"who": "kari"})
    sent = slack.view("U0ANNA")
    assert sent is not None
    assert (sent.id, sent.title, dict(sent.errors)) == (view.id, "Sent", {})

    await slack.close(sent)
    assert slack.view("U0ANNA") is None
    assert [body["type"] for body in seen] == [
        "block_actions",
        "view_submission",
        "view_submission",
        "view_closed",
    ]
    assert seen[0]["actions"][0]["value"] == "case-1"
    assert seen[0]["message"]["ts"] == posted["ts"]
    assert seen[0]["user"]["team_id"] == slack.installation.team_id
    assert slack.complaints == []


@both
async def test_commands_and_the_home_tab(slack: SlackEmulator, bolt: Any, transport: str) -> None:
    app = bolt.new()

    async def command(ack: Any, body: Body) -> None:
        await ack(f"looking for {body['text']}")

    app.command("/2fa")(command)

    async def opened(event: Body, client: Any) -> None:
        blocks = [{"type": "section", "text": {"type": "plain_text", "text": f"Hi {event['user']}"}}]
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    app.event("app_home_opened")(opened)

    await bolt.over(transport, app)
    told = await slack.slash("U0ANNA", "/2fa", "a phone & more")
    assert told.payload["channel_name"] == "directmessage"
    assert [message.shown for message in slack.ephemeral("U0ANNA")] == ["looking for a phone & more"]
    await slack.open_home("U0ANNA")
    home = await slack.wait_for(lambda: slack.home("U0ANNA"))
    assert home.shown == "Hi U0ANNA"
    [again] = await slack.open_home("U0ANNA")
    assert again.payload["event"]["view"]["id"] == home.id


@both
async def test_a_mention_in_a_channel_is_told_twice(slack: SlackEmulator, bolt: Any, transport: str) -> None:
    app = bolt.new()
    heard: list[tuple[str, str]] = []

    async def mention(event: Body) -> None:
        heard.append((event["type"], event["ts"]))

    app.event("app_mention")(mention)

    async def message(event: Body) -> None:
        heard.append((event["type"], event["ts"]))

    app.event("message")(message)

    await bolt.over(transport, app)
    bot = slack.installation.bot_user_id
    said = await slack.say("U0ANNA", f"<@{bot}> help", channel=slack.general)
    await slack.say("U0ANNA", "nobody in particular", channel=slack.general)
    assert [delivery.event_type for delivery in said.deliveries] == ["message", "app_mention"]
    assert len({delivery.id for delivery in said.deliveries}) == 2
    assert [kind for kind, ts in heard if ts == said.message.ts] == ["message", "app_mention"]
    assert len(heard) == 3


@both
async def test_a_repeated_event_keeps_its_id_and_says_so(
    slack: SlackEmulator, bolt: Any, transport: str
) -> None:
    app = bolt.new()
    seen: list[tuple[str, list[str]]] = []

    async def message(body: Body, request: Any) -> None:
        seen.append((body["event_id"], request.headers.get("x-slack-retry-num", [])))

    app.event("message")(message)

    await bolt.over(transport, app)
    [first] = (await slack.say("U0ANNA", "hello")).deliveries
    second = await slack.redeliver(first)
    third = await slack.redeliver(second, "http_timeout")
    assert [first.id, second.id, third.id] == [seen[0][0]] * 3
    assert [retry for _, retry in seen] == [[], ["1"], ["2"]]
    assert await slack.retry_unacknowledged() == ()


@both
async def test_what_the_app_does_not_acknowledge(
    slack: SlackEmulator, bolt: Any, transport: str, start_slack: Any
) -> None:
    hasty = await start_slack(ack_seconds=0.05)
    app = bolt.beside(hasty).new()
    gate = asyncio.Event()

    async def never(ack: Any) -> None:
        await gate.wait()
        await ack()

    app.action("lost")(never)

    await bolt.beside(hasty).over(transport, app)
    channel = hasty.dm_channel("U0ANNA")
    posted = await app.client.chat_postMessage(channel=channel, text="x", blocks=CARD)
    delivery = await hasty.press("U0ANNA", channel, posted["ts"], "lost")
    gate.set()
    assert not delivery.acknowledged
    assert delivery.failure == ("http_timeout" if transport == "http" else "timeout")
    assert len(hasty.complaints) == 1
    with pytest.raises(Impossible):
        await hasty.redeliver(delivery)


async def test_events_while_the_app_is_away_come_again(slack: SlackEmulator, bolt: Any) -> None:
    [nowhere] = (await slack.say("U0ANNA", "one")).deliveries
    slack.deliver_http("http://127.0.0.1:9/slack/events", "secret")
    [refused] = (await slack.say("U0ANNA", "two")).deliveries
    assert (nowhere.over, nowhere.failure) == ("nowhere", "connection_failed")
    assert (refused.over, refused.failure) == ("http", "connection_failed")
    app = bolt.new()
    heard: list[str] = []

    async def message(event: Body) -> None:
        heard.append(event["text"])

    app.event("message")(message)

    await bolt.over_http(app)
    again = await slack.retry_unacknowledged()
    assert [(each.id, each.retry_number, each.acknowledged) for each in again] == [
        (nowhere.id, 1, True),
        (refused.id, 1, True),
    ]
    assert heard == ["one", "two"]


async def test_an_unhandled_event_is_a_failure(slack: SlackEmulator, bolt: Any) -> None:
    await bolt.over_http(bolt.new())
    [delivery] = (await slack.say("U0ANNA", "hello")).deliveries
    assert (delivery.status, delivery.acknowledged, delivery.failure) == (404, False, "http_error")


async def test_signatures_hold_and_a_forged_one_is_refused(slack: SlackEmulator, bolt: Any) -> None:
    app = bolt.new()
    heard: list[str] = []

    async def message(body: Body) -> None:
        heard.append(body["event_id"])

    app.event("message")(message)

    url = await bolt.over_http(app)
    [first] = (await slack.say("U0ANNA", "hello")).deliveries
    replayed = await slack.replay(first)
    assert replayed.acknowledged
    assert heard == [first.id, first.id]
    assert await slack.verify_url()

    slack.deliver_http(url, "another secret")
    [forged] = (await slack.say("U0ANNA", "hello")).deliveries
    assert (forged.status, forged.acknowledged) == (401, False)
    assert not await slack.verify_url()
    assert first.request is not None
    old = signed_headers("8f742231b10e8888abcd99yyyzzz85a5", first.request.body, 1)
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=first.request.body, headers=dict(first.request.headers) | old) as response,
    ):
        assert response.status == 401
    assert len(heard) == 2


async def test_the_app_hears_its_own_messages_unless_told_not_to(start_slack: Any, bolt: Any) -> None:
    slack = await start_slack(echoes=True)
    echoing = bolt.beside(slack)
    app = echoing.new()
    await echoing.over_http(app)
    posted = await app.client.chat_postMessage(channel="U0ANNA", text="one")
    await app.client.chat_update(channel=posted["channel"], ts=posted["ts"], text="two")
    await slack.wait_for(lambda: len(slack.deliveries) == 2)
    new, changed = (delivery.payload["event"] for delivery in slack.deliveries)
    assert new["bot_id"] == slack.installation.bot_id
    assert (changed["subtype"], changed["message"]["text"], changed["previous_message"]["text"]) == (
        "message_changed",
        "two",
        "one",
    )


async def test_an_answer_through_the_response_url(slack: SlackEmulator, bolt: Any, clock: Any) -> None:
    app = bolt.new()

    async def press(ack: Any, respond: Any) -> None:
        await ack()
        await respond("only you see this", replace_original=False, response_type="ephemeral")
        await respond("done", replace_original=True)

    app.action("lost")(press)

    await bolt.over_http(app)
    posted = await app.client.chat_postMessage(channel=slack.general, text="x", blocks=CARD)
    delivery = await slack.press("U0ANNA", slack.general, posted["ts"], "lost")
    await slack.wait_for(lambda: slack.messages(slack.general)[0].text == "done")
    assert [message.text for message in slack.ephemeral("U0ANNA")] == ["only you see this"]
    async with aiohttp.ClientSession() as session:
        statuses = []
        for _ in range(4):
            async with session.post(delivery.payload["response_url"], json={"text": "more"}) as response:
                statuses.append(response.status)
    assert statuses == [200, 200, 200, 404]
    assert "only you see this" in slack.everything_sent()


async def test_removing_the_app(slack: SlackEmulator, bolt: Any) -> None:
    app = bolt.new()
    heard: list[str] = []

    async def revoked(event: Body) -> None:
        heard.append(event["type"])

    app.event("tokens_revoked")(revoked)

    async def gone(event: Body) -> None:
        heard.append(event["type"])

    app.event("app_uninstalled")(gone)

    await bolt.over_socket(app)
    await slack.uninstall()
    assert heard == ["tokens_revoked", "app_uninstalled"]

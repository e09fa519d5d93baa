"""The Web API, asked by Slack's own client: what it gives and what it refuses."""

import json
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import SCOPES, SlackEmulator, SlackUser

Body = dict[str, Any]


async def refusal(call: Any) -> Body:
    """The answer of a call that Slack refuses."""
    with pytest.raises(SlackApiError) as caught:
        await call
    response = caught.value.response
    assert isinstance(response.data, dict)
    return response.data


async def raw(slack: SlackEmulator, method: str, body: bytes, **headers: str) -> Body:
    """A request without any client."""
    url = f"{slack.api_url}{method}"
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
        found: Body = await answer.json()
        return found


async def test_the_bot_learns_who_it_is(slack: SlackEmulator, slack_client: AsyncWebClient) -> None:
    answer = await slack_client.auth_test()
    assert answer["user_id"] == slack.installation.bot_user_id
    assert answer["team_id"] == "T0SANDBOX"
    assert answer["bot_id"]


@pytest.mark.parametrize(
    ("token", "error"),
    [("", "not_authed"), ("xoxb-wrong", "invalid_auth"), ("xapp-sandbox-app", "not_allowed_token_type")],
)
async def test_tokens(slack: SlackEmulator, token: str, error: str) -> None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    assert (await raw(slack, "auth.test", b"", **headers))["error"] == error
    [call] = slack.calls_of("auth.test")
    assert (call.ok, call.error) == (False, error)


async def test_a_bot_token_opens_no_socket(slack_client: AsyncWebClient) -> None:
    answer = await refusal(slack_client.apps_connections_open(app_token=str(slack_client.token)))
    assert answer["error"] == "not_allowed_token_type"


async def test_a_revoked_token(slack: SlackEmulator, slack_client: AsyncWebClient) -> None:
    slack.revoke_token()
    assert (await refusal(slack_client.auth_test()))["error"] == "token_revoked"


@pytest.mark.parametrize(
    ("scope", "method", "args"),
    [
        ("chat:write", "chat.postMessage", {"channel": "U0ANNA", "text": "x"}),
        ("chat:write", "chat.update", {"channel": "U0ANNA", "ts": "1.2", "text": "x"}),
        ("users:read", "users.info", {"user": "U0ANNA"}),
        ("users:read.email", "users.lookupByEmail", {"email": "anna@example.com"}),
        ("im:write", "conversations.open", {"users": "U0ANNA"}),
    ],
)
async def test_scopes(
    slack: SlackEmulator, slack_client: AsyncWebClient, scope: str, method: str, args: Body
) -> None:
    slack.scopes.discard(scope)
    answer = await refusal(slack_client.api_call(method, params=args))
    assert answer["error"] == "missing_scope"
    assert scope in answer["needed"].split(",")
    assert scope not in answer["provided"].split(",")


async def test_reading_a_channel_needs_the_scope_of_its_kind(start_slack: Any) -> None:
    slack: SlackEmulator = await start_slack(scopes=SCOPES | {"channels:read"})
    client = AsyncWebClient(token=slack.installation.bot_token, base_url=slack.api_url)
    assert (await client.conversations_info(channel=slack.general))["channel"]["is_general"]
    answer = await refusal(client.conversations_info(channel=slack.support_channel))
    assert (answer["error"], answer["needed"]) == ("missing_scope", "groups:read")
    answer = await refusal(client.conversations_info(channel=slack.dm_channel("U0ANNA")))
    assert answer["needed"] == "im:read"


async def test_an_unknown_method(slack_client: AsyncWebClient) -> None:
    assert (await refusal(slack_client.api_call("chat.shout")))["error"] == "unknown_method"


async def test_json_and_form_bodies(slack: SlackEmulator) -> None:
    bearer = {"Authorization": f"Bearer {slack.installation.bot_token}"}
    blocks = json.dumps([{"type": "divider"}])
    body = json.dumps({"channel": "U0ANNA", "text": "json"}).encode()
    assert (await raw(slack, "chat.postMessage", body, **bearer, **{"Content-Type": "application/json"}))[
        "ok"
    ]
    form = f"token={slack.installation.bot_token}&channel=U0ANNA&text=form&blocks={blocks}".encode()
    assert (
        await raw(slack, "chat.postMessage", form, **{"Content-Type": "application/x-www-form-urlencoded"})
    )["ok"]
    first, second = slack.dm("U0ANNA")
    assert (first.text, second.text) == ("json", "form")
    assert second.blocks[0]["type"] == "divider"
    assert second.blocks[0]["block_id"]


async def test_methods_that_do_not_take_json(slack: SlackEmulator) -> None:
    headers = {
        "Authorization": f"Bearer {slack.installation.bot_token}",
        "Content-Type": "application/json",
    }
    answer = await raw(slack, "users.info", json.dumps({"user": "U0ANNA"}).encode(), **headers)
    assert answer["error"] == "invalid_arguments"


async def test_posting_changing_and_deleting(
    slack: SlackEmulator, slack_client: AsyncWebClient, clock: Any
) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "one"}}]
    posted = await slack_client.chat_postMessage(channel=slack.general, text="one", blocks=blocks)
    other = await slack_client.chat_postMessage(channel=slack.general, text="other")
    assert posted["ts"] < other["ts"]
    assert posted["ts"].split(".")[0] == str(int(clock.at.timestamp()))
    assert posted["message"]["bot_id"] == slack.installation.bot_id

    await slack_client.chat_update(channel=slack.general, ts=posted["ts"], text="two")
    first, _ = slack.messages(slack.general)
    assert (first.text, first.blocks, first.shown) == ("two", (), "two")
    assert [version.text for version in first.earlier] == ["one"]

    await slack_client.chat_delete(channel=slack.general, ts=posted["ts"])
    assert [message.text for message in slack.messages(slack.general)] == ["other"]
    answer = await refusal(slack_client.chat_update(channel=slack.general, ts=posted["ts"], text="three"))
    assert answer["error"] == "message_not_found"


async def test_only_own_messages_can_be_changed(slack: SlackEmulator, slack_client: AsyncWebClient) -> None:
    said = await slack.say("U0ANNA", "mine", channel=slack.general)
    answer = await refusal(slack_client.chat_update(channel=slack.general, ts=said.message.ts, text="no"))
    assert answer["error"] == "cant_update_message"


async def test_where_one_cannot_post(slack: SlackEmulator, slack_client: AsyncWebClient) -> None:
    private = slack.add_channel("private", ["U0ANNA"], private=True, with_bot=False)
    public = slack.add_channel("public", ["U0ANNA"], with_bot=False)
    archived = slack.add_channel("archived", ["U0ANNA"], archived=True)
    expected = {
        "C0NOWHERE": "channel_not_found",
        "#general": "channel_not_found",
        private: "channel_not_found",
        public: "not_in_channel",
        archived: "is_archived",
        "U0ROBOT": "cannot_dm_bot",
        "U0STRANGE": "channel_not_found",
    }
    for channel, error in expected.items():
        answer = await refusal(slack_client.chat_postMessage(channel=channel, text="x"))
        assert (channel, answer["error"]) == (channel, error)
    slack.set_tabs(messages=False)
    answer = await refusal(slack_client.chat_postMessage(channel=slack.dm_channel("U0ANNA"), text="x"))
    assert answer["error"] == "messages_tab_disabled"


async def test_posting_to_somebody_deactivated_succeeds(
    slack: SlackEmulator, slack_client: AsyncWebClient
) -> None:
    await slack_client.chat_postMessage(channel="U0GONE", text="x")
    assert [message.text for message in slack.dm("U0GONE")] == ["x"]


@pytest.mark.parametrize(
    ("args", "error"),
    [
        ({}, "no_text"),
        ({"text": ""}, "no_text"),
        ({"blocks": []}, "no_text"),
        ({"blocks": "not json"}, "invalid_blocks_format"),
        ({"blocks": {"type": "divider"}}, "invalid_blocks_format"),
        ({"blocks": [{"type": "marquee"}]}, "invalid_blocks"),
        ({"text": 5}, "invalid_arguments"),
        ({"text": "x", "markdown_text": "x"}, "markdown_text_conflict"),
        ({"markdown_text": "x" * 12_001}, "msg_too_long"),
        ({"text": "x", "metadata": {"event_type": "x"}}, "invalid_metadata_format"),
        ({"text": "x", "thread_ts": "0"}, "invalid_thread_ts"),
    ],
)
async def test_what_one_cannot_post(slack_client: AsyncWebClient, args: Body, error: str) -> None:
    answer = await refusal(slack_client.api_call("chat.postMessage", json={"channel": "U0ANNA", **args}))
    assert answer["error"] == error


async def test_lengths(slack: SlackEmulator, slack_client: AsyncWebClient) -> None:
    posted = await slack_client.chat_postMessage(channel="U0ANNA", text="x" * 41_000)
    assert len(slack.dm("U0ANNA")[0].text) == 40_000
    place = {"channel": posted["channel"], "ts": posted["ts"]}
    assert (await refusal(slack_client.chat_update(**place, text="x" * 4001)))["error"] == "msg_too_long"
    await slack_client.chat_update(**place, text="x" * 4000)
    blocks = [{"type": "section", "text": {"type": "plain_text", "text": "x" * 2700}}] * 5
    answer = await refusal(slack_client.chat_postMessage(channel="U0ANNA", text="x", blocks=blocks))
    assert answer["error"] == "msg_blocks_too_long"


async def test_invalid_blocks_are_pointed_at(slack_client: AsyncWebClient) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]
    answer = await refusal(slack_client.chat_postMessage(channel="U0ANNA", text="x", blocks=blocks))
    pointed = "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    assert pointed in answer["errors"]
    assert f"[ERROR] {pointed}" in answer["response_metadata"]["messages"]


async def test_ephemeral_messages(slack: SlackEmulator, slack_client: AsyncWebClient) -> None:
    general = slack.general
    sent = await slack_client.chat_postEphemeral(channel=general, user="U0ANNA", text="psst")
    assert [message.text for message in slack.ephemeral("U0ANNA")] == ["psst"]
    assert [message.text for message in slack.visible("U0ANNA", general)] == ["psst"]
    assert slack.messages(general) == slack.visible("U0OLA", general) == ()
    for user in ("U0STRANGE", "U0GONE", "U0NOBODY"):
        answer = await refusal(slack_client.chat_postEphemeral(channel=general, user=user, text="x"))
        assert answer["error"] == "user_not_in_channel"
    answer = await refusal(slack_client.chat_update(channel=general, ts=sent["message_ts"], text="x"))
    assert answer["error"] == "message_not_found"


async def test_threads(slack: SlackEmulator, slack_client: AsyncWebClient) -> None:
    root = (await slack.say("U0ANNA", "question", channel=slack.general)).message
    reply = await slack_client.chat_postMessage(channel=slack.general, text="answer", thread_ts=root.ts)
    await slack_client.chat_postMessage(channel=slack.general, text="deeper", thread_ts=reply["ts"])
    answer = await slack_client.conversations_replies(channel=slack.general, ts=root.ts)
    assert [message["text"] for message in answer["messages"]] == ["question", "answer", "deeper"]
    assert {message["thread_ts"] for message in answer["messages"]} == {root.ts}
    error = await refusal(slack_client.conversations_replies(channel=slack.general, ts="1000000000.000001"))
    assert error["error"] == "thread_not_found"


async def test_a_reply_to_nothing_is_never_seen(slack: SlackEmulator, slack_client: AsyncWebClient) -> None:
    await slack_client.chat_postMessage(channel=slack.general, text="lost", thread_ts="1000000000.000001")
    assert slack.messages(slack.general) == ()
    assert [message.lost for message in slack.every_message] == [True]
    assert "lost" in slack.everything_sent()


@pytest.mark.parametrize(
    ("text", "alarmed"),
    [
        ("hello <!channel>", {"channel"}),
        ("<!here|here> and <!everyone>", {"here", "everyone"}),
        ("<!subteam^S0HELP>", {"S0HELP"}),
        ("hello <@U0ANNA|anna>", {"U0ANNA"}),
        ("hello &lt;!channel&gt;", set()),
    ],
)
async def test_whom_a_message_alarms(
    slack: SlackEmulator, slack_client: AsyncWebClient, text: str, alarmed: set[str]
) -> None:
    blocks: list[list[Body]] = [
        [{"type": "section", "text": {"type": "mrkdwn", "text": text}}],
        [{"type": "context", "elements": [{"type": "mrkdwn", "text": text}]}],
        [{"type": "section", "text": {"type": "plain_text", "text": text}}],
    ]
    await slack_client.chat_postMessage(channel=slack.general, text=text)
    for each in blocks:
        await slack_client.chat_postMessage(channel=slack.general, text="fallback", blocks=each)
    found = [set(message.notified) for message in slack.messages(slack.general)]
    assert found == [alarmed, alarmed, alarmed, set()]


async def test_alarms_that_the_app_asks_for(slack: SlackEmulator, slack_client: AsyncWebClient) -> None:
    await slack_client.chat_postMessage(channel=slack.general, text="hi @channel")
    await slack_client.chat_postMessage(channel=slack.general, text="hi @here", link_names=True)
    await slack_client.chat_postMessage(channel=slack.general, text="hi @everyone", parse="full")
    found = [set(message.notified) for message in slack.messages(slack.general)]
    assert found == [set(), {"here"}, {"everyone"}]


async def test_conversations(slack: SlackEmulator, slack_client: AsyncWebClient) -> None:
    opened = await slack_client.conversations_open(users="U0ANNA")
    again = await slack_client.conversations_open(users="U0ANNA", return_im=True)
    assert opened["channel"] == {"id": again["channel"]["id"]}
    assert again["already_open"]
    assert again["channel"]["user"] == "U0ANNA"
    shared = slack.add_channel("partners", ["U0ANNA", "U0OTHER"], ext_shared=True)
    info = (await slack_client.conversations_info(channel=shared, include_num_members=True))["channel"]
    assert (info["is_ext_shared"], info["num_members"]) == (True, 3)
    assert info["shared_team_ids"] == ["T0ELSEWHERE", "T0SANDBOX"]
    page = await slack_client.conversations_members(channel=shared, limit=2)
    rest = await slack_client.conversations_members(
        channel=shared, limit=2, cursor=page["response_metadata"]["next_cursor"]
    )
    assert {*page["members"], *rest["members"]} == {"U0ANNA", "U0OTHER", slack.installation.bot_user_id}
    assert rest["response_metadata"]["next_cursor"] == ""


@pytest.mark.parametrize(
    ("users", "error"),
    [
        ("", "users_list_not_supplied"),
        ("U0NOBODY", "user_not_found"),
        ("U0GONE", "user_disabled"),
        ("U0STRANGE", "user_not_visible"),
        ("U0ROBOT", "cannot_dm_bot"),
        ("U0ANNA,U0OLA", "missing_scope"),
        (",".join(f"U{n}" for n in range(9)), "too_many_users"),
    ],
)
async def test_conversations_that_do_not_open(slack_client: AsyncWebClient, users: str, error: str) -> None:
    answer = await refusal(slack_client.api_call("conversations.open", json={"users": users}))
    assert answer["error"] == error


async def test_people(slack_client: AsyncWebClient) -> None:
    async def info(user: str, **args: Any) -> Body:
        found: Body = (await slack_client.users_info(user=user, **args))["user"]
        return found

    anna = await info("U0ANNA", include_locale=True)
    assert (anna["locale"], anna["tz"], anna["tz_offset"]) == ("nb-NO", "Europe/Oslo", 3600)
    assert (anna["profile"]["email"], anna["is_email_confirmed"], anna["team_id"]) == (
        "anna@example.com",
        True,
        "T0SANDBOX",
    )
    assert "locale" not in await info("U0ANNA")
    assert (await info("U0GONE"))["deleted"]
    assert (await info("U0GUEST"))["is_restricted"]
    single = await info("U0SINGLE")
    assert (single["is_restricted"], single["is_ultra_restricted"]) == (True, True)
    robot = await info("U0ROBOT")
    assert robot["is_bot"]
    assert "email" not in robot["profile"]
    other = await info("U0OTHER")
    assert (other["team_id"], other["is_stranger"]) == ("T0ELSEWHERE", False)
    strange = await info("U0STRANGE")
    assert strange["is_stranger"]
    assert "email" not in strange["profile"]
    assert (await refusal(slack_client.users_info(user="U0NOBODY")))["error"] == "user_not_found"


async def test_addresses_need_their_own_scope(slack: SlackEmulator, slack_client: AsyncWebClient) -> None:
    slack.scopes.discard("users:read.email")
    assert "email" not in (await slack_client.users_info(user="U0ANNA"))["user"]["profile"]


async def test_looking_people_up_by_address(slack_client: AsyncWebClient) -> None:
    found = await slack_client.users_lookupByEmail(email="ANNA@example.com")
    assert found["user"]["id"] == "U0ANNA"
    for nobody in ("gone@example.com", "s@else.example", "nobody@example.com"):
        answer = await refusal(slack_client.users_lookupByEmail(email=nobody))
        assert answer["error"] == "users_not_found"


async def test_listing_people_page_by_page(slack: SlackEmulator, slack_client: AsyncWebClient) -> None:
    slack.add_user(SlackUser("U0NEW", "New"))
    members: list[Body] = []
    cursor = ""
    while True:
        page = await slack_client.users_list(limit=3, cursor=cursor)
        members += page["members"]
        cursor = page["response_metadata"]["next_cursor"]
        if not cursor:
            break
    ids = [member["id"] for member in members]
    assert len(ids) == len(set(ids))
    assert {"U0ANNA", "U0GONE", "U0ROBOT", "U0NEW", "USLACKBOT", slack.installation.bot_user_id} <= set(ids)
    assert not {"U0OTHER", "U0STRANGE"} & set(ids)
    assert (await refusal(slack_client.users_list(cursor="nonsense")))["error"] == "invalid_cursor"


async def test_everything_sent_unwraps_json_in_strings(
    slack: SlackEmulator, slack_client: AsyncWebClient
) -> None:
    inner = json.dumps({"note": 'a "quoted" canary'})
    await slack_client.chat_postMessage(
        channel="U0ANNA", text="x", metadata={"event_type": "x", "event_payload": {"hidden": inner}}
    )
    assert 'a "quoted" canary' in slack.everything_sent()


async def test_a_grid_organisation(start_slack: Any) -> None:
    slack: SlackEmulator = await start_slack(enterprise_id="E0ORG")
    client = AsyncWebClient(token=slack.installation.bot_token, base_url=slack.api_url)
    assert (await client.auth_test())["enterprise_id"] == "E0ORG"
    user = (await client.users_info(user="U0ANNA"))["user"]
    assert user["enterprise_user"] == {"id": "U0ANNA", "enterprise_id": "E0ORG", "teams": ["T0SANDBOX"]}
    [delivery] = (await slack.say("U0ANNA", "hello")).deliveries
    assert delivery.payload["enterprise_id"] == "E0ORG"

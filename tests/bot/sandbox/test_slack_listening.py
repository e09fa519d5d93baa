"""What the emulated Slack tells an app of channels, and what it refuses on a Home tab."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import EVENTS, SCOPES, Installation, SlackEmulator

BOT = "U0TOFAKTOR"


async def told(slack: SlackEmulator, channel: str, text: str = "hei") -> list[str]:
    """The events of one message."""
    return [each.event_type for each in (await slack.say("U0ANNA", text, channel=channel)).deliveries]


@pytest.mark.parametrize(
    ("granted", "public", "private"),
    [
        (set(), [], []),
        ({"channels:history"}, ["message"], []),
        ({"groups:history"}, [], ["message"]),
        ({"channels:history", "groups:history"}, ["message"], ["message"]),
    ],
)
async def test_a_channel_is_told_of_only_with_the_scope_of_its_kind(
    start_slack: Any, granted: set[str], public: list[str], private: list[str]
) -> None:
    slack: SlackEmulator = await start_slack(scopes=SCOPES | granted)
    closed = slack.add_channel("closed", ["U0ANNA"], private=True)
    assert await told(slack, slack.general) == public
    assert await told(slack, closed) == private
    mention = f"<@{BOT}> hei"
    assert await told(slack, slack.general, mention) == [*public, "app_mention"]
    slack.scopes.discard("app_mentions:read")
    assert await told(slack, slack.general, mention) == public


@pytest.mark.parametrize("event", ["message.channels", "app_mention", "app_home_opened", "message.im"])
async def test_what_is_not_subscribed_to_is_not_told(start_slack: Any, event: str) -> None:
    app = Installation("T0SANDBOX", events=EVENTS - {event})
    slack: SlackEmulator = await start_slack(installation=app)
    everything = [
        *(await told(slack, slack.general, f"<@{BOT}> hei")),
        *(each.event_type for each in (await slack.say("U0ANNA", "hei")).deliveries),
        *(each.event_type for each in await slack.open_home("U0ANNA")),
    ]
    all_of_them = ["message", "app_mention", "message", "app_home_opened"]
    all_of_them.remove(event.partition(".")[0])
    assert sorted(everything) == sorted(all_of_them)


async def test_outside_a_channel_one_hears_nothing_of_it(slack: SlackEmulator) -> None:
    elsewhere = slack.add_channel("elsewhere", ["U0ANNA"], with_bot=False)
    assert await told(slack, elsewhere, f"<@{BOT}> hei") == []


@pytest.mark.parametrize(
    ("view", "error"),
    [
        ({"blocks": [{"type": "divider"}] * 100}, None),
        ({"blocks": [{"type": "divider"}] * 101}, "invalid_arguments"),
        ({"blocks": []}, "invalid_arguments"),
        ({"blocks": [{"type": "markdown", "text": "hei"}]}, "invalid_arguments"),
        (
            {"blocks": [{"type": "divider"}], "title": {"type": "plain_text", "text": "T"}},
            "invalid_arguments",
        ),
        ({"blocks": [{"type": "divider"}], "private_metadata": "x" * 3001}, "invalid_arguments"),
        ({"blocks": [{"type": "divider"}], "private_metadata": "x" * 250_001}, "view_too_large"),
    ],
    ids=range(7),
)
async def test_what_a_home_tab_may_hold(
    slack: SlackEmulator, slack_client: AsyncWebClient, view: dict[str, object], error: str | None
) -> None:
    publish = slack_client.views_publish(user_id="U0ANNA", view={"type": "home"} | view)
    if error is None:
        await publish
        assert slack.home("U0ANNA") is not None
        return
    with pytest.raises(SlackApiError) as refused:
        await publish
    assert refused.value.response["error"] == error
    assert slack.home("U0ANNA") is None


async def test_a_look_at_the_home_tab_says_what_stands_there(
    slack: SlackEmulator, slack_client: AsyncWebClient
) -> None:
    (first,) = await slack.open_home("U0ANNA")
    assert "view" not in first.payload["event"]
    published = await slack_client.views_publish(
        user_id="U0ANNA", view={"type": "home", "blocks": [{"type": "divider"}]}
    )
    (second,) = await slack.open_home("U0ANNA")
    assert second.payload["event"]["view"]["id"] == published["view"]["id"]
    (third,) = await slack.open_home("U0ANNA", tab="messages")
    assert (third.payload["event"]["tab"], "view" in third.payload["event"]) == ("messages", False)

"""What goes wrong on demand, and Slack's rate limits."""

import asyncio
import time
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import SlackEmulator


async def limited(call: Any) -> int:
    """The Retry-After of a call that comes too soon."""
    with pytest.raises(SlackApiError) as caught:
        await call
    response = caught.value.response
    assert (response.status_code, response["error"]) == (429, "ratelimited")
    return int(response.headers["Retry-After"])


async def test_a_rate_limit_on_demand(slack: SlackEmulator, slack_client: AsyncWebClient) -> None:
    slack.faults.rate_limit("chat.postMessage", times=2, retry_after=7)
    for _ in range(2):
        assert await limited(slack_client.chat_postMessage(channel="U0ANNA", text="x")) == 7
    assert slack.dm("U0ANNA") == ()
    await slack_client.chat_postMessage(channel="U0ANNA", text="x")
    assert [call.status for call in slack.calls_of("chat.postMessage")] == [429, 429, 200]


async def test_an_error_on_demand(slack: SlackEmulator, slack_client: AsyncWebClient) -> None:
    slack.faults.fail("chat.update", "edit_window_closed")
    with pytest.raises(SlackApiError, match="edit_window_closed"):
        await slack_client.chat_update(channel="C0", ts="1", text="x")


async def test_a_lost_answer_after_the_message_was_stored(
    slack: SlackEmulator, slack_client: AsyncWebClient
) -> None:
    slack.faults.lose_answer("chat.postMessage")
    with pytest.raises(aiohttp.ClientConnectionError):
        await slack_client.chat_postMessage(channel="U0ANNA", text="x")
    assert [message.text for message in slack.dm("U0ANNA")] == ["x"]


async def test_slacks_client_repeats_a_lost_answer_by_default(slack: SlackEmulator) -> None:
    careless = AsyncWebClient(token=slack.installation.bot_token, base_url=slack.api_url)
    slack.faults.lose_answer("chat.postMessage")
    await careless.chat_postMessage(channel="U0ANNA", text="x")
    assert [message.text for message in slack.dm("U0ANNA")] == ["x", "x"]


async def test_a_connection_dropped_before_anything_happened(
    slack: SlackEmulator, slack_client: AsyncWebClient
) -> None:
    slack.faults.drop("chat.postMessage")
    with pytest.raises(aiohttp.ClientConnectionError):
        await slack_client.chat_postMessage(channel="U0ANNA", text="x")
    assert slack.dm("U0ANNA") == ()
    assert "x" in slack.everything_sent()


async def test_an_api_that_is_down(slack: SlackEmulator, slack_client: AsyncWebClient) -> None:
    slack.faults.down()
    with pytest.raises(SlackApiError) as caught:
        await slack_client.auth_test()
    assert caught.value.response.status_code == 503
    slack.faults.up()
    slack.faults.server_error("*", status=500)
    with pytest.raises(SlackApiError) as once:
        await slack_client.auth_test()
    assert once.value.response.status_code == 500
    await slack_client.auth_test()


async def test_a_slow_answer(slack: SlackEmulator, slack_client: AsyncWebClient) -> None:
    gate = slack.faults.hold("chat.postMessage")
    posting = asyncio.create_task(slack_client.chat_postMessage(channel="U0ANNA", text="x"))
    await slack.wait_for(lambda: slack.dm("U0ANNA"))
    assert not posting.done()
    gate.set()
    assert (await posting)["ok"]
    slack.faults.slow("auth.test", 0.05)
    started = time.monotonic()
    await slack_client.auth_test()
    assert time.monotonic() - started >= 0.05


async def test_waiting_in_vain_ends(slack: SlackEmulator) -> None:
    with pytest.raises(TimeoutError):
        await slack.wait_for(lambda: slack.dm("U0ANNA"), timeout=0.01)


async def test_a_message_a_second_per_channel(start_slack: Any, stopwatch: Any) -> None:
    slack: SlackEmulator = await start_slack(limit_rates=True)
    client = AsyncWebClient(token=slack.installation.bot_token, base_url=slack.api_url, retry_handlers=[])
    for _ in range(5):
        await client.chat_postMessage(channel="U0ANNA", text="x")
    assert await limited(client.chat_postMessage(channel="U0ANNA", text="x")) == 1
    await client.chat_postMessage(channel="U0OLA", text="x")
    stopwatch.seconds += 1
    await client.chat_postMessage(channel="U0ANNA", text="x")
    assert await limited(client.chat_postMessage(channel="U0ANNA", text="x")) == 1
    assert len(slack.dm("U0ANNA")) == 6


async def test_limits_of_the_workspace_and_of_methods(start_slack: Any, stopwatch: Any) -> None:
    slack: SlackEmulator = await start_slack(limit_rates=True)
    client = AsyncWebClient(token=slack.installation.bot_token, base_url=slack.api_url, retry_handlers=[])
    for _ in range(60):
        stopwatch.seconds += 0.01
        for user in ("U0ANNA", "U0OLA", "U0KARI", "U0GUEST", "U0SINGLE"):
            slack.limiter.forgive(user)
            await client.chat_postMessage(channel=user, text="x")
    assert await limited(client.chat_postMessage(channel=slack.general, text="x")) == 60
    for _ in range(20):
        await client.users_list()
    stopwatch.seconds += 30
    assert await limited(client.users_list()) == 30
    stopwatch.seconds += 31
    await client.users_list()
    await client.chat_postMessage(channel=slack.general, text="x")

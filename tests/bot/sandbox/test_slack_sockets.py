"""Socket Mode: turns, reconnection, and what happens when a connection ends."""

import asyncio
from typing import Any

import aiohttp

from bot.sandbox.slack import SlackEmulator


async def test_sockets_take_turns_and_come_back(slack: SlackEmulator, bolt: Any) -> None:
    heard: list[str] = []
    handlers = []
    for name in ("a", "b"):
        app = bolt.new()

        def listen(app: Any, name: str) -> None:
            async def message() -> None:
                heard.append(name)

            app.event("message")(message)

        listen(app, name)
        handlers.append(await bolt.over_socket(app))
    assert slack.connections == 2
    for _ in range(4):
        await slack.say("U0ANNA", "hello")
    assert sorted(heard) == ["a", "a", "b", "b"]

    opened = len(slack.calls_of("apps.connections.open"))
    await slack.disconnect()
    await slack.wait_for(lambda: len(slack.calls_of("apps.connections.open")) == opened + 2)
    await slack.wait_for(lambda: slack.connections == 2)
    [delivery] = (await slack.say("U0ANNA", "again")).deliveries
    assert delivery.acknowledged

    slack.cut_sockets()
    [lost] = (await slack.say("U0ANNA", "while away")).deliveries
    assert lost.failure == "connection_failed"
    await slack.wait_for(lambda: slack.connections)
    [again] = await slack.retry_unacknowledged()
    assert again.acknowledged


async def test_a_socket_that_is_closed_comes_back_at_once(slack: SlackEmulator, bolt: Any) -> None:
    await bolt.over_socket(bolt.new())
    opened = len(slack.calls_of("apps.connections.open"))
    await slack.drop_sockets()
    await slack.wait_for(lambda: slack.connections == 1)
    assert len(slack.calls_of("apps.connections.open")) == opened + 1


async def test_a_socket_that_breaks_before_the_ack(slack: SlackEmulator) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.post(
            f"{slack.api_url}apps.connections.open",
            headers={"Authorization": f"Bearer {slack.installation.app_token}"},
        ) as response:
            url = (await response.json())["url"]
        async with session.ws_connect(url) as socket:
            hello = await socket.receive_json()
            assert (hello["type"], hello["num_connections"]) == ("hello", 1)
            await slack.wait_for(lambda: slack.connections)
            saying = asyncio.create_task(slack.say("U0ANNA", "hello"))
            envelope = await socket.receive_json()
            assert (envelope["type"], envelope["accepts_response_payload"]) == ("events_api", False)
        [delivery] = (await saying).deliveries
        assert (delivery.acknowledged, delivery.failure) == (False, "connection_failed")
        async with session.get(url.replace("ws", "http", 1)) as used:
            assert used.status == 404


async def test_no_more_than_ten_sockets(slack: SlackEmulator) -> None:
    async with aiohttp.ClientSession() as session:
        sockets = []
        for number in range(11):
            async with session.post(
                f"{slack.api_url}apps.connections.open",
                headers={"Authorization": f"Bearer {slack.installation.app_token}"},
            ) as response:
                sockets.append(await session.ws_connect((await response.json())["url"]))
            first = await sockets[-1].receive_json()
            assert first["type"] == ("hello" if number < 10 else "disconnect")
        assert slack.connections == 10

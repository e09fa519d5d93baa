"""What the service sends is signed as Microsoft signs it, said again when it is not answered, and can be forged."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from bot.sandbox.teams import Json, TeamsEmulator
from bot.sandbox.world import FJORDHEIM
from tests.bot.sandbox.teams_rig import (
    ANNA,
    ELSEWHERE,
    NEW,
    STRANGER,
    Bot,
    Connector,
    Still,
    card,
    execute,
    teams_running,
    with_card,
)

AT = int(Still().at.timestamp())


async def _keys(teams: TeamsEmulator) -> list[Json]:
    async with httpx.AsyncClient(trust_env=False) as client:
        metadata = (await client.get(teams.openid_url)).json()
        assert metadata["issuer"] == "https://api.botframework.com"
        assert metadata["id_token_signing_alg_values_supported"] == ["RS256"]
        keys: list[Json] = (await client.get(metadata["jwks_uri"])).json()["keys"]
        return keys


def _claims(token: str, key: Json) -> Json:
    claims: Json = jwt.decode(
        token,
        jwt.PyJWK(key).key,
        algorithms=["RS256"],
        audience=FJORDHEIM.bot_id,
        issuer="https://api.botframework.com",
        options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
    )
    return claims


def _bearer(bot: Bot) -> str:
    return bot.headers[-1]["Authorization"].removeprefix("Bearer ")


async def test_a_message_comes_with_a_token_of_the_published_key(teams: TeamsEmulator, bot: Bot) -> None:
    await teams.say(ANNA, "hello")
    (key,) = await _keys(teams)
    assert "msteams" in key["endorsements"]
    claims = _claims(_bearer(bot), key)
    assert claims["serviceurl"] == bot.heard[0]["serviceUrl"]
    assert (claims["iat"], claims["nbf"], claims["exp"]) == (AT, AT, AT + 3600)
    assert jwt.get_unverified_header(_bearer(bot))["kid"] == key["kid"]


async def test_keys_are_rotated(teams: TeamsEmulator, bot: Bot) -> None:
    (old,) = await _keys(teams)
    teams.published.rotate(keep=True)
    await teams.say(ANNA, "hello")
    new, kept = await _keys(teams)
    assert kept == old
    _claims(_bearer(bot), new)
    teams.published.rotate()
    assert len(await _keys(teams)) == 1
    assert teams.published.requests == 3


async def test_the_addresses_of_the_keys_fail_in_every_way(teams: TeamsEmulator) -> None:
    published = teams.published
    async with httpx.AsyncClient(trust_env=False) as client:
        published.down = True
        assert (await client.get(teams.openid_url)).status_code == 503
        published.down, published.garbage = False, True
        assert "json" not in (await client.get(teams.openid_url)).headers["content-type"]
        published.garbage, published.endorsements = False, None
        (key,) = await _keys(teams)
        assert "endorsements" not in key
        gate = published.hang()
        waiting = asyncio.ensure_future(client.get(teams.openid_url))
        await teams.until(lambda: published.waiting == 1)
        assert not waiting.done()
        gate.set()
        assert (await waiting).status_code == 200


async def test_what_is_not_answered_is_said_again_with_the_same_id(tmp_path: Path, bot: Bot) -> None:
    async with teams_running(tmp_path, answer_seconds=0.1) as connector:
        teams = connector.teams
        teams.deliver_to(bot.url)
        gate = asyncio.Event()

        async def late(heard: Json) -> Any:
            if len(bot.heard) == 1:
                await gate.wait()

        bot.answer = late
        said = await teams.say(ANNA, "hello")
        gate.set()
        assert [each["id"] for each in bot.heard] == [said.message.id] * 2
        assert said.delivery is not None
        assert (said.delivery.attempt, said.delivery.acknowledged) == (2, True)
        assert [each.failure for each in teams.deliveries] == ["timeout", None]
        assert len({each["Authorization"] for each in bot.headers}) == 1, "the clock stands still"


async def test_what_found_nobody_is_handed_over_when_a_test_says_so(teams: TeamsEmulator, bot: Bot) -> None:
    teams.deliver_to(None)
    await teams.say(ANNA, "one")
    await teams.say(ANNA, "two")
    assert teams.complaints == ["message: nowhere", "message: nowhere"]
    teams.deliver_to(bot.url)
    await teams.retry_unanswered()
    assert [each["text"] for each in bot.heard] == ["one", "two"]
    assert await teams.retry_unanswered() == ()


async def test_a_delivery_is_replayed_byte_for_byte(teams: TeamsEmulator, bot: Bot) -> None:
    said = await teams.say(ANNA, "hello")
    assert said.delivery is not None
    again = await teams.replay(said.delivery)
    assert again.request == said.delivery.request
    assert bot.heard[0] == bot.heard[1]
    assert bot.headers[0]["Authorization"] == bot.headers[1]["Authorization"]


async def test_a_bot_that_refuses_is_not_asked_again(teams: TeamsEmulator, bot: Bot) -> None:
    bot.status = 403
    said = await teams.say(ANNA, "hello")
    assert said.delivery is not None
    assert (said.delivery.failure, said.delivery.status, len(bot.heard)) == ("http_error", 403, 1)


async def test_forged_tokens_are_wrong_in_the_one_way_that_is_asked_for(
    teams: TeamsEmulator, bot: Bot
) -> None:
    (key,) = await _keys(teams)
    forge, activity = teams.forge, teams.forge.message(ANNA)
    assert _claims(forge.token(activity), key)["serviceurl"] == activity["serviceUrl"]
    for token, error in (
        (forge.by_stranger(activity), jwt.InvalidSignatureError),
        (forge.token(activity, iss="https://sts.windows.net/x/"), jwt.InvalidIssuerError),
        (forge.token(activity, aud="another"), jwt.InvalidAudienceError),
        (forge.unsigned(activity), jwt.InvalidAlgorithmError),
        (forge.with_public_key_as_password(activity), jwt.InvalidAlgorithmError),
    ):
        with pytest.raises(error):
            _claims(token, key)
    assert jwt.get_unverified_header(forge.by_stranger(activity, same_kid=False))["kid"] != key["kid"]
    assert _claims(forge.expired(activity), key)["exp"] == AT - 3600
    assert "serviceurl" not in _claims(forge.token(activity, serviceurl=None), key)
    await forge.send(activity, forge.token(activity, serviceurl="https://elsewhere.example/"))
    await forge.send(activity, "")
    assert "Authorization" not in bot.headers[1]
    assert bot.heard[0] == bot.heard[1] == activity


async def test_bytes_of_any_sort_can_be_sent(teams: TeamsEmulator, bot: Bot) -> None:
    delivery = await teams.forge.send_raw(b"[]")
    assert delivery.acknowledged
    assert json.dumps(bot.heard) == "[[]]"


async def test_somebody_of_another_tenant_is_told_as_such(teams: TeamsEmulator, bot: Bot) -> None:
    await teams.install(STRANGER)
    await teams.say(STRANGER, "hello")
    assert bot.heard[-1]["conversation"]["tenantId"] == ELSEWHERE
    assert bot.heard[-1]["channelData"]["tenant"] == {"id": ELSEWHERE}


async def test_an_automatic_press_is_forged_on_any_card(connector: Connector, bot: Bot) -> None:
    teams = connector.teams
    await connector.sent(connector.chat(ANNA), with_card(card(execute("approve", record="r1"))))
    (seen,) = teams.dm(ANNA)
    invoke = teams.forge.invoke(
        ANNA, seen, "adaptiveCard/action", {"record": "r1"}, verb="approve", trigger="automatic"
    )
    await teams.forge.send(invoke)
    value = bot.heard[0]["value"]
    assert (value["trigger"], value["action"]["verb"]) == ("automatic", "approve")


async def test_what_graph_gives_is_there_at_once_and_told_soon(teams: TeamsEmulator, bot: Bot) -> None:
    chat = teams.give(NEW)
    assert teams.has_app(NEW)
    await teams.until(lambda: len(bot.heard) == 2)
    assert [each["type"] for each in bot.heard] == ["installationUpdate", "conversationUpdate"]
    assert bot.heard[0]["conversation"]["id"] == chat


async def test_everything_the_bot_said_can_be_searched(connector: Connector, bot: Bot) -> None:
    teams = connector.teams
    await connector.sent(connector.chat(ANNA), with_card(card(execute("look", "Blåbær"))))
    bot.answer = lambda _: {
        "statusCode": 200,
        "type": "application/vnd.microsoft.activity.message",
        "value": "Æsj",
    }
    await teams.press(ANNA, teams.dm(ANNA)[0], "look")
    sent = teams.everything_sent()
    assert "Blåbær" in sent
    assert "Æsj" in sent
    assert json.dumps("hello")[1:-1] not in sent

"""Whatever comes to the route over HTTP: what Slack did not sign is refused, and nothing is ever 5xx."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from urllib.parse import quote, urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.sandbox.slack import signed_headers
from bot.settings import SlackMode
from bot.slack.incoming import LARGEST_BODY
from tests.bot.slack.edge_rig import SECRET, Bot, running
from tests.bot.slack.test_payloads import damaged, message, press, sent_in
from tests.contracts.slack_rig import ANNA

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
GOOD = json.dumps(message()).encode()
once = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    """A bot with a route."""
    async with running(SlackMode.HTTP) as bot:
        yield bot


async def post(bot: Bot, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
    """One request."""
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.post(bot.url, content=body, headers=dict(headers))


def signed(body: bytes, at: int | None = None, secret: str = SECRET) -> dict[str, str]:
    """Headers as Slack's."""
    return {**JSON, **signed_headers(secret, body, at)}


async def test_the_challenge_is_answered(bot: Bot) -> None:
    assert await bot.emulator.verify_url()


async def test_a_replay_is_accepted_and_stays_one_row(bot: Bot) -> None:
    (delivery,) = (await bot.emulator.say(ANNA.id, "hei")).deliveries
    assert (await bot.emulator.replay(delivery)).acknowledged
    assert len(bot.inbox.rows) == 1


@pytest.mark.parametrize(("age", "status"), [(0, 200), (290, 200), (-290, 200), (310, 401), (-310, 401)])
async def test_the_window_is_five_minutes(bot: Bot, age: int, status: int) -> None:
    response = await post(bot, GOOD, signed(GOOD, int(time.time()) - age))
    assert response.status_code == status
    assert bot.inbox.offered == (1 if status == 200 else 0)


@pytest.mark.parametrize(
    "change",
    [
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": "v1=" + "0" * 64},
        {"X-Slack-Signature": "v0=æ" + "0" * 63},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "soon"},
        {"X-Slack-Request-Timestamp": "1e9"},
        {"X-Slack-Request-Timestamp": "-1"},
        {"X-Slack-Request-Timestamp": "²"},
        {"X-Slack-Request-Timestamp": "9" * 5000},
    ],
    ids=str,
)
async def test_a_bad_proof_is_refused(bot: Bot, change: dict[str, str]) -> None:
    headers = [(name.encode(), value.encode("latin-1")) for name, value in (signed(GOOD) | change).items()]
    async with httpx.AsyncClient(trust_env=False) as client:
        response = await client.post(bot.url, content=GOOD, headers=headers)
    assert response.status_code == 401
    assert bot.inbox.offered == 0


async def test_no_proof_or_anothers_is_refused(bot: Bot) -> None:
    for headers in (JSON, {**FORM}, signed(GOOD, secret="another"), signed(GOOD + b" ")):
        assert (await post(bot, GOOD, headers)).status_code == 401
    assert (await post(bot, b"ssl_check=1&token=x", FORM)).status_code == 401
    assert bot.inbox.offered == 0


async def test_every_flipped_byte_breaks_the_proof(bot: Bot) -> None:
    headers = signed(GOOD)
    for place in range(0, len(GOOD), 23):
        broken = GOOD[:place] + bytes([GOOD[place] ^ 1]) + GOOD[place + 1 :]
        assert (await post(bot, broken, headers)).status_code == 401


async def test_a_body_that_is_too_large_is_not_read_to_its_end(bot: Bot) -> None:
    body = b"x" * (LARGEST_BODY + 1)
    assert (await post(bot, body, signed(body))).status_code == 413

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(LARGEST_BODY // 65_536 + 2):
            yield b"x" * 65_536

    async with httpx.AsyncClient(trust_env=False) as client:
        response = await client.post(bot.url, content=pieces(), headers=signed(b"x"))
    assert response.status_code == 413


async def test_a_body_that_is_no_text_is_refused(bot: Bot) -> None:
    assert (await post(bot, b"\xff\xfe{}", {**JSON, "X-Slack-Request-Timestamp": "1"})).status_code == 400


async def test_only_post_is_taken(bot: Bot) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(bot.url)).status_code == 405


async def test_after_the_stop_slack_is_asked_to_come_again(bot: Bot) -> None:
    await bot.edge.stop()
    assert (await post(bot, GOOD, signed(GOOD))).status_code == 503


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"{}",
        b"[" * 100_000,
        b'{"type":' * 100_000,
        b'{"type": "event_callback", "event": "text"}',
        b'{"type": "event_callback", "event": ["text"], "authorizations": "text"}',
        b'{"type": "url_verification"}',
        b'{"response_urls": [1], "type": "view_submission"}',
        b'{"a": 1' + b"0" * 5_000 + b"}",
    ],
    ids=lambda body: repr(body[:40]),
)
async def test_what_is_signed_but_not_slacks_is_no_failure_of_ours(bot: Bot, body: bytes) -> None:
    assert (await post(bot, body, signed(body))).status_code < 500
    form = b"payload=" + quote(body).encode()
    assert (await post(bot, form, {**FORM, **signed_headers(SECRET, form)})).status_code < 500


@once
@given(payload=damaged(), as_form=st.booleans())
async def test_no_signed_payload_is_a_failure_of_ours(bot: Bot, payload: object, as_form: bool) -> None:
    body = json.dumps(payload).encode()
    if as_form:
        body = b"payload=" + quote(body).encode()
    headers = {**(FORM if as_form else JSON), **signed_headers(SECRET, body)}
    assert (await post(bot, body, headers)).status_code in (200, 400)


header_values = st.binary(max_size=80).map(lambda raw: bytes(byte for byte in raw if byte not in b"\r\n\0"))


@once
@given(
    body=st.binary(max_size=200) | st.sampled_from([GOOD, json.dumps(press()).encode()]),
    time_stamp=header_values | st.integers().map(lambda number: str(number).encode()),
    signature=header_values,
    kind=header_values,
)
async def test_no_unsigned_request_is_a_failure_of_ours(
    bot: Bot, body: bytes, time_stamp: bytes, signature: bytes, kind: bytes
) -> None:
    """Raw bytes over a socket, since no client would send them."""
    before = bot.inbox.offered
    status = await _raw(
        bot.url,
        body,
        {
            b"X-Slack-Request-Timestamp": time_stamp,
            b"X-Slack-Signature": signature,
            b"Content-Type": kind,
        },
    )
    assert 400 <= status < 500
    assert bot.inbox.offered == before


async def test_interactions_come_as_forms(bot: Bot) -> None:
    for payload in (press(), sent_in()):
        body = b"payload=" + quote(json.dumps(payload)).encode()
        assert (await post(bot, body, {**FORM, **signed_headers(SECRET, body)})).status_code == 200
    assert len(bot.inbox.rows) == 2


async def _raw(url: str, body: bytes, headers: Mapping[bytes, bytes]) -> int:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    head = [b"POST /slack/events HTTP/1.1", b"Host: x", b"Connection: close"]
    head += [name + b": " + value for name, value in headers.items()]
    head += [b"Content-Length: " + str(len(body)).encode(), b"", b""]
    try:
        writer.write(b"\r\n".join(head) + body)
        await writer.drain()
        async with asyncio.timeout(5):
            return int((await reader.readline()).split()[1])
    finally:
        writer.close()
        await writer.wait_closed()

"""Sends what a platform sends, as fast as it is acknowledged.

``python -m bot.bench.load PLATFORM URL COUNT PERSON HOME``.

A process of its own, so that neither side pays for the other. What proves the sender (Slack's signing secret, or a
token of the Bot service) is read from the standard input; the outcome is one JSON object on the standard output.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import count
from statistics import quantiles
from typing import Final, TypeAlias

import httpx
from slack_sdk.signature import SignatureVerifier

_CONNECTIONS: Final = 16
_WARM_UP: Final = 50

Sent: TypeAlias = tuple[bytes, Mapping[str, str]]
"""Body and headers of a request."""
Sender: TypeAlias = Callable[[int], Sent]
"""Makes the request with this number; no two are the same event."""


@dataclass(frozen=True)
class Measured:
    """What a run gave. Times in milliseconds."""

    per_second: float
    p50: float
    p99: float
    refused: int


def slack(secret: str, person: str, team: str) -> Sender:
    """Messages to the bot, as Slack delivers and signs them."""
    verifier = SignatureVerifier(secret)

    def make(number: int) -> Sent:
        body = slack_event(number, person, team)
        stamp = str(int(time.time()))
        return body, {
            "content-type": "application/json",
            "x-slack-request-timestamp": stamp,
            "x-slack-signature": verifier.generate_signature(timestamp=stamp, body=body) or "",
        }

    return make


def slack_event(number: int, person: str, team: str) -> bytes:
    """One message to the bot, as Slack delivers it."""
    body = {
        "type": "event_callback",
        "team_id": team,
        "api_app_id": "A0TOFAKTOR",
        "event_id": f"EvBENCH{number:07d}",
        "event_time": int(time.time()),
        "authorizations": [{"team_id": team, "user_id": "U0TOFAKTOR", "is_bot": True}],
        "event": {
            "type": "message",
            "channel": "D0BENCH",
            "channel_type": "im",
            "user": person,
            "team": team,
            "text": "Hello",
            "ts": f"{time.time():.6f}",
        },
    }
    return json.dumps(body).encode()


def teams(token: str, service_url: str, person: str, tenant: str) -> Sender:
    """Messages to the bot, as the Bot service delivers them, all with one token: it is good for an hour."""
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    return lambda number: (teams_activity(number, service_url, person, tenant), headers)


def teams_activity(number: int, service_url: str, person: str, tenant: str) -> bytes:
    """One message to the bot, as Teams delivers it."""
    body = {
        "type": "message",
        "id": f"{1_700_000_000_000 + number}",
        "channelId": "msteams",
        "serviceUrl": service_url,
        "locale": "en-GB",
        "text": "Hello",
        "from": {"id": "29:bench", "name": "Bench", "aadObjectId": person},
        "recipient": {"id": "28:bench", "name": "tofaktor"},
        "conversation": {"id": "a:bench", "conversationType": "personal", "tenantId": tenant},
        "channelData": {"tenant": {"id": tenant}},
        "entities": [{"type": "clientInfo", "locale": "en-GB", "timezone": "Europe/Oslo"}],
    }
    return json.dumps(body).encode()


async def measure(url: str, sender: Sender, events: int) -> Measured:
    """Send so many events over several connections at once, after a warm-up that does not count."""
    numbers = count()
    taken: list[float] = []
    refused = 0

    async def send(client: httpx.AsyncClient, each: Iterator[int]) -> None:
        nonlocal refused
        for _ in each:
            body, headers = sender(next(numbers))
            began = time.perf_counter()
            answer = await client.post(url, content=body, headers=headers)
            taken.append(time.perf_counter() - began)
            refused += answer.status_code != httpx.codes.OK

    limits = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS)
    async with httpx.AsyncClient(trust_env=False, timeout=30, limits=limits) as client:
        await send(client, iter(range(_WARM_UP)))
        taken.clear()
        refused = 0
        shared = iter(range(events))
        began = time.perf_counter()
        await asyncio.gather(*(send(client, shared) for _ in range(_CONNECTIONS)))
        lasted = time.perf_counter() - began
    cuts = quantiles(taken, n=100)
    return Measured(events / lasted, cuts[49] * 1000, cuts[98] * 1000, refused)


def main() -> None:
    """Run one load."""
    platform, url, events, person, home = sys.argv[1:]
    proof, _, service_url = sys.stdin.readline().strip().partition(" ")
    sender = slack(proof, person, home) if platform == "slack" else teams(proof, service_url, person, home)
    print(json.dumps(asdict(asyncio.run(measure(url, sender, int(events))))))  # noqa: T201


if __name__ == "__main__":
    main()

"""Sends signed Slack events as fast as they are acknowledged: ``python -m bot.bench.load URL COUNT``.

A process of its own, so that neither side pays for the other. The signing secret is read from the standard
input; the outcome is one JSON object on the standard output.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import count
from statistics import quantiles
from typing import Final

import httpx
from slack_sdk.signature import SignatureVerifier

_CONNECTIONS: Final = 16
_WARM_UP: Final = 50


@dataclass(frozen=True)
class Measured:
    """What a run gave. Times in milliseconds."""

    per_second: float
    p50: float
    p99: float
    refused: int


def event(number: int, person: str, team: str) -> bytes:
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


async def measure(url: str, secret: str, events: int, person: str, team: str) -> Measured:
    """Send so many events over several connections at once, after a warm-up that does not count."""
    verifier = SignatureVerifier(secret)
    numbers = count()
    taken: list[float] = []
    refused = 0

    async def send(client: httpx.AsyncClient, each: Iterator[int]) -> None:
        nonlocal refused
        for _ in each:
            body = event(next(numbers), person, team)
            stamp = str(int(time.time()))
            headers = {
                "content-type": "application/json",
                "x-slack-request-timestamp": stamp,
                "x-slack-signature": verifier.generate_signature(timestamp=stamp, body=body) or "",
            }
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
    url, events, person, team = sys.argv[1:]
    secret = sys.stdin.readline().strip()
    print(json.dumps(asdict(asyncio.run(measure(url, secret, int(events), person, team)))))  # noqa: T201


if __name__ == "__main__":
    main()

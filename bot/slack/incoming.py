"""A request to our route, proved and parsed; or the status that it is refused with, never 5xx."""

from slack_bolt.async_app import AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier
from starlette.requests import ClientDisconnect, Request

from bot.bodies import bounded
from bot.slack.signature import is_signed

LARGEST_BODY = 1_000_000
"""Bytes. A view may have 250 kB, an event less."""


async def read(request: Request, verifier: SignatureVerifier) -> AsyncBoltRequest | int:
    """What Slack sent, for Bolt. Nothing is parsed before the signature holds."""
    try:
        raw = await bounded(request, LARGEST_BODY)
    except ClientDisconnect:
        return 400
    if raw is None:
        return 413
    try:
        body = raw.decode()
    except UnicodeDecodeError:
        return 400
    if not is_signed(body, request.headers, verifier):
        return 401
    return _parsed(body, request.headers.get("content-type", "")) or 400


def _parsed(body: str, content_type: str) -> AsyncBoltRequest | None:
    """Bolt's own parser, which stumbles over every shape that is not Slack's."""
    try:
        request = AsyncBoltRequest(body=body, headers={"content-type": content_type})
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        return None
    return request if isinstance(request.body.get("event", {}), dict) else None

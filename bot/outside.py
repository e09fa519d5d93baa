"""JSON from parties that are not ours: bounded in size and time, without redirects."""

import asyncio
import json
from collections.abc import Mapping
from typing import Final

import httpx

LARGEST: Final = 256 * 1024
"""Bytes of an answer. Metadata of real providers has some 10 kB."""
TIMEOUT: Final = httpx.Timeout(5.0)
"""Seconds of silence, at every step."""
WITHIN: Final = 10.0
"""Seconds for all of it: who sends one byte every four seconds is never silent."""

JsonObject = Mapping[str, object]


class OutsideError(Exception):
    """The other party did not give what was asked for. The text never holds what it said."""

    def __init__(self, message: str, *, done: bool | None = None) -> None:
        super().__init__(message)
        self.done = done
        """Whether it did all the same what it was asked to do, where that is known."""


class NoAnswer(OutsideError):
    """It could not be reached, was too slow, or says that it cannot serve now."""


class BadAnswer(OutsideError):
    """It answered something that cannot be used: a redirect, no JSON object, too much of it."""


async def ask(
    client: httpx.AsyncClient, request: httpx.Request, *, largest: int = LARGEST, within: float = WITHIN
) -> JsonObject:
    """Send a request and read a JSON object. Raises ``OutsideError``.

    The client must not follow redirects by itself: an address outside is pinned, and a redirect is a refusal.
    """
    # Nothing compressed: what is small on the wire may be a thousand times as large in memory.
    request.headers["Accept-Encoding"] = "identity"
    try:
        async with asyncio.timeout(within):
            response = await client.send(request, stream=True, follow_redirects=False)
            try:
                body = await _bounded(response, largest)
            finally:
                await response.aclose()
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.InvalidURL) as error:
        raise NoAnswer(type(error).__name__, done=False) from None
    except (httpx.HTTPError, TimeoutError) as error:
        raise NoAnswer(type(error).__name__) from None
    status = response.status_code
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.TOO_MANY_REQUESTS:
        refused = status in (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE)
        raise NoAnswer(f"status {status}", done=False if refused else None)
    if status != httpx.codes.OK and status != httpx.codes.CREATED:
        # Another 2xx means that something was taken, though not as it should have been.
        raise BadAnswer(f"status {status}", done=None if response.is_success else False)
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise BadAnswer("compressed", done=True)
    return _object(body)


async def _bounded(response: httpx.Response, largest: int) -> bytes:
    body = b""
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > largest:
            raise BadAnswer("too large")
    return body


def _object(body: bytes) -> JsonObject:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise BadAnswer("not JSON", done=True) from None
    if not isinstance(found, dict):
        raise BadAnswer("not a JSON object", done=True)
    return found

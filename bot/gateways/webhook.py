"""A webhook of the organisation's: JSON by POST, signed, so that the receiver can tell that it is ours.

With a key, ``X-Tofaktor-Signature`` holds ``sha256=`` and the HMAC-SHA-256, in hex, of the seconds that
``X-Tofaktor-Timestamp`` holds, a full stop, and the body as it came.
"""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import httpx

from bot.outside import WITHIN
from graph.secret import Secret
from handlers.ports import Clock, NotSent

SIGNATURE: Final = "X-Tofaktor-Signature"
TIMESTAMP: Final = "X-Tofaktor-Timestamp"


@dataclass(frozen=True)
class Webhook:
    """One address. Redirects are not followed, and what it answers is not read."""

    client: httpx.AsyncClient
    address: str
    clock: Clock
    key: Secret = field(default_factory=lambda: Secret(""))

    async def post(self, payload: Mapping[str, object]) -> None:
        """Any 2xx means that it was taken. Raises ``NotSent``, which holds neither payload nor answer."""
        body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        request = self.client.build_request(
            "POST",
            self.address,
            content=body,
            headers={"Content-Type": "application/json", **self._signed(body)},
        )
        try:
            async with asyncio.timeout(WITHIN):
                answer = await self.client.send(request, stream=True, follow_redirects=False)
                await answer.aclose()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.InvalidURL) as error:
            raise NotSent(type(error).__name__) from None
        except (httpx.HTTPError, TimeoutError) as error:
            raise NotSent(type(error).__name__, unknown=True) from None
        if not answer.is_success:
            raise NotSent(f"status {answer.status_code}")

    def _signed(self, body: bytes) -> dict[str, str]:
        if not self.key:
            return {}
        seconds = str(int(self.clock.now().timestamp()))
        signed = hmac.new(self.key.reveal().encode(), f"{seconds}.".encode() + body, hashlib.sha256)
        return {TIMESTAMP: seconds, SIGNATURE: f"sha256={signed.hexdigest()}"}

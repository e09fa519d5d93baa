"""What every answer of ours carries, and which requests are let in."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE: Final = "__Host-tofaktor"
"""The prefix makes browsers insist on Secure, Path=/ and no Domain (RFC 6265bis, 4.1.3.2)."""

_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


@dataclass(frozen=True)
class Headed:
    """ASGI middleware: the headers of every answer, and no-store on everything that is not a style sheet."""

    app: ASGIApp
    secure: bool
    """Whether the public address is https: then browsers are told to stay with it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and head its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def head(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
                if self.secure:
                    headers["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        await self.app(scope, receive, head)


def same_origin(headers: Headers, public_url: str) -> bool:
    """Whether a POST comes from a page of ours. A browser always says so; silence is a no.

    ``Origin`` where it is sent, else ``Sec-Fetch-Site`` (W3C Fetch Metadata). The Host header plays no part:
    it is the sender's word.
    """
    origin = headers.get("origin")
    if origin is not None:
        return origin == origin_of(public_url)
    return headers.get("sec-fetch-site") == "same-origin"


def origin_of(url: str) -> str:
    """Scheme, host and port, as browsers write an origin."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def client_address(peer: str | None, forwarded: str | None, trusted: Sequence[str]) -> str:
    """The peer's address, or the last entry of ``X-Forwarded-For`` that is not a trusted proxy of ours."""
    networks = [ipaddress.ip_network(network) for network in trusted]
    here = peer or "unknown"
    if not _inside(here, networks) or not forwarded:
        return here
    for entry in reversed(forwarded.split(",")):
        here = entry.strip()
        if not _inside(here, networks):
            return here
    return here


def _inside(address: str, networks: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(ip in network for network in networks)
